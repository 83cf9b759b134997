//! `service/apis/schemas`: the types that an API's operations refer to.

use crate::{Field, NameRule, ResourceDef, Rule};

pub(crate) static DEF: ResourceDef = ResourceDef {
    segment: "schemas",
    title: "Schema",
    parents: &["service/apis"],
    name: NameRule::any(80),
    fields: &[
        Field::required("contentType", Rule::Text(1, 256)),
        Field::required("document", Rule::Object),
        Field::new("document.value", Rule::Text(0, 4_194_304)),
        Field::new("document.definitions", Rule::Object),
        Field::new("document.components", Rule::Object),
    ],
    read_only: &["provisioningState"],
    ..ResourceDef::BASE
};
