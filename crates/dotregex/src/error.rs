//! Why a pattern is refused, and why a match is given up.

use std::fmt;

/// A pattern that is not a regular expression: `RegexParseException`, an `ArgumentException`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Error {
    /// `Exception.Message`, in the words of .NET Core 3.1.
    pub message: String,
}

impl Error {
    pub(crate) fn at(pattern: &[u16], offset: usize, reason: impl fmt::Display) -> Self {
        let pattern = String::from_utf16_lossy(pattern);
        Self { message: format!("Invalid pattern '{pattern}' at offset {offset}. {reason}") }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Error {}

/// Why a match was given up before an answer was found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MatchError {
    /// The caller's hook said stop: `RegexMatchTimeoutException`.
    Timeout,
    /// More steps, or more memory for backtracking, than the limits allow.
    Budget,
}

impl fmt::Display for MatchError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(
            "The RegEx engine has timed out while trying to match a pattern to an input string. This can occur for \
             many reasons, including very large inputs or excessive backtracking caused by nested quantifiers, \
             back-references and other factors.",
        )
    }
}

impl std::error::Error for MatchError {}
