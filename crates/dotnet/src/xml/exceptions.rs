//! `XmlException`, `XPathException`, and errors of the XML room as exceptions.

use csharp::{
    Args, Raise, Result, Value,
    exception::{self, Exception, new_default, new_message},
    surface::{TypeDef, pure},
};
use dom::ErrorKind;

pub(super) static XML: TypeDef = TypeDef {
    name: "System.Xml.XmlException",
    bases: &["SystemException"],
    members: &[
        pure("XmlException()", new_default, "With the class's own message."),
        pure("XmlException(string message)", new_message, "With a message."),
        pure("XmlException(string message, Exception innerException)", new_message, "With a message and a cause."),
        pure("int LineNumber { get; }", |_, args| extra(&args, "LineNumber"), "The line, from 1; 0 if it is unknown."),
        pure(
            "int LinePosition { get; }",
            |_, args| extra(&args, "LinePosition"),
            "The column, from 1; 0 if it is unknown.",
        ),
    ],
    doc: "XML that is not well-formed.",
    ..TypeDef::CLASS
};

pub(super) static XPATH: TypeDef = TypeDef {
    name: "System.Xml.XPath.XPathException",
    bases: &["SystemException"],
    members: &[
        pure("XPathException()", new_default, "With the class's own message."),
        pure("XPathException(string message)", new_message, "With a message."),
        pure("XPathException(string message, Exception innerException)", new_message, "With a message and a cause."),
    ],
    doc: "An XPath expression that cannot be read or evaluated.",
    ..TypeDef::CLASS
};

fn extra(args: &Args<'_>, name: &str) -> Result<Value> {
    let found = args
        .object::<Exception>(0)
        .and_then(|exception| exception.extra.iter().find(|(known, _)| *known == name).map(|(_, value)| value.clone()));
    Ok(found.unwrap_or(Value::Int(0)))
}

/// An error of the XML room.
pub(crate) fn of_error(error: dom::Error) -> Raise {
    let def = match error.kind {
        ErrorKind::Xml => &XML,
        ErrorKind::XPath => &XPATH,
        ErrorKind::Argument => &exception::ARGUMENT,
        ErrorKind::InvalidOperation => &exception::INVALID_OPERATION,
    };
    let mut exception = Exception::new(def, error.message);
    if error.line > 0 {
        exception.extra =
            vec![("LineNumber", Value::Int(error.line as i32)), ("LinePosition", Value::Int(error.position as i32))];
    }
    exception.raise()
}

/// A result of the XML room.
pub(super) fn checked<T>(result: dom::Result<T>) -> Result<T> {
    result.map_err(of_error)
}
