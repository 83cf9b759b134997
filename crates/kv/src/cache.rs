//! Bytes that are kept for a while: responses and values.

use std::time::Duration;

use bytes::Bytes;

use crate::{Answer, Key};

/// The largest entry that a driver is asked to keep, in bytes: as in the service, 2 MiB.
pub const ENTRY_LIMIT: usize = 2 << 20;

/// A cache that every worker, and with a shared driver every node, sees alike. It may forget anything at any time.
pub trait Cache: Send + Sync {
    /// What was put under `key`, unless its time is over.
    fn get(&self, key: Key<'_>) -> Answer<Option<Bytes>>;

    /// Keeps `value` for `ttl`. Nobody waits for it, and what is larger than the driver wants is not kept.
    fn put(&self, key: Key<'_>, value: Bytes, ttl: Duration);

    /// Forgets what is under `key`; says whether there was something.
    fn remove(&self, key: Key<'_>) -> Answer<bool>;
}
