//! `JContainer`.

use csharp::{
    Args, Cx, Result, Value, exception,
    surface::{TypeDef, acts, reads},
};

use super::{
    content::{self, token_of},
    exceptions::checked,
    settings,
    token::{Token, this, tokens},
};

pub(super) static DEF: TypeDef = TypeDef {
    name: "Newtonsoft.Json.Linq.JContainer",
    bases: &["JToken", "IList<JToken>"],
    members: &[
        reads(
            "int Count { get; }",
            |_, args| Ok(Value::Int(this(&args)?.count() as i32)),
            "How many children there are.",
        ),
        acts("void Add(object content)", add, "Adds children."),
        acts("void AddFirst(object content)", add_first, "Adds children before all others."),
        acts("void RemoveAll()", remove_all, "Removes all children."),
        acts("void ReplaceAll(object content)", replace_all, "Removes all children and adds others."),
        acts("void Merge(object content)", merge, "Takes over what another container has."),
        acts("void Merge(object content, JsonMergeSettings settings)", merge, "Takes over what another container has."),
        reads("IEnumerable<JToken> Descendants()", descendants, "All tokens below, properties included, in order."),
        reads("IEnumerable<JToken> DescendantsAndSelf()", descendants_and_self, "The token and all below, in order."),
    ],
    doc: "A token with children: object, array, property, constructor.",
    ..TypeDef::CLASS
};

fn add(cx: &mut Cx<'_>, args: Args<'_>) -> Result<Value> {
    content::add(cx, this(&args)?, args.value(1))?;
    Ok(Value::Null)
}

fn add_first(cx: &mut Cx<'_>, args: Args<'_>) -> Result<Value> {
    let mut items = content::items(cx, args.value(1))?;
    while let Some(item) = items.pop() {
        let token = token_of(cx, &item)?;
        checked(this(&args)?.add_first(&token))?;
    }
    Ok(Value::Null)
}

pub(super) fn remove_all(_cx: &mut Cx<'_>, args: Args<'_>) -> Result<Value> {
    checked(this(&args)?.clear()).map(|()| Value::Null)
}

fn replace_all(cx: &mut Cx<'_>, args: Args<'_>) -> Result<Value> {
    checked(this(&args)?.clear())?;
    add(cx, args)
}

fn merge(cx: &mut Cx<'_>, args: Args<'_>) -> Result<Value> {
    let settings = settings::merge(args.value(2));
    match args.value(1) {
        Value::Null => {}
        content => match content.downcast::<Token>() {
            Some(Token(content)) => checked(this(&args)?.merge(content, settings))?,
            None if content::is_many(cx, content)? => {
                let array = json::JToken::array();
                content::add(cx, &array, content)?;
                checked(this(&args)?.merge(&array, settings))?;
            }
            None => {
                let text = format!("Could not determine JSON object type for type {}.", content.ty().clr_name());
                return Err(exception::argument(&text, "content"));
            }
        },
    }
    Ok(Value::Null)
}

fn descendants(cx: &mut Cx<'_>, args: Args<'_>) -> Result<Value> {
    let all = this(&args)?.descendants();
    tokens(cx, all)
}

fn descendants_and_self(cx: &mut Cx<'_>, args: Args<'_>) -> Result<Value> {
    let token = this(&args)?;
    let all = std::iter::once(token.clone()).chain(token.descendants()).collect();
    tokens(cx, all)
}
