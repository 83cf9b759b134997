//! Exception classes beyond those the language raises itself, and the way errors of other rooms become exceptions.

use csharp::{
    Raise,
    exception::{self, Exception, new_default, new_message},
    surface::{TypeDef, pure},
};
use dotformat::ErrorKind;

macro_rules! classes {
    ($($name:ident = $text:literal $short:literal : $base:literal;)*) => {$(
        pub(crate) static $name: TypeDef = TypeDef {
            name: $text,
            bases: &[$base],
            members: &[
                pure(concat!($short, "()"), new_default, "With the class's own message."),
                pure(concat!($short, "(string message)"), new_message, "With a message."),
                pure(concat!($short, "(string message, Exception innerException)"), new_message, "With a message and a cause."),
            ],
            doc: "An exception of the runtime.",
            ..TypeDef::CLASS
        };
    )*};
}

classes! {
    AGGREGATE = "System.AggregateException" "AggregateException": "Exception";
    APPLICATION = "System.ApplicationException" "ApplicationException": "Exception";
    TIMEOUT = "System.TimeoutException" "TimeoutException": "SystemException";
    UNAUTHORIZED_ACCESS = "System.UnauthorizedAccessException" "UnauthorizedAccessException": "SystemException";
    OBJECT_DISPOSED = "System.ObjectDisposedException" "ObjectDisposedException": "InvalidOperationException";
    TIME_ZONE_NOT_FOUND = "System.TimeZoneNotFoundException" "TimeZoneNotFoundException": "Exception";
    URI_FORMAT = "System.UriFormatException" "UriFormatException": "FormatException";
    DECODER_FALLBACK = "System.Text.DecoderFallbackException" "DecoderFallbackException": "ArgumentException";
    ENCODER_FALLBACK = "System.Text.EncoderFallbackException" "EncoderFallbackException": "ArgumentException";
    REGEX_PARSE = "System.Text.RegularExpressions.RegexParseException" "RegexParseException": "ArgumentException";
    CRYPTOGRAPHIC = "System.Security.Cryptography.CryptographicException" "CryptographicException": "SystemException";
    RANK = "System.RankException" "RankException": "SystemException";
}

/// An error of the formatting room.
pub(crate) fn of_format_error(error: &dotformat::Error) -> Raise {
    let def = match error.kind {
        ErrorKind::Format => &exception::FORMAT,
        ErrorKind::UriFormat => &URI_FORMAT,
        ErrorKind::Overflow => &exception::OVERFLOW,
        ErrorKind::DivideByZero => &exception::DIVIDE_BY_ZERO,
        ErrorKind::Argument => &exception::ARGUMENT,
        ErrorKind::ArgumentOutOfRange => &exception::ARGUMENT_OUT_OF_RANGE,
        ErrorKind::InvalidOperation => &exception::INVALID_OPERATION,
        ErrorKind::TimeZoneNotFound => &TIME_ZONE_NOT_FOUND,
    };
    Exception { param: error.parameter.map(Into::into), ..Exception::new(def, error.message.to_string()) }.raise()
}
