//! The exceptions of `Newtonsoft.Json`, and errors of the JSON room as exceptions.

use csharp::{
    Args, Raise, Result, Value,
    exception::{self, Exception, new_default, new_message},
    limits::Limit,
    surface::{TypeDef, pure},
};
use json::ErrorKind;

macro_rules! classes {
    ($($name:ident = $class:literal : $base:literal, [$($row:expr),* $(,)?];)*) => {$(
        pub(super) static $name: TypeDef = TypeDef {
            name: concat!("Newtonsoft.Json.", $class),
            bases: &[$base],
            members: &[
                pure(concat!($class, "()"), new_default, "With the class's own message."),
                pure(concat!($class, "(string message)"), new_message, "With a message."),
                pure(concat!($class, "(string message, Exception innerException)"), new_message, "With a message and a cause."),
                $($row),*
            ],
            doc: "An exception of the JSON library.",
            ..TypeDef::CLASS
        };
    )*};
}

classes! {
    JSON = "JsonException" : "Exception", [];
    READER = "JsonReaderException" : "JsonException", [
        pure("int LineNumber { get; }", |_, args| extra(&args, "LineNumber", Value::Int(0)), "The line, from 1."),
        pure("int LinePosition { get; }", |_, args| extra(&args, "LinePosition", Value::Int(0)), "Units since the start of the line."),
        pure("string Path { get; }", |_, args| extra(&args, "Path", Value::Null), "The path of the token being read."),
    ];
    WRITER = "JsonWriterException" : "JsonException", [
        pure("string Path { get; }", |_, args| extra(&args, "Path", Value::Null), "The path of the token being written."),
    ];
    SERIALIZATION = "JsonSerializationException" : "JsonException", [];
}

fn extra(args: &Args<'_>, name: &str, default: Value) -> Result<Value> {
    let found = args
        .object::<Exception>(0)
        .and_then(|exception| exception.extra.iter().find(|(known, _)| *known == name).map(|(_, value)| value.clone()));
    Ok(found.unwrap_or(default))
}

/// An error of the JSON room.
pub(crate) fn of_error(error: json::Error) -> Raise {
    let def = match error.kind {
        ErrorKind::Reader => &READER,
        ErrorKind::Json => &JSON,
        ErrorKind::Argument => &exception::ARGUMENT,
        ErrorKind::ArgumentOutOfRange => &exception::ARGUMENT_OUT_OF_RANGE,
        ErrorKind::InvalidOperation => &exception::INVALID_OPERATION,
        ErrorKind::InvalidCast => &exception::INVALID_CAST,
        ErrorKind::Format => &exception::FORMAT,
        ErrorKind::Overflow => &exception::OVERFLOW,
        ErrorKind::RegexTimeout => return Raise::Limit(Limit::Regex),
    };
    let mut exception = Exception::new(def, error.message);
    if let Some(place) = error.place {
        exception.extra = vec![
            ("LineNumber", Value::Int(place.line as i32)),
            ("LinePosition", Value::Int(place.position as i32)),
            ("Path", Value::str(place.path)),
        ];
    }
    exception.raise()
}

/// `JsonSerializationException`.
pub(super) fn serialization(message: impl Into<csharp::Str>) -> Raise {
    exception::raise(&SERIALIZATION, message)
}

/// Messages that policies show are those of the library; the limit is this gateway's.
pub(super) fn too_deep() -> Raise {
    serialization("The object is nested too deeply to be written as JSON.")
}

/// A result of the JSON room.
pub(super) fn checked<T>(result: json::Result<T>) -> Result<T> {
    result.map_err(of_error)
}
