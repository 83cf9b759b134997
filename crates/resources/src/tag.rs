//! `service/tags`: a label for APIs, operations and products.

use crate::{Field, ResourceDef, Rule};

pub(crate) static DEF: ResourceDef = ResourceDef {
    segment: "tags",
    title: "Tag",
    fields: &[Field::required("displayName", Rule::Text(1, 160))],
    ..ResourceDef::BASE
};
