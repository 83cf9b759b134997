//! Counted limits: one atomic call takes from a key's allowance and says what is left.

use std::{fmt, future::Future, pin::Pin, time::Duration};

/// Names one counter. Equal names of two services or workspaces never meet, because `space` tells them apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Key<'a> {
    /// The service and workspace, and what counts there: made once, when the policy is published.
    pub space: &'a str,
    /// Who is counted: a subscription, or the value of a `counter-key`.
    pub subject: &'a str,
}

/// A request to take `cost` out of what `key` may use in any `window`.
#[derive(Clone, Copy, Debug)]
pub struct Take<'a> {
    /// The counter.
    pub key: Key<'a>,
    /// How much may be taken in any stretch of time of this length (sliding).
    pub window: Duration,
    /// What is taken; 0 only looks.
    pub cost: u64,
    /// The most that `window` may hold.
    pub limit: u64,
}

/// What became of a [`Take`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Count {
    /// Whether it fitted. What does not fit takes nothing.
    pub admitted: bool,
    /// What is left in the window after it.
    pub remaining: u64,
    /// If refused, how long until a take of this cost can fit; otherwise, until the oldest take leaves the window.
    pub reset: Duration,
}

/// A driver that could not count.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CounterError(pub String);

impl fmt::Display for CounterError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the counter is not reachable: {}", self.0)
    }
}

impl std::error::Error for CounterError {}

/// An answer that is there at once (memory) or comes over a network.
pub enum Answer {
    /// Counted in this process.
    Now(Count),
    /// Counted elsewhere.
    Later(Pin<Box<dyn Future<Output = Result<Count, CounterError>> + Send>>),
}

impl Answer {
    /// Waits where it must.
    pub async fn wait(self) -> Result<Count, CounterError> {
        match self {
            Self::Now(count) => Ok(count),
            Self::Later(count) => count.await,
        }
    }
}

/// Counters that every worker, and with a shared driver every node, sees alike.
pub trait Counters: Send + Sync {
    /// Takes atomically: among concurrent takes of one key, no window ever holds more than the limit.
    fn take(&self, take: Take<'_>) -> Answer;
}
