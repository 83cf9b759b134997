//! Equality and order of tokens: `JToken.DeepEquals`, `JValue.CompareTo`.

use num_bigint::BigInt;
use num_traits::FromPrimitive;
use std::cmp::Ordering;

use crate::convert::{Integral, to_boolean, to_date, to_decimal, to_double, to_integer};
use crate::error::{Error, Result};
use crate::grove::Id;
use crate::token::{Content, JToken, JTokenType, Node};
use crate::value::Value;

impl JToken {
    /// `JToken.DeepEquals`: the order of properties does not matter.
    pub fn deep_equals(&self, other: &JToken) -> bool {
        self.read(|a, left| other.read(|b, right| deep_equals(a, left, b, right)))
    }

    /// `JValue.CompareTo`.
    pub fn compare_to(&self, other: &JToken) -> Result<Ordering> {
        match (self.as_value(), other.as_value()) {
            (Some(a), Some(b)) => compare_values(&a, &b),
            _ => Err(Error::argument("Object is not of type JValue.")),
        }
    }
}

fn deep_equals(a: &[Node], left: Id, b: &[Node], right: Id) -> bool {
    let mut pending = vec![(left, right)];
    while let Some((left, right)) = pending.pop() {
        let (x, y) = (&a[left as usize], &b[right as usize]);
        if x.children().len() != y.children().len() {
            return false;
        }
        match (&x.content, &y.content) {
            (Content::Value(x), Content::Value(y)) => {
                if !values_equal(x, y) {
                    return false;
                }
                continue;
            }
            (Content::Object(x), Content::Object(y)) => {
                for id in x.ids() {
                    let name = a[*id as usize].name().unwrap_or_default();
                    match y.find(b, name) {
                        Some(twin) => pending.push((*id, twin)),
                        None => return false,
                    }
                }
                continue;
            }
            (Content::Property(x, _), Content::Property(y, _)) if x == y => {}
            (Content::Constructor(x, _), Content::Constructor(y, _)) if x == y => {}
            (Content::Array(_), Content::Array(_)) => {}
            _ => return false,
        }
        pending.extend(x.children().iter().copied().zip(y.children().iter().copied()));
    }
    true
}

/// `JValue.ValuesEquals`.
pub(crate) fn values_equal(a: &Value, b: &Value) -> bool {
    a.kind() == b.kind() && compare(a.kind(), a, b).is_ok_and(|order| order == Ordering::Equal)
}

/// `JValue.CompareTo`: a text is compared as what the other is.
pub(crate) fn compare_values(a: &Value, b: &Value) -> Result<Ordering> {
    let kind = if a.kind() == JTokenType::String { b.kind() } else { a.kind() };
    compare(kind, a, b)
}

/// `JValue.Compare`: both as values of type `kind`.
pub(crate) fn compare(kind: JTokenType, a: &Value, b: &Value) -> Result<Ordering> {
    match (a.is_null(), b.is_null()) {
        (true, true) => return Ok(Ordering::Equal),
        (false, true) => return Ok(Ordering::Greater),
        (true, false) => return Ok(Ordering::Less),
        (false, false) => {}
    }
    let either = |test: fn(&Value) -> bool| test(a) || test(b);
    match kind {
        JTokenType::Integer | JTokenType::Float => {
            if either(|v| matches!(v, Value::BigInteger(_))) {
                compare_big(a, b)
            } else if either(|v| matches!(v, Value::Decimal(_))) {
                Ok(to_decimal(a)?.cmp(&to_decimal(b)?))
            } else if kind == JTokenType::Float || either(|v| v.kind() == JTokenType::Float) {
                Ok(compare_double(to_double(a)?, to_double(b)?))
            } else {
                Ok(to_integer(a, Integral::Int64)?.cmp(&to_integer(b, Integral::Int64)?))
            }
        }
        JTokenType::Boolean => Ok(to_boolean(a)?.cmp(&to_boolean(b)?)),
        JTokenType::Date => match (a, b) {
            (Value::DateOffset(x), Value::DateOffset(y)) => Ok(x.utc_ticks().cmp(&y.utc_ticks())),
            _ => Ok(to_date(a)?.ticks.cmp(&to_date(b)?.ticks)),
        },
        JTokenType::Bytes => match (a, b) {
            (Value::Bytes(x), Value::Bytes(y)) => Ok(x.len().cmp(&y.len()).then_with(|| x.cmp(y))),
            _ => Err(Error::argument("Object must be of type byte[].")),
        },
        JTokenType::Guid => match (a, b) {
            (Value::Guid(x), Value::Guid(y)) => Ok(x.cmp(y)),
            _ => Err(Error::argument("Object must be of type Guid.")),
        },
        JTokenType::TimeSpan => match (a, b) {
            (Value::TimeSpan(x), Value::TimeSpan(y)) => Ok(x.cmp(y)),
            _ => Err(Error::argument("Object must be of type TimeSpan.")),
        },
        // Ordinal comparison goes by UTF-16 units.
        _ => Ok(a.display().encode_utf16().cmp(b.display().encode_utf16())),
    }
}

fn compare_big(a: &Value, b: &Value) -> Result<Ordering> {
    let big = |value: &Value| match value {
        Value::BigInteger(n) => Ok((**n).clone()),
        Value::Float(_) | Value::Single(_) | Value::Decimal(_) => {
            BigInt::from_f64(to_double(value)?.trunc()).ok_or_else(|| Error::operation("The number is not finite."))
        }
        other => to_integer(other, Integral::Int64).map(BigInt::from),
    };
    Ok(big(a)?.cmp(&big(b)?))
}

/// Doubles that differ by rounding only count as equal.
fn compare_double(a: f64, b: f64) -> Ordering {
    let tolerance = (a.abs() + b.abs() + 10.0) * f64::EPSILON;
    if a == b || (-tolerance < a - b && a - b < tolerance) {
        return Ordering::Equal;
    }
    // NaN comes before every number.
    a.partial_cmp(&b).unwrap_or_else(|| b.is_nan().cmp(&a.is_nan()))
}
