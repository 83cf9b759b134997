//! Parameters: of a path, a query, a header.

use serde_json::{Map, Value, json};

use crate::document::Source;

/// Where a parameter stands in a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Place {
    Path,
    Query,
    Header,
}

/// One parameter with its contract body.
pub(crate) struct Parameter {
    pub(crate) place: Place,
    pub(crate) name: String,
    pub(crate) required: bool,
    pub(crate) contract: Value,
}

/// The parameters of an operation: its own, and those of its path that it does not replace.
/// `words` name the operation.
pub(crate) fn parameters(source: &Source<'_>, path_item: &Value, operation: &Value, words: &str) -> Vec<Parameter> {
    let mut found: Vec<Parameter> = Vec::new();
    for list in [path_item, operation] {
        for value in list.get("parameters").and_then(Value::as_array).into_iter().flatten() {
            let Some(parameter) = read(source, source.resolved(value), words) else { continue };
            let same = found.iter().position(|one| one.place == parameter.place && one.name == parameter.name);
            match same {
                Some(at) => found[at] = parameter,
                None => found.push(parameter),
            }
        }
    }
    found
}

fn read(source: &Source<'_>, value: &Value, words: &str) -> Option<Parameter> {
    let name = value.get("name")?.as_str()?.to_owned();
    let place = match value.get("in")?.as_str()? {
        "path" => Place::Path,
        "query" => Place::Query,
        "header" => Place::Header,
        // Cookies have no entity; `body` and `formData` of OpenAPI 2 are representations.
        _ => return None,
    };
    let required = place == Place::Path || value.get("required").and_then(Value::as_bool).unwrap_or(false);
    let contract = contract(source, &name, required, value, words);
    Some(Parameter { place, name, required, contract })
}

/// The contract of a header that a response declares.
pub(crate) fn of_header(source: &Source<'_>, name: &str, header: &Value, words: &str) -> Value {
    let required = header.get("required").and_then(Value::as_bool).unwrap_or(false);
    contract(source, name, required, header, words)
}

fn contract(source: &Source<'_>, name: &str, required: bool, value: &Value, words: &str) -> Value {
    // OpenAPI 3 has the type in `schema`, or in the schema of the only content type; OpenAPI 2 in the parameter itself.
    let content = value.get("content").and_then(Value::as_object).and_then(|types| types.values().next());
    let written = value.get("schema").or_else(|| content.and_then(|content| content.get("schema")));
    let schema = source.resolved(written.unwrap_or(value));
    let mut contract = Map::new();
    contract.insert("name".into(), json!(name));
    if let Some(description) = value.get("description").and_then(Value::as_str) {
        contract.insert("description".into(), json!(description));
    }
    contract.insert("type".into(), json!(type_name(schema)));
    contract.insert("required".into(), json!(required));
    if let Some(default) = schema.get("default") {
        contract.insert("defaultValue".into(), json!(plain(default)));
    }
    if let Some(values) = schema.get("enum").and_then(Value::as_array) {
        contract.insert("values".into(), values.iter().map(|value| json!(plain(value))).collect());
    }
    let words = format!("{words} {name} Parameter");
    if let Some(type_name) = constrained(schema).and_then(|constraint| match written {
        Some(written) if Source::referred_schema(written).is_some() => source.type_name(written, &words),
        _ => source.type_name(&constraint, &words),
    }) {
        contract.insert("schemaId".into(), json!(source.schema_id()));
        contract.insert("typeName".into(), json!(type_name));
    }
    contract.into()
}

/// A path parameter that the template names and nothing describes.
pub(crate) fn undescribed(name: &str) -> Value {
    json!({ "name": name, "type": "string", "required": true })
}

/// What a schema says beyond what a parameter can say itself, with its type.
fn constrained(schema: &Value) -> Option<Value> {
    const CONSTRAINTS: [&str; 19] = [
        "minimum",
        "maximum",
        "exclusiveMinimum",
        "exclusiveMaximum",
        "multipleOf",
        "minLength",
        "maxLength",
        "pattern",
        "minItems",
        "maxItems",
        "uniqueItems",
        "items",
        "properties",
        "allOf",
        "anyOf",
        "oneOf",
        "not",
        "const",
        "format",
    ];
    let fields = schema.as_object()?;
    // These formats say how wide a number is, and nothing of its text.
    let is_width = |value: &Value| {
        matches!(value.as_str(), Some("int32" | "int64" | "float" | "double" | "byte" | "binary" | "password"))
    };
    let says_more = |name: &&str| fields.get(*name).is_some_and(|value| *name != "format" || !is_width(value));
    if !CONSTRAINTS.iter().any(says_more) {
        return None;
    }
    // In OpenAPI 2 the schema stands among what else the parameter says.
    let says = |name: &str| {
        CONSTRAINTS.contains(&name) || matches!(name, "type" | "enum" | "nullable" | "additionalProperties")
    };
    let required = fields.get("required").filter(|required| required.is_array());
    let mut constraint: Map<String, Value> =
        fields.iter().filter(|(name, _)| says(name)).map(|(name, value)| (name.clone(), value.clone())).collect();
    constraint.extend(required.map(|required| ("required".to_owned(), required.clone())));
    Some(constraint.into())
}

/// `type` of a schema; OpenAPI 3.1 may give several, of which the first that is not `null` counts.
fn type_name(schema: &Value) -> String {
    match schema.get("type") {
        Some(Value::String(name)) => name.clone(),
        Some(Value::Array(names)) => {
            let mut names = names.iter().filter_map(Value::as_str);
            names.find(|name| *name != "null").unwrap_or("string").to_owned()
        }
        _ => "string".to_owned(),
    }
}

/// A value as text: strings without quotes.
fn plain(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}
