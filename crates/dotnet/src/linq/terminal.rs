//! The methods of `Enumerable` that run at once and give a value.

use csharp::{
    Args, Cx, Prim, Raise, Result, Ty, Value, exception,
    value::{Array, Collection},
};

use super::key_by;
use crate::{
    collections::{Dictionary, List},
    system::Pieces,
};

fn empty() -> Raise {
    exception::invalid_operation("Sequence contains no elements")
}

fn nothing(args: &Args<'_>) -> Raise {
    exception::invalid_operation(if args.len() > 1 {
        "Sequence contains no matching element"
    } else {
        "Sequence contains no elements"
    })
}

/// The items of an array, which need no enumeration, where there is no predicate.
fn array<'a>(args: &'a Args<'_>) -> Option<&'a Array> {
    args.object(0).filter(|_| args.len() == 1)
}

/// Hands the items on, those that match if there is a predicate, until `sink` has enough.
fn each(cx: &mut Cx<'_>, args: &Args<'_>, mut sink: impl FnMut(Value) -> bool) -> Result<()> {
    let predicate = if args.len() > 1 { Some(args.some(1, "predicate")?) } else { None };
    let mut iter = cx.iterate(args.some(0, "source")?)?;
    while let Some(item) = iter.next(cx)? {
        cx.meter.step()?;
        let fits = match predicate {
            Some(predicate) => cx.test(predicate, &mut [item.clone()])?,
            None => true,
        };
        if fits && sink(item) {
            break;
        }
    }
    Ok(())
}

/// The first item that matches.
fn head(cx: &mut Cx<'_>, args: &Args<'_>) -> Result<Option<Value>> {
    let mut found = None;
    each(cx, args, |item| {
        found = Some(item);
        true
    })?;
    Ok(found)
}

/// The last item that matches.
fn tail(cx: &mut Cx<'_>, args: &Args<'_>) -> Result<Option<Value>> {
    let mut found = None;
    each(cx, args, |item| {
        found = Some(item);
        false
    })?;
    Ok(found)
}

fn default(args: &Args<'_>) -> Value {
    Value::default_of(args.ty(0))
}

pub(super) fn first(cx: &mut Cx<'_>, args: Args<'_>) -> Result<Value> {
    if let Some(array) = array(&args) {
        return array.item(0).ok_or_else(empty);
    }
    head(cx, &args)?.ok_or_else(|| nothing(&args))
}

pub(super) fn first_or_default(cx: &mut Cx<'_>, args: Args<'_>) -> Result<Value> {
    if let Some(array) = array(&args) {
        return Ok(array.item(0).unwrap_or_else(|| default(&args)));
    }
    Ok(head(cx, &args)?.unwrap_or_else(|| default(&args)))
}

/// The last item of an array.
fn end(array: &Array) -> Option<Value> {
    array.count().checked_sub(1).and_then(|at| array.item(at))
}

/// Pieces of a text, which have their last at hand, where there is no predicate.
fn pieces<'a>(args: &'a Args<'_>) -> Option<&'a Pieces> {
    args.object(0).filter(|_| args.len() == 1)
}

pub(super) fn last(cx: &mut Cx<'_>, args: Args<'_>) -> Result<Value> {
    if let Some(pieces) = pieces(&args) {
        return pieces.last().ok_or_else(empty);
    }
    if let Some(array) = array(&args) {
        return end(array).ok_or_else(empty);
    }
    tail(cx, &args)?.ok_or_else(|| nothing(&args))
}

pub(super) fn last_or_default(cx: &mut Cx<'_>, args: Args<'_>) -> Result<Value> {
    if let Some(pieces) = pieces(&args) {
        return Ok(pieces.last().unwrap_or_else(|| default(&args)));
    }
    if let Some(array) = array(&args) {
        return Ok(end(array).unwrap_or_else(|| default(&args)));
    }
    Ok(tail(cx, &args)?.unwrap_or_else(|| default(&args)))
}

fn only(cx: &mut Cx<'_>, args: &Args<'_>) -> Result<Option<Value>> {
    let (mut found, mut more) = (None, false);
    each(cx, args, |item| {
        more = found.is_some();
        found.get_or_insert(item);
        more
    })?;
    if more {
        let text = if args.len() > 1 {
            "Sequence contains more than one matching element"
        } else {
            "Sequence contains more than one element"
        };
        return Err(exception::invalid_operation(text));
    }
    Ok(found)
}

pub(super) fn single(cx: &mut Cx<'_>, args: Args<'_>) -> Result<Value> {
    only(cx, &args)?.ok_or_else(|| nothing(&args))
}

pub(super) fn single_or_default(cx: &mut Cx<'_>, args: Args<'_>) -> Result<Value> {
    Ok(only(cx, &args)?.unwrap_or_else(|| default(&args)))
}

fn at(cx: &mut Cx<'_>, args: &Args<'_>) -> Result<Option<Value>> {
    let Ok(index) = usize::try_from(args.int(1)) else { return Ok(None) };
    let mut iter = cx.iterate(args.some(0, "source")?)?;
    for _ in 0..index {
        cx.meter.step()?;
        if iter.next(cx)?.is_none() {
            return Ok(None);
        }
    }
    iter.next(cx)
}

pub(super) fn element_at(cx: &mut Cx<'_>, args: Args<'_>) -> Result<Value> {
    let text = "Index was out of range. Must be non-negative and less than the size of the collection.";
    at(cx, &args)?.ok_or_else(|| exception::out_of_range(text, "index"))
}

pub(super) fn element_at_or_default(cx: &mut Cx<'_>, args: Args<'_>) -> Result<Value> {
    Ok(at(cx, &args)?.unwrap_or_else(|| default(&args)))
}

pub(super) fn any(cx: &mut Cx<'_>, args: Args<'_>) -> Result<Value> {
    Ok(Value::Bool(head(cx, &args)?.is_some()))
}

pub(super) fn all(cx: &mut Cx<'_>, args: Args<'_>) -> Result<Value> {
    let predicate = args.some(1, "predicate")?;
    let mut iter = cx.iterate(args.some(0, "source")?)?;
    while let Some(item) = iter.next(cx)? {
        cx.meter.step()?;
        if !cx.test(predicate, &mut [item])? {
            return Ok(Value::Bool(false));
        }
    }
    Ok(Value::Bool(true))
}

fn total(cx: &mut Cx<'_>, args: &Args<'_>) -> Result<i64> {
    let mut count = 0;
    each(cx, args, |_| {
        count += 1;
        false
    })?;
    Ok(count)
}

pub(super) fn count(cx: &mut Cx<'_>, args: Args<'_>) -> Result<Value> {
    Ok(Value::Int(total(cx, &args)? as i32))
}

pub(super) fn long_count(cx: &mut Cx<'_>, args: Args<'_>) -> Result<Value> {
    Ok(Value::Long(total(cx, &args)?))
}

pub(super) fn contains(cx: &mut Cx<'_>, args: Args<'_>) -> Result<Value> {
    let mut iter = cx.iterate(args.some(0, "source")?)?;
    if args.value(2).is_null() {
        while let Some(item) = iter.next(cx)? {
            cx.meter.step()?;
            if item.equals(args.value(1)) {
                return Ok(Value::Bool(true));
            }
        }
        return Ok(Value::Bool(false));
    }
    let sought = key_by(args.value(2), args.value(1));
    while let Some(item) = iter.next(cx)? {
        cx.meter.step()?;
        if key_by(args.value(2), &item) == sought {
            return Ok(Value::Bool(true));
        }
    }
    Ok(Value::Bool(false))
}

pub(super) fn sequence_equal(cx: &mut Cx<'_>, args: Args<'_>) -> Result<Value> {
    let (left, right) = (cx.collect(args.some(0, "first")?)?, cx.collect(args.some(1, "second")?)?);
    let keys = |items: &[Value]| items.iter().map(|item| key_by(args.value(2), item)).collect::<Vec<_>>();
    Ok(Value::Bool(keys(&left) == keys(&right)))
}

pub(super) fn aggregate(cx: &mut Cx<'_>, args: Args<'_>) -> Result<Value> {
    let func = args.some(1, "func")?;
    let mut items = cx.collect(args.some(0, "source")?)?.into_iter();
    let mut state = items.next().ok_or_else(empty)?;
    for item in items {
        state = cx.call(func, &mut [state, item])?;
    }
    Ok(state)
}

pub(super) fn aggregate_seed(cx: &mut Cx<'_>, mut args: Args<'_>) -> Result<Value> {
    let mut state = args.take(1);
    let func = args.some(2, "func")?;
    for item in cx.collect(args.some(0, "source")?)? {
        state = cx.call(func, &mut [state, item])?;
    }
    Ok(state)
}

pub(super) fn aggregate_result(cx: &mut Cx<'_>, mut args: Args<'_>) -> Result<Value> {
    let result = args.some(3, "resultSelector")?.clone();
    args.set(3, Value::Null);
    let state = aggregate_seed(cx, args)?;
    cx.call(&result, &mut [state])
}

pub(super) fn to_array(cx: &mut Cx<'_>, args: Args<'_>) -> Result<Value> {
    let items = cx.collect(args.some(0, "source")?)?;
    Ok(Value::array(args.ty(0).clone(), items))
}

pub(super) fn to_list(cx: &mut Cx<'_>, args: Args<'_>) -> Result<Value> {
    let items = cx.collect(args.some(0, "source")?)?;
    Ok(List::value(args.ty(0).clone(), items))
}

pub(super) fn to_dictionary(cx: &mut Cx<'_>, args: Args<'_>) -> Result<Value> {
    let keys = args.some(1, "keySelector")?;
    let element = if args.types().len() > 2 { Some(args.some(2, "elementSelector")?) } else { None };
    let comparer = args.value(if element.is_some() { 3 } else { 2 });
    let mut pairs: Vec<(Value, Value)> = Vec::new();
    let mut seen = std::collections::HashSet::new();
    for item in cx.collect(args.some(0, "source")?)? {
        let key = cx.call(keys, &mut [item.clone()])?;
        if key.is_null() {
            return Err(exception::argument_null("key"));
        }
        if !seen.insert(key_by(comparer, &key)) {
            let text = cx.text(&key)?;
            return Err(exception::argument(
                &format!("An item with the same key has already been added. Key: {text}"),
                "",
            ));
        }
        let value = match element {
            Some(element) => cx.call(element, &mut [item])?,
            None => item,
        };
        pairs.push((key, value));
    }
    let value_ty = args.ty(if element.is_some() { 2 } else { 0 }).clone();
    let make = if crate::system::ignores_case(comparer) { Dictionary::ignoring_case } else { Dictionary::of };
    Ok(make(args.ty(1).clone(), value_ty, pairs))
}

/// The items, or what a selector makes of them; nulls left out.
fn selected(cx: &mut Cx<'_>, args: &Args<'_>) -> Result<Vec<Value>> {
    let mut items = cx.collect(args.some(0, "source")?)?;
    if args.len() > 1 {
        let selector = args.some(1, "selector")?;
        for item in &mut items {
            cx.meter.step()?;
            *item = cx.call(selector, &mut [std::mem::take(item)])?;
        }
    }
    items.retain(|item| !item.is_null());
    Ok(items)
}

/// What a sum is made of, for sequences that may be empty.
fn number_type(args: &Args<'_>) -> Option<Prim> {
    let ty = if args.len() > 1 { args.value(1).ty() } else { args.value(0).ty() };
    match &ty {
        Ty::Array(element, _) => element.unwrap_nullable().prim(),
        ty => ty.args().last().and_then(|ty| ty.unwrap_nullable().prim()),
    }
}

pub(super) fn sum(cx: &mut Cx<'_>, args: Args<'_>) -> Result<Value> {
    let items = selected(cx, &args)?;
    let overflow = || exception::overflow("Arithmetic operation resulted in an overflow.");
    let kind = items.first().map_or_else(|| number_type(&args), |item| item.ty().prim());
    Ok(match kind {
        Some(Prim::Long) => Value::Long(items.iter().try_fold(0_i64, |sum, item| match item {
            Value::Long(value) => sum.checked_add(*value).ok_or_else(overflow),
            _ => Ok(sum),
        })?),
        Some(Prim::Double) => Value::Double(
            items.iter().map(|item| if let Value::Double(value) = item { *value } else { 0.0 }).fold(0.0, |a, b| a + b),
        ),
        Some(Prim::Float) => Value::Float(
            items
                .iter()
                .map(|item| if let Value::Float(value) = item { f64::from(*value) } else { 0.0 })
                .fold(0.0, |a, b| a + b) as f32,
        ),
        Some(Prim::Decimal) => {
            Value::Decimal(items.iter().try_fold(csharp::Decimal::ZERO, |sum, item| match item {
                Value::Decimal(value) => dotformat::decimal_add(sum, *value).map_err(crate::system::raise),
                _ => Ok(sum),
            })?)
        }
        _ => Value::Int(items.iter().try_fold(0_i32, |sum, item| match item {
            Value::Int(value) => sum.checked_add(*value).ok_or_else(overflow),
            _ => Ok(sum),
        })?),
    })
}

/// The mean of nullable numbers: null where there is none.
pub(super) fn average_or_null(cx: &mut Cx<'_>, args: Args<'_>) -> Result<Value> {
    let items = selected(cx, &args)?;
    if items.is_empty() { Ok(Value::Null) } else { mean(&items) }
}

pub(super) fn average(cx: &mut Cx<'_>, args: Args<'_>) -> Result<Value> {
    mean(&selected(cx, &args)?)
}

fn mean(items: &[Value]) -> Result<Value> {
    let count = items.len();
    Ok(match items.first() {
        None => return Err(empty()),
        Some(Value::Decimal(_)) => {
            let sum = items.iter().try_fold(csharp::Decimal::ZERO, |sum, item| match item {
                Value::Decimal(value) => dotformat::decimal_add(sum, *value).map_err(crate::system::raise),
                _ => Ok(sum),
            })?;
            Value::Decimal(dotformat::decimal_div(sum, count.into()).map_err(crate::system::raise)?)
        }
        Some(Value::Double(_)) => {
            let sum = items
                .iter()
                .map(|item| if let Value::Double(value) = item { *value } else { 0.0 })
                .fold(0.0, |a, b| a + b);
            Value::Double(sum / count as f64)
        }
        Some(Value::Float(_)) => {
            let sum = items
                .iter()
                .map(|item| if let Value::Float(value) = item { f64::from(*value) } else { 0.0 })
                .fold(0.0, |a, b| a + b);
            Value::Float((sum / count as f64) as f32)
        }
        Some(_) => {
            let sum: i128 = items
                .iter()
                .map(|item| match item {
                    Value::Int(value) => i128::from(*value),
                    Value::Long(value) => i128::from(*value),
                    _ => 0,
                })
                .sum();
            Value::Double(sum as f64 / count as f64)
        }
    })
}

pub(super) fn extreme(cx: &mut Cx<'_>, args: Args<'_>, largest: bool) -> Result<Value> {
    let mut items = selected(cx, &args)?.into_iter();
    let Some(mut best) = items.next() else {
        let ty = args.ty(args.len() - 1);
        return if ty.is_value_type() && !ty.is_nullable() { Err(empty()) } else { Ok(Value::Null) };
    };
    for item in items {
        cx.meter.step()?;
        let order = super::order::compare(&item, &best)?;
        if order == (if largest { std::cmp::Ordering::Greater } else { std::cmp::Ordering::Less }) {
            best = item;
        }
    }
    Ok(best)
}
