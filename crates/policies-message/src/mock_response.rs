//! `mock-response`: answers with an example that the operation declares.

use policy::{Body, Response, prelude::*};

pub(crate) static DEF: PolicyDef = PolicyDef {
    name: "mock-response",
    summary: "Ends the exchange with an example that the operation declares for a status.",
    notes: "The body is the declared example, or else a sample made from the schema, or else empty. Without `content-type` the first one \
            declared is taken.",
    sections: Sections::INBOUND.or(Sections::OUTBOUND).or(Sections::ON_ERROR),
    attrs: &[
        Attr::or("status-code", Kind::Int(100, 999), "200", "The status to answer with."),
        Attr::optional("content-type", Kind::Text, "The content type to answer with."),
    ],
    examples: &[Example {
        title: "The declared example",
        policy: r#"<mock-response status-code="200" content-type="application/json" />"#,
        given: "GET /resource/1 HTTP/1.1",
        then: "HTTP/1.1 200 OK\nContent-Type: application/json\n\n{\"id\":42}",
        ..Example::BASE
    }],
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
        let mut representations = declared.into_iter().flat_map(|declared| declared.representations.iter());
        let wanted = |content_type: &str| self.content_type.as_deref().is_none_or(|wanted| wanted.eq_ignore_ascii_case(content_type));
        let representation = representations.find(|one| wanted(&one.content_type));
        let content_type = representation.map(|one| one.content_type.to_string()).or_else(|| self.content_type.clone());
        if let Some(content_type) = content_type.and_then(|content_type| HeaderValue::parse(&content_type)) {
            response.headers.set(HeaderName::from_static("Content-Type"), content_type);
        }
        if let Some(example) = representation.and_then(|one| one.example.clone()) {
            response.body = Body::full(example);
        }
        exchange.respond(response);
        Ok(Flow::Respond)
    }
}
