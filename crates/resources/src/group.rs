//! `service/groups`: users who see the same products.

use arm::{Error, Result};

use crate::{Admission, Field, NameRule, ResourceDef, Rule};

pub(crate) static DEF: ResourceDef = ResourceDef {
    segment: "groups",
    title: "Group",
    name: NameRule::any(256),
    fields: &[
        Field::required("displayName", Rule::Text(1, 300)),
        Field::new("description", Rule::Text(0, 1000)),
        Field::new("type", Rule::Words(&["custom", "system", "external"])),
        Field::new("externalId", Rule::Text(0, 1000)),
    ],
    defaults: &[("type", "\"custom\""), ("builtIn", "false")],
    read_only: &["builtIn"],
    admit,
    ..ResourceDef::BASE
};

fn admit(group: &mut Admission<'_>) -> Result<()> {
    if group.existing.is_some_and(|existing| existing["properties"]["builtIn"] == true) {
        return Err(Error::invalid("name", format!("The built-in group '{}' cannot be changed.", group.id.name())));
    }
    match group.text("type") {
        "system" => Err(Error::invalid("type", "Groups of type 'system' are built in and cannot be created.")),
        "external" if group.text("externalId").is_empty() => {
            Err(Error::invalid("externalId", "'externalId' is required for a group of type 'external'."))
        }
        _ => Ok(()),
    }
}
