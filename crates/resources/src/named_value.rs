//! `service/namedValues`: text that policies mention as `{{name}}`.

use arm::{Error, ResourceId};
use serde_json::Value;

use crate::{Field, Index, NameRule, ResourceDef, Rule, Secret, Shown};

pub(crate) static DEF: ResourceDef = ResourceDef {
    segment: "namedValues",
    title: "Named value",
    name: NameRule::plain(256),
    fields: &[
        Field::required("displayName", Rule::Letters("-._", 256)),
        Field::new("secret", Rule::Bool),
        Field::new("value", Rule::Text(1, 4096)),
        Field::new("tags", Rule::List(0, 32)),
        Field::new("tags[]", Rule::Text(0, 256)),
    ],
    defaults: &[("secret", "false"), ("tags", "[]")],
    read_only: &["provisioningState"],
    secrets: &[Secret { path: "value", shown: Shown::Unless("secret") }],
    admit: |named| {
        if !named.get("keyVault").is_null() {
            return Err(Error::invalid(
                "keyVault",
                "Named values from a key vault are not supported yet. Give the secret in 'value' with 'secret' true.",
            ));
        }
        if named.text("value").is_empty() {
            return Err(Error::invalid("value", "'value' is required and must not be empty."));
        }
        Ok(())
    },
    indexes,
    duplicate: |_, _, other| {
        Error::invalid("name", format!("Property with the same name already exist: '{}'.", other.name()))
    },
    ..ResourceDef::BASE
};

/// Policies mention the display name, so no two in a scope may share one.
fn indexes(id: &ResourceId, body: &Value) -> Vec<Index> {
    let name = body["properties"]["displayName"].as_str().unwrap_or_default();
    vec![Index::one_in_scope("named-value", id, name)]
}
