//! `context.Api` and the APIs of a product.

use csharp::{
    Args, Cx, Result, Ty, Value,
    host::{Flag, Part, Text, Url},
    surface::{Kind, TypeDef, reads},
};

use super::{flag, handle, index, text, url};
use crate::collections::List;

/// Word 0 is `context.Api`; others are APIs of the product.
pub(crate) static DEF: TypeDef = TypeDef {
    name: "PolicyExpressions.IApi",
    kind: Kind::Interface,
    members: &[
        reads("string Id { get; }", |cx, args| one(cx, &args, Text::ApiId, Text::ProductApiId), "Its id."),
        reads(
            "string Name { get; }",
            |cx, args| one(cx, &args, Text::ApiName, Text::ProductApiName),
            "Its display name.",
        ),
        reads("string Path { get; }", |cx, args| one(cx, &args, Text::ApiPath, Text::ProductApiPath), "Its path."),
        reads("string Revision { get; }", |cx, _| text(cx, Text::ApiRevision), "Its revision."),
        reads("string Version { get; }", |cx, _| text(cx, Text::ApiVersion), "Its version."),
        reads(
            "bool IsCurrentRevision { get; }",
            |cx, _| flag(cx, Flag::ApiIsCurrentRevision),
            "Whether the revision is the current one.",
        ),
        reads("IEnumerable<string> Protocols { get; }", |cx, _| Ok(protocols(cx)), "`http`, `https`…"),
        reads("IUrl ServiceUrl { get; }", |cx, _| Ok(service(cx)), "Where its backend is."),
        reads(
            "ISubscriptionKeyParameterNames SubscriptionKeyParameterNames { get; }",
            |_, _| Ok(handle(&KEY_NAMES, 0)),
            "Where a subscription key is looked for.",
        ),
    ],
    doc: "An API.",
    ..TypeDef::CLASS
};

pub(crate) static KEY_NAMES: TypeDef = TypeDef {
    name: "PolicyExpressions.ISubscriptionKeyParameterNames",
    kind: Kind::Interface,
    members: &[
        reads("string Header { get; }", |cx, _| text(cx, Text::SubscriptionKeyHeader), "The header."),
        reads("string Query { get; }", |cx, _| text(cx, Text::SubscriptionKeyQuery), "The query parameter."),
    ],
    doc: "Where a subscription key is looked for.",
    ..TypeDef::CLASS
};

fn one(cx: &Cx<'_>, args: &Args<'_>, own: Text, of_product: fn(usize) -> Text) -> Result<Value> {
    let word = args.word(0);
    text(cx, if word == 0 { own } else { of_product(index(word)) })
}

fn protocols(cx: &Cx<'_>) -> Value {
    let names = (0..).map_while(|at| cx.host.text(Text::ApiProtocol(at)));
    List::value(Ty::STRING, names.map(|name| Value::str(name.into_owned())).collect())
}

fn service(cx: &Cx<'_>) -> Value {
    if cx.host.has(Part::ServiceUrl) { url::of(Url::Service) } else { Value::Null }
}
