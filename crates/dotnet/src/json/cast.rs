//! Conversions between tokens and .NET values: `(int)token`, `JToken t = 5`, `Value<T>()`.

use csharp::{
    Args, Cx, Prim, Result, Ty, Value, exception,
    surface::{Member, pure, reads},
};
use json::{Integral, JToken};

use super::{
    content::new_value,
    exceptions::checked,
    foreign,
    token::{Token, wrap},
};

/// `rows` and the conversions.
pub(super) const fn with<const N: usize>(rows: &[Member]) -> [Member; N] {
    let mut out = [const { pure("", absent, "") }; N];
    let mut at = 0;
    while at < N {
        let row = if at < rows.len() { &rows[at] } else { &CONVERSIONS[at - rows.len()] };
        out[at] = Member { ..*row };
        at += 1;
    }
    out
}

/// How many rows [`with`] gives.
pub(super) const fn count(rows: &[Member]) -> usize {
    rows.len() + CONVERSIONS.len()
}

fn absent(_cx: &mut Cx<'_>, _args: Args<'_>) -> Result<Value> {
    Ok(Value::Null)
}

macro_rules! conversions {
    (values: $($keyword:literal $to:expr;)* references: $($class:literal $to_reference:expr, $from_reference:expr;)* only_from: $($narrow:literal $to_narrow:expr;)*) => {
        const CONVERSIONS: &[Member] = &[
            $(
                reads(concat!("static explicit operator ", $keyword, "(JToken value)"), |cx, args| required(cx, &args, $to), "The value as this type."),
                reads(concat!("static explicit operator ", $keyword, "?(JToken value)"), |cx, args| optional(cx, &args, $to), "The value as this type; null stays null."),
                reads(concat!("static implicit operator JToken(", $keyword, " value)"), from, "A value of JSON."),
                reads(concat!("static implicit operator JToken(", $keyword, "? value)"), from, "A value of JSON."),
            )*
            $(
                reads(concat!("static explicit operator ", $class, "(JToken value)"), |cx, args| optional(cx, &args, $to_reference), "The value as this type; null stays null."),
                reads(concat!("static implicit operator JToken(", $class, " value)"), $from_reference, "A value of JSON."),
            )*
            $(
                reads(concat!("static explicit operator ", $narrow, "(JToken value)"), |cx, args| required(cx, &args, $to_narrow), "The value as this type."),
                reads(concat!("static explicit operator ", $narrow, "?(JToken value)"), |cx, args| optional(cx, &args, $to_narrow), "The value as this type; null stays null."),
            )*
        ];
    };
}

conversions! {
    values:
        "bool" boolean;
        "sbyte" |_, token| integer(token, Prim::SByte);
        "byte" |_, token| integer(token, Prim::Byte);
        "short" |_, token| integer(token, Prim::Short);
        "ushort" |_, token| integer(token, Prim::UShort);
        "int" |_, token| integer(token, Prim::Int);
        "uint" |_, token| integer(token, Prim::UInt);
        "long" |_, token| integer(token, Prim::Long);
        "ulong" |_, token| integer(token, Prim::ULong);
        "float" |_, token| checked(token.to_single()).map(Value::Float);
        "double" |_, token| checked(token.to_double()).map(Value::Double);
        "decimal" |_, token| checked(token.to_decimal()).map(Value::Decimal);
        "DateTime" date_time;
        "DateTimeOffset" date_time_offset;
        "TimeSpan" time_span;
        "Guid" guid;
    references:
        "string" string, from_string;
        "byte[]" bytes, from;
        "Uri" uri, from;
    only_from:
        "char" |_, token| checked(token.to_char()).map(Value::Char);
}

type Cast = fn(&mut Cx<'_>, &JToken) -> Result<Value>;

fn required(cx: &mut Cx<'_>, args: &Args<'_>, cast: Cast) -> Result<Value> {
    cast(cx, &args.object_or::<Token>(0, "value")?.0)
}

fn optional(cx: &mut Cx<'_>, args: &Args<'_>, cast: Cast) -> Result<Value> {
    match args.object::<Token>(0) {
        Some(Token(token)) if !token.casts_to_null() => cast(cx, token),
        _ => Ok(Value::Null),
    }
}

fn from(cx: &mut Cx<'_>, args: Args<'_>) -> Result<Value> {
    new_value(cx, args.value(0)).map(wrap)
}

/// A null string stays a string.
pub(super) fn from_string(cx: &mut Cx<'_>, args: Args<'_>) -> Result<Value> {
    match args.value(0) {
        Value::Null => Ok(wrap(json::Value::NullString.into())),
        value => new_value(cx, value).map(wrap),
    }
}

fn boolean(_cx: &mut Cx<'_>, token: &JToken) -> Result<Value> {
    checked(token.to_boolean()).map(Value::Bool)
}

fn integer(token: &JToken, prim: Prim) -> Result<Value> {
    let read = |kind| checked(token.to_integer(kind));
    Ok(match prim {
        Prim::SByte => Value::SByte(read(Integral::SByte)? as i8),
        Prim::Byte => Value::Byte(read(Integral::Byte)? as u8),
        Prim::Short => Value::Short(read(Integral::Int16)? as i16),
        Prim::UShort => Value::UShort(read(Integral::UInt16)? as u16),
        Prim::UInt => Value::UInt(read(Integral::UInt32)? as u32),
        Prim::Long => Value::Long(read(Integral::Int64)? as i64),
        Prim::ULong => Value::ULong(read(Integral::UInt64)? as u64),
        _ => Value::Int(read(Integral::Int32)? as i32),
    })
}

fn string(_cx: &mut Cx<'_>, token: &JToken) -> Result<Value> {
    Ok(Value::str_or_null(checked(token.to_text())?.map(|text| csharp::Str::from(text.as_str()))))
}

/// Texts in forms that JSON does not know go to `DateTime.Parse`.
fn date_time(cx: &mut Cx<'_>, token: &JToken) -> Result<Value> {
    match token.to_date() {
        Ok(date) => Ok(foreign::date_time(cx, date)),
        Err(_) => match checked(token.date_operand())? {
            json::Value::String(text) => foreign::made_of(cx, "System.DateTime", text.as_str().to_owned()),
            _ => checked(token.to_date()).map(|date| foreign::date_time(cx, date)),
        },
    }
}

fn date_time_offset(cx: &mut Cx<'_>, token: &JToken) -> Result<Value> {
    match token.to_date_offset() {
        Ok(date) => foreign::of_json(cx, &json::Value::DateOffset(date)),
        Err(error) => match token.as_text() {
            Some(text) => foreign::made_of(cx, "System.DateTimeOffset", text.as_str().to_owned()),
            None => checked(Err(error)),
        },
    }
}

fn time_span(cx: &mut Cx<'_>, token: &JToken) -> Result<Value> {
    let ticks = checked(token.to_time_span())?;
    Ok(foreign::word(cx, "System.TimeSpan", ticks as u64))
}

fn guid(cx: &mut Cx<'_>, token: &JToken) -> Result<Value> {
    let guid = checked(token.to_guid())?;
    foreign::of_json(cx, &json::Value::Guid(guid))
}

fn uri(cx: &mut Cx<'_>, token: &JToken) -> Result<Value> {
    match checked(token.to_uri())? {
        Some(uri) => foreign::of_json(cx, &json::Value::Uri(uri)),
        None => Ok(Value::Null),
    }
}

fn bytes(_cx: &mut Cx<'_>, token: &JToken) -> Result<Value> {
    Ok(checked(token.to_bytes())?.map_or(Value::Null, |bytes| Value::bytes(bytes.to_vec())))
}

/// `(T)token` for the types that have a conversion; `None` for all others.
pub(super) fn explicit(ty: &Ty) -> Option<Cast> {
    Some(match ty {
        Ty::Prim(prim) => match prim {
            Prim::Object => return None,
            Prim::String => string,
            Prim::Bool => boolean,
            Prim::Char => |_, token| checked(token.to_char()).map(Value::Char),
            Prim::SByte => |_, token| integer(token, Prim::SByte),
            Prim::Byte => |_, token| integer(token, Prim::Byte),
            Prim::Short => |_, token| integer(token, Prim::Short),
            Prim::UShort => |_, token| integer(token, Prim::UShort),
            Prim::Int => |_, token| integer(token, Prim::Int),
            Prim::UInt => |_, token| integer(token, Prim::UInt),
            Prim::Long => |_, token| integer(token, Prim::Long),
            Prim::ULong => |_, token| integer(token, Prim::ULong),
            Prim::Float => |_, token| checked(token.to_single()).map(Value::Float),
            Prim::Double => |_, token| checked(token.to_double()).map(Value::Double),
            Prim::Decimal => |_, token| checked(token.to_decimal()).map(Value::Decimal),
        },
        Ty::Array(element, 1) if **element == Ty::BYTE => bytes,
        Ty::Named(def, _) => match def.0.name {
            "System.DateTime" => date_time,
            "System.DateTimeOffset" => date_time_offset,
            "System.TimeSpan" => time_span,
            "System.Guid" => guid,
            "System.Uri" => uri,
            _ => return None,
        },
        _ => return None,
    })
}

/// Whether `null` is a value of the type.
pub(super) fn holds_null(ty: &Ty) -> bool {
    !ty.is_value_type() || ty.is_nullable()
}

/// `token.Value<T>()`: the token itself if it is a `T`, else its value, changed as `Convert.ChangeType` does.
pub(super) fn convert(cx: &mut Cx<'_>, token: &JToken, ty: &Ty) -> Result<Value> {
    let own = Token(token.clone());
    if cx.surface.is_a(&csharp::Object::ty(&own), ty) {
        return Ok(Value::object(own));
    }
    let Some(content) = token.as_value() else {
        let (from, to) = (csharp::Object::ty(&own).full_name(), ty.clr_name());
        return Err(exception::invalid_cast(format!("Cannot cast {from} to {to}.")));
    };
    let value = foreign::of_json(cx, &content)?;
    let target = ty.unwrap_nullable();
    if value.is_null() {
        return if holds_null(ty) {
            Ok(Value::Null)
        } else {
            Err(exception::invalid_cast("Null object cannot be converted to a value type."))
        };
    }
    if cx.surface.is_a(&value.ty(), target) {
        return Ok(value);
    }
    change_type(cx, token, &value, target)
}

/// `Convert.ChangeType(value, target)` for values of JSON.
fn change_type(cx: &mut Cx<'_>, token: &JToken, value: &Value, target: &Ty) -> Result<Value> {
    let invalid = || {
        let (from, to) = (value.ty().clr_name(), target.clr_name());
        Err(exception::invalid_cast(format!("Invalid cast from '{from}' to '{to}'.")))
    };
    let Some(prim) = target.prim() else {
        return match (value, target.def().map(|def| def.name)) {
            (Value::Str(_), Some("System.DateTime")) => date_time(cx, token),
            _ => invalid(),
        };
    };
    match (value, prim) {
        (_, Prim::String) => cx.text(value).map(Value::Str),
        // A text is parsed by its target: `int.Parse`, `bool.Parse`…
        (Value::Str(text), _) => foreign::made_of(cx, prim.full_name(), text.to_text().into_owned()),
        (Value::Bool(_) | Value::Long(_) | Value::Double(_) | Value::Float(_) | Value::Decimal(_), prim) => {
            match prim {
                Prim::Char => invalid(),
                _ => explicit(target).map_or_else(invalid, |cast| cast(cx, token)),
            }
        }
        _ => invalid(),
    }
}
