//! `set-status`: changes the status of the response.

use policy::prelude::*;

pub(crate) static DEF: PolicyDef = PolicyDef {
    name: "set-status",
    summary: "Changes the status and the reason phrase of the response.",
    notes: "The published reference requires `reason`; real documents leave it out, and then the usual phrase is sent.",
    attrs: &[
        Attr::required("code", Kind::Int(100, 999), "The status.").expr(),
        Attr::optional("reason", Kind::Text, "The reason phrase.").expr(),
    ],
    examples: &[Example {
        title: "Hide that something is missing",
        section: Section::Outbound,
        policy: r#"<set-status code="204" reason="Nothing here" />"#,
        given: "GET /resource/1 HTTP/1.1",
        backend: "HTTP/1.1 404 Not Found",
        then: "HTTP/1.1 204 Nothing here",
        ..Example::BASE
    }],
    compile: |element, cx| {
        let code = cx.attr(element, "code");
        let reason = cx.optional(element, "reason");
        Some(Step::now(SetStatus { on: cx.on(), code: code?, reason: reason? }))
    },
    ..PolicyDef::BASE
};

struct SetStatus {
    on: On,
    code: Value<Status>,
    reason: Option<Value<HeaderValue>>,
}

impl Policy for SetStatus {
    fn run(&self, exchange: &mut Exchange) -> Result<Flow, Fault> {
        let status = *self.code.get(exchange)?;
        let reason = Value::optional(&self.reason, exchange)?;
        let reason = reason.map(|reason| reason.text().into_owned()).filter(|reason| !reason.is_empty() && reason != status.reason());
        let response = exchange.response_mut(self.on);
        response.status = status;
        response.reason = reason.map(Into::into);
        exchange.has_response |= self.on == On::Response;
        exchange.note(|_| format!("The status is now {}.", status.code()));
        Ok(Flow::Continue)
    }
}
