//! `IUrl`.

use csharp::{
    Args, Cx, Result, Value,
    host::{Ask, Number, Pairs, Text, Url},
    surface::{Kind, TypeDef, reads},
};

use dotformat::{Uri, UriKind};

use super::{handle, pairs, text};
use crate::system;

pub(crate) static DEF: TypeDef = TypeDef {
    name: "PolicyExpressions.IUrl",
    kind: Kind::Interface,
    members: &[
        reads("string Scheme { get; }", |cx, args| text(cx, Text::UrlScheme(which(&args))), "`http` or `https`.")
            .asks(|word| Text::UrlScheme(named(word)).into()),
        reads("string Host { get; }", |cx, args| text(cx, Text::UrlHost(which(&args))), "The host name.")
            .asks(|word| Text::UrlHost(named(word)).into()),
        reads("int Port { get; }", port, "The port."),
        reads("string Path { get; }", |cx, args| text(cx, Text::UrlPath(which(&args))), "The path.")
            .asks(|word| Text::UrlPath(named(word)).into()),
        reads(
            "string QueryString { get; }",
            |cx, args| text(cx, Text::UrlQueryString(which(&args))),
            "The query with its `?`.",
        )
        .asks(|word| Text::UrlQueryString(named(word)).into()),
        reads(
            "IReadOnlyDictionary<string, string[]> Query { get; }",
            |_, args| Ok(pairs::value(Pairs::Query(which(&args)))),
            "The query, by name.",
        )
        .asks(|word| Ask::Pairs(Pairs::Query(named(word)))),
        reads("Uri ToUri()", to_uri, "The whole URL as a `Uri`."),
        reads("string ToString()", to_string, "The whole URL."),
    ],
    doc: "A URL.",
    ..TypeDef::CLASS
};

/// The handle of a URL.
pub(super) fn of(url: Url) -> Value {
    handle(
        &DEF,
        match url {
            Url::Request => 0,
            Url::Original => 1,
            Url::Service => 2,
        },
    )
}

fn which(args: &Args<'_>) -> Url {
    named(args.word(0))
}

fn named(word: u64) -> Url {
    match word {
        0 => Url::Request,
        1 => Url::Original,
        _ => Url::Service,
    }
}

fn port(cx: &mut Cx<'_>, args: Args<'_>) -> Result<Value> {
    Ok(Value::Int(cx.host.number(Number::UrlPort(which(&args))).unwrap_or_default() as i32))
}

fn to_uri(cx: &mut Cx<'_>, args: Args<'_>) -> Result<Value> {
    let text = whole(cx, &args);
    Ok(system::uri(Uri::parse(&text, UriKind::Absolute).map_err(system::raise)?))
}

fn to_string(cx: &mut Cx<'_>, args: Args<'_>) -> Result<Value> {
    Ok(Value::str(whole(cx, &args)))
}

fn whole(cx: &Cx<'_>, args: &Args<'_>) -> String {
    let url = which(args);
    let part = |what| cx.host.text(what).unwrap_or_default();
    let (scheme, host) = (part(Text::UrlScheme(url)), part(Text::UrlHost(url)));
    let port = cx.host.number(Number::UrlPort(url)).unwrap_or_default();
    let usual = matches!((&*scheme, port), (_, 0) | ("http", 80) | ("https", 443));
    let port = if usual { String::new() } else { format!(":{port}") };
    format!("{scheme}://{host}{port}{}{}", part(Text::UrlPath(url)), part(Text::UrlQueryString(url)))
}
