//! A connection that client and backend have switched to WebSocket: bytes both ways, as they come.

use std::{
    future::poll_fn,
    rc::Rc,
    task::{Context, Poll, ready},
};

use ::http1::{Encoder, Framed, Framing, RequestHead, header, status_line};
use bytes::BytesMut;
use policy::{
    Body, Method, Status,
    exchange::{BodyError, Frame, Source, Switched, Tunnel, Upgrade, Version},
    record::Ending,
};

use super::{
    LINGER,
    wire::{Talk, Wire},
};
use crate::{
    completion::{Completion, Finished, Traffic},
    worker::Worker,
};

const PROTOCOL: &[u8] = b"websocket";
const SWITCHING: Status = Status::new(101).expect("101 has three digits");

/// How much is read at once.
const BUFFER: usize = 16 * 1024;
/// Bytes that may wait for the client before the backend is asked for more.
const LARGEST_QUEUE: usize = 64 * 1024;

/// What a request asks for, if it is the handshake of a WebSocket (RFC 6455 §4.1).
pub(super) fn asked(wire: &Rc<Wire>, head: &RequestHead, traffic: &Rc<Traffic>) -> Option<Upgrade> {
    let is_handshake = head.method == Method::GET && head.version == Version::Http11 && head.framing == Framing::Empty;
    let protocol = head.upgrade.as_ref().filter(|_| is_handshake)?;
    let named = protocol.as_bytes().trim_ascii().eq_ignore_ascii_case(PROTOCOL);
    let (wire, traffic) = (Rc::clone(wire), Rc::clone(traffic));
    named.then(|| {
        let sent = move || Body::stream(Said { wire: Rc::clone(&wire), traffic: Rc::clone(&traffic) });
        Upgrade::new(protocol.clone(), sent)
    })
}

/// What follows a response, if it is the 101 of a backend. A policy that makes another response of it ends the backend's connection.
pub(super) fn opened(finished: &mut Finished) -> Option<Tunnel> {
    finished.response.tunnel.take().filter(|_| finished.response.status == SWITCHING)
}

/// Tells the client that the protocol is switched, and carries both ways until both are over.
pub(super) async fn serve(worker: &Worker, wire: &Wire, finished: Finished, tunnel: Tunnel) {
    let Finished { response, completion, closes: _ } = finished;
    {
        let mut outbox = wire.outbox.borrow_mut();
        let out = outbox.text();
        status_line(out, SWITCHING, response.reason());
        out.extend_from_slice(b"Connection: Upgrade\r\n");
        header(out, "Upgrade", PROTOCOL);
        Encoder::begin(out, &response.headers, Framed { framing: Framing::UntilClose, keeps_length: false });
        out.extend_from_slice(b"\r\n");
    }
    let traffic = Rc::clone(completion.traffic());
    let mut carried = Carried { wire, traffic, completion, tunnel: tunnel.0, sending: Sending::Open, seen: 0 };
    poll_fn(|cx| carried.poll(cx)).await;
    // Only where the backend has stopped listening may the client still be sending.
    if wire.talk.get() == Talk::On {
        tokio::select! {
            () = wire.drain() => {}
            () = worker.host.clock.sleep(LINGER) => {}
        }
    }
}

struct Carried<'a> {
    wire: &'a Wire,
    traffic: Rc<Traffic>,
    completion: Completion,
    tunnel: Box<dyn Switched>,
    sending: Sending,
    /// Bytes of the client when it was last looked at.
    seen: u64,
}

/// How far the way to the client is.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Sending {
    /// The backend may say more.
    Open,
    /// It has said everything, which the client is to learn.
    Closing,
    /// The client knows.
    Over,
}

impl Carried<'_> {
    fn poll(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        let poll = self.carry(cx);
        match poll {
            Poll::Ready(ending) => {
                self.completion.finish(ending);
                Poll::Ready(())
            }
            Poll::Pending => {
                self.watch_the_half_closed();
                Poll::Pending
            }
        }
    }

    fn carry(&mut self, cx: &mut Context<'_>) -> Poll<Ending> {
        loop {
            let flushed = self.wire.poll_flush(cx);
            if matches!(flushed, Poll::Ready(Err(_))) {
                return Poll::Ready(Ending::ClientAbort);
            }
            match self.sending {
                Sending::Open if self.wire.outbox.borrow().len() > LARGEST_QUEUE => {
                    // A client that does not read may still write.
                    let _ = self.tunnel.poll_carry(cx);
                    return Poll::Pending;
                }
                Sending::Open => match ready!(self.tunnel.poll_receive(cx)) {
                    Some(Ok(bytes)) => {
                        self.completion.sent(bytes.len());
                        self.wire.watch().waits_for_body(false);
                        self.wire.outbox.borrow_mut().push(bytes);
                    }
                    None => self.sending = Sending::Closing,
                    Some(Err(_)) if self.wire.talk.get() == Talk::Broken => return Poll::Ready(Ending::ClientAbort),
                    Some(Err(_)) => return Poll::Ready(Ending::Broken),
                },
                Sending::Closing => {
                    let carried = self.tunnel.poll_carry(cx);
                    ready!(flushed.map(drop));
                    ready!(self.wire.poll_shutdown(cx));
                    self.sending = Sending::Over;
                    ready!(carried);
                    return Poll::Ready(Ending::Complete);
                }
                Sending::Over => return self.tunnel.poll_carry(cx).map(|()| Ending::Complete),
            }
        }
    }

    /// A WebSocket may be silent for as long as it likes. If one side has said everything, and the other one says nothing any more,
    /// the first may be gone altogether: then the patience with a request's body holds.
    fn watch_the_half_closed(&mut self) {
        let watch = self.wire.watch();
        let came = self.traffic.came.get();
        if came != std::mem::replace(&mut self.seen, came) {
            watch.waits_for_body(false);
        }
        watch.waits_for_body(self.sending != Sending::Open || self.wire.talk.get() != Talk::On);
    }
}

/// What the client says in the other protocol.
struct Said {
    wire: Rc<Wire>,
    traffic: Rc<Traffic>,
}

impl Source for Said {
    fn poll_frame(&mut self, cx: &mut Context<'_>) -> Poll<Option<Result<Frame, BodyError>>> {
        if self.wire.talk.get() != Talk::On {
            return Poll::Ready(None);
        }
        if self.wire.came.borrow().is_empty() {
            match self.wire.poll_fill(cx, BUFFER) {
                Poll::Ready(Ok(1..)) => {}
                Poll::Ready(Ok(_)) => {
                    self.wire.talk.set(Talk::Over);
                    return Poll::Ready(None);
                }
                Poll::Ready(Err(error)) => {
                    self.wire.talk.set(Talk::Broken);
                    return Poll::Ready(Some(Err(BodyError::Aborted(error.to_string()))));
                }
                Poll::Pending => {
                    // It may be silent for hours, and holds no buffer then.
                    self.wire.came.replace(BytesMut::new());
                    return Poll::Pending;
                }
            }
        }
        let bytes = self.wire.came.borrow_mut().split().freeze();
        self.traffic.came.set(self.traffic.came.get() + bytes.len() as u64);
        Poll::Ready(Some(Ok(Frame::Data(bytes))))
    }
}
