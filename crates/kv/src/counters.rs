//! Counted limits: one atomic call takes from a key's allowance and says what is left; another one settles what a call
//! has cost, where that is known only at its end.

use std::time::Duration;

use base::Timestamp;

use crate::{Answer, Key};

/// The stretch of time that a limit is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Window {
    /// Any stretch of this length.
    Sliding(Duration),
    /// One stretch after the other, each `period` long.
    Fixed {
        /// When some stretch begins, in the past or the future.
        anchor: Timestamp,
        /// The length of each; zero stands for a single one without an end.
        period: Duration,
    },
}

/// A request to take `cost` out of what `key` may use in a `window`.
#[derive(Clone, Copy, Debug)]
pub struct Take<'a> {
    /// The counter.
    pub key: Key<'a>,
    /// The time that `limit` is for. A key is always used with the same sort of window; its length may change.
    pub window: Window,
    /// What is taken; 0 only looks.
    pub cost: u64,
    /// The most that the window may hold.
    pub limit: u64,
}

/// What a call has cost beyond what was taken for it.
#[derive(Clone, Copy, Debug)]
pub struct Settle<'a> {
    /// The counter.
    pub key: Key<'a>,
    /// As in [`Take`].
    pub window: Window,
    /// What is added, whatever is left; below zero gives back.
    pub cost: i64,
}

/// What became of a [`Take`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Count {
    /// Whether it fitted; for a look, whether anything would. What does not fit takes nothing.
    pub admitted: bool,
    /// What is left in the window after it.
    pub remaining: u64,
    /// How long until there is more: if refused, until a take of this cost can fit; otherwise, until the oldest take leaves
    /// a sliding window or a fixed one ends. [`Duration::MAX`] if that never happens.
    pub reset: Duration,
}

/// How a counter stands, for those who look after them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Standing {
    /// The space of its key.
    pub space: String,
    /// What its window holds now.
    pub used: u64,
}

/// Counters that every worker, and with a shared driver every node, sees alike.
pub trait Counters: Send + Sync {
    /// Takes atomically: among concurrent takes of one key, no window ever holds more than the limit.
    fn take(&self, take: Take<'_>) -> Answer<Count>;

    /// Settles. Nobody waits for it: a driver that needs time sees to it that it happens, and reports what goes wrong.
    fn settle(&self, settle: Settle<'_>);

    /// The counters of `subject` whose spaces begin with `prefix`, by space. Looks through all: not for the path of a request.
    fn standing(&self, prefix: &str, subject: &[u8]) -> Answer<Vec<Standing>>;
}
