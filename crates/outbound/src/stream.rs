//! A byte stream to a client or a backend, with or without TLS.

use std::{
    cell::RefCell,
    io::{self, IoSlice},
    pin::Pin,
    task::{Context, Poll, ready},
};

use bytes::BytesMut;
use http1::Outbox;
use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    net::TcpStream,
};
use tokio_rustls::TlsStream;
use tokio_util::io::poll_read_buf;

/// What nearly all heads and small bodies fit into. What is larger is read where it stays, for a copy would cost more than memory.
const DESK: usize = 4 * 1024;

thread_local! {
    /// Where small reads of this worker arrive. It stays in the processor's cache, as a buffer for each message would not, and what
    /// is kept of a read takes no more memory than it has bytes.
    static DESK_OF_WORKER: RefCell<Box<[u8]>> = RefCell::new(vec![0; DESK].into());
}

/// One connection's bytes.
#[derive(Debug)]
pub enum Stream {
    /// TCP as it is.
    Plain(TcpStream),
    /// TLS over TCP, either end of it.
    Tls(Box<TlsStream<TcpStream>>),
}

impl Stream {
    /// Whether both sides agreed on HTTP/2.
    pub fn is_http2(&self) -> bool {
        match self {
            Self::Plain(_) => false,
            Self::Tls(stream) => stream.get_ref().1.alpn_protocol() == Some(b"h2"),
        }
    }
}

impl Stream {
    /// Reads what is there, up to `room` bytes or a little more, behind what `into` holds; 0 says that the other side has closed.
    pub fn poll_take(&mut self, cx: &mut Context<'_>, into: &mut BytesMut, room: usize) -> Poll<io::Result<usize>> {
        if room > DESK {
            // Nothing is reserved for a connection that has nothing to say.
            if let Self::Plain(tcp) = self {
                ready!(tcp.poll_read_ready(cx))?;
            }
            into.reserve(room);
            return poll_read_buf(Pin::new(self), cx, into);
        }
        DESK_OF_WORKER.with_borrow_mut(|desk| {
            let mut desk = ReadBuf::new(desk);
            ready!(Pin::new(self).poll_read(cx, &mut desk))?;
            into.extend_from_slice(desk.filled());
            Poll::Ready(Ok(desk.filled().len()))
        })
    }

    /// Writes everything that is queued.
    pub fn poll_send(&mut self, cx: &mut Context<'_>, outbox: &mut Outbox) -> Poll<io::Result<()>> {
        if outbox.is_empty() {
            return Poll::Ready(Ok(()));
        }
        while !outbox.is_empty() {
            let stream = Pin::new(&mut *self);
            let count = match outbox.front() {
                Some(run) => ready!(stream.poll_write(cx, run))?,
                None => ready!(stream.poll_write_vectored(cx, &outbox.slices()))?,
            };
            if count == 0 {
                return Poll::Ready(Err(io::ErrorKind::WriteZero.into()));
            }
            outbox.wrote(count);
        }
        outbox.shrink();
        Pin::new(self).poll_flush(cx)
    }
}

impl AsyncRead for Stream {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, into: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        match &mut *self {
            Self::Plain(stream) => Pin::new(stream).poll_read(cx, into),
            Self::Tls(stream) => Pin::new(stream).poll_read(cx, into),
        }
    }
}

impl AsyncWrite for Stream {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        match &mut *self {
            Self::Plain(stream) => Pin::new(stream).poll_write(cx, bytes),
            Self::Tls(stream) => Pin::new(stream).poll_write(cx, bytes),
        }
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        match &mut *self {
            Self::Plain(stream) => Pin::new(stream).poll_write_vectored(cx, bytes),
            Self::Tls(stream) => Pin::new(stream).poll_write_vectored(cx, bytes),
        }
    }

    fn is_write_vectored(&self) -> bool {
        match self {
            Self::Plain(stream) => stream.is_write_vectored(),
            Self::Tls(stream) => stream.is_write_vectored(),
        }
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        match &mut *self {
            Self::Plain(stream) => Pin::new(stream).poll_flush(cx),
            Self::Tls(stream) => Pin::new(stream).poll_flush(cx),
        }
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        match &mut *self {
            Self::Plain(stream) => Pin::new(stream).poll_shutdown(cx),
            Self::Tls(stream) => Pin::new(stream).poll_shutdown(cx),
        }
    }
}
