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

#[allow(dead_code, reason = "not every crate breaks them")]
/// `text` with a piece of itself or a snippet put somewhere, or with a piece taken out.
pub(crate) fn mutated(text: &str, mutations: &[(usize, usize, usize)]) -> String {
    const SNIPPETS: [&str; 16] = [
        "\"",
        "'",
        "<",
        ">",
        "&",
        "@(",
        "@{",
        ")",
        "}",
        "{{a}}",
        "<!--",
        "-->",
        "]]>",
        "<![CDATA[",
        "&quot;",
        "\u{e4}",
    ];
    let mut text = text.to_owned();
    for (at, length, kind) in mutations {
        let start = text.floor_char_boundary(at % (text.len() + 1));
        let end = text.floor_char_boundary((start + length % 40).min(text.len())).max(start);
        match kind % 20 {
            0..16 => text.insert_str(start, SNIPPETS[kind % 16]),
            16 | 17 => text.replace_range(start..end, ""),
            18 => {
                let piece = text[start..end].to_owned();
                let to = text.floor_char_boundary(length.wrapping_mul(31) % (text.len() + 1));
                text.insert_str(to, &piece);
            }
            _ => text.truncate(start),
        }
    }
    text
}
