//! `System.DateTime`: a count of ticks and what clock it is from.

use std::cmp::Ordering;
use std::hash::{Hash, Hasher};

use super::calendar::{date_of_days, day_of_year, days_of_date, month_length};
use super::{TICKS_PER_DAY, TICKS_PER_HOUR, TICKS_PER_MILLISECOND, TICKS_PER_MINUTE, TICKS_PER_SECOND, TimeSpan};
use super::{UNIX_EPOCH_TICKS, WEEKDAYS};
use crate::{Error, ErrorKind, Result};

const MAX_TICKS: i64 = 3_155_378_975_999_999_999;
const MAX_MILLISECONDS: f64 = 315_537_897_600_000.0;

/// Which clock a `DateTime` was read from.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum DateTimeKind {
    /// Unknown.
    #[default]
    Unspecified,
    /// UTC.
    Utc,
    /// The local clock, which is UTC as well here.
    Local,
}

/// A point of a calendar: 100 ns ticks since 0001-01-01. Comparison looks at the ticks alone, as in .NET.
#[derive(Clone, Copy, Debug, Default)]
pub struct DateTime {
    ticks: i64,
    kind: DateTimeKind,
}

impl DateTime {
    /// `DateTime.MinValue`.
    pub const MIN: Self = Self { ticks: 0, kind: DateTimeKind::Unspecified };
    /// `DateTime.MaxValue`.
    pub const MAX: Self = Self { ticks: MAX_TICKS, kind: DateTimeKind::Unspecified };
    /// `DateTime.UnixEpoch`.
    pub const UNIX_EPOCH: Self = Self { ticks: UNIX_EPOCH_TICKS, kind: DateTimeKind::Utc };

    /// `new DateTime(ticks, kind)`.
    pub fn from_ticks(ticks: i64, kind: DateTimeKind) -> Result<Self> {
        if !(0..=MAX_TICKS).contains(&ticks) {
            let message = "Ticks must be between DateTime.MinValue.Ticks and DateTime.MaxValue.Ticks.";
            return Err(Error::out_of_range(message, "ticks"));
        }
        Ok(Self { ticks, kind })
    }

    /// `new DateTime(year, month, day)`.
    pub fn from_date(year: i32, month: i32, day: i32) -> Result<Self> {
        Self::from_ticks(days_of_date(year, month, day)? * TICKS_PER_DAY, DateTimeKind::Unspecified)
    }

    /// `new DateTime(year, month, day, hour, minute, second, millisecond, kind)`.
    #[expect(clippy::too_many_arguments, reason = "the constructor of the contract")]
    pub fn new(
        year: i32,
        month: i32,
        day: i32,
        hour: i32,
        minute: i32,
        second: i32,
        millisecond: i32,
        kind: DateTimeKind,
    ) -> Result<Self> {
        let date = Self::from_date(year, month, day)?;
        if !((0..24).contains(&hour) && (0..60).contains(&minute) && (0..60).contains(&second)) {
            return Err(Error::new(
                ErrorKind::ArgumentOutOfRange,
                "Hour, Minute, and Second parameters describe an un-representable DateTime.",
            ));
        }
        if !(0..1000).contains(&millisecond) {
            return Err(Error::out_of_range("Valid values are between 0 and 999, inclusive.", "millisecond"));
        }
        let seconds = i64::from(hour) * 3600 + i64::from(minute) * 60 + i64::from(second);
        let time = seconds * TICKS_PER_SECOND + i64::from(millisecond) * TICKS_PER_MILLISECOND;
        Self::from_ticks(date.ticks + time, kind)
    }

    /// `Ticks`.
    pub fn ticks(self) -> i64 {
        self.ticks
    }

    /// `Kind`.
    pub fn kind(self) -> DateTimeKind {
        self.kind
    }

    /// `DateTime.SpecifyKind`.
    pub fn with_kind(self, kind: DateTimeKind) -> Self {
        Self { kind, ..self }
    }

    pub(super) fn ymd(self) -> (i32, i32, i32) {
        date_of_days(self.ticks / TICKS_PER_DAY)
    }

    /// `Year`.
    pub fn year(self) -> i32 {
        self.ymd().0
    }

    /// `Month`, from one.
    pub fn month(self) -> i32 {
        self.ymd().1
    }

    /// `Day`, from one.
    pub fn day(self) -> i32 {
        self.ymd().2
    }

    /// `Hour`.
    pub fn hour(self) -> i32 {
        (self.ticks / TICKS_PER_HOUR % 24) as i32
    }

    /// `Minute`.
    pub fn minute(self) -> i32 {
        (self.ticks / TICKS_PER_MINUTE % 60) as i32
    }

    /// `Second`.
    pub fn second(self) -> i32 {
        (self.ticks / TICKS_PER_SECOND % 60) as i32
    }

    /// `Millisecond`.
    pub fn millisecond(self) -> i32 {
        (self.ticks / TICKS_PER_MILLISECOND % 1000) as i32
    }

    /// `DayOfWeek`, Sunday is 0.
    pub fn day_of_week(self) -> i32 {
        ((self.ticks / TICKS_PER_DAY + 1) % 7) as i32
    }

    pub(super) fn weekday_name(self) -> &'static str {
        WEEKDAYS[(self.ticks / TICKS_PER_DAY + 1).rem_euclid(7) as usize]
    }

    /// `DayOfYear`, from one.
    pub fn day_of_year(self) -> i32 {
        day_of_year(self.ticks / TICKS_PER_DAY)
    }

    /// `Date`: midnight of the day, same kind.
    pub fn date(self) -> Self {
        Self { ticks: self.ticks - self.ticks % TICKS_PER_DAY, ..self }
    }

    /// `TimeOfDay`.
    pub fn time_of_day(self) -> TimeSpan {
        TimeSpan::from_ticks(self.ticks % TICKS_PER_DAY)
    }

    /// `AddTicks`.
    pub fn add_ticks(self, ticks: i64) -> Result<Self> {
        self.checked_add(ticks).ok_or_else(|| unrepresentable("value"))
    }

    /// The time so many ticks later, if the calendar reaches that far.
    pub fn checked_add(self, ticks: i64) -> Option<Self> {
        let ticks = self.ticks.checked_add(ticks).filter(|ticks| (0..=MAX_TICKS).contains(ticks))?;
        Some(Self { ticks, ..self })
    }

    /// `Add`; the `+` operator differs in the parameter its error names only.
    pub fn plus(self, span: TimeSpan) -> Result<Self> {
        self.add_ticks(span.ticks())
    }

    /// `Subtract(TimeSpan)`.
    pub fn minus(self, span: TimeSpan) -> Result<Self> {
        span.ticks().checked_neg().and_then(|ticks| self.checked_add(ticks)).ok_or_else(|| unrepresentable("value"))
    }

    /// `Subtract(DateTime)`.
    pub fn since(self, other: Self) -> TimeSpan {
        TimeSpan::from_ticks(self.ticks - other.ticks)
    }

    /// `AddDays`, rounded to whole milliseconds as all of these are.
    pub fn add_days(self, value: f64) -> Result<Self> {
        self.add_rounded(value, 86_400_000.0)
    }

    /// `AddHours`.
    pub fn add_hours(self, value: f64) -> Result<Self> {
        self.add_rounded(value, 3_600_000.0)
    }

    /// `AddMinutes`.
    pub fn add_minutes(self, value: f64) -> Result<Self> {
        self.add_rounded(value, 60_000.0)
    }

    /// `AddSeconds`.
    pub fn add_seconds(self, value: f64) -> Result<Self> {
        self.add_rounded(value, 1000.0)
    }

    /// `AddMilliseconds`.
    pub fn add_milliseconds(self, value: f64) -> Result<Self> {
        self.add_rounded(value, 1.0)
    }

    fn add_rounded(self, value: f64, scale: f64) -> Result<Self> {
        // The runtime's conversion makes 0 of what is not a number, or so it seems from outside.
        let value = if value.is_nan() { 0.0 } else { value };
        let milliseconds = value * scale + if value >= 0.0 { 0.5 } else { -0.5 };
        if !(milliseconds > -MAX_MILLISECONDS && milliseconds < MAX_MILLISECONDS) {
            return Err(Error::out_of_range("Value to add was out of range.", "value"));
        }
        self.add_ticks(milliseconds as i64 * TICKS_PER_MILLISECOND)
    }

    /// `AddMonths`: the day is cut to the month's length.
    pub fn add_months(self, months: i32) -> Result<Self> {
        if !(-120_000..=120_000).contains(&months) {
            return Err(Error::out_of_range("Months value must be between +/-120000.", "months"));
        }
        let (year, month, day) = self.ymd();
        let total = year * 12 + month - 1 + months;
        let (year, month) = (total.div_euclid(12), total.rem_euclid(12) + 1);
        if !(1..=9999).contains(&year) {
            return Err(unrepresentable("months"));
        }
        let days = days_of_date(year, month, day.min(month_length(year, month)))?;
        Ok(Self { ticks: days * TICKS_PER_DAY + self.ticks % TICKS_PER_DAY, ..self })
    }

    /// `AddYears`.
    pub fn add_years(self, years: i32) -> Result<Self> {
        if !(-10_000..=10_000).contains(&years) {
            return Err(Error::out_of_range("Years value must be between +/-10000.", "years"));
        }
        self.add_months(years * 12)
    }

    /// `ToUniversalTime`: an unspecified time counts as local.
    pub fn to_universal_time(self) -> Self {
        self.with_kind(DateTimeKind::Utc)
    }

    /// `ToLocalTime`.
    pub fn to_local_time(self) -> Self {
        self.with_kind(DateTimeKind::Local)
    }

    /// `ToOADate`: days since 1899-12-30, whole milliseconds; the fraction of a day before that counts forward.
    pub fn to_oa_date(self) -> Result<f64> {
        const EPOCH_DAYS: i64 = 693_593;
        let mut ticks = self.ticks;
        if ticks == 0 {
            return Ok(0.0);
        }
        if ticks < TICKS_PER_DAY {
            ticks += EPOCH_DAYS * TICKS_PER_DAY;
        }
        if ticks < 31_241_376_000_000_000 {
            return Err(Error::overflow("Not a legal OleAut date."));
        }
        let mut milliseconds = (ticks - EPOCH_DAYS * TICKS_PER_DAY) / TICKS_PER_MILLISECOND;
        if milliseconds < 0 {
            let fraction = milliseconds % 86_400_000;
            if fraction != 0 {
                milliseconds -= (86_400_000 + fraction) * 2;
            }
        }
        Ok(milliseconds as f64 / 86_400_000.0)
    }
}

fn unrepresentable(parameter: &'static str) -> Error {
    Error::out_of_range("The added or subtracted value results in an un-representable DateTime.", parameter)
}

impl PartialEq for DateTime {
    fn eq(&self, other: &Self) -> bool {
        self.ticks == other.ticks
    }
}

impl Eq for DateTime {}

impl PartialOrd for DateTime {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for DateTime {
    fn cmp(&self, other: &Self) -> Ordering {
        self.ticks.cmp(&other.ticks)
    }
}

impl Hash for DateTime {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.ticks.hash(state);
    }
}
