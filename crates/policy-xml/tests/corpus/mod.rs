//! Documents of ours that have the shapes of real ones, for tests that read, convert and break them.

/// Names and texts, in format `rawxml`.
pub(crate) const DOCUMENTS: &[(&str, &str)] = &[
    ("cdata_and_entities", include_str!("cdata_and_entities.xml")),
    ("crlf_and_order", include_str!("crlf_and_order.xml")),
    ("fragment", include_str!("fragment.xml")),
    ("ids_and_gaps", include_str!("ids_and_gaps.xml")),
    ("lines_in_attributes", include_str!("lines_in_attributes.xml")),
    ("liquid", include_str!("liquid.xml")),
    ("named_values", include_str!("named_values.xml")),
    ("quotes_in_attributes", include_str!("quotes_in_attributes.xml")),
    ("resolver", include_str!("resolver.xml")),
    ("sends", include_str!("sends.xml")),
    ("statements", include_str!("statements.xml")),
    ("unicode", include_str!("unicode.xml")),
];
