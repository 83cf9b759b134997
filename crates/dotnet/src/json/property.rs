//! `JProperty`.

use csharp::{
    Args, Cx, Result, Value,
    surface::{TypeDef, acts, reads},
};
use json::JToken;

use super::{
    content,
    exceptions::checked,
    foreign::text,
    token::{Token, given, this, wrap, wrap_some},
};

pub(super) static DEF: TypeDef = TypeDef {
    name: "Newtonsoft.Json.Linq.JProperty",
    bases: &["JContainer"],
    members: &[
        reads("JProperty(JProperty other)", copy, "A copy."),
        acts("JProperty(string name, params object[] content)", new, "A property; several contents make an array."),
        acts("JProperty(string name, object content)", new, "A property; a sequence makes an array."),
        reads("string Name { get; }", name, "The name."),
        reads("JToken Value { get; }", |_, args| Ok(wrap_some(this(&args)?.property_value())), "The value.")
            .with_set(set_value),
    ],
    doc: "A name and its value in a JSON object.",
    ..TypeDef::CLASS
};

fn copy(_cx: &mut Cx<'_>, args: Args<'_>) -> Result<Value> {
    Ok(wrap(args.object_or::<Token>(0, "other")?.0.deep_clone()))
}

fn new(cx: &mut Cx<'_>, args: Args<'_>) -> Result<Value> {
    let name = text(args.str(0, "name")?);
    let value = if content::is_many(cx, args.value(1))? {
        let array = JToken::array();
        content::add(cx, &array, args.value(1))?;
        array
    } else {
        content::token_of(cx, args.value(1))?
    };
    checked(JToken::property(name, &value)).map(wrap)
}

/// The name of a property or constructor.
pub(super) fn name(_cx: &mut Cx<'_>, args: Args<'_>) -> Result<Value> {
    Ok(this(&args)?.name().map_or(Value::Null, |name| Value::str(name.as_str())))
}

fn set_value(_cx: &mut Cx<'_>, args: Args<'_>) -> Result<Value> {
    checked(this(&args)?.set_property_value(&given(args.value(1)))).map(|()| Value::Null)
}
