//! `service/apis/operations`: a method and a URL template of an API.

use arm::{Error, ResourceId, Result};
use serde_json::Value;

use crate::{Admission, Field, Index, NameRule, ResourceDef, Rule};

pub(crate) static DEF: ResourceDef = ResourceDef {
    segment: "operations",
    title: "Operation",
    parents: &["service/apis"],
    name: NameRule::any(80),
    fields: &[
        Field::required("displayName", Rule::Text(1, 300)),
        Field::required("method", Rule::Letters("*-_", 50)),
        Field::required("urlTemplate", Rule::Text(1, 1000)),
        Field::new("description", Rule::Text(0, 1000)),
        Field::new("templateParameters", Rule::List(0, 1000)),
        Field::required("templateParameters[].name", Rule::Text(1, 256)),
        Field::required("templateParameters[].type", Rule::Text(0, 100)),
        Field::new("request", Rule::Object),
        Field::new("request.queryParameters", Rule::List(0, 1000)),
        Field::required("request.queryParameters[].name", Rule::Text(1, 256)),
        Field::new("request.headers", Rule::List(0, 1000)),
        Field::required("request.headers[].name", Rule::Text(1, 256)),
        Field::new("request.representations", Rule::List(0, 100)),
        Field::required("request.representations[].contentType", Rule::Text(1, 256)),
        Field::new("responses", Rule::List(0, 600)),
        Field::required("responses[].statusCode", Rule::Int(0, 999)),
        Field::required("responses[].representations[].contentType", Rule::Text(1, 256)),
        Field::required("responses[].headers[].name", Rule::Text(1, 256)),
    ],
    defaults: &[("templateParameters", "[]"), ("responses", "[]"), ("policies", "null")],
    admit,
    indexes,
    duplicate: |_, body, other| {
        let text = |name: &str| body["properties"][name].as_str().unwrap_or_default();
        Error::invalid(
            "urlTemplate",
            format!(
                "Operation with the same method and URL template already exists: {}, {} ('{}').",
                text("method"),
                text("urlTemplate"),
                other.name()
            ),
        )
    },
    ..ResourceDef::BASE
};

fn admit(operation: &mut Admission<'_>) -> Result<()> {
    let names = parameters(operation.text("urlTemplate")).ok_or_else(|| {
        Error::invalid("urlTemplate", "'urlTemplate' has a brace without its partner or an empty name.")
    })?;
    let declared = operation.get("templateParameters").as_array().into_iter().flatten();
    let declared: Vec<String> = declared
        .filter_map(|one| one["name"].as_str())
        .map(|name| name.trim_start_matches('*').to_lowercase())
        .collect();
    let mut wrong = Error::validation();
    for (at, name) in names.iter().enumerate() {
        if names[..at].iter().any(|before| before.eq_ignore_ascii_case(name)) {
            wrong = wrong.at("urlTemplate", format!("'{{{name}}}' stands in the URL template twice."));
        } else if !declared.contains(&name.to_lowercase()) {
            wrong = wrong.at(
                "templateParameters",
                format!(
                    "All parameters of the URL template must be declared: '{name}' is not in 'templateParameters'."
                ),
            );
        }
    }
    if wrong.details.is_empty() { Ok(()) } else { Err(wrong) }
}

/// The names in braces, without the `*` of a wildcard and the `?…` of a default; `None` for unbalanced braces.
fn parameters(template: &str) -> Option<Vec<&str>> {
    let mut names = Vec::new();
    let mut rest = template;
    while let Some(open) = rest.find(['{', '}']) {
        let (name, after) = rest[open..].strip_prefix('{')?.split_once('}')?;
        let name = name.trim_start_matches('*');
        if name.is_empty() || name.contains('{') {
            return None;
        }
        names.push(name);
        rest = after;
    }
    Some(names)
}

/// Method and template are one address: what the parameters are called makes no difference to a request.
fn indexes(id: &ResourceId, body: &Value) -> Vec<Index> {
    let text = |name: &str| body["properties"][name].as_str().unwrap_or_default();
    let template = text("urlTemplate");
    let (path, query) = template.split_once('?').map_or((template, None), |(path, query)| (path, Some(query)));
    let mut shape = String::new();
    for (at, part) in path.trim_end_matches('/').split('{').enumerate() {
        let after = if at == 0 { part } else { part.split_once('}').map_or("", |(_, after)| after) };
        shape.push_str(if at == 0 { "" } else { "{}" });
        shape.push_str(after);
    }
    let query = query.map(|query| format!("?{query}")).unwrap_or_default();
    let api = id.parent().map(|api| api.name().to_owned()).unwrap_or_default();
    vec![Index::one_in_scope("operation-address", id, &format!("{api}|{}|{shape}{query}", text("method")))]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parameters_are_read_out_of_a_template() {
        assert_eq!(parameters("/a/{b}/{*c}?d={e}"), Some(vec!["b", "c", "e"]));
        assert_eq!(parameters("/a/{b"), None);
        assert_eq!(parameters("/a/b}"), None);
        assert_eq!(parameters("/{}"), None);
    }

    proptest::proptest! {
        #[test]
        fn no_template_makes_it_panic(template in "(\\{|\\}|/|\\*|\\?|\\PC){0,30}") {
            let _ = parameters(&template);
            let id = ResourceId::parse("/a/b").unwrap();
            let _ = indexes(&id, &serde_json::json!({ "properties": { "urlTemplate": template } }));
        }
    }
}
