//! Heads and bodies on their way out.

use std::io::Write as _;

use bytes::Bytes;
use policy::{HeaderName, Headers, Status};

use crate::{Outbox, head::Framing};

/// Writes `METHOD target HTTP/1.1`.
pub fn request_line(out: &mut Vec<u8>, method: &str, target: &str, query: Option<&str>) {
    out.extend_from_slice(method.as_bytes());
    out.push(b' ');
    out.extend_from_slice(target.as_bytes());
    if let Some(query) = query {
        out.push(b'?');
        out.extend_from_slice(query.as_bytes());
    }
    out.extend_from_slice(b" HTTP/1.1\r\n");
}

/// Writes `HTTP/1.1 200 OK`.
pub fn status_line(out: &mut Vec<u8>, status: Status, reason: &str) {
    if status == Status::OK && reason == "OK" {
        return out.extend_from_slice(b"HTTP/1.1 200 OK\r\n");
    }
    // Writing to a vector does not fail.
    let _ = write!(out, "HTTP/1.1 {} ", status.code());
    out.extend(reason.bytes().map(|byte| if byte.is_ascii_control() { b' ' } else { byte }));
    out.extend_from_slice(b"\r\n");
}

/// Writes one line.
pub fn header(out: &mut Vec<u8>, name: impl AsRef<[u8]>, value: &[u8]) {
    let name = name.as_ref();
    out.reserve(name.len() + value.len() + 4);
    out.extend_from_slice(name);
    out.extend_from_slice(b": ");
    out.extend_from_slice(value);
    out.extend_from_slice(b"\r\n");
}

/// What a head shows of its body.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Framed {
    /// The framing.
    pub framing: Framing,
    /// Whether the length that a policy or the other side wrote is shown: of a body that does not come (HEAD, 304).
    pub keeps_length: bool,
}

/// Writes a body in its framing.
#[derive(Debug)]
pub struct Encoder {
    framing: Framing,
    left: u64,
}

impl Encoder {
    /// For a message without a body.
    pub fn none() -> Self {
        Self { framing: Framing::Empty, left: 0 }
    }

    /// For bytes that are framed by nothing but the end of the connection.
    pub fn raw() -> Self {
        Self { framing: Framing::UntilClose, left: 0 }
    }

    /// Writes the lines of a head that go on and those that frame its body, but not its end.
    pub fn begin(out: &mut Vec<u8>, headers: &Headers, framed: Framed) -> Self {
        for (name, value) in headers.iter() {
            if !is_left_out(name, value.as_bytes(), framed.keeps_length) {
                header(out, name.as_bytes(), value.as_bytes());
            }
        }
        let left = match framed.framing {
            Framing::Length(length) => {
                // Writing to a vector does not fail.
                let _ = write!(out, "Content-Length: {length}\r\n");
                length
            }
            Framing::Chunked => {
                out.extend_from_slice(b"Transfer-Encoding: chunked\r\n");
                0
            }
            Framing::Empty | Framing::UntilClose => 0,
        };
        Self { framing: framed.framing, left }
    }

    /// Queues some bytes of the body. The error says that there are more than the head promised.
    pub fn data(&mut self, outbox: &mut Outbox, bytes: Bytes) -> Result<(), &'static str> {
        match self.framing {
            Framing::Length(_) => {
                self.left = self.left.checked_sub(bytes.len() as u64).ok_or("the body is longer than its head says")?;
                outbox.push(bytes);
            }
            Framing::Chunked if !bytes.is_empty() => {
                let _ = write!(outbox.text(), "{:x}\r\n", bytes.len());
                outbox.push(bytes);
                outbox.text().extend_from_slice(b"\r\n");
            }
            Framing::UntilClose => outbox.push(bytes),
            Framing::Chunked | Framing::Empty => {}
        }
        Ok(())
    }

    /// Queues the end. The error says that there are fewer bytes than the head promised.
    pub fn end(&mut self, outbox: &mut Outbox, trailers: Option<&Headers>) -> Result<(), &'static str> {
        if self.left > 0 {
            return Err("the body is shorter than its head says");
        }
        if self.framing == Framing::Chunked {
            let text = outbox.text();
            text.extend_from_slice(b"0\r\n");
            for (name, value) in trailers.into_iter().flat_map(Headers::iter) {
                if !is_left_out(name, value.as_bytes(), false) {
                    header(text, name.as_bytes(), value.as_bytes());
                }
            }
            text.extend_from_slice(b"\r\n");
        }
        Ok(())
    }

    /// Whether no more bytes may be queued.
    pub fn is_full(&self) -> bool {
        self.left == 0 && matches!(self.framing, Framing::Length(_) | Framing::Empty)
    }
}

/// Whether a line only concerns one connection, or frames the body: that we write ourselves.
fn is_left_out(name: &HeaderName, value: &[u8], keeps_length: bool) -> bool {
    match name.as_bytes().len() {
        2 => name.is("te") && !value.eq_ignore_ascii_case(b"trailers"),
        6 => name.is("expect"),
        7 => name.is("upgrade"),
        10 => name.is("connection") || name.is("keep-alive"),
        14 => (!keeps_length && name.is("content-length")) || name.is("http2-settings"),
        16 => name.is("proxy-connection"),
        17 => name.is("transfer-encoding"),
        _ => false,
    }
}
