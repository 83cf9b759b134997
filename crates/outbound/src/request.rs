//! A request in hyper's types: head, target, credentials of the backend.

use base64::{Engine, engine::general_purpose::STANDARD as BASE64};
use bytes::Bytes;
use http::{HeaderMap, Request, header};
use policy::{
    HeaderName, HeaderValue, Headers, Method, OutboundError, Url,
    entity::{Credentials, Proxy},
    exchange::{Body, url::encode},
    outbound::OutboundErrorKind,
};

use crate::wire::{WireBody, headers_into};

/// Everything of a request but its body: kept so that it can be sent a second time.
pub(crate) struct Head<'a> {
    pub(crate) method: &'a Method,
    pub(crate) url: &'a Url,
    pub(crate) headers: &'a Headers,
    pub(crate) target: Target<'a>,
}

/// How the request line names what is asked for (RFC 9112 §3.2).
pub(crate) enum Target<'a> {
    /// The path: to the server itself, or through a tunnel.
    Origin,
    /// The whole URL, to a proxy, with what logs us in there.
    Absolute { login: Option<&'a str> },
}

impl Head<'_> {
    /// The message for a connection of either version.
    pub(crate) fn message(&self, body: Body, is_http2: bool) -> Result<Request<WireBody>, OutboundError> {
        let unusable = |what: &str| failed(OutboundErrorKind::Address, format!("The {what} cannot be sent over HTTP."));
        let target = match self.target {
            Target::Origin if !is_http2 => self.url.target(),
            Target::Origin | Target::Absolute { .. } => self.url.to_string(),
        };
        let uri = http::Uri::from_maybe_shared(Bytes::from(target)).map_err(|_| unusable("URL"))?;
        let method = http::Method::from_bytes(self.method.as_str().as_bytes()).map_err(|_| unusable("method"))?;
        let has_meaning = matches!(self.method.as_str(), "POST" | "PUT" | "PATCH");
        let is_empty = body.is_empty();
        let mut request = Request::new(WireBody(body));
        *request.method_mut() = method;
        *request.uri_mut() = uri;
        if is_http2 {
            *request.version_mut() = http::Version::HTTP_2;
        }
        let map = request.headers_mut();
        headers_into(self.headers, map, false);
        // The client was answered already, or will be when its body is asked for.
        map.remove(header::EXPECT);
        if is_empty && has_meaning {
            map.insert(header::CONTENT_LENGTH, http::HeaderValue::from_static("0"));
        }
        self.name_host(map, is_http2)?;
        if let Target::Absolute { login: Some(login) } = self.target
            && let Ok(login) = http::HeaderValue::from_str(login)
        {
            map.insert(header::PROXY_AUTHORIZATION, login);
        }
        Ok(request)
    }

    /// HTTP/1.1 wants a `host` line, HTTP/2 has it in the URL. A policy may have set another one.
    fn name_host(&self, map: &mut HeaderMap, is_http2: bool) -> Result<(), OutboundError> {
        if is_http2 {
            map.remove(header::HOST);
        } else if !map.contains_key(header::HOST) {
            let host = http::HeaderValue::from_maybe_shared(Bytes::from(self.url.authority()))
                .map_err(|_| failed(OutboundErrorKind::Address, "The host cannot be sent over HTTP.".into()))?;
            map.insert(header::HOST, host);
        }
        Ok(())
    }
}

/// What a backend entity wants with each call.
pub(crate) fn apply(credentials: &Credentials, headers: &mut Headers, url: &mut Url) {
    for (name, values) in &credentials.headers {
        headers.remove(name.as_str());
        for value in values {
            headers.push(name.clone(), value.clone());
        }
    }
    if let Some((scheme, parameter)) = &credentials.authorization
        && let Some(value) = HeaderValue::parse(&format!("{scheme} {}", parameter.expose()))
    {
        headers.set(HeaderName::from_static("Authorization"), value);
    }
    for (name, values) in &credentials.query {
        for value in values {
            let pair = format!("{}={}", encode(name), encode(value.expose()));
            url.query = Some(match &url.query {
                Some(query) if !query.is_empty() => format!("{query}&{pair}").into(),
                _ => pair.into(),
            });
        }
    }
}

/// What logs us in at a proxy.
pub(crate) fn login(proxy: &Proxy) -> Option<String> {
    let user = proxy.user.as_ref()?;
    Some(format!("Basic {}", BASE64.encode(format!("{user}:{}", proxy.password.expose()))))
}

/// Whether sending it twice does no more than sending it once (RFC 9110 §9.2.2).
pub(crate) fn is_idempotent(method: &Method) -> bool {
    matches!(method.as_str(), "GET" | "HEAD" | "OPTIONS" | "TRACE" | "PUT" | "DELETE")
}

/// A call that failed.
pub(crate) fn failed(kind: OutboundErrorKind, message: String) -> OutboundError {
    OutboundError { kind, message }
}
