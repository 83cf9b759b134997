//! Documents broken on purpose.

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
