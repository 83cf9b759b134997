//! Requests and responses.

use std::{borrow::Cow, fmt, sync::Arc};

use super::{Body, Headers, Tunnel, Url, headers::is_token};

/// A request method.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Method(Cow<'static, str>);

impl Method {
    /// `GET`.
    pub const GET: Self = Self(Cow::Borrowed("GET"));
    /// `HEAD`.
    pub const HEAD: Self = Self(Cow::Borrowed("HEAD"));
    /// `POST`.
    pub const POST: Self = Self(Cow::Borrowed("POST"));
    /// `OPTIONS`.
    pub const OPTIONS: Self = Self(Cow::Borrowed("OPTIONS"));

    /// Takes `method` if it is a token. The usual ones cost no allocation; case is kept.
    pub fn parse(method: &str) -> Option<Self> {
        const KNOWN: [&str; 9] = ["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS", "TRACE", "CONNECT"];
        if let Some(known) = KNOWN.into_iter().find(|known| *known == method) {
            return Some(Self(Cow::Borrowed(known)));
        }
        is_token(method.as_bytes()).then(|| Self(Cow::Owned(method.to_owned())))
    }

    /// As written.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl Default for Method {
    fn default() -> Self {
        Self::GET
    }
}

impl fmt::Display for Method {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A version of HTTP, as the other side speaks it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Version {
    /// HTTP/1.0.
    Http10,
    /// HTTP/1.1.
    #[default]
    Http11,
    /// HTTP/2.
    Http2,
}

impl Version {
    /// As the log writes it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Http10 => "HTTP/1.0",
            Self::Http11 => "HTTP/1.1",
            Self::Http2 => "HTTP/2",
        }
    }
}

/// A status code from 100 to 999.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Status(u16);

#[expect(missing_docs, reason = "the names of RFC 9110")]
impl Status {
    pub const OK: Self = Self(200);
    pub const BAD_REQUEST: Self = Self(400);
    pub const UNAUTHORIZED: Self = Self(401);
    pub const FORBIDDEN: Self = Self(403);
    pub const NOT_FOUND: Self = Self(404);
    pub const PAYLOAD_TOO_LARGE: Self = Self(413);
    pub const TOO_MANY_REQUESTS: Self = Self(429);
    pub const CLIENT_CLOSED: Self = Self(499);
    pub const INTERNAL_SERVER_ERROR: Self = Self(500);
    pub const NOT_IMPLEMENTED: Self = Self(501);
    pub const BAD_GATEWAY: Self = Self(502);
    pub const SERVICE_UNAVAILABLE: Self = Self(503);
}

impl Status {
    /// Takes `code` if it has three digits.
    pub const fn new(code: u16) -> Option<Self> {
        match code {
            100..=999 => Some(Self(code)),
            _ => None,
        }
    }

    /// The number.
    pub const fn code(self) -> u16 {
        self.0
    }

    /// The usual reason phrase; empty for codes without one.
    pub const fn reason(self) -> &'static str {
        match self.0 {
            100 => "Continue",
            101 => "Switching Protocols",
            200 => "OK",
            201 => "Created",
            202 => "Accepted",
            203 => "Non-Authoritative Information",
            204 => "No Content",
            205 => "Reset Content",
            206 => "Partial Content",
            207 => "Multi-Status",
            300 => "Multiple Choices",
            301 => "Moved Permanently",
            302 => "Found",
            303 => "See Other",
            304 => "Not Modified",
            307 => "Temporary Redirect",
            308 => "Permanent Redirect",
            400 => "Bad Request",
            401 => "Unauthorized",
            402 => "Payment Required",
            403 => "Forbidden",
            404 => "Not Found",
            405 => "Method Not Allowed",
            406 => "Not Acceptable",
            407 => "Proxy Authentication Required",
            408 => "Request Timeout",
            409 => "Conflict",
            410 => "Gone",
            411 => "Length Required",
            412 => "Precondition Failed",
            413 => "Content Too Large",
            414 => "URI Too Long",
            415 => "Unsupported Media Type",
            416 => "Range Not Satisfiable",
            417 => "Expectation Failed",
            418 => "I'm a teapot",
            421 => "Misdirected Request",
            422 => "Unprocessable Content",
            423 => "Locked",
            424 => "Failed Dependency",
            425 => "Too Early",
            426 => "Upgrade Required",
            428 => "Precondition Required",
            429 => "Too Many Requests",
            431 => "Request Header Fields Too Large",
            451 => "Unavailable For Legal Reasons",
            499 => "Client Closed Request",
            500 => "Internal Server Error",
            501 => "Not Implemented",
            502 => "Bad Gateway",
            503 => "Service Unavailable",
            504 => "Gateway Timeout",
            505 => "HTTP Version Not Supported",
            507 => "Insufficient Storage",
            511 => "Network Authentication Required",
            _ => "",
        }
    }
}

impl Default for Status {
    fn default() -> Self {
        Self::OK
    }
}

/// What the client asked for, as policies have changed it so far: in the end, what the backend is asked.
#[derive(Debug)]
pub struct Request {
    /// The method.
    pub method: Method,
    /// Where it goes: the backend's URL. `Exchange::original_url` is what the client wrote.
    pub url: Url,
    /// The headers.
    pub headers: Headers,
    /// The body.
    pub body: Body,
    /// Whether an expression has read the body without keeping it.
    pub consumed: bool,
    /// Whether the body went to a backend as it came in: then it cannot go there again.
    pub streamed: bool,
}

/// What goes back.
#[derive(Debug, Default)]
pub struct Response {
    /// The status.
    pub status: Status,
    /// The reason phrase, if it is not the usual one.
    pub reason: Option<Arc<str>>,
    /// The headers.
    pub headers: Headers,
    /// The body.
    pub body: Body,
    /// Whether an expression has read the body without keeping it.
    pub consumed: bool,
    /// What follows on the connection if this is a 101: no body, and nothing that a policy could read.
    pub tunnel: Option<Tunnel>,
}

impl Response {
    /// An answer with nothing but a status.
    pub fn new(status: Status) -> Self {
        Self { status, ..Self::default() }
    }

    /// The reason phrase on the wire.
    pub fn reason(&self) -> &str {
        self.reason.as_deref().unwrap_or(self.status.reason())
    }
}
