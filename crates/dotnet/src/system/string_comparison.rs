//! `System.StringComparison` and `System.StringSplitOptions`.

use csharp::surface::{EnumDef, TypeDef};

pub(crate) static DEF: TypeDef = TypeDef {
    name: "System.StringComparison",
    kind: EnumDef::of(&[
        ("CurrentCulture", 0),
        ("CurrentCultureIgnoreCase", 1),
        ("InvariantCulture", 2),
        ("InvariantCultureIgnoreCase", 3),
        ("Ordinal", 4),
        ("OrdinalIgnoreCase", 5),
    ]),
    doc: "How strings compare.",
    ..TypeDef::CLASS
};

pub(crate) static SPLIT_OPTIONS: TypeDef = TypeDef {
    name: "System.StringSplitOptions",
    kind: EnumDef::flags(&[("None", 0), ("RemoveEmptyEntries", 1)]),
    doc: "What `Split` does with empty parts.",
    ..TypeDef::CLASS
};
