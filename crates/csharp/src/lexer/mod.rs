//! Text to tokens.
//!
//! The whole text is read once, before parsing. An interpolated string becomes a run of tokens: its start, its texts, and
//! for each hole the tokens of the expression between `HoleStart` and `HoleEnd`; so the parser reads holes like all else.
//! Those runs are always balanced, however the text ends.

mod interpolated;
mod number;
mod string;

use std::borrow::Cow;

use base::{Diagnostic, Span};

use crate::ast::{Literal, Text};
use crate::token::{Token, TokenKind};

use interpolated::Interpolation;
pub(crate) use number::negated_minimum;

/// What the lexer made of a text.
#[derive(Debug, Default)]
pub struct Tokens {
    /// The tokens; the last is [`TokenKind::End`], and only that.
    pub list: Vec<Token>,
    /// The values of [`TokenKind::Literal`].
    pub literals: Vec<Literal>,
    /// The values of [`TokenKind::InterpolationText`] and [`TokenKind::HoleFormat`].
    pub texts: Vec<Text>,
    /// What is wrong.
    pub diagnostics: Vec<Diagnostic>,
}

/// Reads all tokens of `source`. Text that is no token is reported and stands as [`TokenKind::Bad`].
pub fn tokenize(source: &str) -> Tokens {
    let mut lexer = Lexer { source, at: 0, out: Tokens::default(), open: Vec::new() };
    lexer.run();
    lexer.out
}

/// The identifier at `span`: without `@`, escapes resolved, formatting characters dropped.
pub fn identifier_text(source: &str, span: Span) -> Cow<'_, str> {
    let text = span.of(source);
    let text = text.strip_prefix('@').unwrap_or(text);
    if text.is_ascii() && !text.contains('\\') {
        return Cow::Borrowed(text);
    }
    let mut resolved = String::new();
    let mut rest = text;
    while let Some((c, length)) = string::identifier_char(rest) {
        if !is_format_char(c) {
            resolved.push(c);
        }
        rest = rest.get(length..).unwrap_or_default();
    }
    Cow::Owned(resolved)
}

struct Lexer<'s> {
    source: &'s str,
    at: usize,
    out: Tokens,
    /// The interpolated strings around the current place, innermost last; each is in one of its holes.
    open: Vec<Interpolation>,
}

impl<'s> Lexer<'s> {
    fn run(&mut self) {
        loop {
            self.skip_trivia();
            if self.hole_ends_here() {
                continue;
            }
            let start = self.at;
            let Some(c) = self.peek() else { break };
            self.token(c, start);
        }
        self.push(TokenKind::End, self.at);
    }

    fn token(&mut self, c: char, start: usize) {
        match (c, self.peek_byte(1)) {
            ('0'..='9', _) | ('.', Some(b'0'..=b'9')) => self.number(),
            ('"', _) => self.string(),
            ('\'', _) => self.character(),
            ('@', Some(b'"')) => self.verbatim_string(),
            ('$', Some(b'"')) => self.interpolation(2, false),
            ('$', Some(b'@')) if self.peek_byte(2) == Some(b'"') => self.interpolation(3, true),
            ('@', Some(b'$')) if self.peek_byte(2) == Some(b'"') => {
                let message = "To use '@$' instead of '$@' for an interpolated verbatim string, please use language version \
                               '8.0' or greater.";
                self.error("CS8401", message, start, start + 2);
                self.interpolation(3, true);
            }
            ('@', _) => self.verbatim_identifier(),
            ('#', _) => self.directive(),
            _ if string::identifier_char(self.rest()).is_some_and(|(c, _)| is_identifier_start(c)) => self.identifier(),
            _ => self.punctuation(c),
        }
    }

    fn identifier(&mut self) {
        let start = self.at;
        self.skip_identifier();
        let text = self.source.get(start..self.at).unwrap_or_default();
        let kind = match TokenKind::keyword(text) {
            Some(TokenKind::True) => self.literal(Literal::Bool(true)),
            Some(TokenKind::False) => self.literal(Literal::Bool(false)),
            Some(TokenKind::Null) => self.literal(Literal::Null),
            Some(keyword) => keyword,
            None => TokenKind::Identifier,
        };
        self.push(kind, start);
    }

    fn verbatim_identifier(&mut self) {
        let start = self.at;
        self.at += 1;
        if string::identifier_char(self.rest()).is_some_and(|(c, _)| is_identifier_start(c)) {
            self.skip_identifier();
            self.push(TokenKind::Identifier, start);
        } else {
            self.error("CS1646", "Keyword, identifier, or string expected after verbatim specifier: @", start, self.at);
            self.push(TokenKind::Bad, start);
        }
    }

    fn skip_identifier(&mut self) {
        while let Some((c, length)) = string::identifier_char(self.rest()) {
            if !is_identifier_part(c) {
                break;
            }
            self.at += length;
        }
    }

    fn punctuation(&mut self, c: char) {
        use TokenKind as T;
        let start = self.at;
        let two = (self.peek_byte(1), self.peek_byte(2));
        let (kind, length) = match (c, two) {
            ('(', _) => (T::OpenParen, 1),
            (')', _) => (T::CloseParen, 1),
            ('[', _) => (T::OpenBracket, 1),
            (']', _) => (T::CloseBracket, 1),
            ('{', _) => (T::OpenBrace, 1),
            ('}', _) => (T::CloseBrace, 1),
            ('.', (Some(b'.'), _)) => (T::DotDot, 2),
            ('.', _) => (T::Dot, 1),
            (',', _) => (T::Comma, 1),
            (':', (Some(b':'), _)) => (T::ColonColon, 2),
            (':', _) => (T::Colon, 1),
            (';', _) => (T::Semicolon, 1),
            ('?', (Some(b'?'), Some(b'='))) => (T::QuestionQuestionEquals, 3),
            ('?', (Some(b'?'), _)) => (T::QuestionQuestion, 2),
            ('?', _) => (T::Question, 1),
            ('+', (Some(b'+'), _)) => (T::PlusPlus, 2),
            ('+', (Some(b'='), _)) => (T::PlusEquals, 2),
            ('+', _) => (T::Plus, 1),
            ('-', (Some(b'-'), _)) => (T::MinusMinus, 2),
            ('-', (Some(b'='), _)) => (T::MinusEquals, 2),
            ('-', (Some(b'>'), _)) => (T::PointerArrow, 2),
            ('-', _) => (T::Minus, 1),
            ('*', (Some(b'='), _)) => (T::StarEquals, 2),
            ('*', _) => (T::Star, 1),
            ('/', (Some(b'='), _)) => (T::SlashEquals, 2),
            ('/', _) => (T::Slash, 1),
            ('%', (Some(b'='), _)) => (T::PercentEquals, 2),
            ('%', _) => (T::Percent, 1),
            ('&', (Some(b'&'), _)) => (T::AmpersandAmpersand, 2),
            ('&', (Some(b'='), _)) => (T::AmpersandEquals, 2),
            ('&', _) => (T::Ampersand, 1),
            ('|', (Some(b'|'), _)) => (T::BarBar, 2),
            ('|', (Some(b'='), _)) => (T::BarEquals, 2),
            ('|', _) => (T::Bar, 1),
            ('^', (Some(b'='), _)) => (T::CaretEquals, 2),
            ('^', _) => (T::Caret, 1),
            ('!', (Some(b'='), _)) => (T::ExclamationEquals, 2),
            ('!', _) => (T::Exclamation, 1),
            ('~', _) => (T::Tilde, 1),
            ('<', (Some(b'<'), Some(b'='))) => (T::LessLessEquals, 3),
            ('<', (Some(b'<'), _)) => (T::LessLess, 2),
            ('<', (Some(b'='), _)) => (T::LessEquals, 2),
            ('<', _) => (T::Less, 1),
            ('>', (Some(b'='), _)) => (T::GreaterEquals, 2),
            ('>', _) => (T::Greater, 1),
            ('=', (Some(b'='), _)) => (T::EqualsEquals, 2),
            ('=', (Some(b'>'), _)) => (T::Arrow, 2),
            ('=', _) => (T::Equals, 1),
            _ => (T::Bad, c.len_utf8()),
        };
        self.at += length;
        if kind == T::Bad {
            self.error("CS1056", format!("Unexpected character '{c}'"), start, self.at);
        }
        self.count_bracket(kind);
        self.push(kind, start);
    }

    /// `#region` and its like on a line of their own mean nothing here; what would change the text is refused.
    fn directive(&mut self) {
        let start = self.at;
        let before = self.source.get(..start).unwrap_or_default();
        let first_on_line = before.rfind(is_newline).is_some_and(|newline| {
            let indent = before.get(newline..).unwrap_or_default();
            indent.chars().all(|c| is_newline(c) || is_whitespace(c))
        });
        self.skip_line();
        let text = self.source.get(start..self.at).unwrap_or_default();
        let word = text.trim_start_matches('#').split_whitespace().next().unwrap_or_default();
        if !first_on_line {
            let message = "Preprocessor directives must appear as the first non-whitespace character on a line";
            self.error("CS1040", message, start, start + 1);
        } else if !matches!(word, "region" | "endregion" | "pragma" | "nullable") {
            self.error("CS1024", "Preprocessor directive expected", start, self.at);
        }
    }

    /// Skips white space and comments.
    fn skip_trivia(&mut self) {
        while let Some(c) = self.peek() {
            match (c, self.peek_byte(1)) {
                ('/', Some(b'/')) => self.line_comment(),
                ('/', Some(b'*')) => self.block_comment(),
                // A hole of a plain interpolated string ends with its line.
                _ if is_newline(c) && self.in_one_line_hole() => break,
                _ if is_newline(c) || is_whitespace(c) => self.at += c.len_utf8(),
                _ => break,
            }
        }
    }

    fn line_comment(&mut self) {
        let start = self.at;
        if self.in_hole() {
            // It would swallow the end of the string.
            let rest = self.rest();
            let line = rest.find(is_newline).unwrap_or(rest.len());
            let end = rest.find('}').map_or(line, |brace| brace.min(line));
            self.at += end;
            let message = "A single-line comment may not be used in an interpolated string.";
            self.error("CS8077", message, start, self.at);
        } else {
            self.skip_line();
        }
    }

    fn block_comment(&mut self) {
        let start = self.at;
        match self.source.get(start + 2..).and_then(|rest| rest.find("*/")) {
            Some(length) => self.at = start + 2 + length + 2,
            None => {
                self.at = self.source.len();
                self.error("CS1035", "End-of-file found, '*/' expected", start, start + 2);
            }
        }
    }

    fn skip_line(&mut self) {
        let rest = self.rest();
        self.at += rest.find(is_newline).unwrap_or(rest.len());
    }

    fn rest(&self) -> &'s str {
        self.source.get(self.at..).unwrap_or_default()
    }

    fn peek(&self) -> Option<char> {
        self.rest().chars().next()
    }

    fn peek_byte(&self, ahead: usize) -> Option<u8> {
        self.source.as_bytes().get(self.at + ahead).copied()
    }

    fn literal(&mut self, value: Literal) -> TokenKind {
        self.out.literals.push(value);
        TokenKind::Literal(self.out.literals.len() as u32 - 1)
    }

    fn text(&mut self, value: Text) -> u32 {
        self.out.texts.push(value);
        self.out.texts.len() as u32 - 1
    }

    fn push(&mut self, kind: TokenKind, start: usize) {
        self.out.list.push(Token { kind, span: Span::new(start as u32, self.at as u32) });
    }

    fn error(&mut self, code: &'static str, message: impl Into<String>, start: usize, end: usize) {
        self.out.diagnostics.push(Diagnostic::error(code, message, Span::new(start as u32, end as u32)));
    }
}

fn is_newline(c: char) -> bool {
    matches!(c, '\r' | '\n' | '\u{85}' | '\u{2028}' | '\u{2029}')
}

fn is_whitespace(c: char) -> bool {
    matches!(c, ' ' | '\t' | '\u{b}' | '\u{c}' | '\u{a0}' | '\u{feff}' | '\u{1a}')
        || (c > '\u{ff}' && c.is_whitespace())
}

fn is_identifier_start(c: char) -> bool {
    c == '_' || c.is_alphabetic()
}

fn is_identifier_part(c: char) -> bool {
    // Marks and connectors beyond what Rust calls alphanumeric: the common combining blocks and the ties.
    c == '_'
        || c.is_alphanumeric()
        || matches!(c, '\u{300}'..='\u{36f}' | '\u{203f}' | '\u{2040}' | '\u{fe33}' | '\u{fe34}' | '\u{20d0}'..='\u{20dc}')
        || is_format_char(c)
}

/// Formatting characters may stand in an identifier and do not count.
fn is_format_char(c: char) -> bool {
    matches!(c, '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2064}')
}

#[cfg(test)]
mod tests;
