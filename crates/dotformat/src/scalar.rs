//! `bool` and `char` as text and back.

use crate::{Error, Result};

/// `bool.ToString()`.
pub fn bool_to_string(value: bool) -> &'static str {
    if value { "True" } else { "False" }
}

/// `bool.Parse`: any case, white space and NULs around.
pub fn parse_bool(text: &str) -> Result<bool> {
    let word = text.trim_matches(|c: char| c.is_whitespace() || c == '\0');
    if word.eq_ignore_ascii_case("True") {
        Ok(true)
    } else if word.eq_ignore_ascii_case("False") {
        Ok(false)
    } else {
        Err(Error::format(format!("String '{text}' was not recognized as a valid Boolean.")))
    }
}

/// `char.Parse`: the UTF-16 unit of a text that has exactly one.
pub fn parse_char(text: &str) -> Result<u16> {
    let mut units = text.encode_utf16();
    match (units.next(), units.next()) {
        (Some(unit), None) => Ok(unit),
        _ => Err(Error::format("String must be exactly one character long.")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_read_in_any_case() {
        assert_eq!(parse_bool(" tRUE\0"), Ok(true));
        assert_eq!(parse_bool("").unwrap_err().message, "String '' was not recognized as a valid Boolean.");
        assert_eq!(parse_char("x"), Ok(120));
        assert!(parse_char("😀").is_err());
    }
}
