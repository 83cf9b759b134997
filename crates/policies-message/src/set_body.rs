//! `set-body`: replaces the body of a message.

use policy::{Body, Bytes, prelude::*};

pub(crate) static DEF: PolicyDef = PolicyDef {
    name: "set-body",
    summary: "Replaces the body of a message with a literal or with what an expression gives.",
    notes: "Before the backend it changes the request, behind it the response. A message without a body gets one. Liquid templates are \
            refused for now.",
    sections: Sections::INBOUND.or(Sections::BACKEND).or(Sections::OUTBOUND),
    also: Sections::ON_ERROR,
    attrs: &[
        Attr::optional("template", Kind::OneOf(&["liquid"]), "The template language."),
        Attr::or("xsi-nil", Kind::OneOf(&["blank", "null"]), "blank", "What `xsi:nil` becomes in a template."),
        Attr::or("parse-date", Kind::Bool, "true", "Whether a template reads dates in JSON."),
    ],
    content: Content::Verbatim,
    examples: &[
        Example {
            title: "A literal",
            policy: r#"<set-body>{"env": "{{env}}"}</set-body>"#,
            given: "POST /resource/1 HTTP/1.1\nContent-Length: 2\n\nhi",
            then: "POST http://backend.example/resource/1 HTTP/1.1\n\n{\"env\": \"prod\"}",
            ..Example::BASE
        },
        Example {
            title: "Change what the backend answers",
            section: Section::Outbound,
            policy: r"<set-body>@(context.Response.Body.As<string>().ToUpperInvariant())</set-body>",
            given: "GET /resource/1 HTTP/1.1",
            backend: "HTTP/1.1 200 OK\n\nquiet",
            then: "HTTP/1.1 200 OK\n\nQUIET",
            ..Example::BASE
        },
    ],
    compile: |element, cx| {
        if let Some(template) = element.attribute("template") {
            cx.error("PX0101", "Liquid templates are known, but Tollgate does not run them yet.", template.name_span);
            return None;
        }
        Some(Step::now(SetBody { on: cx.on(), body: cx.content(element)? }))
    },
    ..PolicyDef::BASE
};

struct SetBody {
    on: On,
    body: Value<Bytes>,
}

impl Policy for SetBody {
    fn run(&self, exchange: &mut Exchange) -> Result<Flow, Fault> {
        let body = self.body.get(exchange)?.into_owned();
        exchange.set_body(self.on, Body::full(body));
        Ok(Flow::Continue)
    }
}
