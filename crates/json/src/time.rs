//! Dates as .NET keeps them (ticks of 100 ns since 0001-01-01) and the two notations JSON has for them.

/// Ticks of one second.
pub(crate) const SECOND: i64 = 10_000_000;
const MINUTE: i64 = 60 * SECOND;
const HOUR: i64 = 60 * MINUTE;
const DAY: i64 = 24 * HOUR;
/// `DateTime.MaxValue.Ticks`.
const MAX_TICKS: i64 = 3_155_378_975_999_999_999;
/// 1970-01-01 in ticks.
const UNIX_EPOCH: i64 = 621_355_968_000_000_000;

/// `System.DateTimeKind`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DateKind {
    /// No zone was given.
    Unspecified,
    /// UTC.
    Utc,
    /// The machine's zone, which is UTC on a gateway.
    Local,
}

/// `System.DateTime`. Two are equal when their ticks are, whatever the kind.
#[derive(Clone, Copy, Debug)]
pub struct DateTime {
    /// Units of 100 ns since 0001-01-01T00:00:00.
    pub ticks: i64,
    /// What the clock reading refers to.
    pub kind: DateKind,
}

/// `System.DateTimeOffset`.
#[derive(Clone, Copy, Debug)]
pub struct DateTimeOffset {
    /// The clock reading (not UTC) in units of 100 ns since 0001-01-01T00:00:00.
    pub ticks: i64,
    /// Minutes ahead of UTC.
    pub offset: i16,
}

impl DateTimeOffset {
    /// The instant in UTC ticks.
    pub fn utc_ticks(self) -> i64 {
        self.ticks - i64::from(self.offset) * MINUTE
    }
}

impl DateTime {
    /// ISO 8601 as Newtonsoft writes it: the fraction only if there is one, `Z` or an offset by kind.
    pub fn iso(self) -> String {
        let mut out = iso_clock(self.ticks);
        out.push_str(match self.kind {
            DateKind::Unspecified => "",
            DateKind::Utc => "Z",
            DateKind::Local => "+00:00",
        });
        out
    }

    /// `DateTime.ToString()` under the invariant culture.
    pub fn invariant(self) -> String {
        invariant_clock(self.ticks)
    }
}

impl DateTimeOffset {
    /// ISO 8601 with the offset.
    pub fn iso(self) -> String {
        iso_clock(self.ticks) + &offset_text(self.offset)
    }

    /// `DateTimeOffset.ToString()` under the invariant culture.
    pub fn invariant(self) -> String {
        format!("{} {}", invariant_clock(self.ticks), offset_text(self.offset))
    }
}

fn offset_text(minutes: i16) -> String {
    let sign = if minutes < 0 { '-' } else { '+' };
    let minutes = minutes.unsigned_abs();
    format!("{sign}{:02}:{:02}", minutes / 60, minutes % 60)
}

fn iso_clock(ticks: i64) -> String {
    let (year, month, day) = civil(ticks);
    let (hour, minute, second) = clock(ticks);
    let mut out = format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}");
    let fraction = ticks.rem_euclid(SECOND);
    if fraction != 0 {
        out.push_str(format!(".{fraction:07}").trim_end_matches('0'));
    }
    out
}

fn invariant_clock(ticks: i64) -> String {
    let (year, month, day) = civil(ticks);
    let (hour, minute, second) = clock(ticks);
    format!("{month:02}/{day:02}/{year:04} {hour:02}:{minute:02}:{second:02}")
}

/// `TimeSpan.ToString()`, the constant format `[-][d.]hh:mm:ss[.fffffff]`.
pub fn format_time_span(ticks: i64) -> String {
    let sign = if ticks < 0 { "-" } else { "" };
    let ticks = ticks.unsigned_abs();
    let (day, second) = (DAY as u64, SECOND as u64);
    let (days, rest) = (ticks / day, ticks % day);
    let seconds = rest / second;
    let mut out = String::from(sign);
    if days != 0 {
        out.push_str(&format!("{days}."));
    }
    out.push_str(&format!("{:02}:{:02}:{:02}", seconds / 3600, seconds / 60 % 60, seconds % 60));
    if rest % second != 0 {
        out.push_str(&format!(".{:07}", rest % second));
    }
    out
}

/// Reads a constant-format time span.
pub(crate) fn parse_time_span(text: &str) -> Option<i64> {
    let text = text.trim();
    let (negative, text) = text.strip_prefix('-').map_or((false, text), |t| (true, t));
    let (clock, fraction) = match text.rsplit_once('.') {
        Some((head, tail)) if head.contains(':') => (head, Some(tail)),
        _ => (text, None),
    };
    let (days, clock) = match clock.split_once('.') {
        Some((days, clock)) => (digits(days)?, Some(clock)),
        None if !clock.contains(':') => (digits(clock)?, None),
        None => (0, Some(clock)),
    };
    let mut parts = [0i64; 3];
    for (slot, part) in parts.iter_mut().zip(clock.unwrap_or("0:0").split(':')) {
        *slot = digits(part)?;
    }
    let [hours, minutes, seconds] = parts;
    if clock.is_some_and(|c| c.split(':').count() > 3) || hours > 23 || minutes > 59 || seconds > 59 {
        return None;
    }
    let fraction = match fraction {
        Some(f) if f.len() <= 7 => digits(f)? * 10i64.pow(7 - f.len() as u32),
        Some(_) => return None,
        None => 0,
    };
    let ticks = days.checked_mul(DAY)?.checked_add(hours * HOUR + minutes * MINUTE + seconds * SECOND + fraction)?;
    Some(if negative { -ticks } else { ticks })
}

fn digits(text: &str) -> Option<i64> {
    let all_digits = !text.is_empty() && text.len() <= 8 && text.bytes().all(|b| b.is_ascii_digit());
    all_digits.then(|| text.parse().ok()).flatten()
}

/// Reads a text the way the reader decides whether it is a date: ISO 8601 with a time, or `/Date(ms)/`.
pub fn parse_json_date(text: &str) -> Option<DateTime> {
    let bytes = text.as_bytes();
    match bytes {
        [b'/', ..] => microsoft(text),
        [first, ..] if (19..=40).contains(&bytes.len()) && first.is_ascii_digit() && bytes.get(10) == Some(&b'T') => {
            let (ticks, zone) = iso(bytes)?;
            Some(zone.apply(ticks))
        }
        _ => None,
    }
}

/// The same for a `DateTimeOffset`, where the offset is kept.
pub(crate) fn parse_json_offset(text: &str) -> Option<DateTimeOffset> {
    let bytes = text.as_bytes();
    if bytes.get(10) != Some(&b'T') || bytes.len() > 40 {
        return None;
    }
    let (ticks, zone) = iso(bytes)?;
    let offset = match zone {
        Zone::None | Zone::Utc => 0,
        Zone::Offset(minutes) => i16::try_from(minutes).ok()?,
    };
    Some(DateTimeOffset { ticks, offset })
}

/// `yyyy-MM-dd` alone or with a time: what an explicit conversion of a text accepts besides the reader's forms.
pub(crate) fn parse_plain_date(text: &str) -> Option<DateTime> {
    let text = text.trim();
    if text.len() == 10 && text.is_ascii() {
        return parse_json_date(&format!("{text}T00:00:00"));
    }
    if text.len() >= 19 && text.is_ascii() && text.as_bytes().get(10) == Some(&b' ') {
        return parse_json_date(&format!("{}T{}", text.get(..10)?, text.get(11..)?));
    }
    parse_json_date(text)
}

enum Zone {
    None,
    Utc,
    Offset(i64),
}

impl Zone {
    fn apply(self, ticks: i64) -> DateTime {
        match self {
            Zone::None => DateTime { ticks, kind: DateKind::Unspecified },
            Zone::Utc => DateTime { ticks, kind: DateKind::Utc },
            // The instant in the machine's zone, which is UTC.
            Zone::Offset(minutes) => {
                DateTime { ticks: (ticks - minutes * MINUTE).clamp(0, MAX_TICKS), kind: DateKind::Local }
            }
        }
    }
}

fn number(bytes: &[u8], at: usize, count: usize) -> Option<i64> {
    bytes
        .get(at..at + count)?
        .iter()
        .try_fold(0i64, |sum, b| b.is_ascii_digit().then(|| sum * 10 + i64::from(b - b'0')))
}

fn iso(bytes: &[u8]) -> Option<(i64, Zone)> {
    let is = |at: usize, byte: u8| bytes.get(at) == Some(&byte);
    let (year, month, day) = (number(bytes, 0, 4)?, number(bytes, 5, 2)?, number(bytes, 8, 2)?);
    let (hour, minute, second) = (number(bytes, 11, 2)?, number(bytes, 14, 2)?, number(bytes, 17, 2)?);
    let separated = is(4, b'-') && is(7, b'-') && is(10, b'T') && is(13, b':') && is(16, b':');
    let in_range = year >= 1 && (1..=12).contains(&month) && day >= 1 && day <= days_in_month(year, month);
    if !separated || !in_range || hour > 24 || minute > 59 || second > 59 || (hour == 24 && minute + second > 0) {
        return None;
    }
    let mut at = 19;
    let mut fraction = 0;
    if is(at, b'.') {
        let mut count = 0;
        at += 1;
        while count < 7 && bytes.get(at).is_some_and(u8::is_ascii_digit) {
            fraction = fraction * 10 + i64::from(bytes.get(at)? - b'0');
            count += 1;
            at += 1;
        }
        if count == 0 {
            return None;
        }
        fraction *= 10i64.pow(7 - count);
        if hour == 24 && fraction != 0 {
            return None;
        }
    }
    let zone = zone(bytes, at)?;
    let ticks = days(year, month, day) * DAY + hour * HOUR + minute * MINUTE + second * SECOND + fraction;
    (ticks <= MAX_TICKS).then_some((ticks, zone))
}

fn zone(bytes: &[u8], mut at: usize) -> Option<Zone> {
    let zone = match bytes.get(at) {
        None => return Some(Zone::None),
        Some(b'Z' | b'z') => {
            at += 1;
            Zone::Utc
        }
        Some(sign @ (b'+' | b'-')) => {
            let mut minutes = number(bytes, at + 1, 2)? * 60;
            at += 3;
            if bytes.get(at) == Some(&b':') {
                at += 1;
            }
            if let Some(more) = number(bytes, at, 2) {
                minutes += more;
                at += 2;
            }
            Zone::Offset(if *sign == b'-' { -minutes } else { minutes })
        }
        Some(_) => return None,
    };
    (at == bytes.len()).then_some(zone)
}

fn microsoft(text: &str) -> Option<DateTime> {
    let inner = text.strip_prefix("/Date(")?.strip_suffix(")/")?;
    let sign = inner.get(1..)?.find(['+', '-']).map(|i| i + 1);
    let (milliseconds, kind) = match sign {
        None => (inner, DateKind::Utc),
        Some(at) => {
            let offset = inner.get(at + 1..)?;
            let valid = offset.len() >= 2 && offset.bytes().all(|b| b.is_ascii_digit());
            (valid.then(|| inner.get(..at)).flatten()?, DateKind::Local)
        }
    };
    let ticks = milliseconds.parse::<i64>().ok()?.checked_mul(10_000)?.checked_add(UNIX_EPOCH)?;
    (0..=MAX_TICKS).contains(&ticks).then_some(DateTime { ticks, kind })
}

fn leap(year: i64) -> bool {
    year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
}

fn days_in_month(year: i64, month: i64) -> i64 {
    match month {
        2 => 28 + i64::from(leap(year)),
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

/// Days from 0001-01-01.
fn days(year: i64, month: i64, day: i64) -> i64 {
    let before = year - 1;
    let months: i64 = (1..month).map(|m| days_in_month(year, m)).sum();
    before * 365 + before / 4 - before / 100 + before / 400 + months + day - 1
}

fn civil(ticks: i64) -> (i64, i64, i64) {
    // Counting from 1 March makes the leap day the last of the year (0000-03-01 is 306 days before 0001-01-01).
    let shifted = ticks.div_euclid(DAY) + 306;
    let era = shifted.div_euclid(146_097);
    let day_of_era = shifted.rem_euclid(146_097);
    let year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let index = (5 * day_of_year + 2) / 153;
    let month = if index < 10 { index + 3 } else { index - 9 };
    (era * 400 + year_of_era + i64::from(month <= 2), month, day_of_year - (153 * index + 2) / 5 + 1)
}

fn clock(ticks: i64) -> (i64, i64, i64) {
    let of_day = ticks.rem_euclid(DAY);
    (of_day / HOUR, of_day / MINUTE % 60, of_day / SECOND % 60)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn iso_of(text: &str) -> Option<String> {
        parse_json_date(text).map(DateTime::iso)
    }

    #[test]
    fn texts_with_a_time_are_dates() {
        for (text, iso) in [
            ("2024-03-05T14:07:09Z", "2024-03-05T14:07:09Z"),
            ("/Date(1234567890000)/", "2009-02-13T23:31:30Z"),
            ("/Date(1234567890000+0200)/", "2009-02-13T23:31:30+00:00"),
            ("2024-03-05T14:07:09+02:00", "2024-03-05T12:07:09+00:00"),
            ("2024-03-05T14:07:09.1234567", "2024-03-05T14:07:09.1234567"),
            ("2024-03-05T24:00:00Z", "2024-03-06T00:00:00Z"),
            ("0001-01-01T00:00:00", "0001-01-01T00:00:00"),
            ("9999-12-31T23:59:59.9999999", "9999-12-31T23:59:59.9999999"),
            ("2024-02-29T00:00:00", "2024-02-29T00:00:00"),
        ] {
            assert_eq!(iso_of(text).as_deref(), Some(iso), "{text}");
        }
    }

    #[test]
    fn other_texts_are_not() {
        for text in
            ["2024-03-05", "2024-03-05T14:07", "2024-03-05T14:07:09.12Z ", "2023-02-29T00:00:00", "/Date(x)/", "/"]
        {
            assert!(iso_of(text).is_none(), "{text}");
        }
    }

    #[test]
    fn time_spans_have_the_constant_format() {
        assert_eq!(format_time_span(DAY + 2 * HOUR + 3 * MINUTE + 4 * SECOND + 50_000), "1.02:03:04.0050000");
        for text in ["01:00:00", "1.02:03:04.0050000", "-00:00:01"] {
            assert_eq!(parse_time_span(text).map(format_time_span).as_deref(), Some(text));
        }
    }
}
