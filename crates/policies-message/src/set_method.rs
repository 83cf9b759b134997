//! `set-method`: changes the method of the request.

use policy::prelude::*;

pub(crate) static DEF: PolicyDef = PolicyDef {
    name: "set-method",
    summary: "Changes the method of the request; inside of `send-request`, of the call.",
    sections: Sections::INBOUND.or(Sections::ON_ERROR),
    also: Sections::BACKEND,
    content: Content::Text(Kind::Name, true),
    examples: &[Example {
        title: "Turn it into a POST",
        policy: "<set-method>POST</set-method>",
        given: "GET /resource/1 HTTP/1.1",
        then: "POST http://backend.example/resource/1 HTTP/1.1",
        ..Example::BASE
    }],
    compile: |element, cx| Some(Step::now(SetMethod { on: cx.on(), method: cx.text(element)? })),
    ..PolicyDef::BASE
};

struct SetMethod {
    on: On,
    method: Value<Method>,
}

impl Policy for SetMethod {
    fn run(&self, exchange: &mut Exchange) -> Result<Flow, Fault> {
        let method = self.method.get(exchange)?.into_owned();
        exchange.note(|_| format!("The method is now {method}."));
        match (self.on, &mut exchange.call) {
            (On::Call, Some(call)) => call.method = method,
            _ => exchange.request.method = method,
        }
        Ok(Flow::Continue)
    }
}
