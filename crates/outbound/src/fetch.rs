//! Single calls from outside of the workers, to links of callers and to other nodes: a size, a time and an address policy bound them.

use std::{fmt, io, sync::Arc, thread, time::Duration};

use base::{Clock, within};
use bytes::Bytes;
use policy::{Body, Headers, Method, Outbound, OutboundRequest, Url, exchange::BodyError};
use tokio::{
    runtime::{Builder, LocalOptions},
    sync::{mpsc, oneshot},
};

use crate::{Client, ClientSettings};

/// A call to make.
#[derive(Clone, Debug)]
pub struct Fetch {
    /// How.
    pub method: Method,
    /// Where.
    pub url: Url,
    /// What to send.
    pub content: Bytes,
    /// Whether redirects are followed, each under the same address policy.
    pub follow_redirects: bool,
    /// Headers to send.
    pub headers: Headers,
    /// Bytes that the answer may have.
    pub largest: u64,
    /// Time for everything.
    pub longest: Duration,
}

impl Fetch {
    /// A GET that follows redirects.
    pub fn link(url: Url, largest: u64, longest: Duration) -> Self {
        let (method, content, headers) = (Method::GET, Bytes::new(), Headers::new());
        Self { method, url, content, follow_redirects: true, headers, largest, longest }
    }
}

/// What was found.
#[derive(Clone, Debug)]
pub struct Fetched {
    /// The status; whether it is a success is the caller's to judge.
    pub status: u16,
    /// The headers.
    pub headers: Headers,
    /// The whole body.
    pub body: Bytes,
}

/// Why nothing was found. The text is fit for the caller.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FetchError(pub String);

impl fmt::Display for FetchError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for FetchError {}

type Job = (Fetch, oneshot::Sender<Result<Fetched, FetchError>>);

/// Fetches links on a thread of its own, for callers on any runtime.
#[derive(Clone)]
pub struct Fetcher(mpsc::UnboundedSender<Job>);

impl Fetcher {
    /// Starts the thread; it ends with the last clone. `settings.addresses` says what may be reached,
    /// see [`crate::PublicAddress`].
    pub fn start(settings: ClientSettings, clock: Arc<dyn Clock>) -> io::Result<Self> {
        let (sender, jobs) = mpsc::unbounded_channel::<Job>();
        let run = move || match Builder::new_current_thread().enable_all().build_local(LocalOptions::default()) {
            Ok(runtime) => runtime.block_on(serve(jobs, settings, clock)),
            Err(error) => tracing::error!(%error, "links cannot be fetched: no runtime"),
        };
        thread::Builder::new().name("fetch".into()).spawn(run)?;
        Ok(Self(sender))
    }

    /// Fetches a link.
    pub async fn fetch(&self, fetch: Fetch) -> Result<Fetched, FetchError> {
        let gone = || FetchError("Links cannot be fetched at the moment.".into());
        let (sender, answer) = oneshot::channel();
        self.0.send((fetch, sender)).map_err(|_| gone())?;
        answer.await.map_err(|_| gone())?
    }
}

async fn serve(mut jobs: mpsc::UnboundedReceiver<Job>, settings: ClientSettings, clock: Arc<dyn Clock>) {
    let client = Client::spawn(settings, Arc::clone(&clock));
    while let Some((fetch, answer)) = jobs.recv().await {
        let (client, clock) = (client.clone(), Arc::clone(&clock));
        tokio::task::spawn_local(async move {
            // A caller that is gone wants no answer.
            let _ = answer.send(run(&client, clock, fetch).await);
        });
    }
}

async fn run(client: &Client, clock: Arc<dyn Clock>, fetch: Fetch) -> Result<Fetched, FetchError> {
    let Fetch { method, url, content, follow_redirects, headers, largest, longest } = fetch;
    let place = url.authority();
    let request = OutboundRequest {
        headers,
        body: Body::full(content),
        follow_redirects,
        ..OutboundRequest::new(method, url, longest)
    };
    let work = async {
        let mut response = client.send(request).await.map_err(|error| FetchError(error.message))?;
        let too_large = || FetchError(format!("What {place} sends is larger than {largest} bytes."));
        let body = response.body.collect(largest).await.map_err(|error| match error {
            BodyError::TooLarge { .. } => too_large(),
            error => FetchError(format!("What {place} sends cannot be read: {error}.")),
        })?;
        // A small body comes with its head, and what is in memory already is not measured again.
        if body.len() as u64 > largest {
            return Err(too_large());
        }
        Ok(Fetched { status: response.status.code(), headers: response.headers, body })
    };
    match within(&*clock, longest, work).await {
        Ok(outcome) => outcome,
        Err(_) => Err(FetchError(format!("{place} did not answer within {longest:?}."))),
    }
}
