//! The body of a request, read from its connection when it is asked for.

use std::{
    rc::Rc,
    task::{Context, Poll},
};

use ::http1::Piece;
use policy::exchange::{BodyError, Frame, Source};

use super::wire::Wire;
use crate::completion::Traffic;

/// A body that is still to come, up to the limit that the operator set.
pub(super) struct RequestBody {
    wire: Rc<Wire>,
    limit: u64,
    traffic: Rc<Traffic>,
    failed: bool,
}

impl RequestBody {
    pub(super) fn new(wire: &Rc<Wire>, limit: Option<u64>, traffic: &Rc<Traffic>) -> Self {
        Self { wire: Rc::clone(wire), limit: limit.unwrap_or(u64::MAX), traffic: Rc::clone(traffic), failed: false }
    }

    fn poll_piece(&self, cx: &mut Context<'_>) -> Poll<Result<Piece, BodyError>> {
        let broken = |why: &str| Poll::Ready(Err(BodyError::Aborted(why.to_owned())));
        loop {
            let mut body = self.wire.body.borrow_mut();
            let Some(decoder) = body.as_mut() else { return Poll::Ready(Ok(Piece::End)) };
            let piece = decoder.next(&mut self.wire.came.borrow_mut());
            match piece {
                Ok(Some(piece)) => {
                    self.wire.watch().waits_for_body(false);
                    return Poll::Ready(Ok(piece));
                }
                Ok(None) => {}
                Err(why) => return broken(why),
            }
            let wants = decoder.wants();
            drop(body);
            if self.wire.awaits_continue.take() {
                self.wire.outbox.borrow_mut().text().extend_from_slice(b"HTTP/1.1 100 Continue\r\n\r\n");
            }
            // What the kernel does not take at once goes out before the response.
            let _ = self.wire.poll_flush(cx).map_err(aborted)?;
            match self.wire.poll_fill(cx, wants).map_err(aborted)? {
                Poll::Ready(0) => return broken("the client closed the connection"),
                Poll::Ready(_) => {}
                Poll::Pending => {
                    self.wire.watch().waits_for_body(true);
                    return Poll::Pending;
                }
            }
        }
    }
}

fn aborted(error: std::io::Error) -> BodyError {
    BodyError::Aborted(error.to_string())
}

impl Source for RequestBody {
    fn poll_frame(&mut self, cx: &mut Context<'_>) -> Poll<Option<Result<Frame, BodyError>>> {
        if self.failed {
            return Poll::Ready(None);
        }
        let piece = std::task::ready!(self.poll_piece(cx));
        let frame = match piece {
            Ok(Piece::End) => return Poll::Ready(None),
            Ok(Piece::Trailers(headers)) => Ok(Frame::Trailers(headers)),
            Ok(Piece::Data(bytes)) => {
                let came = self.traffic.came.get() + bytes.len() as u64;
                self.traffic.came.set(came);
                if came > self.limit {
                    self.traffic.too_large.set(true);
                    Err(BodyError::TooLarge { limit: self.limit })
                } else {
                    Ok(Frame::Data(bytes))
                }
            }
            Err(error) => Err(error),
        };
        self.failed = frame.is_err();
        Poll::Ready(Some(frame))
    }

    fn exact_len(&self) -> Option<u64> {
        self.wire.body.borrow().as_ref().and_then(|body| body.left())
    }
}

impl Drop for RequestBody {
    fn drop(&mut self) {
        // Nobody waits for it any more.
        self.wire.watch().waits_for_body(false);
    }
}
