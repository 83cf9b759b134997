//! Characters, strings and escapes.

use super::{Lexer, is_newline};
use crate::ast::{Literal, Text};

impl Lexer<'_> {
    /// `'a'`.
    pub(super) fn character(&mut self) {
        let start = self.at;
        self.at += 1;
        let units = self.escaped(b'\'');
        let closed = self.close_on_line(b'\'', start);
        let value = match units.units().as_slice() {
            [unit] => *unit,
            [] => {
                self.error("CS1011", "Empty character literal", start, self.at);
                0
            }
            [unit, ..] => {
                if closed {
                    self.error("CS1012", "Too many characters in character literal", start, self.at);
                }
                *unit
            }
        };
        let kind = self.literal(Literal::Char(value));
        self.push(kind, start);
    }

    /// `"a"`.
    pub(super) fn string(&mut self) {
        let start = self.at;
        self.at += 1;
        let text = self.escaped(b'"');
        self.close_on_line(b'"', start);
        let kind = self.literal(Literal::String(text));
        self.push(kind, start);
    }

    /// `@"a"`, over lines, with `""` for a quote.
    pub(super) fn verbatim_string(&mut self) {
        let start = self.at;
        self.at += 2;
        let mut text = String::new();
        loop {
            let rest = self.rest();
            let Some(quote) = rest.find('"') else {
                text.push_str(rest);
                self.at = self.source.len();
                self.error("CS1039", "Unterminated string literal", start, start + 2);
                break;
            };
            text.push_str(rest.get(..quote).unwrap_or_default());
            self.at += quote + 1;
            if self.peek_byte(0) != Some(b'"') {
                break;
            }
            text.push('"');
            self.at += 1;
        }
        let kind = self.literal(Literal::String(Text::Utf8(text.into())));
        self.push(kind, start);
    }

    /// Text up to `quote` or the end of the line, escapes resolved.
    fn escaped(&mut self, quote: u8) -> Text {
        let mut text = TextBuilder::default();
        while let Some(c) = self.peek() {
            if c == quote as char || is_newline(c) {
                break;
            }
            if c == '\\' {
                self.escape(&mut text);
            } else {
                text.push(c);
                self.at += c.len_utf8();
            }
        }
        text.finish()
    }

    fn close_on_line(&mut self, quote: u8, start: usize) -> bool {
        let closed = self.peek_byte(0) == Some(quote);
        if closed {
            self.at += 1;
        } else {
            self.error("CS1010", "Newline in constant", start, self.at);
        }
        closed
    }

    /// Reads the escape sequence that starts with the `\` here.
    pub(super) fn escape(&mut self, text: &mut TextBuilder) {
        let start = self.at;
        self.at += 1;
        let Some(c) = self.peek().filter(|c| !is_newline(*c)) else {
            return self.error("CS1009", "Unrecognized escape sequence", start, self.at);
        };
        self.at += c.len_utf8();
        match c {
            '\'' | '"' | '\\' => text.push(c),
            '0' => text.push('\0'),
            'a' => text.push('\u{7}'),
            'b' => text.push('\u{8}'),
            'f' => text.push('\u{c}'),
            'n' => text.push('\n'),
            'r' => text.push('\r'),
            't' => text.push('\t'),
            'v' => text.push('\u{b}'),
            'x' => match self.hex_digits(1, 4) {
                Some(unit) => text.push_unit(unit as u16),
                None => self.error("CS1009", "Unrecognized escape sequence", start, self.at),
            },
            'u' => match self.hex_digits(4, 4) {
                Some(unit) => text.push_unit(unit as u16),
                None => self.error("CS1009", "Unrecognized escape sequence", start, self.at),
            },
            'U' => match self.hex_digits(8, 8) {
                Some(value) if value <= 0xffff => text.push_unit(value as u16),
                value => match value.and_then(char::from_u32) {
                    Some(c) => text.push(c),
                    None => self.error("CS1009", "Unrecognized escape sequence", start, self.at),
                },
            },
            _ => {
                self.error("CS1009", "Unrecognized escape sequence", start, self.at);
                text.push(c);
            }
        }
    }

    fn hex_digits(&mut self, least: usize, most: usize) -> Option<u32> {
        let (value, count) = hex_prefix(self.rest(), most);
        self.at += count;
        (count >= least).then_some(value)
    }
}

/// The character of an identifier at the start of `text`, and how many bytes it takes: `\u0061` is `a`.
pub(super) fn identifier_char(text: &str) -> Option<(char, usize)> {
    let c = text.chars().next()?;
    if c != '\\' {
        return Some((c, c.len_utf8()));
    }
    let (length, rest) = match text.as_bytes().get(1)? {
        b'u' => (4, text.get(2..)?),
        b'U' => (8, text.get(2..)?),
        _ => return None,
    };
    let (value, count) = hex_prefix(rest, length);
    (count == length).then(|| char::from_u32(value)).flatten().map(|c| (c, length + 2))
}

fn hex_prefix(text: &str, most: usize) -> (u32, usize) {
    let digits = text.chars().map_while(|c| c.to_digit(16)).take(most);
    digits.fold((0, 0), |(value, count), digit| (value << 4 | digit, count + 1))
}

/// Collects the text of a literal. It stays UTF-8 until half a surrogate pair comes.
#[derive(Default)]
pub(super) struct TextBuilder {
    utf8: String,
    /// All units so far, once there was a surrogate.
    utf16: Option<Vec<u16>>,
}

impl TextBuilder {
    pub(super) fn push(&mut self, c: char) {
        match &mut self.utf16 {
            None => self.utf8.push(c),
            Some(units) => units.extend_from_slice(c.encode_utf16(&mut [0; 2])),
        }
    }

    fn push_unit(&mut self, unit: u16) {
        match (&mut self.utf16, char::from_u32(u32::from(unit))) {
            (None, Some(c)) => self.utf8.push(c),
            (None, None) => self.utf16 = Some(self.utf8.encode_utf16().chain([unit]).collect()),
            (Some(units), _) => units.push(unit),
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.utf8.is_empty() && self.utf16.is_none()
    }

    pub(super) fn finish(self) -> Text {
        match self.utf16 {
            None => Text::Utf8(self.utf8.into()),
            Some(units) => Text::from_units(units),
        }
    }
}
