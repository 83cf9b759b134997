//! `Newtonsoft.Json.Linq.Extensions`: members of tokens for sequences of tokens.

use csharp::{
    Args, Cx, Result, Ty, Value, exception,
    surface::{Kind, TypeDef, reads},
};
use json::JToken;

use super::{
    cast::convert,
    sequence::sequence,
    token::{self, Token, at_key, tokens, wrap},
};

pub(super) static DEF: TypeDef = TypeDef {
    name: "Newtonsoft.Json.Linq.Extensions",
    kind: Kind::Static,
    members: &[
        reads("U Value<U>(this IEnumerable<JToken> value)", value, "The token itself, converted."),
        reads(
            "IEnumerable<U> Values<U>(this IEnumerable<JToken> source)",
            values,
            "Values and children of tokens, converted.",
        ),
        reads(
            "IEnumerable<U> Values<U>(this IEnumerable<JToken> source, object key)",
            values,
            "What stands under a key of each token, converted.",
        ),
        reads(
            "IEnumerable<JToken> Values(this IEnumerable<JToken> source)",
            plain_values,
            "Values and children of tokens.",
        ),
        reads(
            "IEnumerable<JToken> Values(this IEnumerable<JToken> source, object key)",
            plain_values,
            "What stands under a key of each token.",
        ),
        reads(
            "IEnumerable<JToken> Children(this IEnumerable<JToken> source)",
            |cx, args| each(cx, &args, JToken::children),
            "The children of tokens.",
        ),
        reads(
            "IEnumerable<JToken> Ancestors(this IEnumerable<JToken> source)",
            |cx, args| each(cx, &args, JToken::ancestors),
            "The containers around tokens.",
        ),
        reads(
            "IEnumerable<JToken> Descendants(this IEnumerable<JToken> source)",
            |cx, args| each(cx, &args, JToken::descendants),
            "All tokens below tokens.",
        ),
        reads(
            "IEnumerable<JProperty> Properties(this IEnumerable<JObject> source)",
            properties,
            "The properties of objects.",
        ),
        reads(
            "IEnumerable<JToken> AsJEnumerable(this IEnumerable<JToken> source)",
            |_, mut args| Ok(args.take(0)),
            "The sequence itself.",
        ),
    ],
    doc: "Members of tokens for sequences of tokens.",
    ..TypeDef::CLASS
};

fn value(cx: &mut Cx<'_>, args: Args<'_>) -> Result<Value> {
    match args.some(0, "value")?.downcast::<Token>() {
        Some(Token(token)) => convert(cx, token, args.ty(0)),
        None => Err(exception::argument("Source value must be a JToken.", "")),
    }
}

/// Every token of the sequence.
fn source(cx: &mut Cx<'_>, args: &Args<'_>) -> Result<Vec<JToken>> {
    let items = cx.collect(args.some(0, "source")?)?;
    Ok(items.iter().filter_map(|item| item.downcast::<Token>()).map(|token| token.0.clone()).collect())
}

/// Under the key of each token; without one, the token if it is a value, else its children.
fn chosen(cx: &mut Cx<'_>, args: &Args<'_>) -> Result<Vec<JToken>> {
    let mut out = Vec::new();
    for token in source(cx, args)? {
        cx.meter.step()?;
        match args.value(1) {
            Value::Null if token.is_container() => out.extend(token.children()),
            Value::Null => out.push(token),
            key => out.extend(at_key(&token, key)?),
        }
    }
    Ok(out)
}

fn values(cx: &mut Cx<'_>, args: Args<'_>) -> Result<Value> {
    let mut out = Vec::new();
    for token in chosen(cx, &args)? {
        out.push(convert(cx, &token, args.ty(0))?);
    }
    sequence(cx, args.ty(0).clone(), out)
}

fn plain_values(cx: &mut Cx<'_>, args: Args<'_>) -> Result<Value> {
    let out = chosen(cx, &args)?.into_iter().map(wrap).collect();
    sequence(cx, Ty::named(&token::DEF), out)
}

fn each(cx: &mut Cx<'_>, args: &Args<'_>, members: fn(&JToken) -> Vec<JToken>) -> Result<Value> {
    let all = source(cx, args)?.iter().flat_map(members).collect();
    tokens(cx, all)
}

fn properties(cx: &mut Cx<'_>, args: Args<'_>) -> Result<Value> {
    let all = source(cx, &args)?.iter().flat_map(JToken::children).map(wrap).collect();
    sequence(cx, Ty::named(&super::property::DEF), all)
}
