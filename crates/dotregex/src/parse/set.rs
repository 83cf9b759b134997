//! Character classes in brackets.

use super::Cursor;
use crate::class::Class;
use crate::{Error, Options};

/// Classes subtracted from classes nest no deeper than this.
const MAX_DEPTH: usize = 100;

impl Cursor<'_> {
    /// Reads a class from behind its opening bracket.
    pub(crate) fn class(&mut self, fold: bool) -> Result<Class, Error> {
        self.class_at(fold, 0)
    }

    fn class_at(&mut self, fold: bool, depth: usize) -> Result<Class, Error> {
        if depth > MAX_DEPTH {
            return Err(self.error("Too many nested subtractions."));
        }
        let ecma = self.has(Options::ECMA_SCRIPT);
        let mut class = Class::new(self.eat('^'));
        let mut range_from: Option<u16> = None;
        let mut first = true;
        let mut closed = false;
        while let Some(mut unit) = self.take() {
            let mut escaped = false;
            match char::from_u32(u32::from(unit)) {
                Some(']') if !first => {
                    closed = true;
                    break;
                }
                Some('\\') if self.left() > 0 => {
                    if let Some(letter @ ('d' | 'D' | 's' | 'S' | 'w' | 'W' | 'p' | 'P')) = self.peek() {
                        self.at += 1;
                        if range_from.is_some() {
                            return Err(
                                self.error(format_args!("Cannot include class \\\\{letter} in character range."))
                            );
                        }
                        let negative = letter.is_ascii_uppercase();
                        if matches!(letter, 'p' | 'P') {
                            let name = self.property_name()?;
                            if !class.add_property(&name, negative, fold) {
                                return Err(self.error(format_args!("Unknown property '{name}'.")));
                            }
                        } else {
                            class.add_shorthand(letter.to_ascii_lowercase(), negative, ecma);
                        }
                        first = false;
                        continue;
                    }
                    if self.eat('-') {
                        class.add_range(u16::from(b'-'), u16::from(b'-'));
                        first = false;
                        continue;
                    }
                    unit = self.char_escape()?;
                    escaped = true;
                }
                _ => {}
            }
            let opens = unit == u16::from(b'[') && !escaped && !first;
            let subtracts = unit == u16::from(b'-') && !escaped && self.peek() == Some('[') && !first;
            if let Some(from) = range_from.take() {
                if opens {
                    // What looked like a range is a subtraction.
                    class.add_range(from, from);
                    self.subtraction(&mut class, fold, depth)?;
                } else if from > unit {
                    return Err(self.error("[x-y] range in reverse order."));
                } else {
                    class.add_range(from, unit);
                }
            } else if self.peek() == Some('-') && self.peek_at(1).is_some_and(|c| c != ']') {
                range_from = Some(unit);
                self.at += 1;
            } else if subtracts {
                self.at += 1;
                self.subtraction(&mut class, fold, depth)?;
            } else {
                class.add_range(unit, unit);
            }
            first = false;
        }
        if !closed {
            return Err(self.error("Unterminated [] set."));
        }
        if fold {
            class.add_lower_case();
        }
        class.finish();
        Ok(class)
    }

    fn subtraction(&mut self, class: &mut Class, fold: bool, depth: usize) -> Result<(), Error> {
        class.subtract(self.class_at(fold, depth + 1)?);
        if self.peek().is_some_and(|c| c != ']') {
            return Err(self.error("A subtraction must be the last element in a character class."));
        }
        Ok(())
    }
}
