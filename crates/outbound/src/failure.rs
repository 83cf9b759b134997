//! A call without an answer: what is wrong, and whether the request may be sent once more.

use std::error::Error as _;

use h2::Reason;
use policy::{
    OutboundError, Url,
    exchange::{Body, BodyError},
    outbound::OutboundErrorKind,
};

use crate::{http1::CallError, request::failed, wire::chain};

/// A call without an answer.
pub(crate) struct Failure {
    pub(crate) kind: OutboundErrorKind,
    /// What the backend did.
    pub(crate) what: String,
    /// Whether nothing of the request has had an effect: it has not left us, or the server says that it has not looked at it.
    pub(crate) untouched: bool,
    /// Whether the connection ended before any of the answer came.
    pub(crate) broke_off: bool,
    /// The body, if nothing was taken of it.
    pub(crate) unsent: Option<Body>,
}

impl Failure {
    pub(crate) fn of_http1(error: CallError, untouched: bool) -> Self {
        let broke_off = error.broke_off();
        let kind = match &error {
            CallError::Io(_) | CallError::Closed => OutboundErrorKind::Connection,
            CallError::Head(_) | CallError::Switched => OutboundErrorKind::Protocol,
            CallError::Body(_) => OutboundErrorKind::RequestBody,
        };
        let what = match error {
            CallError::Body(error) => error.to_string(),
            error => error.to_string(),
        };
        Self { kind, what, untouched, broke_off, unsent: None }
    }

    pub(crate) fn of_http2(error: &hyper::Error, unsent: Option<Body>) -> Self {
        let mut untouched = unsent.is_some();
        let mut cause = error.source();
        while let Some(inner) = cause {
            if let Some(body) = inner.downcast_ref::<BodyError>() {
                let kind = OutboundErrorKind::RequestBody;
                return Self { kind, what: body.to_string(), untouched: false, broke_off: false, unsent };
            }
            if let Some(error) = inner.downcast_ref::<h2::Error>() {
                // RFC 9113 §8.7: a refused stream, and one above the last that a server which leaves takes, was not looked at.
                let is_refused = error.reason() == Some(Reason::REFUSED_STREAM);
                let is_left = error.is_go_away() && error.is_remote() && error.reason() == Some(Reason::NO_ERROR);
                untouched |= is_refused || is_left;
            }
            cause = inner.source();
        }
        let kind = if error.is_parse() { OutboundErrorKind::Protocol } else { OutboundErrorKind::Connection };
        let broke_off = error.is_incomplete_message() || error.is_canceled() || error.is_closed();
        Self { kind, what: format!("broke the connection: {}", chain(error)), untouched, broke_off, unsent }
    }

    pub(crate) fn explain(self, url: &Url) -> OutboundError {
        let Self { kind, what, .. } = self;
        failed(
            kind,
            match kind {
                OutboundErrorKind::RequestBody => format!("The request body could not be sent: {what}."),
                _ => format!("The backend {} {what}.", url.authority()),
            },
        )
    }
}
