//! `DateTime`, `DateTimeOffset`, `TimeSpan` and time zones. The local zone is UTC, the culture invariant.

mod calendar;
mod date_time;
mod exact;
mod format;
mod lenient;
mod offset;
mod outcome;
mod span;
mod span_format;
mod span_parse;
mod styles;
#[cfg(test)]
mod tests;
mod zone;

pub use calendar::{days_in_month, is_leap_year};
pub use date_time::{DateTime, DateTimeKind};
pub use format::{DateFormat, format_date_time, format_date_time_offset};
pub use offset::DateTimeOffset;
pub use outcome::{parse_date_time, parse_date_time_exact, parse_date_time_offset, parse_date_time_offset_exact};
pub use span::TimeSpan;
pub use span_format::format_time_span;
pub use span_parse::{parse_time_span, parse_time_span_exact};
pub use styles::DateTimeStyles;
pub use zone::TimeZone;

/// Ticks (100 ns) in a millisecond.
pub const TICKS_PER_MILLISECOND: i64 = 10_000;
/// Ticks in a second.
pub const TICKS_PER_SECOND: i64 = 10_000_000;
/// Ticks in a minute.
pub const TICKS_PER_MINUTE: i64 = 60 * TICKS_PER_SECOND;
/// Ticks in an hour.
pub const TICKS_PER_HOUR: i64 = 60 * TICKS_PER_MINUTE;
/// Ticks in a day.
pub const TICKS_PER_DAY: i64 = 24 * TICKS_PER_HOUR;
/// `DateTime` ticks of 1970-01-01.
pub const UNIX_EPOCH_TICKS: i64 = 621_355_968_000_000_000;

const MONTHS: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];
const WEEKDAYS: [&str; 7] = ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"];
