//! The enums of dates: `DayOfWeek`, `DateTimeKind`, `DateTimeStyles`, `TimeSpanStyles`.

use csharp::surface::{EnumDef, TypeDef};

pub(crate) static DAY_OF_WEEK: TypeDef = TypeDef {
    name: "System.DayOfWeek",
    kind: EnumDef::of(&[
        ("Sunday", 0),
        ("Monday", 1),
        ("Tuesday", 2),
        ("Wednesday", 3),
        ("Thursday", 4),
        ("Friday", 5),
        ("Saturday", 6),
    ]),
    doc: "A day of the week.",
    ..TypeDef::CLASS
};

pub(crate) static DATE_TIME_KIND: TypeDef = TypeDef {
    name: "System.DateTimeKind",
    kind: EnumDef::of(&[("Unspecified", 0), ("Utc", 1), ("Local", 2)]),
    doc: "Which clock a `DateTime` was read from.",
    ..TypeDef::CLASS
};

pub(crate) static DATE_TIME_STYLES: TypeDef = TypeDef {
    name: "System.Globalization.DateTimeStyles",
    kind: EnumDef::flags(&[
        ("None", 0),
        ("AllowLeadingWhite", 1),
        ("AllowTrailingWhite", 2),
        ("AllowInnerWhite", 4),
        ("AllowWhiteSpaces", 7),
        ("NoCurrentDateDefault", 8),
        ("AdjustToUniversal", 16),
        ("AssumeLocal", 32),
        ("AssumeUniversal", 64),
        ("RoundtripKind", 128),
    ]),
    doc: "How a text is read as a date.",
    ..TypeDef::CLASS
};

pub(crate) static TIME_SPAN_STYLES: TypeDef = TypeDef {
    name: "System.Globalization.TimeSpanStyles",
    kind: EnumDef::of(&[("None", 0), ("AssumeNegative", 1)]),
    doc: "How a text is read as a time span.",
    ..TypeDef::CLASS
};
