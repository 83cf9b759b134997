//! `OrderBy` and its like: stable sorts by one or several keys.

use std::{cmp::Ordering, rc::Rc};

use csharp::{
    Args, Cx, Result, Ty, Value, exception,
    surface::{Kind, TypeDef},
    value::{Iter, Object, from_fn},
};

use super::{default_order, sequence::items, sort};

pub(crate) static ORDERED: TypeDef = TypeDef {
    name: "System.Linq.IOrderedEnumerable",
    params: &["out TElement"],
    kind: Kind::Interface,
    bases: &["IEnumerable<TElement>"],
    doc: "A sorted sequence.",
    ..TypeDef::CLASS
};

/// One key: its selector, the comparer or null, and whether it sorts downwards.
#[derive(Clone)]
struct SortKey {
    selector: Value,
    comparer: Value,
    down: bool,
}

impl SortKey {
    fn read(args: &Args<'_>, down: bool) -> Result<Self> {
        Ok(Self { selector: args.some(1, "keySelector")?.clone(), comparer: args.value(2).clone(), down })
    }

    fn compare(&self, left: &Value, right: &Value) -> Result<Ordering> {
        let order = match crate::system::compared_by(&self.comparer, left, right) {
            Some(order) => order,
            None => compare(left, right)?,
        };
        Ok(if self.down { order.reverse() } else { order })
    }
}

/// A sequence with the keys it is sorted by, most important first.
struct Ordered {
    element: Ty,
    source: Value,
    keys: Rc<[SortKey]>,
}

impl Object for Ordered {
    fn ty(&self) -> Ty {
        Ty::generic(&ORDERED, vec![self.element.clone()])
    }

    fn iterate(self: Rc<Self>) -> Option<Box<dyn Iter>> {
        let mut sorted: Option<Box<dyn Iter>> = None;
        Some(Box::new(from_fn(move |cx| {
            if sorted.is_none() {
                sorted = Some(items(self.sorted(cx)?));
            }
            match &mut sorted {
                Some(iter) => iter.next(cx),
                None => Ok(None),
            }
        })))
    }
}

impl Ordered {
    /// The keys of each item are computed once, before anything is compared.
    fn sorted(&self, cx: &mut Cx<'_>) -> Result<Vec<Value>> {
        let all = cx.collect(&self.source)?;
        let mut keys: Vec<Vec<Value>> = Vec::with_capacity(all.len());
        for item in &all {
            let mut own = Vec::with_capacity(self.keys.len());
            for key in self.keys.iter() {
                own.push(cx.call(&key.selector, &mut [item.clone()])?);
            }
            keys.push(own);
        }
        let places = (0..all.len() as i32).map(Value::Int).collect();
        let of = |value: &Value| if let Value::Int(at) = value { *at as usize } else { 0 };
        let order = sort(cx, places, |_, left, right| {
            let (Some(left), Some(right)) = (keys.get(of(left)), keys.get(of(right))) else {
                return Ok(Ordering::Equal);
            };
            for ((left, right), key) in left.iter().zip(right).zip(self.keys.iter()) {
                let order = key.compare(left, right)?;
                if order != Ordering::Equal {
                    return Ok(order);
                }
            }
            Ok(Ordering::Equal)
        })?;
        Ok(order.iter().filter_map(|at| all.get(of(at)).cloned()).collect())
    }
}

/// The default order: that of the culture for strings.
pub(crate) fn compare(left: &Value, right: &Value) -> Result<Ordering> {
    match (left, right) {
        (Value::Str(left), Value::Str(right)) => {
            Ok(dotformat::compare_invariant(&left.to_text(), &right.to_text(), false))
        }
        _ => default_order(left, right),
    }
}

pub(super) fn by(_cx: &mut Cx<'_>, args: Args<'_>, down: bool) -> Result<Value> {
    let source = args.some(0, "source")?.clone();
    Ok(Value::object(Ordered { element: args.ty(0).clone(), source, keys: [SortKey::read(&args, down)?].into() }))
}

pub(super) fn then(_cx: &mut Cx<'_>, args: Args<'_>, down: bool) -> Result<Value> {
    let Some(ordered) = args.object::<Ordered>(0) else { return Err(exception::argument_null("source")) };
    let mut keys = ordered.keys.to_vec();
    keys.push(SortKey::read(&args, down)?);
    Ok(Value::object(Ordered { element: args.ty(0).clone(), source: ordered.source.clone(), keys: keys.into() }))
}
