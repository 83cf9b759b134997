//! One value of a parameter or header against its declaration.

use json_schema::{Error, Reading};
use policy::entity::{In, Parameter};
use serde_json::Value;

use super::Finding;

/// How the sentences call what stands there.
fn word(place: In) -> &'static str {
    match place {
        In::Path => "path parameter",
        In::Query => "query parameter",
        In::Header => "header",
    }
}

/// The `Type` of a finding about it.
pub(crate) fn kind_of(place: In, in_response: bool) -> &'static str {
    match place {
        In::Path => "PathParameter",
        In::Query => "QueryParameter",
        In::Header if in_response => "ResponseHeader",
        In::Header => "RequestHeader",
    }
}

/// A finding about a declared parameter whose sentence for the client differs from that for the owner.
fn finding(
    parameter: &Parameter,
    in_response: bool,
    rule: &'static str,
    details: String,
    public: Option<String>,
) -> Finding {
    Finding { name: parameter.name.to_string(), kind: kind_of(parameter.place, in_response), rule, details, public }
}

/// What is wrong with the values that a message has for a declared parameter; it has one at least.
pub(crate) fn check(parameter: &Parameter, values: &[String], in_response: bool) -> Option<Finding> {
    let (name, word) = (&parameter.name, word(parameter.place));
    if values.len() > 1 && !parameter.kind.eq_ignore_ascii_case("array") {
        let side = if in_response { "Response" } else { "Request" };
        let details = format!("{side} cannot contain multiple values for the {word} {name}.");
        return Some(finding(parameter, in_response, "IncorrectMessage", details.clone(), Some(details)));
    }
    let texts = match as_json(&parameter.kind, values) {
        Ok(texts) => texts,
        Err(why) => {
            let sentence = |begin: &str, verb: &str| {
                format!("{begin} of the {word} {name} {verb} be parsed according to the definition. {why}")
            };
            let (details, public) = (sentence("Value", "cannot"), sentence("Value", "couldn't"));
            return Some(finding(parameter, in_response, "IncorrectMessage", details, Some(public)));
        }
    };
    if let Some(value) = values
        .iter()
        .find(|value| !(parameter.values.is_empty() || parameter.values.iter().any(|one| **one == **value)))
    {
        let shown = Value::from(value.as_str());
        let why =
            format!("Value {shown} is not defined in enum. Line: 1, Position: {}", shown.to_string().chars().count());
        return Some(not_as_defined(parameter, in_response, &why));
    }
    let definition = parameter.definition.as_ref()?;
    let schema = match definition.schema(Reading::default()) {
        Ok(schema) => schema,
        Err(Error::NoDefinition(definition)) => {
            let details = format!(
                "API's schema does not contain definition {definition}, which is associated with the {word} {name}."
            );
            return Some(finding(parameter, in_response, "MissingDefinition", details, None));
        }
        Err(error @ (Error::NoDocument | Error::NoDefinitions)) => return Some(Finding::no_schema(error.to_string())),
        Err(Error::Invalid(why)) => {
            let mut details = format!("{word} {name} cannot be validated. {why}");
            details.get_mut(..1).map(str::make_ascii_uppercase);
            return Some(finding(parameter, in_response, "ValidationError", details, None));
        }
    };
    // A list of words may be one of numbers: whichever reading the schema takes is right.
    let mut wrong = None;
    for text in texts {
        match schema.check(text.as_bytes()) {
            Ok(found) if found.is_empty() => return None,
            Ok(found) => wrong = wrong.or_else(|| found.into_iter().next()),
            Err(_) => {}
        }
    }
    let wrong = wrong?;
    let why = format!("{} Line: {}, Position: {}", wrong.message, wrong.line, wrong.position);
    Some(not_as_defined(parameter, in_response, &why))
}

/// That a required parameter is not there.
pub(crate) fn must_be_there(parameter: &Parameter, in_response: bool) -> Finding {
    not_as_defined(parameter, in_response, "It is required and is not there.")
}

fn not_as_defined(parameter: &Parameter, in_response: bool, why: &str) -> Finding {
    let sentence =
        format!("alue of the {} {} does not conform to the definition. {why}", word(parameter.place), parameter.name);
    let (details, public) = (format!("V{sentence}"), format!("The v{sentence}"));
    finding(parameter, in_response, "IncorrectMessage", details, Some(public))
}

/// The values as JSON, in every way that the declared type allows; or why they are none.
fn as_json(kind: &str, values: &[String]) -> Result<Vec<String>, String> {
    let first = values.first().map(|value| value.trim()).unwrap_or_default();
    let cannot = || format!("Could not convert string to {}: {first}.", kind.to_ascii_lowercase());
    let one = |text: String| Ok(vec![text]);
    match () {
        () if kind.eq_ignore_ascii_case("integer") => match first.parse::<i128>() {
            Ok(number) => one(number.to_string()),
            Err(_) => Err(cannot()),
        },
        () if kind.eq_ignore_ascii_case("number") => match number(first) {
            Some(number) => one(number),
            None => Err(cannot()),
        },
        () if kind.eq_ignore_ascii_case("boolean") => match first.to_ascii_lowercase() {
            word if word == "true" || word == "false" => one(word),
            _ => Err(cannot()),
        },
        () if kind.eq_ignore_ascii_case("object") => match serde_json::from_str::<Value>(first) {
            Ok(Value::Object(_)) => one(first.to_owned()),
            _ => Err(cannot()),
        },
        () if kind.eq_ignore_ascii_case("array") => Ok(lists(values)),
        () => one(Value::from(values.first().map(String::as_str).unwrap_or_default()).to_string()),
    }
}

fn number(text: &str) -> Option<String> {
    let number = text.parse::<f64>().ok().filter(|number| number.is_finite())?;
    // As it was written where that is JSON: nothing is rounded.
    Some(if serde_json::from_str::<serde_json::Number>(text).is_ok() { text.to_owned() } else { number.to_string() })
}

/// A list: values that were given several times, or one with commas, or JSON.
fn lists(values: &[String]) -> Vec<String> {
    if let [one] = values
        && let Ok(list @ Value::Array(_)) = serde_json::from_str(one)
    {
        return vec![list.to_string()];
    }
    let items: Vec<&str> = match values {
        [one] => one.split(',').map(str::trim).collect(),
        several => several.iter().map(String::as_str).collect(),
    };
    let words = Value::from(items.clone()).to_string();
    let scalar = |item: &&str| {
        let plain = serde_json::from_str::<Value>(item).ok().filter(|value| value.is_number() || value.is_boolean());
        plain.unwrap_or_else(|| Value::from(*item))
    };
    vec![words, Value::Array(items.iter().map(scalar).collect()).to_string()]
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use json_schema::{Definition, Document};
    use serde_json::json;

    use super::*;

    fn found(kind: &str, schema: Option<Value>, values: &[&str]) -> String {
        let document = |schema| Arc::new(Document::new(json!({ "definitions": { "P": schema } })));
        let parameter = Parameter {
            name: "p".into(),
            kind: kind.into(),
            definition: schema.map(|schema| Arc::new(Definition::named(Some(document(schema)), "P"))),
            ..Parameter::default()
        };
        let values: Vec<String> = values.iter().map(|value| (*value).to_owned()).collect();
        check(&parameter, &values, false).map_or_else(String::new, |found| format!("{} {}", found.rule, found.details))
    }

    #[test]
    fn a_value_is_read_as_its_type_and_checked_against_its_schema() {
        assert_eq!(found("integer", None, &["007"]), "");
        assert_eq!(
            found("integer", None, &["1.5"]),
            "IncorrectMessage Value of the query parameter p cannot be parsed according to the definition. \
             Could not convert string to integer: 1.5."
        );
        assert_eq!(
            found("integer", Some(json!({ "maximum": 5 })), &["7"]),
            "IncorrectMessage Value of the query parameter p does not conform to the definition. \
             Integer 7 exceeds maximum value of 5. Line: 1, Position: 1"
        );
        assert_eq!(found("number", Some(json!({ "maximum": 5 })), &["1e0"]), "");
        assert!(found("boolean", None, &["yes"]).contains("Could not convert string to boolean: yes."));
        assert_eq!(found("boolean", None, &["True"]), "");
        assert_eq!(found("object", Some(json!({ "required": ["a"] })), &["{\"a\":1}"]), "");
        assert!(found("object", None, &["a"]).contains("cannot be parsed"));
        assert!(found("string", Some(json!({ "pattern": "^a+$" })), &["ab"]).contains("does not match regex pattern"));
    }

    #[test]
    fn a_list_may_be_repeated_or_joined() {
        let integers = || Some(json!({ "items": { "type": "integer" }, "maxItems": 2 }));
        assert_eq!(found("array", integers(), &["1", "2"]), "");
        assert_eq!(found("array", integers(), &["1,2"]), "");
        assert_eq!(found("array", integers(), &["[1,2]"]), "");
        assert!(found("array", integers(), &["1,2,3"]).contains("exceeds maximum count of 2"));
        assert!(found("array", integers(), &["1,b"]).contains("Expected Integer but got String"));
        assert_eq!(found("array", Some(json!({ "items": { "type": "string" } })), &["1,b"]), "");
        assert_eq!(
            found("string", None, &["1", "2"]),
            "IncorrectMessage Request cannot contain multiple values for the query parameter p."
        );
    }

    #[test]
    fn a_definition_that_is_not_there_is_told() {
        let mut parameter = Parameter { name: "p".into(), place: In::Header, ..Parameter::default() };
        let value = ["x".to_owned()];
        let mut told = |definition| {
            parameter.definition = Some(Arc::new(definition));
            let found = check(&parameter, &value, true).unwrap();
            format!("{} {} {}", found.kind, found.rule, found.details)
        };
        let document = Arc::new(Document::new(json!({ "definitions": { "Bad": { "type": 7 } } })));
        assert_eq!(
            told(Definition::named(None, "P")),
            "ApiSchema  API's schema does not exist or it could not be resolved."
        );
        assert_eq!(
            told(Definition::named(Some(Arc::clone(&document)), "P")),
            "ResponseHeader MissingDefinition API's schema does not contain definition P, which is associated with the header p."
        );
        assert!(
            told(Definition::named(Some(document), "Bad"))
                .starts_with("ResponseHeader ValidationError Header p cannot be validated. ")
        );
    }
}
