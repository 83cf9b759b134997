//! `policyFragments`: policies that documents include by name.

use crate::{Field, NameRule, ResourceDef, Rule};

pub(crate) static DEF: ResourceDef = ResourceDef {
    segment: "policyFragments",
    title: "Policy fragment",
    name: NameRule::word(80),
    fields: &[
        // 512 KB, the service's own limit.
        Field::required("value", Rule::Text(1, 524_288)),
        Field::new("format", Rule::Words(&["xml", "rawxml"])),
        Field::new("description", Rule::Text(0, 1000)),
    ],
    defaults: &[("format", "\"xml\"")],
    read_only: &["provisioningState"],
    ..ResourceDef::BASE
};
