//! HTTP messages as plain text: how examples and policy tests write them.

use policy::{Body, HeaderName, HeaderValue, Headers, Method, Status};

/// A message that was written as text.
pub struct Message {
    /// The first line.
    pub start: Start,
    /// The headers.
    pub headers: Headers,
    /// What follows the first empty line.
    pub body: Vec<u8>,
}

/// The first line.
#[expect(missing_docs, reason = "the names of RFC 9112")]
pub enum Start {
    Request { method: Method, target: String },
    Response { status: Status, reason: Option<String> },
}

/// Reads a message. Lines end with or without CR; a body follows the first empty line.
///
/// # Errors
/// What is wrong, with the line.
pub fn read(text: &str) -> Result<Message, String> {
    let text = text.replace("\r\n", "\n");
    let (head, body) = text.split_once("\n\n").unwrap_or((&text, ""));
    let mut lines = head.trim().lines();
    let first = lines.next().unwrap_or_default().trim();
    let wrong = || format!("\"{first}\" begins neither a request nor a response");
    let start = if let Some(rest) = first.strip_prefix("HTTP/") {
        let mut words = rest.splitn(3, ' ').skip(1);
        let status = words.next().and_then(|code| code.parse().ok()).and_then(Status::new).ok_or_else(wrong)?;
        Start::Response { status, reason: words.next().map(str::to_owned) }
    } else {
        let mut words = first.split(' ');
        let method = words.next().and_then(Method::parse).ok_or_else(wrong)?;
        Start::Request { method, target: words.next().ok_or_else(wrong)?.to_owned() }
    };
    let headers = lines.map(|line| {
        let (name, value) = line.split_once(':').ok_or_else(|| format!("\"{line}\" is no header"))?;
        let name = HeaderName::parse(name.trim()).ok_or_else(|| format!("\"{line}\" is no header"))?;
        Ok((name, HeaderValue::parse(value).ok_or_else(|| format!("\"{line}\" is no header"))?))
    });
    Ok(Message { start, headers: headers.collect::<Result<_, String>>()?, body: body.as_bytes().to_vec() })
}

/// Writes a message. The body must be in memory.
pub fn write(first: &str, headers: &Headers, body: &Body) -> String {
    let mut text = format!("{first}\n");
    for (name, value) in headers.iter() {
        text.push_str(&format!("{name}: {}\n", value.text()));
    }
    if let Some(bytes) = body.bytes().filter(|bytes| !bytes.is_empty()) {
        text.push('\n');
        text.push_str(&String::from_utf8_lossy(bytes));
    }
    text
}
