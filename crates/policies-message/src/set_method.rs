//! `set-method`: changes the method of the request.

use policy::prelude::*;

pub(crate) static DEF: PolicyDef = PolicyDef {
    name: "set-method",
    summary: "Changes the method of the request.",
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
    compile: |element, cx| Some(Step::now(SetMethod(cx.text(element)?))),
    ..PolicyDef::BASE
};

struct SetMethod(Value<Method>);

impl Policy for SetMethod {
    fn run(&self, exchange: &mut Exchange) -> Result<Flow, Fault> {
        exchange.request.method = self.0.get(exchange)?.into_owned();
        exchange.note(|exchange| format!("The method is now {}.", exchange.request.method));
        Ok(Flow::Continue)
    }
}
