//! Streams and request bodies that tell the connection's [`Watch`] when a client makes them wait.

use std::{
    io::{self, IoSlice},
    pin::Pin,
    rc::Rc,
    task::{Context, Poll},
};

use hyper::body::Incoming;
use outbound::{Stream, wire::IncomingBody};
use policy::exchange::{Body, BodyError, Frame, Source};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

use crate::{completion::Traffic, watch::Watch};

/// A client's stream.
pub(super) struct Watched {
    stream: Stream,
    watch: Rc<Watch>,
}

impl Watched {
    pub(super) fn new(stream: Stream, watch: Rc<Watch>) -> Self {
        Self { stream, watch }
    }

    fn wrote<T>(&self, written: Poll<T>) -> Poll<T> {
        self.watch.waits_to_write(written.is_pending());
        written
    }
}

impl AsyncRead for Watched {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, into: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let before = into.filled().len();
        let read = Pin::new(&mut self.stream).poll_read(cx, into);
        if into.filled().len() > before {
            self.watch.bytes_came();
        }
        read
    }
}

impl AsyncWrite for Watched {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.stream).poll_write(cx, bytes);
        self.wrote(written)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.stream).poll_write_vectored(cx, bytes);
        self.wrote(written)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let flushed = Pin::new(&mut self.stream).poll_flush(cx);
        self.wrote(flushed)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}

/// The body of a request, up to the limit that the operator set.
pub(super) struct RequestBody {
    incoming: IncomingBody,
    watch: Rc<Watch>,
    limit: u64,
    traffic: Rc<Traffic>,
}

impl RequestBody {
    pub(super) fn of(incoming: Incoming, watch: &Rc<Watch>, limit: Option<u64>, traffic: &Rc<Traffic>) -> Body {
        if hyper::body::Body::is_end_stream(&incoming) {
            return Body::empty();
        }
        let (watch, traffic) = (Rc::clone(watch), Rc::clone(traffic));
        Body::stream(Self { incoming: IncomingBody(incoming), watch, limit: limit.unwrap_or(u64::MAX), traffic })
    }
}

impl Source for RequestBody {
    fn poll_frame(&mut self, cx: &mut Context<'_>) -> Poll<Option<Result<Frame, BodyError>>> {
        let frame = self.incoming.poll_frame(cx);
        self.watch.waits_for_body(frame.is_pending());
        if let Poll::Ready(Some(Ok(Frame::Data(bytes)))) = &frame {
            let came = self.traffic.came.get() + bytes.len() as u64;
            self.traffic.came.set(came);
            if came > self.limit {
                self.traffic.too_large.set(true);
                return Poll::Ready(Some(Err(BodyError::TooLarge { limit: self.limit })));
            }
        }
        frame
    }

    fn exact_len(&self) -> Option<u64> {
        self.incoming.exact_len()
    }
}

impl Drop for RequestBody {
    fn drop(&mut self) {
        // Nobody waits for it any more.
        self.watch.waits_for_body(false);
    }
}
