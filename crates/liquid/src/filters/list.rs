//! Filters that take a list.

use std::cmp::Ordering;

use dotformat::compare_ordinal_ignore_case;

use super::{Arguments, Filter};
use crate::{
    Value,
    compare::{equal, order},
    convert::{class, text, type_of},
    render::{Run, Stop},
};

pub(crate) fn apply<'a>(
    filter: Filter,
    input: &Value<'a>,
    arguments: &Arguments<'_, 'a>,
    run: &mut Run<'_, 'a>,
) -> Result<Value<'a>, Stop> {
    match (filter, input) {
        (Filter::Size, Value::Str(text)) => return Ok(Value::Int(text.encode_utf16().count() as i64)),
        (Filter::Size, _) => return Ok(Value::Int(input.items().map_or(0, |items| items.len() as i64))),
        (_, Value::Nil) => return Ok(Value::Nil),
        (Filter::Slice, Value::Str(text)) => return slice_text(text, arguments),
        _ => {}
    }
    let items = match (filter, input.items()) {
        // These take one value for a list of it.
        (Filter::Sort | Filter::Uniq | Filter::Compact, _) => {
            let mut flat = Vec::new();
            flatten(input, &mut flat);
            flat
        }
        (_, Some(items)) => items,
        (Filter::Slice, None) => return Ok(input.clone()),
        (_, None) => {
            return Err(format!("Invalid cast from '{}' to 'System.Collections.IEnumerable'.", class(input)).into());
        }
    };
    run.step(items.len())?;
    Ok(match filter {
        Filter::First => items.into_iter().next().unwrap_or(Value::Nil),
        Filter::Last => items.into_iter().next_back().unwrap_or(Value::Nil),
        Filter::Join => {
            let texts: Vec<_> = items.iter().map(text).collect();
            Value::str(texts.join(&arguments.text_or(0, " ")?))
        }
        Filter::Map => {
            let property = arguments.text(0, "property")?;
            Value::list(items.iter().map(|item| item.member(&property).unwrap_or(Value::Nil)).collect())
        }
        Filter::Slice => slice(items, arguments)?,
        Filter::Sort => sort(items, &arguments.text_or(0, "")?, run)?,
        Filter::Uniq => {
            let mut unique: Vec<Value<'a>> = Vec::new();
            for item in items {
                run.step(unique.len())?;
                let known = |other: &Value<'a>| type_of(other) == type_of(&item) && equal(other, &item, run.now);
                if !unique.iter().any(known) {
                    unique.push(item);
                }
            }
            Value::list(unique)
        }
        Filter::Compact => Value::list(items.into_iter().filter(|item| !matches!(item, Value::Nil)).collect()),
        _ => input.clone(),
    })
}

/// Lists in lists become one; dictionaries stay.
fn flatten<'a>(value: &Value<'a>, out: &mut Vec<Value<'a>>) {
    match value {
        Value::List(items) => items.iter().for_each(|item| flatten(item, out)),
        Value::Object(object) => match object.items() {
            Some(items) if !items.iter().any(|item| matches!(item, Value::Pair(_))) => {
                for item in &items {
                    flatten(item, out);
                }
            }
            _ => out.push(value.clone()),
        },
        other => out.push(other.clone()),
    }
}

fn sort<'a>(mut items: Vec<Value<'a>>, property: &str, run: &mut Run<'_, 'a>) -> Result<Value<'a>, Stop> {
    let depth = items.len().checked_ilog2().unwrap_or_default() as usize;
    run.step(items.len().saturating_mul(depth))?;
    let key = |item: &Value<'a>| match property {
        "" => item.clone(),
        property => item.member(property).unwrap_or(Value::Nil),
    };
    let mut keyed: Vec<_> = items.drain(..).map(|item| (key(&item), item)).collect();
    let mut wrong = None;
    keyed.sort_by(|(left, _), (right, _)| match (left, right) {
        (Value::Nil, Value::Nil) => Ordering::Equal,
        (Value::Nil, _) => Ordering::Less,
        (_, Value::Nil) => Ordering::Greater,
        (Value::Str(left), Value::Str(right)) => compare_ordinal_ignore_case(left, right),
        _ if type_of(left) == type_of(right) => order(left, right, run.now).unwrap_or_else(|message| {
            wrong = Some(message);
            Ordering::Equal
        }),
        _ => {
            wrong = Some(format!("Object must be of type {}.", class(left).trim_start_matches("System.")));
            Ordering::Equal
        }
    });
    match wrong {
        Some(wrong) => Err(wrong.into()),
        None => Ok(Value::list(keyed.into_iter().map(|(_, item)| item).collect())),
    }
}

/// A part of a text, in UTF-16 units; a negative start counts from the end.
fn slice_text<'a>(text: &str, arguments: &Arguments<'_, 'a>) -> Result<Value<'a>, Stop> {
    let units: Vec<u16> = text.encode_utf16().collect();
    let size = units.len() as i64;
    arguments.required(0, "offset")?;
    let (mut start, mut length) = (arguments.integer_or(0, 0)?, arguments.integer_or(1, 1)?);
    if start > size {
        return Ok(Value::Nil);
    }
    if start < 0 {
        start = start.saturating_add(size);
        if start < 0 {
            length = length.saturating_add(start).max(0);
            start = 0;
        }
    }
    let length = length.min(size - start);
    let end = start.checked_add(length).filter(|_| length >= 0);
    let part = end.and_then(|end| units.get(start as usize..end as usize));
    match part {
        Some(part) => Ok(Value::str(String::from_utf16_lossy(part))),
        None => Err("Length cannot be less than zero. (Parameter 'length')".to_owned().into()),
    }
}

fn slice<'a>(items: Vec<Value<'a>>, arguments: &Arguments<'_, 'a>) -> Result<Value<'a>, Stop> {
    arguments.required(0, "offset")?;
    let (offset, length) = (arguments.integer_or(0, 0)?, arguments.integer_or(1, 1)?);
    let size = items.len() as i64;
    let (skip, take) = match offset {
        0.. => (offset, length),
        _ if offset.saturating_abs() < size => (size + offset, length),
        _ => (0, size.saturating_add(offset).saturating_add(length)),
    };
    let (skip, take) = (usize::try_from(skip).unwrap_or_default(), usize::try_from(take).unwrap_or_default());
    Ok(Value::list(items.into_iter().skip(skip).take(take).collect()))
}
