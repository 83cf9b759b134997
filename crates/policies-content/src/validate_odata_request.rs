//! `validate-odata-request`: checks a request to an OData API.

use policy::prelude::*;

pub(crate) static DEF: PolicyDef = PolicyDef {
    name: "validate-odata-request",
    summary: "Checks the URL, the headers and the parameters of a request to an OData API.",
    sections: Sections::INBOUND,
    scopes: Scopes::NO_OPERATION,
    once: Once::PerSection,
    attrs: &[
        Attr::optional("error-variable-name", Kind::Name, "The variable that gets the errors."),
        Attr::or("default-odata-version", Kind::Name, "4.0", "The version of a request that names none."),
        Attr::optional("min-odata-version", Kind::Name, "The oldest version that is taken."),
        Attr::optional("max-odata-version", Kind::Name, "The newest version that is taken."),
        Attr::optional("max-size", Kind::Int(1, i64::MAX), "The most bytes that a request may have."),
    ],
    examples: &[Example {
        title: "Version 4",
        policy: r#"<validate-odata-request error-variable-name="errors" min-odata-version="4.0" max-odata-version="4.01" />"#,
        ..Example::BASE
    }],
    ..PolicyDef::NOT_YET
};
