//! What is in the cache, as bytes that another node can read, too.

mod response;
mod value;

use kv::Key;
use policy::{Exchange, prelude::*};

pub(crate) use response::{CachedResponse, Collect, head};
pub(crate) use value::{decode, encode};

pub(crate) const CACHING_TYPE: Attr = Attr::or(
    "caching-type",
    Kind::OneOf(&["prefer-external", "external", "internal"]),
    "prefer-external",
    "Which cache. There is only the built-in one yet: all three name it.",
);

/// The space of the values that policies keep.
pub(crate) fn value_space(cx: &Compiler<'_>) -> Arc<str> {
    format!("{}#cache-value", cx.shared_space()).into()
}

/// Looks, and waits where the cache is elsewhere. A cache that cannot be reached has nothing: callers are served from the
/// backend.
pub(crate) async fn get(exchange: &Exchange, key: Key<'_>) -> Option<policy::Bytes> {
    exchange.host.stores.cache.get(key).wait().await.ok().flatten()
}

/// The fields of an entry, in order. `None` where they end too soon: then it is no entry of ours.
pub(crate) struct Fields<'a>(pub(crate) &'a [u8]);

impl<'a> Fields<'a> {
    pub(crate) fn bytes(&mut self, count: usize) -> Option<&'a [u8]> {
        let (taken, rest) = self.0.split_at_checked(count)?;
        self.0 = rest;
        Some(taken)
    }

    pub(crate) fn array<const N: usize>(&mut self) -> Option<[u8; N]> {
        self.bytes(N)?.try_into().ok()
    }

    /// A length of four bytes, and so many bytes behind it.
    pub(crate) fn sized(&mut self) -> Option<&'a [u8]> {
        let length = u32::from_le_bytes(self.array()?);
        self.bytes(length as usize)
    }
}

/// Writes what [`Fields::sized`] reads.
pub(crate) fn push_sized(entry: &mut Vec<u8>, bytes: &[u8]) {
    entry.extend_from_slice(&(bytes.len() as u32).to_le_bytes());
    entry.extend_from_slice(bytes);
}
