//! A body made up from a schema, for `mock-response` where an operation has no example.

use serde_json::{Map, Value};

/// How deep a sample nests, and how many values it has: schemas refer to themselves.
const DEPTH: usize = 8;
const VALUES: usize = 1000;

/// A value of the type `name` in a document of schemas: `components.schemas` of OpenAPI 3, `definitions` of OpenAPI 2.
pub(crate) fn sample(document: &Value, name: &str) -> Option<Value> {
    let types = [&document["components"]["schemas"], &document["definitions"]];
    let types = types.into_iter().find_map(Value::as_object)?;
    let schema = types.get(name)?;
    Some(Sampler { types, left: VALUES }.value(schema, 0))
}

struct Sampler<'d> {
    types: &'d Map<String, Value>,
    left: usize,
}

impl Sampler<'_> {
    fn value(&mut self, schema: &Value, depth: usize) -> Value {
        if self.left == 0 {
            return Value::Null;
        }
        self.left -= 1;
        if depth > DEPTH {
            return Value::Null;
        }
        if let Some(name) = schema["$ref"].as_str().and_then(|reference| reference.rsplit('/').next()) {
            let name = name.replace("~1", "/").replace("~0", "~");
            let types = self.types;
            return types.get(&name).map_or(Value::Null, |schema| self.value(schema, depth + 1));
        }
        let given =
            [&schema["example"], &schema["default"], &schema["const"], &schema["examples"][0], &schema["enum"][0]];
        if let Some(given) = given.into_iter().find(|given| !given.is_null()) {
            return given.clone();
        }
        if let Some(parts) = schema["allOf"].as_array() {
            let mut whole = self.object(schema, depth);
            for part in parts {
                if let Value::Object(fields) = self.value(part, depth + 1) {
                    whole.extend(fields);
                }
            }
            return whole.into();
        }
        if let Some(choice) = [&schema["oneOf"][0], &schema["anyOf"][0]].into_iter().find(|choice| !choice.is_null()) {
            return self.value(choice, depth + 1);
        }
        // OpenAPI 3.1 may list types, `null` among them.
        let listed = schema["type"].as_array().into_iter().flatten().filter_map(Value::as_str);
        match schema["type"].as_str().or(listed.into_iter().find(|kind| *kind != "null")) {
            Some("string") => text(schema["format"].as_str().unwrap_or_default()).into(),
            Some("integer" | "number") if schema["minimum"].is_number() => schema["minimum"].clone(),
            Some("integer" | "number") => 0.into(),
            Some("boolean") => false.into(),
            Some("array") => Value::Array(vec![self.value(&schema["items"], depth + 1)]),
            Some("object") => self.object(schema, depth).into(),
            _ if schema["properties"].is_object() => self.object(schema, depth).into(),
            _ => Value::Null,
        }
    }

    fn object(&mut self, schema: &Value, depth: usize) -> Map<String, Value> {
        let properties = schema["properties"].as_object().into_iter().flatten();
        let mut object = Map::new();
        for (name, schema) in properties.filter(|(_, schema)| schema["writeOnly"] != true) {
            if self.left == 0 {
                break;
            }
            object.insert(name.clone(), self.value(schema, depth + 1));
        }
        object
    }
}

fn text(format: &str) -> &'static str {
    match format {
        "date-time" => "2024-01-01T00:00:00Z",
        "date" => "2024-01-01",
        "time" => "00:00:00Z",
        "uuid" => "00000000-0000-0000-0000-000000000000",
        "uri" | "url" => "https://example.com",
        "email" => "user@example.com",
        "ipv4" => "192.0.2.1",
        "ipv6" => "2001:db8::1",
        "byte" => "c3RyaW5n",
        _ => "string",
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_sample_has_every_property_the_client_may_see() {
        let document = json!({ "components": { "schemas": {
            "Order": { "type": "object", "properties": {
                "id": { "type": "integer", "minimum": 7 },
                "at": { "type": ["null", "string"], "format": "date" },
                "state": { "enum": ["open", "done"] },
                "lines": { "type": "array", "items": { "$ref": "#/components/schemas/Line" } },
                "secret": { "type": "string", "writeOnly": true },
                "note": { "type": "string", "example": "hello" },
            } },
            "Line": { "allOf": [{ "$ref": "#/components/schemas/Base" }, { "properties": { "open": { "type": "boolean" } } }] },
            "Base": { "properties": { "sku": { "type": "string" } } },
        } } });
        let expected = json!({
            "id": 7, "at": "2024-01-01", "state": "open", "lines": [{ "sku": "string", "open": false }], "note": "hello",
        });
        assert_eq!(sample(&document, "Order"), Some(expected));
        assert_eq!(sample(&document, "Missing"), None);
        assert_eq!(sample(&json!({ "definitions": { "A": { "type": "number" } } }), "A"), Some(json!(0)));
    }

    #[test]
    fn a_schema_that_refers_to_itself_ends() {
        let many: Map<String, Value> =
            (0..50).map(|n| (format!("p{n}"), json!({ "$ref": "#/definitions/A" }))).collect();
        let document = json!({ "definitions": { "A": { "properties": many }, "B": { "$ref": "#/definitions/B" } } });
        assert!(sample(&document, "A").unwrap().to_string().len() < 50_000);
        assert_eq!(sample(&document, "B"), Some(Value::Null));
    }
}
