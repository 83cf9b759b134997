//! `System.Linq`.

mod enumerable;
mod grouping;
pub(crate) mod order;
mod sequence;
mod streams;
mod terminal;

use std::cmp::Ordering;

use csharp::{Cx, Result, Value, exception, surface::TypeDef, value::Key};

pub(crate) use sequence::{lazy, sequence};

/// One line per type.
pub(crate) const TYPES: &[&TypeDef] = &[&enumerable::DEF, &grouping::GROUPING, &grouping::LOOKUP, &order::ORDERED];

/// What stands for an item where `comparer` says which are equal; null compares as `Equals` does.
pub(crate) fn key_by(comparer: &Value, item: &Value) -> Key {
    match item {
        Value::Str(text) if crate::system::ignores_case(comparer) => {
            Key(Value::str(dotformat::to_upper_invariant(&text.to_text())))
        }
        _ => Key(item.clone()),
    }
}

/// The order of a type's own `CompareTo`.
pub(crate) fn default_order(left: &Value, right: &Value) -> Result<Ordering> {
    left.compare(right).ok_or_else(|| {
        let cause = exception::Exception::new(&exception::ARGUMENT, "At least one object must implement IComparable.");
        let message = "Failed to compare two elements in the array.";
        exception::raise_with(&exception::INVALID_OPERATION, message, Value::object(cause))
    })
}

/// A stable sort whose comparison may fail and need not be consistent: it is written by whoever wrote the policy.
pub(crate) fn sort(
    cx: &mut Cx<'_>,
    items: Vec<Value>,
    mut order: impl FnMut(&mut Cx<'_>, &Value, &Value) -> Result<Ordering>,
) -> Result<Vec<Value>> {
    let mut runs: Vec<Vec<Value>> = items.into_iter().map(|item| vec![item]).collect();
    while runs.len() > 1 {
        let mut merged = Vec::with_capacity(runs.len().div_ceil(2));
        let mut pairs = runs.into_iter();
        while let Some(left) = pairs.next() {
            merged.push(match pairs.next() {
                Some(right) => merge(cx, left, right, &mut order)?,
                None => left,
            });
        }
        runs = merged;
    }
    Ok(runs.pop().unwrap_or_default())
}

fn merge(
    cx: &mut Cx<'_>,
    left: Vec<Value>,
    right: Vec<Value>,
    order: &mut impl FnMut(&mut Cx<'_>, &Value, &Value) -> Result<Ordering>,
) -> Result<Vec<Value>> {
    let mut out = Vec::with_capacity(left.len() + right.len());
    let (mut left, mut right) = (left.into_iter().peekable(), right.into_iter().peekable());
    while let (Some(first), Some(second)) = (left.peek(), right.peek()) {
        cx.meter.step()?;
        let from_right = order(cx, first, second)? == Ordering::Greater;
        out.extend(if from_right { right.next() } else { left.next() });
    }
    out.extend(left);
    out.extend(right);
    Ok(out)
}
