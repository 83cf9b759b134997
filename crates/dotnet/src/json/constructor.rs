//! `JConstructor`.

use csharp::{
    Args, Cx, Result, Value,
    surface::{TypeDef, acts, reads},
};
use json::JToken;

use super::{content, foreign::text, property::name, token::wrap};

pub(super) static DEF: TypeDef = TypeDef {
    name: "Newtonsoft.Json.Linq.JConstructor",
    bases: &["JContainer"],
    members: &[
        acts("JConstructor(string name)", new, "A constructor without arguments."),
        acts("JConstructor(string name, params object[] content)", new, "A constructor with arguments."),
        acts("JConstructor(string name, object content)", new, "A constructor with arguments."),
        reads("string Name { get; }", name, "The name."),
    ],
    doc: "A JavaScript constructor, such as `new Date(1)`.",
    ..TypeDef::CLASS
};

fn new(cx: &mut Cx<'_>, args: Args<'_>) -> Result<Value> {
    let token = JToken::constructor(text(args.str(0, "name")?));
    if !args.value(1).is_null() {
        content::add(cx, &token, args.value(1))?;
    }
    Ok(wrap(token))
}
