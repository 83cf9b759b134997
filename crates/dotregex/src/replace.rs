//! Replacement patterns: `$1 ${name} $& $` $' $+ $_ $$`.

use crate::Regex;
use crate::machine::{Capture, Match};
use crate::text::Text;

/// A replacement pattern, read for one regular expression.
#[derive(Clone, Debug)]
pub struct Replacement {
    pieces: Vec<Piece>,
}

#[derive(Clone, Debug)]
enum Piece {
    Text(String),
    /// By index.
    Group(usize),
    Before,
    After,
    LastGroup,
    Whole,
}

impl Replacement {
    /// Reads a replacement. What is no known substitution stands for itself.
    pub fn new(text: &str, regex: &Regex) -> Self {
        let mut pieces = Vec::new();
        let mut literal = String::new();
        let mut rest = text;
        while let Some(at) = rest.find('$') {
            literal.push_str(&rest[..at]);
            rest = &rest[at + 1..];
            match substitution(rest, regex) {
                Some((piece, after)) => {
                    if let Piece::Text(text) = &piece {
                        literal.push_str(text);
                    } else {
                        pieces.extend((!literal.is_empty()).then(|| Piece::Text(std::mem::take(&mut literal))));
                        pieces.push(piece);
                    }
                    rest = after;
                }
                None => literal.push('$'),
            }
        }
        literal.push_str(rest);
        pieces.extend((!literal.is_empty()).then_some(Piece::Text(literal)));
        Self { pieces }
    }

    /// Appends what the pattern says for a match: `Match.Result`.
    pub fn expand(&self, found: &Match, text: &Text<'_>, out: &mut String) {
        let whole = found.whole();
        for piece in &self.pieces {
            let capture = match piece {
                Piece::Text(text) => {
                    out.push_str(text);
                    continue;
                }
                Piece::Group(index) => found.group(*index),
                Piece::Before => Some(Capture { start: 0, length: whole.start }),
                Piece::After => Some(Capture { start: whole.end(), length: text.len() - whole.end() }),
                Piece::LastGroup => found.group(found.len() - 1),
                Piece::Whole => Some(Capture { start: 0, length: text.len() }),
            };
            if let Some(capture) = capture {
                out.push_str(&text.slice(capture.start, capture.end()));
            }
        }
    }
}

/// The substitution behind a `$`, and what follows it.
fn substitution<'t>(text: &'t str, regex: &Regex) -> Option<(Piece, &'t str)> {
    let first = text.chars().next()?;
    let after = &text[first.len_utf8()..];
    let piece = match first {
        '$' => Piece::Text("$".into()),
        '&' => Piece::Group(0),
        '`' => Piece::Before,
        '\'' => Piece::After,
        '+' => Piece::LastGroup,
        '_' => Piece::Whole,
        '{' => {
            let (name, after) = after.split_once('}')?;
            let group = if name.bytes().all(|b| b.is_ascii_digit()) {
                regex.group_by_number(name.parse().ok()?)
            } else {
                regex.group_by_name(name).filter(|_| !name.starts_with(|c: char| c.is_ascii_digit()))
            };
            return Some((Piece::Group(group?), after));
        }
        '0'..='9' => return numbered(text, regex),
        _ => return None,
    };
    Some((piece, after))
}

/// All digits are the number; in ECMAScript as many as make a group's number.
fn numbered<'t>(text: &'t str, regex: &Regex) -> Option<(Piece, &'t str)> {
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    let shortest = if regex.options().has(crate::Options::ECMA_SCRIPT) { 1 } else { digits };
    (shortest..=digits).rev().find_map(|end| {
        let group = regex.group_by_number(text[..end].parse().ok()?)?;
        Some((Piece::Group(group), &text[end..]))
    })
}
