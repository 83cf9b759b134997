//! `System.Collections.Generic.KeyValuePair<TKey, TValue>`.

use csharp::{
    Args, Cx, Result, Str, Ty, Value,
    parcel::{Packed, Packer},
    surface::{Kind, TypeDef, pure},
    value::Object,
};

pub(crate) static DEF: TypeDef = TypeDef {
    name: "System.Collections.Generic.KeyValuePair",
    params: &["TKey", "TValue"],
    kind: Kind::Struct,
    members: &[
        pure("KeyValuePair(TKey key, TValue value)", new, "A pair."),
        pure("TKey Key { get; }", |_, args| Ok(parts(args.value(0)).map_or(Value::Null, |(key, _)| key)), "The key."),
        pure(
            "TValue Value { get; }",
            |_, args| Ok(parts(args.value(0)).map_or(Value::Null, |(_, value)| value)),
            "The value.",
        ),
        pure("void Deconstruct(out TKey key, out TValue value)", deconstruct, "Key and value apart."),
    ],
    default: Some(|types| match types {
        [key, value] => pair(key, value, Value::default_of(key), Value::default_of(value)),
        _ => Value::Null,
    }),
    doc: "A key and a value.",
    ..TypeDef::CLASS
};

struct KeyValuePair {
    ty: Ty,
    key: Value,
    value: Value,
}

impl Object for KeyValuePair {
    fn ty(&self) -> Ty {
        self.ty.clone()
    }

    fn pack(&self, packer: &mut Packer) -> Option<Packed> {
        let (ty, key, value) = (self.ty.clone(), packer.value(&self.key)?, packer.value(&self.value)?);
        Some(Packed::new(move |unpacked| {
            Value::object(KeyValuePair { ty, key: unpacked.value(&key), value: unpacked.value(&value) })
        }))
    }

    fn text(&self, cx: &mut Cx<'_>) -> Result<Str> {
        Ok(format!("[{}, {}]", cx.text(&self.key)?, cx.text(&self.value)?).into())
    }

    fn equals(&self, other: &Value) -> bool {
        other
            .downcast::<KeyValuePair>()
            .is_some_and(|other| self.ty == other.ty && self.key.equals(&other.key) && self.value.equals(&other.value))
    }

    fn hash(&self) -> Option<u64> {
        Some(csharp::value::combined_hash(&[self.key.clone(), self.value.clone()]))
    }
}

/// A pair of these types.
pub(crate) fn pair(key_ty: &Ty, value_ty: &Ty, key: Value, value: Value) -> Value {
    Value::object(KeyValuePair { ty: Ty::generic(&DEF, vec![key_ty.clone(), value_ty.clone()]), key, value })
}

/// Key and value of a pair.
pub(crate) fn parts(value: &Value) -> Option<(Value, Value)> {
    value.downcast::<KeyValuePair>().map(|pair| (pair.key.clone(), pair.value.clone()))
}

fn deconstruct(_cx: &mut Cx<'_>, mut args: Args<'_>) -> Result<Value> {
    if let Some((key, value)) = parts(args.value(0)) {
        args.set(1, key);
        args.set(2, value);
    }
    Ok(Value::Null)
}

fn new(_cx: &mut Cx<'_>, mut args: Args<'_>) -> Result<Value> {
    let (key, value) = (args.take(0), args.take(1));
    Ok(pair(args.ty(0), args.ty(1), key, value))
}
