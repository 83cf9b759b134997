//! The management node over HTTPS.

use std::{fs, sync::Arc, time::Duration};

use base::{Clock, Secret};
use outbound::{ClientSettings, Fetch, Fetched, Fetcher, native_roots};
use policy::{HeaderName, HeaderValue, Headers, Method, Url, exchange::url::encode};
use replication::{Changes, Heartbeat, Held, Later, Place, Trouble, Upstream};
use rustls::RootCertStore;
use rustls_pki_types::{CertificateDer, pem::PemObject};
use serde::Serialize;
use serde_json::Value;

use super::auth::Auth;
use crate::{output::Failed, settings::ConfigService};

/// How long opening a connection may take, TLS included.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);

/// How long the node may wait for a change before it answers, in seconds.
const WAIT: u64 = 25;

/// How long an answer may take that does not wait.
const PATIENCE: Duration = Duration::from_secs(20);

/// How long everything may take that a gateway needs.
const LONG_PATIENCE: Duration = Duration::from_mins(5);

/// The largest answer in bytes.
const LARGEST: u64 = 4 << 30;

/// What happens when the token was renewed: what is kept must be sealed anew.
pub(super) type Renewed = Box<dyn Fn(Secret<String>) + Send + Sync>;

/// A management node.
pub(super) struct Node {
    endpoint: String,
    fetcher: Fetcher,
    auth: Arc<Auth>,
    renewed: Renewed,
}

impl Node {
    /// The node that the settings name. Nothing is sent yet.
    pub(super) fn of(
        settings: &ConfigService,
        auth: Arc<Auth>,
        clock: Arc<dyn Clock>,
        renewed: Renewed,
    ) -> Result<Self, Failed> {
        let endpoint = origin(&settings.endpoint)?;
        let client = ClientSettings {
            connect_timeout: CONNECT_TIMEOUT,
            roots: roots(&settings.ca)?,
            ..ClientSettings::default()
        };
        let fetcher = Fetcher::start(client, clock).map_err(Failed::new)?;
        Ok(Self { endpoint, fetcher, auth, renewed })
    }

    /// Scheme, host and port.
    pub(super) fn endpoint(&self) -> &str {
        &self.endpoint
    }

    /// Tells how this process is.
    pub(super) async fn heartbeat(&self, heartbeat: &Heartbeat) -> Result<(), Trouble> {
        self.call(Method::POST, "/gateway/v1/heartbeat", json(heartbeat)?, PATIENCE).await.map(|_| ())
    }

    async fn call(&self, method: Method, path: &str, content: Vec<u8>, longest: Duration) -> Result<Fetched, Trouble> {
        let away = |why: String| Trouble::Away(why);
        let url =
            Url::parse(&format!("{}{path}", self.endpoint)).ok_or_else(|| away(format!("`{path}` is no path")))?;
        let mut headers = Headers::new();
        let auth = self.auth.header();
        for (name, value) in [("Authorization", auth.expose().as_str()), ("Content-Type", "application/json")] {
            let header = HeaderName::parse(name).zip(HeaderValue::parse(value));
            let (name, value) = header.ok_or_else(|| away("the token holds a line break".to_owned()))?;
            headers.push(name, value);
        }
        let fetch =
            Fetch { method, url, content: content.into(), follow_redirects: false, headers, largest: LARGEST, longest };
        let fetched = self.fetcher.fetch(fetch).await.map_err(|error| away(explained(error.0)))?;
        match fetched.status {
            200..=299 => Ok(fetched),
            409 => Err(Trouble::StartAgain),
            401 | 403 => match self.auth.renewed() {
                Some(token) => {
                    tracing::info!("the token was renewed");
                    (self.renewed)(token);
                    Err(away("the token was renewed".to_owned()))
                }
                None => Err(Trouble::Refused(message(&fetched))),
            },
            status => Err(away(format!("{} answers {status}: {}", self.endpoint, message(&fetched)))),
        }
    }

    async fn changed(
        &self,
        method: Method,
        path: &str,
        content: Vec<u8>,
        longest: Duration,
    ) -> Result<Changes, Trouble> {
        let fetched = self.call(method, path, content, longest).await?;
        let wrong = |error| Trouble::Away(format!("{} answers, but not as a node does: {error}", self.endpoint));
        // Much of it takes long to read, and this thread has other work.
        let read = tokio::task::spawn_blocking(move || serde_json::from_slice(&fetched.body));
        read.await.map_err(|error| Trouble::Away(error.to_string()))?.map_err(wrong)
    }
}

impl Upstream for Node {
    fn changes<'a>(&'a self, place: &'a Place) -> Later<'a, Result<Changes, Trouble>> {
        let Place { database, position } = place;
        let database = encode(database);
        let path = format!("/gateway/v1/changes?database={database}&position={position}&wait={WAIT}");
        Box::pin(
            async move { self.changed(Method::GET, &path, Vec::new(), Duration::from_secs(WAIT) + PATIENCE).await },
        )
    }

    fn documents<'a>(&'a self, held: &'a Held) -> Later<'a, Result<Changes, Trouble>> {
        Box::pin(async move { self.changed(Method::POST, "/gateway/v1/documents", json(held)?, LONG_PATIENCE).await })
    }
}

fn json(message: &impl Serialize) -> Result<Vec<u8>, Trouble> {
    serde_json::to_vec(message).map_err(|error| Trouble::Away(error.to_string()))
}

/// The sentence in an ARM error.
fn message(fetched: &Fetched) -> String {
    let error = serde_json::from_slice::<Value>(&fetched.body).unwrap_or_default();
    let text = error["error"]["message"].as_str().map(str::to_owned);
    text.unwrap_or_else(|| format!("status {}", fetched.status))
}

/// A failed connection, with what to do about a certificate that nobody vouches for.
fn explained(error: String) -> String {
    let words = ["UnknownIssuer", "UnknownCA", "invalid peer certificate"];
    if words.iter().any(|word| error.contains(word)) {
        return format!(
            "{error} (copy ca.pem out of the node's data folder and name it with --ca; the host name must be one of the node's certificate, see [management] host-names)"
        );
    }
    error
}

/// The endpoint without its path: the token says which service is meant.
fn origin(endpoint: &str) -> Result<String, Failed> {
    let name = "config.service.endpoint (or --endpoint)";
    if endpoint.is_empty() {
        let example = "the management address of the node, such as https://node.example:9443";
        return Err(Failed::usage(format!("the gateway has no node: set {name} to {example}")));
    }
    let url =
        Url::parse(endpoint).ok_or_else(|| Failed::usage(format!("{name}: `{endpoint}` is not an absolute URL")))?;
    if !endpoint.to_ascii_lowercase().starts_with("https://") {
        return Err(Failed::usage(format!("{name} must begin with https://, because secrets are sent")));
    }
    Ok(format!("https://{}", url.authority()))
}

/// Who may vouch for the node: the certificates in a file, or those of the system.
fn roots(file: &str) -> Result<Arc<RootCertStore>, Failed> {
    if file.is_empty() {
        return Ok(native_roots());
    }
    let wrong = |why: String| Failed::usage(format!("cannot use the certificates in {file}: {why}"));
    let text = fs::read(file).map_err(|error| wrong(error.to_string()))?;
    let mut roots = RootCertStore::empty();
    for certificate in CertificateDer::pem_slice_iter(&text) {
        let certificate = certificate.map_err(|error| wrong(error.to_string()))?;
        roots.add(certificate).map_err(|error| wrong(error.to_string()))?;
    }
    if roots.is_empty() { Err(wrong("there is none in it".to_owned())) } else { Ok(Arc::new(roots)) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_endpoint_is_taken_with_or_without_a_path_and_over_https_only() {
        assert_eq!(origin("https://node.example:9443").unwrap(), "https://node.example:9443");
        let azure = "https://localhost:9443/subscriptions/s/resourceGroups/g/providers/Microsoft.ApiManagement/service/n?api-version=2021-01-01-preview";
        assert_eq!(origin(azure).unwrap(), "https://localhost:9443");
        for wrong in ["", "node.example", "http://node.example"] {
            assert_eq!(origin(wrong).unwrap_err().code, 2, "{wrong}");
        }
    }
}
