//! `validate-parameters`: checks the request's headers, query and path against those that the operation declares.

use policy::{
    entity::{In, Parameter},
    exchange::url,
    prelude::*,
};

use crate::validation::{Action, Finding, Findings, Overrides, check, is_ordinary, kind_of, must_be_there};

const SPECIFIED: Attr = Attr::optional(
    "specified-parameter-action",
    Kind::OneOf(Action::WORDS),
    "What happens to a declared parameter with a wrong value.",
)
.expr();
const UNSPECIFIED: Attr =
    Attr::optional("unspecified-parameter-action", Kind::OneOf(Action::WORDS), "What happens to a parameter that is not declared.").expr();
const PARAMETER: Child = Child {
    name: "parameter",
    attrs: &[
        Attr::required("name", Kind::Name, "The parameter."),
        Attr::required("action", Kind::OneOf(Action::WORDS), "What happens to it.").expr(),
    ],
    doc: "An exception for one parameter.",
    ..Child::BASE
};

pub(crate) static DEF: PolicyDef = PolicyDef {
    name: "validate-parameters",
    summary: "Checks the headers, the query and the path of the request against what the operation declares.",
    notes: "Headers that HTTP itself needs, `Accept` and `Authorization`, and the subscription key are never unspecified. `prevent` answers 400; \
            errors are left in a variable as a `JArray`.",
    sections: Sections::INBOUND,
    once: Once::PerSection,
    attrs: &[
        Attr { need: policy::Need::Required, ..SPECIFIED },
        Attr { need: policy::Need::Required, ..UNSPECIFIED },
        Attr::optional("errors-variable-name", Kind::Name, "The variable that gets the errors."),
    ],
    children: &[
        Child {
            name: "headers",
            count: (0, 1),
            attrs: &[SPECIFIED, UNSPECIFIED],
            children: &[PARAMETER],
            doc: "What holds for headers.",
            ..Child::BASE
        },
        Child {
            name: "query",
            count: (0, 1),
            attrs: &[SPECIFIED, UNSPECIFIED],
            children: &[PARAMETER],
            doc: "What holds for the query.",
            ..Child::BASE
        },
        Child {
            name: "path",
            count: (0, 1),
            attrs: &[SPECIFIED],
            children: &[PARAMETER],
            doc: "What holds for the path.",
            ..Child::BASE
        },
    ],
    examples: &[
        Example {
            title: "A value of the wrong type",
            policy: r#"<validate-parameters specified-parameter-action="prevent" unspecified-parameter-action="ignore" />"#,
            given: "GET /resource/1 HTTP/1.1\nX-Count: many",
            then: "HTTP/1.1 400 Bad Request\nContent-Type: application/json\n\n{ \"statusCode\": 400, \"message\": \"Value of the header X-Count \
                   couldn't be parsed according to the definition. Could not convert string to integer: many.\" }",
            ..Example::BASE
        },
        Example {
            title: "An undeclared query parameter",
            policy: "<validate-parameters specified-parameter-action=\"prevent\" unspecified-parameter-action=\"prevent\">\n  \
                     <headers specified-parameter-action=\"ignore\" unspecified-parameter-action=\"ignore\" />\n  <query>\n    \
                     <parameter name=\"debug\" action=\"ignore\" />\n  </query>\n</validate-parameters>",
            given: "GET /resource/1?debug=1&verbose=2 HTTP/1.1",
            then: "HTTP/1.1 400 Bad Request\nContent-Type: application/json\n\n\
                   { \"statusCode\": 400, \"message\": \"Unspecified query parameter verbose is not allowed.\" }",
            ..Example::BASE
        },
    ],
    compile: |element, cx| {
        let variable = cx.optional_literal(element, "errors-variable-name");
        let all = Group::read(element, cx);
        // That each is there once at most was checked before.
        let [headers, query, path] = ["headers", "query", "path"].map(|name| {
            let child = element.elements().find(|child| child.name == name);
            child.map_or(Some(None), |child| Group::read(child, cx).map(Some))
        });
        Some(Step::now(ValidateParameters { all: all?, headers: headers?, query: query?, path: path?, variable: variable? }))
    },
    ..PolicyDef::BASE
};

struct ValidateParameters {
    all: Group,
    headers: Option<Group>,
    query: Option<Group>,
    path: Option<Group>,
    variable: Option<Arc<str>>,
}

/// What the policy says of all parameters, or of those in one place.
struct Group {
    specified: Option<Value<Action>>,
    unspecified: Option<Value<Action>>,
    overrides: Overrides,
}

impl Group {
    fn read(element: &Element, cx: &mut Compiler<'_>) -> Option<Self> {
        let specified = cx.optional(element, "specified-parameter-action");
        let unspecified = cx.optional(element, "unspecified-parameter-action");
        let overrides = Overrides::read(element, "parameter", cx);
        Some(Self { specified: specified?, unspecified: unspecified?, overrides: overrides? })
    }

    /// What it says of parameters that it does not name.
    fn general(&self, specified: bool) -> Option<&Value<Action>> {
        if specified { self.specified.as_ref() } else { self.unspecified.as_ref() }
    }
}

impl Policy for ValidateParameters {
    fn run(&self, exchange: &mut Exchange) -> Result<Flow, Fault> {
        let Some(operation) = exchange.entities.operation.clone() else { return Ok(Flow::Continue) };
        let mut findings = Findings::default();
        for place in [In::Path, In::Query, In::Header] {
            let given = given(exchange, place);
            let declared = || operation.parameters.iter().filter(|parameter| parameter.place == place);
            let same = |name: &str, parameter: &Parameter| match place {
                In::Query => *name == *parameter.name,
                In::Path | In::Header => name.eq_ignore_ascii_case(&parameter.name),
            };
            for parameter in declared() {
                let values = given.iter().find(|(name, _)| same(name, parameter)).map(|(_, values)| &**values);
                let finding = match values {
                    Some(values) => check(parameter, values, false),
                    None => parameter.required.then(|| must_be_there(parameter, false)),
                };
                if let Some(finding) = finding {
                    findings.note(finding, self.action(place, &parameter.name, true, exchange)?);
                }
            }
            // What stands in the path is what the template names.
            let unknown = given.iter().filter(|(name, _)| place != In::Path && !declared().any(|one| same(name, one)));
            for (name, _) in unknown {
                let word = if place == In::Query { "query parameter" } else { "header" };
                let details = format!("Unspecified {word} {name} is not allowed.");
                let kind = kind_of(place, false);
                let finding =
                    Finding { name: name.clone(), kind, rule: "Unspecified", public: Some(details.clone()), details };
                findings.note(finding, self.action(place, name, false, exchange)?);
            }
        }
        findings.conclude(exchange, On::Request, self.variable.as_ref())
    }
}

impl ValidateParameters {
    fn action(&self, place: In, name: &str, specified: bool, exchange: &mut Exchange) -> Result<Action, Fault> {
        let group = match place {
            In::Header => &self.headers,
            In::Query => &self.query,
            In::Path => &self.path,
        };
        let own = group.as_ref().and_then(|group| group.overrides.of(name).or_else(|| group.general(specified)));
        let chosen = own.or_else(|| self.all.general(specified));
        chosen.map_or(Ok(Action::Ignore), |action| action.get(exchange).map(|action| *action))
    }
}

/// The parameters that a request has in a place, each with its values.
fn given(exchange: &Exchange, place: In) -> Vec<(String, Vec<String>)> {
    let mut given: Vec<(String, Vec<String>)> = Vec::new();
    let mut add = |name: &str, value: String| match given.iter_mut().find(|(known, _)| match place {
        In::Query => known == name,
        In::Path | In::Header => known.eq_ignore_ascii_case(name),
    }) {
        Some((_, values)) => values.push(value),
        None => given.push((name.to_owned(), vec![value])),
    };
    let api = exchange.entities.api.as_deref();
    let (key_header, key_query) = api.map_or(("", ""), |api| (&*api.key_header, &*api.key_query));
    match place {
        In::Path => exchange.matched.iter().for_each(|(name, value)| add(name, value.clone())),
        In::Query => {
            let query = exchange.request.url.query.as_deref().unwrap_or_default();
            let others = url::pairs(query).filter(|(name, _)| !name.eq_ignore_ascii_case(key_query));
            others.for_each(|(name, value)| add(&name, value));
        }
        In::Header => {
            let declared = exchange.entities.operation.as_deref().map(|operation| &*operation.parameters).unwrap_or_default();
            for (name, value) in exchange.request.headers.iter() {
                let is_declared = declared.iter().any(|one| one.place == In::Header && name.is(&*one.name));
                if is_declared || !(is_ordinary(name.as_str()) || name.is(key_header)) {
                    add(name.as_str(), value.text().into_owned());
                }
            }
        }
    }
    given
}
