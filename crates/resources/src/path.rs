//! Paths into a body, as the tables of the kinds write them.
//!
//! `a.b` walks objects, `[]` every element of an array, `{}` every value of an object: `credentials.header{}[]`. They
//! start at `properties`, or at the top of the body after a `^`.

use serde_json::Value;

/// The JSON pointers of what `path` selects in `body`. A missing last field is selected too, as long as the object that
/// it belongs to is there: rules must see what is absent.
pub fn pointers(body: &Value, path: &str) -> Vec<String> {
    let (start, path) = match path.strip_prefix('^') {
        Some(path) => ("", path),
        None => ("/properties", path),
    };
    let mut found = vec![start.to_owned()];
    for step in path.split('.') {
        let name_end = step.find(['[', '{']).unwrap_or(step.len());
        let (name, each) = step.split_at(name_end);
        found.retain(|pointer| body.pointer(pointer).is_some_and(Value::is_object));
        for pointer in &mut found {
            *pointer = format!("{pointer}/{}", escaped(name));
        }
        for _ in 0..each.len() / 2 {
            found = found.iter().flat_map(|pointer| children(body, pointer)).collect();
        }
    }
    found
}

/// Calls `visit` with every string in `value`.
pub fn each_text(value: &Value, visit: &mut impl FnMut(&str)) {
    match value {
        Value::String(text) => visit(text),
        Value::Array(items) => items.iter().for_each(|item| each_text(item, visit)),
        Value::Object(fields) => fields.values().for_each(|field| each_text(field, visit)),
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

fn children(body: &Value, pointer: &str) -> Vec<String> {
    match body.pointer(pointer) {
        Some(Value::Array(items)) => (0..items.len()).map(|index| format!("{pointer}/{index}")).collect(),
        Some(Value::Object(fields)) => fields.keys().map(|name| format!("{pointer}/{}", escaped(name))).collect(),
        _ => Vec::new(),
    }
}

fn escaped(name: &str) -> String {
    name.replace('~', "~0").replace('/', "~1")
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn paths_select_every_place_that_they_mean() {
        let body = json!({ "sku": { "name": "x" }, "properties": { "header": { "x/a": ["1", "2"], "b": [] }, "rules": [{}, { "n": 1 }] } });
        assert_eq!(pointers(&body, "header{}[]"), ["/properties/header/x~1a/0", "/properties/header/x~1a/1"]);
        assert_eq!(pointers(&body, "rules[].n"), ["/properties/rules/0/n", "/properties/rules/1/n"]);
        assert_eq!(pointers(&body, "^sku.name"), ["/sku/name"]);
        assert_eq!(pointers(&body, "missing.too"), Vec::<String>::new());
        assert_eq!(pointers(&body, "missing"), ["/properties/missing"]);
    }
}
