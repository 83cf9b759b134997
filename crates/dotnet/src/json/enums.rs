//! The enums of `Newtonsoft.Json` and `Newtonsoft.Json.Linq`.

use csharp::surface::{EnumDef, TypeDef};

pub(super) static TOKEN_TYPE: TypeDef = TypeDef {
    name: "Newtonsoft.Json.Linq.JTokenType",
    kind: EnumDef::of(&[
        ("None", 0),
        ("Object", 1),
        ("Array", 2),
        ("Constructor", 3),
        ("Property", 4),
        ("Comment", 5),
        ("Integer", 6),
        ("Float", 7),
        ("String", 8),
        ("Boolean", 9),
        ("Null", 10),
        ("Undefined", 11),
        ("Date", 12),
        ("Raw", 13),
        ("Bytes", 14),
        ("Guid", 15),
        ("Uri", 16),
        ("TimeSpan", 17),
    ]),
    doc: "What a token is.",
    ..TypeDef::CLASS
};

pub(super) static FORMATTING: TypeDef = TypeDef {
    name: "Newtonsoft.Json.Formatting",
    kind: EnumDef::of(&[("None", 0), ("Indented", 1)]),
    doc: "Whether JSON is written on one line or on many.",
    ..TypeDef::CLASS
};

pub(super) static MERGE_ARRAY_HANDLING: TypeDef = TypeDef {
    name: "Newtonsoft.Json.Linq.MergeArrayHandling",
    kind: EnumDef::of(&[("Concat", 0), ("Union", 1), ("Replace", 2), ("Merge", 3)]),
    doc: "How arrays are merged.",
    ..TypeDef::CLASS
};

pub(super) static MERGE_NULL_VALUE_HANDLING: TypeDef = TypeDef {
    name: "Newtonsoft.Json.Linq.MergeNullValueHandling",
    kind: EnumDef::flags(&[("Ignore", 0), ("Merge", 1)]),
    doc: "Whether a null replaces a value when objects are merged.",
    ..TypeDef::CLASS
};

pub(super) static NULL_VALUE_HANDLING: TypeDef = TypeDef {
    name: "Newtonsoft.Json.NullValueHandling",
    kind: EnumDef::of(&[("Include", 0), ("Ignore", 1)]),
    doc: "Whether properties that are null are written.",
    ..TypeDef::CLASS
};

pub(super) static DATE_PARSE_HANDLING: TypeDef = TypeDef {
    name: "Newtonsoft.Json.DateParseHandling",
    kind: EnumDef::of(&[("None", 0), ("DateTime", 1), ("DateTimeOffset", 2)]),
    doc: "What becomes of texts that look like dates.",
    ..TypeDef::CLASS
};

pub(super) static COMMENT_HANDLING: TypeDef = TypeDef {
    name: "Newtonsoft.Json.Linq.CommentHandling",
    kind: EnumDef::of(&[("Ignore", 0), ("Load", 1)]),
    doc: "Whether comments become tokens.",
    ..TypeDef::CLASS
};

pub(super) static LINE_INFO_HANDLING: TypeDef = TypeDef {
    name: "Newtonsoft.Json.Linq.LineInfoHandling",
    kind: EnumDef::of(&[("Ignore", 0), ("Load", 1)]),
    doc: "Whether tokens know the line they come from. Nothing here shows it.",
    ..TypeDef::CLASS
};

pub(super) static DUPLICATE_PROPERTY_NAME_HANDLING: TypeDef = TypeDef {
    name: "Newtonsoft.Json.Linq.DuplicatePropertyNameHandling",
    kind: EnumDef::of(&[("Replace", 0), ("Ignore", 1), ("Error", 2)]),
    doc: "What a name that comes twice does; only Replace is supported.",
    ..TypeDef::CLASS
};
