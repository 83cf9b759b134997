//! WebSockets over HTTP/2 (RFC 8441): a stream opened by an extended CONNECT stands for a connection.
//!
//! To policies and backends the handshake is that of HTTP/1.1: a `GET` with a key, which is ours, since HTTP/2 has none.

use std::{
    cell::{Cell, RefCell},
    future::poll_fn,
    pin::Pin,
    rc::Rc,
    task::{Context, Poll, Waker, ready},
};

use bytes::{Buf as _, Bytes, BytesMut};
use http::Request;
use hyper::{
    body::Incoming,
    ext::Protocol,
    upgrade::{OnUpgrade, Upgraded},
};
use hyper_util::rt::TokioIo;
use policy::{
    Body, HeaderName, HeaderValue, Headers, Response, Status,
    exchange::{BodyError, Frame, Source, Switched, Tunnel, Upgrade},
    record::Ending,
};
use tokio::io::{AsyncWrite as _, ReadHalf, WriteHalf};
use tokio_util::io::poll_read_buf;

use crate::{
    completion::{Completion, Traffic},
    worker::Worker,
};

const PROTOCOL: HeaderValue = HeaderValue::from_static("websocket");
const KEY: HeaderName = HeaderName::from_static("Sec-WebSocket-Key");
/// How much is read at once.
const BUFFER: usize = 16 * 1024;

type Io = TokioIo<Upgraded>;

/// A handshake under way.
pub(super) struct Handshake {
    stream: OnUpgrade,
    said: Rc<Said>,
}

/// What the client says: there once the stream is open.
#[derive(Default)]
struct Said {
    open: RefCell<Option<ReadHalf<Io>>>,
    is_over: Cell<bool>,
    waiting: Cell<Option<Waker>>,
}

/// What a request asks for, if it is the extended CONNECT of a WebSocket.
pub(super) fn asked(request: &mut Request<Incoming>, traffic: &Rc<Traffic>) -> Option<(Handshake, Upgrade)> {
    let protocol = request.extensions().get::<Protocol>()?;
    if request.method() != http::Method::CONNECT || !protocol.as_str().eq_ignore_ascii_case("websocket") {
        return None;
    }
    let stream = hyper::upgrade::on(request);
    let said = Rc::<Said>::default();
    let (source, traffic) = (Rc::clone(&said), Rc::clone(traffic));
    let sent = move || {
        let (said, traffic) = (Rc::clone(&source), Rc::clone(&traffic));
        Body::stream(FromClient { said, came: BytesMut::new(), traffic })
    };
    Some((Handshake { stream, said }, Upgrade::new(PROTOCOL, sent)))
}

/// Gives a handshake the key that a backend of HTTP/1.1 asks for.
pub(super) fn with_key(headers: &mut Headers, worker: &Worker) {
    let mut nonce = [0; 16];
    worker.host.entropy.fill(&mut nonce);
    if let Some(key) = HeaderValue::parse(&crypto::text::base64(&nonce)) {
        headers.set(KEY, key);
    }
}

impl Handshake {
    /// Carries both ways once the answer has opened the stream, and until both are over.
    pub(super) fn carry(self, tunnel: Tunnel, mut completion: Completion) {
        let Self { stream, said } = self;
        tokio::task::spawn_local(async move {
            let Ok(upgraded) = stream.await else { return completion.finish(Ending::ClientAbort) };
            let (read, write) = tokio::io::split(TokioIo::new(upgraded));
            said.open.replace(Some(read));
            if let Some(waiting) = said.waiting.take() {
                waiting.wake();
            }
            let (queue, sending) = (Bytes::new(), Sending::Open);
            let mut carried = Carried { tunnel: tunnel.0, write, queue, sending, completion };
            poll_fn(|cx| carried.poll(cx)).await;
        });
    }
}

/// What follows a response, if it is the 101 of a backend. Over HTTP/2 that is a 200 without the digest of the key.
pub(super) fn opened(response: &mut Response) -> Option<Tunnel> {
    let tunnel = response.tunnel.take().filter(|_| response.status.code() == 101)?;
    response.status = Status::OK;
    response.headers.remove("Sec-WebSocket-Accept");
    Some(tunnel)
}

struct FromClient {
    said: Rc<Said>,
    came: BytesMut,
    traffic: Rc<Traffic>,
}

impl Source for FromClient {
    fn poll_frame(&mut self, cx: &mut Context<'_>) -> Poll<Option<Result<Frame, BodyError>>> {
        if self.said.is_over.get() {
            return Poll::Ready(None);
        }
        let mut open = self.said.open.borrow_mut();
        let Some(stream) = &mut *open else {
            self.said.waiting.set(Some(cx.waker().clone()));
            return Poll::Pending;
        };
        self.came.reserve(BUFFER);
        let read = ready!(poll_read_buf(Pin::new(stream), cx, &mut self.came));
        if let Ok(count @ 1..) = read {
            self.traffic.came.set(self.traffic.came.get() + count as u64);
            return Poll::Ready(Some(Ok(Frame::Data(self.came.split().freeze()))));
        }
        *open = None;
        self.said.is_over.set(true);
        Poll::Ready(read.err().map(|error| Err(BodyError::Aborted(error.to_string()))))
    }
}

struct Carried {
    tunnel: Box<dyn Switched>,
    write: WriteHalf<Io>,
    /// What the client has not taken yet.
    queue: Bytes,
    sending: Sending,
    completion: Completion,
}

/// How far the way to the client is.
enum Sending {
    /// The backend may say more.
    Open,
    /// It has said everything, which the client is to learn.
    Closing,
    /// The client knows.
    Over,
}

impl Carried {
    fn poll(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        let ending = ready!(self.carry(cx));
        self.completion.finish(ending);
        Poll::Ready(())
    }

    fn carry(&mut self, cx: &mut Context<'_>) -> Poll<Ending> {
        loop {
            if !self.queue.is_empty() {
                // A client that does not read may still write.
                let _ = self.tunnel.poll_carry(cx);
                match ready!(Pin::new(&mut self.write).poll_write(cx, &self.queue)) {
                    Ok(count @ 1..) => self.queue.advance(count),
                    _ => return Poll::Ready(Ending::ClientAbort),
                }
                continue;
            }
            match self.sending {
                Sending::Open => match self.tunnel.poll_receive(cx) {
                    Poll::Pending => {
                        if matches!(Pin::new(&mut self.write).poll_flush(cx), Poll::Ready(Err(_))) {
                            return Poll::Ready(Ending::ClientAbort);
                        }
                        return Poll::Pending;
                    }
                    Poll::Ready(Some(Ok(bytes))) => {
                        self.completion.sent(bytes.len());
                        self.queue = bytes;
                    }
                    Poll::Ready(None) => self.sending = Sending::Closing,
                    Poll::Ready(Some(Err(_))) => return Poll::Ready(Ending::Broken),
                },
                Sending::Closing => {
                    let carried = self.tunnel.poll_carry(cx);
                    // An error says that the client has gone already.
                    let _ = ready!(Pin::new(&mut self.write).poll_shutdown(cx));
                    self.sending = Sending::Over;
                    ready!(carried);
                    return Poll::Ready(Ending::Complete);
                }
                Sending::Over => return self.tunnel.poll_carry(cx).map(|()| Ending::Complete),
            }
        }
    }
}
