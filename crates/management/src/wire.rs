//! HTTP requests to calls, answers to HTTP responses.

use std::time::Duration;

use arm::{Code, Condition, Error, Method, Result};
use axum::{
    body::Body,
    http::{HeaderMap, HeaderName, HeaderValue, StatusCode, Uri, header, request::Parts},
    response::Response,
};
use bytes::Bytes;
use control::{Answer, Call, Caller};
use http_body_util::{BodyExt, LengthLimitError, Limited};

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

/// Reads a body up to a limit.
pub(crate) async fn body(body: Body, limit: usize) -> Result<Bytes> {
    let Ok(collected) = timeout(PATIENCE, Limited::new(body, limit).collect()).await else {
        return Err(Error::new(Code::InvalidRequestContent, "The request body did not arrive in time."));
    };
    match collected {
        Ok(collected) => Ok(collected.to_bytes()),
        Err(error) if error.downcast_ref::<LengthLimitError>().is_some() => {
            let message = format!("The request body is larger than {limit} bytes, the limit of this server.");
            Err(Error::new(Code::RequestContentTooLarge, message))
        }
        Err(error) => Err(Error {
            cause: Some(error),
            ..Error::new(Code::InvalidRequestContent, "The request body ended early.")
        }),
    }
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
