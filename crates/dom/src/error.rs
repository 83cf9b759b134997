//! What can go wrong with XML, as the .NET exception a policy would see.

use std::fmt;

/// Shorthand for this crate's results.
pub type Result<T> = std::result::Result<T, Error>;

/// The .NET exception type that stands for the failure.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ErrorKind {
    /// `System.Xml.XmlException`: the text is not well-formed, or a name is not one.
    Xml,
    /// `System.ArgumentException`.
    Argument,
    /// `System.InvalidOperationException`.
    InvalidOperation,
    /// `System.Xml.XPath.XPathException`.
    XPath,
}

/// A failure with .NET's own wording.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Error {
    /// Which exception it is.
    pub kind: ErrorKind,
    /// Its `Message`.
    pub message: String,
    /// For [`ErrorKind::Xml`] from a text: line and column, both from 1; else 0.
    pub line: usize,
    /// See `line`.
    pub position: usize,
}

impl Error {
    /// An error of `kind` that says `message`.
    pub fn new(kind: ErrorKind, message: impl Into<String>) -> Self {
        Error { kind, message: message.into(), line: 0, position: 0 }
    }

    pub(crate) fn argument(message: impl Into<String>) -> Self {
        Self::new(ErrorKind::Argument, message)
    }

    pub(crate) fn operation(message: impl Into<String>) -> Self {
        Self::new(ErrorKind::InvalidOperation, message)
    }

    pub(crate) fn xpath(message: impl Into<String>) -> Self {
        Self::new(ErrorKind::XPath, message)
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Error {}
