//! What can go wrong with JSON, as the .NET exception a policy would see.

use std::fmt;

/// Shorthand for this crate's results.
pub type Result<T> = std::result::Result<T, Error>;

/// The .NET exception type that stands for the failure.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ErrorKind {
    /// `Newtonsoft.Json.JsonReaderException`: the text is not JSON.
    Reader,
    /// `Newtonsoft.Json.JsonException`: a bad JSONPath, or a change that the tree does not allow.
    Json,
    /// `System.ArgumentException`.
    Argument,
    /// `System.ArgumentOutOfRangeException`.
    ArgumentOutOfRange,
    /// `System.InvalidOperationException`.
    InvalidOperation,
    /// `System.InvalidCastException`.
    InvalidCast,
    /// `System.FormatException`.
    Format,
    /// `System.OverflowException`.
    Overflow,
    /// `System.Text.RegularExpressions.RegexMatchTimeoutException`.
    RegexTimeout,
}

/// A failure with Newtonsoft's own wording.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Error {
    /// Which exception it is.
    pub kind: ErrorKind,
    /// Its `Message`.
    pub message: String,
    /// For [`ErrorKind::Reader`]: where in the text it happened.
    pub place: Option<Box<Place>>,
}

/// `JsonReaderException`'s `Path`, `LineNumber` and `LinePosition`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// Path of the token being read.
    pub path: String,
    /// Lines from 1; 0 before anything was read.
    pub line: usize,
    /// UTF-16 units since the start of the line.
    pub position: usize,
}

impl Error {
    /// An error of `kind` that says `message`.
    pub fn new(kind: ErrorKind, message: impl Into<String>) -> Self {
        Error { kind, message: message.into(), place: None }
    }

    pub(crate) fn json(message: impl Into<String>) -> Self {
        Self::new(ErrorKind::Json, message)
    }

    pub(crate) fn argument(message: impl Into<String>) -> Self {
        Self::new(ErrorKind::Argument, message)
    }

    pub(crate) fn operation(message: impl Into<String>) -> Self {
        Self::new(ErrorKind::InvalidOperation, message)
    }

    pub(crate) fn index_out_of_range() -> Self {
        Self::new(
            ErrorKind::ArgumentOutOfRange,
            "Index was out of range. Must be non-negative and less than the size of the collection. (Parameter 'index')",
        )
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Error {}
