//! `DateTime.Parse`: reads dates and times in whatever order and shape people write them.
//!
//! The text is cut into words, numbers and a time; what numbers mean follows from how many there are and whether a year
//! or a month name stands among them. Months come before days, as in the invariant culture.

use super::calendar::month_length;
use super::outcome::{Fields, Refusal, full_year};
use super::{DateTime, MONTHS, TICKS_PER_HOUR, TICKS_PER_MINUTE, WEEKDAYS};

type Read<T> = std::result::Result<T, Refusal>;

pub(super) fn read(text: &str, now: DateTime) -> Read<Fields> {
    let chars: Vec<char> = text.trim_end_matches('\0').chars().collect();
    let mut reader =
        Reader { chars, at: 0, numbers: Vec::new(), number_first: false, after_time: false, fields: Fields::default() };
    reader.run()?;
    reader.date(now.year())?;
    Ok(reader.fields)
}

struct Reader {
    chars: Vec<char>,
    at: usize,
    /// Numbers of one or two digits, in order.
    numbers: Vec<i32>,
    /// A number stood before the month's name.
    number_first: bool,
    /// The last thing read was a time: a sign begins its offset.
    after_time: bool,
    fields: Fields,
}

impl Reader {
    fn run(&mut self) -> Read<()> {
        self.skip_white();
        while let Some(c) = self.peek() {
            match c {
                '0'..='9' => self.number()?,
                '+' if self.has_date() && self.fields.offset.is_none() => self.offset()?,
                '+' | '-' if self.after_time && self.fields.offset.is_none() => self.offset()?,
                c if c.is_alphabetic() => self.word()?,
                _ => return Err(Refusal::Unrecognized),
            }
            self.skip_separators();
        }
        Ok(())
    }

    fn has_date(&self) -> bool {
        self.fields.hour.is_some() || self.fields.year.is_some() || self.numbers.len() > 1
    }

    fn peek(&self) -> Option<char> {
        self.chars.get(self.at).copied()
    }

    fn peek_at(&self, ahead: usize) -> Option<char> {
        self.chars.get(self.at + ahead).copied()
    }

    fn eat(&mut self, wanted: char) -> bool {
        let found = self.peek() == Some(wanted);
        self.at += usize::from(found);
        found
    }

    fn skip_white(&mut self) {
        while self.peek().is_some_and(char::is_whitespace) {
            self.at += 1;
        }
    }

    fn skip_separators(&mut self) {
        while self.peek().is_some_and(|c| c.is_whitespace() || matches!(c, ',' | '.')) {
            self.at += 1;
        }
    }

    fn unknown(&self, at: usize) -> Refusal {
        Refusal::UnknownWord(self.chars.iter().take(at).map(|c| c.len_utf16()).sum())
    }

    /// Up to eight digits: the value and their count.
    fn digits(&mut self) -> Read<(i32, usize)> {
        let start = self.at;
        let mut value = 0i32;
        while let Some(digit) = self.peek().and_then(|c| c.to_digit(10)) {
            if self.at - start == 8 {
                return Err(Refusal::Unrecognized);
            }
            value = value * 10 + digit as i32;
            self.at += 1;
        }
        if start == self.at { Err(Refusal::Unrecognized) } else { Ok((value, self.at - start)) }
    }

    fn number(&mut self) -> Read<()> {
        self.after_time = false;
        let (value, length) = self.digits()?;
        let end = self.at;
        self.skip_white();
        if self.peek() == Some(':') {
            self.at += 1;
            return self.time(value);
        }
        if self.fields.hour.is_none() && self.day_half().is_some() {
            self.set_time(value, 0, None)?;
            self.fields.afternoon = self.eat_day_half();
            self.fields.twelve_hours = true;
            return Ok(());
        }
        self.at = end;
        if length > 2 {
            if self.fields.year.replace(value).is_some() {
                return Err(Refusal::Unrecognized);
            }
        } else {
            self.numbers.push(value);
        }
        self.after_date_part()
    }

    /// A date separator wants another part after it; `T` after a full date wants a time.
    fn after_date_part(&mut self) -> Read<()> {
        let end = self.at;
        if matches!(self.peek(), Some('T' | 't')) && self.peek_at(1).is_some_and(|c| c.is_ascii_digit()) {
            let parts =
                self.numbers.len() + usize::from(self.fields.year.is_some()) + usize::from(self.fields.month.is_some());
            if parts != 3 || self.fields.hour.is_some() {
                return Err(Refusal::Unrecognized);
            }
            self.at += 1;
            return self.iso_time();
        }
        self.skip_white();
        if matches!(self.peek(), Some('-' | '/')) {
            self.at += 1;
            self.skip_white();
            return match self.peek() {
                Some(c) if c.is_alphanumeric() => Ok(()),
                _ => Err(Refusal::Unrecognized),
            };
        }
        self.at = end;
        Ok(())
    }

    /// The rest of a time after `hour:`.
    fn time(&mut self, hour: i32) -> Read<()> {
        self.skip_white();
        let (minute, _) = self.digits()?;
        let end = self.at;
        self.skip_white();
        let mut second = None;
        if self.eat(':') {
            self.skip_white();
            second = Some(self.digits()?.0);
            self.fraction()?;
        } else {
            self.at = end;
        }
        self.set_time(hour, minute, second)?;
        let end = self.at;
        self.skip_white();
        self.fields.afternoon = self.fields.afternoon.or(self.eat_day_half());
        if self.fields.afternoon.is_some() {
            self.fields.twelve_hours = true;
        } else {
            self.at = end;
        }
        Ok(())
    }

    /// `hh:mm[:ss[.fff]]` with two digits each.
    fn iso_time(&mut self) -> Read<()> {
        let part = |reader: &mut Self| match reader.digits()? {
            (value, 2) => Ok(value),
            _ => Err(Refusal::Unrecognized),
        };
        let hour = part(self)?;
        if !self.eat(':') {
            return Err(Refusal::Unrecognized);
        }
        let minute = part(self)?;
        let mut second = None;
        if self.eat(':') {
            second = Some(part(self)?);
            self.fraction()?;
        }
        if self.peek() == Some('.') {
            return Err(Refusal::Unrecognized);
        }
        self.set_time(hour, minute, second)
    }

    fn set_time(&mut self, mut hour: i32, mut minute: i32, second: Option<i32>) -> Read<()> {
        self.after_time = true;
        if self.fields.year.is_none() && !matches!(self.numbers.len(), 0 | 3) {
            // `March 5 14:07` is 05:14 of today to .NET: with no year, all numbers are the time's, from the first on.
            let numbers = std::mem::take(&mut self.numbers);
            match (self.fields.month, numbers.as_slice(), second) {
                (Some(_), [day, year], _) => self.numbers = vec![*day, *year],
                (Some(_), [first], None) => (hour, minute) = (*first, hour),
                _ => return Err(Refusal::Unrecognized),
            }
            if self.numbers.is_empty() {
                self.fields.month = None;
            }
        }
        if self.fields.hour.replace(hour).is_some() {
            return Err(Refusal::Unrecognized);
        }
        (self.fields.minute, self.fields.second) = (Some(minute), second);
        Ok(())
    }

    /// `.123`: any number of digits, rounded to ticks.
    fn fraction(&mut self) -> Read<()> {
        if self.peek() != Some('.') || !self.peek_at(1).is_some_and(|c| c.is_ascii_digit()) {
            return Ok(());
        }
        self.at += 1;
        let (mut value, mut place) = (0.0, 0.1);
        while let Some(digit) = self.peek().and_then(|c| c.to_digit(10)) {
            value += f64::from(digit) * place;
            place *= 0.1;
            self.at += 1;
        }
        self.fields.fraction = Some((value * 1e7).round_ties_even() as i64);
        Ok(())
    }

    /// `AM`, `PM`, `A` or `P` as a word of its own, without taking it.
    fn day_half(&self) -> Option<(bool, usize)> {
        let word: String = self.chars.iter().skip(self.at).take_while(|c| c.is_alphabetic()).collect();
        match word.to_ascii_uppercase().as_str() {
            "AM" => Some((false, word.len())),
            "PM" => Some((true, word.len())),
            _ => None,
        }
    }

    fn eat_day_half(&mut self) -> Option<bool> {
        let (afternoon, length) = self.day_half()?;
        self.at += length;
        Some(afternoon)
    }

    fn word(&mut self) -> Read<()> {
        let start = self.at;
        while self.peek().is_some_and(char::is_alphabetic) {
            self.at += 1;
        }
        let word: String = self.chars[start..self.at].iter().collect();
        if let Some(month) = name(&MONTHS, &word) {
            self.number_first = !self.numbers.is_empty();
            return match self.fields.month.replace(month + 1) {
                None => self.after_date_part(),
                Some(_) => Err(Refusal::Unrecognized),
            };
        }
        if let Some(weekday) = name(&WEEKDAYS, &word) {
            return match self.fields.weekday.replace(weekday) {
                None => Ok(()),
                Some(_) => Err(Refusal::Unrecognized),
            };
        }
        match word.to_ascii_uppercase().as_str() {
            "Z" | "GMT" if self.fields.offset.is_none() => {
                (self.fields.offset, self.fields.utc) = (Some(0), true);
                Ok(())
            }
            "Z" | "GMT" => Err(Refusal::Unrecognized),
            "AD" => Ok(()),
            "A" if self.chars[self.at..].starts_with(&['.', 'D', '.']) => {
                self.at += 3;
                Ok(())
            }
            "AM" | "PM" if self.fields.hour.is_none() && self.fields.afternoon.is_none() => {
                self.fields.afternoon = Some(word.starts_with(['P', 'p']));
                self.fields.twelve_hours = true;
                Ok(())
            }
            "T" if self.at == self.chars.len() && start > 0 => Err(Refusal::Unrecognized),
            _ => Err(self.unknown(start)),
        }
    }

    /// `+hh:mm`, `+hhmm`, `+hh`, `+h`.
    fn offset(&mut self) -> Read<()> {
        let negative = self.peek() == Some('-');
        self.at += 1;
        let (value, length) = self.digits()?;
        let (hours, minutes) = match length {
            1 | 2 if self.eat(':') => match self.digits()? {
                (minutes, 1..=2) => (value, minutes),
                _ => return Err(Refusal::Unrecognized),
            },
            1 | 2 => (value, 0),
            3 | 4 => (value / 100, value % 100),
            _ => return Err(Refusal::Unrecognized),
        };
        if minutes >= 60 {
            return Err(Refusal::Unrecognized);
        }
        let ticks = i64::from(hours) * TICKS_PER_HOUR + i64::from(minutes) * TICKS_PER_MINUTE;
        self.fields.offset = Some(if negative { -ticks } else { ticks });
        Ok(())
    }

    /// Gives the numbers their meaning.
    fn date(&mut self, default_year: i32) -> Read<()> {
        let fields = &mut self.fields;
        if fields.hour.is_some_and(|hour| (13..24).contains(&hour)) && fields.afternoon == Some(true) {
            (fields.afternoon, fields.twelve_hours) = (None, false);
        }
        let minutes = [fields.minute, fields.second];
        if fields.hour.is_some_and(|hour| hour > 23) || minutes.iter().flatten().any(|part| *part > 59) {
            return Err(Refusal::NotInCalendar);
        }
        let (year, month, day) = match (fields.year, fields.month, self.numbers.as_slice()) {
            (None, None, []) if fields.hour.is_some() => return Ok(()),
            (None, None, [month, day]) => (default_year, *month, *day),
            (None, None, [month, day, year]) => (full_year(*year), *month, *day),
            (Some(year), None, [month, day]) => (year, *month, *day),
            (Some(year), None, [month]) => (year, *month, 1),
            // `5 Mar` reads as a year and a month, for the invariant year-month pattern puts the year first.
            (None, Some(month), [year]) if self.number_first => (full_year(*year), month, 1),
            (None, Some(month), [day]) => (default_year, month, *day),
            (None, Some(month), [day, year]) if (1..=month_length(full_year(*year), month)).contains(day) => {
                (full_year(*year), month, *day)
            }
            (None, Some(month), [year, day]) => (full_year(*year), month, *day),
            (Some(year), Some(month), [day]) => (year, month, *day),
            (Some(year), Some(month), []) => (year, month, 1),
            _ => return Err(Refusal::Unrecognized),
        };
        (fields.year, fields.month, fields.day) = (Some(year), Some(month), Some(day));
        Ok(())
    }
}

/// The index of a full name or its first three letters.
fn name(names: &[&str], word: &str) -> Option<i32> {
    let found = names.iter().position(|name| {
        name.eq_ignore_ascii_case(word)
            || (word.len() == 3 && name.get(..3).is_some_and(|n| n.eq_ignore_ascii_case(word)))
    });
    found.map(|index| index as i32)
}
