//! A response in the cache: one run of bytes, whose body is handed out without a copy.

use kv::{Cache, Key, cache::ENTRY_LIMIT};
use policy::{
    Body, Bytes, Headers, Response,
    base::Timestamp,
    exchange::{CacheMiss, Observe},
    prelude::*,
};
use std::time::Duration;

use super::{Fields, push_sized};

/// Says that an entry is a response, and how it is written.
const MARK: u8 = b'R';

/// A response from the cache.
pub(crate) struct CachedResponse {
    pub(crate) response: Response,
    /// When it is no longer good.
    pub(crate) ends: Timestamp,
}

/// Everything of an entry but the body: mark, end, status, reason, headers.
///
/// Left out is what belongs to one client (`Set-Cookie`), to one message (`Content-Length`), or is made anew for each answer
/// (`Cache-Control`).
pub(crate) fn head(response: &Response, ends: Timestamp) -> Vec<u8> {
    let mut lines = Vec::new();
    for (name, value) in response.headers.iter() {
        if !["set-cookie", "content-length", "cache-control"].iter().any(|own| name.is(own)) {
            push_sized(&mut lines, name.as_str().as_bytes());
            push_sized(&mut lines, value.as_bytes());
        }
    }
    let mut head = vec![MARK];
    head.extend_from_slice(&ends.0.to_le_bytes());
    head.extend_from_slice(&response.status.code().to_le_bytes());
    push_sized(&mut head, response.reason.as_deref().unwrap_or_default().as_bytes());
    push_sized(&mut head, &lines);
    head
}

impl CachedResponse {
    /// Reads an entry. `None`: it is none, and counts as not found.
    pub(crate) fn read(entry: &Bytes) -> Option<Self> {
        let mut fields = Fields(entry);
        if fields.array()? != [MARK] {
            return None;
        }
        let ends = Timestamp(i64::from_le_bytes(fields.array()?));
        let status = Status::new(u16::from_le_bytes(fields.array()?))?;
        let reason = std::str::from_utf8(fields.sized()?).ok()?;
        // A copy of the worker's own: headers count their references, and workers would meet at the counter of the entry.
        let lines = Bytes::copy_from_slice(fields.sized()?);
        let mut response = Response::new(status);
        response.reason = (!reason.is_empty()).then(|| reason.into());
        response.headers = headers(&lines)?;
        response.body = Body::full(entry.slice(entry.len() - fields.0.len()..));
        Some(Self { response, ends })
    }
}

fn headers(lines: &Bytes) -> Option<Headers> {
    // A line is seldom shorter than this, and there is room for what is added.
    let mut headers = Headers::with_capacity(lines.len() / 24 + 4);
    let mut fields = Fields(lines);
    while !fields.0.is_empty() {
        let name = HeaderName::from_bytes(lines.slice_ref(fields.sized()?))?;
        headers.push(name, HeaderValue::from_bytes(lines.slice_ref(fields.sized()?))?);
    }
    Some(headers)
}

/// Gathers a body that passes, and keeps it once it is whole. What breaks off or grows too large is not kept.
pub(crate) struct Collect {
    cache: Arc<dyn Cache>,
    miss: Box<CacheMiss>,
    ttl: Duration,
    /// The entry so far; none once it is kept or given up.
    entry: Option<Vec<u8>>,
    /// How long the entry will be in the end, if that is known: a body of known length may not be asked for its end.
    length: Option<usize>,
}

impl Collect {
    /// Begins with the entry's head. `None` where it is clear that it will not fit.
    pub(crate) fn begin(
        cache: Arc<dyn Cache>,
        miss: Box<CacheMiss>,
        ttl: Duration,
        head: Vec<u8>,
        length: Option<u64>,
    ) -> Option<Self> {
        let whole = length.map(|length| usize::try_from(length).unwrap_or(usize::MAX).saturating_add(head.len()));
        if whole.unwrap_or(head.len()) > ENTRY_LIMIT {
            return None;
        }
        let mut entry = head;
        entry.reserve_exact(whole.unwrap_or(entry.len()).saturating_sub(entry.len()));
        Some(Self { cache, miss, ttl, entry: Some(entry), length: whole })
    }

    /// Takes a body that is there already.
    pub(crate) fn whole(&mut self, bytes: &[u8]) {
        if let Some(entry) = &mut self.entry {
            entry.extend_from_slice(bytes);
        }
        self.keep();
    }

    fn keep(&mut self) {
        if let Some(entry) = self.entry.take() {
            let key = Key { space: &self.miss.space, subject: &self.miss.subject };
            self.cache.put(key, entry.into(), self.ttl);
        }
    }
}

impl Observe for Collect {
    fn chunk(&mut self, bytes: &Bytes) {
        let Some(entry) = &mut self.entry else { return };
        if entry.len() + bytes.len() > ENTRY_LIMIT {
            self.entry = None;
            return;
        }
        entry.extend_from_slice(bytes);
        if self.length == Some(entry.len()) {
            self.keep();
        }
    }

    fn end(&mut self) {
        if self.length.is_none() {
            self.keep();
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn entry(status: u16, reason: &str, lines: &[(&str, &str)], body: &[u8]) -> Bytes {
        let mut response = Response::new(Status::new(status).unwrap());
        response.reason = (!reason.is_empty()).then(|| reason.into());
        response.headers = lines.iter().copied().collect();
        let mut entry = head(&response, Timestamp(7));
        entry.extend_from_slice(body);
        entry.into()
    }

    #[test]
    fn what_belongs_to_one_client_is_not_kept() {
        let lines =
            [("A", "1"), ("Set-Cookie", "s=1"), ("content-length", "3"), ("Cache-Control", "private"), ("a", "2")];
        let read = CachedResponse::read(&entry(200, "", &lines, b"abc")).unwrap();
        assert_eq!(read.response.headers, [("A", "1"), ("a", "2")].into_iter().collect());
        assert_eq!(read.response.body.bytes(), Some(&b"abc"[..]));
    }

    proptest! {
        #[test]
        fn what_is_written_is_read(
            status in 100u16..1000, reason in "[ -~]{0,10}", body in prop::collection::vec(any::<u8>(), 0..50),
            lines in prop::collection::vec(("x-[a-z]{1,5}", "[a-z\u{e4} ]{0,9}"), 0..5)
        ) {
            let lines: Vec<_> = lines.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
            let read = CachedResponse::read(&entry(status, &reason, &lines, &body)).unwrap();
            prop_assert_eq!(read.ends, Timestamp(7));
            prop_assert_eq!(read.response.status.code(), status);
            prop_assert_eq!(read.response.reason.as_deref().unwrap_or_default(), reason);
            prop_assert_eq!(read.response.headers, lines.into_iter().collect());
            prop_assert_eq!(read.response.body.bytes(), Some(&body[..]));
        }

        #[test]
        fn foreign_bytes_are_no_response(bytes in prop::collection::vec(any::<u8>(), 0..80)) {
            // It may be one by chance; it never fails in another way.
            if let Some(read) = CachedResponse::read(&Bytes::from([&[MARK][..], &bytes].concat())) {
                prop_assert!(read.response.status.code() >= 100);
            }
        }
    }
}
