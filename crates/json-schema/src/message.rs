//! Sentences for what a text breaks, in the words that users of the service know.

use jsonschema::{
    ValidationError,
    error::{TypeKind, ValidationErrorKind as Kind},
};
use serde_json::Value;

/// What was found, and where: the keys on the way to the value.
pub(crate) struct Found {
    pub(crate) message: String,
    pub(crate) path: Vec<String>,
}

/// The longest value that a sentence shows, in characters.
const SHOWN: usize = 200;

pub(crate) fn of<'v>(errors: impl IntoIterator<Item = ValidationError<'v>>) -> Vec<Found> {
    let mut all: Vec<Found> = Vec::new();
    // Properties that one object lacks stand in one sentence.
    let mut lacking: Vec<(String, Vec<String>, usize)> = Vec::new();
    for error in errors {
        let pointer = error.instance_path().as_str().to_owned();
        let path: Vec<String> =
            pointer.split('/').skip(1).map(|key| key.replace("~1", "/").replace("~0", "~")).collect();
        if let Kind::Required { property } = error.kind() {
            let name = property.as_str().unwrap_or_default().to_owned();
            match lacking.iter_mut().find(|(at, _, _)| *at == pointer) {
                Some((_, names, _)) => names.push(name),
                None => {
                    lacking.push((pointer, vec![name], all.len()));
                    all.push(Found { message: String::new(), path });
                }
            }
            continue;
        }
        for (message, key) in sentences(&error) {
            let path = path.iter().cloned().chain(key).collect();
            all.push(Found { message: shortened(message), path });
        }
    }
    for (_, mut names, at) in lacking {
        names.dedup();
        if let Some(found) = all.get_mut(at) {
            found.message = shortened(format!("Required properties are missing from object: {}.", names.join(", ")));
        }
    }
    // Parts of an `allOf` may say the same.
    let mut told = std::collections::HashSet::new();
    all.retain(|found| told.insert((found.message.clone(), found.path.clone())));
    all
}

/// The sentences of one error; the key is a property of the value, where that is meant.
fn sentences(error: &ValidationError<'_>) -> Vec<(String, Option<String>)> {
    let value = error.instance();
    let shown = || text(value);
    let kind = if value.is_f64() { "Float" } else { "Integer" };
    let count = |value: &Value| match value {
        Value::Array(items) => items.len(),
        Value::Object(fields) => fields.len(),
        _ => 0,
    };
    let one = match error.kind() {
        Kind::Type { kind } => format!("Invalid type. Expected {} but got {}.", expected(kind), type_of(value)),
        Kind::AdditionalProperties { unexpected } | Kind::UnevaluatedProperties { unexpected } => {
            let sentence = |name: &String| {
                format!("Property '{name}' has not been defined and the schema does not allow additional properties.")
            };
            return unexpected.iter().map(|name| (sentence(name), Some(name.clone()))).collect();
        }
        Kind::Enum { .. } => format!("Value {} is not defined in enum.", json(value)),
        Kind::Constant { .. } => format!("Value {} does not match const.", json(value)),
        Kind::Minimum { limit } => format!("{kind} {} is less than minimum value of {limit}.", shown()),
        Kind::Maximum { limit } => format!("{kind} {} exceeds maximum value of {limit}.", shown()),
        Kind::ExclusiveMinimum { limit } if value.as_f64() == limit.as_f64() => {
            format!("{kind} {} equals minimum value of {limit} and exclusive minimum is true.", shown())
        }
        Kind::ExclusiveMinimum { limit } => format!("{kind} {} is less than minimum value of {limit}.", shown()),
        Kind::ExclusiveMaximum { limit } if value.as_f64() == limit.as_f64() => {
            format!("{kind} {} equals maximum value of {limit} and exclusive maximum is true.", shown())
        }
        Kind::ExclusiveMaximum { limit } => format!("{kind} {} exceeds maximum value of {limit}.", shown()),
        Kind::MultipleOf { multiple_of } => format!("{kind} {} is not a multiple of {multiple_of}.", shown()),
        Kind::MinLength { limit } => format!("String '{}' is less than minimum length of {limit}.", shown()),
        Kind::MaxLength { limit } => format!("String '{}' exceeds maximum length of {limit}.", shown()),
        Kind::Pattern { pattern } => format!("String '{}' does not match regex pattern '{pattern}'.", shown()),
        Kind::Format { format } => format!("String '{}' does not validate against format '{format}'.", shown()),
        Kind::MinItems { limit } => format!("Array item count {} is less than minimum count of {limit}.", count(value)),
        Kind::MaxItems { limit } => format!("Array item count {} exceeds maximum count of {limit}.", count(value)),
        Kind::UniqueItems => "Array items are not unique.".to_owned(),
        Kind::AdditionalItems { .. } | Kind::UnevaluatedItems { .. } => {
            "Index has not been defined and the schema does not allow additional items.".to_owned()
        }
        Kind::Contains => "No items match contains.".to_owned(),
        Kind::MinProperties { limit } => {
            format!("Object property count {} is less than minimum count of {limit}.", count(value))
        }
        Kind::MaxProperties { limit } => {
            format!("Object property count {} exceeds maximum count of {limit}.", count(value))
        }
        Kind::AnyOf { .. } => "JSON does not match any schemas from 'anyOf'.".to_owned(),
        Kind::OneOfMultipleValid { .. } => "JSON is valid against more than one schema from 'oneOf'.".to_owned(),
        Kind::OneOfNotValid { .. } => "JSON is valid against no schemas from 'oneOf'.".to_owned(),
        Kind::Not { .. } => "JSON is valid against schema from 'not'.".to_owned(),
        Kind::FalseSchema => "Schema always fails validation.".to_owned(),
        Kind::BacktrackLimitExceeded { .. } | Kind::RegexEngineFailure { .. } => {
            format!("String '{}' cannot be matched: its pattern takes too long.", shown())
        }
        _ => format!("{}.", error.to_string().trim_end_matches('.')),
    };
    vec![(one, None)]
}

fn expected(kind: &TypeKind) -> String {
    match kind {
        TypeKind::Single(kind) => capital(kind.as_str()),
        TypeKind::Multiple(kinds) => kinds.iter().map(|kind| capital(kind.as_str())).collect::<Vec<_>>().join(", "),
    }
}

fn type_of(value: &Value) -> &'static str {
    match value {
        Value::Null => "Null",
        Value::Bool(_) => "Boolean",
        Value::Number(number) if number.is_f64() => "Number",
        Value::Number(_) => "Integer",
        Value::String(_) => "String",
        Value::Array(_) => "Array",
        Value::Object(_) => "Object",
    }
}

fn capital(word: &str) -> String {
    let mut characters = word.chars();
    characters.next().map_or_else(String::new, |first| first.to_uppercase().chain(characters).collect())
}

/// A value as text, strings without quotes.
fn text(value: &Value) -> String {
    value.as_str().map_or_else(|| json(value), |text| shortened(text.to_owned()))
}

fn json(value: &Value) -> String {
    match value {
        // Written out, these could be as long as the whole text.
        Value::Array(_) => "[…]".to_owned(),
        Value::Object(_) => "{…}".to_owned(),
        Value::String(text) => Value::String(shortened(text.clone())).to_string(),
        value => value.to_string(),
    }
}

pub(crate) fn shortened(text: String) -> String {
    match text.char_indices().nth(SHOWN) {
        Some((end, _)) => format!("{}…", text.get(..end).unwrap_or_default()),
        None => text,
    }
}
