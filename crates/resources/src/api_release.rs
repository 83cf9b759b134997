//! `service/apis/releases`: that a revision became the current one, and why.

use crate::{Field, ResourceDef, Rule};

pub(crate) static DEF: ResourceDef = ResourceDef {
    segment: "releases",
    title: "Release",
    parents: &["service/apis"],
    fields: &[Field::required("apiId", Rule::Text(1, 1000)), Field::new("notes", Rule::Text(0, 10_000))],
    read_only: &["createdDateTime", "updatedDateTime"],
    ..ResourceDef::BASE
};
