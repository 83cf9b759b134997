//! `GroupBy`, `Join`, `GroupJoin`, `ToLookup`.

use std::{collections::HashMap, rc::Rc};

use csharp::{
    Args, Cx, Result, Ty, Value,
    surface::{Kind, TypeDef, reads},
    value::{Iter, Key, Object, from_fn},
};

use super::{key_by, lazy, sequence, sequence::items};

pub(crate) static GROUPING: TypeDef = TypeDef {
    name: "System.Linq.IGrouping",
    params: &["out TKey", "out TElement"],
    kind: Kind::Interface,
    bases: &["IEnumerable<TElement>"],
    members: &[reads(
        "TKey Key { get; }",
        |_, args| Ok(args.this::<Group>()?.key.clone()),
        "What its items have in common.",
    )],
    doc: "Items of one key.",
    ..TypeDef::CLASS
};

pub(crate) static LOOKUP: TypeDef = TypeDef {
    name: "System.Linq.ILookup",
    params: &["TKey", "TElement"],
    kind: Kind::Interface,
    bases: &["IEnumerable<IGrouping<TKey, TElement>>"],
    members: &[
        reads(
            "int Count { get; }",
            |_, args| Ok(Value::Int(args.this::<Lookup>()?.groups.len() as i32)),
            "How many keys.",
        ),
        reads("IEnumerable<TElement> this[TKey key] { get; }", of_key, "The items of a key; none for an unknown one."),
        reads(
            "bool Contains(TKey key)",
            |_, args| Ok(Value::Bool(args.this::<Lookup>()?.find(args.value(1)).is_some())),
            "Whether a key is there.",
        ),
    ],
    doc: "Items by key.",
    ..TypeDef::CLASS
};

struct Group {
    ty: Ty,
    key: Value,
    items: Vec<Value>,
}

impl Object for Group {
    fn ty(&self) -> Ty {
        self.ty.clone()
    }

    fn iterate(self: Rc<Self>) -> Option<Box<dyn Iter>> {
        let mut at = 0;
        Some(Box::new(from_fn(move |_| {
            at += 1;
            Ok(self.items.get(at - 1).cloned())
        })))
    }
}

struct Lookup {
    ty: Ty,
    groups: Vec<(Value, Vec<Value>)>,
}

impl Lookup {
    fn find(&self, key: &Value) -> Option<&Vec<Value>> {
        self.groups.iter().find(|(known, _)| known.equals(key)).map(|(_, items)| items)
    }
}

impl Object for Lookup {
    fn ty(&self) -> Ty {
        self.ty.clone()
    }

    fn iterate(self: Rc<Self>) -> Option<Box<dyn Iter>> {
        let ty = Ty::generic(&GROUPING, self.ty.args().to_vec());
        Some(items(self.groups.iter().map(|(key, items)| group(&ty, key.clone(), items.clone())).collect()))
    }
}

fn of_key(_cx: &mut Cx<'_>, args: Args<'_>) -> Result<Value> {
    let items = args.this::<Lookup>()?.find(args.value(1)).cloned().unwrap_or_default();
    Ok(sequence(args.ty(1).clone(), items))
}

fn group(ty: &Ty, key: Value, items: Vec<Value>) -> Value {
    Value::object(Group { ty: ty.clone(), key, items })
}

/// Keys with their items.
type Groups = Vec<(Value, Vec<Value>)>;

/// Items by key, in order of each key's first occurrence.
fn grouped(cx: &mut Cx<'_>, source: &Value, keys: &Value, element: Option<&Value>, comparer: &Value) -> Result<Groups> {
    let (mut places, mut out): (HashMap<Key, usize>, Groups) = (HashMap::new(), Vec::new());
    for item in cx.collect(source)? {
        cx.meter.step()?;
        let key = cx.call(keys, &mut [item.clone()])?;
        let item = match element {
            Some(element) => cx.call(element, &mut [item])?,
            None => item,
        };
        let at = *places.entry(key_by(comparer, &key)).or_insert_with(|| {
            out.push((key, Vec::new()));
            out.len() - 1
        });
        out[at].1.push(item);
    }
    Ok(out)
}

fn groups(args: &Args<'_>, element: Option<Value>, element_ty: Ty) -> Result<Value> {
    let comparer = args.value(if element.is_some() { 3 } else { 2 }).clone();
    let (source, keys) = (args.some(0, "source")?.clone(), args.some(1, "keySelector")?.clone());
    let ty = Ty::generic(&GROUPING, vec![args.ty(1).clone(), element_ty]);
    Ok(lazy(ty.clone(), move |cx| {
        let all = grouped(cx, &source, &keys, element.as_ref(), &comparer)?;
        Ok(items(all.into_iter().map(|(key, items)| group(&ty, key, items)).collect()))
    }))
}

pub(super) fn group_by(_cx: &mut Cx<'_>, args: Args<'_>) -> Result<Value> {
    groups(&args, None, args.ty(0).clone())
}

pub(super) fn group_by_element(_cx: &mut Cx<'_>, args: Args<'_>) -> Result<Value> {
    groups(&args, Some(args.some(2, "elementSelector")?.clone()), args.ty(2).clone())
}

pub(super) fn group_by_result(_cx: &mut Cx<'_>, args: Args<'_>) -> Result<Value> {
    let (source, keys) = (args.some(0, "source")?.clone(), args.some(1, "keySelector")?.clone());
    let (result, item) = (args.some(2, "resultSelector")?.clone(), args.ty(0).clone());
    let comparer = args.value(3).clone();
    Ok(lazy(args.ty(2).clone(), move |cx| {
        let mut out = Vec::new();
        for (key, items) in grouped(cx, &source, &keys, None, &comparer)? {
            out.push(cx.call(&result, &mut [key, sequence(item.clone(), items)])?);
        }
        Ok(items(out))
    }))
}

pub(super) fn group_by_element_result(_cx: &mut Cx<'_>, args: Args<'_>) -> Result<Value> {
    let (source, keys) = (args.some(0, "source")?.clone(), args.some(1, "keySelector")?.clone());
    let (element, result) = (args.some(2, "elementSelector")?.clone(), args.some(3, "resultSelector")?.clone());
    let (item, comparer) = (args.ty(2).clone(), args.value(4).clone());
    Ok(lazy(args.ty(3).clone(), move |cx| {
        let mut out = Vec::new();
        for (key, items) in grouped(cx, &source, &keys, Some(&element), &comparer)? {
            out.push(cx.call(&result, &mut [key, sequence(item.clone(), items)])?);
        }
        Ok(items(out))
    }))
}

pub(super) fn to_lookup(cx: &mut Cx<'_>, args: Args<'_>) -> Result<Value> {
    let groups = grouped(cx, args.some(0, "source")?, args.some(1, "keySelector")?, None, args.value(2))?;
    Ok(lookup(&args, groups, 0))
}

pub(super) fn to_lookup_element(cx: &mut Cx<'_>, args: Args<'_>) -> Result<Value> {
    let element = args.some(2, "elementSelector")?;
    let groups = grouped(cx, args.some(0, "source")?, args.some(1, "keySelector")?, Some(element), args.value(3))?;
    Ok(lookup(&args, groups, 2))
}

fn lookup(args: &Args<'_>, groups: Groups, element: usize) -> Value {
    let ty = Ty::generic(&LOOKUP, vec![args.ty(1).clone(), args.ty(element).clone()]);
    Value::object(Lookup { ty, groups })
}

/// The items of each side with equal keys; null keys match nothing.
fn joined(cx: &mut Cx<'_>, args: &[Value; 5]) -> Result<Groups> {
    let [outer, inner, outer_key, inner_key, comparer] = args;
    let matches: HashMap<Key, Vec<Value>> = grouped(cx, inner, inner_key, None, comparer)?
        .into_iter()
        .filter(|(key, _)| !key.is_null())
        .map(|(key, items)| (key_by(comparer, &key), items))
        .collect();
    let mut out = Vec::new();
    for item in cx.collect(outer)? {
        let key = cx.call(outer_key, &mut [item.clone()])?;
        out.push((item, matches.get(&key_by(comparer, &key)).cloned().unwrap_or_default()));
    }
    Ok(out)
}

fn operands(args: &Args<'_>) -> Result<([Value; 5], Value)> {
    let sides = [
        args.some(0, "outer")?.clone(),
        args.some(1, "inner")?.clone(),
        args.some(2, "outerKeySelector")?.clone(),
        args.some(3, "innerKeySelector")?.clone(),
        args.value(5).clone(),
    ];
    Ok((sides, args.some(4, "resultSelector")?.clone()))
}

pub(super) fn join(_cx: &mut Cx<'_>, args: Args<'_>) -> Result<Value> {
    let (sides, result) = operands(&args)?;
    Ok(lazy(args.ty(3).clone(), move |cx| {
        let mut out = Vec::new();
        for (item, matches) in joined(cx, &sides)? {
            for other in matches {
                cx.meter.step()?;
                out.push(cx.call(&result, &mut [item.clone(), other])?);
            }
        }
        Ok(items(out))
    }))
}

pub(super) fn group_join(_cx: &mut Cx<'_>, args: Args<'_>) -> Result<Value> {
    let (sides, result) = operands(&args)?;
    let inner = args.ty(1).clone();
    Ok(lazy(args.ty(3).clone(), move |cx| {
        let mut out = Vec::new();
        for (item, matches) in joined(cx, &sides)? {
            out.push(cx.call(&result, &mut [item, sequence(inner.clone(), matches)])?);
        }
        Ok(items(out))
    }))
}
