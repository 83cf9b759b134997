//! One HTTP/1.1 connection to a backend.
//!
//! hyper splits a client connection into a handle and a driver that is meant to be a task of its own. Here the driver travels with
//! the exchange that uses the connection and is polled by it: no task switch and no wake-up between the two halves.

use std::{
    future::poll_fn,
    pin::{Pin, pin},
    task::{Context, Poll},
    time::Duration,
};

use http::{Request, Response};
use hyper::{
    body::{Body as _, Incoming},
    client::conn::{TrySendError, http1},
};
use hyper_util::rt::TokioIo;
use policy::exchange::{Body, BodyError, Frame, Source};

use crate::{pool::Lease, stream::Stream, wire::WireBody};

/// The largest head of a response. hyper refuses more.
const LARGEST_HEAD: usize = 256 * 1024;

pub(crate) struct Http1 {
    sender: http1::SendRequest<WireBody>,
    driver: http1::Connection<TokioIo<Stream>, WireBody>,
    over: bool,
    /// When it was opened, in the worker's coarse time.
    pub(crate) opened: Duration,
    /// When it last became idle.
    pub(crate) idle_since: Duration,
    /// Whether it has served a request before.
    pub(crate) reused: bool,
}

impl Http1 {
    pub(crate) async fn handshake(stream: Stream, now: Duration) -> Result<Self, hyper::Error> {
        let mut builder = http1::Builder::new();
        builder.max_buf_size(LARGEST_HEAD).max_headers(256);
        let (sender, driver) = builder.handshake(TokioIo::new(stream)).await?;
        Ok(Self { sender, driver, over: false, opened: now, idle_since: now, reused: false })
    }

    /// Moves bytes in both directions.
    fn drive(&mut self, cx: &mut Context<'_>) {
        // An error reaches whoever waits for the response or its body.
        if !self.over && Pin::new(&mut self.driver).poll(cx).is_ready() {
            self.over = true;
        }
    }

    /// Whether another request may be sent, as far as this side knows.
    pub(crate) fn is_idle(&mut self, cx: &mut Context<'_>) -> bool {
        self.drive(cx);
        !self.over && self.sender.is_ready()
    }

    /// Sends a request and reads the head of its response.
    pub(crate) async fn send(
        &mut self,
        request: Request<WireBody>,
    ) -> Result<Response<Incoming>, TrySendError<Request<WireBody>>> {
        let mut response = pin!(self.sender.try_send_request(request));
        poll_fn(|cx| {
            if !self.over && Pin::new(&mut self.driver).poll(cx).is_ready() {
                self.over = true;
            }
            response.as_mut().poll(cx)
        })
        .await
    }
}

/// The body of a response, which holds the connection until its end.
pub(crate) struct Http1Body {
    lease: Option<Lease>,
    incoming: Incoming,
}

impl Http1Body {
    /// Takes the body. One that has arrived with its head is taken whole, and the connection is free at once.
    pub(crate) async fn receive(lease: Lease, incoming: Incoming) -> Body {
        let mut body = Self { lease: Some(lease), incoming };
        let first = poll_fn(|cx| Poll::Ready(body.receive_now(cx))).await;
        match (first, body.lease.is_some()) {
            (None, true) => Body::stream(body),
            (None, false) => Body::empty(),
            (Some(Ok(Frame::Data(whole))), false) => Body::full(whole),
            (first, _) => Body::stream(Begun { first, rest: body }),
        }
    }

    fn receive_now(&mut self, cx: &mut Context<'_>) -> Option<Result<Frame, BodyError>> {
        if self.incoming.is_end_stream() {
            self.release(cx);
            return None;
        }
        // Without a length there may be trailers or nothing for long: let whoever sends it on wait for it.
        self.incoming.size_hint().exact()?;
        match self.poll_frame(cx) {
            Poll::Ready(first) => first,
            Poll::Pending => None,
        }
    }

    /// Gives the connection back if it can serve again; else it is closed.
    fn release(&mut self, cx: &mut Context<'_>) {
        if let Some(lease) = self.lease.take() {
            lease.release(cx);
        }
    }
}

impl Source for Http1Body {
    fn poll_frame(&mut self, cx: &mut Context<'_>) -> Poll<Option<Result<Frame, BodyError>>> {
        let mut frame = Pin::new(&mut self.incoming).poll_frame(cx);
        if frame.is_pending()
            && let Some(lease) = &mut self.lease
        {
            lease.connection.drive(cx);
            frame = Pin::new(&mut self.incoming).poll_frame(cx);
        }
        match frame {
            Poll::Pending => Poll::Pending,
            Poll::Ready(None) => {
                self.release(cx);
                Poll::Ready(None)
            }
            Poll::Ready(Some(frame)) => {
                let frame = crate::wire::frame_from(frame);
                // Nobody asks again after trailers, or after the last byte of a known length.
                if matches!(frame, Ok(Frame::Trailers(_))) || self.incoming.is_end_stream() {
                    self.release(cx);
                }
                Poll::Ready(Some(frame))
            }
        }
    }

    fn exact_len(&self) -> Option<u64> {
        self.incoming.size_hint().exact()
    }
}

/// A body whose first piece was read with the head.
struct Begun {
    first: Option<Result<Frame, BodyError>>,
    rest: Http1Body,
}

impl Source for Begun {
    fn poll_frame(&mut self, cx: &mut Context<'_>) -> Poll<Option<Result<Frame, BodyError>>> {
        match self.first.take() {
            Some(first) => Poll::Ready(Some(first)),
            None => self.rest.poll_frame(cx),
        }
    }

    fn exact_len(&self) -> Option<u64> {
        let first = match &self.first {
            Some(Ok(Frame::Data(bytes))) => bytes.len() as u64,
            _ => 0,
        };
        self.rest.exact_len().map(|rest| rest + first)
    }
}
