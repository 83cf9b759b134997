//! Header names, values and the ordered multimap that messages carry.

use std::fmt;

use bytes::Bytes;

/// A header name as it was written; two names are equal whatever their case.
#[derive(Clone)]
pub struct HeaderName(Bytes);

impl HeaderName {
    /// A name that is known to be a token.
    pub const fn from_static(name: &'static str) -> Self {
        Self(Bytes::from_static(name.as_bytes()))
    }

    /// Takes `name` if it is an HTTP token.
    pub fn parse(name: &str) -> Option<Self> {
        is_token(name.as_bytes()).then(|| Self(Bytes::copy_from_slice(name.as_bytes())))
    }

    /// Takes the bytes without a copy if they are an HTTP token.
    pub fn from_bytes(name: Bytes) -> Option<Self> {
        is_token(&name).then_some(Self(name))
    }

    /// Takes bytes that a parser of HTTP has found to be a token.
    pub fn from_parsed(name: Bytes) -> Self {
        debug_assert!(is_token(&name), "{name:?} is no token");
        Self(name)
    }

    /// A name that most messages have, written in one of the two usual ways: it takes no share of the message's buffer.
    pub fn usual(name: &[u8]) -> Option<Self> {
        usual(name.len()).iter().find(|known| known.as_bytes() == name).map(|known| Self::from_static(known))
    }

    /// As written, without the price of a text.
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    /// As written.
    pub fn as_str(&self) -> &str {
        // A token is ASCII, so this never falls back.
        std::str::from_utf8(&self.0).unwrap_or_default()
    }

    /// Whether it is `name`, in any case.
    pub fn is(&self, name: impl AsRef<[u8]>) -> bool {
        self.0.eq_ignore_ascii_case(name.as_ref())
    }
}

impl AsRef<[u8]> for HeaderName {
    fn as_ref(&self) -> &[u8] {
        &self.0
    }
}

impl PartialEq for HeaderName {
    fn eq(&self, other: &Self) -> bool {
        self.0.eq_ignore_ascii_case(&other.0)
    }
}

impl Eq for HeaderName {}

impl fmt::Debug for HeaderName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl fmt::Display for HeaderName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Names that most messages have, by length.
const fn usual(length: usize) -> &'static [&'static str] {
    match length {
        4 => &["Date", "date", "ETag", "etag", "Vary", "vary"],
        6 => &["Accept", "accept", "Server", "server", "Cookie", "cookie", "Origin", "origin"],
        7 => &["Referer", "referer"],
        8 => &["Location", "location"],
        10 => &["User-Agent", "user-agent", "Set-Cookie", "set-cookie"],
        11 => &["traceparent"],
        12 => &["Content-Type", "content-type", "X-Request-ID", "x-request-id", "X-Powered-By"],
        13 => &["Authorization", "authorization", "Cache-Control", "cache-control", "Last-Modified", "last-modified"],
        14 => &["Content-Length", "content-length"],
        15 => &["Accept-Encoding", "accept-encoding", "Accept-Language", "accept-language", "X-Forwarded-For"],
        16 => &["Content-Encoding", "content-encoding"],
        25 => &["Ocp-Apim-Subscription-Key", "ocp-apim-subscription-key"],
        _ => &[],
    }
}

/// A header value: any bytes but CR, LF and NUL, so that no value can start a header of its own.
#[derive(Clone, PartialEq, Eq, Default)]
pub struct HeaderValue(Bytes);

impl HeaderValue {
    /// A value that is known to be clean.
    pub const fn from_static(value: &'static str) -> Self {
        Self(Bytes::from_static(value.as_bytes()))
    }

    /// Takes `value`, without the spaces around it, if it holds no line break.
    pub fn parse(value: &str) -> Option<Self> {
        Self::from_bytes(Bytes::copy_from_slice(value.trim_matches([' ', '\t']).as_bytes()))
    }

    /// Takes the bytes without a copy if they hold no line break.
    pub fn from_bytes(value: Bytes) -> Option<Self> {
        let clean = !value.iter().any(|byte| matches!(byte, b'\r' | b'\n' | 0));
        clean.then_some(Self(value))
    }

    /// Takes bytes that a parser of HTTP has found to be a value.
    pub fn from_parsed(value: Bytes) -> Self {
        debug_assert!(!value.iter().any(|byte| matches!(byte, b'\r' | b'\n' | 0)), "{value:?} is no value");
        Self(value)
    }

    /// The bytes on the wire.
    pub fn as_bytes(&self) -> &Bytes {
        &self.0
    }

    /// The text: UTF-8 where it is, else Latin-1, which every byte string is.
    pub fn text(&self) -> std::borrow::Cow<'_, str> {
        match std::str::from_utf8(&self.0) {
            Ok(text) => text.into(),
            Err(_) => self.0.iter().map(|byte| char::from(*byte)).collect::<String>().into(),
        }
    }
}

impl From<u64> for HeaderValue {
    fn from(number: u64) -> Self {
        Self(Bytes::from(number.to_string()))
    }
}

impl fmt::Debug for HeaderValue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}", self.text())
    }
}

/// Headers in the order of the wire. Messages have few: a scan beats a hash.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Headers(Vec<(HeaderName, HeaderValue)>);

impl Headers {
    /// No headers.
    pub const fn new() -> Self {
        Self(Vec::new())
    }

    /// No headers, with room for `count` lines.
    pub fn with_capacity(count: usize) -> Self {
        Self(Vec::with_capacity(count))
    }

    /// Lines in order.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = (&HeaderName, &HeaderValue)> {
        self.0.iter().map(|(name, value)| (name, value))
    }

    /// How many lines.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there is no line.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The first value of `name`.
    pub fn first(&self, name: impl AsRef<[u8]>) -> Option<&HeaderValue> {
        self.all(name).next()
    }

    /// Every value of `name`, in order.
    pub fn all<N: AsRef<[u8]>>(&self, name: N) -> impl Iterator<Item = &HeaderValue> + use<'_, N> {
        self.0.iter().filter(move |(known, _)| known.is(&name)).map(|(_, value)| value)
    }

    /// All values of `name` in one text, joined by `,`: what `GetValueOrDefault` shows.
    pub fn joined(&self, name: impl AsRef<[u8]>) -> Option<String> {
        let mut values = self.all(name);
        let mut joined = values.next()?.text().into_owned();
        for value in values {
            joined.push(',');
            joined.push_str(&value.text());
        }
        Some(joined)
    }

    /// Whether a line has this name.
    pub fn contains(&self, name: impl AsRef<[u8]>) -> bool {
        let name = name.as_ref();
        self.0.iter().any(|(known, _)| known.is(name))
    }

    /// Adds a line at the end.
    pub fn push(&mut self, name: HeaderName, value: HeaderValue) {
        self.0.push((name, value));
    }

    /// Makes `value` the only value of `name`, in the place of the first line of that name.
    pub fn set(&mut self, name: HeaderName, value: HeaderValue) {
        let Some(at) = self.0.iter().position(|(known, _)| *known == name) else {
            return self.push(name, value);
        };
        let mut index = 0;
        self.0.retain(|(known, _)| {
            index += 1;
            index - 1 <= at || *known != name
        });
        self.0[at] = (name, value);
    }

    /// Removes every line of `name`; says whether there was one.
    pub fn remove(&mut self, name: impl AsRef<[u8]>) -> bool {
        let before = self.0.len();
        let name = name.as_ref();
        self.0.retain(|(known, _)| !known.is(name));
        self.0.len() != before
    }

    /// Keeps the lines that `keep` wants.
    pub fn retain(&mut self, mut keep: impl FnMut(&HeaderName, &HeaderValue) -> bool) {
        self.0.retain(|(name, value)| keep(name, value));
    }
}

impl<'a> FromIterator<(&'a str, &'a str)> for Headers {
    /// Lines from texts; what is no header is left out.
    fn from_iter<T: IntoIterator<Item = (&'a str, &'a str)>>(lines: T) -> Self {
        lines
            .into_iter()
            .filter_map(|(name, value)| Some((HeaderName::parse(name)?, HeaderValue::parse(value)?)))
            .collect()
    }
}

impl FromIterator<(HeaderName, HeaderValue)> for Headers {
    fn from_iter<T: IntoIterator<Item = (HeaderName, HeaderValue)>>(lines: T) -> Self {
        Self(lines.into_iter().collect())
    }
}

impl IntoIterator for Headers {
    type Item = (HeaderName, HeaderValue);
    type IntoIter = std::vec::IntoIter<Self::Item>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.into_iter()
    }
}

/// Whether these bytes are a token of RFC 9110, as header names and methods are.
pub(crate) fn is_token(bytes: &[u8]) -> bool {
    !bytes.is_empty() && bytes.iter().all(|byte| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(byte))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn set_replaces_every_line_of_a_name_where_the_first_stood() {
        let mut headers: Headers = [("a", "1"), ("B", "2"), ("A", "3"), ("c", "4")].into_iter().collect();
        headers.set(HeaderName::from_static("a"), HeaderValue::from_static("9"));
        let expected: Headers = [("a", "9"), ("B", "2"), ("c", "4")].into_iter().collect();
        assert_eq!(headers, expected);
        assert_eq!(headers.joined("b").as_deref(), Some("2"));
    }

    #[test]
    fn a_value_cannot_hold_a_line_break() {
        assert_eq!(HeaderValue::parse("a\r\nX-Evil: 1"), None);
        assert_eq!(HeaderName::parse("a b"), None);
    }
}
