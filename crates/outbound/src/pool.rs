//! The connections of one worker, by what makes them interchangeable.

use std::{
    cell::{Cell, RefCell},
    collections::HashMap,
    future::poll_fn,
    hash::{BuildHasher, RandomState},
    rc::Rc,
    task::{Context, Poll, Waker},
    time::Duration,
};

use hyper::client::conn::http2;

use crate::{deadline::Deadlines, http1::Http1, tls::TlsProfile, wire::WireBody};

/// How many connections are kept and for how long.
#[derive(Clone, Copy, Debug)]
pub struct PoolSettings {
    /// Idle HTTP/1.1 connections kept per origin and worker; more are closed when they become idle.
    pub most_idle: usize,
    /// An idle connection is closed after this.
    pub idle_for: Duration,
    /// A connection takes no new request after this, so that a changed address is noticed.
    pub oldest: Duration,
}

impl Default for PoolSettings {
    fn default() -> Self {
        Self { most_idle: 1024, idle_for: Duration::from_mins(1), oldest: Duration::from_mins(10) }
    }
}

/// An idle connection gives its buffer back after this.
const RESTING: Duration = Duration::from_secs(1);

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
}

/// The connections to one place.
pub(crate) struct Origin {
    host: Box<str>,
    port: u16,
    tls: Option<TlsProfile>,
    cleartext_http2: bool,
    proxy: Option<(Box<str>, Option<Box<str>>)>,
    #[expect(clippy::vec_box, reason = "a connection is large, and moves between here and exchanges")]
    idle: RefCell<Vec<Box<Http1>>>,
    /// The HTTP/2 connection, which all requests share.
    shared: RefCell<Option<Shared>>,
    /// Held while a connection that may turn out to be HTTP/2 is made, so that a burst makes one and not fifty.
    pub(crate) making: tokio::sync::Mutex<()>,
    settings: PoolSettings,
    deadlines: Rc<Deadlines>,
    used: Cell<Duration>,
    /// Connections that were opened before take no request.
    retired: Cell<Duration>,
}

struct Shared {
    sender: http2::SendRequest<WireBody>,
    opened: Duration,
}

impl Origin {
    pub(crate) fn place(&self) -> Place<'_> {
        Place {
            host: &self.host,
            port: self.port,
            tls: self.tls.as_ref(),
            cleartext_http2: self.cleartext_http2,
            proxy: self.proxy.as_ref().map(|(address, login)| (&**address, login.as_deref())),
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

    /// The shared connection, if there is one that takes requests.
    pub(crate) fn shared(&self) -> Option<http2::SendRequest<WireBody>> {
        let now = self.deadlines.now();
        self.used.set(now);
        let mut place = self.shared.borrow_mut();
        let shared = place.as_ref()?;
        if shared.sender.is_closed() || now.saturating_sub(shared.opened) > self.settings.oldest {
            *place = None;
            return None;
        }
        Some(shared.sender.clone())
    }

    pub(crate) fn share(&self, sender: http2::SendRequest<WireBody>) {
        *self.shared.borrow_mut() = Some(Shared { sender, opened: self.deadlines.now() });
    }

    /// Closes what is kept: one of these connections has turned out to be dead, so the server was restarted or has moved.
    pub(crate) fn distrust(&self) {
        self.idle.borrow_mut().clear();
        *self.shared.borrow_mut() = None;
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
        if idle.is_empty() {
            idle.shrink_to(16);
        }
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
        if self.connection.is_usable() {
            let mut idle = self.origin.idle.borrow_mut();
            if idle.len() < self.origin.settings.most_idle {
                self.connection.reused = true;
                self.connection.idle_since = self.origin.deadlines.now();
                idle.push(self.connection);
            }
        }
    }
}

/// All origins of a worker.
pub(crate) struct Pool {
    settings: PoolSettings,
    deadlines: Rc<Deadlines>,
    hasher: RandomState,
    /// By hash, so that looking one up needs no owned key.
    origins: RefCell<HashMap<u64, Vec<Rc<Origin>>>>,
    /// The one that was asked for last: mostly it is asked for again.
    last: RefCell<Option<Rc<Origin>>>,
}

impl Pool {
    pub(crate) fn new(settings: PoolSettings, deadlines: Rc<Deadlines>) -> Self {
        Self { settings, deadlines, hasher: RandomState::new(), origins: RefCell::default(), last: RefCell::default() }
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
            idle: RefCell::default(),
            shared: RefCell::default(),
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

    /// Closes what is dead, idle or old, and forgets places that nobody uses.
    pub(crate) fn sweep(&self, now: Duration) {
        self.last.borrow_mut().take();
        self.origins.borrow_mut().retain(|_, candidates| {
            candidates.retain(|origin| {
                origin.sweep(now);
                let quiet = now.saturating_sub(origin.used.get()) > self.settings.oldest;
                !(quiet && Rc::strong_count(origin) == 1 && origin.idle.borrow().is_empty())
            });
            !candidates.is_empty()
        });
    }

    /// Idle HTTP/1.1 connections, over all origins.
    pub(crate) fn idle_connections(&self) -> usize {
        self.origins.borrow().values().flatten().map(|origin| origin.idle.borrow().len()).sum()
    }
}
