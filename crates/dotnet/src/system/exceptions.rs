//! Exception classes beyond those the language raises itself, and the way errors of other rooms become exceptions.

use csharp::{
    Raise,
    exception::{self, new_default, new_message},
    surface::{TypeDef, pure},
};

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
}

/// An error of the formatting room.
pub(crate) fn of_format_error(error: &dotformat::Error) -> Raise {
    let (message, def) = (error.message.to_string(), error.kind.type_name());
    let known = exception::TYPES.iter().find(|known| known.name == def || known.simple_name() == def);
    exception::raise(known.copied().unwrap_or(&exception::FORMAT), message)
}
