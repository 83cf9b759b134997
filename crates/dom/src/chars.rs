//! The character classes of XML 1.0, fourth edition in spirit: names go by Unicode's own classes.

/// White space.
pub(crate) fn is_space(c: char) -> bool {
    matches!(c, ' ' | '\t' | '\n' | '\r')
}

/// Whether a text is all white space.
pub(crate) fn is_blank(text: &str) -> bool {
    text.bytes().all(|b| matches!(b, b' ' | b'\t' | b'\n' | b'\r'))
}

/// Whether a character may stand in a document at all.
pub(crate) fn is_char(c: char) -> bool {
    matches!(c, '\t' | '\n' | '\r' | '\u{20}'..='\u{D7FF}' | '\u{E000}'..='\u{FFFD}' | '\u{10000}'..)
}

/// Whether a name without a colon may begin so.
pub(crate) fn starts_name(c: char) -> bool {
    c == '_' || c.is_ascii_alphabetic() || (!c.is_ascii() && c.is_alphabetic())
}

/// Whether a name without a colon may go on so.
pub(crate) fn in_name(c: char) -> bool {
    starts_name(c)
        || matches!(c, '-' | '.' | '0'..='9' | '\u{B7}')
        || (!c.is_ascii() && c.is_alphanumeric())
        || matches!(c, '\u{300}'..='\u{36F}' | '\u{203F}'..='\u{2040}')
}

/// How .NET's messages show a character: `'x', hexadecimal value 0x78`, with what cannot be shown as a dot.
pub(crate) fn described(c: char) -> (char, String) {
    (if c == '\0' { '.' } else { c }, format!("0x{:02X}", u32::from(c)))
}
