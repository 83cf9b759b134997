//! [`Key`]: what counters, cache entries and slots are found by.

use std::hash::{BuildHasher, RandomState};

use smallvec::SmallVec;

/// Names one thing. Equal names of two services or workspaces never meet, because `space` tells them apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Key<'a> {
    /// The service and workspace, and what it is for: made once, when the policy is published.
    pub space: &'a str,
    /// Which one: a subscription, the value of a `counter-key`, a request.
    pub subject: &'a [u8],
}

/// A key in one piece; the usual ones need no allocation.
pub(crate) type Whole = SmallVec<[u8; 256]>;

impl Key<'_> {
    /// Both parts in one. The length keeps ("ab", "c") and ("a", "bc") apart.
    pub(crate) fn whole(self) -> Whole {
        let mut whole = Whole::new();
        whole.extend_from_slice(&(self.space.len() as u32).to_le_bytes());
        whole.extend_from_slice(self.space.as_bytes());
        whole.extend_from_slice(self.subject);
        whole
    }
}

/// The space and the subject that [`Key::whole`] put together.
pub(crate) fn parts(whole: &[u8]) -> Option<(&str, &[u8])> {
    let (length, rest) = whole.split_first_chunk::<4>()?;
    let (space, subject) = rest.split_at_checked(u32::from_le_bytes(*length) as usize)?;
    Some((std::str::from_utf8(space).ok()?, subject))
}

/// Which of `count` shards `whole` belongs to.
pub(crate) fn shard(hasher: &RandomState, whole: &[u8], count: usize) -> usize {
    hasher.hash_one(whole) as usize % count.max(1)
}
