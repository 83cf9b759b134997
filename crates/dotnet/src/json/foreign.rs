//! Values of other namespaces that JSON knows: dates, spans, GUIDs, URIs, bytes.

use csharp::{
    Args, Cx, Result, Value as Object,
    surface::Role,
    ty::Def,
    value::{Array, Items},
};
use json::{DateKind, DateTime, JToken, Value, parse_guid};

/// Bits of the clock time in a `DateTime`; its kind is above.
const TICKS: u64 = (1 << 62) - 1;
/// What `DateTime` and `DateTimeOffset` are written as: all digits that are there, and the zone.
const ISO: &str = "yyyy'-'MM'-'dd'T'HH':'mm':'ss.FFFFFFFK";

/// What a `JValue` holds for `value`; `None` for what none can hold.
pub(super) fn to_json(cx: &mut Cx<'_>, value: &Object) -> Result<Option<Value>> {
    Ok(Some(match value {
        Object::Null => Value::Null,
        Object::Bool(value) => Value::Boolean(*value),
        Object::Char(unit) => Value::String(text(&csharp::Str::from_unit(*unit))),
        Object::SByte(value) => Value::Integer((*value).into()),
        Object::Byte(value) => Value::Integer((*value).into()),
        Object::Short(value) => Value::Integer((*value).into()),
        Object::UShort(value) => Value::Integer((*value).into()),
        Object::Int(value) => Value::Integer((*value).into()),
        Object::UInt(value) => Value::Integer((*value).into()),
        Object::Long(value) => Value::Integer(*value),
        Object::ULong(value) => match i64::try_from(*value) {
            Ok(value) => Value::Integer(value),
            // The room reads integers of any length.
            Err(_) => JToken::parse(value.to_string()).ok().and_then(|token| token.as_value()).unwrap_or(Value::Null),
        },
        Object::Float(value) => Value::Single(*value),
        Object::Double(value) => Value::Float(*value),
        Object::Decimal(value) => Value::Decimal(*value),
        Object::Str(value) => Value::String(text(value)),
        Object::Word(Def(def), bits) => match def.name {
            "System.DateTime" => Value::Date(DateTime { ticks: (bits & TICKS) as i64, kind: kind_of(bits >> 62) }),
            "System.TimeSpan" => Value::TimeSpan(*bits as i64),
            _ if def.enum_def().is_some() => Value::Integer(*bits as i64),
            name => return by_name(cx, value, name),
        },
        Object::Object(object) => {
            if let Some(array) = value.downcast::<Array>() {
                return Ok(match &*array.items.borrow() {
                    Items::Bytes(bytes) if array.lengths.is_none() => Some(Value::Bytes(bytes.as_slice().into())),
                    _ => None,
                });
            }
            match object.ty().def() {
                Some(def) => return by_name(cx, value, def.name),
                None => return Ok(None),
            }
        }
    }))
}

fn by_name(cx: &mut Cx<'_>, value: &Object, name: &str) -> Result<Option<Value>> {
    Ok(match name {
        "System.Guid" => parse_guid(&cx.text(value)?.to_text()).map(Value::Guid),
        "System.Uri" => {
            let original = property(cx, value, "OriginalString")?.unwrap_or_default();
            original.as_str().map(|original| Value::Uri(text(original)))
        }
        "System.DateTimeOffset" => {
            let iso = JToken::from(Value::String(text(&cx.format(value, ISO)?)));
            iso.to_date_offset().ok().map(Value::DateOffset)
        }
        _ => None,
    })
}

/// `JValue.Value`.
pub(super) fn of_json(cx: &mut Cx<'_>, value: &Value) -> Result<Object> {
    Ok(match value {
        Value::Null | Value::Undefined | Value::NullString => Object::Null,
        Value::Boolean(value) => Object::Bool(*value),
        Value::Integer(value) => Object::Long(*value),
        // `System.Numerics.BigInteger` is not on the surface: as far as it goes, decimal shows the same digits.
        Value::BigInteger(value) => match value.to_string().parse() {
            Ok(value) => Object::Decimal(value),
            Err(_) => Object::str(value.to_string()),
        },
        Value::Float(value) => Object::Double(*value),
        Value::Single(value) => Object::Float(*value),
        Value::Decimal(value) => Object::Decimal(*value),
        Value::String(value) | Value::Comment(value) | Value::Raw(value) => Object::str(value.as_str()),
        Value::Date(date) => date_time(cx, *date),
        Value::DateOffset(date) => made_of(cx, "System.DateTimeOffset", date.iso())?,
        Value::Bytes(bytes) => Object::bytes(bytes.to_vec()),
        Value::Guid(guid) => made_of(cx, "System.Guid", json::format_guid(*guid))?,
        Value::Uri(uri) => made_of(cx, "System.Uri", uri.as_str().to_owned())?,
        Value::TimeSpan(ticks) => word(cx, "System.TimeSpan", *ticks as u64),
    })
}

/// A `System.DateTime`.
pub(crate) fn date_time(cx: &Cx<'_>, date: DateTime) -> Object {
    let kind: u64 = match date.kind {
        DateKind::Unspecified => 0,
        DateKind::Utc => 1,
        DateKind::Local => 2,
    };
    word(cx, "System.DateTime", kind << 62 | date.ticks as u64 & TICKS)
}

fn kind_of(bits: u64) -> DateKind {
    match bits {
        0 => DateKind::Unspecified,
        1 => DateKind::Utc,
        _ => DateKind::Local,
    }
}

/// A one-word struct by its name.
pub(crate) fn word(cx: &Cx<'_>, name: &str, bits: u64) -> Object {
    cx.surface.def_named(name).map_or(Object::Null, |def| Object::Word(Def(def), bits))
}

/// A value of type `name` from its text: by its `Parse`, or else its constructor.
pub(crate) fn made_of(cx: &mut Cx<'_>, name: &str, text: String) -> Result<Object> {
    let surface = cx.surface;
    let Some(info) = surface.type_named(name, 0) else { return Ok(Object::Null) };
    let named = |name| info.by_name.get(name).into_iter().flatten();
    let member = named("Parse")
        .chain(named(".ctor"))
        .map(|id| surface.member(*id))
        .find(|member| member.is_static && member.params.len() == 1 && member.params[0].ty == csharp::Ty::STRING);
    match member {
        Some(member) => (member.row.run)(cx, Args::of_constructor(&mut [Object::str(text)], &[], info.def)),
        None => Ok(Object::Null),
    }
}

/// Property `name` of an object; `None` where there is no such property.
pub(super) fn property(cx: &mut Cx<'_>, value: &Object, name: &str) -> Result<Option<Object>> {
    let surface = cx.surface;
    let info = surface.info_of(&value.ty());
    let ids = info.and_then(|info| info.by_name.get(name)).into_iter().flatten();
    let member = ids.map(|id| surface.member(*id)).find(|member| member.role == Role::Property && !member.is_static);
    match member {
        Some(member) => (member.row.run)(cx, Args::new(&mut [value.clone()], &[])).map(Some),
        None => Ok(None),
    }
}

/// A .NET string as the room's.
pub(super) fn text(value: &csharp::Str) -> json::Text {
    json::Text::from(&*value.to_text())
}
