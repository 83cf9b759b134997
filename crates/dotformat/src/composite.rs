//! Composite format strings: `{0,-10:F2}` with `{{` and `}}`.

use crate::{Error, Result};

/// A piece of a composite format string.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Segment {
    /// Text as it is, braces unescaped.
    Literal(String),
    /// An argument.
    Hole {
        /// Which argument.
        index: usize,
        /// The width it is padded to; negative pads on the right.
        alignment: i32,
        /// What follows the colon; empty without one.
        format: String,
    },
}

/// Indexes and widths end below this.
const LIMIT: usize = 1_000_000;

/// Takes a composite format string apart.
pub fn parse_composite(text: &str) -> Result<Vec<Segment>> {
    let mut segments = Vec::new();
    let mut literal = String::new();
    let mut rest = text;
    while let Some(at) = rest.find(['{', '}']) {
        literal.push_str(&rest[..at]);
        let brace = &rest[at..=at];
        rest = &rest[at + 1..];
        if let Some(after) = rest.strip_prefix(brace) {
            literal.push_str(brace);
            rest = after;
        } else if brace == "{" {
            if !literal.is_empty() {
                segments.push(Segment::Literal(std::mem::take(&mut literal)));
            }
            let (hole, after) = hole(rest)?;
            segments.push(hole);
            rest = after;
        } else {
            return Err(Error::bad_input());
        }
    }
    literal.push_str(rest);
    if !literal.is_empty() {
        segments.push(Segment::Literal(literal));
    }
    Ok(segments)
}

fn hole(text: &str) -> Result<(Segment, &str)> {
    let (index, rest) = number(text)?;
    let mut rest = rest.trim_start_matches(' ');
    let mut alignment = 0;
    if let Some(after) = rest.strip_prefix(',') {
        let after = after.trim_start_matches(' ');
        let (sign, after) = after.strip_prefix('-').map_or((1, after), |after| (-1, after));
        let (width, after) = number(after)?;
        alignment = sign * width as i32;
        rest = after.trim_start_matches(' ');
    }
    let mut format = "";
    if let Some(after) = rest.strip_prefix(':') {
        let end = after.find(['{', '}']).ok_or_else(Error::bad_input)?;
        (format, rest) = after.split_at(end);
    }
    let rest = rest.strip_prefix('}').ok_or_else(Error::bad_input)?;
    Ok((Segment::Hole { index, alignment, format: format.to_owned() }, rest))
}

fn number(text: &str) -> Result<(usize, &str)> {
    let end = text.bytes().take_while(u8::is_ascii_digit).count();
    let (digits, rest) = text.split_at(end);
    let value = digits.parse().ok().filter(|value| *value < LIMIT).ok_or_else(Error::bad_input)?;
    Ok((value, rest))
}

/// `string.Format`: `print` gives the text of an argument by index and format.
pub fn format_composite(
    text: &str,
    arguments: usize,
    mut print: impl FnMut(usize, &str) -> Result<String>,
) -> Result<String> {
    let mut out = String::with_capacity(text.len());
    for segment in parse_composite(text)? {
        match segment {
            Segment::Literal(literal) => out.push_str(&literal),
            Segment::Hole { index, .. } if index >= arguments => return Err(missing_argument()),
            Segment::Hole { index, alignment, format } => push_aligned(&mut out, &print(index, &format)?, alignment),
        }
    }
    Ok(out)
}

/// The `FormatException` for a hole whose argument is not there.
pub fn missing_argument() -> Error {
    Error::format(
        "Index (zero based) must be greater than or equal to zero and less than the size of the argument list.",
    )
}

/// Pads `text` with spaces to a width in UTF-16 units; a negative width pads on the right.
pub fn push_aligned(out: &mut String, text: &str, alignment: i32) {
    let missing = (alignment.unsigned_abs() as usize).saturating_sub(text.encode_utf16().count());
    if alignment > 0 {
        out.extend(std::iter::repeat_n(' ', missing));
    }
    out.push_str(text);
    if alignment < 0 {
        out.extend(std::iter::repeat_n(' ', missing));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn format(text: &str) -> std::result::Result<String, String> {
        let print =
            |index: usize, format: &str| crate::format_integer(index as i128 + 7, crate::IntType::Int32, format);
        format_composite(text, 2, print).map_err(|error| error.message.into_owned())
    }

    #[test]
    fn holes_and_braces_print_as_the_recorded_cases() {
        for (text, printed) in [
            ("{0}", "7"),
            ("{0,5}|{1,-5}|", "    7|8    |"),
            ("{{{0}}}", "{7}"),
            ("{0, 5}", "    7"),
            ("{0 ,5 :D3}", "  007"),
            ("{0:}}}", "7}"),
            ("{00}", "7"),
            ("}}{{", "}{"),
            ("x{0:X}", "x7"),
        ] {
            assert_eq!(format(text).as_deref(), Ok(printed), "{text}");
        }
        for text in
            ["{", "}", "{0", "{0:", "{-1}", "{a}", "{0,}", "{ 0}", "{0:}}", "{0:a{b}", "{}", "{0}}", "{1000000}"]
        {
            assert_eq!(format(text), Err("Input string was not in a correct format.".into()), "{text}");
        }
        assert_eq!(format("{2}"), Err(missing_argument().message.into_owned()));
    }

    proptest! {
        #[test]
        fn reading_never_panics(text in "[{}0-9,:a -]{0,20}|\\PC{0,20}") {
            let _ = parse_composite(&text);
        }
    }
}
