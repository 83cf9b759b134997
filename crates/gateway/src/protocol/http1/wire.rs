//! The bytes of a connection, shared by its loop and by the body of the request that is under way.

use std::{
    cell::{Cell, RefCell},
    future::poll_fn,
    io,
    pin::Pin,
    rc::Rc,
    task::{Context, Poll, ready},
    time::Duration,
};

use ::http1::{Decoder, Framing, HeadLimits, Outbox, Piece, RequestHead, Scan};
use bytes::BytesMut;
use outbound::Stream;
use socket2::SockRef;
use tokio::io::AsyncWrite as _;

use super::Next;
use crate::watch::{Order, Watch};

/// What a head and a small body fit into.
const BUFFER: usize = 4 * 1024;
/// What is read at once of a request, at most.
const LARGEST_ROOM: usize = 64 * 1024;
/// What most heads need.
const HEAD_ROOM: usize = 1024;
/// So much of a body that nobody wants is read to keep the connection.
const DISCARDED: u64 = 64 * 1024;

/// How far the client is with what it says in another protocol than HTTP.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Talk {
    /// It may say more.
    #[default]
    On,
    /// It has said everything.
    Over,
    /// It has gone.
    Broken,
}

/// A connection.
pub(super) struct Wire {
    stream: RefCell<Stream>,
    /// What came and was not taken yet.
    pub(super) came: RefCell<BytesMut>,
    /// What is to be sent.
    pub(super) outbox: RefCell<Outbox>,
    /// The body of the request under way.
    pub(super) body: RefCell<Option<Decoder>>,
    /// Whether the client waits for `100 Continue`.
    pub(super) awaits_continue: Cell<bool>,
    /// Where the client is in another protocol.
    pub(super) talk: Cell<Talk>,
    /// What to read at once of the next request: as much as the last one had.
    room: Cell<usize>,
    scan: Cell<Scan>,
    watch: Rc<Watch>,
}

impl Wire {
    pub(super) fn new(stream: Stream, watch: Rc<Watch>) -> Rc<Self> {
        Rc::new(Self {
            stream: RefCell::new(stream),
            came: RefCell::default(),
            outbox: RefCell::default(),
            body: RefCell::default(),
            awaits_continue: Cell::new(false),
            talk: Cell::default(),
            room: Cell::new(BUFFER),
            scan: Cell::default(),
            watch,
        })
    }

    pub(super) fn watch(&self) -> &Rc<Watch> {
        &self.watch
    }

    /// Waits for the next request.
    pub(super) fn poll_head(&self, cx: &mut Context<'_>, limits: &HeadLimits) -> Poll<Next> {
        loop {
            if !self.came.borrow().is_empty() {
                // What came behind the last request is a part of this one.
                self.watch.bytes_came();
                let mut scan = self.scan.get();
                let head = RequestHead::take(&mut self.came.borrow_mut(), &mut scan, limits);
                self.scan.set(scan);
                match head {
                    Ok(Some(head)) => return Poll::Ready(Next::Request(Box::new(head))),
                    Ok(None) => {}
                    Err(error) => return Poll::Ready(Next::Refused(error)),
                }
            } else if self.watch.order() == Order::Drain && self.watch.is_idle() {
                return Poll::Ready(Next::Over);
            }
            match self.poll_fill(cx, self.room.get()) {
                Poll::Ready(Ok(1..)) => {}
                Poll::Ready(_) => return Poll::Ready(Next::Over),
                Poll::Pending => {
                    let mut came = self.came.borrow_mut();
                    // Thousands of connections may wait for long: they hold no buffer.
                    if came.is_empty() {
                        *came = BytesMut::new();
                    }
                    return Poll::Pending;
                }
            }
        }
    }

    /// Notes how much of a request there is, for the next one.
    pub(super) fn expect(&self, framing: Framing) {
        let length = match framing {
            Framing::Length(length) => usize::try_from(length).unwrap_or(LARGEST_ROOM),
            Framing::Empty | Framing::Chunked | Framing::UntilClose => 0,
        };
        self.room.set(length.saturating_add(HEAD_ROOM).clamp(BUFFER, LARGEST_ROOM));
    }

    /// Reads what is there; 0 says that the client has closed its side.
    pub(super) fn poll_fill(&self, cx: &mut Context<'_>, room: usize) -> Poll<io::Result<usize>> {
        let count = ready!(self.stream.borrow_mut().poll_take(cx, &mut self.came.borrow_mut(), room))?;
        self.watch.bytes_came();
        Poll::Ready(Ok(count))
    }

    /// Writes what is queued.
    pub(super) fn poll_flush(&self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let flushed = self.stream.borrow_mut().poll_send(cx, &mut self.outbox.borrow_mut());
        self.watch.waits_to_write(flushed.is_pending());
        flushed
    }

    /// Whether the client has gone while its request is under way. Bytes of its next request wait in the kernel.
    pub(super) fn has_left(&self, cx: &mut Context<'_>) -> bool {
        let reads = self.body.borrow().as_ref().is_some_and(|body| !body.is_done());
        if reads || !self.came.borrow().is_empty() {
            return false;
        }
        match self.poll_fill(cx, BUFFER) {
            Poll::Pending | Poll::Ready(Ok(1..)) => false,
            Poll::Ready(_) => true,
        }
    }

    /// Drops what is left of the last request's body, if that is quickly done; says whether another request can follow.
    pub(super) async fn discard_body(&self) -> bool {
        let Some(mut body) = self.body.take() else { return true };
        let mut discarded = 0;
        loop {
            let piece = body.next(&mut self.came.borrow_mut());
            match piece {
                Ok(Some(Piece::Data(bytes))) => discarded += bytes.len() as u64,
                Ok(Some(Piece::Trailers(_) | Piece::End)) => return true,
                // A client that was not told to continue may do so or not: nobody can tell its body from its next request.
                Ok(None) if self.awaits_continue.get() || discarded + body.left().unwrap_or(0) > DISCARDED => break,
                Ok(None) => {
                    self.watch.waits_for_body(true);
                    let count = poll_fn(|cx| self.poll_fill(cx, body.wants())).await;
                    self.watch.waits_for_body(false);
                    if !matches!(count, Ok(1..)) {
                        return false;
                    }
                }
                Err(_) => break,
            }
        }
        self.body.replace(Some(body));
        false
    }

    /// Ends our side, once everything is sent.
    pub(super) async fn shutdown(&self) {
        poll_fn(|cx| self.poll_shutdown(cx)).await;
    }

    pub(super) fn poll_shutdown(&self, cx: &mut Context<'_>) -> Poll<()> {
        // An error says that the client has gone already.
        Pin::new(&mut *self.stream.borrow_mut()).poll_shutdown(cx).map(drop)
    }

    /// Makes the kernel forget what a client does not take; it would hold it for minutes more.
    pub(super) fn reset(&self) {
        let stream = self.stream.borrow();
        let tcp = match &*stream {
            Stream::Plain(tcp) => tcp,
            Stream::Tls(tls) => tls.get_ref().0,
        };
        // A socket that refuses is closed in the usual way.
        let _ = SockRef::from(tcp).set_linger(Some(Duration::ZERO));
    }

    /// Whether nothing of a request is left that the client may still be sending.
    pub(super) fn is_quiet(&self) -> bool {
        self.body.borrow().as_ref().is_none_or(Decoder::is_done) && self.came.borrow().is_empty()
    }

    /// Reads until the client has closed its side.
    pub(super) async fn drain(&self) {
        loop {
            self.came.borrow_mut().clear();
            if !matches!(poll_fn(|cx| self.poll_fill(cx, BUFFER)).await, Ok(1..)) {
                return;
            }
        }
    }
}
