//! `jsonp`: wraps a JSON response in a call of a function that the client names.

use policy::{
    Bytes,
    exchange::{BodyError, Side, Transform},
    prelude::*,
};

use crate::media::is_json;

pub(crate) static DEF: PolicyDef = PolicyDef {
    name: "jsonp",
    summary: "Wraps a JSON response in a call of the function that the client names in its query.",
    notes: "Without the parameter the response stays as it is, and so does one whose `Content-Type` is not JSON. What is no JavaScript \
            identifier (names joined by dots are one) is refused with 400. The type becomes `application/javascript`. A body that streams is \
            wrapped as it passes.",
    sections: Sections::OUTBOUND,
    attrs: &[Attr::required("callback-parameter-name", Kind::Name, "The query parameter that names the function.").expr()],
    examples: &[
        Example {
            title: "The client names a function",
            section: Section::Outbound,
            policy: r#"<jsonp callback-parameter-name="cb" />"#,
            given: "GET /resource/1?cb=show.it HTTP/1.1",
            backend: "HTTP/1.1 200 OK\nContent-Type: application/json\n\n{\"a\":1}",
            then: "HTTP/1.1 200 OK\nContent-Type: application/javascript\n\nshow.it({\"a\":1})",
            ..Example::BASE
        },
        Example {
            title: "What is no function is refused",
            section: Section::Outbound,
            policy: r#"<jsonp callback-parameter-name="cb" />"#,
            given: "GET /resource/1?cb=alert(1) HTTP/1.1",
            backend: "HTTP/1.1 200 OK\nContent-Type: application/json\n\n{\"a\":1}",
            then: "HTTP/1.1 400 Bad Request\n\n{ \"statusCode\": 400, \"message\": \"Value of callback parameter cb is not a valid JavaScript identifier.\" }",
            ..Example::BASE
        },
    ],
    compile: |element, cx| Some(Step::now(Jsonp { parameter: cx.attr(element, "callback-parameter-name")? })),
    ..PolicyDef::BASE
};

struct Jsonp {
    parameter: Value<String>,
}

const CONTENT_TYPE: HeaderName = HeaderName::from_static("Content-Type");

impl Policy for Jsonp {
    fn run(&self, exchange: &mut Exchange) -> Result<Flow, Fault> {
        let parameter = self.parameter.get(exchange)?;
        let named = |(name, _): &(String, String)| name.eq_ignore_ascii_case(&parameter);
        let Some((_, function)) = exchange.original_url.query_pairs().find(named) else { return Ok(Flow::Continue) };
        if !is_identifier(&function) {
            let message = format!("Value of callback parameter {parameter} is not a valid JavaScript identifier.");
            let fault = Fault::new("jsonp", "CallbackParameterInvalid", message.clone());
            return Err(fault.with_status(Status::BAD_REQUEST).shown(message));
        }
        let content_type = exchange.response.headers.joined("Content-Type");
        if exchange.response.body.is_empty() || content_type.is_some_and(|content_type| !is_json(&content_type)) {
            return Ok(Flow::Continue);
        }
        exchange.decode(Side::Response);
        let response = &mut exchange.response;
        response.headers.set(CONTENT_TYPE, HeaderValue::from_static("application/javascript"));
        let wrapped = response.body.bytes().map(|bytes| [function.as_bytes(), b"(", bytes, b")"].concat());
        match wrapped {
            Some(wrapped) => response.body = policy::Body::full(wrapped),
            None => response.body.transform(Wrapping { open: Some(function + "(") }),
        }
        exchange.note(|_| "The body is wrapped in a call of the function that the client names.");
        Ok(Flow::Continue)
    }
}

/// Names joined by dots.
fn is_identifier(text: &str) -> bool {
    text.split('.').all(|name| {
        let letter = |c: char| c.is_alphabetic() || c == '_' || c == '$';
        name.starts_with(letter) && name.chars().all(|c| letter(c) || c.is_numeric())
    })
}

/// Puts the call around a body that passes.
struct Wrapping {
    open: Option<String>,
}

impl Transform for Wrapping {
    fn chunk(&mut self, bytes: Bytes) -> Result<Bytes, BodyError> {
        Ok(match self.open.take() {
            Some(open) => [open.as_bytes(), &bytes].concat().into(),
            None => bytes,
        })
    }

    fn end(&mut self) -> Result<Bytes, BodyError> {
        let open = self.open.take().unwrap_or_default();
        Ok(Bytes::from(open + ")"))
    }
}
