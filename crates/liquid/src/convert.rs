//! Texts and numbers of values, as `ToString` and `Convert.ChangeType` give them under the invariant culture.

use dotformat::{
    DateTime, DateTimeStyles, MidpointRounding, NumberStyles, bool_to_string, decimal_round, decimal_to_double,
    double_to_decimal, double_to_string, format_date_time, format_date_time_offset, format_decimal, parse_bool,
    parse_date_time, parse_decimal, parse_double,
};
use rust_decimal::{Decimal, prelude::ToPrimitive};

use crate::Value;

/// Why a value could not be had; becomes `Liquid error: …`.
pub(crate) type Wrong = String;

pub(crate) fn wrong(error: dotformat::Error) -> Wrong {
    error.message.into_owned()
}

/// `ToString()`.
pub(crate) fn text(value: &Value<'_>) -> String {
    match value {
        Value::Bool(value) => bool_to_string(*value).to_owned(),
        Value::Decimal(value) => value.to_string(),
        Value::Pair(pair) => format!("[{}, {}]", text(&pair.0), text(&pair.1)),
        other => shown(other),
    }
}

/// What `{{ }}` prints.
pub(crate) fn shown(value: &Value<'_>) -> String {
    match value {
        Value::Nil | Value::Empty | Value::Blank => String::new(),
        Value::Bool(value) => if *value { "true" } else { "false" }.to_owned(),
        Value::Int(value) => value.to_string(),
        Value::Double(value) => double_to_string(*value),
        // At most 29 places, without zeros at the end.
        Value::Decimal(value) => {
            format_decimal(*value, "0.#############################").unwrap_or_else(|_| value.to_string())
        }
        Value::Str(text) => text.to_string(),
        Value::Date(date) => format_date_time(*date, "").unwrap_or_default(),
        Value::DateOffset(date) => format_date_time_offset(*date, "").unwrap_or_default(),
        Value::List(items) => items.iter().map(text).collect(),
        Value::Pair(_) => text(value),
        Value::Object(object) => {
            object.text().unwrap_or_else(|| object.items().into_iter().flatten().map(|item| text(&item)).collect())
        }
    }
}

/// The types that values are converted to.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Type {
    Bool,
    Int,
    Double,
    Decimal,
    Text,
    Date,
    Other,
}

pub(crate) fn type_of(value: &Value<'_>) -> Type {
    match value {
        Value::Bool(_) => Type::Bool,
        Value::Int(_) => Type::Int,
        Value::Double(_) => Type::Double,
        Value::Decimal(_) => Type::Decimal,
        Value::Str(_) => Type::Text,
        Value::Date(_) => Type::Date,
        _ => Type::Other,
    }
}

/// `Convert.ChangeType`.
pub(crate) fn change<'a>(value: &Value<'a>, to: Type, now: DateTime) -> Result<Value<'a>, Wrong> {
    if type_of(value) == to {
        return Ok(value.clone());
    }
    let invalid = || "Invalid cast.".to_owned();
    Ok(match to {
        Type::Text => Value::str(text_argument(value)?),
        Type::Bool => Value::Bool(match value {
            Value::Str(text) => parse_bool(text).map_err(wrong)?,
            Value::Int(value) => *value != 0,
            Value::Double(value) => *value != 0.0,
            Value::Decimal(value) => !value.is_zero(),
            _ => return Err(invalid()),
        }),
        Type::Int => Value::Int(integer(value)?),
        Type::Double => Value::Double(double(value)?),
        Type::Decimal => Value::Decimal(decimal(value)?),
        Type::Date => match value {
            Value::Str(text) => Value::Date(parse_date_time(text, DateTimeStyles::NONE, now).map_err(wrong)?),
            _ => return Err(invalid()),
        },
        Type::Other => return Err(invalid()),
    })
}

/// A value where a filter takes a `string`.
pub(crate) fn text_argument(value: &Value<'_>) -> Result<String, Wrong> {
    match type_of(value) {
        _ if value.plain_text().is_some() => Ok(value.plain_text().unwrap_or_default()),
        Type::Other if !matches!(value, Value::Nil) => {
            Err(format!("Object of type '{}' cannot be converted to type 'System.String'.", class(value)))
        }
        _ => Ok(text(value)),
    }
}

/// `Convert.ToInt64`: halves go to the even number.
pub(crate) fn integer(value: &Value<'_>) -> Result<i64, Wrong> {
    let overflow = || "Value was either too large or too small for an Int64.".to_owned();
    match value {
        Value::Nil => Ok(0),
        Value::Bool(value) => Ok(i64::from(*value)),
        Value::Int(value) => Ok(*value),
        Value::Double(value) => {
            let rounded = value.round_ties_even();
            let fits = (-9.223_372_036_854_775e18..=9.223_372_036_854_775e18).contains(&rounded);
            if fits { Ok(rounded as i64) } else { Err(overflow()) }
        }
        Value::Decimal(value) => {
            let rounded = decimal_round(*value, 0, MidpointRounding::ToEven).map_err(wrong)?;
            rounded.to_i64().ok_or_else(overflow)
        }
        Value::Str(text) => dotformat::parse_integer(text, NumberStyles::INTEGER, dotformat::IntType::Int64)
            .map(|value| value as i64)
            .map_err(wrong),
        other => Err(not_convertible(other)),
    }
}

/// `Convert.ToDouble`.
pub(crate) fn double(value: &Value<'_>) -> Result<f64, Wrong> {
    match value {
        Value::Nil => Ok(0.0),
        Value::Bool(value) => Ok(f64::from(u8::from(*value))),
        Value::Int(value) => Ok(*value as f64),
        Value::Double(value) => Ok(*value),
        Value::Decimal(value) => Ok(decimal_to_double(*value)),
        Value::Str(text) => parse_double(text, NumberStyles::FLOAT_AND_THOUSANDS).map_err(wrong),
        other => Err(not_convertible(other)),
    }
}

/// `Convert.ToDecimal`.
pub(crate) fn decimal(value: &Value<'_>) -> Result<Decimal, Wrong> {
    match value {
        Value::Nil => Ok(Decimal::ZERO),
        Value::Bool(value) => Ok(Decimal::from(u8::from(*value))),
        Value::Int(value) => Ok(Decimal::from(*value)),
        Value::Double(value) => double_to_decimal(*value).map_err(wrong),
        Value::Decimal(value) => Ok(*value),
        Value::Str(text) => parse_decimal(text, NumberStyles::NUMBER).map_err(wrong),
        other => Err(not_convertible(other)),
    }
}

fn not_convertible(value: &Value<'_>) -> Wrong {
    match value {
        Value::Date(_) => "Invalid cast from 'DateTime'.".to_owned(),
        _ => "Object must implement IConvertible.".to_owned(),
    }
}

/// A name for a message.
pub(crate) fn class(value: &Value<'_>) -> &'static str {
    match value {
        Value::Nil => "null",
        Value::Bool(_) => "System.Boolean",
        Value::Int(_) => "System.Int64",
        Value::Double(_) => "System.Double",
        Value::Decimal(_) => "System.Decimal",
        Value::Str(_) => "System.String",
        Value::Date(_) => "System.DateTime",
        Value::DateOffset(_) => "System.DateTimeOffset",
        Value::List(_) => "System.Object[]",
        Value::Pair(_) => "System.Collections.Generic.KeyValuePair",
        Value::Object(_) => "DotLiquid.Hash",
        Value::Empty | Value::Blank => "DotLiquid.Util.Symbol",
    }
}
