//! The data plane: listeners, TLS, protocols; accept, route, run the policies, respond.
//!
//! [`serve`] starts one worker per core. A worker is a thread with a single-threaded runtime and listening sockets of its own
//! (`SO_REUSEPORT`): a request stays on it from its first byte to its last and meets no lock on the way. Workers share the snapshot,
//! which is immutable, and nothing else.

mod authority;
mod call_trace;
mod completion;
mod date;
mod listener;
mod pinned;
mod pipeline;
mod protocol;
mod prune;
mod respond;
mod route;
mod settings;
mod tasks;
mod tls;
mod watch;
mod worker;

use std::{
    io,
    net::{SocketAddr, TcpListener},
    sync::{Arc, atomic::AtomicUsize},
    thread,
    time::Duration,
};

use arc_swap::ArcSwap;
use base::{Clock, Entropy};
use kv::Stores;
use outbound::ClientSettings;
use policy::{Shared, offload::Offload, tokens::TokenEndpoint};
use snapshot::Snapshot;
use telemetry::{Telemetry, TraceStore};
use tokio::{
    runtime::{Builder, LocalOptions},
    sync::{oneshot, watch as channel},
};

use self::{listener::Port, worker::Farewell};
pub use settings::{GatewaySettings, Limits, Timeouts};
pub use tls::{Identities, ServerIdentity};

/// What the composition root lends to the gateway.
#[derive(Clone)]
pub struct Host {
    /// Where the current configuration is found: `Publisher::shared`.
    pub snapshot: Arc<ArcSwap<Snapshot>>,
    /// Time.
    pub clock: Arc<dyn Clock>,
    /// Randomness.
    pub entropy: Arc<dyn Entropy>,
    /// Counters, cache and slots, for the whole process.
    pub stores: Stores,
    /// What policies keep, for the whole process.
    pub shared: Arc<Shared>,
    /// Where traces of single calls are kept, for those who may have them.
    pub traces: Arc<TraceStore>,
    /// Where tokens of the machine's own identity come from.
    pub token_endpoint: Option<TokenEndpoint>,
    /// Where work goes that takes longer than a worker may; without one it stays.
    pub offload: Option<Arc<Offload>>,
    /// How backends are called.
    pub outbound: ClientSettings,
    /// The certificates of the HTTPS listener.
    pub identities: Option<Arc<dyn Identities>>,
}

/// Where a gateway listens.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Addresses {
    /// Plain HTTP.
    pub http: Option<SocketAddr>,
    /// HTTPS.
    pub https: Option<SocketAddr>,
}

/// Listening sockets that pass from one process to the next.
#[derive(Debug, Default)]
pub struct Sockets {
    /// Of plain HTTP.
    pub http: Vec<TcpListener>,
    /// Of HTTPS.
    pub https: Vec<TcpListener>,
}

/// Which ports a successor has taken over.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Kept {
    /// Plain HTTP.
    pub http: bool,
    /// HTTPS.
    pub https: bool,
}

/// A running gateway. Dropping it stops it without patience.
pub struct Handle {
    addresses: Addresses,
    /// Copies, which would keep the ports open.
    sockets: Sockets,
    stop: channel::Sender<Option<Farewell>>,
    done: Vec<oneshot::Receiver<()>>,
}

impl Handle {
    /// Where it listens: the ports that were chosen for port 0.
    pub fn addresses(&self) -> Addresses {
        self.addresses
    }

    /// Its sockets, for a successor.
    pub fn sockets(&self) -> &Sockets {
        &self.sockets
    }

    /// Takes no new connections, lets what is under way finish, and cuts what is left after `deadline`.
    pub async fn shutdown(self, deadline: Duration) {
        self.leave(Farewell { deadline, kept: None }).finished().await;
    }

    /// Leaves new connections to a successor, which already takes them. What is under way may finish. A client that would send another
    /// request is answered once more, and told to connect anew.
    pub fn hand_over(self, kept: Kept, deadline: Duration) -> Leaving {
        self.leave(Farewell { deadline, kept: Some(kept) })
    }

    fn leave(self, farewell: Farewell) -> Leaving {
        let Self { addresses: _, sockets, stop, done } = self;
        drop(sockets);
        stop.send_replace(Some(farewell));
        Leaving { farewell, stop, done }
    }
}

/// A gateway that takes no new connections any more.
pub struct Leaving {
    farewell: Farewell,
    stop: channel::Sender<Option<Farewell>>,
    done: Vec<oneshot::Receiver<()>>,
}

impl Leaving {
    /// Completes when everything is finished, or cut. It may be given up and asked for again.
    pub async fn finished(&mut self) {
        for done in &mut self.done {
            // An error says that the worker is gone already, and so does an answer that was taken before.
            if !done.is_terminated() {
                let _ = done.await;
            }
        }
    }

    /// Cuts what is left after `deadline` from now.
    pub fn hurry(&mut self, deadline: Duration) {
        self.farewell.deadline = deadline;
        self.stop.send_replace(Some(self.farewell));
    }
}

/// Starts the gateway. When this returns, connections are accepted.
///
/// Fails if an address cannot be listened on, or a thread not started.
pub fn serve(settings: GatewaySettings, host: Host, telemetry: &Telemetry) -> io::Result<Handle> {
    serve_on(settings, Sockets::default(), host, telemetry)
}

/// Starts the gateway as the successor of one that goes on until it is told of it. Sockets of `inherited` that are not on the addresses
/// of `settings` are closed.
///
/// Fails like [`serve`].
pub fn serve_on(
    settings: GatewaySettings,
    inherited: Sockets,
    host: Host,
    telemetry: &Telemetry,
) -> io::Result<Handle> {
    let workers = match settings.workers {
        0 => thread::available_parallelism()?.get(),
        count => count,
    };
    let tls = host.identities.clone().map(tls::TlsConfigs::new).transpose().map_err(io::Error::other)?.map(Arc::new);
    if settings.https.is_some() && tls.is_none() {
        return Err(io::Error::new(io::ErrorKind::InvalidInput, "an HTTPS listener needs certificates"));
    }
    let http = Port::open(settings.http, workers, inherited.http)?;
    let https = Port::open(settings.https, workers, inherited.https)?;
    let addresses = Addresses { http: http.address, https: https.address };
    let sockets = Sockets { http: http.copies()?, https: https.copies()? };
    let (backends, clock) = (Arc::clone(&host.outbound.backends), Arc::clone(&host.clock));
    telemetry.add(move |text| backends.render(clock.monotonic(), text));
    let (stop, stopped) = channel::channel(None);
    let open = Arc::new(AtomicUsize::new(0));
    let (mut http, mut https) = (http.by_worker.into_iter(), https.by_worker.into_iter());
    let mut done = Vec::with_capacity(workers);
    for index in 0..workers {
        let start = worker::Start {
            prunes: index == 0,
            settings,
            host: host.clone(),
            recorder: telemetry.recorder(),
            tls: tls.clone(),
            http: http.next().unwrap_or_default(),
            https: https.next().unwrap_or_default(),
            open: Arc::clone(&open),
            stop: stopped.clone(),
        };
        let (finished, finish) = oneshot::channel();
        let runtime = move || {
            match Builder::new_current_thread().enable_all().build_local(LocalOptions::default()) {
                Ok(runtime) => runtime.block_on(worker::run(start)),
                Err(error) => tracing::error!(%error, "a worker cannot start its runtime"),
            }
            // Nobody may be waiting.
            let _ = finished.send(());
        };
        thread::Builder::new().name(format!("gateway-{index}")).spawn(runtime)?;
        done.push(finish);
    }
    Ok(Handle { addresses, sockets, stop, done })
}
