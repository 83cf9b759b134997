//! `TimeSpan.ToString(format)`: `c`, `g`, `G` and custom formats.

use super::format::{Piece, Pieces, bad_format, push_digits, push_fraction};
use super::{TICKS_PER_DAY, TICKS_PER_HOUR, TICKS_PER_MINUTE, TICKS_PER_SECOND, TimeSpan};
use crate::Result;

/// The absolute parts of a span.
struct Parts {
    days: i32,
    hours: i32,
    minutes: i32,
    seconds: i32,
    /// Ticks below the second.
    fraction: i64,
}

impl Parts {
    fn of(value: TimeSpan) -> Self {
        let ticks = value.ticks().unsigned_abs();
        let part = |unit: i64, limit: u64| (ticks / unit as u64 % limit) as i32;
        Self {
            days: part(TICKS_PER_DAY, u64::MAX),
            hours: part(TICKS_PER_HOUR, 24),
            minutes: part(TICKS_PER_MINUTE, 60),
            seconds: part(TICKS_PER_SECOND, 60),
            fraction: (ticks % TICKS_PER_SECOND as u64) as i64,
        }
    }
}

/// `TimeSpan.ToString(format)`; an empty format is `c`. A custom format prints no sign.
pub fn format_time_span(value: TimeSpan, format: &str) -> Result<String> {
    let parts = Parts::of(value);
    let Parts { days, hours, minutes, seconds, fraction } = parts;
    let sign = if value.ticks() < 0 { "-" } else { "" };
    Ok(match format {
        "" | "c" | "t" | "T" => {
            let days = if days > 0 { format!("{days}.") } else { String::new() };
            let fraction = if fraction > 0 { format!(".{fraction:07}") } else { String::new() };
            format!("{sign}{days}{hours:02}:{minutes:02}:{seconds:02}{fraction}")
        }
        "g" => {
            let days = if days > 0 { format!("{days}:") } else { String::new() };
            let fraction = format!(".{fraction:07}");
            let fraction = fraction.trim_end_matches('0').trim_end_matches('.');
            format!("{sign}{days}{hours}:{minutes:02}:{seconds:02}{fraction}")
        }
        "G" => format!("{sign}{days}:{hours:02}:{minutes:02}:{seconds:02}.{fraction:07}"),
        format if format.chars().count() == 1 => return Err(bad_format()),
        pattern => custom(&parts, pattern)?,
    })
}

fn custom(parts: &Parts, pattern: &str) -> Result<String> {
    let mut out = String::new();
    for piece in Pieces::new(pattern, "dhmsfF") {
        match piece? {
            // Only quoted or escaped characters may stand between the parts.
            Piece::Literal(_) => return Err(bad_format()),
            Piece::Quoted(text) => out.push_str(&text),
            Piece::Field('d', count @ 1..=8) => push_digits(&mut out, parts.days, count),
            Piece::Field('h', count @ 1..=2) => push_digits(&mut out, parts.hours, count),
            Piece::Field('m', count @ 1..=2) => push_digits(&mut out, parts.minutes, count),
            Piece::Field('s', count @ 1..=2) => push_digits(&mut out, parts.seconds, count),
            Piece::Field('f', count) => push_fraction(&mut out, parts.fraction, 'f', count)?,
            Piece::Field('F', count) => {
                // The point before stays: it is a literal here.
                let mut digits = String::new();
                push_fraction(&mut digits, parts.fraction, 'F', count)?;
                out.push_str(&digits);
            }
            Piece::Field(..) => return Err(bad_format()),
        }
    }
    Ok(out)
}
