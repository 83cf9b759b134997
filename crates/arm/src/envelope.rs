//! The outer shape of a resource, and merge-patch.

use serde_json::{Map, Value};

use crate::ResourceId;

/// `{id, type, name, …body}`: the body's own `id`, `type`, `name` and `etag` give way.
pub fn envelope(id: &ResourceId, body: &Map<String, Value>) -> Map<String, Value> {
    let head = [("id", id.to_string()), ("type", id.resource_type()), ("name", id.name().to_owned())];
    let mut resource: Map<String, Value> =
        head.into_iter().map(|(name, value)| (name.to_owned(), Value::String(value))).collect();
    for (name, value) in body {
        if !matches!(name.as_str(), "id" | "type" | "name" | "etag") {
            resource.insert(name.clone(), value.clone());
        }
    }
    resource
}

/// `target` after a JSON merge patch (RFC 7396): objects merge, `null` removes, everything else replaces.
pub fn patched(target: &Value, patch: &Value) -> Value {
    let Value::Object(patch) = patch else { return patch.clone() };
    let mut merged = target.as_object().cloned().unwrap_or_default();
    for (name, value) in patch {
        if value.is_null() {
            merged.shift_remove(name);
        } else {
            let old = merged.get(name).unwrap_or(&Value::Null);
            merged.insert(name.clone(), patched(old, value));
        }
    }
    Value::Object(merged)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_patch_merges_removes_and_replaces() {
        let target = json!({ "properties": { "a": 1, "b": { "c": 2 }, "d": [1, 2] } });
        let patch = json!({ "properties": { "a": null, "b": { "e": 3 }, "d": [4] } });
        assert_eq!(patched(&target, &patch), json!({ "properties": { "b": { "c": 2, "e": 3 }, "d": [4] } }));
    }

    #[test]
    fn the_server_names_the_resource() {
        let id =
            ResourceId::parse("/subscriptions/s/resourceGroups/g/providers/Microsoft.ApiManagement/service/n").unwrap();
        let body = json!({ "id": "x", "location": "here", "properties": {} });
        let resource = Value::Object(envelope(&id, body.as_object().unwrap()));
        assert_eq!(
            resource,
            json!({ "id": id.as_str(), "type": "Microsoft.ApiManagement/service", "name": "n",
                    "location": "here", "properties": {} })
        );
    }
}
