//! Policies that mean nothing to a WebSocket API: wherever they were inherited from, a handshake passes them over, as the service says.

use crate::{Exchange, Fault, Flow, LaterPolicy, LocalFuture, Policy, Seat, Step};

/// Their names.
const NAMES: &[&str] = &[
    "cache-lookup",
    "cache-store",
    "cors",
    "cross-domain",
    "json-to-xml",
    "jsonp",
    "mock-response",
    "set-body",
    "set-method",
    "validate-content",
    "validate-headers",
    "validate-parameters",
    "validate-status-code",
    "xml-to-json",
    "xsl-transform",
];

/// `step` of the policy `name`, which handshakes of WebSocket APIs pass over if it is one of these.
pub(super) fn for_http(name: &str, step: Step) -> Step {
    match step {
        step if !NAMES.contains(&name) => step,
        Step::Now(policy) => Step::now(HttpOnly(policy)),
        Step::Later(policy) => Step::later(HttpOnly(policy)),
    }
}

struct HttpOnly<P>(P);

impl Policy for HttpOnly<Box<dyn Policy>> {
    fn run(&self, exchange: &mut Exchange) -> Result<Flow, Fault> {
        if passes_over(exchange) { Ok(Flow::Continue) } else { self.0.run(exchange) }
    }

    fn preflight(&self, exchange: &mut Exchange) -> Option<Result<Flow, Fault>> {
        self.0.preflight(exchange)
    }
}

impl LaterPolicy for HttpOnly<Box<dyn LaterPolicy>> {
    fn run<'a>(&'a self, exchange: &'a mut Exchange) -> LocalFuture<'a, Result<Flow, Fault>> {
        if passes_over(exchange) { Box::pin(std::future::ready(Ok(Flow::Continue))) } else { self.0.run(exchange) }
    }

    fn run_beside<'a>(&'a self, seat: &'a Seat<'_, '_>) -> LocalFuture<'a, Result<Flow, Fault>> {
        Box::pin(async move {
            let skips = passes_over(&mut *seat.hold().await);
            if skips { Ok(Flow::Continue) } else { self.0.run_beside(seat).await }
        })
    }

    fn preflight(&self, exchange: &mut Exchange) -> Option<Result<Flow, Fault>> {
        self.0.preflight(exchange)
    }
}

fn passes_over(exchange: &mut Exchange) -> bool {
    let is_handshake = exchange.upgrade.is_some();
    if is_handshake {
        exchange.note(|_| "It is passed over: the API speaks WebSocket.");
    }
    is_handshake
}
