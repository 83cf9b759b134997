//! Escapes that stand for one character.

use super::Cursor;
use crate::class::is_word;
use crate::{Error, Options};

impl Cursor<'_> {
    /// Reads what follows a backslash where a single character is meant.
    pub(crate) fn char_escape(&mut self) -> Result<u16, Error> {
        if matches!(self.peek(), Some('0'..='7')) {
            return Ok(self.octal());
        }
        let Some(unit) = self.take() else { return Err(self.error("Illegal \\\\ at end of pattern.")) };
        Ok(match char::from_u32(u32::from(unit)) {
            Some('x') => return self.hex(2),
            Some('u') => return self.hex(4),
            Some('a') => 0x07,
            Some('b') => 0x08,
            Some('e') => 0x1b,
            Some('f') => 0x0c,
            Some('n') => 0x0a,
            Some('r') => 0x0d,
            Some('t') => 0x09,
            Some('v') => 0x0b,
            Some('c') => return self.control(),
            _ if !self.has(Options::ECMA_SCRIPT) && is_word(unit, false) => {
                let c = String::from_utf16_lossy(&[unit]);
                return Err(self.error(format_args!("Unrecognized escape sequence \\\\{c}.")));
            }
            _ => unit,
        })
    }

    fn octal(&mut self) -> u16 {
        let mut value = 0;
        for _ in 0..3 {
            let Some(digit) = self.peek().and_then(|c| c.to_digit(8)) else { break };
            self.at += 1;
            value = value * 8 + digit as u16;
            if self.has(Options::ECMA_SCRIPT) && value >= 0x20 {
                break;
            }
        }
        value & 0xff
    }

    fn hex(&mut self, count: usize) -> Result<u16, Error> {
        let mut value = 0;
        // With too few characters left none is looked at.
        if self.left() >= count {
            for done in 0..count {
                let Some(digit) = self.peek().and_then(|c| c.to_digit(16)) else {
                    self.at += 1;
                    break;
                };
                self.at += 1;
                value = value * 16 + digit as u16;
                if done + 1 == count {
                    return Ok(value);
                }
            }
        }
        Err(self.error("Insufficient hexadecimal digits."))
    }

    fn control(&mut self) -> Result<u16, Error> {
        let Some(unit) = self.take() else { return Err(self.error("Missing control character.")) };
        let upper = if (u16::from(b'a')..=u16::from(b'z')).contains(&unit) { unit - 32 } else { unit };
        match upper.checked_sub(u16::from(b'@')) {
            Some(control) if control < 0x20 => Ok(control),
            _ => Err(self.error("Unrecognized control character.")),
        }
    }

    /// The name in `\p{name}`, from the brace on. `LC` is no name to .NET.
    pub(crate) fn property_name(&mut self) -> Result<String, Error> {
        match self.property()? {
            name if name == "LC" => Err(self.error("Unknown property 'LC'.")),
            name => Ok(name),
        }
    }

    fn property(&mut self) -> Result<String, Error> {
        if self.left() < 3 {
            return Err(self.error("Incomplete \\\\p{X} character escape."));
        }
        self.at += 1;
        if self.pattern[self.at - 1] != u16::from(b'{') {
            return Err(self.error("Malformed \\\\p{X} character escape."));
        }
        let start = self.at;
        while self.at_word() || self.peek() == Some('-') {
            self.at += 1;
        }
        let name = String::from_utf16_lossy(&self.pattern[start..self.at]);
        match self.take() {
            Some(unit) if unit == u16::from(b'}') => Ok(name),
            _ => Err(self.error("Incomplete \\\\p{X} character escape.")),
        }
    }
}
