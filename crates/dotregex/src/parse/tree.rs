//! The second pass: the pattern as a tree.

use super::{Cursor, Groups};
use crate::class::{Class, lower};
use crate::node::{Assertion, INFINITE, Node, Unit};
use crate::{Error, Options};

/// Groups nest no deeper than this; .NET has no limit but its memory.
const MAX_DEPTH: usize = 250;

pub(super) fn parse(pattern: &[u16], options: Options, groups: &Groups) -> Result<Node, Error> {
    let mut parser = Parser { cursor: Cursor::new(pattern, options), groups, next_group: 1, depth: 0, plain: false };
    let node = parser.alternatives()?;
    if parser.cursor.at < pattern.len() {
        parser.cursor.at += 1;
        return Err(parser.cursor.error("Too many )'s."));
    }
    Ok(node)
}

struct Parser<'a> {
    cursor: Cursor<'a>,
    groups: &'a Groups,
    next_group: u32,
    depth: usize,
    /// The next parenthesis opens a condition and does not capture.
    plain: bool,
}

/// What an opening parenthesis begins.
enum Opened {
    Group,
    Capture {
        group: Option<usize>,
        uncapture: Option<usize>,
    },
    Look {
        behind: bool,
        negative: bool,
    },
    Atomic,
    IfGroup(usize),
    IfMatch,
    /// `(?i)`: nothing but options.
    Options,
}

impl Parser<'_> {
    /// Reads up to a closing parenthesis or the end.
    fn alternatives(&mut self) -> Result<Node, Error> {
        let mut all = vec![self.sequence()?];
        while self.cursor.eat('|') {
            all.push(self.sequence()?);
        }
        Ok(match (all.pop(), all.is_empty()) {
            (Some(only), true) => only,
            (Some(last), false) => {
                all.push(last);
                Node::Either(all)
            }
            (None, _) => Node::Empty,
        })
    }

    fn sequence(&mut self) -> Result<Node, Error> {
        let mut nodes = Vec::new();
        let mut quantified = false;
        loop {
            self.cursor.skip_blank()?;
            let Some(c) = self.cursor.peek() else { break };
            if matches!(c, '|' | ')') {
                break;
            }
            if self.cursor.at_quantifier() {
                self.cursor.at += 1;
                return Err(if quantified {
                    self.cursor.error(format_args!("Nested quantifier '{c}'."))
                } else {
                    self.cursor.error("Quantifier {x,y} following nothing.")
                });
            }
            quantified = false;
            let Some(node) = self.unit()? else { continue };
            self.cursor.skip_blank()?;
            if self.cursor.at_quantifier() {
                nodes.push(self.quantified(node)?);
                quantified = true;
            } else {
                nodes.push(node);
            }
        }
        Ok(if nodes.len() == 1 { nodes.swap_remove(0) } else { Node::Concat(nodes) })
    }

    fn quantified(&mut self, body: Node) -> Result<Node, Error> {
        let (min, max) = match self.cursor.take().and_then(|unit| char::from_u32(u32::from(unit))) {
            Some('*') => (0, INFINITE),
            Some('+') => (1, INFINITE),
            Some('?') => (0, 1),
            _ => {
                let min = self.cursor.decimal()?;
                let mut max = min;
                if self.cursor.eat(',') {
                    max = if self.cursor.peek() == Some('}') { INFINITE } else { self.cursor.decimal()? };
                }
                self.cursor.at += 1;
                (min, max)
            }
        };
        self.cursor.skip_blank()?;
        let lazy = self.cursor.eat('?');
        if min > max {
            return Err(self.cursor.error("Illegal {x,y} with x > y."));
        }
        Ok(Node::Loop { min, max, lazy, body: Box::new(body) })
    }

    fn has(&self, option: Options) -> bool {
        self.cursor.has(option)
    }

    fn one(&self, unit: u16) -> Node {
        let fold = self.has(Options::IGNORE_CASE);
        Node::Unit(Unit::One { unit: if fold { lower(unit) } else { unit }, fold })
    }

    /// One element; nothing for a run of options.
    fn unit(&mut self) -> Result<Option<Node>, Error> {
        let Some(unit) = self.cursor.take() else { return Ok(None) };
        let multiline = self.has(Options::MULTILINE);
        Ok(Some(match char::from_u32(u32::from(unit)) {
            Some('[') => {
                let fold = self.has(Options::IGNORE_CASE);
                Node::Unit(Unit::Class { class: Box::new(self.cursor.class(fold)?), fold })
            }
            Some('(') => return self.group(),
            Some('\\') => self.escape()?,
            Some('^') => Node::Assertion(if multiline { Assertion::LineStart } else { Assertion::Start }),
            Some('$') => Node::Assertion(if multiline { Assertion::LineEnd } else { Assertion::EndOrLast }),
            Some('.') => Node::Unit(if self.has(Options::SINGLELINE) { Unit::Any } else { Unit::NotLineFeed }),
            _ => self.one(unit),
        }))
    }

    fn group(&mut self) -> Result<Option<Node>, Error> {
        let outer = self.cursor.options;
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            return Err(self.cursor.error(format_args!("Groups nest deeper than {MAX_DEPTH} levels.")));
        }
        let opened = self.open()?;
        if matches!(opened, Opened::Options) {
            self.depth -= 1;
            return Ok(None);
        }
        let node = match opened {
            Opened::IfGroup(group) => {
                let (yes, no) = self.yes_no()?;
                Node::IfGroup { group, yes, no }
            }
            Opened::IfMatch => {
                // The test is the group that follows; alone it does not capture.
                let test = self.group_after_paren()?;
                let (yes, no) = self.yes_no()?;
                Node::IfMatch { test: Box::new(test), yes, no }
            }
            Opened::Group | Opened::Options => self.alternatives()?,
            Opened::Capture { group, uncapture } => {
                let body = Box::new(self.alternatives()?);
                Node::Capture { group, uncapture, body }
            }
            Opened::Look { behind, negative } => {
                let body = Box::new(self.alternatives()?);
                Node::Look { behind, negative, body }
            }
            Opened::Atomic => Node::Atomic(Box::new(self.alternatives()?)),
        };
        if !self.cursor.eat(')') {
            return Err(self.cursor.error("Not enough )'s."));
        }
        self.cursor.options = outer;
        self.depth -= 1;
        Ok(Some(node))
    }

    fn group_after_paren(&mut self) -> Result<Node, Error> {
        self.cursor.at += 1;
        self.group()?.ok_or_else(|| self.cursor.error("Unrecognized grouping construct."))
    }

    fn yes_no(&mut self) -> Result<(Box<Node>, Box<Node>), Error> {
        Ok(match self.alternatives()? {
            Node::Either(both) if both.len() > 2 => {
                self.cursor.at += self.cursor.left().min(1);
                return Err(self.cursor.error("Too many | in (?()|)."));
            }
            Node::Either(mut both) => {
                let no = both.pop().unwrap_or(Node::Empty);
                (Box::new(both.pop().unwrap_or(Node::Empty)), Box::new(no))
            }
            yes => (Box::new(yes), Box::new(Node::Empty)),
        })
    }

    /// Reads what stands between `(` and the group's content.
    fn open(&mut self) -> Result<Opened, Error> {
        let plain = std::mem::take(&mut self.plain);
        let bare = self.cursor.peek() != Some('?') || self.cursor.peek_at(1) == Some(')');
        if bare {
            if plain || self.has(Options::EXPLICIT_CAPTURE) {
                return Ok(Opened::Group);
            }
            let number = self.next_group;
            self.next_group += 1;
            return Ok(Opened::Capture { group: self.groups.by_number(number), uncapture: None });
        }
        self.cursor.at += 1;
        let unrecognized = "Unrecognized grouping construct.";
        let Some(c) = self.cursor.peek() else { return Err(self.cursor.error(unrecognized)) };
        self.cursor.at += 1;
        match c {
            ':' => Ok(Opened::Group),
            '=' => Ok(Opened::Look { behind: false, negative: false }),
            '!' => Ok(Opened::Look { behind: false, negative: true }),
            '>' => Ok(Opened::Atomic),
            '\'' | '<' => match (c, self.cursor.peek()) {
                (_, None) => Err(self.cursor.error(unrecognized)),
                ('<', Some('=')) => {
                    self.cursor.at += 1;
                    Ok(Opened::Look { behind: true, negative: false })
                }
                ('<', Some('!')) => {
                    self.cursor.at += 1;
                    Ok(Opened::Look { behind: true, negative: true })
                }
                _ => self.named(if c == '<' { '>' } else { '\'' }),
            },
            '(' => self.condition(),
            _ => {
                self.cursor.at -= 1;
                self.cursor.scan_options();
                match self.cursor.peek() {
                    Some(')') => {
                        self.cursor.at += 1;
                        Ok(Opened::Options)
                    }
                    Some(':') => {
                        self.cursor.at += 1;
                        Ok(Opened::Group)
                    }
                    found => {
                        self.cursor.at += usize::from(found.is_some());
                        Err(self.cursor.error(unrecognized))
                    }
                }
            }
        }
    }

    /// `name>`, `name-other>`, `-other>`.
    fn named(&mut self, close: char) -> Result<Opened, Error> {
        let mut group = None;
        let mut may_balance = self.cursor.peek() == Some('-');
        if self.cursor.peek().is_some_and(|c| c.is_ascii_digit()) {
            let number = self.cursor.decimal()?;
            group = self.groups.by_number(number);
            self.name_end(&[close, '-'])?;
            if number == 0 {
                return Err(self.cursor.error("Capture number cannot be zero."));
            }
        } else if self.cursor.at_word() {
            let name = self.cursor.word();
            group = self.groups.by_name(&name);
            self.name_end(&[close, '-'])?;
        } else if !may_balance {
            return Err(self.bad_name());
        }
        may_balance |= group.is_some();
        let mut uncapture = None;
        if may_balance && self.cursor.left() > 1 && self.cursor.eat('-') {
            if self.cursor.peek().is_some_and(|c| c.is_ascii_digit()) {
                let number = self.cursor.decimal()?;
                uncapture = Some(self.groups.by_number(number).ok_or_else(|| self.undefined_number(number))?);
            } else if self.cursor.at_word() {
                let name = self.cursor.word();
                uncapture = Some(self.groups.by_name(&name).ok_or_else(|| self.undefined_name(&name))?);
            } else {
                return Err(self.bad_name());
            }
            self.name_end(&[close])?;
        }
        if (group.is_some() || uncapture.is_some()) && self.cursor.eat(close) {
            return Ok(Opened::Capture { group, uncapture });
        }
        Err(self.cursor.error("Unrecognized grouping construct."))
    }

    fn name_end(&self, allowed: &[char]) -> Result<(), Error> {
        match self.cursor.peek() {
            Some(c) if !allowed.contains(&c) => Err(self.bad_name()),
            _ => Ok(()),
        }
    }

    fn bad_name(&self) -> Error {
        self.cursor.error("Invalid group name: Group names must begin with a word character.")
    }

    fn undefined_number(&self, number: u32) -> Error {
        self.cursor.error(format_args!("Reference to undefined group number {number}."))
    }

    fn undefined_name(&self, name: &str) -> Error {
        self.cursor.error(format_args!("Reference to undefined group name '{name}'."))
    }

    /// `(1)`, `(name)`, or an expression, from behind its parenthesis.
    fn condition(&mut self) -> Result<Opened, Error> {
        let start = self.cursor.at;
        if self.cursor.peek().is_some_and(|c| c.is_ascii_digit()) {
            let number = self.cursor.decimal()?;
            if !self.cursor.eat(')') {
                self.cursor.at += usize::from(self.cursor.left() > 0);
                return Err(self.cursor.error(format_args!("(?({number}) ) malformed.")));
            }
            let group = self.groups.by_number(number);
            return group
                .map(Opened::IfGroup)
                .ok_or_else(|| self.cursor.error(format_args!("(?({number}) ) reference to undefined group.")));
        }
        if self.cursor.at_word() {
            let name = self.cursor.word();
            if let Some(group) = self.groups.by_name(&name)
                && self.cursor.eat(')')
            {
                return Ok(Opened::IfGroup(group));
            }
        }
        self.cursor.at = start - 1;
        self.plain = true;
        if self.cursor.left() >= 3 && self.cursor.peek_at(1) == Some('?') {
            let names = match self.cursor.peek_at(2) {
                Some('#') => return Err(self.cursor.error("Alternation conditions cannot be comments.")),
                Some('\'') => true,
                Some('<') => self.cursor.left() >= 4 && !matches!(self.cursor.peek_at(3), Some('!' | '=')),
                _ => false,
            };
            if names {
                return Err(self.cursor.error("Alternation conditions do not capture and cannot be named."));
            }
        }
        Ok(Opened::IfMatch)
    }

    /// What follows a backslash.
    fn escape(&mut self) -> Result<Node, Error> {
        let Some(c) = self.cursor.peek() else { return Err(self.cursor.error("Illegal \\\\ at end of pattern.")) };
        let ecma = self.has(Options::ECMA_SCRIPT);
        let assertion = match c {
            'b' | 'B' => Some(Assertion::Boundary { ecma, negative: c == 'B' }),
            'A' => Some(Assertion::Start),
            'G' => Some(Assertion::Continue),
            'Z' => Some(Assertion::EndOrLast),
            'z' => Some(Assertion::End),
            _ => None,
        };
        if let Some(assertion) = assertion {
            self.cursor.at += 1;
            return Ok(Node::Assertion(assertion));
        }
        let negative = c.is_ascii_uppercase();
        let mut class = Class::new(false);
        match c {
            'w' | 'W' | 's' | 'S' | 'd' | 'D' => {
                self.cursor.at += 1;
                class.add_shorthand(c.to_ascii_lowercase(), negative, ecma);
                class.finish();
                Ok(Node::Unit(Unit::Class { class: Box::new(class), fold: false }))
            }
            'p' | 'P' => {
                self.cursor.at += 1;
                let fold = self.has(Options::IGNORE_CASE);
                let name = self.cursor.property_name()?;
                if !class.add_property(&name, negative, fold) {
                    return Err(self.cursor.error(format_args!("Unknown property '{name}'.")));
                }
                class.finish();
                Ok(Node::Unit(Unit::Class { class: Box::new(class), fold }))
            }
            _ => self.reference_or_char(),
        }
    }

    fn reference_or_char(&mut self) -> Result<Node, Error> {
        let start = self.cursor.at;
        let mut close = None;
        if self.cursor.peek() == Some('k') {
            if self.cursor.left() >= 2 {
                self.cursor.at += 1;
                close = self.cursor.peek().and_then(closing);
                self.cursor.at += 1;
            }
            if close.is_none() || self.cursor.left() == 0 {
                return Err(self.cursor.error("Malformed \\\\k<...> named back reference."));
            }
        } else if self.cursor.left() > 1 {
            close = self.cursor.peek().and_then(closing);
            self.cursor.at += usize::from(close.is_some());
        }
        match (close, self.cursor.peek()) {
            (Some(close), Some('0'..='9')) => {
                let number = self.cursor.decimal()?;
                if self.cursor.eat(close) {
                    let group = self.groups.by_number(number).ok_or_else(|| self.undefined_number(number))?;
                    return Ok(self.reference(group));
                }
            }
            (None, Some('1'..='9')) => {
                if let Some(group) = self.numbered()? {
                    return Ok(self.reference(group));
                }
            }
            (Some(close), Some(_)) if self.cursor.at_word() => {
                let name = self.cursor.word();
                if self.cursor.eat(close) {
                    let group = self.groups.by_name(&name).ok_or_else(|| self.undefined_name(&name))?;
                    return Ok(self.reference(group));
                }
            }
            _ => {}
        }
        self.cursor.at = start;
        let unit = self.cursor.char_escape()?;
        Ok(self.one(unit))
    }

    /// `\12`: a group if there is one; in ECMAScript the longest number that is one.
    fn numbered(&mut self) -> Result<Option<usize>, Error> {
        if !self.has(Options::ECMA_SCRIPT) {
            let number = self.cursor.decimal()?;
            return match self.groups.by_number(number) {
                None if number <= 9 => Err(self.undefined_number(number)),
                group => Ok(group),
            };
        }
        let backslash = self.cursor.at - 1;
        let mut found = None;
        let mut number = 0u32;
        while let Some(digit) = self.cursor.peek().and_then(|c| c.to_digit(10)) {
            number = number.saturating_mul(10).saturating_add(digit);
            if self.groups.numbers().last().is_none_or(|last| number > *last) {
                break;
            }
            self.cursor.at += 1;
            // Only a group that opened before.
            let group = self.groups.by_number(number).filter(|group| self.groups.opened_at(*group) < backslash);
            found = group.map(|group| (group, self.cursor.at)).or(found);
        }
        if let Some((_, end)) = found {
            self.cursor.at = end;
        }
        Ok(found.map(|(group, _)| group))
    }

    fn reference(&self, group: usize) -> Node {
        Node::Reference { group, fold: self.has(Options::IGNORE_CASE), ecma: self.has(Options::ECMA_SCRIPT) }
    }
}

fn closing(open: char) -> Option<char> {
    match open {
        '<' => Some('>'),
        '\'' => Some('\''),
        _ => None,
    }
}
