//! `TimeSpan.Parse` and `TimeSpan.ParseExact`.

use super::format::{Piece, Pieces, bad_format};
use super::{TICKS_PER_DAY, TICKS_PER_HOUR, TICKS_PER_MINUTE, TICKS_PER_SECOND, TimeSpan};
use crate::{Error, Result};

/// A run of digits with the zeros that led it, which count in a fraction.
#[derive(Clone, Copy, Debug, Default)]
struct Number {
    value: i64,
    zeros: u32,
}

/// `TimeSpan.Parse`: `d`, `h:m`, `h:m:s`, `d.h:m`, `d:h:m:s.f` and what lies between.
pub fn parse_time_span(text: &str) -> Result<TimeSpan> {
    let bad = || Error::format(format!("String '{text}' was not recognized as a valid TimeSpan."));
    let trimmed = text.trim();
    let (negative, body) = match trimmed.strip_prefix('-') {
        Some(body) => (true, body),
        None => (false, trimmed),
    };
    // The seconds before a fraction may be missing.
    let (numbers, separators) = split(&body.replace(":.", ":0."), text)?.ok_or_else(bad)?;
    let at = |index: usize| numbers.get(index).copied().unwrap_or_default();
    let zero = Number::default();
    // Days, hours, minutes, seconds, fraction: each reading of these separators, in .NET's order.
    let readings: &[[Number; 5]] = match separators.as_str() {
        "" => &[[at(0), zero, zero, zero, zero]],
        ":" => &[[zero, at(0), at(1), zero, zero]],
        // Too many hours for a time of day are days: `24:00:00`.
        "::" => &[[zero, at(0), at(1), at(2), zero], [at(0), at(1), at(2), zero, zero]],
        ".:" => &[[at(0), at(1), at(2), zero, zero]],
        "::." => &[[zero, at(0), at(1), at(2), at(3)]],
        ".::" | ":::" => &[[at(0), at(1), at(2), at(3), zero]],
        ".::." | ":::." => &[[at(0), at(1), at(2), at(3), at(4)]],
        _ => return Err(bad()),
    };
    let ticks = readings.iter().find_map(|reading| ticks(negative, reading));
    ticks.map(TimeSpan::from_ticks).ok_or_else(|| overflow(text))
}

fn overflow(text: &str) -> Error {
    Error::overflow(format!(
        "The TimeSpan string '{text}' could not be parsed because at least one of the numeric components is out of range or contains too many digits."
    ))
}

/// The numbers, and the single-character separators between them.
fn split(body: &str, text: &str) -> Result<Option<(Vec<Number>, String)>> {
    let (mut numbers, mut separators) = (Vec::new(), String::new());
    let mut rest = body;
    loop {
        let end = rest.bytes().take_while(u8::is_ascii_digit).count();
        let (digits, after) = rest.split_at(end);
        if digits.is_empty() || numbers.len() == 5 {
            return Ok(None);
        }
        let zeros = digits.bytes().take_while(|b| *b == b'0').count();
        // .NET gives up on a number that needs more than 28 bits.
        let value = match &digits[zeros..] {
            "" => 0,
            digits => digits.parse::<i64>().ok().filter(|v| *v < 1 << 28).ok_or_else(|| overflow(text))?,
        };
        // A zero among the leading ones is the number itself if nothing follows.
        let zeros = if value == 0 { zeros.saturating_sub(1) } else { zeros };
        numbers.push(Number { value, zeros: zeros as u32 });
        let mut chars = after.chars();
        match chars.next() {
            None => return Ok(Some((numbers, separators))),
            Some(separator @ (':' | '.')) => separators.push(separator),
            Some(_) => return Ok(None),
        }
        rest = chars.as_str();
    }
}

fn ticks(negative: bool, [days, hours, minutes, seconds, fraction]: &[Number; 5]) -> Option<i64> {
    if days.value > 10_675_199 || hours.value > 23 || minutes.value > 59 || seconds.value > 59 {
        return None;
    }
    let total = days.value as i128 * TICKS_PER_DAY as i128
        + (hours.value * TICKS_PER_HOUR + minutes.value * TICKS_PER_MINUTE + seconds.value * TICKS_PER_SECOND) as i128
        + fraction_ticks(fraction)? as i128;
    i64::try_from(if negative { -total } else { total }).ok()
}

/// Seven places; more are rounded, but only behind leading zeros.
fn fraction_ticks(fraction: &Number) -> Option<i64> {
    let Number { value, zeros } = *fraction;
    if value == 0 {
        return Some(0);
    }
    if zeros == 0 && value > 9_999_999 {
        return None;
    }
    let digits = value.ilog10() + 1 + zeros;
    if digits <= 7 {
        return Some(value * 10i64.pow(7 - digits));
    }
    let divisor = 10i64.checked_pow(digits - 7)?;
    Some(value / divisor + i64::from(value % divisor * 2 >= divisor))
}

/// `TimeSpan.ParseExact(text, formats)`. `negative` is `TimeSpanStyles.AssumeNegative`, for custom formats.
pub fn parse_time_span_exact(text: &str, formats: &[&str], negative: bool) -> Result<TimeSpan> {
    match formats {
        [] => Err(Error::format("No format specifiers were provided.")),
        [only] => exact(text, only, negative),
        many => many
            .iter()
            .find_map(|format| exact(text, format, negative).ok())
            .ok_or_else(|| Error::format(format!("String '{text}' was not recognized as a valid TimeSpan."))),
    }
}

fn exact(text: &str, format: &str, negative: bool) -> Result<TimeSpan> {
    let bad = || Error::format(format!("String '{text}' was not recognized as a valid TimeSpan."));
    let colons = text.matches(':').count();
    let days_in_points = text.find('.').is_some_and(|point| text[point..].contains(':'));
    let fraction = text.rsplit_once(':').and_then(|(_, seconds)| seconds.split_once('.')).map(|(_, digits)| digits);
    match format {
        // The constant form: days end in a point, hours never turn to days, no more than seven places.
        "c" | "t" | "T" => match parse_time_span(text)? {
            _ if colons == 3 || fraction.is_some_and(|digits| digits.trim_end().len() > 7) => Err(bad()),
            span if colons == 2 && !days_in_points && span.ticks().unsigned_abs() >= TICKS_PER_DAY as u64 => {
                Err(overflow(text))
            }
            span => Ok(span),
        },
        "g" | "G" if days_in_points || (format == "G" && !(colons == 3 && fraction.is_some())) => Err(bad()),
        "g" | "G" => parse_time_span(text),
        "" => Err(bad_format()),
        pattern if pattern.chars().count() == 1 => {
            Err(Error::format(format!("Format specifier '{pattern}' was invalid.")))
        }
        pattern => by_pattern(text, pattern, negative).and_then(|span| span.ok_or_else(bad_format)),
    }
}

fn by_pattern(text: &str, pattern: &str, negative: bool) -> Result<Option<TimeSpan>> {
    let mut rest = text;
    let mut parts = [Number::default(); 5];
    let mut seen = [false; 5];
    for piece in Pieces::new(pattern, "dhmsfF") {
        let (letter, count) = match piece? {
            Piece::Literal(_) => return Err(bad_format()),
            Piece::Quoted(literal) => match rest.strip_prefix(literal.as_str()) {
                Some(after) => {
                    rest = after;
                    continue;
                }
                None => return Ok(None),
            },
            Piece::Field(letter, count) => (letter, count),
        };
        let (slot, limit) = match letter {
            'd' => (0, 8),
            'h' => (1, 2),
            'm' => (2, 2),
            's' => (3, 2),
            _ => (4, 7),
        };
        if count > limit || std::mem::replace(&mut seen[slot], true) {
            return Err(bad_format());
        }
        let (min, max) = match letter {
            'f' => (count, count),
            'F' => (0, count),
            'd' => (count, if count < 2 { 8 } else { count }),
            _ => (count, 2),
        };
        let length = rest.bytes().take(max).take_while(u8::is_ascii_digit).count();
        if length < min {
            return Ok(None);
        }
        let (digits, after) = rest.split_at(length);
        rest = after;
        let zeros = digits.bytes().take_while(|b| *b == b'0').count() as u32;
        parts[slot] = Number { value: digits.parse().unwrap_or(0), zeros };
    }
    if !rest.is_empty() {
        return Err(Error::format(format!("String '{text}' was not recognized as a valid TimeSpan.")));
    }
    ticks(negative, &parts).map(|ticks| Some(TimeSpan::from_ticks(ticks))).ok_or_else(|| overflow(text))
}
