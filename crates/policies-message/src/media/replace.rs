//! [`Replacing`]: replaces texts in a body while it streams. What cannot begin a match goes on at once.

use policy::{
    Body, Bytes,
    exchange::{BodyError, Transform},
};

/// A text to replace.
#[derive(Clone, Debug)]
pub(crate) struct Pair {
    pub(crate) from: Bytes,
    pub(crate) to: Bytes,
    /// Whether a match must not go on as a host name does: `http://a.b` is not in `http://a.bc`.
    pub(crate) whole_host: bool,
}

/// The stage.
pub(crate) struct Replacing {
    pairs: Vec<Pair>,
    /// The beginning of what may be a match.
    held: Vec<u8>,
}

/// Replaces in `body`: at once if it is in memory, else as it passes.
pub(crate) fn replace(body: &mut Body, pairs: Vec<Pair>) {
    let pairs: Vec<Pair> = pairs.into_iter().filter(|pair| !pair.from.is_empty()).collect();
    if body.is_empty() || pairs.is_empty() {
        return;
    }
    let mut stage = Replacing { pairs, held: Vec::new() };
    match body.bytes() {
        Some(bytes) => {
            let mut out = Vec::with_capacity(bytes.len());
            stage.pass(bytes, true, &mut out);
            *body = Body::full(out);
        }
        None => body.transform(stage),
    }
}

/// What is known at a place.
enum Found {
    Match(usize),
    /// More bytes must come first.
    Perhaps,
    Nothing,
}

impl Replacing {
    /// Appends what `bytes` become; what may go on in the next bytes is held back unless these are the last.
    fn pass(&mut self, bytes: &[u8], last: bool, out: &mut Vec<u8>) {
        let mut at = 0;
        let mut done = 0;
        while at < bytes.len() {
            let rest = &bytes[at..];
            match self.at(rest, last) {
                Found::Nothing => at += 1,
                Found::Match(index) => {
                    out.extend_from_slice(&bytes[done..at]);
                    out.extend_from_slice(&self.pairs[index].to);
                    at += self.pairs[index].from.len();
                    done = at;
                }
                Found::Perhaps => {
                    out.extend_from_slice(&bytes[done..at]);
                    self.held = rest.to_vec();
                    return;
                }
            }
        }
        out.extend_from_slice(&bytes[done..]);
    }

    fn at(&self, rest: &[u8], last: bool) -> Found {
        for (index, pair) in self.pairs.iter().enumerate() {
            if let Some(after) = rest.strip_prefix(&*pair.from) {
                match (pair.whole_host, goes_on(after)) {
                    (false, _) | (true, Some(false)) => return Found::Match(index),
                    (true, None) if last => return Found::Match(index),
                    (true, None) => return Found::Perhaps,
                    (true, Some(true)) => {}
                }
            } else if !last && pair.from.starts_with(rest) {
                return Found::Perhaps;
            }
        }
        Found::Nothing
    }
}

/// Whether a host name goes on; `None` if more bytes must say.
fn goes_on(after: &[u8]) -> Option<bool> {
    let inner = |byte: &u8| byte.is_ascii_alphanumeric() || *byte == b'-';
    match after {
        [] | [b'.' | b':'] => None,
        [b'.', next, ..] => Some(inner(next)),
        [b':', next, ..] => Some(next.is_ascii_digit()),
        [next, ..] => Some(inner(next)),
    }
}

impl Transform for Replacing {
    fn chunk(&mut self, bytes: Bytes) -> Result<Bytes, BodyError> {
        let mut out = Vec::with_capacity(self.held.len() + bytes.len());
        if self.held.is_empty() {
            self.pass(&bytes, false, &mut out);
        } else {
            let mut all = std::mem::take(&mut self.held);
            all.extend_from_slice(&bytes);
            self.pass(&all, false, &mut out);
        }
        Ok(out.into())
    }

    fn end(&mut self) -> Result<Bytes, BodyError> {
        let held = std::mem::take(&mut self.held);
        let mut out = Vec::with_capacity(held.len());
        self.pass(&held, true, &mut out);
        Ok(out.into())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn stage(pairs: &[(&str, &str)], whole_host: bool) -> Replacing {
        let pair = |(from, to): &(&str, &str)| Pair {
            from: Bytes::copy_from_slice(from.as_bytes()),
            to: Bytes::copy_from_slice(to.as_bytes()),
            whole_host,
        };
        Replacing { pairs: pairs.iter().map(pair).collect(), held: Vec::new() }
    }

    /// What comes out for each chunk, and at the end.
    fn run(mut stage: Replacing, chunks: &[&str]) -> Vec<String> {
        let text = |bytes: Bytes| String::from_utf8(bytes.to_vec()).unwrap();
        let mut out: Vec<String> =
            chunks.iter().map(|chunk| text(stage.chunk(Bytes::copy_from_slice(chunk.as_bytes())).unwrap())).collect();
        out.push(text(stage.end().unwrap()));
        out
    }

    #[test]
    fn a_match_may_lie_across_chunks_and_nothing_else_waits() {
        assert_eq!(run(stage(&[("abc", "X")], false), &["1ab", "c2a", "bd", "ab"]), ["1", "X2", "abd", "", "ab"]);
        assert_eq!(run(stage(&[("aab", "X")], false), &["aaab"]), ["aX", ""]);
    }

    #[test]
    fn a_host_is_replaced_only_where_it_ends() {
        let hosts = || stage(&[("http://a.b", "G")], true);
        assert_eq!(
            run(hosts(), &["http://a.b/x http://a.bc http://a.b.c http://a.b:8 http://a.b. http://a.b"]).concat(),
            "G/x http://a.bc http://a.b.c http://a.b:8 G. G"
        );
        assert_eq!(run(hosts(), &["http://a.b", ".", "c ", "http://a.b", "/"]).concat(), "http://a.b.c G/");
    }

    proptest! {
        #[test]
        fn chunks_make_no_difference(chunks in proptest::collection::vec("[ab]{0,5}", 0..8), from in "[ab]{1,4}") {
            let whole = chunks.concat();
            let chunks: Vec<&str> = chunks.iter().map(String::as_str).collect();
            let out = run(stage(&[(&from, "-")], false), &chunks).concat();
            prop_assert_eq!(out, whole.replace(&*from, "-"));
        }
    }
}
