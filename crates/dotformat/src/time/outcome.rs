//! From the fields found in a text to a `DateTime` or `DateTimeOffset`, and the parsers' front doors.

use super::calendar::days_of_date;
use super::styles::DateTimeStyles;
use super::{DateTime, DateTimeKind, DateTimeOffset, TICKS_PER_DAY, TICKS_PER_HOUR, TICKS_PER_SECOND, TimeSpan};
use super::{exact, lenient};
use crate::{Error, Result};

/// `DateTime.Parse(text, styles)`. `now` lends its date to a time alone, and its year to a day alone.
pub fn parse_date_time(text: &str, styles: DateTimeStyles, now: DateTime) -> Result<DateTime> {
    let styles = styles.check(false)?;
    let read = lenient::read(text, now).and_then(|fields| fields.date_time(styles, now));
    read.map_err(|refusal| refusal.error(text))
}

/// `DateTimeOffset.Parse(text, styles)`.
pub fn parse_date_time_offset(text: &str, styles: DateTimeStyles, now: DateTime) -> Result<DateTimeOffset> {
    let styles = styles.check(true)?;
    let read = lenient::read(text, now).and_then(|fields| fields.date_time_offset(styles, now));
    read.map_err(|refusal| refusal.error(text))
}

/// `DateTime.ParseExact(text, formats, styles)`: the first format that fits counts.
pub fn parse_date_time_exact(text: &str, formats: &[&str], styles: DateTimeStyles, now: DateTime) -> Result<DateTime> {
    let styles = styles.check(false)?;
    first_that_fits(text, formats, |format| exact::read(text, format, styles, false)?.date_time(styles, now))
}

/// `DateTimeOffset.ParseExact(text, formats, styles)`.
pub fn parse_date_time_offset_exact(
    text: &str,
    formats: &[&str],
    styles: DateTimeStyles,
    now: DateTime,
) -> Result<DateTimeOffset> {
    let styles = styles.check(true)?;
    first_that_fits(text, formats, |format| exact::read(text, format, styles, true)?.date_time_offset(styles, now))
}

fn first_that_fits<T>(
    text: &str,
    formats: &[&str],
    mut read: impl FnMut(&str) -> std::result::Result<T, Refusal>,
) -> Result<T> {
    match formats {
        [] => Err(Error::format("No format specifiers were provided.")),
        [only] => read(only).map_err(|refusal| match refusal {
            Refusal::Specifier => Error::format(format!("Format specifier '{only}' was invalid.")),
            refusal => refusal.error(text),
        }),
        many => many.iter().find_map(|format| read(format).ok()).ok_or_else(|| Refusal::Unrecognized.error(text)),
    }
}

/// Why a text is no date.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Refusal {
    Unrecognized,
    /// A word nobody knows, at this UTF-16 index.
    UnknownWord(usize),
    Weekday,
    OffsetRange,
    UtcRange,
    /// Past the last day.
    OutOfRange,
    /// A time of day that does not exist.
    NotInCalendar,
    /// The format itself is wrong.
    Specifier,
    UnmatchedQuote(char),
    Repeated(char),
}

impl Refusal {
    fn error(self, text: &str) -> Error {
        Error::format(match self {
            Self::Unrecognized => format!("String '{text}' was not recognized as a valid DateTime."),
            Self::UnknownWord(index) => format!(
                "The string '{text}' was not recognized as a valid DateTime. There is an unknown word starting at index '{index}'."
            ),
            Self::Weekday => {
                format!("String '{text}' was not recognized as a valid DateTime because the day of week was incorrect.")
            }
            Self::OffsetRange => {
                format!("The time zone offset of string '{text}' must be within plus or minus 14 hours.")
            }
            Self::UtcRange => {
                format!("The UTC representation of the date '{text}' falls outside the year range 1-9999.")
            }
            Self::OutOfRange => format!("The DateTime represented by the string '{text}' is out of range."),
            Self::NotInCalendar => format!(
                "The DateTime represented by the string '{text}' is not supported in calendar 'System.Globalization.GregorianCalendar'."
            ),
            Self::Specifier => return super::format::bad_format(),
            Self::UnmatchedQuote(quote) => {
                format!("Cannot find a matching quote character for the character '{quote}'.")
            }
            Self::Repeated(letter) => {
                format!("DateTime pattern '{letter}' appears more than once with different values.")
            }
        })
    }
}

/// What a text said.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Fields {
    pub(super) year: Option<i32>,
    pub(super) month: Option<i32>,
    pub(super) day: Option<i32>,
    pub(super) hour: Option<i32>,
    pub(super) minute: Option<i32>,
    pub(super) second: Option<i32>,
    /// Ticks below the second.
    pub(super) fraction: Option<i64>,
    /// `AM` is false, `PM` is true.
    pub(super) afternoon: Option<bool>,
    /// Sunday is 0.
    pub(super) weekday: Option<i32>,
    /// Distance to UTC in ticks.
    pub(super) offset: Option<i64>,
    /// The offset was written as `Z` or `GMT`.
    pub(super) utc: bool,
    /// The hour counts to twelve.
    pub(super) twelve_hours: bool,
}

type Read<T> = std::result::Result<T, Refusal>;

impl Fields {
    /// The clock time, missing fields filled in.
    fn clock(&self, styles: DateTimeStyles, now: DateTime) -> Read<DateTime> {
        let no_today = styles.has(DateTimeStyles::NO_CURRENT_DATE_DEFAULT);
        let (year, month, day) = match (self.year, self.month, self.day) {
            (None, None, None) if no_today => (1, 1, 1),
            (None, None, None) => (now.year(), now.month(), now.day()),
            (year, month, day) => {
                (year.unwrap_or(if no_today { 1 } else { now.year() }), month.unwrap_or(1), day.unwrap_or(1))
            }
        };
        let (hour, minute, second) = (self.hour24()?, self.minute.unwrap_or(0), self.second.unwrap_or(0));
        if !((0..24).contains(&hour) && (0..60).contains(&minute) && (0..60).contains(&second)) {
            return Err(Refusal::Unrecognized);
        }
        let days = days_of_date(year, month, day).map_err(|_| Refusal::Unrecognized)?;
        let seconds = i64::from(hour) * 3600 + i64::from(minute) * 60 + i64::from(second);
        let ticks = days * TICKS_PER_DAY + seconds * TICKS_PER_SECOND + self.fraction.unwrap_or(0);
        let clock = DateTime::from_ticks(ticks, DateTimeKind::Unspecified).map_err(|_| Refusal::Unrecognized)?;
        match self.weekday {
            Some(weekday) if weekday != clock.day_of_week() => Err(Refusal::Weekday),
            _ => Ok(clock),
        }
    }

    fn hour24(&self) -> Read<i32> {
        let hour = self.hour.unwrap_or(0);
        match self.afternoon {
            None if self.twelve_hours && hour > 12 => Err(Refusal::Unrecognized),
            // Twelve without a mark is midnight where the pattern counts to twelve.
            None if self.twelve_hours && hour == 12 => Ok(0),
            None => Ok(hour),
            Some(afternoon) if self.twelve_hours && hour <= 12 => Ok(hour % 12 + if afternoon { 12 } else { 0 }),
            Some(_) if self.twelve_hours => Err(Refusal::Unrecognized),
            Some(afternoon) if afternoon == (hour >= 12) => Ok(hour),
            Some(_) => Err(Refusal::Unrecognized),
        }
    }

    fn date_time(&self, styles: DateTimeStyles, now: DateTime) -> Read<DateTime> {
        let clock = self.clock(styles, now)?;
        let universal = styles.has(DateTimeStyles::ADJUST_TO_UNIVERSAL);
        let offset = match self.offset {
            Some(offset) => offset,
            None if styles.has(DateTimeStyles::ASSUME_LOCAL) || styles.has(DateTimeStyles::ASSUME_UNIVERSAL) => 0,
            None => return Ok(clock),
        };
        if offset.abs() > 14 * TICKS_PER_HOUR {
            return Err(Refusal::OffsetRange);
        }
        let kind = if universal || (styles.has(DateTimeStyles::ROUNDTRIP_KIND) && self.utc) {
            DateTimeKind::Utc
        } else {
            DateTimeKind::Local
        };
        // Before its first day .NET takes the text for a bare time and moves it a day on.
        let time = match clock.checked_add(-offset) {
            None if offset > 0 => clock.checked_add(TICKS_PER_DAY - offset),
            time => time,
        };
        time.map(|time| time.with_kind(kind)).ok_or(Refusal::OutOfRange)
    }

    fn date_time_offset(&self, styles: DateTimeStyles, now: DateTime) -> Read<DateTimeOffset> {
        let clock = self.clock(styles, now)?;
        let offset = self.offset.unwrap_or(0);
        if offset.abs() > 14 * TICKS_PER_HOUR {
            return Err(Refusal::OffsetRange);
        }
        let value = DateTimeOffset::new(clock, TimeSpan::from_ticks(offset)).map_err(|_| Refusal::UtcRange)?;
        Ok(if styles.has(DateTimeStyles::ADJUST_TO_UNIVERSAL) { value.to_universal_time() } else { value })
    }
}

/// A two-digit year: 30 and above are of the twentieth century.
pub(super) fn full_year(year: i32) -> i32 {
    match year {
        0..=29 => 2000 + year,
        30..=99 => 1900 + year,
        _ => year,
    }
}
