//! `validate-content`: checks the size, the content type and the JSON of a body.

use json_schema::{Definition, Error, NotJson, Reading, Violation};
use policy::{
    Bytes, GlobalSchema,
    csharp::host::Side,
    entity::{Operation, Representation},
    prelude::*,
};

use crate::validation::{Action, Decoded, Finding, Findings, decoded, elsewhere, media_type};

/// The most that may be checked, in bytes.
const LIMIT: i64 = 4 << 20;

/// Bodies up to this size are checked on the spot: that takes less time than to hand them over.
const ON_THE_SPOT: usize = 16 << 10;

const FORMATS: &[&str] = &["json", "xml", "soap"];

pub(crate) static DEF: PolicyDef = PolicyDef {
    name: "validate-content",
    summary: "Checks the size of a body, its content type, and its JSON against a schema.",
    notes: "The size is that of the body without its content coding. A longer body is not checked any further. A `content` without `type` \
            is for every content type that the operation declares. Schemas are those that the operation declares, or with `schema-id` one of \
            the service. `prevent` answers 400 to a request and 502 instead of a response; errors are left in a variable as a `JArray`. Schemas \
            are made ready when they are published; bodies of more than 16 KB are checked on threads of their own. XML schemas and SOAP are refused for now.",
    sections: Sections::INBOUND.or(Sections::OUTBOUND).or(Sections::ON_ERROR),
    unbuilt: &["validate-content (soap)", "validate-content (xml)"],
    attrs: &[
        Attr::required("unspecified-content-type-action", Kind::OneOf(Action::WORDS), "What happens to a content type that is not declared.")
            .expr(),
        Attr::required("max-size", Kind::Int(0, LIMIT), "The most bytes that a body may have.").expr(),
        Attr::required("size-exceeded-action", Kind::OneOf(Action::WORDS), "What happens to a longer one.").expr(),
        Attr::optional("errors-variable-name", Kind::Name, "The variable that gets the errors."),
    ],
    children: &[
        Child {
            name: "content-type-map",
            count: (0, 1),
            attrs: &[
                Attr::optional("any-content-type-value", Kind::Name, "What every content type counts as that `type` does not name."),
                Attr::optional("missing-content-type-value", Kind::Name, "What a body without a content type counts as."),
            ],
            children: &[Child {
                name: "type",
                attrs: &[
                    Attr::required("to", Kind::Name, "What it counts as."),
                    Attr::optional("from", Kind::Name, "The content type that is meant."),
                    Attr::optional("when", Kind::Bool, "Whether this one is meant, whatever it is.").expr(),
                ],
                doc: "Makes a content type count as another.",
                ..Child::BASE
            }],
            doc: "Content types that count as others.",
            ..Child::BASE
        },
        Child {
            name: "content",
            attrs: &[
                Attr::optional("type", Kind::Name, "The content type; every declared one, if it is left out."),
                Attr::required("validate-as", Kind::OneOf(FORMATS), "What the body is."),
                Attr::required("action", Kind::OneOf(Action::WORDS), "What happens to a body that breaks the schema.").expr(),
                Attr::optional("schema-id", Kind::Name, "A schema of the service, instead of those that the operation declares."),
                Attr::optional("schema-ref", Kind::Name, "The part of that schema that is meant, as `#/definitions/Order`."),
                Attr::optional("allow-additional-properties", Kind::Bool, "Whether undeclared properties may be there, whatever the schema says."),
                Attr::or("case-insensitive-property-names", Kind::Bool, "false", "Whether the case of property names does not matter."),
            ],
            doc: "How bodies of a content type are checked.",
            ..Child::BASE
        },
    ],
    examples: &[
        Example {
            title: "A body that breaks the declared schema",
            policy: "<validate-content unspecified-content-type-action=\"prevent\" max-size=\"102400\" size-exceeded-action=\"prevent\">\n  \
                     <content type=\"application/json\" validate-as=\"json\" action=\"prevent\" />\n</validate-content>",
            given: "POST /resource/1 HTTP/1.1\nContent-Type: application/json\n\n{ \"note\": \"x\" }",
            then: "HTTP/1.1 400 Bad Request\nContent-Type: application/json\n\n{ \"statusCode\": 400, \"message\": \"Body of the request does not \
                   conform to the definition Resource, which is associated with the content type application/json. Required properties are missing \
                   from object: id. Line: 1, Position: 1\" }",
            ..Example::BASE
        },
        Example {
            title: "No property that is not declared",
            policy: "<validate-content unspecified-content-type-action=\"prevent\" max-size=\"102400\" size-exceeded-action=\"prevent\">\n  \
                     <content-type-map missing-content-type-value=\"application/json\" />\n  \
                     <content validate-as=\"json\" action=\"prevent\" allow-additional-properties=\"false\" />\n</validate-content>",
            given: "POST /resource/1 HTTP/1.1\n\n{ \"id\": 1, \"more\": 2 }",
            then: "HTTP/1.1 400 Bad Request\nContent-Type: application/json\n\n{ \"statusCode\": 400, \"message\": \"Body of the request does not \
                   conform to the definition Resource, which is associated with the content type application/json. Property 'more' has not been \
                   defined and the schema does not allow additional properties. Line: 1, Position: 20\" }",
            ..Example::BASE
        },
        Example {
            title: "Only look at what the backend answers",
            policy: "<policies><inbound><base /></inbound><backend><base /></backend><outbound>\n  <validate-content \
                     unspecified-content-type-action=\"ignore\" max-size=\"4194304\" size-exceeded-action=\"detect\" \
                     errors-variable-name=\"errors\">\n    <content validate-as=\"json\" action=\"detect\" />\n  </validate-content>\n  \
                     <set-header name=\"X-Found\">\n    <value>@((string)((JArray)context.Variables[\"errors\"])[0][\"ValidationRule\"])</value>\n  \
                     </set-header>\n</outbound><on-error><base /></on-error></policies>",
            given: "GET /resource/1 HTTP/1.1",
            backend: "HTTP/1.1 200 OK\nContent-Type: application/json\n\n{ \"id\": 0 }",
            then: "HTTP/1.1 200 OK\nX-Found: IncorrectMessage\n\n{ \"id\": 0 }",
            ..Example::BASE
        },
    ],
    compile: |element, cx| {
        let unspecified = cx.attr(element, "unspecified-content-type-action");
        let max_size = cx.attr(element, "max-size");
        let size_exceeded = cx.attr(element, "size-exceeded-action");
        let variable = cx.optional_literal(element, "errors-variable-name");
        let map = match element.elements().find(|child| child.name == "content-type-map") {
            Some(child) => Map::read(child, cx),
            None => Some(Map::default()),
        };
        for content in element.elements().filter(|child| child.name == "content") {
            let form = content.attribute("validate-as").filter(|form| ["xml", "soap"].contains(&form.value.value.text()));
            if let Some(form) = form {
                let what = format!("<content validate-as=\"{}\">", form.value.value.text());
                return cx.unsupported(&what, form.name_span);
            }
        }
        let rules: Vec<_> =
            element.elements().filter(|child| child.name == "content").map(|child| Rule::read(child, cx)).collect();
        Some(Step::later(ValidateContent {
            on: cx.on(),
            unspecified: unspecified?,
            max_size: max_size?,
            size_exceeded: size_exceeded?,
            variable: variable?,
            map: map?,
            rules: rules.into_iter().collect::<Option<_>>()?,
        }))
    },
    ..PolicyDef::BASE
};

struct ValidateContent {
    on: On,
    unspecified: Value<Action>,
    max_size: Value<u64>,
    size_exceeded: Value<Action>,
    variable: Option<Arc<str>>,
    map: Map,
    rules: Box<[Rule]>,
}

/// What content types count as. All are lower-case and without parameters.
#[derive(Default)]
struct Map {
    types: Box<[(When, String)]>,
    any: Option<String>,
    missing: Option<String>,
}

enum When {
    From(String),
    Condition(Value<bool>),
}

impl Map {
    fn read(element: &Element, cx: &mut Compiler<'_>) -> Option<Self> {
        let mut value = |name| Some(cx.optional_literal::<String>(element, name)?.map(|text| media_type(&text)));
        let (any, missing) = (value("any-content-type-value"), value("missing-content-type-value"));
        let types: Vec<_> = element.elements().filter(|child| child.name == "type").map(|child| Self::entry(child, cx)).collect();
        Some(Self { types: types.into_iter().collect::<Option<_>>()?, any: any?, missing: missing? })
    }

    fn entry(element: &Element, cx: &mut Compiler<'_>) -> Option<(When, String)> {
        let to = cx.literal::<String>(element, "to");
        let from = cx.optional_literal::<String>(element, "from");
        let when = match element.attribute("when") {
            Some(_) => cx.condition(element, "when").map(Some),
            None => Some(None),
        };
        let when = match (from?, when?) {
            (Some(from), None) => When::From(media_type(&from)),
            (None, Some(condition)) => When::Condition(condition),
            _ => {
                cx.error("PX0108", "<type> needs either from or when.", element.name_span);
                return None;
            }
        };
        Some((when, media_type(&to?)))
    }

    /// What `content_type` counts as; none for a body without one that counts as nothing.
    fn apply(&self, content_type: Option<String>, exchange: &mut Exchange) -> Result<Option<String>, Fault> {
        for (when, to) in &self.types {
            let is_meant = match when {
                When::From(from) => content_type.as_ref() == Some(from),
                When::Condition(condition) => *condition.get(exchange)?,
            };
            if is_meant {
                return Ok(Some(to.clone()));
            }
        }
        let otherwise = if content_type.is_none() { self.missing.as_ref().or(self.any.as_ref()) } else { self.any.as_ref() };
        Ok(otherwise.cloned().or(content_type))
    }
}

/// How bodies of a content type are checked.
struct Rule {
    content_type: Option<String>,
    action: Value<Action>,
    reading: Reading,
    schema: Option<Arc<Definition>>,
    /// What the sentences call the schema.
    name: Arc<str>,
}

impl Rule {
    fn read(element: &Element, cx: &mut Compiler<'_>) -> Option<Self> {
        let content_type = cx.optional_literal::<String>(element, "type");
        let action = cx.attr(element, "action");
        let additional = cx.optional_literal::<bool>(element, "allow-additional-properties");
        let fold_names = cx.literal_or(element, "case-insensitive-property-names", false);
        let id = cx.optional_literal::<String>(element, "schema-id");
        let part = cx.optional_literal::<String>(element, "schema-ref");
        let reading = Reading { additional: additional?, fold_names: fold_names? };
        let (id, part) = (id?, part?);
        let name = match (&id, &part) {
            (Some(id), Some(part)) => format!("{id}{part}"),
            (Some(id), None) => id.clone(),
            (None, _) => String::new(),
        };
        let schema = match id {
            Some(id) => Some(Self::schema(element, &id, part.as_deref(), reading, cx)?),
            None => {
                cx.note_reading(reading);
                None
            }
        };
        let content_type = content_type?.map(|text| media_type(&text));
        Some(Self { content_type, action: action?, reading, schema, name: name.into() })
    }

    fn schema(element: &Element, id: &str, part: Option<&str>, reading: Reading, cx: &mut Compiler<'_>) -> Option<Arc<Definition>> {
        let span = element.attribute("schema-id").map_or(element.name_span, |attribute| attribute.value.span);
        let GlobalSchema::Json(document) = cx.global_schema(id, span)? else {
            cx.error("PX0127", format!("The schema \"{id}\" is not a JSON schema."), span);
            return None;
        };
        let definition = match part {
            Some(part) => Definition::named(Some(document), part),
            None => Definition::whole(document),
        };
        if let Err(error) = definition.schema(reading) {
            cx.error("PX0127", format!("The schema \"{id}\" cannot be used: {error}"), span);
            return None;
        }
        Some(Arc::new(definition))
    }
}

/// What was made of a body.
enum Checked {
    Right,
    Size(Option<u64>),
    Unreadable(String),
    Broken(Vec<Violation>),
}

impl LaterPolicy for ValidateContent {
    fn run<'a>(&'a self, exchange: &'a mut Exchange) -> LocalFuture<'a, Result<Flow, Fault>> {
        Box::pin(self.validate(exchange))
    }
}

impl ValidateContent {
    async fn validate(&self, exchange: &mut Exchange) -> Result<Flow, Fault> {
        let Some(operation) = exchange.entities.operation.clone() else { return Ok(Flow::Continue) };
        let max_size = (*self.max_size.get(exchange)?).min(LIMIT as u64);
        let size_exceeded = *self.size_exceeded.get(exchange)?;
        let unspecified = *self.unspecified.get(exchange)?;
        let mut findings = Findings::default();

        let headers = exchange.headers(self.on);
        let given = headers.first("Content-Type").map(|value| media_type(&value.text())).filter(|given| !given.is_empty());
        let coding = headers.first("Content-Encoding").map(|value| value.text().into_owned()).unwrap_or_default();
        if self.has_no_body(exchange, given.is_some()) {
            return Ok(Flow::Continue);
        }
        // A body that says it is too long is not read for that.
        let length = self.body(exchange).exact_len().filter(|length| *length > max_size && coding.is_empty());
        if let Some(length) = length {
            findings.note(self.too_long(Some(length), max_size), size_exceeded);
            return findings.conclude(exchange, self.on, self.variable.as_ref());
        }
        let content_type = self.map.apply(given, exchange)?;
        let declared = self.declared(&operation, exchange.response.status);
        let shown = content_type.clone().unwrap_or_default();
        let representation = declared.iter().find(|one| media_type(&one.content_type) == shown);
        let rule = self.rule(&shown, representation.is_some());
        if representation.is_none() && rule.is_none_or(|rule| rule.schema.is_none()) {
            let details = format!("Unspecified content type {shown} is not allowed.");
            let finding =
                Finding { name: shown.clone(), kind: self.kind(), rule: "Unspecified", public: Some(details.clone()), details };
            findings.note(finding, unspecified);
        }

        let side = if self.on == On::Request { Side::Request } else { Side::Response };
        exchange.buffer_coded(side).await?;
        let body = match self.body_mut(exchange).collect(u64::MAX).await {
            Ok(body) => body,
            Err(error) => return Err(Fault::new("", "InternalError", error.to_string())),
        };
        let definition = rule.and_then(|rule| rule.schema.as_ref().or(representation.and_then(|one| one.definition.as_ref())));
        let action = match rule {
            Some(rule) => *rule.action.get(exchange)?,
            None => Action::Ignore,
        };
        let checked = match (rule, definition) {
            (Some(rule), Some(definition)) if action != Action::Ignore => {
                if let Err(error) = definition.schema(rule.reading) {
                    findings.note(self.no_schema(error, definition, &shown), action);
                    check_size(body, &coding, max_size)
                } else {
                    self.check(body, coding, max_size, Arc::clone(definition), rule.reading).await?
                }
            }
            _ => check_size(body, &coding, max_size),
        };
        let name = match (rule, definition) {
            (Some(rule), _) if !rule.name.is_empty() => rule.name.to_string(),
            (_, Some(definition)) => definition.name().to_owned(),
            _ => String::new(),
        };
        match checked {
            Checked::Right => {}
            Checked::Size(length) => findings.note(self.too_long(length, max_size), size_exceeded),
            Checked::Unreadable(why) => {
                let side = if self.on == On::Request { "request" } else { "response" };
                let details = format!("Body of the {side} cannot be validated for the content type {shown}. {why}");
                let finding =
                    Finding { name: String::new(), kind: self.kind(), rule: "ValidationException", details, public: None };
                findings.note(finding, action);
            }
            Checked::Broken(violations) => {
                for violation in violations {
                    findings.note(self.broken(&violation, &name, &shown), action);
                }
            }
        }
        findings.conclude(exchange, self.on, self.variable.as_ref())
    }

    /// Whether there is nothing to check: an absent body, and not a body that is empty.
    fn has_no_body(&self, exchange: &Exchange, has_type: bool) -> bool {
        let never = match self.on {
            On::Request => false,
            On::Response | On::Draft | On::Call => {
                exchange.request.method == Method::HEAD || matches!(exchange.response.status.code(), 204 | 304)
            }
        };
        never || (self.body(exchange).exact_len() == Some(0) && !has_type)
    }

    fn body<'e>(&self, exchange: &'e Exchange) -> &'e policy::Body {
        if self.on == On::Request { &exchange.request.body } else { &exchange.response.body }
    }

    fn body_mut<'e>(&self, exchange: &'e mut Exchange) -> &'e mut policy::Body {
        if self.on == On::Request { &mut exchange.request.body } else { &mut exchange.response.body }
    }

    fn kind(&self) -> &'static str {
        if self.on == On::Request { "RequestBody" } else { "ResponseBody" }
    }

    fn declared<'o>(&self, operation: &'o Operation, status: Status) -> &'o [Representation] {
        match self.on {
            On::Request => &operation.request,
            On::Response | On::Draft | On::Call => operation.response(status).map(|response| &*response.representations).unwrap_or_default(),
        }
    }

    /// The rule of a content type: its own before that of all declared ones.
    fn rule(&self, content_type: &str, is_declared: bool) -> Option<&Rule> {
        let own = self.rules.iter().find(|rule| rule.content_type.as_deref() == Some(content_type));
        own.or_else(|| self.rules.iter().find(|rule| rule.content_type.is_none() && (is_declared || rule.schema.is_some())))
    }

    /// Takes the coding off and checks the JSON; much of it on another thread.
    async fn check(
        &self,
        body: Bytes,
        coding: String,
        max_size: u64,
        definition: Arc<Definition>,
        reading: Reading,
    ) -> Result<Checked, Fault> {
        let is_small = body.len() <= ON_THE_SPOT && coding.is_empty();
        let check = move || match decoded(body, &coding, max_size) {
            Decoded::TooLong(length) => Checked::Size(length),
            Decoded::Unreadable(why) => Checked::Unreadable(why),
            Decoded::Whole(body) => match definition.schema(reading).map(|schema| schema.check(&body)) {
                Ok(Ok(violations)) if violations.is_empty() => Checked::Right,
                Ok(Ok(violations)) => Checked::Broken(violations),
                Ok(Err(NotJson(why))) => Checked::Unreadable(why),
                Err(error) => Checked::Unreadable(error.to_string()),
            },
        };
        if is_small {
            return Ok(check());
        }
        elsewhere(check).await.ok_or_else(|| Fault::new("", "InternalError", "the body could not be checked"))
    }

    fn too_long(&self, length: Option<u64>, max_size: u64) -> Finding {
        let side = if self.on == On::Request { "Request" } else { "Response" };
        let length = length.map_or_else(|| format!("more than {max_size}"), |length| length.to_string());
        let details = |limit: &str| format!("{side}'s body is {length} bytes long and it exceeds the {limit} of {max_size} bytes.");
        Finding {
            name: String::new(),
            kind: self.kind(),
            rule: "SizeLimit",
            details: details("configured limit"),
            public: Some(details("limit")),
        }
    }

    fn no_schema(&self, error: &Error, definition: &Definition, content_type: &str) -> Finding {
        match error {
            Error::NoDefinition(name) => {
                let details = format!(
                    "API's schema does not contain definition {name}, which is associated with the content type {content_type}."
                );
                let name = content_type.to_owned();
                Finding { name, kind: self.kind(), rule: "MissingDefinition", details, public: None }
            }
            Error::Invalid(why) => {
                let details = format!("The definition {} cannot be used: {why}", definition.name());
                Finding { name: String::new(), kind: self.kind(), rule: "ValidationException", details, public: None }
            }
            Error::NoDocument | Error::NoDefinitions => Finding::no_schema(error.to_string()),
        }
    }

    fn broken(&self, violation: &Violation, definition: &str, content_type: &str) -> Finding {
        let side = if self.on == On::Request { "request" } else { "response" };
        let details = format!(
            "Body of the {side} does not conform to the definition {definition}, which is associated with the content type {content_type}. {} \
             Line: {}, Position: {}",
            violation.message, violation.line, violation.position
        );
        let name = content_type.to_owned();
        Finding { name, kind: self.kind(), rule: "IncorrectMessage", public: Some(details.clone()), details }
    }
}

fn check_size(body: Bytes, coding: &str, max_size: u64) -> Checked {
    match decoded(body, coding, max_size) {
        Decoded::TooLong(length) => Checked::Size(length),
        // That it cannot be read matters only to those who want to check it.
        Decoded::Whole(_) | Decoded::Unreadable(_) => Checked::Right,
    }
}
