//! `System.Boolean`.

use csharp::{
    Args, Cx, Result, Value, exception,
    surface::{Kind, TypeDef, pure},
};

pub(crate) static DEF: TypeDef = TypeDef {
    name: "System.Boolean",
    kind: Kind::Struct,
    bases: &["IComparable", "IComparable<bool>", "IEquatable<bool>"],
    members: &[
        pure("static readonly string TrueString", |_, _| Ok(Value::str("True")), "`True`."),
        pure("static readonly string FalseString", |_, _| Ok(Value::str("False")), "`False`."),
        pure(
            "static bool Parse(string value)",
            parse,
            "Reads `true` or `false`, in any case, blanks around it allowed.",
        ),
        pure(
            "static bool TryParse(string value, out bool result)",
            try_parse,
            "Reads `true` or `false`, if it is that.",
        ),
        pure("string ToString()", super::object::to_string, "`True` or `False`."),
        pure("string ToString(IFormatProvider provider)", super::object::to_string, "`True` or `False`."),
        pure(
            "int CompareTo(object value)",
            super::numbers::compare_to,
            "False comes first; ArgumentException for another type.",
        ),
        pure("TypeCode GetTypeCode()", super::type_code::of_value, "`Boolean`."),
        pure("int CompareTo(bool value)", super::numbers::compare_to, "False comes first."),
        pure("bool Equals(bool obj)", super::object::equals, "Whether both are the same."),
    ],
    doc: "True or false.",
    ..TypeDef::CLASS
};

pub(crate) fn read(text: &str) -> Option<bool> {
    let text = text.trim_matches(|c: char| c.is_whitespace() || c == '\0');
    match text {
        _ if text.eq_ignore_ascii_case("true") => Some(true),
        _ if text.eq_ignore_ascii_case("false") => Some(false),
        _ => None,
    }
}

fn parse(_cx: &mut Cx<'_>, args: Args<'_>) -> Result<Value> {
    let text = args.str(0, "value")?;
    read(&text.to_text())
        .map(Value::Bool)
        .ok_or_else(|| exception::format(format!("String '{text}' was not recognized as a valid Boolean.")))
}

fn try_parse(_cx: &mut Cx<'_>, mut args: Args<'_>) -> Result<Value> {
    let found = args.opt_str(0).and_then(|text| read(&text.to_text()));
    args.set(1, Value::Bool(found.unwrap_or_default()));
    Ok(Value::Bool(found.is_some()))
}
