//! `System.TimeSpan`: a length of time in ticks.

use super::{TICKS_PER_DAY, TICKS_PER_HOUR, TICKS_PER_MILLISECOND, TICKS_PER_MINUTE, TICKS_PER_SECOND};
use crate::{Error, ErrorKind, Result};

/// A length of time, 100 ns ticks, perhaps negative.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TimeSpan {
    ticks: i64,
}

impl TimeSpan {
    /// `TimeSpan.Zero`.
    pub const ZERO: Self = Self { ticks: 0 };
    /// `TimeSpan.MinValue`.
    pub const MIN: Self = Self { ticks: i64::MIN };
    /// `TimeSpan.MaxValue`.
    pub const MAX: Self = Self { ticks: i64::MAX };

    /// `new TimeSpan(ticks)`.
    pub const fn from_ticks(ticks: i64) -> Self {
        Self { ticks }
    }

    /// `new TimeSpan(days, hours, minutes, seconds, milliseconds)`; each part may be of any size and sign.
    pub fn new(days: i32, hours: i32, minutes: i32, seconds: i32, milliseconds: i32) -> Result<Self> {
        let seconds =
            i128::from(days) * 86_400 + i128::from(hours) * 3600 + i128::from(minutes) * 60 + i128::from(seconds);
        let milliseconds = seconds * 1000 + i128::from(milliseconds);
        let ticks = i64::try_from(milliseconds * i128::from(TICKS_PER_MILLISECOND));
        ticks.map(Self::from_ticks).map_err(|_| {
            Error::new(ErrorKind::ArgumentOutOfRange, "TimeSpan overflowed because the duration is too long.")
        })
    }

    /// `FromDays`: a fraction of a tick is dropped.
    pub fn from_days(value: f64) -> Result<Self> {
        Self::from_units(value, TICKS_PER_DAY)
    }

    /// `FromHours`.
    pub fn from_hours(value: f64) -> Result<Self> {
        Self::from_units(value, TICKS_PER_HOUR)
    }

    /// `FromMinutes`.
    pub fn from_minutes(value: f64) -> Result<Self> {
        Self::from_units(value, TICKS_PER_MINUTE)
    }

    /// `FromSeconds`.
    pub fn from_seconds(value: f64) -> Result<Self> {
        Self::from_units(value, TICKS_PER_SECOND)
    }

    /// `FromMilliseconds`.
    pub fn from_milliseconds(value: f64) -> Result<Self> {
        Self::from_units(value, TICKS_PER_MILLISECOND)
    }

    fn from_units(value: f64, unit: i64) -> Result<Self> {
        if value.is_nan() {
            return Err(Error::new(
                ErrorKind::Argument,
                "TimeSpan does not accept floating point Not-a-Number values.",
            ));
        }
        Self::from_double_ticks(value * unit as f64)
    }

    fn from_double_ticks(ticks: f64) -> Result<Self> {
        if ticks.is_nan() || ticks > i64::MAX as f64 || ticks < i64::MIN as f64 {
            return Err(overflow());
        }
        Ok(Self::from_ticks(ticks as i64)) // saturates where the limit itself was given
    }

    /// `Ticks`.
    pub fn ticks(self) -> i64 {
        self.ticks
    }

    /// `Days`: whole ones, with the span's sign, as all parts have.
    pub fn days(self) -> i32 {
        (self.ticks / TICKS_PER_DAY) as i32
    }

    /// `Hours`, up to 23.
    pub fn hours(self) -> i32 {
        (self.ticks / TICKS_PER_HOUR % 24) as i32
    }

    /// `Minutes`, up to 59.
    pub fn minutes(self) -> i32 {
        (self.ticks / TICKS_PER_MINUTE % 60) as i32
    }

    /// `Seconds`, up to 59.
    pub fn seconds(self) -> i32 {
        (self.ticks / TICKS_PER_SECOND % 60) as i32
    }

    /// `Milliseconds`, up to 999.
    pub fn milliseconds(self) -> i32 {
        (self.ticks / TICKS_PER_MILLISECOND % 1000) as i32
    }

    /// `TotalDays`.
    pub fn total_days(self) -> f64 {
        self.ticks as f64 / TICKS_PER_DAY as f64
    }

    /// `TotalHours`.
    pub fn total_hours(self) -> f64 {
        self.ticks as f64 / TICKS_PER_HOUR as f64
    }

    /// `TotalMinutes`.
    pub fn total_minutes(self) -> f64 {
        self.ticks as f64 / TICKS_PER_MINUTE as f64
    }

    /// `TotalSeconds`.
    pub fn total_seconds(self) -> f64 {
        self.ticks as f64 / TICKS_PER_SECOND as f64
    }

    /// `TotalMilliseconds`, kept within what `from_milliseconds` reads.
    pub fn total_milliseconds(self) -> f64 {
        (self.ticks as f64 / TICKS_PER_MILLISECOND as f64).clamp(-922_337_203_685_477.0, 922_337_203_685_477.0)
    }

    /// `Add`.
    pub fn plus(self, other: Self) -> Result<Self> {
        self.ticks.checked_add(other.ticks).map(Self::from_ticks).ok_or_else(overflow)
    }

    /// `Subtract`.
    pub fn minus(self, other: Self) -> Result<Self> {
        self.ticks.checked_sub(other.ticks).map(Self::from_ticks).ok_or_else(overflow)
    }

    /// `Negate`.
    pub fn negate(self) -> Result<Self> {
        let message = "Negating the minimum value of a twos complement number is invalid.";
        self.ticks.checked_neg().map(Self::from_ticks).ok_or_else(|| Error::overflow(message))
    }

    /// `Duration`: the absolute length.
    pub fn duration(self) -> Result<Self> {
        let message = "The duration cannot be returned for TimeSpan.MinValue because the absolute value of \
                       TimeSpan.MinValue exceeds the value of TimeSpan.MaxValue.";
        self.ticks.checked_abs().map(Self::from_ticks).ok_or_else(|| Error::overflow(message))
    }

    /// `Multiply`: rounded to the even tick.
    pub fn multiply(self, factor: f64) -> Result<Self> {
        if factor.is_nan() {
            return Err(not_a_number("factor"));
        }
        Self::from_double_ticks((self.ticks as f64 * factor).round_ties_even())
    }

    /// `Divide(double)`: rounded to the even tick.
    pub fn divide(self, divisor: f64) -> Result<Self> {
        if divisor.is_nan() {
            return Err(not_a_number("divisor"));
        }
        Self::from_double_ticks((self.ticks as f64 / divisor).round_ties_even())
    }

    /// `Divide(TimeSpan)`.
    pub fn ratio(self, other: Self) -> f64 {
        self.ticks as f64 / other.ticks as f64
    }
}

fn not_a_number(parameter: &'static str) -> Error {
    Error::argument("TimeSpan does not accept floating point Not-a-Number values.", parameter)
}

fn overflow() -> Error {
    Error::overflow("TimeSpan overflowed because the duration is too long.")
}
