//! A request on its way out: head, target, credentials of the backend.

use std::{io::Write as _, rc::Rc};

use ::http1::{Encoder, Framed, Framing, header as write_header, request_line};
use base64::{Engine, engine::general_purpose::STANDARD as BASE64};
use bytes::Bytes;
use http::{Request, header};
use policy::{
    HeaderName, HeaderValue, Headers, Method, OutboundError, Url,
    entity::{Credentials, Proxy},
    exchange::{Body, url::encode},
    outbound::OutboundErrorKind,
};

use crate::{
    expect::Gate,
    wire::{WireBody, headers_into},
};

/// Everything of a request but its body: kept so that it can be sent a second time.
pub(crate) struct Head<'a> {
    pub(crate) method: &'a Method,
    pub(crate) url: &'a Url,
    pub(crate) headers: &'a Headers,
    pub(crate) target: Target<'a>,
    /// Opened when the server asks for the body, if it is to be asked.
    pub(crate) expects: Option<Rc<Gate>>,
    /// Another protocol to ask for.
    pub(crate) upgrade: Option<&'a HeaderValue>,
}

/// How the request line names what is asked for (RFC 9112 §3.2).
pub(crate) enum Target<'a> {
    /// The path: to the server itself, or through a tunnel.
    Origin,
    /// The whole URL, to a proxy, with what logs us in there.
    Absolute { login: Option<&'a str> },
}

impl Head<'_> {
    /// Refuses what would break out of the request line: a policy may have put anything into the URL.
    pub(crate) fn check(&self) -> Result<(), OutboundError> {
        let fits = |text: &str| text.bytes().all(|byte| byte > b' ' && byte != 0x7f);
        if fits(&self.url.path) && self.url.query.as_deref().is_none_or(fits) && fits(&self.url.host) {
            return Ok(());
        }
        Err(failed(OutboundErrorKind::Address, "The URL cannot be sent over HTTP.".into()))
    }

    /// Writes the head for HTTP/1.1, but for its end.
    pub(crate) fn write(&self, out: &mut Vec<u8>, framing: Framing) -> Encoder {
        match self.target {
            Target::Origin => request_line(out, self.method.as_str(), &self.url.path, self.url.query.as_deref()),
            Target::Absolute { .. } => request_line(out, self.method.as_str(), &self.url.to_string(), None),
        }
        // A policy may have set another one.
        if !self.headers.contains("host") {
            out.extend_from_slice(b"Host: ");
            self.write_authority(out);
            out.extend_from_slice(b"\r\n");
        }
        if let Target::Absolute { login: Some(login) } = self.target {
            write_header(out, "Proxy-Authorization", login.as_bytes());
        }
        if self.expects.is_some() {
            write_header(out, "Expect", b"100-continue");
        }
        if let Some(protocol) = self.upgrade {
            out.extend_from_slice(b"Connection: Upgrade\r\n");
            write_header(out, "Upgrade", protocol.as_bytes());
        }
        // Without a body these methods say so, as many servers demand (RFC 9110 §8.6).
        let framing = match framing {
            Framing::Empty if matches!(self.method.as_str(), "POST" | "PUT" | "PATCH") => Framing::Length(0),
            framing => framing,
        };
        let encoder = Encoder::begin(out, self.headers, Framed { framing, keeps_length: false });
        out.extend_from_slice(b"\r\n");
        encoder
    }

    fn write_authority(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(self.url.host.as_bytes());
        if self.url.port != self.url.scheme.default_port() {
            // Writing to a vector does not fail.
            let _ = write!(out, ":{}", self.url.port);
        }
    }

    /// The message for a connection of HTTP/2.
    pub(crate) fn message(&self, body: Body) -> Result<Request<WireBody>, OutboundError> {
        let unusable = |what: &str| failed(OutboundErrorKind::Address, format!("The {what} cannot be sent over HTTP."));
        let uri = http::Uri::from_maybe_shared(Bytes::from(self.url.to_string())).map_err(|_| unusable("URL"))?;
        let method = http::Method::from_bytes(self.method.as_str().as_bytes()).map_err(|_| unusable("method"))?;
        let mut request = Request::new(WireBody(body));
        *request.method_mut() = method;
        *request.uri_mut() = uri;
        *request.version_mut() = http::Version::HTTP_2;
        let map = request.headers_mut();
        headers_into(self.headers, map, false);
        // The client was answered already, or will be when its body is asked for.
        map.remove(header::EXPECT);
        // The URL names it.
        map.remove(header::HOST);
        Ok(request)
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
