//! `System.ValueTuple`. Its items are read and written by the language itself.

use csharp::{
    Args, Cx, Result, Ty, Value,
    surface::{Kind, TypeDef, pure},
    ty::TupleTy,
    value::Tuple,
};

macro_rules! tuples {
    ($($name:ident [$($param:literal),*] $compare:literal $equals:literal;)*) => {$(
        pub(crate) static $name: TypeDef = TypeDef {
            name: "System.ValueTuple",
            params: &[$($param),*],
            kind: Kind::Struct,
            members: &[
                pure($compare, super::numbers::compare_to, "Item by item, which is smaller."),
                pure($equals, super::object::equals, "Whether all items are equal."),
            ],
            doc: "A tuple.",
            ..TypeDef::CLASS
        };
    )*};
}

tuples! {
    DEF_2 ["T1", "T2"] "int CompareTo((T1, T2) other)" "bool Equals((T1, T2) other)";
    DEF_3 ["T1", "T2", "T3"] "int CompareTo((T1, T2, T3) other)" "bool Equals((T1, T2, T3) other)";
    DEF_4 ["T1", "T2", "T3", "T4"] "int CompareTo((T1, T2, T3, T4) other)" "bool Equals((T1, T2, T3, T4) other)";
    DEF_5 ["T1", "T2", "T3", "T4", "T5"] "int CompareTo((T1, T2, T3, T4, T5) other)" "bool Equals((T1, T2, T3, T4, T5) other)";
    DEF_6 ["T1", "T2", "T3", "T4", "T5", "T6"] "int CompareTo((T1, T2, T3, T4, T5, T6) other)" "bool Equals((T1, T2, T3, T4, T5, T6) other)";
    DEF_7 ["T1", "T2", "T3", "T4", "T5", "T6", "T7"] "int CompareTo((T1, T2, T3, T4, T5, T6, T7) other)" "bool Equals((T1, T2, T3, T4, T5, T6, T7) other)";
}

pub(crate) static CREATE: TypeDef = TypeDef {
    name: "System.ValueTuple",
    kind: Kind::Static,
    members: &[
        pure("static (T1, T2) Create<T1, T2>(T1 item1, T2 item2)", create, "Two values."),
        pure("static (T1, T2, T3) Create<T1, T2, T3>(T1 item1, T2 item2, T3 item3)", create, "Three values."),
        pure(
            "static (T1, T2, T3, T4) Create<T1, T2, T3, T4>(T1 item1, T2 item2, T3 item3, T4 item4)",
            create,
            "Four values.",
        ),
    ],
    doc: "Makes tuples.",
    ..TypeDef::CLASS
};

fn create(_cx: &mut Cx<'_>, mut args: Args<'_>) -> Result<Value> {
    let types: Vec<Ty> = args.types().to_vec();
    let items: Vec<Value> = (0..args.len()).map(|at| args.take(at)).collect();
    let ty = TupleTy { names: vec![None; types.len()], items: types };
    Ok(Value::object(Tuple { ty: ty.into(), items: items.into() }))
}
