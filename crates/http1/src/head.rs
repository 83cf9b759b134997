//! Heads as they come: a request line or a status line, and headers.

use std::{fmt, mem::MaybeUninit, sync::Arc};

use bytes::{Bytes, BytesMut};
use httparse::{EMPTY_HEADER, Header};
use memchr::memmem;
use policy::{HeaderValue, Headers, Method, Status, exchange::Version};

use crate::lines::Lines;

/// The most header lines that any head may have.
const MOST_LINES: usize = 256;

/// Sizes beyond which a head is refused.
#[derive(Clone, Copy, Debug)]
pub struct HeadLimits {
    /// Bytes of the whole head.
    pub bytes: usize,
    /// Header lines; more than 256 are never taken.
    pub lines: usize,
    /// Bytes of a request's target.
    pub target: usize,
}

/// Why bytes are no head that we take.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HeadError {
    /// More bytes than allowed.
    TooLarge,
    /// More lines than allowed.
    TooManyLines,
    /// The request's target is longer than allowed.
    TargetTooLong,
    /// A version that is neither 1.0 nor 1.1.
    Version,
    /// The length of the body cannot be told for certain: what one side takes for a body the other might take for a request.
    Framing(&'static str),
    /// No HTTP.
    Malformed(&'static str),
}

impl fmt::Display for HeadError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::TooLarge => f.write_str("the head is too large"),
            Self::TooManyLines => f.write_str("the head has too many lines"),
            Self::TargetTooLong => f.write_str("the request target is too long"),
            Self::Version => f.write_str("the version of HTTP is not 1.0 or 1.1"),
            Self::Framing(why) | Self::Malformed(why) => f.write_str(why),
        }
    }
}

impl std::error::Error for HeadError {}

/// How the end of a body is found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Framing {
    /// There is none.
    Empty,
    /// So many bytes.
    Length(u64),
    /// Chunks, and a last one.
    Chunked,
    /// All that comes before the connection ends.
    UntilClose,
}

/// The head of a request.
#[derive(Debug)]
pub struct RequestHead {
    /// Its method.
    pub method: Method,
    /// What is asked for, as written: `/path?query`, a whole URL, or `*`.
    pub target: Bytes,
    /// 1.0 or 1.1.
    pub version: Version,
    /// The lines that go on, in order: without `Host`, `Expect` and those that only concern the connection.
    pub headers: Headers,
    /// The first `Host`.
    pub host: Option<Bytes>,
    /// Whether there are more of them.
    pub hosts: bool,
    /// Its body.
    pub framing: Framing,
    /// Whether the client would send another request on this connection.
    pub keep_alive: bool,
    /// Whether it waits for `100 Continue` before it sends the body.
    pub expects_continue: bool,
    /// The protocol that it would rather speak.
    pub upgrade: Option<HeaderValue>,
}

/// The head of a final or informational response.
#[derive(Debug)]
pub struct ResponseHead {
    /// 1.0 or 1.1.
    pub version: Version,
    /// Its status.
    pub status: Status,
    /// The reason phrase, if it is not the usual one.
    pub reason: Option<Arc<str>>,
    /// The lines that go on, in order.
    pub headers: Headers,
    /// Its body.
    pub framing: Framing,
    /// Whether the server would take another request on this connection.
    pub keep_alive: bool,
    /// The protocol that is spoken from here on (101).
    pub upgrade: Option<HeaderValue>,
}

/// How much of a buffer has been looked at in vain: a head that comes byte by byte is not parsed anew for each of them.
#[derive(Clone, Copy, Debug, Default)]
pub struct Scan(usize);

impl Scan {
    /// Whether it is worth while to parse.
    fn may_end(&mut self, buffer: &[u8]) -> bool {
        if self.0 == 0 {
            return true;
        }
        let new = buffer.get(self.0.saturating_sub(3)..).unwrap_or_default();
        memmem::find(new, b"\n\r\n").is_some() || memmem::find(new, b"\n\n").is_some()
    }

    fn in_vain<T>(&mut self, buffer: &BytesMut, limits: &HeadLimits) -> Result<Option<T>, HeadError> {
        self.0 = buffer.len();
        if buffer.len() > limits.bytes { Err(HeadError::TooLarge) } else { Ok(None) }
    }
}

impl RequestHead {
    /// Takes a head off the front of `buffer`; `None` if it is not all there yet.
    pub fn take(buffer: &mut BytesMut, scan: &mut Scan, limits: &HeadLimits) -> Result<Option<Self>, HeadError> {
        if !scan.may_end(buffer) {
            return scan.in_vain(buffer, limits);
        }
        let mut slots = [const { MaybeUninit::uninit() }; MOST_LINES];
        let mut parsed = httparse::Request::new(&mut []);
        let status = parsed.parse_with_uninit_headers(buffer, room(&mut slots, limits));
        let length = match status {
            Ok(httparse::Status::Complete(length)) => length,
            Ok(httparse::Status::Partial) => {
                // A target without an end is told apart from a head that is too large.
                if parsed.path.is_none() && buffer.len() > limits.target.saturating_add(256) {
                    return Err(HeadError::TargetTooLong);
                }
                return scan.in_vain(buffer, limits);
            }
            Err(error) => return Err(malformed(error)),
        };
        if length > limits.bytes {
            return Err(HeadError::TooLarge);
        }
        let (Some(method), Some(target)) = (parsed.method.and_then(Method::parse), parsed.path) else {
            return Err(HeadError::Malformed("the request line is not valid"));
        };
        if target.len() > limits.target {
            return Err(HeadError::TargetTooLong);
        }
        let version = version(parsed.version);
        let target = place(buffer, target.as_bytes());
        let mut lines = Lines::default();
        lines.read(buffer, parsed.headers)?;
        let framing = request_framing(&lines, version)?;
        *scan = Scan::default();
        let head = buffer.split_to(length).freeze();
        Ok(Some(Self {
            method,
            target: head.slice(target),
            version,
            headers: lines.headers(&head),
            host: lines.host(&head),
            hosts: lines.hosts,
            framing,
            keep_alive: keeps_alive(&lines, version),
            expects_continue: lines.expects_continue && version == Version::Http11 && framing != Framing::Empty,
            upgrade: lines.upgrade(&head),
        }))
    }
}

impl ResponseHead {
    /// Takes a head off the front of `buffer`; `None` if it is not all there yet. The answer to a HEAD has no body.
    pub fn take(
        buffer: &mut BytesMut,
        scan: &mut Scan,
        limits: &HeadLimits,
        answers_head: bool,
    ) -> Result<Option<Self>, HeadError> {
        if !scan.may_end(buffer) {
            return scan.in_vain(buffer, limits);
        }
        let mut slots = [const { MaybeUninit::uninit() }; MOST_LINES];
        let mut parsed = httparse::Response::new(&mut []);
        let config = httparse::ParserConfig::default();
        let length = match config.parse_response_with_uninit_headers(&mut parsed, buffer, room(&mut slots, limits)) {
            Ok(httparse::Status::Complete(length)) => length,
            Ok(httparse::Status::Partial) => return scan.in_vain(buffer, limits),
            Err(error) => return Err(malformed(error)),
        };
        if length > limits.bytes {
            return Err(HeadError::TooLarge);
        }
        let status = parsed.code.and_then(Status::new).ok_or(HeadError::Malformed("the status line is not valid"))?;
        let reason = parsed.reason.filter(|reason| !reason.is_empty() && *reason != status.reason()).map(Arc::from);
        let version = version(parsed.version);
        let mut lines = Lines::default();
        lines.read(buffer, parsed.headers)?;
        let framing = response_framing(&lines, status, answers_head)?;
        *scan = Scan::default();
        let head = buffer.split_to(length).freeze();
        Ok(Some(Self {
            version,
            status,
            reason,
            headers: lines.headers(&head),
            framing,
            keep_alive: keeps_alive(&lines, version) && framing != Framing::UntilClose,
            upgrade: lines.upgrade(&head),
        }))
    }
}

fn room<'a, 'b>(
    lines: &'a mut [MaybeUninit<Header<'b>>; MOST_LINES],
    limits: &HeadLimits,
) -> &'a mut [MaybeUninit<Header<'b>>] {
    let count = limits.lines.min(MOST_LINES);
    lines.get_mut(..count).unwrap_or_default()
}

fn malformed(error: httparse::Error) -> HeadError {
    match error {
        httparse::Error::HeaderName => HeadError::Malformed("a header name is not valid"),
        httparse::Error::HeaderValue => HeadError::Malformed("a header value is not valid"),
        httparse::Error::NewLine => HeadError::Malformed("a line ends in the wrong way"),
        httparse::Error::Status => HeadError::Malformed("the status line is not valid"),
        httparse::Error::Token => HeadError::Malformed("the first line is not valid"),
        httparse::Error::TooManyHeaders => HeadError::TooManyLines,
        httparse::Error::Version => HeadError::Version,
    }
}

fn version(minor: Option<u8>) -> Version {
    if minor == Some(0) { Version::Http10 } else { Version::Http11 }
}

/// Where `part` lies in `buffer`, of which it is a part.
fn place(buffer: &[u8], part: &[u8]) -> std::ops::Range<usize> {
    let start = part.as_ptr() as usize - buffer.as_ptr() as usize;
    start..start + part.len()
}

fn keeps_alive(lines: &Lines, version: Version) -> bool {
    match version {
        Version::Http10 => lines.keep_alive && !lines.close,
        _ => !lines.close,
    }
}

/// RFC 9112 §6.3, with no mercy: a request whose framing two servers might read differently is not passed on.
fn request_framing(lines: &Lines, version: Version) -> Result<Framing, HeadError> {
    match (lines.coding, lines.length) {
        (None, None | Some(0)) => Ok(Framing::Empty),
        (None, Some(length)) => Ok(Framing::Length(length)),
        (Some(_), Some(_)) => Err(HeadError::Framing("Content-Length and Transfer-Encoding exclude each other")),
        (Some(_), None) if version == Version::Http10 => Err(HeadError::Framing("HTTP/1.0 has no Transfer-Encoding")),
        (Some(true), None) => Ok(Framing::Chunked),
        (Some(false), None) => Err(HeadError::Framing("the only Transfer-Encoding that is understood is chunked")),
    }
}

fn response_framing(lines: &Lines, status: Status, answers_head: bool) -> Result<Framing, HeadError> {
    let bodiless = answers_head || matches!(status.code(), 100..=199 | 204 | 304);
    match (lines.coding, lines.length) {
        _ if bodiless => Ok(Framing::Empty),
        (Some(_), Some(_)) => Err(HeadError::Framing("Content-Length and Transfer-Encoding exclude each other")),
        (Some(true), None) => Ok(Framing::Chunked),
        (Some(false), None) => Err(HeadError::Framing("the only Transfer-Encoding that is understood is chunked")),
        (None, Some(0)) => Ok(Framing::Empty),
        (None, Some(length)) => Ok(Framing::Length(length)),
        (None, None) => Ok(Framing::UntilClose),
    }
}

/// Headers that follow a chunked body; `None` if they are not all there yet.
pub(crate) fn trailers(buffer: &mut BytesMut) -> Result<Option<Headers>, HeadError> {
    let mut slots = [EMPTY_HEADER; 64];
    let mut lines = Lines::default();
    let length = match httparse::parse_headers(buffer, &mut slots) {
        Ok(httparse::Status::Complete((length, parsed))) => {
            lines.read(buffer, parsed)?;
            length
        }
        Ok(httparse::Status::Partial) => return Ok(None),
        Err(error) => return Err(malformed(error)),
    };
    let text = buffer.split_to(length).freeze();
    let mut headers = lines.headers(&text);
    // Framing and routing cannot be changed any more (RFC 9110 §6.5.1).
    headers.remove("content-length");
    Ok(Some(headers))
}
