//! How strings compare: `String.Compare`, `CompareOrdinal`, `CompareTo`.

use std::cmp::Ordering;

use csharp::{Args, Cx, Result, Str, Value, exception};

/// One way to compare. Every culture compares as the invariant one does.
#[derive(Clone, Copy)]
struct Rule {
    ordinal: bool,
    ignores_case: bool,
}

const CULTURE: Rule = Rule { ordinal: false, ignores_case: false };
const ORDINAL: Rule = Rule { ordinal: true, ignores_case: false };

/// The rule that the argument at `index` states: a `bool ignoreCase`, a `StringComparison`, or none.
fn rule(args: &Args<'_>, index: usize) -> Result<Rule> {
    match args.value(index) {
        Value::Bool(ignores_case) => Ok(Rule { ignores_case: *ignores_case, ..CULTURE }),
        Value::Word(_, kind @ 0..=5) => Ok(Rule { ordinal: *kind >= 4, ignores_case: kind & 1 == 1 }),
        Value::Word(..) => Err(exception::argument(
            "The string comparison type passed in is currently not supported.",
            "comparisonType",
        )),
        _ => Ok(CULTURE),
    }
}

/// Null comes first. Ordinal comparison gives the difference of what differs first, as the runtime does.
fn order(left: Option<&Str>, right: Option<&Str>, rule: Rule) -> i32 {
    let (Some(left), Some(right)) = (left, right) else {
        return left.is_some().cmp(&right.is_some()) as i32;
    };
    if !rule.ordinal {
        return dotformat::compare_invariant(&left.to_text(), &right.to_text(), rule.ignores_case) as i32;
    }
    let units = |text: &Str| {
        let mut units = text.units();
        if rule.ignores_case {
            for unit in &mut units {
                *unit = super::char::upper(*unit);
            }
        }
        units
    };
    let (left, right) = (units(left), units(right));
    let differing = left.iter().zip(&right).find(|(left, right)| left != right);
    differing.map_or(left.len() as i32 - right.len() as i32, |(left, right)| i32::from(*left) - i32::from(*right))
}

pub(super) fn compare(_cx: &mut Cx<'_>, args: Args<'_>) -> Result<Value> {
    Ok(Value::Int(order(args.opt_str(0), args.opt_str(1), rule(&args, 2)?)))
}

pub(super) fn compare_ordinal(_cx: &mut Cx<'_>, args: Args<'_>) -> Result<Value> {
    Ok(Value::Int(order(args.opt_str(0), args.opt_str(1), ORDINAL)))
}

/// At most `length` units from `index`.
fn part(text: Option<&Str>, index: i32, length: i32, param: &str) -> Result<Option<Str>> {
    let Some(text) = text else { return Ok(None) };
    let length =
        usize::try_from(length).map_err(|_| exception::out_of_range("Length cannot be less than zero.", "length"))?;
    let index = usize::try_from(index).ok().filter(|index| *index <= text.len());
    let index = index.ok_or_else(|| {
        exception::out_of_range("Index and length must refer to a location within the string.", param)
    })?;
    Ok(text.substring(index, length.min(text.len() - index)))
}

fn parts(args: &Args<'_>, rule: Rule) -> Result<Value> {
    let left = part(args.opt_str(0), args.int(1), args.int(4), "indexA")?;
    let right = part(args.opt_str(2), args.int(3), args.int(4), "indexB")?;
    Ok(Value::Int(order(left.as_ref(), right.as_ref(), rule)))
}

pub(super) fn compare_parts(_cx: &mut Cx<'_>, args: Args<'_>) -> Result<Value> {
    parts(&args, rule(&args, 5)?)
}

pub(super) fn compare_ordinal_parts(_cx: &mut Cx<'_>, args: Args<'_>) -> Result<Value> {
    parts(&args, ORDINAL)
}

pub(super) fn compare_to(_cx: &mut Cx<'_>, args: Args<'_>) -> Result<Value> {
    if !args.value(1).is_null() && args.opt_str(1).is_none() {
        return Err(exception::argument("Object must be of type String.", ""));
    }
    Ok(Value::Int(order(args.opt_str(0), args.opt_str(1), CULTURE)))
}

/// How the comparer orders two values; `None` where it is not one that the surface knows, or they are not strings.
pub(crate) fn compared_by(comparer: &Value, left: &Value, right: &Value) -> Option<Ordering> {
    let rule = super::string_comparer::rule(comparer)?;
    let is_text = |value: &Value| value.is_null() || value.as_str().is_some();
    (is_text(left) && is_text(right))
        .then(|| order(left.as_str(), right.as_str(), Rule { ordinal: rule.0, ignores_case: rule.1 }).cmp(&0))
}
