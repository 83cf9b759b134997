//! A request's path, cut into segments once and compared without regard to case.

use std::borrow::Cow;

use percent_encoding::percent_decode_str;
use smallvec::SmallVec;

/// The path of a request target. Trailing slashes do not count; segments compare decoded and in lower case.
pub(crate) struct RequestPath<'a> {
    raw: &'a str,
    segments: SmallVec<[Segment; 12]>,
    /// All segments, decoded and in lower case, one behind the other.
    folded: String,
}

struct Segment {
    /// Where it starts in `raw`, behind its slash.
    start: usize,
    end: usize,
    /// Where it ends in `folded`; it starts where the one before ends.
    folded_end: usize,
}

impl<'a> RequestPath<'a> {
    /// Cuts a path as it stands on the wire, without its query. A path with `.` or `..` among its segments is none:
    /// what lies outside of an operation must not be reached through it.
    pub(crate) fn new(raw: &'a str) -> Option<Self> {
        let mut path = Self { raw, segments: SmallVec::new(), folded: String::with_capacity(raw.len()) };
        let mut start = usize::from(raw.starts_with('/'));
        let end = raw.trim_end_matches('/').len();
        while start < end {
            let length = raw[start..end].find('/').unwrap_or(end - start);
            let segment = &raw[start..start + length];
            let before = path.folded.len();
            fold(segment, &mut path.folded);
            if matches!(&path.folded[before..], "." | "..") {
                return None;
            }
            path.segments.push(Segment { start, end: start + length, folded_end: path.folded.len() });
            start += length + 1;
        }
        Some(path)
    }

    /// How many segments there are.
    pub(crate) fn len(&self) -> usize {
        self.segments.len()
    }

    /// A segment, decoded and in lower case; empty past the end.
    pub(crate) fn folded(&self, at: usize) -> &str {
        let start =
            at.checked_sub(1).and_then(|before| self.segments.get(before)).map_or(0, |before| before.folded_end);
        self.segments.get(at).and_then(|segment| self.folded.get(start..segment.folded_end)).unwrap_or_default()
    }

    /// A segment, decoded; empty past the end.
    pub(crate) fn value(&self, at: usize) -> Cow<'a, str> {
        decode(self.segments.get(at).and_then(|segment| self.raw.get(segment.start..segment.end)).unwrap_or_default())
    }

    /// What stands on the wire from segment `at` on, with the slash before it: `/` past the end. A trailing slash stays.
    pub(crate) fn rest(&self, at: usize) -> &'a str {
        match self.segments.get(at) {
            Some(segment) => self.raw.get(segment.start.saturating_sub(1)..).unwrap_or("/"),
            None => "/",
        }
    }
}

/// Decodes a part of a path, in which `+` stands for itself.
pub(crate) fn decode(text: &str) -> Cow<'_, str> {
    // Nearly all is written as it is meant.
    if !text.contains('%') {
        return Cow::Borrowed(text);
    }
    percent_decode_str(text).decode_utf8_lossy()
}

/// Decoded and in lower case.
pub(crate) fn fold(text: &str, into: &mut String) {
    let decoded = decode(text);
    if decoded.is_ascii() {
        let start = into.len();
        into.push_str(&decoded);
        into[start..].make_ascii_lowercase();
    } else {
        into.push_str(&decoded.to_lowercase());
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn segments_are_decoded_folded_and_found_again_on_the_wire() {
        let path = RequestPath::new("/A/b%20C//D%2Fe/").unwrap();
        let segments: Vec<_> = (0..path.len()).map(|at| path.folded(at)).collect();
        assert_eq!(segments, ["a", "b c", "", "d/e"]);
        assert_eq!((&*path.value(1), path.rest(1), path.rest(4)), ("b C", "/b%20C//D%2Fe/", "/"));
        assert_eq!(RequestPath::new("/").unwrap().len(), 0);
        assert_eq!(RequestPath::new("").unwrap().rest(0), "/");
    }

    #[test]
    fn dots_lead_nowhere() {
        for path in ["/a/../b", "/a/%2e%2E", "/./a", ".."] {
            assert!(RequestPath::new(path).is_none(), "{path}");
        }
        assert!(RequestPath::new("/a/...").is_some());
    }

    proptest! {
        #[test]
        fn no_path_makes_it_panic(raw in "(/|[a-z]|%[0-9A-F]{2}|%|\\PC){0,30}", at in 0_usize..40) {
            if let Some(path) = RequestPath::new(&raw) {
                let _ = (path.folded(at), path.value(at), path.rest(at));
            }
        }
    }
}
