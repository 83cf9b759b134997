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
pub(crate) fn parameters(source: &Source<'_>, path_item: &Value, operation: &Value) -> Vec<Parameter> {
    let mut found: Vec<Parameter> = Vec::new();
    for list in [path_item, operation] {
        for value in list.get("parameters").and_then(Value::as_array).into_iter().flatten() {
            let Some(parameter) = read(source, source.resolved(value)) else { continue };
            let same = found.iter().position(|one| one.place == parameter.place && one.name == parameter.name);
            match same {
                Some(at) => found[at] = parameter,
                None => found.push(parameter),
            }
        }
    }
    found
}

fn read(source: &Source<'_>, value: &Value) -> Option<Parameter> {
    let name = value.get("name")?.as_str()?.to_owned();
    let place = match value.get("in")?.as_str()? {
        "path" => Place::Path,
        "query" => Place::Query,
        "header" => Place::Header,
        // Cookies have no entity; `body` and `formData` of OpenAPI 2 are representations.
        _ => return None,
    };
    // OpenAPI 3 has the type in `schema`, or in the schema of the only content type; OpenAPI 2 in the parameter itself.
    let content = value.get("content").and_then(Value::as_object).and_then(|types| types.values().next());
    let schema = value.get("schema").or_else(|| content.and_then(|content| content.get("schema")));
    let schema = source.resolved(schema.unwrap_or(value));
    let required = place == Place::Path || value.get("required").and_then(Value::as_bool).unwrap_or(false);

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
    Some(Parameter { place, name, required, contract: contract.into() })
}

/// A path parameter that the template names and nothing describes.
pub(crate) fn undescribed(name: &str) -> Value {
    json!({ "name": name, "type": "string", "required": true })
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
