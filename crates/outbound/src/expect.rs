//! `Expect: 100-continue`: a request's body that waits for the server's word, though not for ever.

use std::{
    cell::Cell,
    rc::Rc,
    sync::Arc,
    task::{Context, Poll},
    time::Duration,
};

use base::{Clock, Sleep};
use policy::exchange::{Body, BodyError, Frame, Source};

/// Whether the body may go. Whoever reads the server's word also asks for the body, so nobody has to be woken.
#[derive(Debug, Default)]
pub(crate) struct Gate(Cell<bool>);

impl Gate {
    /// The server has said `100 Continue`, or was given long enough.
    pub(crate) fn open(&self) {
        self.0.set(true);
    }
}

/// `body`, which begins once the gate is open, or `limit` after it was first asked for.
pub(crate) fn behind(gate: &Rc<Gate>, clock: Arc<dyn Clock>, limit: Duration, body: Body) -> Body {
    Body::stream(Behind { gate: Rc::clone(gate), clock, limit, sleep: None, body })
}

struct Behind {
    gate: Rc<Gate>,
    clock: Arc<dyn Clock>,
    limit: Duration,
    sleep: Option<Sleep>,
    body: Body,
}

impl Source for Behind {
    fn poll_frame(&mut self, cx: &mut Context<'_>) -> Poll<Option<Result<Frame, BodyError>>> {
        if !self.gate.0.get() {
            let sleep = self.sleep.get_or_insert_with(|| self.clock.sleep(self.limit));
            if sleep.as_mut().poll(cx).is_pending() {
                return Poll::Pending;
            }
            self.gate.open();
        }
        self.body.poll_frame(cx)
    }

    fn exact_len(&self) -> Option<u64> {
        self.body.exact_len()
    }
}
