//! `service/authorizationProviders/authorizations/accessPolicies`: who may use an authorization.

use crate::{Field, NameRule, ResourceDef, Rule};

pub(crate) static DEF: ResourceDef = ResourceDef {
    segment: "accessPolicies",
    title: "Authorization access policy",
    parents: &["service/authorizationProviders/authorizations"],
    workspaces: false,
    name: NameRule::plain(256),
    fields: &[
        Field::required("objectId", Rule::Text(1, 256)),
        Field::new("tenantId", Rule::Text(0, 256)),
        Field::new("appIds", Rule::List(0, 100)),
        Field::new("appIds[]", Rule::Text(1, 256)),
    ],
    ..ResourceDef::BASE
};
