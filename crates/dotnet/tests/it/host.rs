//! A host of fixed facts, and one-line helpers to evaluate against it.

use std::borrow::Cow;

use base::Timestamp;
use csharp::{
    Failure, Form, Options, Str, Value,
    host::{Body, Flag, Host, Instant, Number, Pairs, Part, Side, Text, Url},
    limits::Limits,
};

/// A request `POST https://gateway.example/api/orders?q=shoes` of subscription-less client.
#[derive(Default)]
pub(crate) struct Facts {
    pub(crate) variables: Vec<(String, Value)>,
    pub(crate) body: Option<&'static str>,
    pub(crate) traces: Vec<String>,
}

impl Host for Facts {
    fn now(&self) -> Timestamp {
        Timestamp::from_secs(1_767_225_600)
    }

    fn entropy(&self, bytes: &mut [u8]) {
        bytes.fill(7);
    }

    fn request_id(&self) -> [u8; 16] {
        [0x3f, 0x25, 0x04, 0xe0, 0x4f, 0x89, 0x41, 0xd3, 0x9a, 0x0c, 3, 5, 0xe8, 0x2c, 0x33, 1]
    }

    fn has(&self, part: Part) -> bool {
        !matches!(part, Part::Subscription | Part::Product | Part::LastError)
    }

    fn text(&self, text: Text) -> Option<Cow<'_, str>> {
        Some(match text {
            Text::RequestMethod => "POST".into(),
            Text::ApiId => "orders-api".into(),
            Text::OperationName => "Create order".into(),
            Text::UrlScheme(_) => "https".into(),
            Text::UrlHost(_) => "gateway.example".into(),
            Text::UrlPath(_) => "/api/orders".into(),
            Text::UrlQueryString(_) => "?q=shoes".into(),
            Text::UserGroupId(at) | Text::UserGroupName(at) => Cow::Borrowed(*["developers", "guests"].get(at)?),
            _ => return None,
        })
    }

    fn flag(&self, flag: Flag) -> bool {
        flag == Flag::Tracing
    }

    fn number(&self, number: Number) -> Option<i64> {
        match number {
            Number::ResponseStatusCode => Some(503),
            Number::UrlPort(_) => Some(443),
            Number::ProductSubscriptionsLimit => None,
        }
    }

    fn instant(&self, instant: Instant) -> Option<Timestamp> {
        (instant == Instant::Timestamp).then(|| self.now())
    }

    fn pair_values(&self, pairs: Pairs, name: &str) -> Option<Vec<Str>> {
        match (pairs, name.to_ascii_lowercase().as_str()) {
            (Pairs::Headers(Side::Request), "x-tags") => Some(vec!["a".into(), "b".into()]),
            (Pairs::Query(Url::Request), "q") => Some(vec!["shoes".into()]),
            _ => None,
        }
    }

    fn pair_names(&self, pairs: Pairs) -> Vec<Str> {
        if pairs == Pairs::Headers(Side::Request) { vec!["X-Tags".into()] } else { Vec::new() }
    }

    fn variable(&self, name: &str) -> Option<Value> {
        self.variables.iter().find(|(known, _)| known == name).map(|(_, value)| value.clone())
    }

    fn body(&mut self, _side: Side, _preserve: bool) -> Body {
        self.body.map_or(Body::NotBuffered, |text| Body::Bytes(text.as_bytes().into()))
    }

    fn trace(&mut self, message: &str) {
        self.traces.push(message.into());
    }
}

/// What an evaluation gives, as text: the value as `ToString` prints it, `! Exception`, or the first error's code.
pub(crate) fn outcome(host: &mut Facts, source: &str, form: Form) -> String {
    let surface = dotnet::surface().expect("every row of the surface can be read");
    let compiled = csharp::compile(source, form, &surface, &Options::default());
    let Some(program) = compiled.program else {
        let error = compiled.diagnostics.iter().find(|found| found.severity == base::Severity::Error);
        return error.map_or_else(String::new, |error| format!("{}: {}", error.code, error.message));
    };
    match program.run_with(host, &Limits::default(), None, |cx, value| cx.text(&value)) {
        Ok(text) => text.to_string(),
        Err(Failure::Exception(exception)) => format!("! {}", exception.def.simple_name()),
        Err(Failure::Limit(limit)) => format!("! {limit}"),
        Err(Failure::BodyNeeded(side)) => format!("{side:?} body needed"),
    }
}

pub(crate) fn expression(source: &str) -> String {
    outcome(&mut Facts::default(), source, Form::Expression)
}

pub(crate) fn block(source: &str) -> String {
    outcome(&mut Facts::default(), source, Form::Block)
}
