//! A compiled pattern and what it does to a text.

use std::sync::Arc;

use crate::compile::compile;
use crate::machine::{Limits, Machine, Match};
use crate::parse::{Groups, parse};
use crate::prefix::Start;
use crate::program::Program;
use crate::replace::Replacement;
use crate::text::{Input, Text};
use crate::{Error, MatchError, Options};

/// A compiled regular expression. Cloning is cheap.
#[derive(Clone, Debug)]
pub struct Regex(Arc<Compiled>);

#[derive(Debug)]
struct Compiled {
    pattern: String,
    options: Options,
    groups: Groups,
    program: Program,
    start: Start,
}

impl Regex {
    /// Compiles a pattern.
    pub fn new(pattern: &str, options: Options) -> Result<Self, Error> {
        if !options.is_valid() {
            let message = "Specified argument was out of the range of valid values. (Parameter 'options')";
            return Err(Error { message: message.into() });
        }
        let units: Vec<u16> = pattern.encode_utf16().collect();
        let (node, groups) = parse(&units, options)?;
        let back = options.has(Options::RIGHT_TO_LEFT);
        let program = compile(&node, groups.count(), back);
        let start = if back { Start::Anywhere } else { Start::of(&node) };
        Ok(Self(Arc::new(Compiled { pattern: pattern.to_owned(), options, groups, program, start })))
    }

    /// The pattern: `ToString()`.
    pub fn pattern(&self) -> &str {
        &self.0.pattern
    }

    /// `Options`.
    pub fn options(&self) -> Options {
        self.0.options
    }

    /// `RightToLeft`.
    pub fn is_right_to_left(&self) -> bool {
        self.0.options.has(Options::RIGHT_TO_LEFT)
    }

    /// `GetGroupNumbers`. A group's index in a [`Match`] is its place in this list.
    pub fn group_numbers(&self) -> &[u32] {
        self.0.groups.numbers()
    }

    /// `GetGroupNames`, by index.
    pub fn group_names(&self) -> Vec<String> {
        (0..self.0.groups.count()).filter_map(|index| self.0.groups.name(index)).collect()
    }

    /// The index of a group by name; a number is a name too.
    pub fn group_by_name(&self, name: &str) -> Option<usize> {
        self.0.groups.by_name(name)
    }

    /// The index of a group by number.
    pub fn group_by_number(&self, number: u32) -> Option<usize> {
        self.0.groups.by_number(number)
    }

    /// The first match from the beginning, or from the end for a right-to-left pattern.
    pub fn find(&self, text: &Text<'_>, limits: &Limits<'_>) -> Result<Option<Match>, MatchError> {
        self.find_at(text, if self.is_right_to_left() { text.len() } else { 0 }, limits)
    }

    /// The first match from a position on.
    pub fn find_at(&self, text: &Text<'_>, from: usize, limits: &Limits<'_>) -> Result<Option<Match>, MatchError> {
        self.search(text, from, from, limits)
    }

    /// The match after another: `NextMatch`.
    pub fn find_after(
        &self,
        text: &Text<'_>,
        before: &Match,
        limits: &Limits<'_>,
    ) -> Result<Option<Match>, MatchError> {
        let whole = before.whole();
        let (origin, limit) = if self.is_right_to_left() { (whole.start, 0) } else { (whole.end(), text.len()) };
        match whole.length {
            0 if origin == limit => Ok(None),
            0 if self.is_right_to_left() => self.search(text, origin - 1, origin, limits),
            0 => self.search(text, origin + 1, origin, limits),
            _ => self.search(text, origin, origin, limits),
        }
    }

    /// Whether there is a match.
    pub fn is_match(&self, text: &str, limits: &Limits<'_>) -> Result<bool, MatchError> {
        Ok(self.find(&Text::new(text), limits)?.is_some())
    }

    /// All matches in the order they are found, at most `most`.
    pub fn find_all(&self, text: &Text<'_>, most: usize, limits: &Limits<'_>) -> Result<Vec<Match>, MatchError> {
        let from = if self.is_right_to_left() { text.len() } else { 0 };
        self.find_all_at(text, from, most, limits)
    }

    /// All matches from a position on.
    pub fn find_all_at(
        &self,
        text: &Text<'_>,
        from: usize,
        most: usize,
        limits: &Limits<'_>,
    ) -> Result<Vec<Match>, MatchError> {
        let mut matches: Vec<Match> = Vec::new();
        while matches.len() < most {
            let next = match matches.last() {
                None => self.find_at(text, from, limits)?,
                Some(before) => self.find_after(text, before, limits)?,
            };
            match next {
                Some(found) => matches.push(found),
                None => break,
            }
        }
        Ok(matches)
    }

    fn search(
        &self,
        text: &Text<'_>,
        from: usize,
        origin: usize,
        limits: &Limits<'_>,
    ) -> Result<Option<Match>, MatchError> {
        match text {
            Text::Ascii(text) => self.run(text.as_bytes(), from, origin, limits),
            Text::Wide(units) => self.run(units.as_ref(), from, origin, limits),
        }
    }

    fn run<I: Input>(
        &self,
        input: I,
        from: usize,
        origin: usize,
        limits: &Limits<'_>,
    ) -> Result<Option<Match>, MatchError> {
        let compiled = &*self.0;
        if from > input.len() {
            return Ok(None);
        }
        // Most searches for something rare end here, before anything is set up.
        let mut at = if self.is_right_to_left() {
            from
        } else {
            match compiled.start.next(input, from, origin) {
                Some(at) => at,
                None => return Ok(None),
            }
        };
        let mut machine = Machine::new(&compiled.program, input, origin, limits);
        loop {
            if let Some(found) = machine.match_at(at)? {
                return Ok(Some(found));
            }
            let next = if self.is_right_to_left() {
                at.checked_sub(1)
            } else if at < input.len() {
                compiled.start.next(input, at + 1, origin)
            } else {
                None
            };
            match next {
                Some(next) => at = next,
                None => return Ok(None),
            }
        }
    }

    /// Replaces up to `most` matches from the beginning (right to left: from the end).
    pub fn replace(
        &self,
        text: &str,
        replacement: &Replacement,
        most: usize,
        limits: &Limits<'_>,
    ) -> Result<String, MatchError> {
        let text = Text::new(text);
        let from = if self.is_right_to_left() { text.len() } else { 0 };
        let matches = self.find_all_at(&text, from, most, limits)?;
        Ok(self.replace_matches(&text, &matches, |found, out| replacement.expand(found, &text, out)))
    }

    /// Replaces these matches by what `print` appends for each: the evaluator form of `Replace`.
    pub fn replace_matches(
        &self,
        text: &Text<'_>,
        matches: &[Match],
        mut print: impl FnMut(&Match, &mut String),
    ) -> String {
        // Half a surrogate pair next to a match needs its other half: gaps are put together as text pieces.
        let mut in_order: Vec<(&Match, String)> = Vec::with_capacity(matches.len());
        for found in matches {
            let mut piece = String::new();
            print(found, &mut piece);
            in_order.push((found, piece));
        }
        if self.is_right_to_left() {
            in_order.reverse();
        }
        let mut out = String::new();
        let mut done = 0;
        for (found, piece) in in_order {
            out.push_str(&text.slice(done, found.whole().start));
            out.push_str(&piece);
            done = found.whole().end();
        }
        out.push_str(&text.slice(done, text.len()));
        out
    }

    /// `Split`: the text between matches, with the captures in between; at most `most` pieces, zero for all.
    pub fn split(&self, text: &str, most: usize, limits: &Limits<'_>) -> Result<Vec<String>, MatchError> {
        let text = Text::new(text);
        let whole = || vec![text.slice(0, text.len()).into_owned()];
        if most == 1 {
            return Ok(whole());
        }
        let mut matches = self.find_all(&text, most.wrapping_sub(1), limits)?;
        if matches.is_empty() {
            return Ok(whole());
        }
        if self.is_right_to_left() {
            matches.reverse();
        }
        let mut pieces = Vec::new();
        let mut done = 0;
        for found in &matches {
            pieces.push(text.slice(done, found.whole().start).into_owned());
            done = found.whole().end();
            let captures = (1..found.len()).filter_map(|index| found.group(index));
            let captures = captures.map(|capture| text.slice(capture.start, capture.end()).into_owned());
            // Right to left the list is made from its end, the captures with it.
            if self.is_right_to_left() { pieces.extend(captures.rev()) } else { pieces.extend(captures) }
        }
        pieces.push(text.slice(done, text.len()).into_owned());
        Ok(pieces)
    }
}
