//! `mock-response`: answers with an example that the operation declares.

use policy::{Body, Response, entity::Representation, prelude::*};

use crate::media::media_type;

pub(crate) static DEF: PolicyDef = PolicyDef {
    name: "mock-response",
    summary: "Ends the exchange with an example that the operation declares for a status.",
    notes: "The body is the declared example, or else a sample made from the schema, or else empty. Without `content-type` the first one \
            declared is taken; with one that is not declared, the body is empty. Parameters of a content type (`; charset=utf-8`) matter \
            only where the declaration has several that differ in nothing else.",
    sections: Sections::INBOUND.or(Sections::OUTBOUND).or(Sections::ON_ERROR),
    attrs: &[
        Attr::or("status-code", Kind::Int(100, 999), "200", "The status to answer with."),
        Attr::optional("content-type", Kind::Text, "The content type to answer with."),
    ],
    examples: &[
        Example {
            title: "The declared example",
            policy: r#"<mock-response status-code="200" content-type="application/json" />"#,
            given: "GET /resource/1 HTTP/1.1",
            then: "HTTP/1.1 200 OK\nContent-Type: application/json\n\n{\"id\":42}",
            ..Example::BASE
        },
        Example {
            title: "A status that is not declared",
            policy: r#"<mock-response status-code="202" />"#,
            given: "GET /resource/1 HTTP/1.1",
            then: "HTTP/1.1 202 Accepted\nContent-Type: (none)",
            ..Example::BASE
        },
    ],
    compile: |element, cx| {
        let status = cx.literal_or(element, "status-code", Status::OK);
        let content_type = cx.optional_literal(element, "content-type");
        Some(Step::now(MockResponse { status: status?, content_type: content_type? }))
    },
    ..PolicyDef::BASE
};

struct MockResponse {
    status: Status,
    content_type: Option<String>,
}

impl Policy for MockResponse {
    fn run(&self, exchange: &mut Exchange) -> Result<Flow, Fault> {
        let mut response = Response::new(self.status);
        let operation = exchange.entities.operation.as_deref();
        let declared = operation.and_then(|operation| operation.responses.iter().find(|one| one.status == self.status));
        let representation = declared.and_then(|declared| self.choose(&declared.representations));
        let content_type = self.content_type.clone().or_else(|| representation.map(|one| one.content_type.to_string()));
        if let Some(content_type) = content_type.and_then(|content_type| HeaderValue::parse(&content_type)) {
            response.headers.set(HeaderName::from_static("Content-Type"), content_type);
        }
        if let Some(example) = representation.and_then(|one| one.example.clone()) {
            response.body = Body::full(example);
        }
        exchange.respond(response);
        exchange.note(|exchange| format!("The request was answered with the example for {}.", exchange.response.status.code()));
        Ok(Flow::Respond)
    }
}

impl MockResponse {
    /// The representation of the wanted type; the first one if none is wanted.
    fn choose<'r>(&self, declared: &'r [Representation]) -> Option<&'r Representation> {
        let Some(wanted) = self.content_type.as_deref() else { return declared.first() };
        let find = |same: &dyn Fn(&str) -> bool| declared.iter().find(|one| same(&one.content_type));
        find(&|known| known.eq_ignore_ascii_case(wanted.trim()))
            .or_else(|| find(&|known| media_type(known).eq_ignore_ascii_case(media_type(wanted))))
    }
}
