//! A gateway on free ports, served from documents as the management plane would have written them.

use std::{
    io::Write,
    net::SocketAddr,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use ::gateway::{GatewaySettings, Handle, Host, Identities};
use arc_swap::ArcSwap;
use base::{Clock, Timestamp};
use crypto::Keyring;
use outbound::{Backends, ClientSettings};
use policy::{
    Catalogue,
    offload::{Budget, Offload},
    tokens::TokenEndpoint,
};
use serde_json::{Value, json};
use snapshot::{Compiler, Parts, Publisher};
use store::{Batch, Delete, Key, Memory, Put, Store};
use telemetry::{AccessLogSettings, Format, Telemetry, TraceStore};
use tokio::runtime::Runtime;

use crate::{Connection, FixedEntropy, RealClock, exchange};

/// Writes of documents below services. Paths are relative to a service, as `apis/echo/operations/get`.
#[derive(Clone, Debug, Default)]
pub struct Documents {
    service: String,
    writes: Vec<Result<Put, Key>>,
}

impl Documents {
    /// A service of this name, and whatever follows below it.
    pub fn service(name: &str) -> Self {
        let body = json!({ "sku": { "name": "Developer", "capacity": 1 }, "properties": {} });
        let id = service(name);
        Self { service: id.clone(), writes: vec![Ok(Put::new(id, "service", body))] }
    }

    /// Changes to a service that is there.
    pub fn of(name: &str) -> Self {
        Self { service: service(name), writes: Vec::new() }
    }

    /// Properties of the service that was named last.
    pub fn properties(mut self, properties: Value) -> Self {
        self.service_body(|body| body["properties"] = properties);
        self
    }

    /// Its identity.
    pub fn identity(mut self, identity: Value) -> Self {
        self.service_body(|body| body["identity"] = identity);
        self
    }

    fn service_body(&mut self, change: impl FnOnce(&mut Value)) {
        let own = |write: &&mut Result<Put, Key>| write.as_ref().is_ok_and(|put| put.kind == "service");
        if let Some(Ok(put)) = self.writes.iter_mut().rfind(own) {
            change(&mut put.body);
        }
    }

    /// Another service; what follows is below it.
    pub fn and_service(mut self, name: &str) -> Self {
        let more = Self::service(name);
        self.writes.extend(more.writes);
        Self { service: more.service, ..self }
    }

    /// Writes a document with these properties.
    pub fn put(mut self, path: &str, properties: Value) -> Self {
        let types = path.split('/').step_by(2).collect::<Vec<_>>().join("/").to_ascii_lowercase();
        let put = Put::new(
            format!("{}/{path}", self.service),
            format!("service/{types}"),
            json!({ "properties": properties }),
        );
        self.writes.push(Ok(put));
        self
    }

    /// Removes a document with all below it.
    pub fn delete(mut self, path: &str) -> Self {
        self.writes.push(Err(Key::new(&format!("{}/{path}", self.service))));
        self
    }

    /// An API at `path` that forwards any method and path to `backend`, and needs no key.
    pub fn open_api(self, name: &str, path: &str, backend: &str) -> Self {
        let api = json!({
            "displayName": name, "path": path, "serviceUrl": backend, "protocols": ["http", "https"], "subscriptionRequired": false,
        });
        let any = json!({ "displayName": "Any", "method": "*", "urlTemplate": "/*" });
        self.put(&format!("apis/{name}"), api).put(&format!("apis/{name}/operations/any"), any)
    }

    /// A WebSocket API at `path`, which leads to `backend` and needs no key.
    pub fn websocket_api(self, name: &str, path: &str, backend: &str) -> Self {
        let api = json!({
            "displayName": name, "path": path, "serviceUrl": backend, "protocols": ["ws", "wss"], "type": "websocket",
            "subscriptionRequired": false,
        });
        let handshake = json!({ "displayName": "onHandshake", "method": "GET", "urlTemplate": "/*" });
        self.put(&format!("apis/{name}"), api).put(&format!("apis/{name}/operations/onHandshake"), handshake)
    }

    /// The policy document of the resource at `path`; of the service, where that is empty.
    pub fn policy(self, path: &str, text: &str) -> Self {
        let path = if path.is_empty() { "policies/policy".to_owned() } else { format!("{path}/policies/policy") };
        self.put(&path, json!({ "format": "rawxml", "value": text }))
    }
}

fn service(name: &str) -> String {
    format!("/subscriptions/s/resourceGroups/g/providers/Microsoft.ApiManagement/service/{name}")
}

/// What a test may choose.
pub struct Setup {
    /// Listeners, limits, timeouts. By default one worker on a free port of loopback.
    pub settings: GatewaySettings,
    /// The gateway's clock.
    pub clock: Arc<dyn Clock>,
    /// Certificates, for HTTPS.
    pub identities: Option<Arc<dyn Identities>>,
    /// Where tokens of the machine's own identity come from; nowhere without one.
    pub token_endpoint: Option<TokenEndpoint>,
    /// How long policies may compute, and where.
    pub budget: Budget,
    /// The policies that documents may use.
    pub catalogue: Arc<Catalogue>,
    /// Whether policies that cannot run yet answer 501 instead of breaking their documents.
    pub fail_unsupported: bool,
    /// How backends are called; what the process knows of them is the gateway's own.
    pub outbound: ClientSettings,
}

impl Setup {
    /// The usual one, with these policies.
    pub fn with(catalogue: Arc<Catalogue>) -> Self {
        let http = Some(SocketAddr::from(([127, 0, 0, 1], 0)));
        let settings = GatewaySettings { http, workers: 1, ..GatewaySettings::default() };
        Self {
            settings,
            clock: Arc::new(RealClock::default()),
            identities: None,
            token_endpoint: None,
            budget: Budget::default(),
            catalogue,
            fail_unsupported: false,
            outbound: ClientSettings { connect_timeout: Duration::from_secs(5), ..ClientSettings::default() },
        }
    }
}

/// A gateway that runs until it is dropped.
pub struct Gateway {
    /// Where it listens: HTTPS if there is that, else HTTP.
    pub address: SocketAddr,
    /// Its metrics.
    pub telemetry: Arc<Telemetry>,
    /// Its traces of single calls.
    pub traces: Arc<TraceStore>,
    /// What it knows of its backends.
    pub backends: Arc<Backends>,
    /// Where work goes that takes long.
    pub offload: Arc<Offload>,
    handle: Handle,
    log: Page,
    store: Arc<Memory>,
    publisher: Publisher,
    runtime: Runtime,
}

impl Gateway {
    /// Starts it on these documents.
    pub fn start(setup: Setup, documents: Documents) -> Self {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build();
        let runtime = runtime.expect("a runtime starts");
        let store = Arc::new(Memory::new());
        let parts = Parts {
            store: Arc::<Memory>::clone(&store),
            keyring: Arc::new(ArcSwap::from_pointee(Keyring::generate(&FixedEntropy::new(7)))),
            compiler: Compiler {
                catalogue: setup.catalogue,
                strict_surface: false,
                fail_unsupported: setup.fail_unsupported,
            },
            clock: Arc::new(RealClock::default()),
            default_service: None,
            self_hosted: false,
        };
        let publisher = runtime.block_on(async {
            commit(&store, documents).await;
            Publisher::start(parts).await.expect("the first snapshot is built")
        });
        let log = Page::default();
        let access_log = AccessLogSettings { format: Format::Text, output: Box::new(log.clone()) };
        let telemetry = Arc::new(Telemetry::start(Some(access_log)));
        let traces = Arc::new(TraceStore::new(Arc::clone(&setup.clock), Arc::new(FixedEntropy::new(5))));
        let backends = Arc::<Backends>::default();
        let offload = Arc::new(Offload::new(setup.budget, || {}));
        let host = Host {
            snapshot: publisher.shared(),
            clock: Arc::clone(&setup.clock),
            entropy: Arc::new(FixedEntropy::new(1)),
            stores: kv::Stores::in_memory(setup.clock, kv::DEFAULT_CACHE_SIZE),
            shared: Arc::default(),
            traces: Arc::clone(&traces),
            token_endpoint: setup.token_endpoint,
            offload: Some(Arc::clone(&offload)),
            outbound: ClientSettings { backends: Arc::clone(&backends), ..setup.outbound },
            identities: setup.identities,
        };
        let handle = ::gateway::serve(setup.settings, host, &telemetry).expect("the gateway listens");
        let addresses = handle.addresses();
        let address = addresses.https.or(addresses.http).expect("there is a listener");
        Self { address, telemetry, traces, backends, offload, handle, log, store, publisher, runtime }
    }

    /// Writes documents and waits until they are effective.
    pub fn write(&self, documents: Documents) {
        self.runtime.block_on(async {
            let position = commit(&self.store, documents).await;
            self.publisher.published(position).await;
        });
    }

    /// What is wrong with the documents that cannot be used.
    pub fn problems(&self) -> Vec<String> {
        self.publisher.current().problems().map(|problem| format!("{}: {}", problem.key, problem.message)).collect()
    }

    /// A connection to it.
    pub fn connect(&self) -> Connection {
        Connection::open(self.address)
    }

    /// Sends a request on a connection of its own.
    pub fn exchange(&self, request: &str) -> String {
        exchange(self.address, request)
    }

    /// The lines of the access log, without time, address, durations and id.
    pub fn log(&self) -> Vec<String> {
        self.telemetry.flush();
        let text = self.log.0.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let stable = |word: &&str| !word.ends_with("ms") && !word.starts_with("id=");
        let lines = String::from_utf8_lossy(&text).into_owned();
        lines.lines().map(|line| line.split(' ').skip(2).filter(stable).collect::<Vec<_>>().join(" ")).collect()
    }

    /// The log once at least `count` exchanges are over.
    pub fn wait_for_log(&self, count: usize) -> Vec<String> {
        loop {
            let lines = self.log();
            if lines.len() >= count {
                return lines;
            }
            std::thread::yield_now();
        }
    }

    /// Stops it, see [`Handle::shutdown`].
    pub fn shut_down(self, deadline: Duration) {
        self.runtime.block_on(self.handle.shutdown(deadline));
    }
}

async fn commit(store: &Memory, documents: Documents) -> store::Position {
    let mut batch = Batch::new(Timestamp::from_secs(1_700_000_000));
    for write in documents.writes {
        batch = match write {
            Ok(put) => batch.write(put),
            Err(key) => batch.write(Delete::tree(key)),
        };
    }
    store.commit(batch).await.expect("documents are written").position
}

/// What was written to the access log.
#[derive(Clone, Default)]
struct Page(Arc<Mutex<Vec<u8>>>);

impl Write for Page {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).write(bytes)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}
