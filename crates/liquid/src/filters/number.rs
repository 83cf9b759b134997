//! Filters that compute. Integers stay integers; where a fraction takes part, both are decimals.

use dotformat::{
    MidpointRounding, NumberStyles, decimal_add, decimal_div, decimal_mul, decimal_rem, decimal_round, decimal_sub,
    format_decimal, parse_decimal, parse_double,
};

use super::{Arguments, Filter};
use crate::{
    Value,
    convert::{Wrong, decimal, double, integer, text, wrong},
    render::{Run, Stop},
};

pub(crate) fn of_one<'a>(filter: Filter, input: &Value<'a>, arguments: &Arguments<'_, 'a>) -> Result<Value<'a>, Wrong> {
    if filter == Filter::Round {
        return Ok(round(input, arguments).map_or(Value::Nil, Value::Decimal));
    }
    if matches!(input, Value::Nil) {
        return Err("Object reference not set to an instance of an object.".to_owned());
    }
    let real = |value: &Value<'_>| parse_double(&text(value), NumberStyles::NUMBER).ok();
    Ok(match filter {
        Filter::Abs => Value::Double(real(input).map_or(0.0, f64::abs)),
        Filter::AtLeast | Filter::AtMost => {
            let bound = arguments.required(0, if filter == Filter::AtLeast { "atLeast" } else { "atMost" })?;
            match (real(input), real(bound)) {
                (Some(value), Some(bound)) if filter == Filter::AtLeast => Value::Double(value.max(bound)),
                (Some(value), Some(bound)) => Value::Double(value.min(bound)),
                _ => input.clone(),
            }
        }
        _ => match parse_decimal(&text(input), NumberStyles::ANY) {
            Ok(value) => Value::Decimal(if filter == Filter::Ceil { value.ceil() } else { value.floor() }),
            Err(_) => Value::Nil,
        },
    })
}

/// Halves go to the even digit. What is no number gives nothing.
fn round(input: &Value<'_>, arguments: &Arguments<'_, '_>) -> Option<rust_decimal::Decimal> {
    let places = match arguments.optional(0) {
        None | Some(Value::Nil) => 0,
        Some(places) => i32::try_from(integer(places).ok()?).ok()?,
    };
    decimal_round(decimal(input).ok()?, places, MidpointRounding::ToEven).ok()
}

pub(crate) fn of_two<'a>(
    filter: Filter,
    input: Value<'a>,
    arguments: &Arguments<'_, 'a>,
    run: &mut Run<'_, 'a>,
) -> Result<Value<'a>, Stop> {
    let operand = arguments.required(0, "operand")?;
    match (filter, &input, operand) {
        // A text is not added to, but lengthened.
        (Filter::Plus, Value::Str(left), right) => return Ok(Value::str(format!("{left}{}", text(right)))),
        (Filter::Times, Value::Str(text), Value::Int(count)) => {
            let count = usize::try_from(*count).map_err(|_| {
                "Specified argument was out of the range of valid values. (Parameter 'count')".to_owned()
            })?;
            run.spend(text.len().saturating_mul(count))?;
            run.step(count)?;
            return Ok(Value::list(vec![input.clone(); count]));
        }
        (_, Value::Nil, _) | (_, _, Value::Nil) => return Ok(Value::Nil),
        _ => {}
    }
    let is_real = |value: &Value<'_>| matches!(value, Value::Double(_) | Value::Decimal(_));
    if is_real(&input) || is_real(operand) {
        return Ok(reals(filter, &input, operand)?);
    }
    let (Value::Int(left), Value::Int(right)) = (&input, operand) else {
        return Err("Argument is not numeric".to_owned().into());
    };
    let by_zero = || "Attempted to divide by zero.".to_owned();
    let overflow = || "Arithmetic operation resulted in an overflow.".to_owned();
    let result = match filter {
        Filter::Plus => left.checked_add(*right),
        Filter::Minus => left.checked_sub(*right),
        Filter::Times => left.checked_mul(*right),
        Filter::DividedBy if *right == 0 => return Err(by_zero().into()),
        Filter::DividedBy => left.checked_div(*right),
        _ if *right == 0 => return Err(by_zero().into()),
        _ => left.checked_rem(*right),
    };
    Ok(Value::Int(result.ok_or_else(overflow)?))
}

/// As decimals, or as doubles where decimals cannot.
fn reals<'a>(filter: Filter, left: &Value<'a>, right: &Value<'a>) -> Result<Value<'a>, Wrong> {
    let (Ok(a), Ok(b)) = (decimal(left), decimal(right)) else {
        return Ok(Value::Double(doubles(filter, double(left)?, double(right)?)));
    };
    let result = match filter {
        Filter::Plus => decimal_add(a, b),
        Filter::Minus => decimal_sub(a, b),
        Filter::Times => decimal_mul(a, b),
        Filter::DividedBy => decimal_div(a, b),
        _ => decimal_rem(a, b),
    };
    match result {
        Ok(value) => Ok(Value::Decimal(value)),
        Err(_) => Ok(Value::Double(doubles(filter, double(left)?, double(right)?))),
    }
}

fn doubles(filter: Filter, left: f64, right: f64) -> f64 {
    match filter {
        Filter::Plus => left + right,
        Filter::Minus => left - right,
        Filter::Times => left * right,
        Filter::DividedBy => left / right,
        _ => left % right,
    }
}

/// Currencies of cultures: sign, whether it leads, group and decimal separators, digits behind the comma.
const CULTURES: &[(&str, &str, bool, &str, &str, usize)] = &[
    ("en-US", "$", true, ",", ".", 2),
    ("en-CA", "$", true, ",", ".", 2),
    ("en-AU", "$", true, ",", ".", 2),
    ("en-GB", "£", true, ",", ".", 2),
    ("en-IE", "€", true, ",", ".", 2),
    ("de-DE", "€", false, ".", ",", 2),
    ("es-ES", "€", false, ".", ",", 2),
    ("it-IT", "€", false, ".", ",", 2),
    ("fr-FR", "€", false, "\u{202f}", ",", 2),
    ("sv-SE", "kr", false, "\u{a0}", ",", 2),
    ("da-DK", "kr.", false, ".", ",", 2),
    ("pl-PL", "zł", false, "\u{a0}", ",", 2),
    ("ja-JP", "¥", true, ",", ".", 0),
];

/// `Currency`: the invariant culture's unless the argument names another.
pub(crate) fn currency<'a>(input: &Value<'a>, arguments: &Arguments<'_, 'a>) -> Result<Value<'a>, Wrong> {
    if matches!(input, Value::Nil) {
        return Ok(Value::Nil);
    }
    let amount = match input {
        Value::Double(_) | Value::Decimal(_) => decimal(input)?,
        other => match parse_decimal(&text(other), NumberStyles::CURRENCY) {
            Ok(amount) => amount,
            Err(_) => return Ok(Value::str(text(other))),
        },
    };
    let name = arguments.text_or(0, "")?;
    let name = name.trim();
    if name.is_empty() {
        return format_decimal(amount, "C").map(Value::str).map_err(wrong);
    }
    let Some((_, sign, leads, group, point, digits)) = CULTURES.iter().find(|row| row.0.eq_ignore_ascii_case(name))
    else {
        return Err(format!("Culture is not supported. (Parameter 'name') {name} is an invalid culture identifier."));
    };
    let plain = format_decimal(amount.abs(), &format!("N{digits}")).map_err(wrong)?;
    let plain: String = plain
        .chars()
        .map(|c| match c {
            ',' => (*group).to_owned(),
            '.' => (*point).to_owned(),
            c => c.to_string(),
        })
        .collect();
    let minus = if amount.is_sign_negative() && !amount.is_zero() { "-" } else { "" };
    Ok(Value::str(if *leads { format!("{minus}{sign}{plain}") } else { format!("{minus}{plain}\u{a0}{sign}") }))
}
