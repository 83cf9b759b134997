//! `Regex.Escape` and `Regex.Unescape`.

use crate::parse::Cursor;
use crate::{Error, Options};

/// Puts a backslash before everything with a meaning in patterns, white space and `#` included.
pub fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 8);
    for c in text.chars() {
        match c {
            '\t' => out.push_str("\\t"),
            '\n' => out.push_str("\\n"),
            '\u{c}' => out.push_str("\\f"),
            '\r' => out.push_str("\\r"),
            ' ' | '#' | '$' | '(' | ')' | '*' | '+' | '.' | '?' | '[' | '\\' | '^' | '{' | '|' => {
                out.push('\\');
                out.push(c);
            }
            _ => out.push(c),
        }
    }
    out
}

/// Replaces escapes by their characters.
pub fn unescape(text: &str) -> Result<String, Error> {
    let units: Vec<u16> = text.encode_utf16().collect();
    let mut cursor = Cursor::new(&units, Options::NONE);
    let mut out = Vec::with_capacity(units.len());
    while let Some(unit) = cursor.take() {
        out.push(if unit == u16::from(b'\\') { cursor.char_escape()? } else { unit });
    }
    Ok(String::from_utf16_lossy(&out))
}
