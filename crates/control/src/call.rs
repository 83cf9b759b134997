//! A management call and its answer, without HTTP.

use arm::{Code, Condition, ETag, Error, Method, Result};
use bytes::Bytes;
use serde_json::Value;

/// Who calls.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Caller {
    /// The process itself, for what it sets up at its first start. It may do everything.
    Host,
    /// Whoever the token names.
    Principal {
        /// The id that role assignments name.
        object: String,
        /// The id that signed in.
        app: String,
    },
}

/// A management call.
#[derive(Clone, Debug)]
pub struct Call {
    /// The verb.
    pub method: Method,
    /// The path as it came, from the first slash to the question mark.
    pub target: String,
    /// Its decoded segments.
    pub path: Vec<String>,
    /// The decoded query parameters.
    pub query: Vec<(String, String)>,
    /// `If-Match` and `If-None-Match`.
    pub condition: Condition,
    /// The body.
    pub body: Bytes,
    /// Who calls.
    pub caller: Caller,
}

impl Call {
    /// A call of the process itself: `target` is an id, `body` the JSON to send.
    pub fn host(method: Method, target: &str, body: &Value) -> Self {
        Self {
            method,
            target: target.to_owned(),
            path: target.trim_matches('/').split('/').map(str::to_owned).collect(),
            query: vec![("api-version".to_owned(), arm::ApiVersion::LATEST.to_owned())],
            condition: Condition::None,
            body: if body.is_null() { Bytes::new() } else { body.to_string().into() },
            caller: Caller::Host,
        }
    }

    /// A query parameter; names compare without case.
    pub fn param(&self, name: &str) -> Option<&str> {
        self.query.iter().find(|(known, _)| known.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
    }

    /// Whether a query parameter is true.
    pub fn flag(&self, name: &str) -> bool {
        self.param(name).is_some_and(|value| value.eq_ignore_ascii_case("true"))
    }

    /// The segments as borrowed text.
    pub(crate) fn segments(&self) -> Vec<&str> {
        self.path.iter().map(String::as_str).collect()
    }

    /// The body as a JSON object.
    pub(crate) fn json(&self) -> Result<Value> {
        let text = self.body.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&self.body);
        if text.iter().all(u8::is_ascii_whitespace) {
            return Err(Error::new(Code::InvalidRequestContent, "The request needs a JSON body and has none."));
        }
        match serde_json::from_slice(text) {
            Ok(body @ Value::Object(_)) => Ok(body),
            Ok(_) => Err(Error::new(Code::InvalidRequestContent, "The request body must be a JSON object.")),
            Err(error) => {
                let sentence = error.to_string();
                let sentence = sentence.split(" at line ").next().unwrap_or_default();
                let (line, column) = (error.line(), error.column());
                Err(Error::new(
                    Code::InvalidRequestContent,
                    format!("The request body is not valid JSON: {sentence} (line {line}, column {column})."),
                ))
            }
        }
    }
}

/// What is answered.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Answer {
    /// The HTTP status.
    pub status: u16,
    /// The version of what was read or written.
    pub etag: Option<ETag>,
    /// Other headers, by lower-case name.
    pub headers: Vec<(&'static str, String)>,
    /// The JSON body; none for 204 and the like.
    pub body: Option<Value>,
}

impl Answer {
    /// A status without a body.
    pub fn status(status: u16) -> Self {
        Self { status, ..Self::default() }
    }

    /// A status with a body.
    pub fn json(status: u16, body: impl Into<Value>) -> Self {
        Self { status, body: Some(body.into()), ..Self::default() }
    }

    /// A refusal.
    pub fn refused(error: &Error) -> Self {
        Self::json(error.status(), error.body())
    }

    /// Adds the ETag.
    pub fn etag(mut self, etag: store::Etag) -> Self {
        self.etag = Some(ETag(etag.to_string()));
        self
    }

    /// Adds a header.
    pub fn header(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.headers.push((name, value.into()));
        self
    }
}
