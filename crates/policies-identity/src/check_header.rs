//! `check-header`: lets a request pass only with a header, or only with certain values of it.

use policy::prelude::*;

pub(crate) static DEF: PolicyDef = PolicyDef {
    name: "check-header",
    summary: "Lets a request pass only if a header is there and, where values are listed, has one of them.",
    sections: Sections::INBOUND,
    scopes: Scopes::NO_WORKSPACE,
    attrs: &[
        Attr::required("name", Kind::HeaderName, "Header to check.").expr(),
        Attr::required("failed-check-httpcode", Kind::Int(100, 999), "Status if the check fails.").expr(),
        Attr::required("failed-check-error-message", Kind::Text, "Message if the check fails.").expr(),
        Attr::required("ignore-case", Kind::Bool, "Whether the case of values does not count.").expr(),
    ],
    children: &[Child::texts("value", Kind::Text, "An allowed value; without any, the header must only be there.")],
    examples: &[
        Example {
            title: "A missing header",
            policy: r#"<check-header name="X-Tenant" failed-check-httpcode="401" failed-check-error-message="Not authorized" ignore-case="false" />"#,
            then: "HTTP/1.1 401 Unauthorized\nContent-Type: application/json\n\n{ \"statusCode\": 401, \"message\": \"Not authorized\" }",
            ..Example::BASE
        },
        Example {
            title: "One of several values, whatever its case",
            policy: r#"<check-header name="X-Tenant" failed-check-httpcode="401" failed-check-error-message="Not authorized" ignore-case="true"><value>north</value><value>south</value></check-header>"#,
            given: "GET / HTTP/1.1\nX-Tenant: South",
            then: "GET / HTTP/1.1\nX-Tenant: South",
            ..Example::BASE
        },
    ],
    compile: |element, cx| {
        Some(Step::now(CheckHeader {
            name: cx.attr(element, "name")?,
            status: cx.attr(element, "failed-check-httpcode")?,
            message: cx.attr(element, "failed-check-error-message")?,
            ignore_case: cx.attr(element, "ignore-case")?,
            values: cx.texts(element, "value")?,
        }))
    },
    ..PolicyDef::BASE
};

struct CheckHeader {
    name: Value<HeaderName>,
    status: Value<Status>,
    message: Value<String>,
    ignore_case: Value<bool>,
    values: Box<[Value<String>]>,
}

impl Policy for CheckHeader {
    fn run(&self, exchange: &mut Exchange) -> Result<Flow, Fault> {
        let name = self.name.get(exchange)?;
        let ignore_case = *self.ignore_case.get(exchange)?;
        let allowed = Value::all(&self.values, exchange)?;
        let Some(sent) = exchange.request.headers.joined(name.as_str()) else {
            let message = format!("Header {} was not found in the request. Access denied.", name.as_str());
            return Err(self.refusal(exchange, "HeaderNotFound", message)?);
        };
        let matches = |value: &str| if ignore_case { value.eq_ignore_ascii_case(&sent) } else { value == sent };
        if allowed.is_empty() || allowed.iter().any(|value| matches(value)) {
            exchange.note(|_| Effect::new(format!("The header {} is as it must be.", name.as_str())).with("header", Detail::header(name.as_str(), &sent)));
            return Ok(Flow::Continue);
        }
        let message = format!("Header {} value of {sent} is not allowed. Access denied.", name.as_str());
        Err(self.refusal(exchange, "HeaderValueNotAllowed", message)?)
    }
}

impl CheckHeader {
    fn refusal(&self, exchange: &mut Exchange, reason: &'static str, message: String) -> Result<Fault, Fault> {
        let status = *self.status.get(exchange)?;
        let shown = self.message.get(exchange)?.into_owned();
        Ok(Fault::new("check-header", reason, message).with_status(status).shown(shown))
    }
}
