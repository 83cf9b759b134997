//! `forward-request` to a service of a Service Fabric cluster: finds where it lives, and again where it has moved.

use policy::{Fault, Flow, Response, exchange::Exchange, fabric::FabricTarget};

use crate::forward_request::{ForwardRequest, failure};

/// Calls the service, and once more after each answer or failure for which the condition says that it must be looked for again.
pub(crate) async fn forward(
    policy: &ForwardRequest,
    exchange: &mut Exchange,
    target: FabricTarget,
) -> Result<Flow, Fault> {
    let host = exchange.host.clone();
    let mut again = false;
    let mut left = target.cluster.retries;
    loop {
        let located = host.outbound.locate(&target.cluster, &target.partition, again).await;
        let is_located = located.is_ok();
        let outcome = match located {
            Ok(place) => {
                exchange.note(|_| {
                    format!("The service fabric:/{} lives at {}.", target.partition.service, place.authority())
                });
                exchange.settle_at(place);
                policy.call(exchange).await
            }
            Err(error) => Err(failure("forward-request", error)),
        };
        if is_located && outcome.as_ref().is_err_and(|fault| fault.reason() == "BackendConnectionFailure") {
            host.outbound.doubt(&target.cluster, &target.partition);
        }
        if !wants_again(exchange, &target, &outcome).await? {
            return outcome;
        }
        // A body that was sent as a stream is gone. Then it is for the requests to come.
        if left == 0 || exchange.request.streamed {
            host.outbound.doubt(&target.cluster, &target.partition);
            return outcome;
        }
        left -= 1;
        again = true;
    }
}

/// Asks the condition, which finds the answer, or the failure as on-error would.
async fn wants_again(
    exchange: &mut Exchange,
    target: &FabricTarget,
    outcome: &Result<Flow, Fault>,
) -> Result<bool, Fault> {
    let Some(condition) = &target.again else { return Ok(false) };
    let Err(fault) = outcome else { return ask(exchange, condition).await };
    let response = std::mem::replace(&mut exchange.response, Response::new(fault.status()));
    let had_response = std::mem::replace(&mut exchange.has_response, true);
    let last_error = exchange.last_error.replace(fault.clone());
    let wants = ask(exchange, condition).await;
    exchange.response = response;
    exchange.has_response = had_response;
    exchange.last_error = last_error;
    wants
}

/// The call must not run again for what the condition waits for: it has had its effect.
async fn ask(exchange: &mut Exchange, condition: &policy::Value<bool>) -> Result<bool, Fault> {
    loop {
        match condition.get(exchange).map(|wants| *wants) {
            Err(fault) if fault.is_unfinished() => exchange.fulfil(&fault, condition).await?,
            asked => {
                exchange.forget(condition);
                return asked;
            }
        }
    }
}
