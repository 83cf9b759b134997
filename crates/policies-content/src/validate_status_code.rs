//! `validate-status-code`: checks the response's status against those that the operation declares.

use policy::prelude::*;

use crate::validation::{Action, Finding, Findings};

pub(crate) static DEF: PolicyDef = PolicyDef {
    name: "validate-status-code",
    summary: "Checks the status of the response against those that the operation declares.",
    notes: "A status that is not declared is prevented, detected or ignored. `prevent` answers 502; errors are left in a variable as a `JArray`.",
    sections: Sections::OUTBOUND.or(Sections::ON_ERROR),
    once: Once::PerSection,
    attrs: &[
        Attr::required("unspecified-status-code-action", Kind::OneOf(Action::WORDS), "What happens to a status that is not declared.").expr(),
        Attr::optional("errors-variable-name", Kind::Name, "The variable that gets the errors."),
    ],
    children: &[Child {
        name: "status-code",
        attrs: &[
            Attr::required("code", Kind::Int(100, 999), "The status."),
            Attr::required("action", Kind::OneOf(Action::WORDS), "What happens to it, if it is not declared.").expr(),
        ],
        doc: "An exception for one status.",
        ..Child::BASE
    }],
    examples: &[
        Example {
            title: "Hide what the API does not declare",
            section: Section::Outbound,
            policy: r#"<validate-status-code unspecified-status-code-action="prevent" />"#,
            given: "GET /resource/1 HTTP/1.1",
            backend: "HTTP/1.1 418 I'm a teapot",
            then: "HTTP/1.1 502 Bad Gateway\nContent-Type: application/json\n\n{ \"statusCode\": 502, \"message\": \"The request could not be \
                   processed due to an internal error. Contact the API owner.\" }",
            ..Example::BASE
        },
        Example {
            title: "Let one pass",
            section: Section::Outbound,
            policy: "<validate-status-code unspecified-status-code-action=\"prevent\">\n  <status-code code=\"418\" action=\"ignore\" />\n\
                     </validate-status-code>",
            given: "GET /resource/1 HTTP/1.1",
            backend: "HTTP/1.1 418 I'm a teapot",
            then: "HTTP/1.1 418 I'm a teapot",
            ..Example::BASE
        },
    ],
    compile: |element, cx| {
        let unspecified = cx.attr(element, "unspecified-status-code-action");
        let variable = cx.optional_literal(element, "errors-variable-name");
        let children = element.elements().filter(|child| child.name == "status-code");
        let codes: Vec<_> = children
            .map(|child| {
                let (code, action) = (cx.literal::<Status>(child, "code"), cx.attr(child, "action"));
                Some((code?, action?))
            })
            .collect();
        let codes = codes.into_iter().collect::<Option<_>>()?;
        Some(Step::now(ValidateStatusCode { unspecified: unspecified?, codes, variable: variable? }))
    },
    ..PolicyDef::BASE
};

struct ValidateStatusCode {
    unspecified: Value<Action>,
    codes: Box<[(Status, Value<Action>)]>,
    variable: Option<Arc<str>>,
}

impl Policy for ValidateStatusCode {
    fn run(&self, exchange: &mut Exchange) -> Result<Flow, Fault> {
        let status = exchange.response.status;
        let operation = exchange.entities.operation.as_deref();
        if operation.is_none_or(|operation| operation.response(status).is_some()) {
            return Ok(Flow::Continue);
        }
        let own = self.codes.iter().find(|(code, _)| *code == status).map(|(_, action)| action);
        let action = *own.unwrap_or(&self.unspecified).get(exchange)?;
        let finding = Finding {
            name: status.code().to_string(),
            kind: "StatusCode",
            rule: "Unspecified",
            details: format!("Response status code {} is not allowed.", status.code()),
            public: None,
        };
        let mut findings = Findings::default();
        findings.note(finding, action);
        findings.conclude(exchange, On::Response, self.variable.as_ref())
    }
}
