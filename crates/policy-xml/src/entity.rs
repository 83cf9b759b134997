//! XML entities.

/// The character that the entity at the start of `text` stands for, and the entity's length in bytes.
pub(crate) fn entity(text: &str) -> Option<(char, usize)> {
    let rest = text.strip_prefix('&')?;
    // The longest, `&#x10FFFF;`, has eight characters inside; leading zeros are not worth more.
    let end = rest.bytes().take(16).position(|byte| byte == b';')?;
    let name = rest.get(..end)?;
    let character = match name {
        "amp" => '&',
        "lt" => '<',
        "gt" => '>',
        "quot" => '"',
        "apos" => '\'',
        _ => {
            let digits = name.strip_prefix('#')?;
            let code = match digits.strip_prefix(['x', 'X']) {
                Some(hex) => u32::from_str_radix(hex, 16).ok()?,
                None => digits.parse().ok()?,
            };
            char::from_u32(code).filter(|character| *character != '\0')?
        }
    };
    Some((character, end + 2))
}

/// What a character of an expression must become in format `xml`.
pub(crate) fn escape(character: char, in_attribute: bool) -> Option<&'static str> {
    match character {
        '&' => Some("&amp;"),
        '<' => Some("&lt;"),
        '>' => Some("&gt;"),
        '"' if in_attribute => Some("&quot;"),
        '\'' if in_attribute => Some("&apos;"),
        _ => None,
    }
}
