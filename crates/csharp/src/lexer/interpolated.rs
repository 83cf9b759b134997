//! Interpolated strings: `$"a {b,5:X2} {{c}}"`, `$@"…"`.

use super::string::TextBuilder;
use super::{Lexer, is_newline};
use crate::token::TokenKind;

/// An interpolated string whose hole is being read.
pub(super) struct Interpolation {
    verbatim: bool,
    /// Brackets of any kind that are open in the hole: within them `:` has its usual meaning.
    depth: u32,
    /// Those of them that are braces: without one, `}` ends the hole, even if a `(` is still open.
    braces: u32,
    /// Where the hole's `{` stands.
    hole: usize,
}

impl Lexer<'_> {
    /// Begins the string whose opening takes `length` bytes.
    pub(super) fn interpolation(&mut self, length: usize, verbatim: bool) {
        let start = self.at;
        self.at += length;
        self.push(TokenKind::InterpolationStart, start);
        self.interpolation_text(verbatim);
    }

    pub(super) fn in_hole(&self) -> bool {
        !self.open.is_empty()
    }

    /// Whether the innermost hole belongs to a string that must end on its line.
    pub(super) fn in_one_line_hole(&self) -> bool {
        self.open.iter().any(|string| !string.verbatim)
    }

    pub(super) fn count_bracket(&mut self, kind: TokenKind) {
        let Some(string) = self.open.last_mut() else { return };
        match kind {
            TokenKind::OpenParen | TokenKind::OpenBracket | TokenKind::OpenBrace => string.depth += 1,
            TokenKind::CloseParen | TokenKind::CloseBracket | TokenKind::CloseBrace => {
                string.depth = string.depth.saturating_sub(1);
            }
            _ => {}
        }
        match kind {
            TokenKind::OpenBrace => string.braces += 1,
            TokenKind::CloseBrace => string.braces = string.braces.saturating_sub(1),
            _ => {}
        }
    }

    /// Ends the hole where its format, its `}` or its line ends; true if it did.
    pub(super) fn hole_ends_here(&mut self) -> bool {
        let Some(&Interpolation { verbatim, depth, braces, hole }) = self.open.last() else { return false };
        match self.peek() {
            Some(':') if depth == 0 => {
                self.format(verbatim);
                self.open.pop();
                self.close_hole(verbatim, hole);
                true
            }
            Some('}') if braces == 0 => {
                self.open.pop();
                self.close_hole(verbatim, hole);
                true
            }
            Some(c) if !is_newline(c) => false,
            _ => {
                self.open.pop();
                self.missing_close(hole);
                true
            }
        }
    }

    /// Reads `}` and the text behind it.
    fn close_hole(&mut self, verbatim: bool, hole: usize) {
        if self.peek_byte(0) != Some(b'}') {
            return self.missing_close(hole);
        }
        let start = self.at;
        self.at += 1;
        self.push(TokenKind::HoleEnd, start);
        self.interpolation_text(verbatim);
    }

    fn missing_close(&mut self, hole: usize) {
        let message = "Missing close delimiter '}' for interpolated expression started with '{'.";
        self.error("CS8076", message, hole, hole + 1);
        self.push(TokenKind::HoleEnd, self.at);
        self.push(TokenKind::InterpolationEnd, self.at);
    }

    /// Reads text up to the next hole or the end of the string.
    fn interpolation_text(&mut self, verbatim: bool) {
        let start = self.at;
        let mut text = TextBuilder::default();
        loop {
            match (self.peek(), self.peek_byte(1)) {
                (Some('"'), Some(b'"')) if verbatim => self.take_pair('"', &mut text),
                (Some('"'), _) => {
                    self.push_text(text, start);
                    self.at += 1;
                    return self.push(TokenKind::InterpolationEnd, self.at - 1);
                }
                (Some('{'), Some(b'{')) => self.take_pair('{', &mut text),
                (Some('{'), _) => {
                    self.push_text(text, start);
                    let hole = self.at;
                    self.at += 1;
                    self.push(TokenKind::HoleStart, hole);
                    self.open.push(Interpolation { verbatim, depth: 0, braces: 0, hole });
                    return;
                }
                (Some('}'), Some(b'}')) => self.take_pair('}', &mut text),
                (Some('}'), _) => {
                    let message = "A '}' character must be escaped (by doubling) in an interpolated string.";
                    self.error("CS8086", message, self.at, self.at + 1);
                    self.at += 1;
                }
                (Some('\\'), Some(brace @ (b'{' | b'}'))) if !verbatim => {
                    text.push(brace as char);
                    self.escaped_brace(brace as char);
                }
                (Some('\\'), _) if !verbatim => self.escape(&mut text),
                (Some(c), _) if verbatim || !is_newline(c) => {
                    text.push(c);
                    self.at += c.len_utf8();
                }
                (end, _) => {
                    if end.is_some() || !verbatim {
                        self.error("CS1010", "Newline in constant", start, self.at);
                    } else {
                        self.error("CS1039", "Unterminated string literal", start, self.at);
                    }
                    self.push_text(text, start);
                    return self.push(TokenKind::InterpolationEnd, self.at);
                }
            }
        }
    }

    /// Reads `:` and the format, up to the hole's `}`.
    fn format(&mut self, verbatim: bool) {
        let start = self.at;
        self.at += 1;
        let mut text = TextBuilder::default();
        loop {
            match (self.peek(), self.peek_byte(1)) {
                (Some('"'), Some(b'"')) if verbatim => self.take_pair('"', &mut text),
                (Some('{'), Some(b'{')) => self.take_pair('{', &mut text),
                (Some('}'), Some(b'}')) => self.take_pair('}', &mut text),
                (Some('{'), _) => {
                    let message = "A '{' character must be escaped (by doubling) in an interpolated string.";
                    self.error("CS8086", message, self.at, self.at + 1);
                    self.at += 1;
                }
                (Some('}' | '"'), _) => break,
                (Some('\\'), Some(brace @ (b'{' | b'}'))) if !verbatim => {
                    text.push(brace as char);
                    self.escaped_brace(brace as char);
                }
                (Some('\\'), _) if !verbatim => self.escape(&mut text),
                (Some(c), _) if verbatim || !is_newline(c) => {
                    text.push(c);
                    self.at += c.len_utf8();
                }
                _ => break,
            }
        }
        let written = self.source.get(start + 1..self.at).unwrap_or_default();
        if text.is_empty() {
            self.error("CS8089", "Empty format specifier.", start, self.at);
        } else if written.ends_with(char::is_whitespace) {
            self.error("CS8088", "A format specifier may not contain trailing whitespace.", start, self.at);
        }
        let index = self.text(text.finish());
        self.push(TokenKind::HoleFormat(index), start);
    }

    fn take_pair(&mut self, c: char, text: &mut TextBuilder) {
        text.push(c);
        self.at += 2;
    }

    fn escaped_brace(&mut self, brace: char) {
        let message = format!(
            "A '{brace}' character may only be escaped by doubling '{brace}{brace}' in an interpolated string."
        );
        self.error("CS8087", message, self.at, self.at + 2);
        self.at += 2;
    }

    fn push_text(&mut self, text: TextBuilder, start: usize) {
        if !text.is_empty() {
            let index = self.text(text.finish());
            self.push(TokenKind::InterpolationText(index), start);
        }
    }
}
