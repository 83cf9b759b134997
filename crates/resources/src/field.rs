//! Rules on single fields, and what is said when one is broken.

use arm::Error;
use serde_json::Value;

use crate::pointers;

/// A rule on the fields that a path selects.
#[derive(Clone, Copy, Debug)]
pub struct Field {
    /// Where; see [`pointers`].
    pub path: &'static str,
    /// What must hold of a value. JSON null counts as absent.
    pub rule: Rule,
    /// Whether there must be a value.
    pub required: bool,
}

/// What must hold of a value.
#[derive(Clone, Copy, Debug)]
pub enum Rule {
    /// Text of this many characters.
    Text(usize, usize),
    /// Text of letters, digits and these characters, this many at most.
    Letters(&'static str, usize),
    /// One of these words. Callers write them in any case; they are stored as they stand here.
    Words(&'static [&'static str]),
    /// A truth value. Text that says it counts, as it does in the service.
    Bool,
    /// A whole number in this range.
    Int(i64, i64),
    /// An instant.
    Instant,
    /// A duration of ISO 8601: `PT1M`.
    Duration,
    /// An absolute URL with one of these schemes, 2000 characters at most.
    Url(&'static [&'static str]),
    /// An object.
    Object,
    /// An array of this many items.
    List(usize, usize),
}

impl Field {
    /// A rule on an optional field.
    pub const fn new(path: &'static str, rule: Rule) -> Self {
        Self { path, rule, required: false }
    }

    /// A rule on a field that must be there.
    pub const fn required(path: &'static str, rule: Rule) -> Self {
        Self { path, rule, required: true }
    }

    /// Checks every place that the path selects and notes what is wrong. Words and truth values are put right.
    pub fn check(&self, body: &mut Value, wrong: &mut Error) {
        for pointer in pointers(body, self.path) {
            let target = target(&pointer);
            match body.pointer_mut(&pointer) {
                None | Some(Value::Null) if self.required => {
                    wrong.details.push(detail(target, "is required and must not be empty."));
                }
                None | Some(Value::Null) => {}
                Some(value) => {
                    if let Err(message) = self.rule.check(value) {
                        wrong.details.push(detail(target, message));
                    }
                }
            }
        }
    }
}

fn detail(target: String, message: impl AsRef<str>) -> arm::Detail {
    arm::Detail { code: "ValidationError", message: format!("'{target}' {}", message.as_ref()), target }
}

/// `/properties/request/headers/0/name` as callers know it: `request.headers[0].name`.
fn target(pointer: &str) -> String {
    let path = pointer.strip_prefix("/properties/").or_else(|| pointer.strip_prefix('/')).unwrap_or(pointer);
    let mut target = String::new();
    for step in path.split('/') {
        let step = step.replace("~1", "/").replace("~0", "~");
        if step.bytes().all(|byte| byte.is_ascii_digit()) {
            target.push_str(&format!("[{step}]"));
        } else {
            target.push_str(if target.is_empty() { "" } else { "." });
            target.push_str(&step);
        }
    }
    target
}

impl Rule {
    fn check(self, value: &mut Value) -> Result<(), String> {
        match self {
            Self::Text(least, most) => {
                let length = text(value)?.chars().count();
                match length {
                    _ if (least..=most).contains(&length) => Ok(()),
                    _ if least == 0 => Err(format!("must be at most {most} characters long.")),
                    _ => Err(format!("must be {least} to {most} characters long.")),
                }
            }
            Self::Letters(extra, most) => {
                let text = text(value)?;
                let known = text.chars().all(|c| c.is_ascii_alphanumeric() || extra.contains(c));
                match text.len() {
                    1.. if known && text.len() <= most => Ok(()),
                    _ => Err(format!("must be 1 to {most} letters, digits or characters of '{extra}'.")),
                }
            }
            Self::Words(words) => {
                let text = text(value)?;
                let word = words.iter().find(|word| word.eq_ignore_ascii_case(text)).copied();
                let word = word.ok_or_else(|| format!("must be one of {}, and is '{text}'.", words.join(", ")))?;
                *value = Value::String(word.to_owned());
                Ok(())
            }
            Self::Bool => {
                let truth = match value {
                    Value::Bool(truth) => Some(*truth),
                    Value::String(text) if text.eq_ignore_ascii_case("true") => Some(true),
                    Value::String(text) if text.eq_ignore_ascii_case("false") => Some(false),
                    _ => None,
                };
                *value = Value::Bool(truth.ok_or("must be true or false.")?);
                Ok(())
            }
            Self::Int(least, most) => match whole(value) {
                Some(number) if (least..=most).contains(&number) => Ok(()),
                _ => Err(format!("must be a whole number from {least} to {most}.")),
            },
            Self::Instant => match arm::parse_time(text(value)?) {
                Some(_) => Ok(()),
                None => Err("must be an instant such as 2026-01-31T00:00:00Z.".to_owned()),
            },
            Self::Duration if arm::parse_duration(text(value)?).is_some() => Ok(()),
            Self::Duration => Err("must be a duration of ISO 8601 such as PT1M.".to_owned()),
            Self::Url(schemes) => {
                let text = text(value)?;
                let scheme = text.split_once("://").filter(|(_, rest)| !rest.is_empty() && !rest.starts_with('/'));
                match scheme {
                    Some((scheme, _))
                        if schemes.iter().any(|known| known.eq_ignore_ascii_case(scheme)) && text.len() <= 2000 =>
                    {
                        Ok(())
                    }
                    // Services of a cluster have names without a host.
                    _ if schemes.contains(&"fabric") && text.len() <= 2000 && is_fabric(text) => Ok(()),
                    // A named value may stand for any part of it.
                    _ if text.contains("{{") && text.len() <= 2000 => Ok(()),
                    _ => Err(format!("must be an absolute URL ({}) of at most 2000 characters.", schemes.join(", "))),
                }
            }
            Self::Object if value.is_object() => Ok(()),
            Self::Object => Err("must be an object.".to_owned()),
            Self::List(least, most) => match value.as_array().map(Vec::len) {
                Some(length) if (least..=most).contains(&length) => Ok(()),
                _ => Err(format!("must be a list of {least} to {most} items.")),
            },
        }
    }
}

/// A whole number. Templates of the service's own manual write some as texts, which are put right.
fn whole(value: &mut Value) -> Option<i64> {
    if let Some(number) = value.as_str().and_then(|text| text.parse::<i64>().ok()) {
        *value = number.into();
    }
    value.as_i64()
}

/// `fabric:/application/service`.
fn is_fabric(text: &str) -> bool {
    text.split_once(":/").is_some_and(|(scheme, rest)| {
        scheme.eq_ignore_ascii_case("fabric") && !rest.is_empty() && !rest.starts_with('/')
    })
}

fn text(value: &Value) -> Result<&str, String> {
    value.as_str().ok_or_else(|| "must be text.".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn wrong(field: Field, properties: Value) -> Vec<String> {
        let mut body = json!({ "properties": properties });
        let mut error = Error::validation();
        field.check(&mut body, &mut error);
        error.details.into_iter().map(|detail| detail.message).collect()
    }

    #[test]
    fn every_wrong_place_is_named() {
        let field = Field::required("headers[].name", Rule::Text(1, 3));
        assert_eq!(
            wrong(field, json!({ "headers": [{ "name": "abcd" }, { "name": "ok" }, {}] })),
            [
                "'headers[0].name' must be 1 to 3 characters long.",
                "'headers[2].name' is required and must not be empty.",
            ]
        );
        assert_eq!(wrong(field, json!({})), Vec::<String>::new());
    }

    #[test]
    fn words_and_truth_values_are_put_right() {
        let mut body = json!({ "properties": { "state": "PUBLISHED", "secret": "True" } });
        let mut error = Error::validation();
        Field::new("state", Rule::Words(&["notPublished", "published"])).check(&mut body, &mut error);
        Field::new("secret", Rule::Bool).check(&mut body, &mut error);
        assert_eq!(body["properties"], json!({ "state": "published", "secret": true }));
        assert!(error.details.is_empty());
    }

    #[test]
    fn numbers_may_be_texts() {
        let mut body = json!({ "properties": { "count": "3", "weight": 7 } });
        let mut error = Error::validation();
        Field::new("count", Rule::Int(1, 10)).check(&mut body, &mut error);
        Field::new("weight", Rule::Int(1, 10)).check(&mut body, &mut error);
        assert_eq!((body["properties"].clone(), error.details.len()), (json!({ "count": 3, "weight": 7 }), 0));
        assert_eq!(wrong(Field::new("count", Rule::Int(1, 10)), json!({ "count": "x" })).len(), 1);
    }

    #[test]
    fn durations_and_urls() {
        let duration = |text: &str| wrong(Field::new("d", Rule::Duration), json!({ "d": text })).is_empty();
        assert!(duration("PT1M") && duration("P1DT2H") && duration("PT0.5S"));
        assert!(!duration("P") && !duration("PT") && !duration("1M") && !duration("PT1S2M") && !duration("P1é"));
        let url = |text: &str| wrong(Field::new("u", Rule::Url(&["http", "https"])), json!({ "u": text })).is_empty();
        assert!(url("http://a/b") && url("HTTPS://a") && !url("ftp://a") && !url("a/b") && !url("http://"));
    }
}
