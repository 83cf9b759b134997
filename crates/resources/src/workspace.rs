//! `service/workspaces`: a folder of APIs with its own products, keys and named values.

use arm::Error;

use crate::{Field, ResourceDef, Rule};

pub(crate) static DEF: ResourceDef = ResourceDef {
    segment: "workspaces",
    title: "Workspace",
    workspaces: false,
    fields: &[Field::required("displayName", Rule::Text(1, 300)), Field::new("description", Rule::Text(0, 1000))],
    admit: |workspace| match workspace.id.name().to_lowercase().as_str() {
        name @ ("default" | "default-workspace") => Err(Error::invalid("name", format!("'{name}' is reserved."))),
        _ => Ok(()),
    },
    ..ResourceDef::BASE
};
