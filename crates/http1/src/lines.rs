//! The header lines of a head, sorted into those that concern the connection and those that go on.

use bytes::Bytes;
use httparse::Header;
use policy::{HeaderName, HeaderValue, Headers};
use smallvec::SmallVec;

use crate::head::HeadError;

/// Where a name and its value lie in the head.
#[derive(Clone, Copy)]
struct Line {
    name: (u32, u32),
    value: (u32, u32),
}

/// What the lines say of the connection and of the body. Those lines themselves do not go on.
#[derive(Default)]
pub(crate) struct Lines {
    kept: SmallVec<[Line; 32]>,
    host: Option<Line>,
    /// More than one `Host`.
    pub(crate) hosts: bool,
    pub(crate) length: Option<u64>,
    /// `Transfer-Encoding` is there, and whether it is just `chunked`.
    pub(crate) coding: Option<bool>,
    /// `Connection: close`.
    pub(crate) close: bool,
    /// `Connection: keep-alive`.
    pub(crate) keep_alive: bool,
    /// `Expect: 100-continue`.
    pub(crate) expects_continue: bool,
    upgrade: Option<Line>,
    /// `Connection` names `upgrade`.
    upgrades: bool,
    /// Other headers that `Connection` names.
    listed: SmallVec<[Line; 2]>,
}

impl Lines {
    /// Reads the lines of `head`; `parsed` are parts of it.
    pub(crate) fn read(&mut self, head: &[u8], parsed: &[Header<'_>]) -> Result<(), HeadError> {
        let start = head.as_ptr() as usize;
        let place = |part: &[u8]| ((part.as_ptr() as usize - start) as u32, part.len() as u32);
        for header in parsed {
            let line = Line { name: place(header.name.as_bytes()), value: place(header.value) };
            if !self.concerns_connection(line, header)? {
                self.kept.push(line);
            }
        }
        if !self.listed.is_empty() {
            self.drop_listed(head);
        }
        Ok(())
    }

    /// Notes a line that is about this connection or the framing; says whether it stays behind.
    fn concerns_connection(&mut self, line: Line, header: &Header<'_>) -> Result<bool, HeadError> {
        let Header { name, value } = *header;
        // The length tells almost all other names apart.
        match name.len() {
            2 if name.eq_ignore_ascii_case("te") => Ok(!value.trim_ascii().eq_ignore_ascii_case(b"trailers")),
            4 if name.eq_ignore_ascii_case("host") => {
                self.hosts = self.host.is_some();
                self.host.get_or_insert(line);
                Ok(true)
            }
            6 if name.eq_ignore_ascii_case("expect") => {
                self.expects_continue |= value.trim_ascii().eq_ignore_ascii_case(b"100-continue");
                Ok(true)
            }
            7 if name.eq_ignore_ascii_case("upgrade") => {
                self.upgrade = Some(line);
                Ok(true)
            }
            10 if name.eq_ignore_ascii_case("connection") => {
                self.connection(line, value);
                Ok(true)
            }
            10 => Ok(name.eq_ignore_ascii_case("keep-alive")),
            14 if name.eq_ignore_ascii_case("content-length") => {
                self.content_length(value)?;
                // It goes on: who passes the body on unchanged shows its length, and who answers HEAD has nothing else.
                Ok(false)
            }
            14 => Ok(name.eq_ignore_ascii_case("http2-settings")),
            16 => Ok(name.eq_ignore_ascii_case("proxy-connection")),
            17 if name.eq_ignore_ascii_case("transfer-encoding") => {
                let is_chunked = value.trim_ascii().eq_ignore_ascii_case(b"chunked");
                // Two lines are a list, and a list is more than we decode.
                self.coding = Some(is_chunked && self.coding.is_none());
                Ok(true)
            }
            _ => Ok(false),
        }
    }

    fn connection(&mut self, line: Line, value: &[u8]) {
        if value.eq_ignore_ascii_case(b"keep-alive") {
            self.keep_alive = true;
            return;
        }
        for word in value.split(|byte| *byte == b',').map(<[u8]>::trim_ascii) {
            match word {
                _ if word.eq_ignore_ascii_case(b"close") => self.close = true,
                _ if word.eq_ignore_ascii_case(b"keep-alive") => self.keep_alive = true,
                _ if word.eq_ignore_ascii_case(b"upgrade") => self.upgrades = true,
                _ if !word.is_empty() => self.listed.push(line),
                _ => {}
            }
        }
    }

    /// Digits and nothing else; the same length again says nothing new, another one is an attack (RFC 9112 §6.3).
    fn content_length(&mut self, value: &[u8]) -> Result<(), HeadError> {
        for one in value.split(|byte| *byte == b',') {
            let digits = one.trim_ascii();
            let is_number = !digits.is_empty() && digits.iter().all(u8::is_ascii_digit);
            let length = std::str::from_utf8(digits).ok().filter(|_| is_number).and_then(|text| text.parse().ok());
            let length = length.ok_or(HeadError::Framing("Content-Length is no number"))?;
            if self.length.replace(length).is_some_and(|before| before != length) {
                return Err(HeadError::Framing("Content-Length is given twice, with different values"));
            }
        }
        Ok(())
    }

    /// Leaves out what `Connection` names (RFC 9110 §7.6.1). Framing and routing must not be removable by a client.
    fn drop_listed(&mut self, head: &[u8]) {
        let part = |(at, length): (u32, u32)| head.get(at as usize..(at + length) as usize).unwrap_or_default();
        let listed = &self.listed;
        let names = |name: &[u8]| {
            let mut words = listed.iter().flat_map(|line| part(line.value).split(|byte| *byte == b','));
            words.any(|word| word.trim_ascii().eq_ignore_ascii_case(name))
        };
        self.kept.retain(|line| {
            let name = part(line.name);
            name.eq_ignore_ascii_case(b"content-length") || name.eq_ignore_ascii_case(b"te") || !names(name)
        });
    }

    /// The lines that go on, as parts of `head`.
    pub(crate) fn headers(&self, head: &Bytes) -> Headers {
        let mut headers = Headers::with_capacity(self.kept.len() + 4);
        for line in &self.kept {
            headers.push(name(head, line.name), value(head, line.value));
        }
        headers
    }

    /// The first `Host`.
    pub(crate) fn host(&self, head: &Bytes) -> Option<Bytes> {
        self.host.map(|line| slice(head, line.value))
    }

    /// What the client wants to speak instead, if it asks for that properly.
    pub(crate) fn upgrade(&self, head: &Bytes) -> Option<HeaderValue> {
        self.upgrade.filter(|_| self.upgrades).map(|line| value(head, line.value))
    }
}

fn slice(head: &Bytes, (at, length): (u32, u32)) -> Bytes {
    head.slice(at as usize..(at + length) as usize)
}

fn name(head: &Bytes, (at, length): (u32, u32)) -> HeaderName {
    let written = head.get(at as usize..(at + length) as usize).unwrap_or_default();
    HeaderName::usual(written).unwrap_or_else(|| HeaderName::from_parsed(slice(head, (at, length))))
}

fn value(head: &Bytes, place: (u32, u32)) -> HeaderValue {
    HeaderValue::from_parsed(slice(head, place))
}
