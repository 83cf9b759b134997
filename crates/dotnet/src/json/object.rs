//! `JObject`.

use csharp::{
    Args, Cx, Result, Ty, Value, exception,
    surface::{TypeDef, acts, reads},
};
use json::{JToken, JTokenType};

use super::{
    content,
    exceptions::{checked, of_error},
    sequence::{self, sequence},
    token::{self, Token, given, item, set_item, source, this, wrap, wrap_some},
    write,
};
use crate::collections::key_value_pair;

pub(super) static DEF: TypeDef = TypeDef {
    name: "Newtonsoft.Json.Linq.JObject",
    bases: &["JContainer", "IDictionary<string, JToken>"],
    members: &[
        reads("JObject()", new, "An empty object."),
        reads("JObject(JObject other)", copy, "A copy."),
        acts("JObject(params object[] content)", new, "An object with these properties."),
        acts("JObject(object content)", new, "An object with these properties."),
        reads("static JObject Parse(string json)", parse, "Reads JSON that is an object."),
        reads("static JObject Parse(string json, JsonLoadSettings settings)", parse, "Reads JSON that is an object."),
        reads("static JObject FromObject(object o)", from_object, "The JSON of an object."),
        reads("JToken this[string propertyName] { get; }", item, "The value of a property, or null.")
            .with_set(set_item),
        reads("JToken this[object key] { get; }", item_of_object, "The value of a property, or null.")
            .with_set(set_item_of_object),
        reads("IEnumerable<JProperty> Properties()", properties, "All properties."),
        reads("JEnumerable<JToken> PropertyValues()", values, "All values."),
        reads("JProperty Property(string name)", property, "A property, or null."),
        reads("JProperty Property(string name, StringComparison comparison)", property, "A property, or null."),
        reads("JToken GetValue(string propertyName)", value, "The value of a property, or null."),
        reads(
            "JToken GetValue(string propertyName, StringComparison comparison)",
            value,
            "The value of a property, or null.",
        ),
        reads(
            "bool TryGetValue(string propertyName, out JToken value)",
            try_get_value,
            "Whether there is such a property, and its value.",
        ),
        reads(
            "bool TryGetValue(string propertyName, StringComparison comparison, out JToken value)",
            try_get_value,
            "Whether there is such a property, and its value.",
        ),
        reads("bool ContainsKey(string propertyName)", contains, "Whether there is such a property."),
        acts("void Add(string propertyName, JToken value)", add, "Adds a property; ArgumentException if it is there."),
        acts("bool Remove(string propertyName)", remove, "Removes a property; whether it was there."),
        reads(
            "IEnumerable<KeyValuePair<string, JToken>> GetEnumerator()",
            pairs,
            "Names and values, as `foreach` sees them.",
        ),
    ],
    doc: "A JSON object.",
    ..TypeDef::CLASS
};

fn new(cx: &mut Cx<'_>, args: Args<'_>) -> Result<Value> {
    let object = JToken::object();
    if !args.value(0).is_null() {
        content::add(cx, &object, args.value(0))?;
    }
    Ok(wrap(object))
}

fn copy(_cx: &mut Cx<'_>, args: Args<'_>) -> Result<Value> {
    Ok(wrap(args.object_or::<Token>(0, "other")?.0.deep_clone()))
}

fn parse(cx: &mut Cx<'_>, args: Args<'_>) -> Result<Value> {
    let (text, load) = source(cx, &args)?;
    checked(JToken::parse_object_with(text, load)).map(wrap)
}

fn from_object(cx: &mut Cx<'_>, args: Args<'_>) -> Result<Value> {
    of_kind(cx, &args, JTokenType::Object, "JObject")
}

/// `FromObject` of a class that stands for tokens of one kind.
pub(super) fn of_kind(cx: &mut Cx<'_>, args: &Args<'_>, kind: JTokenType, class: &str) -> Result<Value> {
    let token = write::to_token(cx, args.some(0, "o")?, &write::Options::default())?;
    if token.kind() != kind {
        let found = token.kind();
        return Err(exception::argument(&format!("Object serialized to {found}. {class} instance expected."), ""));
    }
    Ok(wrap(token))
}

/// `o[key]` where the key is known as an object only.
fn item_of_object(cx: &mut Cx<'_>, args: Args<'_>) -> Result<Value> {
    match args.value(1) {
        Value::Str(_) | Value::Null => item(cx, args),
        key => Err(bad_key("Accessed", key)),
    }
}

fn set_item_of_object(cx: &mut Cx<'_>, args: Args<'_>) -> Result<Value> {
    match args.value(1) {
        Value::Str(_) | Value::Null => set_item(cx, args),
        key => Err(bad_key("Set", key)),
    }
}

fn bad_key(verb: &str, key: &Value) -> csharp::Raise {
    let key = match key {
        Value::Int(key) => key.to_string(),
        other => other.ty().full_name(),
    };
    exception::argument(
        &format!("{verb} JObject values with invalid key value: {key}. Object property name expected."),
        "",
    )
}

fn properties(_cx: &mut Cx<'_>, args: Args<'_>) -> Result<Value> {
    Ok(sequence::children(this(&args)?.clone(), Ty::named(&super::property::DEF)))
}

fn values(cx: &mut Cx<'_>, args: Args<'_>) -> Result<Value> {
    let all = this(&args)?.children().iter().filter_map(JToken::property_value).collect();
    token::tokens(cx, all)
}

/// The property with the name and comparison of the arguments. Ordinal, culture and their like differ in case alone.
fn find(args: &Args<'_>) -> Result<Option<JToken>> {
    let Some(name) = args.opt_str(1) else { return Ok(None) };
    let (object, name) = (this(args)?, name.to_text());
    let ignores_case = matches!(args.value(2), Value::Word(_, comparison) if comparison % 2 == 1);
    Ok(if ignores_case { object.property_ignoring_case(&name) } else { object.property_named(&name) })
}

fn property(_cx: &mut Cx<'_>, args: Args<'_>) -> Result<Value> {
    find(&args).map(wrap_some)
}

fn value(_cx: &mut Cx<'_>, args: Args<'_>) -> Result<Value> {
    Ok(wrap_some(find(&args)?.and_then(|property| property.property_value())))
}

fn try_get_value(_cx: &mut Cx<'_>, mut args: Args<'_>) -> Result<Value> {
    let found = find(&args)?.and_then(|property| property.property_value());
    let is_there = found.is_some();
    args.set(args.len() - 1, wrap_some(found));
    Ok(Value::Bool(is_there))
}

fn contains(_cx: &mut Cx<'_>, args: Args<'_>) -> Result<Value> {
    let name = args.str(1, "propertyName")?;
    Ok(Value::Bool(this(&args)?.property_named(&name.to_text()).is_some()))
}

fn add(cx: &mut Cx<'_>, args: Args<'_>) -> Result<Value> {
    cx.meter.allocate(size_of::<Value>())?;
    let name = args.str(1, "name")?;
    this(&args)?.add_property(super::foreign::text(name), &given(args.value(2))).map_err(of_error)?;
    Ok(Value::Null)
}

fn remove(_cx: &mut Cx<'_>, args: Args<'_>) -> Result<Value> {
    let name = args.str(1, "propertyName")?;
    Ok(Value::Bool(this(&args)?.remove_property(&name.to_text())))
}

fn pairs(cx: &mut Cx<'_>, args: Args<'_>) -> Result<Value> {
    let (key_ty, value_ty) = (Ty::STRING, Ty::named(&token::DEF));
    let pair_ty = Ty::generic(&key_value_pair::DEF, vec![key_ty.clone(), value_ty.clone()]);
    let mut pairs = Vec::new();
    for property in this(&args)?.children() {
        cx.meter.step()?;
        let key = property.name().map_or(Value::Null, |name| Value::str(name.as_str()));
        pairs.push(key_value_pair::pair(&key_ty, &value_ty, key, wrap_some(property.property_value())));
    }
    sequence(cx, pair_ty, pairs)
}
