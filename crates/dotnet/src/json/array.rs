//! `JArray`.

use csharp::{
    Args, Cx, Result, Value, exception,
    surface::{TypeDef, acts, reads},
};
use json::{JToken, JTokenType};

use super::{
    container::remove_all,
    content,
    exceptions::checked,
    object::of_kind,
    token::{Token, given, item, set_item, source, this, wrap},
};

pub(super) static DEF: TypeDef = TypeDef {
    name: "Newtonsoft.Json.Linq.JArray",
    bases: &["JContainer"],
    members: &[
        reads("JArray()", new, "An empty array."),
        reads("JArray(JArray other)", copy, "A copy."),
        acts("JArray(params object[] content)", new, "An array of these items."),
        acts("JArray(object content)", new, "An array of these items."),
        reads("static JArray Parse(string json)", parse, "Reads JSON that is an array."),
        reads("static JArray Parse(string json, JsonLoadSettings settings)", parse, "Reads JSON that is an array."),
        reads("static JArray FromObject(object o)", from_object, "The JSON of a sequence."),
        reads("JToken this[int index] { get; }", item, "The item at an index.").with_set(set_item),
        reads("JToken this[object key] { get; }", item_of_object, "The item at an index.").with_set(set_item),
        acts("void Add(JToken item)", add, "Adds an item."),
        acts("void Insert(int index, JToken item)", insert, "Inserts an item."),
        acts("void RemoveAt(int index)", remove_at, "Removes the item at an index."),
        acts("bool Remove(JToken item)", remove, "Removes this very token; whether it was there."),
        acts("void Clear()", remove_all, "Removes everything."),
        reads(
            "bool Contains(JToken item)",
            |_, args| Ok(Value::Bool(position(&args)?.is_some())),
            "Whether this very token is there.",
        ),
        reads(
            "int IndexOf(JToken item)",
            |_, args| Ok(Value::Int(position(&args)?.map_or(-1, |at| at as i32))),
            "Where this very token is, or -1.",
        ),
        reads("bool IsReadOnly { get; }", |_, _| Ok(Value::Bool(false)), "Always false."),
    ],
    doc: "A JSON array.",
    ..TypeDef::CLASS
};

fn new(cx: &mut Cx<'_>, args: Args<'_>) -> Result<Value> {
    let array = JToken::array();
    if !args.is_empty() {
        content::add(cx, &array, args.value(0))?;
    }
    Ok(wrap(array))
}

fn copy(_cx: &mut Cx<'_>, args: Args<'_>) -> Result<Value> {
    Ok(wrap(args.object_or::<Token>(0, "other")?.0.deep_clone()))
}

fn parse(cx: &mut Cx<'_>, args: Args<'_>) -> Result<Value> {
    let (text, load) = source(cx, &args)?;
    checked(JToken::parse_array_with(text, load)).map(wrap)
}

fn from_object(cx: &mut Cx<'_>, args: Args<'_>) -> Result<Value> {
    of_kind(cx, &args, JTokenType::Array, "JArray")
}

fn item_of_object(cx: &mut Cx<'_>, args: Args<'_>) -> Result<Value> {
    match args.value(1) {
        Value::Int(_) | Value::Str(_) | Value::Null => item(cx, args),
        key => {
            let text = format!(
                "Accessed JArray values with invalid key value: {}. Int32 array index expected.",
                key.ty().full_name()
            );
            Err(exception::argument(&text, ""))
        }
    }
}

fn add(cx: &mut Cx<'_>, args: Args<'_>) -> Result<Value> {
    cx.meter.allocate(size_of::<Value>())?;
    checked(this(&args)?.add(&given(args.value(1)))).map(|()| Value::Null)
}

fn insert(cx: &mut Cx<'_>, args: Args<'_>) -> Result<Value> {
    cx.meter.allocate(size_of::<Value>())?;
    checked(this(&args)?.insert(args.long(1), &given(args.value(2)))).map(|()| Value::Null)
}

fn remove_at(_cx: &mut Cx<'_>, args: Args<'_>) -> Result<Value> {
    checked(this(&args)?.remove_at(args.long(1))).map(|()| Value::Null)
}

/// Where the token itself is among the items; an equal one does not count.
fn position(args: &Args<'_>) -> Result<Option<usize>> {
    let (array, wanted) = (this(args)?, args.object::<Token>(1));
    let parent = wanted.and_then(|token| token.0.parent());
    Ok(parent.filter(|parent| parent.same(array)).and_then(|_| wanted?.0.position()))
}

fn remove(_cx: &mut Cx<'_>, args: Args<'_>) -> Result<Value> {
    let found = position(&args)?;
    if let Some(at) = found {
        checked(this(&args)?.remove_at(at as i64))?;
    }
    Ok(Value::Bool(found.is_some()))
}
