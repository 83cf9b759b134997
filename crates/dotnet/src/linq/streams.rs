//! What the members of `Enumerable` that give sequences do; all of it lazy, as in .NET.

use std::collections::HashSet;

use csharp::{
    Args, Cx, Result, Ty, Value, exception,
    ty::TupleTy,
    value::{Iter, Key, Tuple, from_fn},
};

use super::{
    key_by, lazy, sequence,
    sequence::{items, mapped},
};

/// The source and the delegate, neither of them null.
pub(super) fn operands(args: &Args<'_>, name: &str) -> Result<(Value, Value)> {
    Ok((args.some(0, "source")?.clone(), args.some(1, name)?.clone()))
}

pub(super) fn run(next: impl FnMut(&mut Cx<'_>) -> Result<Option<Value>> + 'static) -> Result<Box<dyn Iter>> {
    Ok(Box::new(from_fn(next)))
}

/// Calls a delegate that takes the item, and perhaps its index.
pub(super) fn ask(cx: &mut Cx<'_>, delegate: &Value, item: &Value, index: &mut i32, indexed: bool) -> Result<Value> {
    cx.meter.step()?;
    let at = *index;
    *index += 1;
    if indexed {
        cx.call(delegate, &mut [item.clone(), Value::Int(at)])
    } else {
        cx.call(delegate, &mut [item.clone()])
    }
}

pub(super) fn takes_index(delegate: &Value) -> bool {
    delegate.ty().args().len() == 3
}

pub(super) fn filter(_cx: &mut Cx<'_>, args: Args<'_>) -> Result<Value> {
    let (source, predicate) = operands(&args, "predicate")?;
    let indexed = takes_index(&predicate);
    Ok(lazy(args.ty(0).clone(), move |cx| {
        let (mut inner, predicate, mut index) = (cx.iterate(&source)?, predicate.clone(), 0);
        run(move |cx| {
            while let Some(item) = inner.next(cx)? {
                if matches!(ask(cx, &predicate, &item, &mut index, indexed)?, Value::Bool(true)) {
                    return Ok(Some(item));
                }
            }
            Ok(None)
        })
    }))
}

pub(super) fn map(args: &Args<'_>, indexed: bool) -> Result<Value> {
    let (source, selector) = operands(args, "selector")?;
    Ok(mapped(args.ty(1).clone(), source, selector, indexed))
}

pub(super) fn select(_cx: &mut Cx<'_>, args: Args<'_>) -> Result<Value> {
    map(&args, false)
}

pub(super) fn select_indexed(_cx: &mut Cx<'_>, args: Args<'_>) -> Result<Value> {
    map(&args, true)
}

pub(super) fn select_many(_cx: &mut Cx<'_>, args: Args<'_>) -> Result<Value> {
    let (source, selector) = operands(&args, "selector")?;
    Ok(flatten(source, selector, None, args.ty(1).clone()))
}

pub(super) fn select_many_pairs(_cx: &mut Cx<'_>, args: Args<'_>) -> Result<Value> {
    let (source, selector) = operands(&args, "collectionSelector")?;
    let result = args.some(2, "resultSelector")?.clone();
    Ok(flatten(source, selector, Some(result), args.ty(2).clone()))
}

pub(super) fn flatten(source: Value, selector: Value, result: Option<Value>, element: Ty) -> Value {
    lazy(element, move |cx| {
        let (mut outer, selector, result) = (cx.iterate(&source)?, selector.clone(), result.clone());
        let mut current: Option<(Value, Box<dyn Iter>)> = None;
        let (indexed, mut index) = (takes_index(&selector), 0);
        run(move |cx| {
            loop {
                if let Some((item, inner)) = &mut current
                    && let Some(found) = inner.next(cx)?
                {
                    cx.meter.step()?;
                    return match &result {
                        Some(result) => cx.call(result, &mut [item.clone(), found]).map(Some),
                        None => Ok(Some(found)),
                    };
                }
                match outer.next(cx)? {
                    Some(item) => {
                        let inner = ask(cx, &selector, &item, &mut index, indexed)?;
                        current = Some((item, cx.iterate(&inner)?));
                    }
                    None => return Ok(None),
                }
            }
        })
    })
}

pub(super) fn take(_cx: &mut Cx<'_>, args: Args<'_>) -> Result<Value> {
    let (source, count) = (args.some(0, "source")?.clone(), args.int(1));
    Ok(lazy(args.ty(0).clone(), move |cx| {
        let (mut inner, mut left) = (cx.iterate(&source)?, count);
        run(move |cx| {
            if left <= 0 {
                return Ok(None);
            }
            left -= 1;
            inner.next(cx)
        })
    }))
}

pub(super) fn skip(_cx: &mut Cx<'_>, args: Args<'_>) -> Result<Value> {
    let (source, count) = (args.some(0, "source")?.clone(), args.int(1));
    Ok(lazy(args.ty(0).clone(), move |cx| {
        let (mut inner, mut left) = (cx.iterate(&source)?, count);
        run(move |cx| {
            while left > 0 {
                left -= 1;
                cx.meter.step()?;
                if inner.next(cx)?.is_none() {
                    return Ok(None);
                }
            }
            inner.next(cx)
        })
    }))
}

pub(super) fn take_while(_cx: &mut Cx<'_>, args: Args<'_>) -> Result<Value> {
    let (source, predicate) = operands(&args, "predicate")?;
    Ok(lazy(args.ty(0).clone(), move |cx| {
        let (mut inner, predicate, mut over) = (cx.iterate(&source)?, predicate.clone(), false);
        let (indexed, mut index) = (takes_index(&predicate), 0);
        run(move |cx| {
            let Some(item) = (if over { None } else { inner.next(cx)? }) else { return Ok(None) };
            over = !matches!(ask(cx, &predicate, &item, &mut index, indexed)?, Value::Bool(true));
            Ok((!over).then_some(item))
        })
    }))
}

pub(super) fn skip_while(_cx: &mut Cx<'_>, args: Args<'_>) -> Result<Value> {
    let (source, predicate) = operands(&args, "predicate")?;
    Ok(lazy(args.ty(0).clone(), move |cx| {
        let (mut inner, predicate, mut begun) = (cx.iterate(&source)?, predicate.clone(), false);
        let (indexed, mut index) = (takes_index(&predicate), 0);
        run(move |cx| {
            while let Some(item) = inner.next(cx)? {
                cx.meter.step()?;
                if begun || !matches!(ask(cx, &predicate, &item, &mut index, indexed)?, Value::Bool(true)) {
                    begun = true;
                    return Ok(Some(item));
                }
            }
            Ok(None)
        })
    }))
}

/// A sequence that needs all items of its source before the first of its own.
pub(super) fn whole(
    source: Value,
    element: Ty,
    change: impl Fn(&mut Cx<'_>, Vec<Value>) -> Result<Vec<Value>> + 'static,
) -> Value {
    lazy(element, move |cx| {
        let all = cx.collect(&source)?;
        Ok(items(change(cx, all)?))
    })
}

pub(super) fn take_last(_cx: &mut Cx<'_>, args: Args<'_>) -> Result<Value> {
    let count = usize::try_from(args.int(1)).unwrap_or(0);
    Ok(whole(args.some(0, "source")?.clone(), args.ty(0).clone(), move |_, mut all| {
        all.drain(..all.len().saturating_sub(count));
        Ok(all)
    }))
}

pub(super) fn skip_last(_cx: &mut Cx<'_>, args: Args<'_>) -> Result<Value> {
    let count = usize::try_from(args.int(1)).unwrap_or(0);
    Ok(whole(args.some(0, "source")?.clone(), args.ty(0).clone(), move |_, mut all| {
        all.truncate(all.len().saturating_sub(count));
        Ok(all)
    }))
}

pub(super) fn reverse(_cx: &mut Cx<'_>, args: Args<'_>) -> Result<Value> {
    Ok(whole(args.some(0, "source")?.clone(), args.ty(0).clone(), |_, mut all| {
        all.reverse();
        Ok(all)
    }))
}

/// Sequences one after the other.
pub(super) fn chain(element: Ty, parts: Vec<Value>) -> Value {
    lazy(element, move |_| {
        let mut rest = parts.clone().into_iter();
        let mut current: Option<Box<dyn Iter>> = None;
        run(move |cx| {
            loop {
                if let Some(inner) = &mut current
                    && let Some(item) = inner.next(cx)?
                {
                    return Ok(Some(item));
                }
                match rest.next() {
                    Some(part) => current = Some(cx.iterate(&part)?),
                    None => return Ok(None),
                }
            }
        })
    })
}

pub(super) fn concat(_cx: &mut Cx<'_>, args: Args<'_>) -> Result<Value> {
    Ok(chain(args.ty(0).clone(), vec![args.some(0, "first")?.clone(), args.some(1, "second")?.clone()]))
}

pub(super) fn append(_cx: &mut Cx<'_>, mut args: Args<'_>) -> Result<Value> {
    let (ty, source) = (args.ty(0).clone(), args.some(0, "source")?.clone());
    let one = sequence(ty.clone(), vec![args.take(1)]);
    Ok(chain(ty, vec![source, one]))
}

pub(super) fn prepend(_cx: &mut Cx<'_>, mut args: Args<'_>) -> Result<Value> {
    let (ty, source) = (args.ty(0).clone(), args.some(0, "source")?.clone());
    let one = sequence(ty.clone(), vec![args.take(1)]);
    Ok(chain(ty, vec![one, source]))
}

/// The items of `source` whose first occurrence `keep` accepts.
pub(super) fn unique(source: Value, element: Ty, other: Option<(Value, bool)>, comparer: Value) -> Value {
    lazy(element, move |cx| {
        let (mut inner, other, comparer) = (cx.iterate(&source)?, other.clone(), comparer.clone());
        let mut known: Option<(HashSet<Key>, bool)> = None;
        let mut seen = HashSet::new();
        run(move |cx| {
            if let (None, Some((other, wanted))) = (&known, &other) {
                known = Some((cx.collect(other)?.iter().map(|item| key_by(&comparer, item)).collect(), *wanted));
            }
            while let Some(item) = inner.next(cx)? {
                cx.meter.step()?;
                let key = key_by(&comparer, &item);
                let fits = known.as_ref().is_none_or(|(set, wanted)| set.contains(&key) == *wanted);
                if fits && seen.insert(key) {
                    return Ok(Some(item));
                }
            }
            Ok(None)
        })
    })
}

pub(super) fn distinct(_cx: &mut Cx<'_>, args: Args<'_>) -> Result<Value> {
    Ok(unique(args.some(0, "source")?.clone(), args.ty(0).clone(), None, args.value(1).clone()))
}

pub(super) fn union(cx: &mut Cx<'_>, args: Args<'_>) -> Result<Value> {
    let (ty, comparer) = (args.ty(0).clone(), args.value(2).clone());
    Ok(unique(concat(cx, args)?, ty, None, comparer))
}

pub(super) fn intersect(_cx: &mut Cx<'_>, args: Args<'_>) -> Result<Value> {
    Ok(unique(
        args.some(0, "first")?.clone(),
        args.ty(0).clone(),
        Some((args.some(1, "second")?.clone(), true)),
        args.value(2).clone(),
    ))
}

pub(super) fn except(_cx: &mut Cx<'_>, args: Args<'_>) -> Result<Value> {
    Ok(unique(
        args.some(0, "first")?.clone(),
        args.ty(0).clone(),
        Some((args.some(1, "second")?.clone(), false)),
        args.value(2).clone(),
    ))
}

pub(super) fn default_if_empty(_cx: &mut Cx<'_>, mut args: Args<'_>) -> Result<Value> {
    let ty = args.ty(0).clone();
    let default = if args.len() > 1 { args.take(1) } else { Value::default_of(&ty) };
    Ok(whole(args.some(0, "source")?.clone(), ty, move |_, all| {
        Ok(if all.is_empty() { vec![default.clone()] } else { all })
    }))
}

pub(super) fn cast(_cx: &mut Cx<'_>, args: Args<'_>) -> Result<Value> {
    let (source, ty) = (args.some(0, "source")?.clone(), args.ty(0).clone());
    Ok(lazy(ty.clone(), move |cx| {
        let (mut inner, ty) = (cx.iterate(&source)?, ty.clone());
        run(move |cx| match inner.next(cx)? {
            Some(Value::Null) if ty.is_value_type() && !ty.is_nullable() => Err(exception::null_reference()),
            Some(item) if item.is_null() || cx.surface.is_a(&item.ty(), ty.unwrap_nullable()) => Ok(Some(item)),
            Some(item) => Err(exception::cannot_cast(&item.ty(), &ty)),
            None => Ok(None),
        })
    }))
}

pub(super) fn of_type(_cx: &mut Cx<'_>, args: Args<'_>) -> Result<Value> {
    let (source, ty) = (args.some(0, "source")?.clone(), args.ty(0).clone());
    Ok(lazy(ty.clone(), move |cx| {
        let (mut inner, ty) = (cx.iterate(&source)?, ty.clone());
        run(move |cx| {
            while let Some(item) = inner.next(cx)? {
                cx.meter.step()?;
                if !item.is_null() && cx.surface.is_a(&item.ty(), &ty) {
                    return Ok(Some(item));
                }
            }
            Ok(None)
        })
    }))
}

/// Pairs as tuples.
pub(super) fn zip_pairs(_cx: &mut Cx<'_>, args: Args<'_>) -> Result<Value> {
    let (first, second) = (args.some(0, "first")?.clone(), args.some(1, "second")?.clone());
    let ty = std::sync::Arc::new(TupleTy {
        items: vec![args.ty(0).clone(), args.ty(1).clone()],
        names: vec![Some("First".into()), Some("Second".into())],
    });
    Ok(lazy(Ty::Tuple(ty.clone()), move |cx| {
        let (mut first, mut second, ty) = (cx.iterate(&first)?, cx.iterate(&second)?, ty.clone());
        run(move |cx| {
            cx.meter.step()?;
            let (Some(left), Some(right)) = (first.next(cx)?, second.next(cx)?) else { return Ok(None) };
            Ok(Some(Value::object(Tuple { ty: ty.clone(), items: vec![left, right].into() })))
        })
    }))
}

pub(super) fn to_hash_set(cx: &mut Cx<'_>, args: Args<'_>) -> Result<Value> {
    let items = cx.collect(args.some(0, "source")?)?;
    Ok(crate::collections::set_of(args.ty(0).clone(), items, args.value(1)))
}

pub(super) fn zip(_cx: &mut Cx<'_>, args: Args<'_>) -> Result<Value> {
    let (first, second) = (args.some(0, "first")?.clone(), args.some(1, "second")?.clone());
    let result = args.some(2, "resultSelector")?.clone();
    Ok(lazy(args.ty(2).clone(), move |cx| {
        let (mut left, mut right, result) = (cx.iterate(&first)?, cx.iterate(&second)?, result.clone());
        run(move |cx| match (left.next(cx)?, right.next(cx)?) {
            (Some(left), Some(right)) => cx.call(&result, &mut [left, right]).map(Some),
            _ => Ok(None),
        })
    }))
}

pub(super) fn range(_cx: &mut Cx<'_>, args: Args<'_>) -> Result<Value> {
    let (start, count) = (i64::from(args.int(0)), i64::from(args.int(1)));
    if count < 0 || start + count - 1 > i64::from(i32::MAX) {
        return Err(exception::out_of_range("", "count"));
    }
    Ok(lazy(Ty::INT, move |_| {
        let mut at = 0;
        run(move |_| {
            at += 1;
            Ok((at <= count).then(|| Value::Int((start + at - 1) as i32)))
        })
    }))
}

pub(super) fn repeat(_cx: &mut Cx<'_>, mut args: Args<'_>) -> Result<Value> {
    let (item, count) = (args.take(0), args.int(1));
    if count < 0 {
        return Err(exception::out_of_range("", "count"));
    }
    Ok(lazy(args.ty(0).clone(), move |_| {
        let (item, mut left) = (item.clone(), count);
        run(move |_| {
            left -= 1;
            Ok((left >= 0).then(|| item.clone()))
        })
    }))
}
