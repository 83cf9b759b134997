//! Where a text or character stands in a string: `IndexOf`, `LastIndexOf`, `IndexOfAny`, `LastIndexOfAny`.

use std::ops::Range;

use csharp::{Args, Cx, Result, Value, exception};

use super::string::{find, folded, ignores_case, needle, units_of};

/// The `int` arguments behind the one that is sought.
fn bounds(args: &Args<'_>) -> (Option<i32>, Option<i32>) {
    let mut numbers = (2..args.len()).filter_map(|at| match args.value(at) {
        Value::Int(number) => Some(*number),
        _ => None,
    });
    (numbers.next(), numbers.next())
}

fn bad_start() -> csharp::Raise {
    exception::out_of_range(
        "Index was out of range. Must be non-negative and less than or equal to the size of the collection.",
        "startIndex",
    )
}

fn bad_count() -> csharp::Raise {
    exception::out_of_range(
        "Count must be positive and count must refer to a location within the string/array/collection.",
        "count",
    )
}

/// The places that `startIndex` and `count` leave, forwards.
fn ahead(args: &Args<'_>, length: usize) -> Result<Range<usize>> {
    let (start, count) = bounds(args);
    let start = usize::try_from(start.unwrap_or(0)).ok().filter(|start| *start <= length).ok_or_else(bad_start)?;
    let count = match count {
        Some(count) => usize::try_from(count).ok().filter(|count| *count <= length - start).ok_or_else(bad_count)?,
        None => length - start,
    };
    Ok(start..start + count)
}

/// The places that `startIndex` and `count` leave, backwards from `startIndex`.
fn behind(args: &Args<'_>, length: usize) -> Result<Range<usize>> {
    let (start, count) = bounds(args);
    let Some(start) = start else { return Ok(0..length) };
    if length == 0 {
        return if matches!(start, -1 | 0) { Ok(0..0) } else { Err(bad_start()) };
    }
    let start = usize::try_from(start).ok().filter(|start| *start <= length).ok_or_else(bad_start)?;
    let end = (start + 1).min(length);
    let count = match count {
        // A search that starts behind the last unit has one unit less to look at.
        Some(count) if start == length && count > 0 => count - 1,
        Some(count) => count,
        None => end as i32,
    };
    let count = usize::try_from(count).ok().filter(|count| *count <= end).ok_or_else(bad_count)?;
    Ok(end - count..end)
}

fn place(found: Option<usize>) -> Result<Value> {
    Ok(Value::Int(found.map_or(-1, |at| at as i32)))
}

/// Whether the `StringComparison` among the last arguments ignores case.
fn is_caseless(args: &Args<'_>) -> bool {
    args.len() > 2 && ignores_case(args, args.len() - 1)
}

pub(super) fn index_of(_cx: &mut Cx<'_>, args: Args<'_>) -> Result<Value> {
    let caseless = is_caseless(&args);
    let (text, needle) = (folded(args.text(), caseless), folded(&needle(&args, 1)?, caseless));
    let range = ahead(&args, text.len())?;
    place(text.get(range.clone()).and_then(|part| find(part, &needle)).map(|at| at + range.start))
}

pub(super) fn last_index_of(_cx: &mut Cx<'_>, args: Args<'_>) -> Result<Value> {
    let caseless = is_caseless(&args);
    let (text, needle) = (folded(args.text(), caseless), folded(&needle(&args, 1)?, caseless));
    let range = behind(&args, text.len())?;
    if needle.is_empty() {
        return Ok(Value::Int((range.end as i32 - 1).max(0)));
    }
    let part = text.get(range.clone()).unwrap_or_default();
    place(part.windows(needle.len()).rposition(|window| window == needle).map(|at| at + range.start))
}

pub(super) fn index_of_any(_cx: &mut Cx<'_>, args: Args<'_>) -> Result<Value> {
    let (text, any) = (args.text().units(), units_of(args.some(1, "anyOf")?));
    let range = ahead(&args, text.len())?;
    let part = text.get(range.clone()).unwrap_or_default();
    place(part.iter().position(|unit| any.contains(unit)).map(|at| at + range.start))
}

pub(super) fn last_index_of_any(_cx: &mut Cx<'_>, args: Args<'_>) -> Result<Value> {
    let (text, any) = (args.text().units(), units_of(args.some(1, "anyOf")?));
    let range = behind(&args, text.len())?;
    let part = text.get(range.clone()).unwrap_or_default();
    place(part.iter().rposition(|unit| any.contains(unit)).map(|at| at + range.start))
}
