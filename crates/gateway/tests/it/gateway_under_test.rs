//! Starts a gateway before a backend.

use std::{
    io::Write,
    net::SocketAddr,
    sync::{Arc, Mutex},
    time::Duration,
};

use base::Clock;
use gateway::{GatewaySettings, Handle, Host, Identities, Snapshots};
use outbound::{AnyAddress, ClientSettings, PoolSettings};
use policy::Url;
use telemetry::{AccessLogSettings, Format, Telemetry};
use testkit::{FakeBackend, FixedEntropy, RealClock, exchange};

/// A gateway whose only API forwards everything to one backend.
pub(crate) struct Gateway {
    pub(crate) address: SocketAddr,
    pub(crate) handle: Handle,
    pub(crate) telemetry: Arc<Telemetry>,
    log: Page,
}

/// What a test may change.
pub(crate) struct Setup {
    pub(crate) settings: GatewaySettings,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) identities: Option<Arc<dyn Identities>>,
}

impl Default for Setup {
    fn default() -> Self {
        let settings = GatewaySettings {
            http: Some(SocketAddr::from(([127, 0, 0, 1], 0))),
            workers: 1,
            ..GatewaySettings::default()
        };
        Self { settings, clock: Arc::new(RealClock::default()), identities: None }
    }
}

struct Fixed(Arc<Url>);

impl Snapshots for Fixed {
    fn current(&self) -> Arc<Url> {
        Arc::clone(&self.0)
    }
}

impl Gateway {
    pub(crate) fn before(backend: &FakeBackend) -> Self {
        Self::start(backend, Setup::default())
    }

    pub(crate) fn start(backend: &FakeBackend, setup: Setup) -> Self {
        let log = Page::default();
        let access_log = AccessLogSettings { format: Format::Text, output: Box::new(log.clone()) };
        let telemetry = Arc::new(Telemetry::start(Some(access_log)));
        let host = Host {
            snapshots: Arc::new(Fixed(Arc::new(Url::parse(&backend.url()).unwrap()))),
            clock: Arc::clone(&setup.clock),
            entropy: Arc::new(FixedEntropy::new(1)),
            counters: Arc::new(kv::MemoryCounters::new(setup.clock)),
            outbound: ClientSettings {
                pool: PoolSettings::default(),
                connect_timeout: Duration::from_secs(5),
                roots: Arc::new(rustls::RootCertStore::empty()),
                addresses: Arc::new(AnyAddress),
            },
            identities: setup.identities,
        };
        let handle = gateway::serve(setup.settings, host, &telemetry).unwrap();
        let addresses = handle.addresses();
        let address = addresses.https.or(addresses.http).unwrap();
        Self { address, handle, telemetry, log }
    }

    /// Sends a request on a connection of its own.
    pub(crate) fn exchange(&self, request: &str) -> String {
        exchange(self.address, request)
    }

    /// The lines of the access log, without time, duration and id.
    pub(crate) fn log(&self) -> Vec<String> {
        self.telemetry.flush();
        let text = String::from_utf8(self.log.0.lock().unwrap().clone()).unwrap();
        let stable = |word: &&str| !word.ends_with("ms") && !word.starts_with("id=");
        text.lines().map(|line| line.split(' ').skip(2).filter(stable).collect::<Vec<_>>().join(" ")).collect()
    }

    /// Waits until `count` exchanges are over.
    pub(crate) fn wait_for_log(&self, count: usize) -> Vec<String> {
        loop {
            let lines = self.log();
            if lines.len() >= count {
                return lines;
            }
            std::thread::yield_now();
        }
    }

    pub(crate) fn shut_down(self, deadline: Duration) {
        tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(self.handle.shutdown(deadline));
    }
}

#[derive(Clone, Default)]
struct Page(Arc<Mutex<Vec<u8>>>);

impl Write for Page {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().write(bytes)
    }
    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}
