//! `return-response`: ends the exchange with a response of the policy's own.

use policy::{Response, prelude::*};

pub(crate) static DEF: PolicyDef = PolicyDef {
    name: "return-response",
    summary: "Ends the exchange with a response of its own; nothing after it runs.",
    notes: "Without children it is an empty 200. `response-variable-name` is refused for now.",
    attrs: &[Attr::optional("response-variable-name", Kind::Name, "A variable that holds a response to begin with.")],
    content: Content::Only(&["set-status", "set-header", "set-body", "include-fragment"]),
    examples: &[
        Example {
            title: "Closed for today",
            policy: r#"<return-response>
  <set-status code="503" reason="Closed" />
  <set-header name="Retry-After"><value>3600</value></set-header>
  <set-body>Come back tomorrow.</set-body>
</return-response>"#,
            given: "GET /resource/1 HTTP/1.1",
            then: "HTTP/1.1 503 Closed\nRetry-After: 3600\n\nCome back tomorrow.",
            ..Example::BASE
        },
        Example {
            title: "Nothing but 200",
            policy: "<return-response />",
            given: "GET /resource/1 HTTP/1.1",
            then: "HTTP/1.1 200 OK",
            ..Example::BASE
        },
    ],
    compile: |element, cx| {
        let block = cx.draft_block(element);
        if let Some(variable) = element.attribute("response-variable-name") {
            let message = "response-variable-name is known, but Tollgate does not run it yet: no policy makes such a variable.";
            cx.error("PX0101", message, variable.name_span);
            return None;
        }
        let answer = ReturnResponse(block);
        Some(if answer.0.waits() { Step::later(answer) } else { Step::now(answer) })
    },
    ..PolicyDef::BASE
};

struct ReturnResponse(Block);

impl Policy for ReturnResponse {
    fn run(&self, exchange: &mut Exchange) -> Result<Flow, Fault> {
        exchange.draft = Some(Response::default());
        let made = self.0.run_now(exchange);
        answer(exchange, made)
    }
}

impl LaterPolicy for ReturnResponse {
    fn run<'a>(&'a self, exchange: &'a mut Exchange) -> LocalFuture<'a, Result<Flow, Fault>> {
        Box::pin(async move {
            exchange.draft = Some(Response::default());
            let made = self.0.run(exchange).await;
            answer(exchange, made)
        })
    }
}

/// The draft becomes the response, unless making it failed.
fn answer(exchange: &mut Exchange, made: Result<Flow, Fault>) -> Result<Flow, Fault> {
    let draft = exchange.draft.take();
    made?;
    exchange.respond(draft.unwrap_or_default());
    Ok(Flow::Respond)
}
