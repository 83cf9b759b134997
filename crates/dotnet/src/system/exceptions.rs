//! Exception classes beyond those the language raises itself, and the way errors of other rooms become exceptions.

use csharp::{
    Args, Cx, Raise, Result, Ty, Value,
    exception::{self, Exception, new_default, new_message},
    surface::{TypeDef, acts, pure, reads},
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

pub(crate) static AGGREGATE: TypeDef = TypeDef {
    name: "System.AggregateException",
    bases: &["Exception"],
    members: &[
        pure("AggregateException()", aggregate, "Without any cause."),
        pure("AggregateException(string message)", aggregate, "With a message."),
        pure("AggregateException(string message, Exception innerException)", aggregate, "With a message and a cause."),
        reads("AggregateException(params Exception[] innerExceptions)", aggregate, "With several causes."),
        acts("AggregateException(IEnumerable<Exception> innerExceptions)", aggregate, "With several causes."),
        reads(
            "AggregateException(string message, params Exception[] innerExceptions)",
            aggregate,
            "With a message and several causes.",
        ),
        acts(
            "AggregateException(string message, IEnumerable<Exception> innerExceptions)",
            aggregate,
            "With a message and several causes.",
        ),
        pure(
            "System.Collections.ObjectModel.ReadOnlyCollection<Exception> InnerExceptions { get; }",
            inner_exceptions,
            "All causes.",
        ),
    ],
    doc: "Several exceptions in one.",
    ..TypeDef::CLASS
};

/// The message names the messages of all causes.
fn aggregate(cx: &mut Cx<'_>, args: Args<'_>) -> Result<Value> {
    let mut message = args.opt_str(0).map_or_else(|| "One or more errors occurred.".to_owned(), ToString::to_string);
    let mut inner = Vec::new();
    for at in 0..args.len() {
        let value = args.value(at);
        match value.downcast::<Exception>() {
            Some(_) => inner.push(value.clone()),
            None if value.is_null() || value.as_str().is_some() => {}
            None => inner.extend(cx.collect(value)?),
        }
    }
    for cause in &inner {
        let cause = cause
            .downcast::<Exception>()
            .ok_or_else(|| exception::argument("An element of innerExceptions was null.", ""))?;
        message.push_str(&format!(" ({})", cause.message));
    }
    Ok(Value::object(Exception { inner, ..Exception::new(&AGGREGATE, message) }))
}

fn inner_exceptions(_cx: &mut Cx<'_>, args: Args<'_>) -> Result<Value> {
    let element = Ty::named(&exception::EXCEPTION);
    let inner = args.this::<Exception>()?.inner.clone();
    Ok(crate::collections::read_only(element.clone(), Value::array(element, inner)))
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
