//! Headers, queries, parameters and bodies, as `context` shows them.

use std::borrow::Cow;

use csharp::{
    Str,
    host::{self, Pairs, Side},
};

use crate::{Body, Exchange, Headers, Url};

/// One of the URLs.
pub(super) fn url(exchange: &Exchange, which: host::Url) -> Option<&Url> {
    match which {
        host::Url::Request => Some(&exchange.request.url),
        host::Url::Original => Some(&exchange.original_url),
        host::Url::Service => exchange.entities.api.as_ref()?.service_url.as_ref(),
    }
}

fn headers(exchange: &Exchange, side: Side) -> &Headers {
    match side {
        Side::Request => &exchange.request.headers,
        Side::Response => &exchange.response.headers,
    }
}

const HOST: &str = "Host";

/// The `Host` header as the client sent it. The gateway takes it out of the headers when a request comes in, because the
/// backend gets its own; policies still find it, unless one has set another.
fn own_host(exchange: &Exchange, side: Side, name: &str) -> Option<String> {
    let asked = side == Side::Request && name.eq_ignore_ascii_case(HOST) && !exchange.request.headers.contains(HOST);
    asked.then(|| exchange.original_url.authority())
}

/// Whether a body is still to be read into memory, or its coding to be taken off.
pub(crate) fn is_streamed(exchange: &Exchange, side: Side) -> bool {
    let (_, consumed) = parts(exchange, side);
    !consumed && exchange.readable(side).is_none()
}

fn parts(exchange: &Exchange, side: Side) -> (&Body, bool) {
    match side {
        Side::Request => (&exchange.request.body, exchange.request.consumed),
        Side::Response => (&exchange.response.body, exchange.response.consumed),
    }
}

/// The values under one name, joined with `,`. A single value is not copied.
pub(super) fn joined<'a>(exchange: &'a Exchange, pairs: Pairs, name: &str) -> Option<Cow<'a, str>> {
    match pairs {
        Pairs::Headers(side) => {
            if let Some(host) = own_host(exchange, side, name) {
                return Some(host.into());
            }
            let headers = headers(exchange, side);
            let mut values = headers.all(name);
            let first = values.next()?.text();
            if values.next().is_none() { Some(first) } else { headers.joined(name).map(Cow::Owned) }
        }
        Pairs::MatchedParameters => {
            let mut all = exchange.matched.iter();
            all.find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| Cow::Borrowed(value.as_str()))
        }
        Pairs::Query(_) => {
            let values = texts(exchange, pairs, name);
            (!values.is_empty()).then(|| values.join(",").into())
        }
    }
}

/// The values under one name, apart.
pub(super) fn values(exchange: &Exchange, pairs: Pairs, name: &str) -> Vec<Str> {
    texts(exchange, pairs, name).into_iter().map(Str::from).collect()
}

fn texts(exchange: &Exchange, pairs: Pairs, name: &str) -> Vec<String> {
    match pairs {
        Pairs::Headers(side) => match own_host(exchange, side, name) {
            Some(host) => vec![host],
            None => headers(exchange, side).all(name).map(|value| value.text().into_owned()).collect(),
        },
        Pairs::Query(which) => {
            let all = url(exchange, which).into_iter().flat_map(Url::query_pairs);
            all.filter(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value).collect()
        }
        Pairs::MatchedParameters => joined(exchange, pairs, name).map(Cow::into_owned).into_iter().collect(),
    }
}

/// All names, each once, in the order and spelling of their first use.
pub(super) fn names(exchange: &Exchange, pairs: Pairs) -> Vec<Str> {
    let all: Vec<String> = match pairs {
        Pairs::Headers(side) => {
            let host = own_host(exchange, side, HOST).map(|_| HOST.to_owned());
            host.into_iter().chain(headers(exchange, side).iter().map(|(name, _)| name.as_str().to_owned())).collect()
        }
        Pairs::Query(which) => {
            url(exchange, which).into_iter().flat_map(Url::query_pairs).map(|(name, _)| name).collect()
        }
        Pairs::MatchedParameters => exchange.matched.iter().map(|(name, _)| name.to_string()).collect(),
    };
    let mut names: Vec<String> = Vec::with_capacity(all.len());
    for name in all {
        if !names.iter().any(|known| known.eq_ignore_ascii_case(&name)) {
            names.push(name);
        }
    }
    names.into_iter().map(Str::from).collect()
}

/// Whether a message has a body, read already or not: `Body` is `null` without.
pub(super) fn has_body(exchange: &Exchange, side: Side) -> bool {
    let (body, consumed) = parts(exchange, side);
    consumed || body.exact_len() != Some(0)
}

/// A body, as far as it is in memory.
pub(super) fn body(exchange: &Exchange, side: Side) -> host::Body {
    match parts(exchange, side) {
        (_, true) => host::Body::Consumed,
        (_, false) => exchange.readable(side).map_or(host::Body::NotBuffered, |bytes| host::Body::Bytes(bytes.into())),
    }
}
