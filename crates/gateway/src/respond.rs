//! The answers to requests that never become an exchange.

use std::borrow::Cow;

use http1::HeadError;
use policy::{Fault, Response, Status};

use crate::completion::{Completion, Finished};

/// Why a request is refused before it becomes an exchange.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Refusal {
    /// The target names no path, or the method is none.
    Target,
    /// The host is missing, given twice, or no host.
    Host,
    /// The target is longer than allowed.
    UrlTooLong,
    /// The body says that it is longer than allowed.
    BodyTooLarge,
    /// The head is larger than allowed, or has more lines.
    HeadTooLarge,
    /// A version that is not spoken here.
    Version,
    /// No HTTP, or a body of which two servers might see different ends.
    Malformed(HeadError),
}

impl Refusal {
    /// Of bytes that are no head that is taken.
    pub(crate) fn of(error: HeadError) -> Self {
        match error {
            HeadError::TooLarge | HeadError::TooManyLines => Self::HeadTooLarge,
            HeadError::TargetTooLong => Self::UrlTooLong,
            HeadError::Version => Self::Version,
            HeadError::Framing(_) | HeadError::Malformed(_) => Self::Malformed(error),
        }
    }

    fn says(self) -> (Status, Cow<'static, str>) {
        const URI_TOO_LONG: Status = Status::new(414).expect("414 has three digits");
        const HEAD_TOO_LARGE: Status = Status::new(431).expect("431 has three digits");
        const VERSION: Status = Status::new(505).expect("505 has three digits");
        if let Self::Malformed(why) = self {
            return (Status::BAD_REQUEST, format!("The request is not valid: {why}.").into());
        }
        let (status, message) = match self {
            Self::Malformed(_) | Self::Target => (Status::BAD_REQUEST, "The request target is not valid."),
            Self::Host => (Status::BAD_REQUEST, "The request needs exactly one valid host."),
            Self::UrlTooLong => (URI_TOO_LONG, "The request URL is too long."),
            Self::BodyTooLarge => (Status::PAYLOAD_TOO_LARGE, "The request body is too large."),
            Self::HeadTooLarge => (HEAD_TOO_LARGE, "The request head is too large."),
            Self::Version => (VERSION, "This version of HTTP is not spoken here."),
        };
        (status, message.into())
    }
}

/// Answers a request that cannot become an exchange. What is left of it is not read, so the connection ends.
pub(crate) fn refuse(mut completion: Completion, refusal: Refusal) -> Finished {
    let response = answer(refusal);
    completion.refused(response.status);
    Finished { response, completion, closes: true }
}

/// The answer where something else than a tunnel came of a handshake, and the client could not tell.
pub(crate) fn not_switched() -> Response {
    let message = "Nothing speaks the protocol that was asked for.";
    let fault = Fault::new("gateway", "NotSwitched", message).with_status(Status::BAD_GATEWAY).shown(message);
    engine::default_answer(&fault, [0; 16])
}

/// The answer to a body that turned out to be too large.
pub(crate) fn too_large() -> Response {
    answer(Refusal::BodyTooLarge)
}

fn answer(refusal: Refusal) -> Response {
    let (status, message) = refusal.says();
    let fault = Fault::new("gateway", "RequestRefused", &*message).with_status(status).shown(&*message);
    // The id only shows in a 500.
    engine::default_answer(&fault, [0; 16])
}
