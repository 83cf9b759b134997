//! What the `validate-*` policies share: actions, findings, and how they become a variable and a fault.

mod body;
mod elsewhere;
mod parameter;

use policy::prelude::*;
use serde_json::json;

pub(crate) use body::{Decoded, decoded, media_type};
pub(crate) use elsewhere::elsewhere;
pub(crate) use parameter::{check, kind_of, must_be_there};

words! {
    /// What happens to a message that is not as it should be.
    pub(crate) enum Action { Ignore = "ignore", Prevent = "prevent", Detect = "detect" }
}

/// What a client reads that may not know more.
pub(crate) const INTERNAL: &str = "The request could not be processed due to an internal error. Contact the API owner.";

/// What is wrong with a message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Finding {
    /// The parameter, header, content type or status that it is about.
    pub(crate) name: String,
    /// What of the message it is about: a word of the contract.
    pub(crate) kind: &'static str,
    /// The rule that is broken: a word of the contract.
    pub(crate) rule: &'static str,
    /// For the owner of the API.
    pub(crate) details: String,
    /// For the client, if it may know.
    pub(crate) public: Option<String>,
}

impl Finding {
    /// The API declares schemas that are not there.
    pub(crate) fn no_schema(details: String) -> Self {
        Self { name: String::new(), kind: "ApiSchema", rule: "", details, public: None }
    }
}

/// Findings with what is to be done about each.
#[derive(Default)]
pub(crate) struct Findings(Vec<(Finding, Action)>);

impl Findings {
    /// Notes a finding. What is to be ignored is none.
    pub(crate) fn note(&mut self, finding: Finding, action: Action) {
        if action != Action::Ignore {
            self.0.push((finding, action));
        }
    }

    /// Leaves the findings in the variable, if there are any, and fails if one of them is to be prevented.
    pub(crate) fn conclude(self, exchange: &mut Exchange, on: On, variable: Option<&Arc<str>>) -> Result<Flow, Fault> {
        exchange.note(|_| match self.0.first() {
            None => "Nothing is wrong.".to_owned(),
            Some((first, _)) => format!("{} wrong: {}", self.0.len(), first.details),
        });
        if self.0.is_empty() {
            return Ok(Flow::Continue);
        }
        if let Some(variable) = variable {
            let all: Vec<_> = self.0.iter().map(|(finding, action)| shown(finding, *action)).collect();
            let text = serde_json::Value::Array(all).to_string();
            let errors =
                json::JToken::parse_array(text).map_err(|error| Fault::new("", "InternalError", error.to_string()))?;
            exchange.variables.set(variable, dotnet::token(errors));
        }
        let prevented = self.0.into_iter().find(|(_, action)| *action == Action::Prevent);
        prevented.map_or(Ok(Flow::Continue), |(finding, _)| Err(fault(finding, on)))
    }
}

fn shown(finding: &Finding, action: Action) -> serde_json::Value {
    json!({
        "Name": finding.name,
        "Type": finding.kind,
        "ValidationRule": finding.rule,
        "Details": finding.details,
        "Action": if action == Action::Prevent { "prevent" } else { "detect" },
    })
}

fn fault(finding: Finding, on: On) -> Fault {
    let (reason, status) = match on {
        On::Request => ("Bad request", Status::BAD_REQUEST),
        On::Response | On::Draft | On::Call => ("Response not allowed", Status::BAD_GATEWAY),
    };
    let public = finding.public.filter(|_| on == On::Request).unwrap_or_else(|| INTERNAL.to_owned());
    Fault::new("", reason, finding.details).with_status(status).shown(public)
}

/// Actions that the policy has for single names.
pub(crate) struct Overrides(Box<[(String, Value<Action>)]>);

impl Overrides {
    /// Reads the children of this element name.
    pub(crate) fn read(element: &Element, child: &str, cx: &mut Compiler<'_>) -> Option<Self> {
        let children = element.elements().filter(|one| one.name == child);
        let all: Vec<_> = children
            .map(|one| {
                let (name, action) = (cx.literal::<String>(one, "name"), cx.attr(one, "action"));
                Some((name?.trim().to_owned(), action?))
            })
            .collect();
        all.into_iter().collect::<Option<_>>().map(Self)
    }

    /// The action for a name, whatever its case.
    pub(crate) fn of(&self, name: &str) -> Option<&Value<Action>> {
        self.0.iter().find(|(known, _)| known.eq_ignore_ascii_case(name)).map(|(_, action)| action)
    }
}

/// Headers that HTTP itself needs, that the gateway adds, and that OpenAPI does not let an API declare: they are never
/// unspecified.
pub(crate) fn is_ordinary(header: &str) -> bool {
    const ORDINARY: &[&str] = &[
        "accept",
        "authorization",
        "connection",
        "content-encoding",
        "content-length",
        "content-type",
        "date",
        "host",
        "keep-alive",
        "te",
        "transfer-encoding",
        "x-forwarded-for",
    ];
    ORDINARY.iter().any(|known| known.eq_ignore_ascii_case(header))
}
