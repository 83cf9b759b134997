//! `System.TimeZoneInfo` over the bundled tz database. The local zone is UTC.

use jiff::Timestamp;
use jiff::civil;
use jiff::tz::{AmbiguousOffset, Offset};

use super::{DateTime, DateTimeKind, DateTimeOffset, TICKS_PER_SECOND, TimeSpan, UNIX_EPOCH_TICKS};
use crate::{Error, ErrorKind, Result};

/// A time zone by its IANA name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TimeZone {
    id: String,
    rules: jiff::tz::TimeZone,
}

impl TimeZone {
    /// `TimeZoneInfo.Utc`.
    pub fn utc() -> Self {
        Self { id: "UTC".into(), rules: jiff::tz::TimeZone::UTC }
    }

    /// `TimeZoneInfo.FindSystemTimeZoneById`.
    pub fn find(id: &str) -> Result<Self> {
        if id.eq_ignore_ascii_case("UTC") {
            return Ok(Self::utc());
        }
        let rules = jiff::tz::TimeZoneDatabase::bundled().get(id).map_err(|_| {
            let message = format!("The time zone ID '{id}' was not found on the local computer.");
            Error::new(ErrorKind::TimeZoneNotFound, message)
        })?;
        Ok(Self { id: id.to_owned(), rules })
    }

    /// `Id`.
    pub fn id(&self) -> &str {
        &self.id
    }

    /// `BaseUtcOffset`: the standard offset in force at `now`.
    pub fn base_utc_offset(&self, now: DateTime) -> TimeSpan {
        // Standard time is in force in January or in July, whichever half of the globe it is.
        let year = now.year();
        let at = |month| DateTime::from_date(year, month, 1).map_or(now, |date| date);
        let (january, july) = (self.info(at(1)), self.info(at(7)));
        let standard = if january.dst().is_dst() { july } else { january };
        span(standard.offset())
    }

    fn info(&self, utc: DateTime) -> jiff::tz::TimeZoneOffsetInfo<'_> {
        self.rules.to_offset_info(timestamp(utc))
    }

    /// `GetUtcOffset` of a UTC time.
    pub fn offset_at_utc(&self, utc: DateTime) -> TimeSpan {
        span(self.rules.to_offset(timestamp(utc)))
    }

    /// `GetUtcOffset` of a clock time in this zone: standard time where the clock shows it twice or never.
    pub fn offset_at_clock(&self, clock: DateTime) -> TimeSpan {
        let Some(civil) = civil_time(clock) else { return self.offset_at_utc(clock) };
        span(match self.rules.to_ambiguous_timestamp(civil).offset() {
            AmbiguousOffset::Unambiguous { offset } => offset,
            AmbiguousOffset::Gap { before, .. } => before,
            AmbiguousOffset::Fold { after, .. } => after,
        })
    }

    /// `GetUtcOffset(DateTime)`: UTC and local times are points in time, others are this zone's clock.
    pub fn utc_offset(&self, time: DateTime) -> TimeSpan {
        match time.kind() {
            DateTimeKind::Unspecified => self.offset_at_clock(time),
            DateTimeKind::Utc | DateTimeKind::Local => self.offset_at_utc(time),
        }
    }

    /// `IsInvalidTime`: the clock skips it.
    pub fn is_invalid_time(&self, time: DateTime) -> bool {
        time.kind() == DateTimeKind::Unspecified
            && civil_time(time).is_some_and(|civil| {
                matches!(self.rules.to_ambiguous_timestamp(civil).offset(), AmbiguousOffset::Gap { .. })
            })
    }

    /// `IsAmbiguousTime`: the clock shows it twice.
    pub fn is_ambiguous_time(&self, time: DateTime) -> bool {
        let clock = match time.kind() {
            DateTimeKind::Unspecified => Some(time),
            DateTimeKind::Utc | DateTimeKind::Local => time.checked_add(self.offset_at_utc(time).ticks()),
        };
        clock.and_then(civil_time).is_some_and(|civil| {
            matches!(self.rules.to_ambiguous_timestamp(civil).offset(), AmbiguousOffset::Fold { .. })
        })
    }

    /// `IsDaylightSavingTime(DateTime)`.
    pub fn is_daylight_saving_time(&self, time: DateTime) -> bool {
        if self.is_invalid_time(time) {
            return false;
        }
        let utc = time.checked_add(match time.kind() {
            DateTimeKind::Unspecified => -self.offset_at_clock(time).ticks(),
            DateTimeKind::Utc | DateTimeKind::Local => 0,
        });
        utc.is_some_and(|utc| self.info(utc).dst().is_dst())
    }

    /// `ConvertTimeFromUtc`.
    pub fn from_utc(&self, time: DateTime) -> Result<DateTime> {
        if time.kind() == DateTimeKind::Local {
            return Err(kind_mismatch());
        }
        Ok(self.clock_at(time))
    }

    /// `ConvertTime(DateTime, destination)`: an unspecified time is local, so UTC.
    pub fn convert(&self, time: DateTime) -> DateTime {
        self.clock_at(time)
    }

    fn clock_at(&self, utc: DateTime) -> DateTime {
        let clock = utc.checked_add(self.offset_at_utc(utc).ticks());
        // .NET stops at the ends of its calendar.
        let clock = clock.unwrap_or(if utc < DateTime::UNIX_EPOCH { DateTime::MIN } else { DateTime::MAX });
        clock.with_kind(if self.id == "UTC" { DateTimeKind::Utc } else { DateTimeKind::Unspecified })
    }

    /// `ConvertTimeToUtc(DateTime, source)`.
    pub fn to_utc(&self, time: DateTime) -> Result<DateTime> {
        let is_utc = self.id == "UTC";
        match time.kind() {
            DateTimeKind::Utc if is_utc => return Ok(time),
            DateTimeKind::Utc | DateTimeKind::Local => return Err(kind_mismatch()),
            DateTimeKind::Unspecified if self.is_invalid_time(time) => {
                let message = "The supplied DateTime represents an invalid time.  For example, when the clock is \
                               adjusted forward, any time in the period that is skipped is invalid.";
                return Err(Error::argument(message, "dateTime"));
            }
            DateTimeKind::Unspecified => {}
        }
        let utc = time.checked_add(-self.offset_at_clock(time).ticks());
        let utc = utc.unwrap_or(if time < DateTime::UNIX_EPOCH { DateTime::MIN } else { DateTime::MAX });
        Ok(utc.with_kind(DateTimeKind::Utc))
    }

    /// `ConvertTime(DateTimeOffset, destination)`.
    pub fn convert_offset(&self, time: DateTimeOffset) -> Result<DateTimeOffset> {
        time.to_offset(self.offset_at_utc(time.utc()))
    }
}

fn kind_mismatch() -> Error {
    let message = "The conversion could not be completed because the supplied DateTime did not have the Kind property \
                   set correctly.  For example, when the Kind property is DateTimeKind.Local, the source time zone must \
                   be TimeZoneInfo.Local.";
    Error::argument(message, "sourceTimeZone")
}

fn span(offset: Offset) -> TimeSpan {
    TimeSpan::from_ticks(i64::from(offset.seconds()) * TICKS_PER_SECOND)
}

fn timestamp(utc: DateTime) -> Timestamp {
    let seconds = (utc.ticks() - UNIX_EPOCH_TICKS).div_euclid(TICKS_PER_SECOND);
    Timestamp::from_second(seconds).unwrap_or(if seconds < 0 { Timestamp::MIN } else { Timestamp::MAX })
}

fn civil_time(clock: DateTime) -> Option<civil::DateTime> {
    let part = |value: i32| i8::try_from(value).ok();
    civil::DateTime::new(
        i16::try_from(clock.year()).ok()?,
        part(clock.month())?,
        part(clock.day())?,
        part(clock.hour())?,
        part(clock.minute())?,
        part(clock.second())?,
        0,
    )
    .ok()
}
