//! `System.DateTimeOffset`: a point in time with the clock's distance to UTC.

use std::cmp::Ordering;
use std::hash::{Hash, Hasher};

use super::TICKS_PER_MILLISECOND;
use super::{DateTime, DateTimeKind, TICKS_PER_HOUR, TICKS_PER_MINUTE, TICKS_PER_SECOND, TimeSpan, UNIX_EPOCH_TICKS};
use crate::{Error, Result};

/// A point in time and the offset it is told in. Comparison looks at the point in time alone.
#[derive(Clone, Copy, Debug, Default)]
pub struct DateTimeOffset {
    utc: DateTime,
    offset: TimeSpan,
}

impl DateTimeOffset {
    /// `new DateTimeOffset(dateTime, offset)` for the clock time of an unspecified kind.
    pub fn new(clock: DateTime, offset: TimeSpan) -> Result<Self> {
        let offset = valid_offset(offset)?;
        let utc = clock.checked_add(-offset.ticks()).ok_or_else(|| {
            let message = "The UTC time represented when the offset is applied must be between year 0 and 10,000.";
            Error::out_of_range(message, "offset")
        })?;
        Ok(Self { utc: utc.with_kind(DateTimeKind::Unspecified), offset })
    }

    /// `new DateTimeOffset(dateTime)`: every kind has offset zero, the local zone being UTC.
    pub fn from_date_time(value: DateTime) -> Self {
        Self { utc: value.with_kind(DateTimeKind::Unspecified), offset: TimeSpan::ZERO }
    }

    /// `FromUnixTimeSeconds`.
    pub fn from_unix_seconds(seconds: i64) -> Result<Self> {
        if !(-62_135_596_800..=253_402_300_799).contains(&seconds) {
            let message = "Valid values are between -62135596800 and 253402300799, inclusive.";
            return Err(Error::out_of_range(message, "seconds"));
        }
        Ok(Self::from_utc_ticks(seconds * TICKS_PER_SECOND + UNIX_EPOCH_TICKS))
    }

    /// `FromUnixTimeMilliseconds`.
    pub fn from_unix_milliseconds(milliseconds: i64) -> Result<Self> {
        if !(-62_135_596_800_000..=253_402_300_799_999).contains(&milliseconds) {
            let message = "Valid values are between -62135596800000 and 253402300799999, inclusive.";
            return Err(Error::out_of_range(message, "milliseconds"));
        }
        Ok(Self::from_utc_ticks(milliseconds * TICKS_PER_MILLISECOND + UNIX_EPOCH_TICKS))
    }

    fn from_utc_ticks(ticks: i64) -> Self {
        let utc = DateTime::from_ticks(ticks, DateTimeKind::Unspecified).unwrap_or_default();
        Self { utc, offset: TimeSpan::ZERO }
    }

    /// `DateTime`: the clock time, unspecified.
    pub fn clock(self) -> DateTime {
        // The constructor checked that the clock time exists.
        self.utc.checked_add(self.offset.ticks()).unwrap_or(self.utc)
    }

    /// `UtcDateTime`.
    pub fn utc(self) -> DateTime {
        self.utc.with_kind(DateTimeKind::Utc)
    }

    /// `LocalDateTime`.
    pub fn local(self) -> DateTime {
        self.utc.with_kind(DateTimeKind::Local)
    }

    /// `Offset`.
    pub fn offset(self) -> TimeSpan {
        self.offset
    }

    /// `ToOffset`.
    pub fn to_offset(self, offset: TimeSpan) -> Result<Self> {
        let offset = valid_offset(offset)?;
        self.utc.checked_add(offset.ticks()).map(|_| Self { utc: self.utc, offset }).ok_or_else(|| {
            Error::out_of_range(
                "The UTC time represented when the offset is applied must be between year 0 and 10,000.",
                "offset",
            )
        })
    }

    /// `ToUniversalTime` and `ToLocalTime`.
    pub fn to_universal_time(self) -> Self {
        Self { offset: TimeSpan::ZERO, ..self }
    }

    /// The result of `change` on the clock time, with the same offset: `AddDays` and its like.
    pub fn map_clock(self, change: impl FnOnce(DateTime) -> Result<DateTime>) -> Result<Self> {
        Self::new(change(self.clock())?, self.offset)
    }

    /// `Subtract(DateTimeOffset)`.
    pub fn since(self, other: Self) -> TimeSpan {
        self.utc.since(other.utc)
    }

    /// `ToUnixTimeSeconds`, rounded down.
    pub fn to_unix_seconds(self) -> i64 {
        (self.utc.ticks() - UNIX_EPOCH_TICKS).div_euclid(TICKS_PER_SECOND)
    }

    /// `ToUnixTimeMilliseconds`, rounded down.
    pub fn to_unix_milliseconds(self) -> i64 {
        (self.utc.ticks() - UNIX_EPOCH_TICKS).div_euclid(TICKS_PER_MILLISECOND)
    }

    /// `EqualsExact`: same time and same offset.
    pub fn equals_exact(self, other: Self) -> bool {
        self == other && self.offset == other.offset
    }
}

/// Whole minutes, at most fourteen hours.
fn valid_offset(offset: TimeSpan) -> Result<TimeSpan> {
    if offset.ticks() % TICKS_PER_MINUTE != 0 {
        return Err(Error::argument("Offset must be specified in whole minutes.", "offset"));
    }
    if offset.ticks().unsigned_abs() > 14 * TICKS_PER_HOUR as u64 {
        return Err(Error::out_of_range("Offset must be within plus or minus 14 hours.", "offset"));
    }
    Ok(offset)
}

impl PartialEq for DateTimeOffset {
    fn eq(&self, other: &Self) -> bool {
        self.utc == other.utc
    }
}

impl Eq for DateTimeOffset {}

impl PartialOrd for DateTimeOffset {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for DateTimeOffset {
    fn cmp(&self, other: &Self) -> Ordering {
        self.utc.cmp(&other.utc)
    }
}

impl Hash for DateTimeOffset {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.utc.hash(state);
    }
}
