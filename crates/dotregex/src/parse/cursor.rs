//! A position in a pattern, and the small things read from there.

use crate::class::is_word;
use crate::{Error, Options};

pub(crate) struct Cursor<'a> {
    pub(crate) pattern: &'a [u16],
    pub(crate) at: usize,
    pub(crate) options: Options,
}

impl<'a> Cursor<'a> {
    pub(crate) fn new(pattern: &'a [u16], options: Options) -> Self {
        Self { pattern, at: 0, options }
    }

    pub(crate) fn has(&self, option: Options) -> bool {
        self.options.has(option)
    }

    pub(crate) fn error(&self, reason: impl std::fmt::Display) -> Error {
        Error::at(self.pattern, self.at, reason)
    }

    pub(crate) fn left(&self) -> usize {
        self.pattern.len().saturating_sub(self.at)
    }

    pub(crate) fn unit(&self) -> Option<u16> {
        self.pattern.get(self.at).copied()
    }

    pub(crate) fn peek(&self) -> Option<char> {
        self.peek_at(0)
    }

    /// The character so many units on; a surrogate shows as U+FFFD, which has no meaning in a pattern.
    pub(crate) fn peek_at(&self, ahead: usize) -> Option<char> {
        let unit = *self.pattern.get(self.at + ahead)?;
        Some(char::from_u32(u32::from(unit)).unwrap_or(char::REPLACEMENT_CHARACTER))
    }

    pub(crate) fn take(&mut self) -> Option<u16> {
        let unit = self.unit()?;
        self.at += 1;
        Some(unit)
    }

    pub(crate) fn eat(&mut self, wanted: char) -> bool {
        let found = self.peek() == Some(wanted);
        self.at += usize::from(found);
        found
    }

    pub(crate) fn at_word(&self) -> bool {
        self.unit().is_some_and(|unit| is_word(unit, false))
    }

    pub(crate) fn decimal(&mut self) -> Result<u32, Error> {
        let mut value = 0u32;
        while let Some(digit) = self.peek().and_then(|c| c.to_digit(10)) {
            self.at += 1;
            let next = value.checked_mul(10).and_then(|value| value.checked_add(digit));
            value = next
                .filter(|value| i32::try_from(*value).is_ok())
                .ok_or_else(|| self.error("Capture group numbers must be less than or equal to Int32.MaxValue."))?;
        }
        Ok(value)
    }

    pub(crate) fn word(&mut self) -> String {
        let start = self.at;
        while self.at_word() {
            self.at += 1;
        }
        String::from_utf16_lossy(&self.pattern[start..self.at])
    }

    /// Skips comments, and white space where the option is on.
    pub(crate) fn skip_blank(&mut self) -> Result<(), Error> {
        let extended = self.has(Options::IGNORE_PATTERN_WHITESPACE);
        loop {
            match self.peek() {
                Some(' ' | '\t'..='\r') if extended => self.at += 1,
                Some('#') if extended => {
                    while self.peek().is_some_and(|c| c != '\n') {
                        self.at += 1;
                    }
                }
                Some('(') if self.peek_at(1) == Some('?') && self.peek_at(2) == Some('#') => {
                    while self.peek().is_some_and(|c| c != ')') {
                        self.at += 1;
                    }
                    if !self.eat(')') {
                        return Err(self.error("Unterminated (?#...) comment."));
                    }
                }
                _ => return Ok(()),
            }
        }
    }

    /// Reads option letters up to the first character that is none.
    pub(crate) fn scan_options(&mut self) {
        let mut on = true;
        while let Some(c) = self.peek() {
            let option = match c.to_ascii_lowercase() {
                '-' => {
                    on = false;
                    None
                }
                '+' => {
                    on = true;
                    None
                }
                'i' => Some(Options::IGNORE_CASE),
                'm' => Some(Options::MULTILINE),
                'n' => Some(Options::EXPLICIT_CAPTURE),
                's' => Some(Options::SINGLELINE),
                'x' => Some(Options::IGNORE_PATTERN_WHITESPACE),
                _ => return,
            };
            if let Some(option) = option {
                self.options = self.options.with(option, on);
            }
            self.at += 1;
        }
    }

    /// Whether a quantifier stands here: `*`, `+`, `?`, `{n}`, `{n,}` or `{n,m}`.
    pub(crate) fn at_quantifier(&self) -> bool {
        match self.peek() {
            Some('*' | '+' | '?') => true,
            Some('{') => {
                let digits = |from: usize| {
                    let mut at = from;
                    while self.peek_at(at).is_some_and(|c| c.is_ascii_digit()) {
                        at += 1;
                    }
                    at
                };
                let first = digits(1);
                let end = if self.peek_at(first) == Some(',') { digits(first + 1) } else { first };
                first > 1 && self.peek_at(end) == Some('}')
            }
            _ => false,
        }
    }
}
