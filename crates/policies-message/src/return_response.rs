//! `return-response`: ends the exchange with a response of the policy's own.

use policy::{Body, Bytes, Response, exchange::Side, prelude::*};

pub(crate) static DEF: PolicyDef = PolicyDef {
    name: "return-response",
    summary: "Ends the exchange with a response of its own; nothing after it runs.",
    notes: "Without children it is an empty 200. With `response-variable-name` it begins as the response that the variable holds, such as \
            one of `send-request` or `context.Response`, and the children change it. A variable that holds no response is an error.",
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
            title: "What the backend said, under another status",
            section: Section::Outbound,
            policy: r#"<set-variable name="answer" value="@(context.Response)" /><return-response response-variable-name="answer"><set-status code="202" /></return-response>"#,
            given: "GET /resource/1 HTTP/1.1",
            backend: "HTTP/1.1 200 OK\nX-From: there\n\nhello",
            then: "HTTP/1.1 202 Accepted\nX-From: there\n\nhello",
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
        let variable = cx.optional_literal(element, "response-variable-name");
        if matches!(variable, Some(Some(_))) {
            // The variable may stand for the response that is still arriving.
            cx.note_body_read();
        }
        let answer = ReturnResponse { block, variable: variable? };
        Some(if answer.block.waits() { Step::later(answer) } else { Step::now(answer) })
    },
    ..PolicyDef::BASE
};

struct ReturnResponse {
    block: Block,
    variable: Option<String>,
}

impl Policy for ReturnResponse {
    fn run(&self, exchange: &mut Exchange) -> Result<Flow, Fault> {
        exchange.draft = Some(self.begin(exchange)?);
        let made = self.block.run_now(exchange);
        answer(exchange, made)
    }
}

impl LaterPolicy for ReturnResponse {
    fn run<'a>(&'a self, exchange: &'a mut Exchange) -> LocalFuture<'a, Result<Flow, Fault>> {
        Box::pin(async move {
            exchange.draft = Some(self.begin(exchange)?);
            let made = self.block.run(exchange).await;
            answer(exchange, made)
        })
    }
}

impl ReturnResponse {
    /// The response that children change.
    fn begin(&self, exchange: &Exchange) -> Result<Response, Fault> {
        let Some(name) = &self.variable else { return Ok(Response::default()) };
        let value = exchange.variables.get(name);
        let Some(held) = value.and_then(|value| value.downcast::<dotnet::Response>()) else {
            let stands = value.and_then(|value| value.ty().def()).is_some_and(|def| def.name == "PolicyExpressions.IResponse");
            if stands {
                return current(exchange);
            }
            let message = format!("The variable \"{name}\" holds no response.");
            return Err(Fault::new("return-response", "ResponseVariableInvalid", message));
        };
        let mut response = Response::new(Status::new(held.status).unwrap_or_default());
        let reason = held.reason.to_text();
        response.reason = (!reason.is_empty() && reason != response.status.reason()).then(|| reason.into());
        for (name, values) in &held.headers {
            for value in values {
                let line = HeaderName::parse(&name.to_text()).zip(HeaderValue::parse(&value.to_text()));
                if let Some((name, value)) = line {
                    response.headers.push(name, value);
                }
            }
        }
        response.body = Body::full(Bytes::copy_from_slice(&held.body));
        Ok(response)
    }
}

/// A copy of the response that stands: what `context.Response` in a variable means.
fn current(exchange: &Exchange) -> Result<Response, Fault> {
    let response = &exchange.response;
    let bytes = response.body.bytes().ok_or_else(|| Fault::body_needed(Side::Response))?;
    Ok(Response {
        status: response.status,
        reason: response.reason.clone(),
        headers: response.headers.clone(),
        body: Body::full(Bytes::copy_from_slice(bytes)),
        ..Response::default()
    })
}

/// The draft becomes the response, unless making it failed.
fn answer(exchange: &mut Exchange, made: Result<Flow, Fault>) -> Result<Flow, Fault> {
    let draft = exchange.draft.take();
    made?;
    exchange.respond(draft.unwrap_or_default());
    exchange.note(|exchange| {
        let response = &exchange.response;
        let detail = Detail::response(response.status, response.reason(), &response.headers);
        Effect::new("The request was answered; nothing after this runs.").with("response", detail)
    });
    Ok(Flow::Respond)
}
