//! `System.TypeCode` and `GetTypeCode`.

use csharp::{
    Args, Cx, Prim, Result, Ty, Value,
    surface::{EnumDef, TypeDef},
};

pub(crate) static DEF: TypeDef = TypeDef {
    name: "System.TypeCode",
    kind: EnumDef::of(&[
        ("Empty", 0),
        ("Object", 1),
        ("DBNull", 2),
        ("Boolean", 3),
        ("Char", 4),
        ("SByte", 5),
        ("Byte", 6),
        ("Int16", 7),
        ("UInt16", 8),
        ("Int32", 9),
        ("UInt32", 10),
        ("Int64", 11),
        ("UInt64", 12),
        ("Single", 13),
        ("Double", 14),
        ("Decimal", 15),
        ("DateTime", 16),
        ("String", 18),
    ]),
    doc: "Which of the basic types a value has.",
    ..TypeDef::CLASS
};

/// `GetTypeCode()` of the receiver, and `Convert.GetTypeCode(object)`.
pub(crate) fn of_value(_cx: &mut Cx<'_>, args: Args<'_>) -> Result<Value> {
    Ok(Value::enumeration(&DEF, code(args.value(0))))
}

/// The code of a value; `Object` for what has none of its own.
pub(crate) fn code(value: &Value) -> i64 {
    match value.ty() {
        Ty::Null => 0,
        ty if ty == Ty::named(&super::date_time::DEF) => 16,
        ty if ty.is_enum() => 9,
        ty => ty.prim().map_or(1, |prim| match prim {
            Prim::Object => 1,
            Prim::Bool => 3,
            Prim::Char => 4,
            Prim::SByte => 5,
            Prim::Byte => 6,
            Prim::Short => 7,
            Prim::UShort => 8,
            Prim::Int => 9,
            Prim::UInt => 10,
            Prim::Long => 11,
            Prim::ULong => 12,
            Prim::Float => 13,
            Prim::Double => 14,
            Prim::Decimal => 15,
            Prim::String => 18,
        }),
    }
}
