//! `JValue` and `JRaw`.

use csharp::{
    Args, Cx, Result, Value, exception,
    surface::{TypeDef, reads},
};

use super::{
    cast::from_string,
    content::new_value,
    exceptions::checked,
    foreign::{self, text},
    token::{Token, this, wrap},
};

pub(super) static DEF: TypeDef = TypeDef {
    name: "Newtonsoft.Json.Linq.JValue",
    bases: &["JToken", "IComparable", "IComparable<JValue>", "IFormattable"],
    members: &[
        reads("JValue(JValue other)", copy, "A copy."),
        reads("JValue(long value)", new, "A whole number."),
        reads("JValue(ulong value)", new, "A whole number."),
        reads("JValue(decimal value)", new, "A decimal number."),
        reads("JValue(double value)", new, "A floating-point number."),
        reads("JValue(float value)", new, "A floating-point number."),
        reads("JValue(char value)", new, "A text of one character."),
        reads("JValue(bool value)", new, "A Boolean."),
        reads("JValue(DateTime value)", new, "A date."),
        reads("JValue(DateTimeOffset value)", new, "A date."),
        reads("JValue(string value)", from_string, "A text."),
        reads("JValue(Guid value)", new, "A GUID."),
        reads("JValue(Uri value)", new, "A URI."),
        reads("JValue(TimeSpan value)", new, "A span of time."),
        reads("JValue(object value)", new, "A value of any type that JSON can hold."),
        reads("static JValue CreateComment(string value)", comment, "A comment."),
        reads("static JValue CreateString(string value)", from_string, "A text."),
        reads("static JValue CreateNull()", |_, _| Ok(wrap(json::Value::Null.into())), "Null."),
        reads("static JValue CreateUndefined()", |_, _| Ok(wrap(json::Value::Undefined.into())), "Undefined."),
        reads("object Value { get; }", value, "The value.").with_set(set_value),
        reads("string ToString(string format)", to_string, "The value in a format."),
        reads(
            "string ToString(IFormatProvider formatProvider)",
            to_string,
            "The value as text; only the invariant culture exists.",
        ),
        reads("string ToString(string format, IFormatProvider formatProvider)", to_string, "The value in a format."),
        reads("int CompareTo(JValue obj)", compare_to, "Which comes first."),
        reads("int CompareTo(object obj)", compare_to, "Which comes first."),
        reads("bool Equals(JValue other)", equals, "Whether both have the same type and value."),
    ],
    doc: "A JSON value: text, number, Boolean, date, null and their like.",
    ..TypeDef::CLASS
};

pub(super) static RAW: TypeDef = TypeDef {
    name: "Newtonsoft.Json.Linq.JRaw",
    bases: &["JValue"],
    members: &[reads("JRaw(JRaw other)", copy, "A copy."), reads("JRaw(object rawJson)", raw, "JSON as it is.")],
    doc: "Text that is written into JSON as it is.",
    ..TypeDef::CLASS
};

fn copy(_cx: &mut Cx<'_>, args: Args<'_>) -> Result<Value> {
    Ok(wrap(args.object_or::<Token>(0, "other")?.0.deep_clone()))
}

fn new(cx: &mut Cx<'_>, args: Args<'_>) -> Result<Value> {
    new_value(cx, args.value(0)).map(wrap)
}

fn comment(_cx: &mut Cx<'_>, args: Args<'_>) -> Result<Value> {
    let content = args.opt_str(0).cloned().unwrap_or_default();
    Ok(wrap(json::Value::Comment(text(&content)).into()))
}

fn raw(cx: &mut Cx<'_>, args: Args<'_>) -> Result<Value> {
    let content = cx.text(args.value(0))?;
    Ok(wrap(json::Value::Raw(text(&content)).into()))
}

fn content(cx: &mut Cx<'_>, args: &Args<'_>) -> Result<Value> {
    match this(args)?.as_value() {
        Some(value) => foreign::of_json(cx, &value),
        None => Ok(Value::Null),
    }
}

fn value(cx: &mut Cx<'_>, args: Args<'_>) -> Result<Value> {
    content(cx, &args)
}

fn set_value(cx: &mut Cx<'_>, args: Args<'_>) -> Result<Value> {
    let new = new_value(cx, args.value(1))?;
    if let Some(value) = new.as_value() {
        this(&args)?.set_value(value);
    }
    Ok(Value::Null)
}

fn to_string(cx: &mut Cx<'_>, args: Args<'_>) -> Result<Value> {
    let value = content(cx, &args)?;
    let format = args.opt_str(1).cloned().unwrap_or_default();
    cx.format(&value, &format.to_text()).map(Value::Str)
}

fn compare_to(cx: &mut Cx<'_>, args: Args<'_>) -> Result<Value> {
    let other = match args.value(1) {
        Value::Null => return Ok(Value::Int(1)),
        value => match value.downcast::<Token>() {
            Some(Token(token)) if token.is_container() => {
                return Err(exception::argument("Object must be of type JValue.", "obj"));
            }
            Some(Token(token)) => token.clone(),
            None => new_value(cx, value)?,
        },
    };
    checked(this(&args)?.compare_to(&other)).map(|order| Value::Int(order as i32))
}

fn equals(_cx: &mut Cx<'_>, args: Args<'_>) -> Result<Value> {
    Ok(Value::Bool(args.value(0).equals(args.value(1))))
}
