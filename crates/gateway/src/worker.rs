//! A worker: one thread with one runtime, which serves its connections from accept to close.

use std::{
    cell::Cell,
    future::{Future, poll_fn},
    net::{SocketAddr, TcpListener as StdListener},
    rc::Rc,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    task::Poll,
    time::Duration,
};

use base::Clock;
use outbound::{Client, Deadlines, Stream};
use policy::exchange::HostParts;
use telemetry::{Recorder, TraceStore};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpListener, TcpStream},
    sync::{Notify, watch},
    task::JoinHandle,
};
use tokio_rustls::LazyConfigAcceptor;

use crate::{
    Host, Kept,
    date::DateLine,
    listener,
    pinned::Pinned,
    protocol::{self, Peer},
    prune::Pruning,
    settings::GatewaySettings,
    tasks::WorkerTasks,
    tls::TlsConfigs,
    watch::Connections,
};

/// What the connections of a worker share.
pub(crate) struct Worker {
    pub(crate) settings: GatewaySettings,
    pub(crate) host: Rc<HostParts>,
    pub(crate) recorder: Recorder,
    pub(crate) snapshot: Pinned,
    pub(crate) date: DateLine,
    pub(crate) traces: Arc<TraceStore>,
    connections: Connections,
    /// What exchanges have left behind.
    tasks: WorkerTasks,
    tls: Option<Arc<TlsConfigs>>,
    /// Open connections of all workers.
    open: Arc<AtomicUsize>,
    closed: Notify,
    /// Connections that are turned away and not yet closed.
    turned_away: Cell<usize>,
    /// When a failed accept was last told.
    told: Cell<Option<Duration>>,
}

/// How a gateway ends.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Farewell {
    /// The patience with what is under way.
    pub(crate) deadline: Duration,
    /// The ports that a successor serves; none without one.
    pub(crate) kept: Option<Kept>,
}

/// Says how, once the gateway is to stop.
pub(crate) type Stop = watch::Receiver<Option<Farewell>>;

/// What a worker is started with; it crosses to the worker's thread.
pub(crate) struct Start {
    /// Whether it also looks after what all workers share.
    pub(crate) prunes: bool,
    pub(crate) settings: GatewaySettings,
    pub(crate) host: Host,
    pub(crate) recorder: Recorder,
    pub(crate) tls: Option<Arc<TlsConfigs>>,
    pub(crate) http: Vec<StdListener>,
    pub(crate) https: Vec<StdListener>,
    pub(crate) open: Arc<AtomicUsize>,
    pub(crate) stop: Stop,
}

/// Runs a worker until it is told to stop and all is done.
pub(crate) async fn run(start: Start) {
    let Start { prunes, settings, host, recorder, tls, http, https, open, mut stop } = start;
    let deadlines = Deadlines::new(Arc::clone(&host.clock));
    let client = Client::new(host.outbound.clone(), Rc::clone(&deadlines));
    let pruning = prunes
        .then(|| Pruning::new(Arc::clone(&host.snapshot), Arc::clone(&host.outbound.backends), host.clock.monotonic()));
    let tasks = WorkerTasks::default();
    let worker = Rc::new(Worker {
        settings,
        host: Rc::new(HostParts {
            clock: Arc::clone(&host.clock),
            entropy: host.entropy,
            outbound: Box::new(client.clone()),
            stores: host.stores,
            shared: host.shared,
            tasks: Box::new(tasks.clone()),
            metrics: Box::new(recorder.emitter()),
            token_endpoint: host.token_endpoint,
            offload: host.offload,
        }),
        recorder,
        traces: host.traces,
        tasks,
        snapshot: Pinned::new(host.snapshot),
        date: DateLine::default(),
        connections: Connections::default(),
        tls,
        open,
        closed: Notify::new(),
        turned_away: Cell::new(0),
        told: Cell::new(None),
    });
    let ticking = Rc::clone(&worker);
    tokio::task::spawn_local(deadlines.run(move |now| {
        client.sweep(now);
        if let Some(pruning) = &pruning {
            pruning.tick(now);
        }
        ticking.connections.tick(now, &ticking.settings.timeouts);
    }));
    let listeners = http.into_iter().map(|http| (http, false)).chain(https.into_iter().map(|https| (https, true)));
    let accepting: Vec<JoinHandle<()>> = listeners
        .filter_map(|(listener, secure)| {
            let listener = TcpListener::from_std(listener)
                .inspect_err(|error| tracing::error!(%error, "a worker cannot use its socket"))
                .ok()?;
            Some(tokio::task::spawn_local(Rc::clone(&worker).accept(listener, secure, stop.clone())))
        })
        .collect();
    // An error says that the handle is gone, which stops the gateway as well.
    let farewell = stop.wait_for(Option::is_some).await.ok().and_then(|farewell| *farewell);
    worker.connections.drain(farewell.is_some_and(|farewell| farewell.kept.is_some()));
    for accepting in accepting {
        // It ends by itself; a panic in it has been reported.
        let _ = accepting.await;
    }
    if first(worker.empty(), over(stop, &*worker.host.clock)).await.is_none() {
        let left = worker.connections.count();
        tracing::warn!(left, "connections are cut because they did not finish in time");
        worker.connections.close();
        // They only have to notice.
        first(worker.empty(), worker.host.clock.sleep(Duration::from_secs(1))).await;
    }
}

impl Worker {
    async fn accept(self: Rc<Self>, listener: TcpListener, secure: bool, mut stop: Stop) {
        let kept = loop {
            tokio::select! {
                biased;
                farewell = stop.wait_for(Option::is_some) => {
                    break farewell.ok().and_then(|farewell| (*farewell)?.kept).unwrap_or_default();
                }
                accepted = listener.accept() => match accepted {
                    Ok((tcp, address)) => self.welcome(tcp, address, secure),
                    // Out of descriptors, mostly: what is open must close first.
                    Err(error) => {
                        self.cannot_accept(&error);
                        self.host.clock.sleep(Duration::from_millis(50)).await;
                    }
                },
            }
        };
        if if secure { kept.https } else { kept.http } {
            return;
        }
        // The kernel has already told these clients that they are connected, and nobody else will serve them.
        for _ in 0..listener::BACKLOG {
            let accepted = poll_fn(|cx| Poll::Ready(listener.poll_accept(cx))).await;
            let Poll::Ready(Ok((tcp, address))) = accepted else { break };
            self.welcome(tcp, address, secure);
        }
    }

    /// Tells it, but not twenty times a second.
    fn cannot_accept(&self, error: &std::io::Error) {
        const EVERY: Duration = Duration::from_secs(10);
        let now = self.host.clock.monotonic();
        if self.told.get().is_none_or(|told| now.saturating_sub(told) >= EVERY) {
            self.told.set(Some(now));
            tracing::warn!(%error, "connections cannot be accepted");
        }
        self.connections.make_room();
    }

    fn welcome(self: &Rc<Self>, tcp: TcpStream, address: SocketAddr, secure: bool) {
        let guest = Guest::enter(self);
        if self.open.load(Ordering::Relaxed) > self.settings.limits.connections && !self.connections.make_room() {
            return self.turn_away(tcp, secure, guest);
        }
        // Without it, small responses wait for an acknowledgement; a socket that refuses the option still works.
        let _ = tcp.set_nodelay(true);
        let watch = self.connections.open();
        let worker = Rc::clone(self);
        tokio::task::spawn_local(async move {
            let _guest = guest;
            if !secure {
                return protocol::serve(worker, Stream::Plain(tcp), Peer::new(address, None, None), watch).await;
            }
            let Some((stream, peer)) = watch.unless_closed(worker.secure(tcp, address)).await.flatten() else {
                return;
            };
            protocol::serve(worker, stream, peer, watch).await;
        });
    }

    /// There are too many connections, and all of them are used.
    fn turn_away(&self, tcp: TcpStream, secure: bool, guest: Guest) {
        const ANSWER: &[u8] =
            b"HTTP/1.1 503 Service Unavailable\r\nRetry-After: 1\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";
        /// So many wait until their clients have read the answer; past it, or within TLS, a connection is only closed.
        const AT_ONCE: usize = 64;
        tracing::debug!("a connection is turned away: there are too many");
        if secure || self.turned_away.get() >= AT_ONCE || tcp.try_write(ANSWER).is_err() {
            return;
        }
        self.turned_away.set(self.turned_away.get() + 1);
        let clock = Arc::clone(&self.host.clock);
        let worker = Rc::clone(&guest.0);
        tokio::task::spawn_local(async move {
            let mut tcp = tcp;
            // Closed at once, with the request unread, the kernel would take the answer back.
            let read = async {
                let _ = tcp.shutdown().await;
                let mut unread = [0; 1024];
                while matches!(tcp.read(&mut unread).await, Ok(1..)) {}
            };
            first(read, clock.sleep(Duration::from_secs(1))).await;
            worker.turned_away.set(worker.turned_away.get() - 1);
            drop(guest);
        });
    }

    /// The TLS handshake, with the certificate of the host that the client names.
    async fn secure(&self, tcp: TcpStream, address: SocketAddr) -> Option<(Stream, Peer)> {
        let failed = |error: &dyn std::fmt::Display| tracing::debug!(%error, "a TLS handshake failed");
        let acceptor = LazyConfigAcceptor::new(rustls::server::Acceptor::default(), tcp);
        let start = acceptor.await.inspect_err(|error| failed(error)).ok()?;
        let name = start.client_hello().server_name().map(str::to_owned);
        let config = self.tls.as_ref()?.config(name.as_deref()).inspect_err(|error| failed(error)).ok()?;
        let stream = start.into_stream(config).await.inspect_err(|error| failed(error)).ok()?;
        let session = stream.get_ref().1;
        let version = match session.protocol_version() {
            Some(rustls::ProtocolVersion::TLSv1_2) => "1.2",
            _ => "1.3",
        };
        let leaf = session.peer_certificates().and_then(<[_]>::first);
        let peer = Peer::new(address, Some(version), leaf.map(|der| bytes::Bytes::copy_from_slice(der)));
        Some((Stream::Tls(Box::new(stream.into())), peer))
    }

    async fn empty(&self) {
        while self.connections.count() > 0 {
            // A stream of HTTP/2 may outlive its connection for a moment, and nobody tells of its end.
            first(self.closed.notified(), self.host.clock.sleep(Duration::from_millis(100))).await;
        }
        while self.tasks.count() > 0 {
            self.tasks.ended().await;
        }
    }
}

/// An open connection, counted for as long as this lives.
struct Guest(Rc<Worker>);

impl Guest {
    fn enter(worker: &Rc<Worker>) -> Self {
        worker.open.fetch_add(1, Ordering::Relaxed);
        worker.recorder.connected();
        Self(Rc::clone(worker))
    }
}

impl Drop for Guest {
    fn drop(&mut self) {
        self.0.open.fetch_sub(1, Ordering::Relaxed);
        self.0.recorder.disconnected();
        self.0.closed.notify_one();
    }
}

/// Completes when patience is over. A shorter one may be given meanwhile.
async fn over(mut stop: Stop, clock: &dyn Clock) {
    loop {
        let deadline = stop.borrow_and_update().map(|farewell| farewell.deadline).unwrap_or_default();
        tokio::select! {
            () = clock.sleep(deadline) => return,
            changed = stop.changed() => if changed.is_err() {
                return clock.sleep(deadline).await;
            },
        }
    }
}

/// `work` if it is done before `limit`.
async fn first<T>(work: impl Future<Output = T>, limit: impl Future<Output = ()>) -> Option<T> {
    tokio::select! {
        biased;
        done = work => Some(done),
        () = limit => None,
    }
}
