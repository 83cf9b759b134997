//! Characters that XML does not have, and errors as .NET words them.

use super::Parser;
use crate::chars::{described, is_char};
use crate::error::{Error, ErrorKind, Result};

impl Parser<'_> {
    pub(super) fn verify_text(&self, text: &str) -> Result<()> {
        if let Some(at) = text.find("]]>") {
            return Err(self.fail_at(self.at + at, "']]>' is not allowed in character data."));
        }
        self.verify(text)
    }

    pub(super) fn verify(&self, text: &str) -> Result<()> {
        self.verify_at(text, self.at)
    }

    pub(super) fn verify_at(&self, text: &str, start: usize) -> Result<()> {
        match text.char_indices().find(|(_, c)| !is_char(*c)) {
            None => Ok(()),
            Some((at, c)) => Err(self.invalid(c, start + at)),
        }
    }

    pub(super) fn check(&self, c: char) -> Result<()> {
        if is_char(c) { Ok(()) } else { Err(self.invalid(c, self.at)) }
    }

    pub(super) fn invalid(&self, c: char, at: usize) -> Error {
        let (c, hex) = described(c);
        self.fail_at(at, &format!("'{c}', hexadecimal value {hex}, is an invalid character."))
    }

    pub(super) fn unclosed(&self) -> Error {
        let names: Vec<_> = self.open.iter().rev().map(|open| open.name).collect();
        let stop = if names.is_empty() { "" } else { "." };
        let names = names.join(", ");
        self.fail_at(
            self.text.len(),
            &format!("Unexpected end of file has occurred. The following elements are not closed: {names}{stop}"),
        )
    }

    pub(super) fn fail(&self, message: &str) -> Error {
        self.fail_at(self.at, message)
    }

    pub(super) fn fail_at(&self, at: usize, message: &str) -> Error {
        let (line, position) = self.place(at);
        let message = format!("{message} Line {line}, position {position}.");
        Error { kind: ErrorKind::Xml, message, line, position }
    }

    /// Line and column of an offset, both from 1, columns in UTF-16 units.
    pub(super) fn place(&self, at: usize) -> (usize, usize) {
        let before = self.text.get(..at.min(self.text.len())).unwrap_or(self.text);
        let breaks = before.bytes().filter(|b| *b == b'\n' || *b == b'\r').count() - before.matches("\r\n").count();
        let line_start = before.rfind(['\n', '\r']).map_or(0, |i| i + 1);
        (breaks + 1, before[line_start..].encode_utf16().count() + 1)
    }
}
