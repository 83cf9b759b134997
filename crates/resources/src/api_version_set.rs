//! `service/apiVersionSets`: APIs that are versions of one another, and how a request tells which one it means.

use arm::Error;

use crate::{Field, ResourceDef, Rule};

pub(crate) static DEF: ResourceDef = ResourceDef {
    segment: "apiVersionSets",
    title: "API version set",
    fields: &[
        Field::required("displayName", Rule::Text(1, 100)),
        Field::required("versioningScheme", Rule::Words(&["Segment", "Query", "Header"])),
        Field::new("versionQueryName", Rule::Text(1, 100)),
        Field::new("versionHeaderName", Rule::Text(1, 100)),
        Field::new("description", Rule::Text(0, 10_000)),
    ],
    admit: |set| {
        let needed = match set.text("versioningScheme") {
            "Query" => "versionQueryName",
            "Header" => "versionHeaderName",
            _ => return Ok(()),
        };
        if set.text(needed).is_empty() {
            let scheme = set.text("versioningScheme");
            return Err(Error::invalid(needed, format!("'{needed}' is required for the versioning scheme {scheme}.")));
        }
        Ok(())
    },
    ..ResourceDef::BASE
};
