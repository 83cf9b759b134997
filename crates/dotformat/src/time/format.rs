//! `DateTime.ToString(format)` and `DateTimeOffset.ToString(format)`.

use super::{
    DateTime, DateTimeKind, DateTimeOffset, MONTHS, TICKS_PER_HOUR, TICKS_PER_MINUTE, TICKS_PER_SECOND, TimeSpan,
};
use crate::{Error, Result};

/// `DateTime.ToString(format)`; an empty format is `G`.
pub fn format_date_time(value: DateTime, format: &str) -> Result<String> {
    DateFormat::of_date_time(format)?.print(value)
}

/// `DateTimeOffset.ToString(format)`; an empty format is `G` with the offset.
pub fn format_date_time_offset(value: DateTimeOffset, format: &str) -> Result<String> {
    DateFormat::of_offset(format)?.print_offset(value)
}

/// A format that was read once, to print many dates.
#[derive(Clone, Debug)]
pub struct DateFormat {
    pieces: Vec<Piece>,
    /// Whether the date is converted to universal time first.
    converts: bool,
}

impl DateFormat {
    /// A format of `DateTime`.
    pub fn of_date_time(format: &str) -> Result<Self> {
        let mut chars = format.chars();
        match (chars.next(), chars.next()) {
            (None, _) => Self::read(standard('G').unwrap_or_default(), false),
            // The universal sortable forms of a DateTime do not convert it; `U` does.
            (Some('U'), None) => Self::read(standard('F').unwrap_or_default(), true),
            (Some(letter), None) => Self::read(standard(letter).ok_or_else(bad_format)?, false),
            _ => Self::read(format, false),
        }
    }

    /// A format of `DateTimeOffset`.
    pub fn of_offset(format: &str) -> Result<Self> {
        let mut chars = format.chars();
        match (chars.next(), chars.next()) {
            (None, _) => Self::read("MM/dd/yyyy HH:mm:ss zzz", false),
            (Some(letter @ ('r' | 'R' | 'u')), None) => Self::read(standard(letter).ok_or_else(bad_format)?, true),
            (Some(letter), None) => Self::read(standard(letter).ok_or_else(bad_format)?, false),
            _ => Self::read(format, false),
        }
    }

    fn read(pattern: &str, converts: bool) -> Result<Self> {
        let pieces = Pieces::new(pattern, "dfFghHKmMstyz").collect::<Result<_>>()?;
        Ok(Self { pieces, converts })
    }

    /// `DateTime.ToString`.
    pub fn print(&self, value: DateTime) -> Result<String> {
        custom(if self.converts { value.to_universal_time() } else { value }, None, &self.pieces)
    }

    /// `DateTimeOffset.ToString`.
    pub fn print_offset(&self, value: DateTimeOffset) -> Result<String> {
        if self.converts {
            custom(value.utc(), Some(TimeSpan::ZERO), &self.pieces)
        } else {
            custom(value.clock(), Some(value.offset()), &self.pieces)
        }
    }
}

/// The pattern of a standard format, but for `U`, which converts first.
pub(super) fn standard(letter: char) -> Option<&'static str> {
    Some(match letter {
        'd' => "MM/dd/yyyy",
        'D' => "dddd, dd MMMM yyyy",
        'f' => "dddd, dd MMMM yyyy HH:mm",
        'F' => "dddd, dd MMMM yyyy HH:mm:ss",
        'g' => "MM/dd/yyyy HH:mm",
        'G' => "MM/dd/yyyy HH:mm:ss",
        'm' | 'M' => "MMMM dd",
        'o' | 'O' => "yyyy'-'MM'-'dd'T'HH':'mm':'ss'.'fffffffK",
        'r' | 'R' => "ddd, dd MMM yyyy HH':'mm':'ss 'GMT'",
        's' => "yyyy'-'MM'-'dd'T'HH':'mm':'ss",
        't' => "HH:mm",
        'T' => "HH:mm:ss",
        'u' => "yyyy'-'MM'-'dd HH':'mm':'ss'Z'",
        'y' | 'Y' => "yyyy MMMM",
        _ => return None,
    })
}

pub(super) fn bad_format() -> Error {
    Error::format("Input string was not in a correct format.")
}

/// One piece of a custom pattern of dates or time spans.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Piece {
    /// A letter and how often it stands in a row.
    Field(char, usize),
    Literal(char),
    /// The text between quotes, or an escaped character.
    Quoted(String),
}

/// Splits a custom pattern: runs of letters in `fields`, quoted text, escapes, `%x`.
pub(super) struct Pieces<'a> {
    rest: &'a str,
    fields: &'static str,
}

impl<'a> Pieces<'a> {
    pub(super) fn new(pattern: &'a str, fields: &'static str) -> Self {
        Self { rest: pattern, fields }
    }

    /// Takes `word` if it is next.
    pub(super) fn take_word(&mut self, word: &str) -> bool {
        self.rest.strip_prefix(word).map(|rest| self.rest = rest).is_some()
    }

    /// The next character without taking it.
    pub(super) fn peek(&self) -> Option<char> {
        self.rest.chars().next()
    }

    fn take(&mut self) -> Option<char> {
        let c = self.peek()?;
        self.rest = &self.rest[c.len_utf8()..];
        Some(c)
    }

    fn quoted(&mut self, quote: char) -> Result<Piece> {
        let mut text = String::new();
        while let Some(c) = self.take() {
            match c {
                c if c == quote => return Ok(Piece::Quoted(text)),
                '\\' => text.push(self.take().ok_or_else(bad_format)?),
                c => text.push(c),
            }
        }
        Err(Error::format(format!("Cannot find a matching quote character for the character '{quote}'.")))
    }
}

impl Iterator for Pieces<'_> {
    type Item = Result<Piece>;

    fn next(&mut self) -> Option<Self::Item> {
        let c = self.take()?;
        Some(match c {
            '\'' | '"' => self.quoted(c),
            '\\' => self.take().map(|c| Piece::Quoted(c.into())).ok_or_else(bad_format),
            // `%` sets a single letter apart; it may not end the pattern nor stand twice.
            '%' => match self.peek() {
                None | Some('%') => Err(bad_format()),
                Some(next) if self.fields.contains(next) => {
                    self.take();
                    Ok(Piece::Field(next, 1))
                }
                Some(_) => return self.next(),
            },
            c if self.fields.contains(c) => {
                let mut count = 1;
                while self.peek() == Some(c) {
                    self.take();
                    count += 1;
                }
                Ok(Piece::Field(c, count))
            }
            other => Ok(Piece::Literal(other)),
        })
    }
}

fn custom(value: DateTime, offset: Option<TimeSpan>, pieces: &[Piece]) -> Result<String> {
    let mut out = String::with_capacity(4 * pieces.len());
    let (year, month, day) = value.ymd();
    for piece in pieces {
        let (letter, count) = match piece {
            Piece::Literal(c) => {
                out.push(*c);
                continue;
            }
            Piece::Quoted(text) => {
                out.push_str(text);
                continue;
            }
            Piece::Field(letter, count) => (*letter, *count),
        };
        match letter {
            'g' => out.push_str("A.D."),
            'h' => push_digits(&mut out, (value.hour() + 11) % 12 + 1, count.min(2)),
            'H' => push_digits(&mut out, value.hour(), count.min(2)),
            'm' => push_digits(&mut out, value.minute(), count.min(2)),
            's' => push_digits(&mut out, value.second(), count.min(2)),
            'f' | 'F' => push_fraction(&mut out, value.ticks() % TICKS_PER_SECOND, letter, count)?,
            't' => out.push_str(&(if value.hour() < 12 { "AM" } else { "PM" })[..count.min(2)]),
            'd' => match count {
                1 | 2 => push_digits(&mut out, day, count),
                3 => out.push_str(&value.weekday_name()[..3]),
                _ => out.push_str(value.weekday_name()),
            },
            'M' => match count {
                1 | 2 => push_digits(&mut out, month, count),
                3 => out.push_str(&month_name(month)[..3]),
                _ => out.push_str(month_name(month)),
            },
            'y' if count <= 2 => push_digits(&mut out, year % 100, count),
            'y' => push_digits(&mut out, year, count),
            'z' => push_offset(&mut out, offset.unwrap_or_default(), count),
            // `K`, any number of times.
            _ => (0..count).for_each(|_| match (offset, value.kind()) {
                (Some(offset), _) => push_offset(&mut out, offset, 3),
                (None, DateTimeKind::Local) => push_offset(&mut out, TimeSpan::ZERO, 3),
                (None, DateTimeKind::Utc) => out.push('Z'),
                (None, DateTimeKind::Unspecified) => {}
            }),
        }
    }
    Ok(out)
}

fn month_name(month: i32) -> &'static str {
    MONTHS[usize::try_from(month - 1).unwrap_or(0).min(11)]
}

/// A number that is not negative, with leading zeros up to a width of ten.
pub(super) fn push_digits(out: &mut String, value: i32, width: usize) {
    let mut digits = [b'0'; 10];
    let (mut rest, mut used) = (value.unsigned_abs(), 0);
    for place in digits.iter_mut().rev() {
        if rest == 0 && used >= width.max(1) {
            break;
        }
        *place = b'0' + (rest % 10) as u8;
        rest /= 10;
        used += 1;
    }
    let digits = &digits[digits.len() - used..];
    out.push_str(std::str::from_utf8(digits).unwrap_or_default());
}

/// `f` prints all places asked for; `F` drops trailing zeros, and the point before them if nothing is left.
pub(super) fn push_fraction(out: &mut String, ticks: i64, letter: char, count: usize) -> Result<()> {
    if count > 7 {
        return Err(bad_format());
    }
    let digits = &format!("{ticks:07}")[..count];
    if letter == 'f' {
        out.push_str(digits);
        return Ok(());
    }
    let digits = digits.trim_end_matches('0');
    out.push_str(digits);
    if digits.is_empty() && out.ends_with('.') {
        out.pop();
    }
    Ok(())
}

fn push_offset(out: &mut String, offset: TimeSpan, count: usize) {
    out.push(if offset.ticks() < 0 { '-' } else { '+' });
    let ticks = offset.ticks().unsigned_abs();
    let (hours, minutes) = (ticks / TICKS_PER_HOUR as u64, ticks / TICKS_PER_MINUTE as u64 % 60);
    let width = count.min(2);
    out.push_str(&format!("{hours:0width$}"));
    if count > 2 {
        out.push_str(&format!(":{minutes:02}"));
    }
}
