//! `send-one-way-request`: calls another service and does not wait for it.

use policy::prelude::*;

use crate::send_request::{CHILDREN, CallTemplate, HOLDS, MODE, TIMEOUT};

pub(crate) static DEF: PolicyDef = PolicyDef {
    name: "send-one-way-request",
    summary: "Calls another service and does not wait for its answer.",
    notes: "The call is made out of what the request is at this place; whatever becomes of it, the exchange goes on, and the call may \
            outlive it. Where thousands of such calls are under way already, it is left out, and the trace says so.",
    attrs: &[MODE, TIMEOUT],
    content: Content::Only(HOLDS),
    children: CHILDREN,
    examples: &[Example {
        title: "Tell somebody, without delay for the client",
        policy: r#"<send-one-way-request mode="new">
  <set-url>https://hooks.example/notify</set-url>
  <set-method>POST</set-method>
  <set-body>@("called by " + context.Request.IpAddress)</set-body>
</send-one-way-request>"#,
        given: "GET /resource/1 HTTP/1.1",
        then: "POST https://hooks.example/notify HTTP/1.1\n\ncalled by 203.0.113.7",
        ..Example::BASE
    }],
    compile: |element, cx| Some(Step::later(SendOneWayRequest(CallTemplate::compile(element, cx)?))),
    ..PolicyDef::BASE
};

struct SendOneWayRequest(CallTemplate);

impl LaterPolicy for SendOneWayRequest {
    fn run<'a>(&'a self, exchange: &'a mut Exchange) -> LocalFuture<'a, Result<Flow, Fault>> {
        Box::pin(async move {
            let call = self.0.make(exchange, DEF.name).await?;
            let place = call.place();
            let task = async move {
                // Nobody is left who could do anything about a failure.
                let _ = call.send().await;
            };
            let begun = exchange.host.tasks.spawn(Box::pin(task));
            exchange.note(|_| if begun { format!("{place} is sent.") } else { format!("{place} is left out: too many calls are under way.") });
            Ok(Flow::Continue)
        })
    }
}
