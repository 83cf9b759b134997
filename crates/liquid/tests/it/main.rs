//! Templates in, text out.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod filters;
mod reading;
mod robust;
mod tags;

use liquid::{DateTime, LimitExceeded, Limits, Markup, Object, Template, Value};

/// A dictionary.
struct Dict(Vec<(&'static str, Value<'static>)>);

impl Object<'static> for Dict {
    fn member(&self, name: &str) -> Option<Value<'static>> {
        self.0.iter().find(|(known, _)| *known == name).map(|(_, value)| value.clone())
    }

    fn items(&self) -> Option<Vec<Value<'static>>> {
        Some(self.0.iter().map(|(name, value)| Value::pair(*name, value.clone())).collect())
    }

    fn text(&self) -> Option<String> {
        None
    }
}

fn dict(members: Vec<(&'static str, Value<'static>)>) -> Value<'static> {
    Value::object(Dict(members))
}

fn body() -> Value<'static> {
    let person = |name: &'static str, age| dict(vec![("name", Value::str(name)), ("age", Value::Int(age))]);
    dict(vec![
        ("name", Value::str("Ann Lee")),
        ("n", Value::Int(7)),
        ("price", Value::Double(12.5)),
        ("list", Value::list(vec![Value::Int(3), Value::Int(1), Value::Int(2)])),
        ("people", Value::list(vec![person("Bob", 30), person("ann", 20)])),
        ("one", person("Eve", 40)),
        ("none", Value::list(vec![])),
        ("blank", Value::str("  ")),
        ("yes", Value::Bool(true)),
        ("no", Value::Bool(false)),
        ("null", Value::Nil),
        ("date", Value::Date(DateTime::from_date(2012, 3, 21).unwrap())),
        ("first-name", Value::str("dashed")),
    ])
}

fn render_within(template: &str, limits: &Limits) -> Result<String, LimitExceeded> {
    let parsed = Template::parse(template, Markup::Text);
    assert_eq!(parsed.errors, [], "{template}");
    let now = DateTime::from_date(2024, 5, 17).unwrap();
    let body = body();
    parsed.template.unwrap().render(&|name| (name == "body").then(|| body.clone()), now, limits)
}

fn render(template: &str) -> String {
    render_within(template, &Limits::default()).unwrap()
}

/// Each template with what it gives.
fn check(cases: &[(&str, &str)]) {
    for (template, expected) in cases {
        assert_eq!(render(template), *expected, "{template}");
    }
}
