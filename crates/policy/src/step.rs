//! Steps, and blocks of them: what a policy document compiles to.

use std::{future::Future, pin::Pin, sync::Arc};

use crate::{Exchange, Fault, Place, Seat};

/// What happens after a step.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Flow {
    /// The next step.
    Continue,
    /// The response stands as it is: nothing else runs.
    Respond,
}

/// A future that stays on its worker.
pub type LocalFuture<'a, T> = Pin<Box<dyn Future<Output = T> + 'a>>;

/// A step that never waits.
///
/// It must evaluate all that it needs before its first change: a body that is not in memory, or work that takes longer than
/// a worker may, ends the first run with an unfinished fault ([`Fault::is_unfinished`]), and the step runs again.
pub trait Policy: Send + Sync + 'static {
    /// Does it.
    fn run(&self, exchange: &mut Exchange) -> Result<Flow, Fault>;

    /// Answers a CORS preflight, or `GET /crossdomain.xml`, before anything else happens to it, credentials included. `None`:
    /// not its business.
    fn preflight(&self, _exchange: &mut Exchange) -> Option<Result<Flow, Fault>> {
        None
    }
}

/// A step that may wait.
pub trait LaterPolicy: Send + Sync + 'static {
    /// Does it. The same rule as for [`Policy::run`].
    fn run<'a>(&'a self, exchange: &'a mut Exchange) -> LocalFuture<'a, Result<Flow, Fault>>;

    /// Does it while others work on the same exchange (`wait`). A policy that waits for somebody else leaves the exchange
    /// to them meanwhile; one that does not say how keeps it to its end.
    fn run_beside<'a>(&'a self, seat: &'a Seat<'_, '_>) -> LocalFuture<'a, Result<Flow, Fault>> {
        Box::pin(async move { self.run(&mut *seat.hold().await).await })
    }

    /// As [`Policy::preflight`]: for policies that hold others.
    fn preflight(&self, _exchange: &mut Exchange) -> Option<Result<Flow, Fault>> {
        None
    }
}

/// A compiled policy.
pub enum Step {
    /// Runs without a future.
    Now(Box<dyn Policy>),
    /// Costs a future.
    Later(Box<dyn LaterPolicy>),
}

impl Step {
    /// A step that never waits.
    pub fn now(policy: impl Policy) -> Self {
        Self::Now(Box::new(policy))
    }

    /// A step that may wait.
    pub fn later(policy: impl LaterPolicy) -> Self {
        Self::Later(Box::new(policy))
    }
}

/// A step with its place.
pub struct Placed {
    /// What runs.
    pub step: Step,
    /// Where it stands.
    pub place: Arc<Place>,
    /// Whether one of its expressions reads a message body, or may take long: then it may have to wait.
    pub reads_body: bool,
}

/// Steps that run one after the other.
#[derive(Default)]
pub struct Block {
    steps: Box<[Placed]>,
    waits: bool,
}

impl Block {
    /// Puts steps in a row.
    pub fn new(steps: Vec<Placed>) -> Self {
        let waits = steps.iter().any(|placed| placed.reads_body || matches!(placed.step, Step::Later(_)));
        Self { steps: steps.into(), waits }
    }

    /// Whether a step may wait: then [`Block::run`] is the way to run it.
    pub fn waits(&self) -> bool {
        self.waits
    }

    /// Whether there is nothing to do.
    pub fn is_empty(&self) -> bool {
        self.steps.is_empty()
    }

    /// The steps in order.
    pub fn steps(&self) -> &[Placed] {
        &self.steps
    }

    /// Asks the steps, in order, for the answer to a CORS preflight; the first that responds ends it.
    pub fn preflight(&self, exchange: &mut Exchange) -> Option<Result<Flow, Fault>> {
        let mut seen = None;
        for placed in &self.steps {
            placed.begin(exchange);
            let answer = match &placed.step {
                Step::Now(policy) => policy.preflight(exchange),
                Step::Later(policy) => policy.preflight(exchange),
            };
            match answer {
                None => exchange.trace_skip(&placed.place),
                Some(Ok(Flow::Continue)) => {
                    seen = Some(Ok(Flow::Continue));
                    exchange.trace_skip(&placed.place);
                }
                Some(outcome) => return Some(placed.finish(exchange, outcome)),
            }
        }
        seen
    }

    /// Runs a block that never waits.
    pub fn run_now(&self, exchange: &mut Exchange) -> Result<Flow, Fault> {
        for placed in &self.steps {
            placed.begin(exchange);
            let outcome = match &placed.step {
                Step::Now(policy) => policy.run(exchange),
                Step::Later(_) => Err(Fault::new("", "InternalError", "a step that waits stands where none may")),
            };
            if placed.finish(exchange, outcome)? == Flow::Respond {
                return Ok(Flow::Respond);
            }
        }
        Ok(Flow::Continue)
    }

    /// Runs the block, waiting where a step must.
    pub async fn run(&self, exchange: &mut Exchange) -> Result<Flow, Fault> {
        for placed in &self.steps {
            placed.begin(exchange);
            let flow = loop {
                let outcome = match &placed.step {
                    Step::Now(policy) => policy.run(exchange),
                    Step::Later(policy) => policy.run(exchange).await,
                };
                match outcome {
                    Err(fault) if fault.is_unfinished() => {
                        exchange.trace_again();
                        let fulfilled = exchange.fulfil(&fault, placed).await;
                        if fulfilled.is_err() {
                            break placed.finish(exchange, fulfilled.map(|()| Flow::Continue));
                        }
                    }
                    outcome => break placed.finish(exchange, outcome),
                }
            };
            if flow? == Flow::Respond {
                return Ok(Flow::Respond);
            }
        }
        Ok(Flow::Continue)
    }
}

impl Block {
    /// Runs the block while others work on the same exchange.
    pub async fn run_beside(&self, seat: &Seat<'_, '_>) -> Result<Flow, Fault> {
        for placed in &self.steps {
            if placed.run_beside(seat).await? == Flow::Respond {
                return Ok(Flow::Respond);
            }
        }
        Ok(Flow::Continue)
    }
}

impl Placed {
    /// Runs the step while others work on the same exchange.
    pub async fn run_beside(&self, seat: &Seat<'_, '_>) -> Result<Flow, Fault> {
        self.begin(&mut *seat.hold().await);
        loop {
            let outcome = match &self.step {
                Step::Now(policy) => policy.run(&mut *seat.hold().await),
                Step::Later(policy) => policy.run_beside(seat).await,
            };
            let mut exchange = seat.hold().await;
            match outcome {
                Err(fault) if fault.is_unfinished() => {
                    if let Err(fault) = exchange.fulfil(&fault, self).await {
                        return self.finish(&mut exchange, Err(fault));
                    }
                }
                outcome => return self.finish(&mut exchange, outcome),
            }
        }
    }

    /// Opens the step in the trace, if there is one.
    fn begin(&self, exchange: &mut Exchange) {
        if exchange.is_traced() {
            exchange.trace_enter(&self.place);
        }
    }

    /// Stamps a fault with its place; notes the step in the trace, if there is one.
    fn finish(&self, exchange: &mut Exchange, outcome: Result<Flow, Fault>) -> Result<Flow, Fault> {
        exchange.place_postponed(&self.place);
        exchange.forget(self);
        if exchange.is_traced() {
            exchange.trace_leave(&self.place, &outcome);
        }
        outcome.map_err(|fault| fault.at(&self.place, exchange.section))
    }
}
