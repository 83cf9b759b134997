//! `(int)element`, `(string)attribute`: the text of an element or attribute as a built-in type.

use csharp::{Args, Cx, Result, Value, exception};

use super::node::Node;
use crate::json::foreign;

/// The conversions of a class, and its other rows.
macro_rules! with_casts {
    ($class:literal, $param:literal, [$($row:expr),* $(,)?]) => {
        $crate::xml::cast::with_casts!(@rows $class, $param, [$($row),*],
            "bool" "System.Boolean", "int" "System.Int32", "uint" "System.UInt32", "long" "System.Int64", "ulong" "System.UInt64",
            "float" "System.Single", "double" "System.Double", "decimal" "System.Decimal", "DateTime" "System.DateTime",
            "DateTimeOffset" "System.DateTimeOffset", "TimeSpan" "System.TimeSpan", "Guid" "System.Guid")
    };
    (@rows $class:literal, $param:literal, [$($row:expr),*], $($keyword:literal $name:literal),*) => {
        &[
            $($row,)*
            csharp::surface::reads(concat!("static explicit operator string(", $class, " ", $param, ")"), $crate::xml::cast::string, "The text; null stays null."),
            $(
                csharp::surface::reads(
                    concat!("static explicit operator ", $keyword, "(", $class, " ", $param, ")"),
                    |cx, args| $crate::xml::cast::required(cx, &args, $name, $param),
                    "The text as this type.",
                ),
                csharp::surface::reads(
                    concat!("static explicit operator ", $keyword, "?(", $class, " ", $param, ")"),
                    |cx, args| $crate::xml::cast::optional(cx, &args, $name),
                    "The text as this type; null stays null.",
                ),
            )*
        ]
    };
}

pub(super) use with_casts;

pub(super) fn string(_cx: &mut Cx<'_>, args: Args<'_>) -> Result<Value> {
    Ok(args.object::<Node>(0).map_or(Value::Null, |node| Value::str(&*node.0.value())))
}

pub(super) fn required(cx: &mut Cx<'_>, args: &Args<'_>, name: &str, param: &str) -> Result<Value> {
    let node = args.object_or::<Node>(0, param)?;
    of_text(cx, &node.0.value(), name)
}

pub(super) fn optional(cx: &mut Cx<'_>, args: &Args<'_>, name: &str) -> Result<Value> {
    match args.object::<Node>(0) {
        Some(node) => of_text(cx, &node.0.value(), name),
        None => Ok(Value::Null),
    }
}

/// As `XmlConvert` reads it: white space around does not matter.
fn of_text(cx: &mut Cx<'_>, text: &str, name: &str) -> Result<Value> {
    let text = text.trim();
    match (name, text) {
        ("System.Boolean", _) => match text.to_lowercase().as_str() {
            "true" | "1" => Ok(Value::Bool(true)),
            "false" | "0" => Ok(Value::Bool(false)),
            other => Err(exception::format(format!("The string '{other}' is not a valid Boolean value."))),
        },
        ("System.Double", "INF") => Ok(Value::Double(f64::INFINITY)),
        ("System.Double", "-INF") => Ok(Value::Double(f64::NEG_INFINITY)),
        ("System.Single", "INF") => Ok(Value::Float(f32::INFINITY)),
        ("System.Single", "-INF") => Ok(Value::Float(f32::NEG_INFINITY)),
        ("System.DateTime", _) => match json::parse_json_date(text) {
            Some(date) => Ok(foreign::date_time(cx, date)),
            None => foreign::made_of(cx, name, text.to_owned()),
        },
        ("System.TimeSpan", _) => match ticks(text) {
            Some(ticks) => Ok(foreign::word(cx, name, ticks as u64)),
            None => Err(exception::format(format!("The string '{text}' is not a valid TimeSpan value."))),
        },
        _ => foreign::made_of(cx, name, text.to_owned()),
    }
}

/// Reads `-P1Y2M3DT4H5M6.7S`; a year counts 365 days and a month 30, as in .NET.
fn ticks(text: &str) -> Option<i64> {
    let (sign, rest) = text.strip_prefix('-').map_or((1, text), |rest| (-1, rest));
    let rest = rest.strip_prefix('P')?;
    let (date, time) = rest.split_once('T').map_or((rest, None), |(date, time)| (date, Some(time)));
    if time == Some("") || (date.is_empty() && time.is_none()) {
        return None;
    }
    let day = 864_000_000_000;
    let dates = parts(date, &[('Y', 365 * day), ('M', 30 * day), ('D', day)])?;
    let times = parts(time.unwrap_or(""), &[('H', 36_000_000_000), ('M', 600_000_000), ('S', 10_000_000)])?;
    dates.checked_add(times)?.checked_mul(sign)
}

/// Numbers with units, each unit at most once and in order; only seconds have a fraction.
fn parts(mut text: &str, units: &[(char, i64)]) -> Option<i64> {
    let mut sum = 0i64;
    for (unit, size) in units {
        let Some((number, rest)) = text.split_once(*unit) else { continue };
        let (whole, fraction) = number.split_once('.').map_or((number, ""), |(whole, fraction)| (whole, fraction));
        if !fraction.is_empty() && *unit != 'S' || !fraction.bytes().all(|byte| byte.is_ascii_digit()) {
            return None;
        }
        sum = sum.checked_add(whole.parse::<u32>().ok().map(i64::from)?.checked_mul(*size)?)?;
        let digits: String = fraction.chars().chain("0000000".chars()).take(7).collect();
        sum = sum.checked_add(digits.parse().ok()?)?;
        text = rest;
    }
    text.is_empty().then_some(sum)
}
