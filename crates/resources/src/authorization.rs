//! `service/authorizationProviders/authorizations`: a connection to a provider, which `get-authorization-context` uses.

use crate::{Field, NameRule, ResourceDef, Rule, Secret, Shown};

pub(crate) static DEF: ResourceDef = ResourceDef {
    segment: "authorizations",
    title: "Authorization",
    parents: &["service/authorizationProviders"],
    workspaces: false,
    name: NameRule::plain(256),
    fields: &[
        Field::new("authorizationType", Rule::Words(&["OAuth2"])),
        Field::required("oauth2grantType", Rule::Words(&["AuthorizationCode", "ClientCredentials"])),
        Field::new("parameters", Rule::Object),
        Field::new("parameters{}", Rule::Text(0, 4096)),
    ],
    defaults: &[("authorizationType", "\"OAuth2\"")],
    read_only: &["status", "error"],
    secrets: &[Secret { path: "parameters.clientSecret", shown: Shown::Never }],
    admit: |authorization| {
        // The consent that the other grant needs cannot be given yet.
        if authorization.text("oauth2grantType") == "ClientCredentials" {
            authorization.set("status", "Connected");
            authorization.set("error", serde_json::Value::Null);
        } else {
            authorization.set("status", "Error");
            authorization.set(
                "error",
                serde_json::json!({ "code": "Unauthenticated", "message": "This connection is not authenticated." }),
            );
        }
        Ok(())
    },
    ..ResourceDef::BASE
};
