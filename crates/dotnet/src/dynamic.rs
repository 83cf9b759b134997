//! Values for readers that know no C# types, such as templates: what a value is, and its parts by name.

use csharp::{
    Args, Cx, Result, Ty, Value,
    surface::{MemberInfo, Role, Surface},
};
use dom::XObject;
use dotformat::{DateTime, DateTimeOffset};
use json::JToken;

use crate::{collections::key_value, json::Token, system, xml::Node};

/// What a value is.
#[expect(missing_docs, reason = "the names say it")]
pub enum Shape {
    Null,
    Bool(bool),
    Integer(i64),
    Double(f64),
    Decimal(csharp::Decimal),
    Text(String),
    Date(DateTime),
    DateOffset(DateTimeOffset),
    Json(JToken),
    Xml(XObject),
    Pair(Value, Value),
    /// Everything else; see [`member`] and [`items`].
    Object,
}

/// What `value` is.
pub fn shape(value: &Value) -> Shape {
    match value {
        Value::Null => Shape::Null,
        Value::Bool(value) => Shape::Bool(*value),
        Value::Char(unit) => Shape::Text(String::from_utf16_lossy(&[*unit])),
        Value::SByte(value) => Shape::Integer(i64::from(*value)),
        Value::Byte(value) => Shape::Integer(i64::from(*value)),
        Value::Short(value) => Shape::Integer(i64::from(*value)),
        Value::UShort(value) => Shape::Integer(i64::from(*value)),
        Value::Int(value) => Shape::Integer(i64::from(*value)),
        Value::UInt(value) => Shape::Integer(i64::from(*value)),
        Value::Long(value) => Shape::Integer(*value),
        Value::ULong(value) => match i64::try_from(*value) {
            Ok(value) => Shape::Integer(value),
            Err(_) => Shape::Decimal((*value).into()),
        },
        Value::Float(value) => Shape::Double(f64::from(*value)),
        Value::Double(value) => Shape::Double(*value),
        Value::Decimal(value) => Shape::Decimal(*value),
        Value::Str(text) => Shape::Text(text.to_text().into_owned()),
        Value::Word(..) => match (system::as_date_time(value), system::as_date_time_offset(value)) {
            (Some(date), _) => Shape::Date(date),
            (None, Some(instant)) => Shape::DateOffset(instant),
            (None, None) => Shape::Object,
        },
        Value::Object(_) => {
            if let Some(Token(token)) = value.downcast() {
                return Shape::Json(token.clone());
            }
            if let Some(Node(node)) = value.downcast() {
                return Shape::Xml(node.clone());
            }
            if let Some(instant) = system::as_date_time_offset(value) {
                return Shape::DateOffset(instant);
            }
            key_value(value).map_or(Shape::Object, |(key, value)| Shape::Pair(key, value))
        }
    }
}

/// A part of `value` by name: what a dictionary has under it, or a property, or what a method without arguments gives.
pub fn member(cx: &mut Cx<'_>, value: &Value, name: &str) -> Result<Option<Value>> {
    if let Value::Object(object) = value {
        let key = Value::str(name);
        if let Some(found) = object.host_lookup(cx, &key) {
            return Ok(found);
        }
        if let Some(found) = object.collection().and_then(|collection| collection.lookup(&key)) {
            return Ok(Some(found));
        }
    }
    let surface = cx.surface;
    let Some(member) = find(surface, &value.ty(), name) else { return Ok(None) };
    (member.row.run)(cx, Args::new(&mut [value.clone()], &[])).map(Some)
}

/// What iterating `value` gives; `None` where it is no sequence.
pub fn items(cx: &mut Cx<'_>, value: &Value) -> Result<Option<Vec<Value>>> {
    let is_sequence = match value {
        Value::Object(object) => object.collection().is_some() || std::rc::Rc::clone(object).iterate().is_some(),
        _ => false,
    };
    if is_sequence { cx.collect(value).map(Some) } else { Ok(None) }
}

/// What is known of a part before anything runs.
pub enum Known {
    /// It has this type.
    Type(Ty),
    /// Whether there is one shows at run time.
    Later,
    /// There is none.
    Nothing,
}

/// The type of a part by name.
pub fn member_type(surface: &Surface, ty: &Ty, name: &str) -> Known {
    if *ty == Ty::OBJECT || all(surface, ty).any(|member| member.role == Role::Indexer) {
        return Known::Later;
    }
    find(surface, ty, name).map_or(Known::Nothing, |member| Known::Type(member.returns.clone()))
}

/// The property of this name, or the method without arguments. The exact spelling goes first.
fn find<'s>(surface: &'s Surface, ty: &Ty, name: &str) -> Option<&'s MemberInfo> {
    let fits = |member: &&MemberInfo| {
        let shaped = match member.role {
            Role::Property => member.readable,
            Role::Method => member.params.is_empty() && member.type_params.is_empty(),
            _ => false,
        };
        shaped && !member.is_static && !member.is_extension && member.name.eq_ignore_ascii_case(name)
    };
    let found: Vec<_> = all(surface, ty).filter(fits).collect();
    found.iter().find(|member| member.name == name).or(found.first()).copied()
}

/// The members of a type, its bases and its interfaces.
fn all<'s>(surface: &'s Surface, ty: &Ty) -> impl Iterator<Item = &'s MemberInfo> + use<'s> {
    let bases = std::iter::successors(Some(ty.clone()), |ty| surface.base(ty));
    let types: Vec<Ty> = bases.chain(surface.interfaces(ty)).collect();
    types
        .into_iter()
        .filter_map(|ty| surface.info_of(&ty))
        .flat_map(|info| info.by_name.values().flatten().map(|id| surface.member(*id)))
}
