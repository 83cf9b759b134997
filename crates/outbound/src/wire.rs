//! Our heads and bodies to hyper's and back: the one place where both are named.

use std::{
    pin::Pin,
    task::{Context, Poll},
};

use bytes::{BufMut, Bytes, BytesMut};
use http::{HeaderMap, header::COOKIE};
use hyper::body::{Body as _, Incoming, SizeHint};
use policy::exchange::{Body, BodyError, Frame, HeaderName, HeaderValue, Headers, Source};

/// Lines as they came, without those that only concern this connection (RFC 9110 §7.6.1).
///
/// `te: trailers` stays, because gRPC needs it.
pub fn headers_from(map: &HeaderMap) -> Headers {
    let listed = Listed::of(map);
    let kept = |name: &http::HeaderName, value: &http::HeaderValue| {
        !is_hop_by_hop(name, value) && !listed.as_ref().is_some_and(|listed| listed.names(name))
    };
    // One allocation holds every name and value of the head.
    let size = map.iter().map(|(name, value)| name.as_str().len() + value.len()).sum();
    let mut text = BytesMut::with_capacity(size);
    let mut headers = Headers::with_capacity(map.len() + 4);
    let crumbs = map.get_all(COOKIE).iter().nth(1).is_some();
    for (name, value) in map {
        if kept(name, value) && !(crumbs && name == COOKIE) {
            text.put_slice(name.as_str().as_bytes());
            let name = HeaderName::from_bytes(text.split().freeze());
            text.put_slice(value.as_bytes());
            let value = HeaderValue::from_bytes(text.split().freeze());
            if let (Some(name), Some(value)) = (name, value) {
                headers.push(name, value);
            }
        }
    }
    if crumbs {
        // HTTP/2 may take a cookie line apart; elsewhere there is only one (RFC 9113 §8.2.3).
        let crumbs: Vec<_> = map.get_all(COOKIE).iter().map(http::HeaderValue::as_bytes).collect();
        if let Some(whole) = HeaderValue::from_bytes(crumbs.join(&b"; "[..]).into()) {
            headers.push(HeaderName::from_static("cookie"), whole);
        }
    }
    headers
}

/// Lines for the wire. What frames the body is left out: hyper writes it from the body itself.
/// `keeps_length` keeps `content-length`, for answers to HEAD and for 304, which tell of a body that does not come.
pub fn headers_into(headers: &Headers, map: &mut HeaderMap, keeps_length: bool) {
    map.reserve(headers.len());
    for (name, value) in headers.iter() {
        let Ok(name) = http::HeaderName::from_bytes(name.as_str().as_bytes()) else { continue };
        let Ok(value) = http::HeaderValue::from_maybe_shared(value.as_bytes().clone()) else { continue };
        if is_hop_by_hop(&name, &value) || (name == http::header::CONTENT_LENGTH && !keeps_length) {
            continue;
        }
        map.append(name, value);
    }
}

fn is_hop_by_hop(name: &http::HeaderName, value: &http::HeaderValue) -> bool {
    use http::header::{CONNECTION, TE, TRANSFER_ENCODING, UPGRADE};
    *name == CONNECTION
        || *name == TRANSFER_ENCODING
        || *name == UPGRADE
        || (*name == TE && !value.as_bytes().eq_ignore_ascii_case(b"trailers"))
        || matches!(name.as_str(), "keep-alive" | "proxy-connection" | "http2-settings")
}

/// The headers that `connection` names besides its two usual words.
struct Listed<'a>(&'a HeaderMap);

impl<'a> Listed<'a> {
    fn of(map: &'a HeaderMap) -> Option<Self> {
        let is_plain = |value: &http::HeaderValue| {
            value.as_bytes().eq_ignore_ascii_case(b"keep-alive") || value.as_bytes().eq_ignore_ascii_case(b"close")
        };
        let mut values = map.get_all(http::header::CONNECTION).iter();
        values.any(|value| !is_plain(value)).then_some(Self(map))
    }

    fn names(&self, name: &http::HeaderName) -> bool {
        // Framing and routing must not be removable by a client.
        if [http::header::HOST, http::header::CONTENT_LENGTH, http::header::TE].contains(name) {
            return false;
        }
        let values = self.0.get_all(http::header::CONNECTION).iter();
        values
            .flat_map(|value| value.as_bytes().split(|byte| *byte == b','))
            .any(|word| word.trim_ascii().eq_ignore_ascii_case(name.as_str().as_bytes()))
    }
}

/// One of our bodies as hyper sends it.
#[derive(Debug, Default)]
pub struct WireBody(pub Body);

impl hyper::body::Body for WireBody {
    type Data = Bytes;
    type Error = BodyError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<hyper::body::Frame<Bytes>, BodyError>>> {
        self.0.poll_frame(cx).map(|frame| {
            Some(frame?.map(|frame| match frame {
                Frame::Data(bytes) => hyper::body::Frame::data(bytes),
                Frame::Trailers(headers) => {
                    let mut map = HeaderMap::new();
                    headers_into(&headers, &mut map, false);
                    hyper::body::Frame::trailers(map)
                }
            }))
        })
    }

    fn is_end_stream(&self) -> bool {
        self.0.is_empty()
    }

    fn size_hint(&self) -> SizeHint {
        self.0.exact_len().map_or_else(SizeHint::default, SizeHint::with_exact)
    }
}

/// A body that hyper receives, as ours.
#[derive(Debug)]
pub struct IncomingBody(pub Incoming);

impl IncomingBody {
    /// Ours, or no body at all where none comes.
    pub fn into_body(self) -> Body {
        if self.0.is_end_stream() { Body::empty() } else { Body::stream(self) }
    }
}

impl Source for IncomingBody {
    fn poll_frame(&mut self, cx: &mut Context<'_>) -> Poll<Option<Result<Frame, BodyError>>> {
        Pin::new(&mut self.0).poll_frame(cx).map(|frame| Some(frame_from(frame?)))
    }

    fn exact_len(&self) -> Option<u64> {
        self.0.size_hint().exact()
    }
}

pub(crate) fn frame_from(frame: Result<hyper::body::Frame<Bytes>, hyper::Error>) -> Result<Frame, BodyError> {
    let frame = frame.map_err(|error| BodyError::Aborted(chain(&error)))?;
    match frame.into_data() {
        Ok(bytes) => Ok(Frame::Data(bytes)),
        Err(frame) => Ok(Frame::Trailers(frame.into_trailers().map(|map| headers_from(&map)).unwrap_or_default())),
    }
}

/// An error with its causes, which is where hyper and rustls keep what helps.
pub(crate) fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        let more = error.to_string();
        if !text.contains(&more) {
            text.push_str(": ");
            text.push_str(&more);
        }
        cause = error.source();
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn passed(lines: &[(&'static str, &'static str)]) -> Vec<String> {
        let mut map = HeaderMap::new();
        for (name, value) in lines {
            map.append(*name, http::HeaderValue::from_static(value));
        }
        headers_from(&map).iter().map(|(name, value)| format!("{name}: {}", value.text())).collect()
    }

    #[test]
    fn lines_of_this_connection_do_not_pass() {
        let lines = [
            ("connection", "close, X-Own"),
            ("x-own", "1"),
            ("te", "trailers"),
            ("te", "gzip"),
            ("upgrade", "h2c"),
            ("a", "b"),
        ];
        assert_eq!(passed(&lines), ["te: trailers", "a: b"]);
    }

    #[test]
    fn a_client_cannot_have_framing_or_routing_removed() {
        assert_eq!(
            passed(&[("connection", "content-length, host"), ("content-length", "1"), ("host", "h")]),
            ["content-length: 1", "host: h"]
        );
    }

    #[test]
    fn a_cookie_that_was_taken_apart_is_whole_again() {
        assert_eq!(passed(&[("cookie", "a=1"), ("x", "y"), ("cookie", "b=2")]), ["x: y", "cookie: a=1; b=2"]);
    }
}
