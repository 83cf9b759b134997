//! `JsonConvert`.

use csharp::{
    Args, Cx, Result, Ty, Value,
    surface::{Kind, TypeDef, pure, reads},
    value::TypeObject,
};
use json::Formatting;

use super::{
    exceptions::{checked, serialization},
    foreign::text,
    read, settings,
    token::formatting,
    write::{self, Options},
};

pub(super) static DEF: TypeDef = TypeDef {
    name: "Newtonsoft.Json.JsonConvert",
    kind: Kind::Static,
    members: &[
        reads("static string SerializeObject(object value)", serialize, "Any object as JSON."),
        reads("static string SerializeObject(object value, Formatting formatting)", serialize, "Any object as JSON."),
        reads(
            "static string SerializeObject(object value, JsonSerializerSettings settings)",
            serialize_with,
            "Any object as JSON.",
        ),
        reads(
            "static string SerializeObject(object value, Formatting formatting, JsonSerializerSettings settings)",
            serialize_with,
            "Any object as JSON.",
        ),
        reads("static object DeserializeObject(string value)", deserialize, "JSON as tokens, or as a plain value."),
        reads(
            "static object DeserializeObject(string value, JsonSerializerSettings settings)",
            deserialize,
            "JSON as tokens, or as a plain value.",
        ),
        reads(
            "static object DeserializeObject(string value, Type type)",
            deserialize_type,
            "JSON as an object of a type.",
        ),
        reads("static T DeserializeObject<T>(string value)", deserialize, "JSON as an object of a type."),
        reads(
            "static T DeserializeObject<T>(string value, JsonSerializerSettings settings)",
            deserialize,
            "JSON as an object of a type.",
        ),
        reads(
            "static T DeserializeAnonymousType<T>(string value, T anonymousTypeObject)",
            deserialize_anonymous,
            "JSON as an object like another.",
        ),
        pure("static readonly string True", |_, _| Ok(Value::str("true")), "`true`."),
        pure("static readonly string False", |_, _| Ok(Value::str("false")), "`false`."),
        pure("static readonly string Null", |_, _| Ok(Value::str("null")), "`null`."),
        pure("static readonly string Undefined", |_, _| Ok(Value::str("undefined")), "`undefined`."),
        pure("static readonly string NaN", |_, _| Ok(Value::str("NaN")), "`NaN`."),
        pure("static readonly string PositiveInfinity", |_, _| Ok(Value::str("Infinity")), "`Infinity`."),
        pure("static readonly string NegativeInfinity", |_, _| Ok(Value::str("-Infinity")), "`-Infinity`."),
        reads("static string SerializeXNode(XObject node)", serialize_node, "XML as JSON."),
        reads("static string SerializeXNode(XObject node, Formatting formatting)", serialize_node, "XML as JSON."),
        reads(
            "static string SerializeXNode(XObject node, Formatting formatting, bool omitRootObject)",
            serialize_node,
            "XML as JSON, perhaps without its root element.",
        ),
        reads("static XDocument DeserializeXNode(string value)", deserialize_node, "JSON as XML."),
        reads(
            "static XDocument DeserializeXNode(string value, string deserializeRootElementName)",
            deserialize_node,
            "JSON as XML, within a root element.",
        ),
        reads("static string ToString(string value)", to_string, "A text in quotes."),
        reads("static string ToString(bool value)", to_string, "`true` or `false`."),
        reads("static string ToString(object value)", to_string, "A plain value as JSON."),
    ],
    doc: "Objects to JSON and back.",
    ..TypeDef::CLASS
};

fn written(cx: &mut Cx<'_>, value: &Value, options: &Options, formatting: Formatting) -> Result<Value> {
    let text = write::to_token(cx, value, options)?.to_json(formatting);
    cx.meter.text(text.len())?;
    Ok(Value::str(text))
}

fn serialize(cx: &mut Cx<'_>, args: Args<'_>) -> Result<Value> {
    written(cx, args.value(0), &Options::default(), formatting(args.value(1)))
}

fn serialize_with(cx: &mut Cx<'_>, args: Args<'_>) -> Result<Value> {
    let (options, own) = settings::write(args.value(args.len() - 1));
    let formatting = if args.len() == 3 { formatting(args.value(1)) } else { own };
    written(cx, args.value(0), &options, formatting)
}

fn serialize_node(cx: &mut Cx<'_>, args: Args<'_>) -> Result<Value> {
    let token = write::to_token(cx, args.value(0), &Options::default())?;
    // The root is the last member: a declaration stands before it.
    let root = if args.bool(2) { token.children().last().and_then(json::JToken::property_value) } else { None };
    let text = root.unwrap_or(token).to_json(formatting(args.value(1)));
    cx.meter.text(text.len())?;
    Ok(Value::str(text))
}

fn deserialize_node(cx: &mut Cx<'_>, args: Args<'_>) -> Result<Value> {
    let source = args.str(0, "value")?;
    cx.meter.allocate(source.byte_len().saturating_mul(8))?;
    let mut token = read::parse(text(source))?;
    if let Some(root) = args.opt_str(1) {
        let wrapped = json::JToken::object();
        checked(wrapped.add_property(text(root), &token))?;
        token = wrapped;
    }
    if token.kind() != json::JTokenType::Object || token.children().len() != 1 {
        return Err(serialization(
            "JSON root object has multiple properties. The root object must have a single property in order to create a valid XML document. Consider specifying a DeserializeRootElementName.",
        ));
    }
    let form = crate::xml::JsonAsXml { separator: ":", prefix: "@xmlns", attributes: None };
    crate::xml::json_as_xml(&token, &form).map(crate::xml::wrap).map_err(serialization)
}

fn deserialize(cx: &mut Cx<'_>, args: Args<'_>) -> Result<Value> {
    let dates = settings::reads_dates(args.value(1))?;
    of_text(cx, &args, args.ty(0), dates)
}

fn deserialize_anonymous(cx: &mut Cx<'_>, args: Args<'_>) -> Result<Value> {
    of_text(cx, &args, args.ty(0), true)
}

fn deserialize_type(cx: &mut Cx<'_>, args: Args<'_>) -> Result<Value> {
    let ty = args.object::<TypeObject>(1).map_or(Ty::OBJECT, |object| object.ty.clone());
    of_text(cx, &args, &ty, true)
}

fn of_text(cx: &mut Cx<'_>, args: &Args<'_>, ty: &Ty, dates: bool) -> Result<Value> {
    let source = args.str(0, "value")?;
    cx.meter.allocate(source.byte_len().saturating_mul(4))?;
    if source.to_text().trim().is_empty() {
        return read::nothing(ty);
    }
    // A decimal keeps the digits that a double would lose.
    if *ty.unwrap_nullable() == Ty::DECIMAL
        && let Ok(number) = source.to_text().trim().parse()
    {
        return Ok(Value::Decimal(number));
    }
    let token = read::parse(text(source))?;
    read::of_text(cx, &token, ty, dates)
}

fn to_string(cx: &mut Cx<'_>, args: Args<'_>) -> Result<Value> {
    written(cx, args.value(0), &Options::default(), Formatting::None)
}
