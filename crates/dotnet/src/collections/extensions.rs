//! `System.Collections.Generic.CollectionExtensions`, and the class of `KeyValuePair.Create`.

use csharp::{
    Args, Cx, Result, Value,
    surface::{Kind, TypeDef, acts, pure, reads},
};

use super::{interfaces::lookup, key_value_pair};

pub(crate) static DEF: TypeDef = TypeDef {
    name: "System.Collections.Generic.CollectionExtensions",
    kind: Kind::Static,
    members: &[
        reads(
            "TValue GetValueOrDefault<TKey, TValue>(this IReadOnlyDictionary<TKey, TValue> dictionary, TKey key)",
            value_or_default,
            "The value under a key, or the type's default.",
        ),
        reads(
            "TValue GetValueOrDefault<TKey, TValue>(this IReadOnlyDictionary<TKey, TValue> dictionary, TKey key, TValue defaultValue)",
            value_or_default,
            "The value under a key, or another one.",
        ),
        acts(
            "bool TryAdd<TKey, TValue>(this IDictionary<TKey, TValue> dictionary, TKey key, TValue value)",
            try_add,
            "Adds a key, if it is not there.",
        ),
    ],
    doc: "What dictionaries have through their interfaces.",
    ..TypeDef::CLASS
};

pub(crate) static PAIRS: TypeDef = TypeDef {
    name: "System.Collections.Generic.KeyValuePair",
    kind: Kind::Static,
    members: &[pure(
        "static KeyValuePair<TKey, TValue> Create<TKey, TValue>(TKey key, TValue value)",
        |_, mut args| {
            let (key, value) = (args.take(0), args.take(1));
            Ok(key_value_pair::pair(args.ty(0), args.ty(1), key, value))
        },
        "A pair.",
    )],
    doc: "Makes pairs.",
    ..TypeDef::CLASS
};

fn value_or_default(cx: &mut Cx<'_>, mut args: Args<'_>) -> Result<Value> {
    args.some(0, "dictionary")?;
    Ok(match lookup(cx, &args)? {
        Some(value) => value,
        None if args.len() > 2 => args.take(2),
        None => Value::default_of(args.ty(1)),
    })
}

fn try_add(cx: &mut Cx<'_>, args: Args<'_>) -> Result<Value> {
    args.some(0, "dictionary")?;
    let is_new = lookup(cx, &args)?.is_none();
    if is_new {
        super::interfaces::add_key(cx, args)?;
    }
    Ok(Value::Bool(is_new))
}
