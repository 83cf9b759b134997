//! `System.Guid`: formats `N D B P X`, and reading them.

use crate::{Error, Result};

/// A 128-bit identifier, in the order its text shows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Guid {
    bytes: [u8; 16],
}

const SHAPE: &str = "Guid should contain 32 digits with 4 dashes (xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx).";

impl Guid {
    /// `Guid.Empty`.
    pub const EMPTY: Self = Self { bytes: [0; 16] };

    /// From bytes in the order the text shows.
    pub fn from_text_order(bytes: [u8; 16]) -> Self {
        Self { bytes }
    }

    /// A version 4 identifier from sixteen random bytes: `Guid.NewGuid()`.
    pub fn from_random(mut bytes: [u8; 16]) -> Self {
        bytes[6] = bytes[6] & 0x0f | 0x40;
        bytes[8] = bytes[8] & 0x3f | 0x80;
        Self { bytes }
    }

    /// `new Guid(byte[])`: the first three groups are little-endian.
    pub fn from_bytes(bytes: [u8; 16]) -> Self {
        Self { bytes: swap(bytes) }
    }

    /// `ToByteArray`.
    pub fn to_bytes(self) -> [u8; 16] {
        swap(self.bytes)
    }

    /// `ToString(format)`; an empty format is `D`.
    pub fn format(self, format: &str) -> Result<String> {
        let hex: String = self.bytes.iter().map(|byte| format!("{byte:02x}")).collect();
        let dashed = || [&hex[..8], &hex[8..12], &hex[12..16], &hex[16..20], &hex[20..]].join("-");
        Ok(match Format::of(format)? {
            Format::N => hex,
            Format::D => dashed(),
            Format::B => format!("{{{}}}", dashed()),
            Format::P => format!("({})", dashed()),
            Format::X => {
                let rest: Vec<String> = self.bytes[8..].iter().map(|byte| format!("0x{byte:02x}")).collect();
                format!("{{0x{},0x{},0x{},{{{}}}}}", &hex[..8], &hex[8..12], &hex[12..16], rest.join(","))
            }
        })
    }

    /// `Guid.Parse`: any of the formats, white space around it.
    pub fn parse(text: &str) -> Result<Self> {
        let text = text.trim();
        match text.chars().next() {
            None => Err(Error::format("Unrecognized Guid format.")),
            Some('(') => parenthesized(text),
            Some('{') if text.contains('-') => braced(text),
            Some('{') => hexadecimal(text),
            Some(_) if text.contains('-') => dashed(text),
            Some(_) => plain(text),
        }
    }

    /// `Guid.ParseExact(text, format)`.
    pub fn parse_exact(text: &str, format: &str) -> Result<Self> {
        let text = text.trim();
        match Format::of(format)? {
            Format::N => plain(text),
            Format::D => dashed(text),
            Format::B => braced(text),
            Format::P => parenthesized(text),
            Format::X => hexadecimal(text),
        }
    }
}

impl std::fmt::Display for Guid {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        for (index, byte) in self.bytes.iter().enumerate() {
            let dash = if matches!(index, 4 | 6 | 8 | 10) { "-" } else { "" };
            write!(f, "{dash}{byte:02x}")?;
        }
        Ok(())
    }
}

enum Format {
    N,
    D,
    B,
    P,
    X,
}

impl Format {
    fn of(format: &str) -> Result<Self> {
        Ok(match format {
            "" | "D" | "d" => Self::D,
            "N" | "n" => Self::N,
            "B" | "b" => Self::B,
            "P" | "p" => Self::P,
            "X" | "x" => Self::X,
            _ => {
                let message = r#"Format string can be only "D", "d", "N", "n", "P", "p", "B", "b", "X" or "x"."#;
                return Err(Error::format(message));
            }
        })
    }
}

/// Swaps between text order and .NET's memory order.
fn swap(mut bytes: [u8; 16]) -> [u8; 16] {
    bytes[..4].reverse();
    bytes[4..6].reverse();
    bytes[6..8].reverse();
    bytes
}

fn parenthesized(text: &str) -> Result<Guid> {
    enclosed(text, '(', ')')
}

fn braced(text: &str) -> Result<Guid> {
    enclosed(text, '{', '}')
}

fn enclosed(text: &str, open: char, close: char) -> Result<Guid> {
    let inner =
        text.strip_prefix(open).and_then(|text| text.strip_suffix(close)).ok_or_else(|| Error::format(SHAPE))?;
    dashed(inner)
}

fn plain(text: &str) -> Result<Guid> {
    if text.chars().count() != 32 {
        return Err(Error::format(SHAPE));
    }
    from_groups(&[text])
}

fn dashed(text: &str) -> Result<Guid> {
    if text.chars().count() != 36 {
        return Err(Error::format(SHAPE));
    }
    let groups: Vec<&str> =
        [0..8, 9..13, 14..18, 19..23, 24..36].into_iter().filter_map(|range| text.get(range)).collect();
    let dashes = [8, 13, 18, 23].iter().all(|at| text.as_bytes().get(*at) == Some(&b'-'));
    if !dashes || groups.len() != 5 {
        return Err(Error::format("Dashes are in the wrong position for GUID parsing."));
    }
    from_groups(&groups)
}

fn from_groups(groups: &[&str]) -> Result<Guid> {
    let mut hex = String::with_capacity(32);
    for group in groups {
        // .NET lets a group of digits begin with a sign or a prefix.
        let digits = group.strip_prefix('+').unwrap_or(group);
        let digits = digits.strip_prefix("0x").or_else(|| digits.strip_prefix("0X")).unwrap_or(digits);
        if digits.is_empty() || !digits.bytes().all(|b| b.is_ascii_hexdigit()) {
            return Err(Error::format("Guid string should only contain hexadecimal characters."));
        }
        hex.push_str(&format!("{digits:0>width$}", width = group.len()));
    }
    u128::from_str_radix(&hex, 16)
        .map(|value| Guid { bytes: value.to_be_bytes() })
        .map_err(|_| Error::format("Guid string should only contain hexadecimal characters."))
}

/// `{0x00112233,0x4455,0x6677,{0x88,…}}`, white space anywhere.
fn hexadecimal(text: &str) -> Result<Guid> {
    let text: String = text.chars().filter(|c| !c.is_whitespace()).collect();
    let mut rest = text.strip_prefix('{').ok_or_else(|| Error::format("Expected {0xdddddddd, etc}."))?;
    let mut bytes = [0; 16];
    let mut at = 0;
    for (index, size) in [4, 2, 2, 1, 1, 1, 1, 1, 1, 1, 1].into_iter().enumerate() {
        if index == 3 {
            rest = rest.strip_prefix('{').ok_or_else(|| Error::format("Expected {0xdddddddd, etc}."))?;
        }
        rest = rest
            .strip_prefix("0x")
            .or_else(|| rest.strip_prefix("0X"))
            .ok_or_else(|| Error::format("Expected 0x prefix."))?;
        let end = match (rest.find(if index == 10 { '}' } else { ',' }), index) {
            (Some(end @ 1..), _) => end,
            (_, 10) => {
                return Err(Error::format(
                    "Could not find a brace, or the length between the previous token and the brace was zero (i.e., '0x,'etc.).",
                ));
            }
            _ => {
                return Err(Error::format(
                    "Could not find a comma, or the length between the previous token and the comma was zero (i.e., '0x,'etc.).",
                ));
            }
        };
        let (digits, after) = rest.split_at(end);
        let digits = digits.trim_start_matches('0');
        let value = if digits.is_empty() { Ok(0) } else { u64::from_str_radix(digits, 16) };
        let value = value
            .ok()
            .filter(|_| digits.bytes().all(|b| b.is_ascii_hexdigit()))
            .ok_or_else(|| Error::format("Guid string should only contain hexadecimal characters."))?;
        if value >> (size * 8) != 0 {
            return Err(Error::overflow("Value was either too large or too small for a UInt32."));
        }
        bytes[at..at + size].copy_from_slice(&value.to_be_bytes()[8 - size..]);
        at += size;
        rest = after.strip_prefix(',').unwrap_or(after);
    }
    match rest {
        "}}" => Ok(Guid { bytes }),
        "}" | "" => Err(Error::format("Could not find the ending brace.")),
        _ => Err(Error::format("Additional non-parsable characters are at the end of the string.")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const TEXT: &str = "00112233-4455-6677-8899-aabbccddeeff";

    #[test]
    fn every_format_reads_back() {
        let guid = Guid::parse(TEXT).unwrap();
        for format in ["N", "D", "B", "P", "X"] {
            let text = guid.format(format).unwrap();
            assert_eq!(Guid::parse(&text), Ok(guid), "{text}");
            assert_eq!(Guid::parse_exact(&text, format), Ok(guid), "{text}");
        }
        assert_eq!(guid.to_string(), TEXT);
        assert_eq!(guid.to_bytes()[..8], [0x33, 0x22, 0x11, 0, 0x55, 0x44, 0x77, 0x66]);
        assert_eq!(Guid::from_bytes(guid.to_bytes()), guid);
    }

    #[test]
    fn refusals_have_the_words_of_dotnet() {
        for (text, message) in [
            ("nope", SHAPE),
            ("", "Unrecognized Guid format."),
            ("0011223-34455-6677-8899-aabbccddeeff", "Dashes are in the wrong position for GUID parsing."),
            ("00112233-4455-6677-8899-aabbccddeefg", "Guid string should only contain hexadecimal characters."),
            ("{00112233445566778899aabbccddeeff}", "Expected 0x prefix."),
        ] {
            assert_eq!(Guid::parse(text).unwrap_err().message, message, "{text}");
        }
    }

    proptest! {
        #[test]
        fn reading_never_panics(text in "[{(]?[0-9a-fx,{}-]{0,70}[)}]?|\\PC{0,40}") {
            let _ = Guid::parse(&text);
        }
    }
}
