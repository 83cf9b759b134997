//! `cross-domain`: lets Flash and Silverlight clients of other domains call the gateway.

use policy::{Body, Bytes, Response, prelude::*};

pub(crate) static DEF: PolicyDef = PolicyDef {
    name: "cross-domain",
    summary: "Lets Flash and Silverlight clients of other domains call: answers `GET /crossdomain.xml`.",
    notes: "It holds one `<cross-domain-policy>` as Adobe's specification has it, which is what clients get, before keys are looked at.",
    sections: Sections::INBOUND,
    scopes: Scopes::GLOBAL,
    once: Once::PerDocument,
    content: Content::Verbatim,
    examples: &[Example {
        title: "Clients from everywhere",
        policy: r#"<cross-domain><cross-domain-policy><allow-http-request-headers-from domain="*" headers="*" /></cross-domain-policy></cross-domain>"#,
        given: "GET /crossdomain.xml HTTP/1.1",
        then: "HTTP/1.1 200 OK\nContent-Type: text/x-cross-domain-policy\n\n<?xml version=\"1.0\"?>\n<cross-domain-policy><allow-http-request-headers-from domain=\"*\" headers=\"*\" /></cross-domain-policy>",
        ..Example::BASE
    }],
    compile: |element, cx| {
        let mut children = element.elements();
        let alone = children.next().is_some_and(|child| child.name == "cross-domain-policy") && children.next().is_none();
        if !alone {
            cx.error("PX0109", "<cross-domain> must have one <cross-domain-policy>, and nothing else.", element.name_span);
            return None;
        }
        let policy = cx.template(element)?;
        let file = format!("<?xml version=\"1.0\"?>\n{}", policy.text().trim());
        Some(Step::now(CrossDomain { file: file.into() }))
    },
    ..PolicyDef::BASE
};

struct CrossDomain {
    file: Bytes,
}

impl Policy for CrossDomain {
    fn run(&self, exchange: &mut Exchange) -> Result<Flow, Fault> {
        // Where an API has the path, its operation was found.
        Ok(self.answer(exchange))
    }

    fn preflight(&self, exchange: &mut Exchange) -> Option<Result<Flow, Fault>> {
        match self.answer(exchange) {
            Flow::Respond => Some(Ok(Flow::Respond)),
            Flow::Continue => None,
        }
    }
}

impl CrossDomain {
    fn answer(&self, exchange: &mut Exchange) -> Flow {
        if exchange.client_method != Method::GET || !exchange.original_url.path.ends_with("/crossdomain.xml") {
            return Flow::Continue;
        }
        let mut response = Response::new(Status::OK);
        let content_type = HeaderValue::from_static("text/x-cross-domain-policy");
        response.headers.set(HeaderName::from_static("Content-Type"), content_type);
        response.body = Body::full(self.file.clone());
        exchange.respond(response);
        exchange.note(|_| "The request was answered with the cross-domain policy file.");
        Flow::Respond
    }
}
