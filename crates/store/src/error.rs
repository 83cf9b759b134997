//! Why the store refused or failed.

use crate::{Etag, Key};

/// Shorthand.
pub type Result<T> = std::result::Result<T, Error>;

/// Why a call did not do what it says. After any of these the store is as it was before the call.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A write's precondition does not hold.
    #[error("the document `{key}` is not in the state that the write demands")]
    Precondition {
        /// The document.
        key: Key,
        /// Its version now.
        found: Option<Etag>,
    },
    /// A document that the batch relies on has changed since it was read, or one that it must not leave is there. Read
    /// again and retry.
    #[error("the document `{key}` changed since it was read")]
    Stale {
        /// The document.
        key: Key,
        /// Its version now.
        found: Option<Etag>,
    },
    /// A unique index has this value for another document already.
    #[error("the document `{key}` has the same {index} `{value}` as `{other}`")]
    Duplicate {
        /// The index.
        index: String,
        /// The value.
        value: String,
        /// The document that was to be written.
        key: Key,
        /// The document that has the value.
        other: Key,
    },
    /// The database was written by a newer version of this program.
    #[error(
        "the database has {what} version {found}, and this program knows versions up to {known}: use a newer program"
    )]
    Newer {
        /// What carries the version: `schema` or `document shape`.
        what: &'static str,
        /// The version found.
        found: u32,
        /// The newest version that this program reads.
        known: u32,
    },
    /// Another process has the database open.
    #[error("{0} is in use by another process; stop it, or give this one another folder")]
    InUse(String),
    /// The medium does not take or give anything at the moment. Nothing was changed, and later it may work.
    #[error("the store cannot be used: {reason}: {message}")]
    Unavailable {
        /// Why, in words that may be shown to a caller.
        reason: &'static str,
        /// What was attempted, and the driver's own words.
        message: String,
    },
    /// The medium failed, or what it holds makes no sense.
    #[error("the store failed: {message}")]
    Failed {
        /// What was attempted.
        message: String,
        /// The driver's own error.
        source: Option<Box<dyn std::error::Error + Send + Sync>>,
    },
}

impl Error {
    /// A failure of the medium.
    pub fn failed(message: impl Into<String>, source: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        let source = source.into();
        Self::Failed { message: format!("{}: {source}", message.into()), source: Some(source) }
    }
}
