//! What a resource uses by mentioning its name: named values in any text, fragments, backends and certificates in a policy.
//!
//! The index built of it answers "may this be deleted, and if not, who needs it?".

use arm::ResourceId;
use serde_json::Value;

use crate::{Index, each_text};

/// The name of the index.
pub const USES: &str = "uses";

/// A thing that can be mentioned by name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Uses {
    /// `{{name}}`, by display name.
    NamedValue,
    /// `<include-fragment fragment-id="…"/>`.
    Fragment,
    /// `backend-id="…"`, or a member of a pool.
    Backend,
    /// `certificate-id="…"`.
    Certificate,
    /// `logger-id="…"`.
    Logger,
    /// `schema-id="…"`: a schema of the service.
    Schema,
}

impl Uses {
    /// The value in the index for `name`, as seen from any resource in the scope of `id`.
    pub fn value(self, id: &ResourceId, name: &str) -> String {
        let word = match self {
            Self::NamedValue => "namedvalue",
            Self::Fragment => "fragment",
            Self::Backend => "backend",
            Self::Certificate => "certificate",
            Self::Logger => "logger",
            Self::Schema => "schema",
        };
        Index::scoped(id, &format!("{word}:{name}"))
    }
}

/// Everything that `body` mentions, once each.
pub fn uses(id: &ResourceId, body: &Value) -> Vec<Index> {
    let mut found: Vec<String> = Vec::new();
    let mut note = |what: Uses, name: &str| {
        let value = what.value(id, name);
        if !found.contains(&value) {
            found.push(value);
        }
    };
    let is_policy = matches!(id.segment().to_ascii_lowercase().as_str(), "policies" | "policyfragments");
    each_text(&body["properties"], &mut |text| {
        for found in policy_xml::placeholders(text).filter(|found| found.name.len() <= 256) {
            note(Uses::NamedValue, found.name);
        }
        if is_policy {
            const ATTRIBUTES: [(&str, Uses); 5] = [
                ("fragment-id", Uses::Fragment),
                ("backend-id", Uses::Backend),
                ("certificate-id", Uses::Certificate),
                ("logger-id", Uses::Logger),
                ("schema-id", Uses::Schema),
            ];
            for (attribute, what) in ATTRIBUTES {
                attribute_values(text, attribute).for_each(|name| note(what, name));
            }
        }
    });
    let properties = &body["properties"];
    for member in properties["pool"]["services"].as_array().into_iter().flatten() {
        note(Uses::Backend, member["id"].as_str().and_then(|id| id.rsplit('/').next()).unwrap_or_default());
    }
    for certificate in properties["credentials"]["certificateIds"].as_array().into_iter().flatten() {
        let name = certificate.as_str().and_then(|id| id.rsplit('/').next());
        note(Uses::Certificate, name.unwrap_or_default());
    }
    match id.segment() {
        "hostnameConfigurations" => {
            let name = properties["certificateId"].as_str().and_then(|id| id.rsplit('/').next());
            note(Uses::Certificate, name.unwrap_or_default());
        }
        "certificateAuthorities" => note(Uses::Certificate, id.name()),
        _ => {}
    }
    found.into_iter().map(|value| Index::many(USES, value)).collect()
}

/// The values of `name="…"` or `name='…'` in `text`.
fn attribute_values<'a>(text: &'a str, name: &'a str) -> impl Iterator<Item = &'a str> {
    text.split(name).skip(1).filter_map(|rest| {
        let rest = rest.trim_start().strip_prefix('=')?.trim_start();
        let quote = rest.chars().next().filter(|quote| ['"', '\''].contains(quote))?;
        rest[1..].split_once(quote).map(|(value, _)| value)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn mentions_are_found_once_each() {
        let id = ResourceId::parse(
            "/subscriptions/s/resourceGroups/g/providers/Microsoft.ApiManagement/service/n/policies/policy",
        )
        .unwrap();
        let policy = r#"<set-header name="a"><value>{{Key}}-{{ key }}</value></set-header><include-fragment fragment-id='F'/>
            <set-backend-service backend-id="pool" /><set-body template="liquid">{{context.Request.Url}} {{ a b }}</set-body>"#;
        let found: Vec<String> = uses(&id, &json!({ "properties": { "value": policy } }))
            .into_iter()
            .map(|index| index.value.rsplit('|').next().unwrap().to_owned())
            .collect();
        assert_eq!(found, ["namedvalue:key", "namedvalue:context.request.url", "fragment:f", "backend:pool"]);
    }

    proptest::proptest! {
        #[test]
        fn no_text_makes_it_panic(text in "\\PC{0,40}(\\{\\{|\\}\\}|backend-id=|\"|')*\\PC{0,20}") {
            let _ = policy_xml::placeholders(&text).count();
            let _ = attribute_values(&text, "backend-id").count();
        }
    }
}
