//! Fetches the documents that callers of the management API name by URL, on a thread of its own.

use std::{sync::Arc, thread, time::Duration};

use base::Clock;
use control::{Fetch, Later};
use outbound::{Client, ClientSettings};
use policy::{Body, Headers, Method, Outbound, OutboundRequest, Url, outbound::HttpVersion};
use tokio::{
    runtime::{Builder, LocalOptions},
    sync::{mpsc, oneshot},
};

/// How long a server may take to begin its answer.
const PATIENCE: Duration = Duration::from_secs(20);

/// The asking side.
pub(crate) struct Fetcher(mpsc::Sender<Order>);

struct Order {
    url: String,
    limit: usize,
    answer: oneshot::Sender<Result<Vec<u8>, String>>,
}

impl Fetcher {
    /// Starts the thread. It ends with the last fetcher.
    pub(crate) fn start(settings: ClientSettings, clock: Arc<dyn Clock>) -> std::io::Result<Self> {
        let (sender, orders) = mpsc::channel::<Order>(64);
        let run = move || match Builder::new_current_thread().enable_all().build_local(LocalOptions::default()) {
            Ok(runtime) => runtime.block_on(work(settings, clock, orders)),
            Err(error) => tracing::error!(%error, "the thread that fetches documents cannot start its runtime"),
        };
        thread::Builder::new().name("fetch".into()).spawn(run)?;
        Ok(Self(sender))
    }
}

impl Fetch for Fetcher {
    fn fetch<'a>(&'a self, url: &'a str, limit: usize) -> Later<'a, Result<Vec<u8>, String>> {
        Box::pin(async move {
            let (answer, fetched) = oneshot::channel();
            let gone = |_| "documents cannot be fetched now".to_owned();
            self.0.send(Order { url: url.to_owned(), limit, answer }).await.map_err(|error| gone(error.to_string()))?;
            fetched.await.map_err(|error| gone(error.to_string()))?
        })
    }
}

/// Fetches what is ordered, each in a task of its own, until nobody can order any more.
async fn work(settings: ClientSettings, clock: Arc<dyn Clock>, mut orders: mpsc::Receiver<Order>) {
    let client = Client::spawn(settings, clock);
    while let Some(Order { url, limit, answer }) = orders.recv().await {
        let client = client.clone();
        tokio::task::spawn_local(async move {
            // Whoever asked may be gone.
            let _ = answer.send(fetch(&client, &url, limit).await);
        });
    }
}

async fn fetch(client: &Client, url: &str, limit: usize) -> Result<Vec<u8>, String> {
    let target = Url::parse(url).ok_or_else(|| format!("`{url}` is not an absolute URL"))?;
    let request = OutboundRequest {
        method: Method::GET,
        url: target,
        headers: Headers::new(),
        body: Body::empty(),
        backend: None,
        connect_timeout: None,
        response_timeout: PATIENCE,
        http_version: HttpVersion::TwoOrOne,
        proxy: None,
        client_certificate: None,
        follow_redirects: true,
    };
    let mut response = client.send(request).await.map_err(|error| format!("`{url}` cannot be fetched: {error}"))?;
    if response.status.code() != 200 {
        return Err(format!("`{url}` answers {} {}", response.status.code(), response.status.reason()));
    }
    response.body.collect(limit as u64).await.map_err(|error| format!("`{url}` cannot be fetched: {error}"))?;
    Ok(response.body.bytes().unwrap_or_default().to_vec())
}
