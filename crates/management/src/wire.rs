//! HTTP requests to calls, answers to HTTP responses.

use std::time::Duration;

use arm::{Code, Condition, Error, Method, Result};
use axum::{
    body::Body,
    http::{HeaderMap, HeaderName, HeaderValue, StatusCode, Uri, header, request::Parts},
    response::Response,
};
use bytes::{Bytes, BytesMut};
use control::{Answer, Call, Caller};
use http_body_util::BodyExt;
use tokio::time::timeout;

use crate::codec;

/// The call that a request makes, but for who makes it and what it carries.
pub(crate) fn call(parts: &Parts, caller: Caller, body: Bytes) -> Result<Call> {
    let method = Method::parse(parts.method.as_str()).ok_or_else(|| {
        let message = format!("The verb {} is not one of GET, HEAD, PUT, PATCH, DELETE and POST.", parts.method);
        Error::new(Code::MethodNotAllowed, message)
    })?;
    let text = |name: HeaderName| parts.headers.get(name).and_then(|value| value.to_str().ok());
    Ok(Call {
        method,
        target: parts.uri.path().to_owned(),
        path: path(&parts.uri)?,
        query: query(&parts.uri),
        condition: Condition::parse(text(header::IF_MATCH), text(header::IF_NONE_MATCH)),
        body,
        caller,
    })
}

/// The decoded segments of a path. Empty ones count for nothing: clients send doubled and trailing slashes.
pub(crate) fn path(uri: &Uri) -> Result<Vec<String>> {
    let segments = uri.path().split('/').filter(|segment| !segment.is_empty());
    let decoded = segments.map(|segment| {
        codec::segment(segment).ok_or_else(|| {
            Error::new(Code::InvalidResourceId, format!("'{segment}' cannot be a part of a resource id."))
        })
    });
    decoded.collect()
}

pub(crate) fn query(uri: &Uri) -> Vec<(String, String)> {
    uri.query().map(codec::form).unwrap_or_default()
}

/// How long a client may take to send its body.
const PATIENCE: Duration = Duration::from_mins(2);

/// Up to how many bytes a body is read that is refused for its size. Many clients read no answer before they have sent
/// everything, and would see a broken connection instead of the reason.
const DRAINED: usize = 64 * 1024 * 1024;

/// Reads a body up to a limit.
pub(crate) async fn body(body: Body, limit: usize) -> Result<Bytes> {
    let late = |_| Err(Error::new(Code::InvalidRequestContent, "The request body did not arrive in time."));
    timeout(PATIENCE, collected(body, limit)).await.unwrap_or_else(late)
}

async fn collected(mut body: Body, limit: usize) -> Result<Bytes> {
    let mut all = BytesMut::new();
    let mut came = 0;
    while let Some(frame) = body.frame().await {
        let frame = frame.map_err(|error| Error {
            cause: Some(Box::new(error)),
            ..Error::new(Code::InvalidRequestContent, "The request body ended early.")
        })?;
        let Ok(data) = frame.into_data() else { continue };
        came += data.len();
        if came <= limit {
            all.extend_from_slice(&data);
        } else if came > DRAINED {
            break;
        } else {
            all = BytesMut::new();
        }
    }
    if came > limit {
        let message = format!("The request body is larger than {limit} bytes, the limit of this server.");
        return Err(Error::new(Code::RequestContentTooLarge, message));
    }
    Ok(all.freeze())
}

/// The response of an answer.
pub(crate) fn response(answer: Answer) -> Response {
    let mut response = Response::new(Body::empty());
    *response.status_mut() = StatusCode::from_u16(answer.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let headers = response.headers_mut();
    if let Some(etag) = &answer.etag {
        set(headers, "etag", &etag.to_string());
    }
    for (name, value) in &answer.headers {
        set(headers, name, value);
    }
    if let Some(body) = answer.body {
        set(headers, "content-type", "application/json; charset=utf-8");
        *response.body_mut() = Body::from(body.to_string());
    }
    response
}

/// Sets a header; a value that HTTP cannot carry is left out.
pub(crate) fn set(headers: &mut HeaderMap, name: &'static str, value: &str) {
    if let Ok(value) = HeaderValue::from_str(value) {
        headers.insert(HeaderName::from_static(name), value);
    }
}

#[cfg(test)]
mod tests {
    use std::{
        convert::Infallible,
        pin::Pin,
        sync::{
            Arc,
            atomic::{AtomicUsize, Ordering},
        },
        task::{Context, Poll},
    };

    use http_body::Frame;

    use super::*;

    /// Ten pieces of ten bytes; it counts those that were taken.
    struct Pieces(Arc<AtomicUsize>);

    impl http_body::Body for Pieces {
        type Data = Bytes;
        type Error = Infallible;

        fn poll_frame(
            self: Pin<&mut Self>,
            _: &mut Context<'_>,
        ) -> Poll<Option<std::result::Result<Frame<Bytes>, Infallible>>> {
            let taken = self.0.fetch_add(1, Ordering::Relaxed);
            Poll::Ready((taken < 10).then(|| Ok(Frame::data(Bytes::from_static(b"0123456789")))))
        }
    }

    #[tokio::test]
    async fn a_body_that_is_refused_for_its_size_is_read_to_its_end() {
        let taken = Arc::new(AtomicUsize::new(0));
        let refused = body(Body::new(Pieces(taken.clone())), 25).await.unwrap_err();
        assert_eq!(refused.code, Code::RequestContentTooLarge);
        assert_eq!(taken.load(Ordering::Relaxed), 11, "ten pieces and the end");
        assert_eq!(body(Body::new(Pieces(Arc::default())), 100).await.unwrap().len(), 100);
    }
}
