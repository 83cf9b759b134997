//! A connection to a backend on which both sides have agreed to speak another protocol.

use std::{
    pin::Pin,
    task::{Context, Poll, ready},
};

use ::http1::{Encoder, ResponseHead};
use bytes::{Bytes, BytesMut};
use policy::{
    HeaderValue,
    exchange::{Body, BodyError, Switched},
};
use tokio::io::AsyncWrite as _;

use crate::{
    http1::{CallError, Http1},
    pool::Lease,
};

/// How much is read at once.
const BUFFER: usize = 16 * 1024;

/// Whether a 101 switches to what was asked for, which the backend must repeat (RFC 9110 §7.8).
pub(crate) fn switches_to(answer: &ResponseHead, protocol: &HeaderValue) -> bool {
    let named = answer.upgrade.as_ref();
    named.is_some_and(|named| named.as_bytes().trim_ascii().eq_ignore_ascii_case(protocol.as_bytes().trim_ascii()))
}

/// The connection, which ends with this.
pub(crate) struct BackendTunnel {
    lease: Lease,
    carrying: Carrying,
    /// Why the client's side broke off.
    broken: Option<BodyError>,
}

/// How far the way to the backend is.
enum Carrying {
    /// The client may send more.
    Open,
    /// It has said everything, which the backend is to learn.
    Closing,
    /// Nothing more goes this way.
    Over,
}

impl BackendTunnel {
    /// From here on `sent` goes to the backend as it is.
    pub(crate) fn open(mut lease: Lease, sent: Body) -> Self {
        lease.connection.sending = Some((Encoder::raw(), sent));
        Self { lease, carrying: Carrying::Open, broken: None }
    }

    fn connection(&mut self) -> &mut Http1 {
        &mut self.lease.connection
    }
}

impl Switched for BackendTunnel {
    fn poll_receive(&mut self, cx: &mut Context<'_>) -> Poll<Option<Result<Bytes, BodyError>>> {
        let _ = self.poll_carry(cx);
        if let Some(broken) = self.broken.take() {
            return Poll::Ready(Some(Err(broken)));
        }
        let connection = self.connection();
        if connection.came.is_empty() {
            match connection.poll_fill(cx, BUFFER) {
                Poll::Ready(Ok(1..)) => {}
                Poll::Ready(Ok(_)) => return Poll::Ready(None),
                Poll::Ready(Err(error)) => return Poll::Ready(Some(Err(BodyError::Aborted(error.to_string())))),
                Poll::Pending => {
                    // It may be silent for hours, and holds no buffer then.
                    connection.came = BytesMut::new();
                    return Poll::Pending;
                }
            }
        }
        Poll::Ready(Some(Ok(connection.came.split().freeze())))
    }

    fn poll_carry(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        loop {
            match self.carrying {
                Carrying::Open => {
                    self.carrying = match ready!(self.connection().poll_send(cx)) {
                        Ok(()) => Carrying::Closing,
                        Err(CallError::Body(error)) => {
                            self.broken = Some(error);
                            Carrying::Over
                        }
                        // It does not listen any more, but may still say something.
                        Err(_) => Carrying::Over,
                    };
                }
                Carrying::Closing => {
                    // An error says that the backend has gone already.
                    let _ = ready!(Pin::new(&mut self.connection().stream).poll_shutdown(cx));
                    self.carrying = Carrying::Over;
                }
                Carrying::Over => return Poll::Ready(()),
            }
        }
    }
}
