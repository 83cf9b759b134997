//! An exchange from its arrival to its response.

use std::{
    any::Any,
    future::Future,
    panic::{AssertUnwindSafe, catch_unwind},
    pin::pin,
    rc::Rc,
    task::Poll,
};

use policy::{
    Exchange, Fault, Response, Status,
    exchange::{Arrival, Upgrade, Version},
};

use crate::{
    call_trace,
    completion::{Completion, Finished},
    respond,
    route::{Route, route},
    worker::Worker,
};

/// Where load balancers ask whether the gateway serves.
const STATUS_PATH: &str = "/status-0123456789abcdef";

/// Answers a request. Whatever happens, there is a response, and one record of it. `upgrade` is what the client would rather speak.
pub(crate) async fn answer(
    worker: &Rc<Worker>,
    mut completion: Completion,
    arrival: Arrival,
    upgrade: Option<Upgrade>,
) -> Finished {
    let opens_stream = upgrade.is_some() && arrival.client.version == Version::Http2;
    let exchange = Exchange::arrived(Rc::clone(&worker.host), arrival, completion.began());
    let mut running = Running { completion: &mut completion, exchange, opens_stream, is_ready: false };
    running.exchange.upgrade = upgrade;
    let outcome = caught(run(worker, &mut running.exchange)).await;
    let (response, closes) = running.finish(outcome.err());
    Finished { response, completion, closes }
}

async fn run(worker: &Worker, exchange: &mut Exchange) {
    if &*exchange.request.url.path == STATUS_PATH {
        exchange.respond(Response::new(Status::OK));
        return;
    }
    if let Some(trace) = call_trace::shown(&worker.traces, &exchange.request.url.path) {
        exchange.respond(trace);
        return;
    }
    let snapshot = worker.snapshot.pin();
    let route = route(&snapshot, exchange);
    let traced = call_trace::begin(&worker.traces, exchange);
    match route {
        Route::Run(policy) => engine::run(exchange, &policy).await,
        Route::Fail(policy, fault) => engine::fail(exchange, &policy, fault).await,
        Route::Done => {}
    }
    if let Some(traced) = traced {
        call_trace::end(&worker.traces, exchange, traced);
    }
}

/// An exchange under way. Dropped before its response is ready (the client went away), it is still recorded.
struct Running<'a> {
    completion: &'a mut Completion,
    exchange: Exchange,
    /// Whether any success would tell the client that its stream is open for what it has asked for (RFC 8441).
    opens_stream: bool,
    is_ready: bool,
}

impl Running<'_> {
    /// Takes the response out; says whether the connection must end. `panic` says that the exchange is in no defined state.
    fn finish(mut self, panic: Option<String>) -> (Response, bool) {
        let exchange = &mut self.exchange;
        let is_too_large = self.completion.traffic().too_large.get();
        if let Some(message) = panic {
            tracing::error!(%message, "a policy panicked; its request is answered with 500");
            let fault = Fault::new("gateway", "InternalError", "The gateway failed to process the request.");
            exchange.response = engine::default_answer(&fault, exchange.id);
        } else if is_too_large
            && matches!(exchange.response.status, Status::CLIENT_CLOSED | Status::INTERNAL_SERVER_ERROR)
        {
            // To the policies it looked like a client that broke off.
            exchange.response = respond::too_large();
        } else if self.opens_stream && (200..300).contains(&exchange.response.status.code()) {
            // What opens it is the 101 of a backend, and there is none.
            exchange.response = respond::not_switched();
        }
        if let Some(fault) = &exchange.last_error
            && let Some(cause) = fault.cause()
        {
            tracing::warn!(%fault, %cause, "an exchange failed");
        }
        self.is_ready = true;
        self.completion.note(exchange);
        (std::mem::take(&mut exchange.response), is_too_large)
    }
}

impl Drop for Running<'_> {
    fn drop(&mut self) {
        if !self.is_ready {
            engine::abandon(&mut self.exchange);
            self.completion.note(&mut self.exchange);
        }
    }
}

/// Runs `work` and turns a panic into its message. What `work` changed is then in no defined state.
async fn caught<T>(work: impl Future<Output = T>) -> Result<T, String> {
    let mut work = pin!(work);
    std::future::poll_fn(|cx| match catch_unwind(AssertUnwindSafe(|| work.as_mut().poll(cx))) {
        Ok(poll) => poll.map(Ok),
        Err(panic) => Poll::Ready(Err(message(&*panic))),
    })
    .await
}

fn message(panic: &(dyn Any + Send)) -> String {
    let text = panic.downcast_ref::<&str>().copied();
    text.or(panic.downcast_ref::<String>().map(String::as_str)).unwrap_or("a value that is no text").to_owned()
}
