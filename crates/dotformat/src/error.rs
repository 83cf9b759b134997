//! What .NET would throw, as a value.

use std::borrow::Cow;
use std::fmt;

/// The .NET exception an operation ends with.
///
/// `message` is the whole `Exception.Message` of .NET Core 3.1, the ` (Parameter 'x')` suffix included.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Error {
    /// Which exception class.
    pub kind: ErrorKind,
    /// `Exception.Message`.
    pub message: Cow<'static, str>,
    /// `ArgumentException.ParamName`, for the argument exceptions that carry one.
    pub parameter: Option<&'static str>,
}

/// The exception classes these functions end with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ErrorKind {
    /// `System.FormatException`.
    Format,
    /// `System.UriFormatException`, a `FormatException`.
    UriFormat,
    /// `System.OverflowException`.
    Overflow,
    /// `System.DivideByZeroException`.
    DivideByZero,
    /// `System.ArgumentException`.
    Argument,
    /// `System.ArgumentOutOfRangeException`, an `ArgumentException`.
    ArgumentOutOfRange,
    /// `System.InvalidOperationException`.
    InvalidOperation,
    /// `System.TimeZoneNotFoundException`.
    TimeZoneNotFound,
}

impl ErrorKind {
    /// The full name of the exception class.
    pub fn type_name(self) -> &'static str {
        match self {
            Self::Format => "System.FormatException",
            Self::UriFormat => "System.UriFormatException",
            Self::Overflow => "System.OverflowException",
            Self::DivideByZero => "System.DivideByZeroException",
            Self::Argument => "System.ArgumentException",
            Self::ArgumentOutOfRange => "System.ArgumentOutOfRangeException",
            Self::InvalidOperation => "System.InvalidOperationException",
            Self::TimeZoneNotFound => "System.TimeZoneNotFoundException",
        }
    }
}

/// `Result` with this crate's [`Error`].
pub type Result<T> = std::result::Result<T, Error>;

impl Error {
    pub(crate) fn new(kind: ErrorKind, message: impl Into<Cow<'static, str>>) -> Self {
        Self { kind, message: message.into(), parameter: None }
    }

    pub(crate) fn format(message: impl Into<Cow<'static, str>>) -> Self {
        Self::new(ErrorKind::Format, message)
    }

    pub(crate) fn overflow(message: impl Into<Cow<'static, str>>) -> Self {
        Self::new(ErrorKind::Overflow, message)
    }

    pub(crate) fn argument(message: &str, parameter: &'static str) -> Self {
        Self::with_parameter(ErrorKind::Argument, message, parameter)
    }

    pub(crate) fn out_of_range(message: &str, parameter: &'static str) -> Self {
        Self::with_parameter(ErrorKind::ArgumentOutOfRange, message, parameter)
    }

    fn with_parameter(kind: ErrorKind, message: &str, parameter: &'static str) -> Self {
        Self { kind, message: format!("{message} (Parameter '{parameter}')").into(), parameter: Some(parameter) }
    }

    /// `FormatException` of every number parser.
    pub(crate) fn bad_input() -> Self {
        Self::format("Input string was not in a correct format.")
    }

    /// `FormatException` of every number formatter.
    pub(crate) fn bad_specifier() -> Self {
        Self::format("Format specifier was invalid.")
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Error {}
