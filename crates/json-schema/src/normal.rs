//! Makes schemas of all dialects ones of JSON Schema 2020-12, and applies what a policy overrides.

use std::collections::BTreeSet;

use serde_json::{Map, Value, json};

use crate::Reading;

/// A schema that refers to the definition at `pointer`, with every definition that it can reach and no other.
pub(crate) fn definition(document: &Value, pointer: &str, reading: Reading) -> Value {
    let mut root = Map::new();
    root.insert("$ref".into(), format!("#{}", folded_pointer(pointer, reading)).into());
    strict(&mut root, reading);
    let mut root = Value::Object(root);
    let mut todo = vec![pointer.to_owned()];
    let mut seen = BTreeSet::new();
    while let Some(pointer) = todo.pop() {
        // A reference into a definition needs all of it.
        let Some((keys, place)) = home(document, &pointer) else { continue };
        if !seen.insert(keys.clone()) {
            continue;
        }
        references(place, &mut todo);
        let mut schema = place.clone();
        normalise(&mut schema, reading, false);
        put(&mut root, &keys, schema);
    }
    root
}

/// Puts a schema where these keys lead. What stands in the way stays: a reference to it then leads nowhere.
fn put(root: &mut Value, keys: &[String], schema: Value) {
    let mut at = root;
    for key in keys {
        let Value::Object(fields) = at else { return };
        at = fields.entry(key.as_str()).or_insert_with(|| Value::Object(Map::new()));
    }
    if at.as_object().is_some_and(Map::is_empty) {
        *at = schema;
    }
}

/// A schema that stands alone.
pub(crate) fn whole(document: &Value, reading: Reading) -> Value {
    let mut schema = document.clone();
    if schema.get("$schema").is_none() || reading != Reading::default() {
        normalise(&mut schema, reading, true);
    }
    if let Some(fields) = schema.as_object_mut() {
        // What is not one of the published drafts is read as the newest.
        if fields.get("$schema").and_then(Value::as_str).is_none_or(|uri| !uri.contains("json-schema.org/")) {
            fields.remove("$schema");
        }
    }
    schema
}

/// Lower-case names of properties, everywhere in a text.
pub(crate) fn fold_names(value: &mut Value) {
    match value {
        Value::Object(fields) => {
            let folded = std::mem::take(fields).into_iter().map(|(name, mut value)| {
                fold_names(&mut value);
                (name.to_lowercase(), value)
            });
            *fields = folded.collect();
        }
        Value::Array(items) => items.iter_mut().for_each(fold_names),
        _ => {}
    }
}

/// The definition that a pointer leads to or into: its keys from the root, and the schema.
fn home<'d>(document: &'d Value, pointer: &str) -> Option<(Vec<String>, &'d Value)> {
    let mut keys: Vec<String> =
        pointer.strip_prefix('/')?.split('/').map(|key| key.replace("~1", "/").replace("~0", "~")).collect();
    let depth = if keys.first().is_some_and(|first| first == "components") { 3 } else { 2 };
    keys.truncate(depth);
    let mut at = document;
    for key in &keys {
        at = at.get(key)?;
    }
    Some((keys, at))
}

/// Every reference into the document.
fn references(value: &Value, found: &mut Vec<String>) {
    match value {
        Value::Object(fields) => {
            if let Some(pointer) = fields.get("$ref").and_then(Value::as_str).and_then(|text| text.strip_prefix('#')) {
                found.push(decoded(pointer));
            }
            fields.values().for_each(|value| references(value, found));
        }
        Value::Array(items) => items.iter().for_each(|value| references(value, found)),
        _ => {}
    }
}

/// A pointer in a reference may be percent-encoded.
fn decoded(pointer: &str) -> String {
    let mut bytes = Vec::with_capacity(pointer.len());
    let mut rest = pointer.as_bytes();
    while let [first, tail @ ..] = rest {
        let escape = tail.get(..2).and_then(|two| std::str::from_utf8(two).ok());
        match escape.and_then(|two| u8::from_str_radix(two, 16).ok()).filter(|_| *first == b'%') {
            Some(byte) => {
                bytes.push(byte);
                rest = tail.get(2..).unwrap_or_default();
            }
            None => {
                bytes.push(*first);
                rest = tail;
            }
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

/// References into definitions pass names of properties, which are folded.
fn folded_pointer(pointer: &str, reading: Reading) -> String {
    if !reading.fold_names {
        return pointer.to_owned();
    }
    let mut under_properties = false;
    let keys = pointer.split('/').map(|key| {
        let name = std::mem::replace(&mut under_properties, key == "properties");
        if name { key.to_lowercase() } else { key.to_owned() }
    });
    keys.collect::<Vec<_>>().join("/")
}

const ONE: [&str; 11] = [
    "additionalProperties",
    "propertyNames",
    "unevaluatedProperties",
    "unevaluatedItems",
    "items",
    "additionalItems",
    "contains",
    "not",
    "if",
    "then",
    "else",
];
const LISTS: [&str; 4] = ["allOf", "anyOf", "oneOf", "prefixItems"];
const MAPS: [&str; 5] = ["properties", "patternProperties", "$defs", "definitions", "dependentSchemas"];

/// Rewrites a schema and all inside of it. `own` says that nothing else judges the same value beside it: there a policy
/// that allows no additional properties can say so, which it cannot in a part of an `allOf`.
fn normalise(schema: &mut Value, reading: Reading, own: bool) {
    let Value::Object(fields) = schema else { return };
    older_drafts(fields);
    match reading.additional {
        Some(true) => {
            for name in ["additionalProperties", "unevaluatedProperties"] {
                if fields.get(name) == Some(&Value::Bool(false)) {
                    fields.remove(name);
                }
            }
        }
        Some(false) if fields.get("additionalProperties") == Some(&Value::Bool(true)) => {
            fields.remove("additionalProperties");
        }
        _ => {}
    }
    if reading.fold_names {
        fold_schema(fields);
    }
    for name in ONE {
        let inner = !matches!(name, "not" | "if" | "then" | "else");
        if let Some(part) = fields.get_mut(name) {
            normalise(part, reading, inner && name != "propertyNames");
        }
    }
    for name in LISTS {
        for part in fields.get_mut(name).and_then(Value::as_array_mut).into_iter().flatten() {
            normalise(part, reading, name == "prefixItems");
        }
    }
    for name in MAPS {
        for (_, part) in fields.get_mut(name).and_then(Value::as_object_mut).into_iter().flatten() {
            normalise(part, reading, matches!(name, "properties" | "patternProperties"));
        }
    }
    if let Some(Value::String(reference)) = fields.get_mut("$ref") {
        *reference = folded_pointer(reference, reading);
    }
    if own {
        strict(fields, reading);
    }
    nullable(schema);
}

fn strict(fields: &mut Map<String, Value>, reading: Reading) {
    if reading.additional == Some(false) && !fields.contains_key("unevaluatedProperties") {
        fields.insert("unevaluatedProperties".into(), false.into());
    }
}

/// What older drafts and OpenAPI 2 and 3.0 write differently.
fn older_drafts(fields: &mut Map<String, Value>) {
    for (exclusive, bound) in [("exclusiveMinimum", "minimum"), ("exclusiveMaximum", "maximum")] {
        match fields.get(exclusive) {
            Some(Value::Bool(true)) => {
                fields.remove(exclusive);
                if let Some(limit) = fields.remove(bound) {
                    fields.insert(exclusive.into(), limit);
                }
            }
            Some(Value::Bool(false)) => drop(fields.remove(exclusive)),
            _ => {}
        }
    }
    if fields.get("items").is_some_and(Value::is_array)
        && let Some(items) = fields.remove("items")
    {
        fields.insert("prefixItems".into(), items);
        if let Some(rest) = fields.remove("additionalItems") {
            fields.insert("items".into(), rest);
        }
    }
    // `required: true` in a property is of draft 3; `type: file` is of OpenAPI 2.
    if fields.get("required").is_some_and(|required| !required.is_array()) {
        fields.remove("required");
    }
    if fields.get("type").and_then(Value::as_str) == Some("file") {
        fields.remove("type");
    }
    // A name of draft 4 for what would move references elsewhere.
    fields.remove("id");
    fields.remove("$id");
    // The formats of OpenAPI say how wide a number is, and nothing of its text.
    if fields
        .get("format")
        .and_then(Value::as_str)
        .is_some_and(|format| matches!(format, "byte" | "binary" | "password"))
    {
        fields.remove("format");
    }
}

/// OpenAPI 3.0 has `nullable` where JSON Schema has the type `null`.
fn nullable(schema: &mut Value) {
    let Value::Object(fields) = &mut *schema else { return };
    let says = |fields: &mut Map<String, Value>, name: &str| fields.remove(name) == Some(Value::Bool(true));
    if !(says(fields, "nullable") | says(fields, "x-nullable")) {
        return;
    }
    let plain = !["$ref", "allOf", "anyOf", "oneOf", "not", "const"].iter().any(|name| fields.contains_key(*name));
    if !plain {
        let inner = std::mem::take(fields);
        *schema = json!({ "anyOf": [Value::Object(inner), { "type": "null" }] });
        return;
    }
    if let Some(kind) = fields.get_mut("type") {
        match kind {
            Value::String(name) => *kind = json!([name, "null"]),
            Value::Array(names) if !names.contains(&json!("null")) => names.push("null".into()),
            _ => {}
        }
    }
    if let Some(Value::Array(values)) = fields.get_mut("enum")
        && !values.contains(&Value::Null)
    {
        values.push(Value::Null);
    }
}

/// Lower-case names of properties in a schema.
fn fold_schema(fields: &mut Map<String, Value>) {
    if let Some(Value::Object(properties)) = fields.get_mut("properties") {
        *properties =
            std::mem::take(properties).into_iter().map(|(name, schema)| (name.to_lowercase(), schema)).collect();
    }
    for name in fields.get_mut("required").and_then(Value::as_array_mut).into_iter().flatten() {
        if let Value::String(text) = name {
            *text = text.to_lowercase();
        }
    }
}
