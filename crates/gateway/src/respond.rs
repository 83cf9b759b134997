//! The answers that the gateway gives by itself.

use std::fmt::Write as _;

use policy::{Body, HeaderName, HeaderValue, Response, Status};

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
}

impl Refusal {
    fn answer(self) -> (Status, &'static str) {
        const URI_TOO_LONG: Status = Status::new(414).expect("414 has three digits");
        match self {
            Self::Target => (Status::BAD_REQUEST, "The request target is not valid."),
            Self::Host => (Status::BAD_REQUEST, "The request needs exactly one valid host."),
            Self::UrlTooLong => (URI_TOO_LONG, "The request URL is too long."),
            Self::BodyTooLarge => (Status::PAYLOAD_TOO_LARGE, "The request body is too large."),
        }
    }
}

/// Answers a request that cannot become an exchange. What is left of it is not read, so the connection ends.
pub(crate) fn refuse(mut completion: Completion, refusal: Refusal) -> Finished {
    let (status, message) = refusal.answer();
    completion.refused(status);
    Finished { response: error(status, message, None), completion, closes: true }
}

/// The default error body: the service's fields in the service's order and spacing.
pub(crate) fn error(status: Status, message: &str, activity: Option<[u8; 16]>) -> Response {
    let mut text = format!("{{ \"statusCode\": {}, \"message\": {}", status.code(), Quoted(message));
    if let Some(id) = activity {
        let _ = write!(text, ", \"activityId\": \"{}\"", Guid(id));
    }
    text.push_str(" }");
    let mut response = Response::new(status);
    response.headers.push(HeaderName::from_static("Content-Type"), HeaderValue::from_static("application/json"));
    response.body = Body::full(text);
    response
}

/// A JSON string.
struct Quoted<'a>(&'a str);

impl std::fmt::Display for Quoted<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("\"")?;
        for letter in self.0.chars() {
            match letter {
                '"' => f.write_str("\\\"")?,
                '\\' => f.write_str("\\\\")?,
                letter if letter.is_control() => write!(f, "\\u{:04x}", letter as u32)?,
                letter => f.write_char(letter)?,
            }
        }
        f.write_str("\"")
    }
}

/// An id as .NET prints a `Guid`.
struct Guid([u8; 16]);

impl std::fmt::Display for Guid {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        for (at, byte) in self.0.iter().enumerate() {
            if matches!(at, 4 | 6 | 8 | 10) {
                f.write_str("-")?;
            }
            write!(f, "{byte:02x}")?;
        }
        Ok(())
    }
}
