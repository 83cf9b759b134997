//! `System`'s interfaces, `System.Globalization.CultureInfo` and `NumberStyles`.

use csharp::{
    Args, Cx, Result, Value,
    surface::{EnumDef, Kind, TypeDef, acts, pure},
    ty::Def,
};

const INTERFACE: TypeDef = TypeDef { kind: Kind::Interface, doc: "An interface.", ..TypeDef::CLASS };

pub(crate) static DISPOSABLE: TypeDef = TypeDef {
    name: "System.IDisposable",
    members: &[acts("void Dispose()", |_, _| Ok(Value::Null), "Ends the use of a resource.")],
    ..INTERFACE
};

pub(crate) static COMPARABLE: TypeDef = TypeDef {
    name: "System.IComparable",
    members: &[pure("int CompareTo(object obj)", compare_to, "Which comes first.")],
    ..INTERFACE
};

pub(crate) static COMPARABLE_OF: TypeDef = TypeDef {
    name: "System.IComparable",
    params: &["in T"],
    members: &[pure("int CompareTo(T other)", compare_to, "Which comes first.")],
    ..INTERFACE
};

pub(crate) static EQUATABLE: TypeDef = TypeDef {
    name: "System.IEquatable",
    params: &["T"],
    members: &[pure("bool Equals(T other)", super::object::equals, "Whether both are equal.")],
    ..INTERFACE
};

pub(crate) static FORMATTABLE: TypeDef = TypeDef {
    name: "System.IFormattable",
    members: &[pure(
        "string ToString(string format, IFormatProvider formatProvider)",
        to_string,
        "The value in a format.",
    )],
    ..INTERFACE
};

pub(crate) static FORMAT_PROVIDER: TypeDef = TypeDef { name: "System.IFormatProvider", ..INTERFACE };

/// One culture exists: the invariant one. The others are handles to the same.
pub(crate) static CULTURE_INFO: TypeDef = TypeDef {
    name: "System.Globalization.CultureInfo",
    bases: &["IFormatProvider"],
    members: &[
        pure(
            "static CultureInfo InvariantCulture { get; }",
            |_, _| Ok(Value::Word(Def(&CULTURE_INFO), 0)),
            "The invariant culture.",
        ),
        pure(
            "static CultureInfo CurrentCulture { get; }",
            |_, _| Ok(Value::Word(Def(&CULTURE_INFO), 0)),
            "The invariant culture: a gateway has no other.",
        ),
        pure("string Name { get; }", |_, _| Ok(Value::str("")), "Empty: the invariant culture has no name."),
    ],
    doc: "A culture.",
    ..TypeDef::CLASS
};

pub(crate) static NUMBER_STYLES: TypeDef = TypeDef {
    name: "System.Globalization.NumberStyles",
    kind: EnumDef::flags(&[
        ("None", 0),
        ("AllowLeadingWhite", 1),
        ("AllowTrailingWhite", 2),
        ("AllowLeadingSign", 4),
        ("Integer", 7),
        ("AllowTrailingSign", 8),
        ("AllowParentheses", 16),
        ("AllowDecimalPoint", 32),
        ("AllowThousands", 64),
        ("Number", 111),
        ("AllowExponent", 128),
        ("Float", 167),
        ("AllowCurrencySymbol", 256),
        ("Currency", 383),
        ("Any", 511),
        ("AllowHexSpecifier", 512),
        ("HexNumber", 515),
    ]),
    doc: "What a number may look like.",
    ..TypeDef::CLASS
};

fn compare_to(_cx: &mut Cx<'_>, args: Args<'_>) -> Result<Value> {
    if let (Value::Str(left), Value::Str(right)) = (args.value(0), args.value(1)) {
        return Ok(Value::Int(dotformat::compare_invariant(&left.to_text(), &right.to_text(), false) as i32));
    }
    super::numbers::ordering(args.value(0), args.value(1)).map(Value::Int)
}

fn to_string(cx: &mut Cx<'_>, args: Args<'_>) -> Result<Value> {
    let format = args.opt_str(1).cloned().unwrap_or_default();
    cx.format(args.value(0), &format.to_text()).map(Value::Str)
}
