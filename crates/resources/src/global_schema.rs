//! `service/schemas`: a schema that policies validate against.

use arm::Error;

use crate::{Field, NameRule, ResourceDef, Rule};

pub(crate) static DEF: ResourceDef = ResourceDef {
    segment: "schemas",
    title: "Schema",
    name: NameRule::any(80),
    fields: &[
        Field::required("schemaType", Rule::Words(&["xml", "json"])),
        Field::new("description", Rule::Text(0, 1000)),
    ],
    read_only: &["provisioningState"],
    admit: |schema| {
        if schema.get("value").is_null() && schema.get("document").is_null() {
            return Err(Error::invalid("document", "'document' or 'value' is required."));
        }
        Ok(())
    },
    ..ResourceDef::BASE
};
