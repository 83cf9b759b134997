//! [`Answer`]: there at once, or when another machine has spoken.

use std::{fmt, future::Future, pin::Pin};

/// A driver that could not reach what it keeps.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unreachable(pub String);

impl fmt::Display for Unreachable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the shared store is not reachable: {}", self.0)
    }
}

impl std::error::Error for Unreachable {}

/// An answer that is there at once (memory) or comes over a network.
pub enum Answer<T> {
    /// Known in this process.
    Now(T),
    /// Known elsewhere.
    Later(Pin<Box<dyn Future<Output = Result<T, Unreachable>> + Send>>),
}

impl<T> Answer<T> {
    /// Waits where it must.
    pub async fn wait(self) -> Result<T, Unreachable> {
        match self {
            Self::Now(answer) => Ok(answer),
            Self::Later(answer) => answer.await,
        }
    }
}
