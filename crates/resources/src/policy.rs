//! `policies`: the policy document of a service, workspace, product, API or operation.

use crate::{Field, NameRule, ResourceDef, Rule};

pub(crate) static DEF: ResourceDef = ResourceDef {
    segment: "policies",
    title: "Policy",
    parents: &["service", "service/products", "service/apis", "service/apis/operations"],
    name: NameRule::only("policy"),
    fields: &[
        // 256 KB, the service's own limit.
        Field::required("value", Rule::Text(1, 262_144)),
        Field::new("format", Rule::Words(&["xml", "xml-link", "rawxml", "rawxml-link"])),
    ],
    defaults: &[("format", "\"xml\"")],
    ..ResourceDef::BASE
};
