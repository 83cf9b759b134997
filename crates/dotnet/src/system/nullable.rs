//! `System.Nullable<T>`. Its value at run time is the `T` itself, or null.

use csharp::{
    Args, Cx, Result, Value, exception,
    surface::{Kind, TypeDef, pure},
};

pub(crate) static DEF: TypeDef = TypeDef {
    name: "System.Nullable",
    params: &["T"],
    kind: Kind::Struct,
    members: &[
        pure(
            "bool HasValue { get; }",
            |_, args| Ok(Value::Bool(!args.value(0).is_null())),
            "Whether there is a value.",
        ),
        pure("T Value { get; }", value, "The value; InvalidOperationException without one."),
        pure("T GetValueOrDefault()", value_or_default, "The value, or the type's default."),
        pure("T GetValueOrDefault(T defaultValue)", value_or, "The value, or another one."),
        pure("string ToString()", super::object::to_string, "The value as text; empty without one."),
        pure("bool Equals(object other)", super::object::equals, "Whether both are equal."),
    ],
    doc: "A value type that may be null.",
    ..TypeDef::CLASS
};

/// The class beside the struct.
pub(crate) static STATIC: TypeDef = TypeDef {
    name: "System.Nullable",
    kind: Kind::Static,
    members: &[
        pure(
            "static int Compare<T>(T? n1, T? n2) where T : struct",
            compare,
            "Which is smaller; null is the smallest.",
        ),
        pure("static bool Equals<T>(T? n1, T? n2) where T : struct", super::object::equals, "Whether both are equal."),
        pure(
            "static Type GetUnderlyingType(Type nullableType)",
            underlying,
            "The `T` of a `T?`; null for other types.",
        ),
    ],
    doc: "What concerns two nullable values.",
    ..TypeDef::CLASS
};

fn compare(_cx: &mut Cx<'_>, args: Args<'_>) -> Result<Value> {
    Ok(Value::Int(match (args.value(0), args.value(1)) {
        (Value::Null, Value::Null) => 0,
        (Value::Null, _) => -1,
        (left, right) => super::numbers::ordering(left, right)?,
    }))
}

fn underlying(_cx: &mut Cx<'_>, args: Args<'_>) -> Result<Value> {
    Ok(match &args.object_or::<csharp::value::TypeObject>(0, "nullableType")?.ty {
        csharp::Ty::Nullable(inner) => super::object::type_value((**inner).clone()),
        _ => Value::Null,
    })
}

fn value(_cx: &mut Cx<'_>, mut args: Args<'_>) -> Result<Value> {
    match args.take(0) {
        Value::Null => Err(exception::invalid_operation("Nullable object must have a value.")),
        value => Ok(value),
    }
}

fn value_or_default(_cx: &mut Cx<'_>, mut args: Args<'_>) -> Result<Value> {
    match args.take(0) {
        Value::Null => Ok(Value::default_of(args.ty(0))),
        value => Ok(value),
    }
}

fn value_or(_cx: &mut Cx<'_>, mut args: Args<'_>) -> Result<Value> {
    match args.take(0) {
        Value::Null => Ok(args.take(1)),
        value => Ok(value),
    }
}
