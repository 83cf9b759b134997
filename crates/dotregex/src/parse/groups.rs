//! The first pass: which groups a pattern has, by number and by name.

use std::collections::BTreeMap;

use super::Cursor;
use crate::{Error, Options};

/// The groups of a pattern. A group's index is its place among the numbers in order.
#[derive(Clone, Debug)]
pub(crate) struct Groups {
    numbers: Vec<u32>,
    /// Where each was first opened, by index.
    positions: Vec<usize>,
    /// Names in order of appearance, with their numbers.
    names: Vec<(String, u32)>,
}

impl Groups {
    pub(crate) fn count(&self) -> usize {
        self.numbers.len()
    }

    pub(crate) fn numbers(&self) -> &[u32] {
        &self.numbers
    }

    /// Where the group at an index was first opened.
    pub(crate) fn opened_at(&self, index: usize) -> usize {
        self.positions.get(index).copied().unwrap_or(usize::MAX)
    }

    /// The index of a numbered group.
    pub(crate) fn by_number(&self, number: u32) -> Option<usize> {
        self.numbers.binary_search(&number).ok()
    }

    /// The index of a named group; a number is a name too.
    pub(crate) fn by_name(&self, name: &str) -> Option<usize> {
        let named = self.names.iter().find(|(known, _)| known == name).map(|(_, number)| *number);
        self.by_number(named.or_else(|| canonical_number(name))?)
    }

    /// The name of the group at an index: its number, if it has none.
    pub(crate) fn name(&self, index: usize) -> Option<String> {
        let number = *self.numbers.get(index)?;
        let named = self.names.iter().find(|(_, known)| *known == number);
        Some(named.map_or_else(|| number.to_string(), |(name, _)| name.clone()))
    }
}

/// A number without leading zeros.
fn canonical_number(name: &str) -> Option<u32> {
    name.parse().ok().filter(|number: &u32| number.to_string() == name)
}

/// Counts the groups. Unnamed ones are numbered from the left, named ones after all of those.
pub(super) fn count(pattern: &[u16], options: Options) -> Result<Groups, Error> {
    let mut cursor = Cursor::new(pattern, options);
    let mut numbers = BTreeMap::from([(0, 0)]);
    let mut names: Vec<(String, usize)> = Vec::new();
    let mut next = 1;
    let mut outer = Vec::new();
    // The parenthesis that opens a condition does not capture.
    let mut condition = false;
    while let Some(unit) = cursor.unit() {
        let ignored = std::mem::take(&mut condition);
        match char::from_u32(u32::from(unit)) {
            Some('\\') => {
                // The character behind `\c` is no bracket or parenthesis, whatever it looks like.
                cursor.at += if cursor.peek_at(1) == Some('c') { 3 } else { 2 };
            }
            Some('#') if cursor.has(Options::IGNORE_PATTERN_WHITESPACE) => cursor.skip_blank()?,
            Some('[') => {
                cursor.at += 1;
                cursor.class(false)?;
            }
            Some(')') => {
                cursor.at += 1;
                cursor.options = outer.pop().unwrap_or(cursor.options);
            }
            Some('(') if cursor.peek_at(1) == Some('?') && cursor.peek_at(2) == Some('#') => cursor.skip_blank()?,
            Some('(') => {
                let position = cursor.at;
                cursor.at += 1;
                outer.push(cursor.options);
                if !cursor.eat('?') {
                    if !cursor.has(Options::EXPLICIT_CAPTURE) && !ignored {
                        numbers.entry(next).or_insert(position);
                        next += 1;
                    }
                } else if cursor.left() > 1 && matches!(cursor.peek(), Some('<' | '\'')) {
                    cursor.at += 1;
                    match cursor.peek() {
                        Some('0') => {}
                        Some('1'..='9') => {
                            numbers.entry(cursor.decimal()?).or_insert(position);
                        }
                        _ if cursor.at_word() => {
                            let name = cursor.word();
                            if !names.iter().any(|(known, _)| *known == name) {
                                names.push((name, position));
                            }
                        }
                        _ => {}
                    }
                } else {
                    cursor.scan_options();
                    match cursor.peek() {
                        Some(')') => {
                            cursor.at += 1;
                            outer.pop();
                        }
                        Some('(') => condition = true,
                        _ => {}
                    }
                }
            }
            _ => cursor.at += 1,
        }
    }
    let mut named = Vec::with_capacity(names.len());
    for (name, position) in names {
        while numbers.contains_key(&next) {
            next += 1;
        }
        numbers.insert(next, position);
        named.push((name, next));
    }
    let (numbers, positions) = numbers.into_iter().unzip();
    Ok(Groups { numbers, positions, names: named })
}
