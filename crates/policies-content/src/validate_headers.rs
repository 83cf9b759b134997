//! `validate-headers`: checks the response's headers against those that the operation declares.

use policy::{entity::In, prelude::*};

use crate::validation::{Action, Finding, Findings, Overrides, check, is_ordinary, must_be_there};

pub(crate) static DEF: PolicyDef = PolicyDef {
    name: "validate-headers",
    summary: "Checks the headers of the response against those that the operation declares for its status.",
    notes: "Headers that HTTP itself needs, such as `Content-Length` and `Date`, are never unspecified. `prevent` answers 502; errors are left \
            in a variable as a `JArray`.",
    sections: Sections::OUTBOUND.or(Sections::ON_ERROR),
    once: Once::PerSection,
    attrs: &[
        Attr::required("specified-header-action", Kind::OneOf(Action::WORDS), "What happens to a declared header with a wrong value.").expr(),
        Attr::required("unspecified-header-action", Kind::OneOf(Action::WORDS), "What happens to a header that is not declared.").expr(),
        Attr::optional("errors-variable-name", Kind::Name, "The variable that gets the errors."),
    ],
    children: &[Child {
        name: "header",
        attrs: &[
            Attr::required("name", Kind::HeaderName, "The header."),
            Attr::required("action", Kind::OneOf(Action::WORDS), "What happens to it.").expr(),
        ],
        doc: "An exception for one header.",
        ..Child::BASE
    }],
    examples: &[
        Example {
            title: "A declared header with a wrong value",
            section: Section::Outbound,
            policy: r#"<validate-headers specified-header-action="prevent" unspecified-header-action="ignore" />"#,
            given: "GET /resource/1 HTTP/1.1",
            backend: "HTTP/1.1 200 OK\nX-Left: many",
            then: "HTTP/1.1 502 Bad Gateway\nContent-Type: application/json\n\n{ \"statusCode\": 502, \"message\": \"The request could not be \
                   processed due to an internal error. Contact the API owner.\" }",
            ..Example::BASE
        },
        Example {
            title: "Nothing undeclared but one header",
            section: Section::Outbound,
            policy: "<validate-headers specified-header-action=\"prevent\" unspecified-header-action=\"prevent\">\n  \
                     <header name=\"X-Trace\" action=\"ignore\" />\n</validate-headers>",
            given: "GET /resource/1 HTTP/1.1",
            backend: "HTTP/1.1 200 OK\nX-Left: 4\nX-Trace: abc",
            then: "HTTP/1.1 200 OK\nX-Left: 4\nX-Trace: abc",
            ..Example::BASE
        },
    ],
    compile: |element, cx| {
        let specified = cx.attr(element, "specified-header-action");
        let unspecified = cx.attr(element, "unspecified-header-action");
        let variable = cx.optional_literal(element, "errors-variable-name");
        let overrides = Overrides::read(element, "header", cx);
        Some(Step::now(ValidateHeaders {
            specified: specified?,
            unspecified: unspecified?,
            overrides: overrides?,
            variable: variable?,
        }))
    },
    ..PolicyDef::BASE
};

struct ValidateHeaders {
    specified: Value<Action>,
    unspecified: Value<Action>,
    overrides: Overrides,
    variable: Option<Arc<str>>,
}

impl Policy for ValidateHeaders {
    fn run(&self, exchange: &mut Exchange) -> Result<Flow, Fault> {
        let Some(operation) = exchange.entities.operation.clone() else { return Ok(Flow::Continue) };
        let declared = operation.response(exchange.response.status).map(|response| &*response.headers).unwrap_or_default();
        let specified = *self.specified.get(exchange)?;
        let unspecified = *self.unspecified.get(exchange)?;
        let mut findings = Findings::default();
        for header in declared {
            let action = self.action(&header.name, specified, exchange)?;
            let values: Vec<String> = exchange.response.headers.all(&*header.name).map(|value| value.text().into_owned()).collect();
            let finding = if values.is_empty() {
                header.required.then(|| must_be_there(header, true))
            } else {
                check(header, &values, true)
            };
            if let Some(finding) = finding {
                findings.note(finding, action);
            }
        }
        let mut seen: Vec<String> = Vec::new();
        for (name, _) in exchange.response.headers.iter() {
            let known = is_ordinary(name.as_str()) || declared.iter().any(|one| name.is(&*one.name));
            if !known && !seen.iter().any(|seen| name.is(seen)) {
                seen.push(name.as_str().to_owned());
            }
        }
        for name in seen {
            let action = self.action(&name, unspecified, exchange)?;
            let details = format!("Unspecified header {name} is not allowed.");
            let kind = crate::validation::kind_of(In::Header, true);
            findings.note(Finding { name, kind, rule: "Unspecified", details, public: None }, action);
        }
        findings.conclude(exchange, On::Response, self.variable.as_ref())
    }
}

impl ValidateHeaders {
    fn action(&self, name: &str, otherwise: Action, exchange: &mut Exchange) -> Result<Action, Fault> {
        self.overrides.of(name).map_or(Ok(otherwise), |own| own.get(exchange).map(|action| *action))
    }
}
