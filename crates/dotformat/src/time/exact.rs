//! `DateTime.ParseExact`: reads a text by a format.

use super::format::{Piece, Pieces, standard};
use super::outcome::{Fields, Refusal, full_year};
use super::styles::DateTimeStyles;
use super::{MONTHS, TICKS_PER_HOUR, TICKS_PER_MINUTE, WEEKDAYS};

type Read<T> = std::result::Result<T, Refusal>;

/// Reads the whole text by one format. `offset` tells a `DateTimeOffset`, to whom `R` and `u` mean UTC.
pub(super) fn read(text: &str, format: &str, styles: DateTimeStyles, offset: bool) -> Read<Fields> {
    let mut fields = Fields::default();
    let mut chars = format.chars();
    let pattern = match (chars.next(), chars.next()) {
        (None, _) => return Err(Refusal::Specifier),
        (Some('U'), None) => {
            (fields.offset, fields.utc) = (Some(0), true);
            standard('F').ok_or(Refusal::Specifier)?
        }
        (Some(letter), None) => {
            if offset && matches!(letter, 'r' | 'R' | 'u') {
                (fields.offset, fields.utc) = (Some(0), true);
            }
            standard(letter).ok_or(Refusal::Specifier)?
        }
        _ => format,
    };
    let mut rest = text.trim_end_matches('\0');
    if styles.has(DateTimeStyles::ALLOW_LEADING_WHITE) {
        rest = rest.trim_start();
    }
    if styles.has(DateTimeStyles::ALLOW_TRAILING_WHITE) {
        rest = rest.trim_end();
    }
    let mut reader = Reader { rest, inner_white: styles.has(DateTimeStyles::ALLOW_INNER_WHITE), fields };
    reader.run(pattern)?;
    if reader.rest.is_empty() { Ok(reader.fields) } else { Err(Refusal::Unrecognized) }
}

struct Reader<'a> {
    rest: &'a str,
    inner_white: bool,
    fields: Fields,
}

impl Reader<'_> {
    fn run(&mut self, pattern: &str) -> Read<()> {
        let mut pieces = Pieces::new(pattern, "dfFghHKmMstyzZ");
        loop {
            if pieces.take_word("GMT") {
                self.word("GMT")?;
                self.set_utc()?;
                continue;
            }
            let Some(piece) = pieces.next() else { return Ok(()) };
            match piece.map_err(|error| match error.message.chars().rev().nth(2) {
                Some(quote @ ('\'' | '"')) => Refusal::UnmatchedQuote(quote),
                _ => Refusal::Specifier,
            })? {
                Piece::Literal('.') => {
                    // The point may be missing where only an optional fraction follows.
                    if !self.eat('.') {
                        match pieces.peek() {
                            Some('F') => drop(pieces.next()),
                            _ => return Err(Refusal::Unrecognized),
                        }
                    }
                }
                Piece::Literal(c) => self.literal(c)?,
                Piece::Quoted(text) => text.chars().try_for_each(|c| self.literal(c))?,
                Piece::Field(letter, count) => self.field(letter, count)?,
            }
        }
    }

    fn eat(&mut self, wanted: char) -> bool {
        self.rest.strip_prefix(wanted).map(|rest| self.rest = rest).is_some()
    }

    fn literal(&mut self, wanted: char) -> Read<()> {
        if self.inner_white {
            if wanted == ' ' {
                self.rest = self.rest.trim_start();
                return Ok(());
            }
            self.rest = self.rest.trim_start();
        }
        if self.eat(wanted) { Ok(()) } else { Err(Refusal::Unrecognized) }
    }

    fn word(&mut self, word: &str) -> Read<()> {
        match self.rest.get(..word.len()) {
            Some(found) if found.eq_ignore_ascii_case(word) => {
                self.rest = &self.rest[word.len()..];
                Ok(())
            }
            _ => Err(Refusal::Unrecognized),
        }
    }

    /// Between `min` and `max` digits.
    fn digits(&mut self, min: usize, max: usize) -> Read<i32> {
        let count = self.rest.bytes().take(max).take_while(u8::is_ascii_digit).count();
        if count < min {
            return Err(Refusal::Unrecognized);
        }
        let (digits, rest) = self.rest.split_at(count);
        self.rest = rest;
        digits.parse().map_err(|_| Refusal::Unrecognized)
    }

    /// One or two digits for a single letter, else two.
    fn short(&mut self, count: usize) -> Read<i32> {
        self.digits(count.min(2), 2)
    }

    fn field(&mut self, letter: char, count: usize) -> Read<()> {
        if self.inner_white {
            self.rest = self.rest.trim_start();
        }
        match letter {
            'y' if count <= 2 => {
                let year = full_year(self.short(count)?);
                set(&mut self.fields.year, year, 'y')
            }
            'y' => {
                let year = self.digits(count, count)?;
                set(&mut self.fields.year, year, 'y')
            }
            'M' => {
                let month = if count <= 2 { self.short(count)? } else { self.name(&MONTHS, count)? + 1 };
                set(&mut self.fields.month, month, 'M')
            }
            'd' if count <= 2 => {
                let day = self.short(count)?;
                set(&mut self.fields.day, day, 'd')
            }
            'd' => {
                let weekday = self.name(&WEEKDAYS, count)?;
                set(&mut self.fields.weekday, weekday, 'd')
            }
            'g' => self.word("A.D.").or_else(|_| self.word("AD")),
            'h' | 'H' => {
                self.fields.twelve_hours |= letter == 'h';
                let hour = self.short(count)?;
                set(&mut self.fields.hour, hour, letter)
            }
            'm' => {
                let minute = self.short(count)?;
                set(&mut self.fields.minute, minute, 'm')
            }
            's' => {
                let second = self.short(count)?;
                set(&mut self.fields.second, second, 's')
            }
            'f' | 'F' => self.fraction(letter, count),
            't' => {
                let afternoon = match self.rest.chars().next() {
                    Some('a' | 'A') => false,
                    Some('p' | 'P') => true,
                    _ => return Err(Refusal::Unrecognized),
                };
                self.rest = &self.rest[1..];
                if count > 1 {
                    self.word("M")?;
                }
                set(&mut self.fields.afternoon, afternoon, 't')
            }
            'z' => self.offset(count),
            'Z' => {
                self.word("GMT").or_else(|_| self.word("Z"))?;
                self.set_utc()
            }
            // `K`
            _ if self.eat('Z') => self.set_utc(),
            _ if self.rest.starts_with(['+', '-']) => self.offset(3),
            _ => Ok(()),
        }
    }

    /// The three first letters, or the full name.
    fn name(&mut self, names: &[&str], count: usize) -> Read<i32> {
        for (index, name) in names.iter().enumerate() {
            let wanted = if count == 3 { &name[..3] } else { name };
            if self.word(wanted).is_ok() {
                return Ok(index as i32);
            }
        }
        Err(Refusal::Unrecognized)
    }

    fn fraction(&mut self, letter: char, count: usize) -> Read<()> {
        if count > 7 {
            return Err(Refusal::Unrecognized);
        }
        let before = self.rest.len();
        let value = self.digits(if letter == 'f' { count } else { 0 }, count).unwrap_or(-1);
        let read = before - self.rest.len();
        if value < 0 {
            return if letter == 'F' { Ok(()) } else { Err(Refusal::Unrecognized) };
        }
        let ticks = i64::from(value) * 10i64.pow((7 - read) as u32);
        set(&mut self.fields.fraction, ticks, letter)
    }

    fn set_utc(&mut self) -> Read<()> {
        if self.fields.offset.is_some_and(|offset| offset != 0) {
            return Err(Refusal::Repeated('K'));
        }
        (self.fields.offset, self.fields.utc) = (Some(0), true);
        Ok(())
    }

    /// `+h`, `+hh`, or `+hh:mm` with or without the colon.
    fn offset(&mut self, count: usize) -> Read<()> {
        let negative = match self.rest.chars().next() {
            Some('+') => false,
            Some('-') => true,
            _ => return Err(Refusal::Unrecognized),
        };
        self.rest = &self.rest[1..];
        let hours = self.digits(count.min(2), 2)?;
        let minutes = if count < 3 {
            0
        } else {
            self.eat(':');
            self.digits(2, 2)?
        };
        if minutes >= 60 {
            return Err(Refusal::Unrecognized);
        }
        let ticks = i64::from(hours) * TICKS_PER_HOUR + i64::from(minutes) * TICKS_PER_MINUTE;
        set(&mut self.fields.offset, if negative { -ticks } else { ticks }, 'z')
    }
}

/// A field may come twice, but not with two values.
fn set<T: PartialEq>(field: &mut Option<T>, value: T, letter: char) -> Read<()> {
    match field {
        Some(before) if *before != value => Err(Refusal::Repeated(letter)),
        _ => {
            *field = Some(value);
            Ok(())
        }
    }
}
