//! A response on its way out, and the end of its exchange.

use std::{
    future::poll_fn,
    io,
    task::{Context, Poll, ready},
};

use ::http1::{Encoder, Framed, Framing, RequestHead, status_line};
use base::Timestamp;
use policy::{
    Body, Response, Status,
    exchange::{Frame, Version},
    record::Ending,
};

use super::wire::Wire;
use crate::{
    completion::{Completion, Finished},
    worker::Worker,
};

/// What of a request matters for the form of its response.
#[derive(Clone, Copy)]
pub(super) struct Asked {
    is_head: bool,
    version: Version,
    /// Whether the client would send another request.
    pub(super) keep_alive: bool,
}

impl Asked {
    /// For bytes that are no request.
    pub(super) const UNKNOWN: Self = Self { is_head: false, version: Version::Http11, keep_alive: false };

    pub(super) fn of(head: &RequestHead) -> Self {
        Self { is_head: head.method.as_str() == "HEAD", version: head.version, keep_alive: head.keep_alive }
    }
}

/// Sends a response. An error says that the connection is of no more use.
pub(super) async fn send(
    worker: &Worker,
    wire: &Wire,
    finished: Finished,
    asked: &Asked,
    closes: bool,
) -> io::Result<()> {
    let Finished { response, completion, closes: _ } = finished;
    let (encoder, body) = begin(worker, wire, response, asked, closes, completion.date());
    let mut sending = Sending { wire, encoder, body, completion, state: State::Body };
    poll_fn(|cx| sending.poll(cx)).await
}

/// Writes the head, and takes what is left: the body, where one is sent.
fn begin(
    worker: &Worker,
    wire: &Wire,
    response: Response,
    asked: &Asked,
    closes: bool,
    date: Timestamp,
) -> (Encoder, Body) {
    // A policy may set any number; one that is no final status cannot be sent.
    let status = Some(response.status).filter(|status| status.code() >= 200).unwrap_or(Status::INTERNAL_SERVER_ERROR);
    let Response { headers, body, reason, .. } = response;
    let has_no_body = matches!(status.code(), 204 | 304);
    let keeps_length = (asked.is_head || status.code() == 304) && headers.contains("content-length");
    let framing = match body.exact_len() {
        _ if has_no_body || keeps_length => Framing::Empty,
        Some(length) => Framing::Length(length),
        None if asked.is_head => Framing::Empty,
        None if asked.version == Version::Http10 => Framing::UntilClose,
        None => Framing::Chunked,
    };
    let mut outbox = wire.outbox.borrow_mut();
    let out = outbox.text();
    status_line(out, status, reason.as_deref().unwrap_or(status.reason()));
    if closes || framing == Framing::UntilClose {
        out.extend_from_slice(b"Connection: close\r\n");
    } else if asked.version == Version::Http10 {
        out.extend_from_slice(b"Connection: keep-alive\r\n");
    }
    if !headers.contains("date") {
        worker.date.write(out, date);
    }
    let encoder = Encoder::begin(out, &headers, Framed { framing, keeps_length });
    out.extend_from_slice(b"\r\n");
    if asked.is_head || has_no_body { (Encoder::none(), Body::empty()) } else { (encoder, body) }
}

enum State {
    /// The next piece is to be asked for.
    Body,
    /// Everything is queued.
    Last,
}

struct Sending<'a> {
    wire: &'a Wire,
    encoder: Encoder,
    body: Body,
    completion: Completion,
    state: State,
}

impl Sending<'_> {
    fn poll(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let before = self.completion.sent_so_far();
        loop {
            // Stages may be dear: others on this worker have their turn.
            if self.completion.sent_so_far() - before > LONGEST_TURN {
                cx.waker().wake_by_ref();
                return Poll::Pending;
            }
            match self.state {
                State::Last => {
                    ready!(self.wire.poll_flush(cx))?;
                    self.completion.finish(Ending::Complete);
                    return Poll::Ready(Ok(()));
                }
                // What is queued goes out while nothing else is there, and before more is asked for than memory should hold.
                State::Body if self.wire.outbox.borrow().len() > LARGEST_QUEUE => ready!(self.wire.poll_flush(cx))?,
                State::Body => {
                    let Poll::Ready(frame) = self.body.poll_frame(cx) else {
                        // Of a body of known length only its stages may still wait for the end.
                        if self.encoder.is_full() {
                            self.state = State::Last;
                            continue;
                        }
                        ready!(self.wire.poll_flush(cx))?;
                        return if self.wire.has_left(cx) { Poll::Ready(Err(gone())) } else { Poll::Pending };
                    };
                    self.queue(frame).inspect_err(|_| self.completion.finish(Ending::Broken))?;
                }
            }
        }
    }

    fn queue(&mut self, frame: Option<Result<Frame, policy::exchange::BodyError>>) -> io::Result<()> {
        let mut outbox = self.wire.outbox.borrow_mut();
        let outcome = match frame {
            Some(Ok(Frame::Data(bytes))) => {
                self.completion.sent(bytes.len());
                self.encoder.data(&mut outbox, bytes)
            }
            Some(Ok(Frame::Trailers(trailers))) => {
                self.state = State::Last;
                self.encoder.end(&mut outbox, Some(&trailers))
            }
            None => {
                self.state = State::Last;
                self.encoder.end(&mut outbox, None)
            }
            Some(Err(error)) => return Err(io::Error::other(error)),
        };
        outcome.map_err(io::Error::other)
    }
}

/// Bytes that may wait for a client before more of a body is asked for.
const LARGEST_QUEUE: usize = 64 * 1024;

/// Bytes of a body after which others have their turn.
const LONGEST_TURN: u64 = 128 * 1024;

fn gone() -> io::Error {
    io::ErrorKind::ConnectionReset.into()
}
