//! An HTTP/2 connection to a backend, which many requests share, as many as the server takes at a time.

use std::{
    cell::{Cell, RefCell},
    future::{Future, poll_fn},
    pin::Pin,
    rc::Rc,
    sync::{Arc, Mutex, PoisonError},
    task::{Context, Poll},
    time::{Duration, Instant},
};

use base::Clock;
use hyper::{
    body::{Body as _, Incoming},
    client::conn::http2,
    rt::{Sleep, Timer},
};
use hyper_util::rt::TokioIo;
use policy::exchange::{Body, BodyError, Frame, Source};

use crate::{
    LocalExecutor,
    backends::Permit,
    deadline::Deadlines,
    stream::Stream,
    wire::{IncomingBody, WireBody},
};

/// What is asked of a server before it has said how many requests it takes at a time.
const USUAL_STREAMS: usize = 100;
/// A connection on which requests wait is asked for a sign of life this often…
const PING: Duration = Duration::from_secs(20);
/// …and is dead without one for this long.
const SILENCE: Duration = Duration::from_secs(20);

/// A connection.
pub(crate) struct Shared {
    sender: http2::SendRequest<WireBody>,
    /// When it was opened, in the worker's coarse time.
    pub(crate) opened: Duration,
    load: Rc<Load>,
    /// Its own task drives it to its end; here it says what the server takes.
    driver: Rc<RefCell<Option<Driver>>>,
}

type Driver = http2::Connection<TokioIo<Stream>, WireBody, LocalExecutor>;

/// What is under way on a connection.
struct Load {
    streams: Cell<usize>,
    idle_since: Cell<Duration>,
    deadlines: Rc<Deadlines>,
}

/// The place of one request on a connection. It ends with the response's body.
pub(crate) struct Ticket {
    pub(crate) sender: http2::SendRequest<WireBody>,
    load: Rc<Load>,
}

/// Which connection it was.
pub(crate) struct Mark(Rc<Load>);

impl Shared {
    /// Speaks HTTP/2 on a new connection. `usual` is what the server took at a time on another one.
    pub(crate) async fn open(
        stream: Stream,
        permit: Permit,
        usual: Option<usize>,
        deadlines: &Rc<Deadlines>,
    ) -> Result<Self, hyper::Error> {
        let now = deadlines.now();
        let load = Rc::new(Load { streams: Cell::new(0), idle_since: Cell::new(now), deadlines: Rc::clone(deadlines) });
        let mut builder = http2::Builder::new(LocalExecutor);
        builder.timer(HostTimer(Arc::clone(deadlines.clock()))).keep_alive_interval(PING).keep_alive_timeout(SILENCE);
        builder.initial_max_send_streams(usual.unwrap_or(USUAL_STREAMS));
        let (sender, driver) = builder.handshake(TokioIo::new(stream)).await?;
        let driver = Rc::new(RefCell::new(Some(driver)));
        let driven = Rc::clone(&driver);
        tokio::task::spawn_local(async move {
            let _permit = permit;
            let ended = poll_fn(|cx| match &mut *driven.borrow_mut() {
                Some(driver) => Pin::new(driver).poll(cx),
                None => Poll::Ready(Ok(())),
            });
            if let Err(error) = ended.await {
                tracing::debug!(%error, "an HTTP/2 connection to a backend ended");
            }
            // Requests that it has not taken learn of it now.
            drop(driven.take());
        });
        Ok(Self { sender, opened: now, load, driver })
    }

    pub(crate) fn is_open(&self) -> bool {
        !self.sender.is_closed()
    }

    /// Whether nothing was under way on it for `long`.
    pub(crate) fn is_idle(&self, now: Duration, long: Duration) -> bool {
        self.streams() == 0 && now.saturating_sub(self.load.idle_since.get()) > long
    }

    pub(crate) fn has_room(&self) -> bool {
        self.streams() < self.limit()
    }

    pub(crate) fn streams(&self) -> usize {
        self.load.streams.get()
    }

    /// How many requests the server takes at a time. One that takes none at all is asked all the same: it says when it is ready.
    pub(crate) fn limit(&self) -> usize {
        let driver = self.driver.try_borrow().ok();
        let most = driver.as_deref().and_then(Option::as_ref).map(Driver::current_max_send_streams);
        most.map_or(USUAL_STREAMS, |most| most.max(1))
    }

    pub(crate) fn ticket(&self) -> Ticket {
        self.load.streams.set(self.streams() + 1);
        Ticket { sender: self.sender.clone(), load: Rc::clone(&self.load) }
    }

    pub(crate) fn is(&self, mark: &Mark) -> bool {
        Rc::ptr_eq(&self.load, &mark.0)
    }
}

impl Ticket {
    /// Tells which connection it is for, so that this is known when it has failed.
    pub(crate) fn mark(&self) -> Mark {
        Mark(Rc::clone(&self.load))
    }
}

impl Drop for Ticket {
    fn drop(&mut self) {
        self.load.streams.set(self.load.streams.get().saturating_sub(1));
        self.load.idle_since.set(self.load.deadlines.now());
    }
}

/// The body of a response, which keeps its place until it has ended.
pub(crate) fn receive(incoming: Incoming, ticket: Ticket) -> Body {
    if incoming.is_end_stream() { Body::empty() } else { Body::stream(Counted(IncomingBody(incoming), Some(ticket))) }
}

struct Counted(IncomingBody, Option<Ticket>);

impl Source for Counted {
    fn poll_frame(&mut self, cx: &mut Context<'_>) -> Poll<Option<Result<Frame, BodyError>>> {
        let frame = self.0.poll_frame(cx);
        // Nobody may ask again after the last frame.
        if matches!(frame, Poll::Ready(None | Some(Err(_)))) || self.0.0.is_end_stream() {
            self.1 = None;
        }
        frame
    }

    fn exact_len(&self) -> Option<u64> {
        self.0.exact_len()
    }
}

/// The host's clock, as hyper asks for it.
#[derive(Clone)]
struct HostTimer(Arc<dyn Clock>);

impl Timer for HostTimer {
    fn sleep(&self, duration: Duration) -> Pin<Box<dyn Sleep>> {
        Box::pin(Wait(Mutex::new(self.0.sleep(duration))))
    }

    fn sleep_until(&self, deadline: Instant) -> Pin<Box<dyn Sleep>> {
        self.sleep(deadline.saturating_duration_since(self.now()))
    }
}

/// The lock only says that it may be shared; whoever polls has it to itself.
struct Wait(Mutex<base::Sleep>);

impl Future for Wait {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        self.0.get_mut().unwrap_or_else(PoisonError::into_inner).as_mut().poll(cx)
    }
}

impl Sleep for Wait {}
