//! The connections of one worker, by what makes them interchangeable.

use std::{
    cell::{Cell, RefCell},
    collections::{HashMap, VecDeque},
    future::poll_fn,
    hash::{BuildHasher, RandomState},
    rc::Rc,
    sync::Arc,
    task::{Context, Poll, Waker},
    time::Duration,
};

use tokio::sync::oneshot;

use crate::{
    backends::{Backends, Cap},
    deadline::Deadlines,
    http1::Http1,
    http2::{Mark, Shared, Ticket},
    tls::TlsProfile,
};

/// How many connections are kept and for how long.
#[derive(Clone, Copy, Debug)]
pub struct PoolSettings {
    /// Idle HTTP/1.1 connections kept per origin and worker; more are closed when they become idle.
    pub most_idle: usize,
    /// An idle connection is closed after this.
    pub idle_for: Duration,
    /// A connection takes no new request after this, so that a changed address is noticed.
    pub oldest: Duration,
    /// Connections of the process to one host and port, over all workers.
    pub most: usize,
    /// Requests that may wait for one of these, over all workers; more are refused at once.
    pub longest_line: usize,
}

impl Default for PoolSettings {
    fn default() -> Self {
        Self {
            most_idle: 1024,
            idle_for: Duration::from_mins(1),
            oldest: Duration::from_mins(10),
            // What the service documents for one unit of its larger tiers.
            most: 2048,
            longest_line: 4096,
        }
    }
}

/// An idle connection gives its buffer back after this.
const RESTING: Duration = Duration::from_secs(1);
/// So many connections go from one request of a worker to the next before one is closed for whoever waits on another worker.
const OWN_TURNS: u32 = 16;

/// Where connections go: two with equal places may stand in for each other.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Place<'a> {
    pub(crate) host: &'a str,
    pub(crate) port: u16,
    /// `None` without TLS.
    pub(crate) tls: Option<&'a TlsProfile>,
    /// HTTP/2 by prior knowledge; with TLS the profile decides.
    pub(crate) cleartext_http2: bool,
    /// The proxy in between, `host:port` and its `Proxy-Authorization`.
    pub(crate) proxy: Option<(&'a str, Option<&'a str>)>,
    /// Whether the proxy opens a tunnel, rather than be sent the whole URL.
    pub(crate) tunnels: bool,
}

/// The connections to one place.
pub(crate) struct Origin {
    host: Box<str>,
    port: u16,
    tls: Option<TlsProfile>,
    cleartext_http2: bool,
    proxy: Option<(Box<str>, Option<Box<str>>)>,
    tunnels: bool,
    #[expect(clippy::vec_box, reason = "a connection is large, and moves between here and exchanges")]
    idle: RefCell<Vec<Box<Http1>>>,
    /// The HTTP/2 connections, which requests share.
    shared: RefCell<Vec<Shared>>,
    /// Requests of this worker that wait for a connection to become free.
    line: RefCell<VecDeque<oneshot::Sender<Lease>>>,
    /// Connections that went to the next in [`Self::line`].
    turns: Cell<u32>,
    /// Bounds the connections of all workers.
    pub(crate) cap: Arc<Cap>,
    /// Whether the server has turned out to speak HTTP/1.1 where it might have chosen HTTP/2.
    pub(crate) declined_http2: Cell<bool>,
    /// Held while a connection that may turn out to be HTTP/2 is made, so that a burst makes one and not fifty.
    pub(crate) making: tokio::sync::Mutex<()>,
    settings: PoolSettings,
    deadlines: Rc<Deadlines>,
    used: Cell<Duration>,
    /// Connections that were opened before take no request.
    retired: Cell<Duration>,
}

impl Origin {
    pub(crate) fn place(&self) -> Place<'_> {
        Place {
            host: &self.host,
            port: self.port,
            tls: self.tls.as_ref(),
            cleartext_http2: self.cleartext_http2,
            proxy: self.proxy.as_ref().map(|(address, login)| (&**address, login.as_deref())),
            tunnels: self.tunnels,
        }
    }

    /// An idle connection that is still open, the last used first.
    pub(crate) async fn idle(self: &Rc<Self>) -> Option<Lease> {
        let now = self.deadlines.now();
        self.used.set(now);
        loop {
            // The borrow ends before the connection is polled.
            let mut connection = self.idle.borrow_mut().pop()?;
            let open = poll_fn(|cx| Poll::Ready(connection.is_idle(cx))).await;
            if open && self.is_fresh(&connection, now) {
                return Some(Lease { connection, origin: Rc::clone(self) });
            }
        }
    }

    /// A place on a shared connection that has one free.
    pub(crate) fn shared(&self) -> Option<Ticket> {
        let shared = self.live();
        shared.iter().find(|shared| shared.has_room()).map(Shared::ticket)
    }

    /// A place on the shared connection that is used least, where the request waits if it must.
    pub(crate) fn crowded(&self) -> Option<Ticket> {
        self.live().iter().min_by_key(|shared| shared.streams()).map(Shared::ticket)
    }

    fn live(&self) -> std::cell::RefMut<'_, Vec<Shared>> {
        let now = self.deadlines.now();
        self.used.set(now);
        let mut shared = self.shared.borrow_mut();
        shared.retain(|shared| shared.is_open() && now.saturating_sub(shared.opened) <= self.settings.oldest);
        shared
    }

    /// How many requests the server takes at a time on one connection, as far as it has said.
    pub(crate) fn usual_streams(&self) -> Option<usize> {
        self.shared.borrow().last().map(Shared::limit)
    }

    pub(crate) fn share(&self, shared: Shared) -> Ticket {
        let ticket = shared.ticket();
        self.shared.borrow_mut().push(shared);
        ticket
    }

    /// Lets a shared connection take no further request.
    pub(crate) fn leave(&self, mark: &Mark) {
        self.shared.borrow_mut().retain(|shared| !shared.is(mark));
    }

    /// Closes what is kept: one of these connections has turned out to be dead, so the server was restarted or has moved.
    pub(crate) fn distrust(&self) {
        self.idle.borrow_mut().clear();
        self.shared.borrow_mut().clear();
    }

    /// The next connection that becomes free on this worker.
    pub(crate) fn next(&self) -> oneshot::Receiver<Lease> {
        let (sender, receiver) = oneshot::channel();
        self.line.borrow_mut().push_back(sender);
        receiver
    }

    /// Gives a connection to whoever waits for one on this worker. If nobody does, or others have waited for long enough, it is closed:
    /// then the first of all who wait may open another.
    fn hand_on(self: &Rc<Self>, connection: Box<Http1>) {
        let turn = self.turns.get().wrapping_add(1);
        self.turns.set(turn);
        let mut line = self.line.borrow_mut();
        if turn.is_multiple_of(OWN_TURNS) && self.cap.waiting() > line.len() {
            return;
        }
        let mut lease = self.lease(connection);
        while let Some(next) = line.pop_front() {
            match next.send(lease) {
                Ok(()) => return,
                // It has got one otherwise, or waits no more.
                Err(back) => lease = back,
            }
        }
    }

    pub(crate) fn lease(self: &Rc<Self>, connection: Box<Http1>) -> Lease {
        Lease { connection, origin: Rc::clone(self) }
    }

    fn is_fresh(&self, connection: &Http1, now: Duration) -> bool {
        connection.opened >= self.retired.get()
            && now.saturating_sub(connection.idle_since) <= self.settings.idle_for
            && now.saturating_sub(connection.opened) <= self.settings.oldest
    }

    fn sweep(&self, now: Duration) {
        let mut cx = Context::from_waker(Waker::noop());
        let mut idle = self.idle.borrow_mut();
        idle.retain_mut(|connection| self.is_fresh(connection, now) && connection.is_idle(&mut cx));
        for connection in idle.iter_mut().filter(|connection| now.saturating_sub(connection.idle_since) > RESTING) {
            connection.rest();
        }
        // Somebody waits on another worker.
        let kept = if self.cap.is_wanted() { idle.len().saturating_sub(self.cap.waiting()) } else { idle.len() };
        idle.truncate(kept);
        if idle.is_empty() {
            idle.shrink_to(16);
        }
        drop(idle);
        self.line.borrow_mut().retain(|waiting| !waiting.is_closed());
        self.shared.borrow_mut().retain(|shared| {
            shared.is_open()
                && !shared.is_idle(now, self.settings.idle_for)
                && now.saturating_sub(shared.opened) <= self.settings.oldest
        });
    }

    /// Closes one idle connection, if there is one.
    fn spare(&self) -> bool {
        self.idle.borrow_mut().pop().is_some()
    }
}

/// A connection in use.
pub(crate) struct Lease {
    pub(crate) connection: Box<Http1>,
    origin: Rc<Origin>,
}

impl Lease {
    /// Keeps the connection for the next request if it can take one.
    pub(crate) fn release(mut self) {
        let now = self.origin.deadlines.now();
        self.connection.reused = true;
        self.connection.idle_since = now;
        // The end of one that is too old, or of a server that has moved, lets the next in line open another.
        if !self.connection.is_usable() || !self.origin.is_fresh(&self.connection, now) {
            return;
        }
        if self.origin.cap.is_wanted() {
            return self.origin.hand_on(self.connection);
        }
        let mut idle = self.origin.idle.borrow_mut();
        if idle.len() < self.origin.settings.most_idle {
            idle.push(self.connection);
        }
    }
}

/// All origins of a worker.
pub(crate) struct Pool {
    settings: PoolSettings,
    deadlines: Rc<Deadlines>,
    backends: Arc<Backends>,
    hasher: RandomState,
    /// By hash, so that looking one up needs no owned key.
    origins: RefCell<HashMap<u64, Vec<Rc<Origin>>>>,
    /// The one that was asked for last: mostly it is asked for again.
    last: RefCell<Option<Rc<Origin>>>,
}

impl Pool {
    pub(crate) fn new(settings: PoolSettings, deadlines: Rc<Deadlines>, backends: Arc<Backends>) -> Self {
        let (hasher, origins, last) = (RandomState::new(), RefCell::default(), RefCell::default());
        Self { settings, deadlines, backends, hasher, origins, last }
    }

    pub(crate) fn origin(&self, place: &Place<'_>) -> Rc<Origin> {
        let mut last = self.last.borrow_mut();
        match &*last {
            Some(origin) if origin.place() == *place => Rc::clone(origin),
            _ => Rc::clone(last.insert(self.find(place))),
        }
    }

    fn find(&self, place: &Place<'_>) -> Rc<Origin> {
        let hash = self.hasher.hash_one(place);
        let mut origins = self.origins.borrow_mut();
        let candidates = origins.entry(hash).or_default();
        if let Some(known) = candidates.iter().find(|origin| origin.place() == *place) {
            return Rc::clone(known);
        }
        let origin = Rc::new(Origin {
            host: place.host.into(),
            port: place.port,
            tls: place.tls.cloned(),
            cleartext_http2: place.cleartext_http2,
            proxy: place.proxy.map(|(address, login)| (address.into(), login.map(Into::into))),
            tunnels: place.tunnels,
            idle: RefCell::default(),
            shared: RefCell::default(),
            line: RefCell::default(),
            turns: Cell::new(0),
            cap: self.backends.cap(place.host, place.port, self.settings.most, self.settings.longest_line),
            declined_http2: Cell::new(false),
            making: tokio::sync::Mutex::default(),
            settings: self.settings,
            deadlines: Rc::clone(&self.deadlines),
            used: Cell::new(self.deadlines.now()),
            retired: Cell::default(),
        });
        candidates.push(Rc::clone(&origin));
        origin
    }

    /// Lets no connection to `host:port` that was opened before `at` take another request.
    pub(crate) fn retire(&self, host: &str, port: u16, at: Duration) {
        for origin in self.origins.borrow().values().flatten() {
            if origin.port == port && origin.host.eq_ignore_ascii_case(host) {
                origin.retired.set(at);
                origin.distrust();
            }
        }
    }

    /// Closes an idle connection that counts under `cap`: one to the same place under another profile.
    pub(crate) fn spare(&self, cap: &Arc<Cap>) {
        let origins = self.origins.borrow();
        let mut same = origins.values().flatten().filter(|origin| Arc::ptr_eq(&origin.cap, cap));
        same.any(|origin| origin.spare());
    }

    /// Closes what is dead, idle or old, and forgets places that nobody uses.
    pub(crate) fn sweep(&self, now: Duration) {
        self.last.borrow_mut().take();
        self.origins.borrow_mut().retain(|_, candidates| {
            candidates.retain(|origin| {
                origin.sweep(now);
                let quiet = now.saturating_sub(origin.used.get()) > self.settings.oldest;
                let empty = origin.idle.borrow().is_empty() && origin.shared.borrow().is_empty();
                !(quiet && Rc::strong_count(origin) == 1 && empty)
            });
            !candidates.is_empty()
        });
    }

    /// Idle HTTP/1.1 connections, over all origins.
    pub(crate) fn idle_connections(&self) -> usize {
        self.origins.borrow().values().flatten().map(|origin| origin.idle.borrow().len()).sum()
    }
}
