//! Equality and order of values, which convert where types differ.

use std::cmp::Ordering;

use dotformat::{DateTime, compare_invariant};

use crate::{
    Value,
    convert::{Type, Wrong, change, type_of},
};

/// `==`: `empty` and `blank` are questions; lists are equal item by item; other types are converted to each other.
pub(crate) fn equal<'a>(left: &Value<'a>, right: &Value<'a>, now: DateTime) -> bool {
    match (left, right) {
        (Value::Empty, other) | (other, Value::Empty) => is_empty(other),
        (Value::Blank, other) | (other, Value::Blank) => is_blank(other),
        (Value::Nil, other) | (other, Value::Nil) => matches!(other, Value::Nil),
        (object, Value::Str(text)) | (Value::Str(text), object) if object.plain_text().is_some() => {
            object.plain_text().is_some_and(|plain| *plain == **text)
        }
        _ => same(left, right).unwrap_or_else(|| converted(left, right, now)),
    }
}

fn is_empty(value: &Value<'_>) -> bool {
    value.items().is_some_and(|items| items.is_empty())
}

fn is_blank(value: &Value<'_>) -> bool {
    match value {
        Value::Nil | Value::Bool(false) => true,
        Value::Str(text) => text.trim().is_empty(),
        other => is_empty(other),
    }
}

/// Equality of values of one type; `None` where the types differ.
fn same<'a>(left: &Value<'a>, right: &Value<'a>) -> Option<bool> {
    Some(match (left, right) {
        (Value::Bool(left), Value::Bool(right)) => left == right,
        (Value::Int(left), Value::Int(right)) => left == right,
        (Value::Double(left), Value::Double(right)) => left == right,
        (Value::Decimal(left), Value::Decimal(right)) => left == right,
        (Value::Str(left), Value::Str(right)) => left == right,
        (Value::Date(left), Value::Date(right)) => left.ticks() == right.ticks(),
        (Value::DateOffset(left), Value::DateOffset(right)) => left.utc().ticks() == right.utc().ticks(),
        (Value::Pair(left), Value::Pair(right)) => {
            same(&left.0, &right.0).unwrap_or(false) && same(&left.1, &right.1).unwrap_or(false)
        }
        (Value::List(_) | Value::Object(_), Value::List(_) | Value::Object(_)) => {
            let (left, right) = (left.items()?, right.items()?);
            left.len() == right.len() && left.iter().zip(&right).all(|(left, right)| same(left, right).unwrap_or(false))
        }
        _ => return None,
    })
}

/// The right one as the left one's type, or else the other way round.
fn converted<'a>(left: &Value<'a>, right: &Value<'a>, now: DateTime) -> bool {
    let as_left = change(right, type_of(left), now);
    match as_left {
        Ok(right) => same(left, &right).unwrap_or(false),
        Err(_) => change(left, type_of(right), now).is_ok_and(|left| same(&left, right).unwrap_or(false)),
    }
}

/// `<` and its like: the right one is converted to the left one's type.
pub(crate) fn order<'a>(left: &Value<'a>, right: &Value<'a>, now: DateTime) -> Result<Ordering, Wrong> {
    if type_of(left) == Type::Other {
        return Err("At least one object must implement IComparable.".to_owned());
    }
    let right = change(right, type_of(left), now)?;
    Ok(match (left, &right) {
        (Value::Bool(left), Value::Bool(right)) => left.cmp(right),
        (Value::Int(left), Value::Int(right)) => left.cmp(right),
        (Value::Double(left), Value::Double(right)) => left.partial_cmp(right).unwrap_or(Ordering::Less),
        (Value::Decimal(left), Value::Decimal(right)) => left.cmp(right),
        (Value::Str(left), Value::Str(right)) => compare_invariant(left, right, false),
        (Value::Date(left), Value::Date(right)) => left.ticks().cmp(&right.ticks()),
        _ => Ordering::Equal,
    })
}
