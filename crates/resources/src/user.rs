//! `service/users`: people of the developer portal, owners of subscriptions.

use arm::{Error, ResourceId};
use serde_json::{Value, json};

use crate::{Field, Index, NameRule, ResourceDef, Rule};

pub(crate) static DEF: ResourceDef = ResourceDef {
    segment: "users",
    title: "User",
    workspaces: false,
    name: NameRule::any(80),
    fields: &[
        Field::required("email", Rule::Text(1, 254)),
        Field::required("firstName", Rule::Text(1, 100)),
        Field::required("lastName", Rule::Text(1, 100)),
        Field::new("state", Rule::Words(&["active", "blocked", "pending", "deleted"])),
        Field::new("note", Rule::Text(0, 10_000)),
        Field::new("password", Rule::Text(1, 1000)),
        Field::new("identities", Rule::List(0, 100)),
    ],
    defaults: &[("state", "\"active\"")],
    read_only: &["registrationDate", "groups"],
    admit: |user| {
        if !user.text("email").contains('@') {
            return Err(Error::invalid("email", format!("'{}' is not an e-mail address.", user.text("email"))));
        }
        let identity = json!([{ "provider": "Basic", "id": user.text("email") }]);
        user.set_default("identities", identity);
        let since = user.existing.map(|existing| existing["properties"]["registrationDate"].clone());
        let since = since.filter(|since| !since.is_null()).unwrap_or_else(|| arm::rfc3339(user.now).into());
        user.set("registrationDate", since);
        // How the account is confirmed is an order given once.
        if let Some(properties) = user.body["properties"].as_object_mut() {
            properties.shift_remove("confirmation");
            properties.shift_remove("appType");
        }
        Ok(())
    },
    indexes,
    duplicate: |_, body, _| {
        let email = body["properties"]["email"].as_str().unwrap_or_default();
        Error::invalid("email", format!("User with the e-mail address '{email}' already exists."))
    },
    ..ResourceDef::BASE
};

fn indexes(id: &ResourceId, body: &Value) -> Vec<Index> {
    vec![Index::one_in_scope("user-email", id, body["properties"]["email"].as_str().unwrap_or_default())]
}
