//! `System.ValueTuple`. Its items are read and written by the language itself.

use csharp::surface::{Kind, TypeDef};

macro_rules! tuples {
    ($($name:ident [$($param:literal),*];)*) => {$(
        pub(crate) static $name: TypeDef = TypeDef {
            name: "System.ValueTuple",
            params: &[$($param),*],
            kind: Kind::Struct,
            doc: "A tuple.",
            ..TypeDef::CLASS
        };
    )*};
}

tuples! {
    DEF_2 ["T1", "T2"];
    DEF_3 ["T1", "T2", "T3"];
    DEF_4 ["T1", "T2", "T3", "T4"];
    DEF_5 ["T1", "T2", "T3", "T4", "T5"];
    DEF_6 ["T1", "T2", "T3", "T4", "T5", "T6"];
    DEF_7 ["T1", "T2", "T3", "T4", "T5", "T6", "T7"];
}
