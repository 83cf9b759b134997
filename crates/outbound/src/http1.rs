//! One HTTP/1.1 connection to a backend.
//!
//! It has no task of its own: whoever uses it polls it, so there is no switch and no wake-up between two halves.

use std::{
    fmt,
    future::poll_fn,
    io,
    task::{Context, Poll, ready},
    time::Duration,
};

use ::http1::{Decoder, Encoder, Framing, HeadError, HeadLimits, Outbox, Piece, ResponseHead, Scan};
use bytes::BytesMut;
use policy::exchange::{Body, BodyError, Frame, Source};

use crate::{backends::Permit, expect::Gate, pool::Lease, stream::Stream};

/// The largest head of a response.
const HEAD: HeadLimits = HeadLimits { bytes: 256 * 1024, lines: 256, target: 0 };
/// What a head and a small body fit into.
const BUFFER: usize = 4 * 1024;
/// What is read at once of a response, at most.
const LARGEST_ROOM: usize = 128 * 1024;
/// What most heads need.
const HEAD_ROOM: usize = 1024;
/// Bytes that may wait for the backend before more of a body is asked for.
const LARGEST_QUEUE: usize = 64 * 1024;

/// A connection.
pub(crate) struct Http1 {
    pub(crate) stream: Stream,
    pub(crate) came: BytesMut,
    /// What to read at once of the next response: as much as the last one had, for who asks for large ones asks for more of them.
    room: usize,
    outbox: Outbox,
    /// The body of the request under way.
    pub(crate) sending: Option<(Encoder, Body)>,
    /// Whether another request can follow, as far as is known.
    usable: bool,
    /// Whether nothing of the request under way has left us.
    untouched: bool,
    /// When it was opened, in the worker's coarse time.
    pub(crate) opened: Duration,
    /// When it last became idle.
    pub(crate) idle_since: Duration,
    /// Whether it has served a request before.
    pub(crate) reused: bool,
    /// What lets it be.
    _permit: Permit,
}

/// Why a request has no answer.
#[derive(Debug)]
pub(crate) enum CallError {
    /// The connection broke.
    Io(io::Error),
    /// The server closed it before it answered.
    Closed,
    /// What came is no response.
    Head(HeadError),
    /// The request's body did not come.
    Body(BodyError),
    /// It switches to a protocol that nobody has asked for.
    Switched,
}

impl CallError {
    /// Whether the connection ended before any of the answer came: it may have been closed while the request was on its way.
    pub(crate) fn broke_off(&self) -> bool {
        use io::ErrorKind::{BrokenPipe, ConnectionAborted, ConnectionReset, NotConnected, UnexpectedEof};
        match self {
            Self::Closed => true,
            Self::Io(error) => {
                matches!(error.kind(), BrokenPipe | ConnectionAborted | ConnectionReset | NotConnected | UnexpectedEof)
            }
            Self::Head(_) | Self::Body(_) | Self::Switched => false,
        }
    }
}

impl fmt::Display for CallError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Io(error) => write!(f, "broke the connection: {error}"),
            Self::Closed => f.write_str("closed the connection before it answered"),
            Self::Head(error) => write!(f, "answered with something that is not HTTP: {error}"),
            Self::Body(error) => write!(f, "was not sent the whole request: {error}"),
            Self::Switched => f.write_str("switched to a protocol that it was not asked for"),
        }
    }
}

impl Http1 {
    pub(crate) fn new(stream: Stream, permit: Permit, now: Duration) -> Self {
        Self {
            stream,
            came: BytesMut::new(),
            room: BUFFER,
            outbox: Outbox::default(),
            sending: None,
            usable: true,
            untouched: true,
            opened: now,
            idle_since: now,
            reused: false,
            _permit: permit,
        }
    }

    /// Whether another request may be sent, as far as this side knows. A server that says something unasked has gone mad or away.
    pub(crate) fn is_idle(&mut self, cx: &mut Context<'_>) -> bool {
        self.usable && self.sending.is_none() && self.came.is_empty() && self.poll_fill(cx, BUFFER).is_pending()
    }

    /// Sends a request: what `write` puts down is its head, without the lines that frame the body.
    /// Waits for the head of the final response; `asked` is opened when the server asks for the body.
    pub(crate) async fn send(
        &mut self,
        write: impl FnOnce(&mut Vec<u8>, Framing) -> Encoder,
        body: Body,
        is_head: bool,
        asked: Option<&Gate>,
    ) -> Result<ResponseHead, CallError> {
        // Whatever goes wrong, and also if the caller gives up: the connection is in the middle of something.
        self.usable = false;
        self.untouched = true;
        let framing = match body.exact_len() {
            Some(0) => Framing::Empty,
            Some(length) => Framing::Length(length),
            None => Framing::Chunked,
        };
        let encoder = write(self.outbox.text(), framing);
        self.sending = (framing != Framing::Empty).then_some((encoder, body));
        let mut scan = Scan::default();
        loop {
            let head = poll_fn(|cx| self.poll_head(cx, &mut scan, is_head)).await?;
            // 100 Continue and 103 Early Hints announce the answer that counts.
            if head.status.code() >= 200 || head.status.code() == 101 {
                self.usable = head.keep_alive && head.status.code() != 101;
                return Ok(head);
            }
            if let Some(gate) = asked.filter(|_| head.status.code() == 100) {
                gate.open();
            }
        }
    }

    fn poll_head(
        &mut self,
        cx: &mut Context<'_>,
        scan: &mut Scan,
        is_head: bool,
    ) -> Poll<Result<ResponseHead, CallError>> {
        let sent = self.poll_send(cx);
        loop {
            if !self.came.is_empty() {
                let head = ResponseHead::take(&mut self.came, scan, &HEAD, is_head).map_err(CallError::Head)?;
                if let Some(head) = head {
                    return Poll::Ready(Ok(head));
                }
            }
            match self.poll_fill(cx, self.room) {
                Poll::Ready(Ok(1..)) => {}
                // A server may answer and close before it has read everything: its answer counts, the broken pipe does not.
                Poll::Ready(end) => {
                    return Poll::Ready(Err(match (sent, end) {
                        (Poll::Ready(Err(error)), _) => error,
                        (_, Err(error)) => CallError::Io(error),
                        (_, Ok(_)) => CallError::Closed,
                    }));
                }
                Poll::Pending => {
                    return match sent {
                        // The client's body will not come, so nothing else will either.
                        Poll::Ready(Err(error @ CallError::Body(_))) => Poll::Ready(Err(error)),
                        _ => Poll::Pending,
                    };
                }
            }
        }
    }

    /// Whether nothing of the last request has left us.
    pub(crate) fn is_untouched(&self) -> bool {
        self.untouched
    }

    /// Writes what there is of the request.
    pub(crate) fn poll_send(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), CallError>> {
        while let Some((encoder, body)) = &mut self.sending {
            if self.outbox.len() > LARGEST_QUEUE {
                ready!(self.poll_flush(cx)).map_err(CallError::Io)?;
                continue;
            }
            let wrong = |why: &str| CallError::Body(BodyError::Aborted(why.to_owned()));
            match body.poll_frame(cx) {
                Poll::Pending => {
                    ready!(self.poll_flush(cx)).map_err(CallError::Io)?;
                    return Poll::Pending;
                }
                Poll::Ready(Some(Ok(Frame::Data(bytes)))) => encoder.data(&mut self.outbox, bytes).map_err(wrong)?,
                Poll::Ready(Some(Ok(Frame::Trailers(trailers)))) => {
                    encoder.end(&mut self.outbox, Some(&trailers)).map_err(wrong)?;
                    self.sending = None;
                }
                Poll::Ready(None) => {
                    encoder.end(&mut self.outbox, None).map_err(wrong)?;
                    self.sending = None;
                }
                Poll::Ready(Some(Err(error))) => return Poll::Ready(Err(CallError::Body(error))),
            }
        }
        self.poll_flush(cx).map_err(CallError::Io)
    }

    fn poll_flush(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let before = self.outbox.len();
        let flushed = self.stream.poll_send(cx, &mut self.outbox);
        self.untouched &= self.outbox.len() == before;
        flushed
    }

    pub(crate) fn poll_fill(&mut self, cx: &mut Context<'_>, room: usize) -> Poll<io::Result<usize>> {
        self.stream.poll_take(cx, &mut self.came, room)
    }

    /// Idle connections hold no buffer.
    pub(crate) fn rest(&mut self) {
        self.came = BytesMut::new();
    }
}

/// Takes the body of a response. One that has arrived with its head is taken whole, and the connection is free at once.
pub(crate) async fn receive(mut lease: Lease, framing: Framing) -> Body {
    lease.connection.expect(framing);
    let came = &mut lease.connection.came;
    let whole = match framing {
        Framing::Empty => Body::empty(),
        Framing::Length(length) if length <= came.len() as u64 => Body::full(came.split_to(length as usize).freeze()),
        _ => return Body::stream(Http1Body { decoder: Decoder::new(framing), lease: Some(lease) }),
    };
    poll_fn(|cx| {
        lease.connection.settle(cx);
        Poll::Ready(())
    })
    .await;
    lease.release();
    whole
}

impl Http1 {
    /// Notes how much of a response there is, for the next one.
    fn expect(&mut self, framing: Framing) {
        self.room = match framing {
            Framing::Length(length) => {
                usize::try_from(length).map_or(LARGEST_ROOM, |length| length.saturating_add(HEAD_ROOM))
            }
            Framing::Empty | Framing::Chunked | Framing::UntilClose => BUFFER,
        }
        .clamp(BUFFER, LARGEST_ROOM);
    }

    /// The response is over: the connection can only be used again if the request is over, too.
    fn settle(&mut self, cx: &mut Context<'_>) {
        self.usable &= self.came.is_empty() && matches!(self.poll_send(cx), Poll::Ready(Ok(())));
    }

    /// Whether it can be kept.
    pub(crate) fn is_usable(&self) -> bool {
        self.usable
    }
}

/// The body of a response, which holds the connection until its end.
struct Http1Body {
    decoder: Decoder,
    lease: Option<Lease>,
}

impl Http1Body {
    /// Gives the connection back if it can serve again; else it is closed.
    fn release(&mut self, cx: &mut Context<'_>) {
        if let Some(mut lease) = self.lease.take() {
            lease.connection.settle(cx);
            lease.release();
        }
    }

    fn fail(&mut self, why: impl Into<String>) -> Poll<Option<Result<Frame, BodyError>>> {
        self.lease = None;
        Poll::Ready(Some(Err(BodyError::Aborted(why.into()))))
    }
}

impl Source for Http1Body {
    fn poll_frame(&mut self, cx: &mut Context<'_>) -> Poll<Option<Result<Frame, BodyError>>> {
        loop {
            let Some(lease) = &mut self.lease else { return Poll::Ready(None) };
            let connection = &mut lease.connection;
            match self.decoder.next(&mut connection.came) {
                Ok(Some(Piece::Data(bytes))) => {
                    // Nobody may ask again after the last byte of a known length.
                    if self.decoder.is_done() {
                        self.release(cx);
                    }
                    return Poll::Ready(Some(Ok(Frame::Data(bytes))));
                }
                Ok(Some(Piece::Trailers(trailers))) => {
                    self.release(cx);
                    return Poll::Ready(Some(Ok(Frame::Trailers(trailers))));
                }
                Ok(Some(Piece::End)) => {
                    self.release(cx);
                    return Poll::Ready(None);
                }
                Ok(None) => {}
                Err(why) => return self.fail(why),
            }
            // The request may still be under way; that it fails shows in the response, if at all.
            if connection.sending.is_some() || !connection.outbox.is_empty() {
                let _ = connection.poll_send(cx);
            }
            match connection.poll_fill(cx, self.decoder.wants()) {
                Poll::Pending => return Poll::Pending,
                Poll::Ready(Ok(1..)) => {}
                Poll::Ready(Ok(_)) if self.decoder.close() => {}
                Poll::Ready(Ok(_)) => return self.fail("the backend closed the connection"),
                Poll::Ready(Err(error)) => return self.fail(error.to_string()),
            }
        }
    }

    fn exact_len(&self) -> Option<u64> {
        self.decoder.left()
    }
}
