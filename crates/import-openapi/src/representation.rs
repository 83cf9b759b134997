//! Bodies of requests and responses: content types with schemas and examples.

use serde_json::{Map, Value, json};

use crate::document::Source;

/// Representations of a `content` map of OpenAPI 3.
pub(crate) fn of_content(source: &Source<'_>, content: Option<&Value>, words: &str) -> Vec<Value> {
    let types = content.and_then(Value::as_object).into_iter().flatten();
    types
        .map(|(content_type, media)| {
            let examples = match (media.get("example"), media.get("examples").and_then(Value::as_object)) {
                (Some(example), _) => one_example(example),
                (None, Some(examples)) => examples
                    .iter()
                    .map(|(name, example)| {
                        let example = source.resolved(example);
                        let mut contract = Map::new();
                        for key in ["summary", "description", "externalValue", "value"] {
                            if let Some(value) = example.get(key) {
                                contract.insert(key.into(), value.clone());
                            }
                        }
                        (name.clone(), contract.into())
                    })
                    .collect(),
                (None, None) => schema_example(source, media.get("schema")),
            };
            representation(source, content_type, media.get("schema"), examples, words)
        })
        .collect()
}

/// Representations of a response of OpenAPI 2: its schema in each content type that is produced.
pub(crate) fn of_response(source: &Source<'_>, response: &Value, produces: &[&str], words: &str) -> Vec<Value> {
    let schema = response.get("schema");
    let examples = response.get("examples").and_then(Value::as_object);
    if schema.is_none() && examples.is_none() {
        return Vec::new();
    }
    produces
        .iter()
        .map(|content_type| {
            let example = examples.and_then(|examples| examples.get(*content_type));
            let examples = example.map_or_else(|| schema_example(source, schema), one_example);
            representation(source, content_type, schema, examples, words)
        })
        .collect()
}

/// Representations of the body parameter, or the form parameters, of OpenAPI 2.
pub(crate) fn of_parameters(source: &Source<'_>, parameters: &[&Value], consumes: &[&str], words: &str) -> Vec<Value> {
    let at = |place: &'static str| {
        parameters.iter().filter(move |one| one.get("in").and_then(Value::as_str) == Some(place)).copied()
    };
    if let Some(body) = at("body").next() {
        let schema = body.get("schema");
        let of =
            |content_type: &&str| representation(source, content_type, schema, schema_example(source, schema), words);
        return consumes.iter().map(of).collect();
    }
    let fields: Vec<Value> = at("formData")
        .filter_map(|field| {
            let name = field.get("name")?.as_str()?;
            let kind = field.get("type").and_then(Value::as_str).unwrap_or("string");
            Some(json!({ "name": name, "type": kind, "required": field.get("required") == Some(&Value::Bool(true)) }))
        })
        .collect();
    if fields.is_empty() {
        return Vec::new();
    }
    let form = consumes
        .iter()
        .find(|content_type| content_type.contains("form"))
        .unwrap_or(&"application/x-www-form-urlencoded");
    vec![json!({ "contentType": form, "formParameters": fields })]
}

fn representation(
    source: &Source<'_>,
    content_type: &str,
    schema: Option<&Value>,
    examples: Map<String, Value>,
    words: &str,
) -> Value {
    let mut contract = Map::new();
    contract.insert("contentType".into(), json!(content_type));
    if !examples.is_empty() {
        contract.insert("examples".into(), examples.into());
    }
    if let Some(name) = schema.and_then(|schema| source.type_name(schema, words)) {
        contract.insert("schemaId".into(), json!(source.schema_id()));
        contract.insert("typeName".into(), json!(name));
    }
    contract.into()
}

fn one_example(example: &Value) -> Map<String, Value> {
    Map::from_iter([("default".to_owned(), json!({ "value": example }))])
}

fn schema_example(source: &Source<'_>, schema: Option<&Value>) -> Map<String, Value> {
    let example = schema.and_then(|schema| source.resolved(schema).get("example"));
    example.map(one_example).unwrap_or_default()
}
