//! Exceptions: how natives raise them, and the ones that the language itself raises.

use std::{cell::RefCell, rc::Rc};

use crate::{
    call::{Args, Cx, Raise, Result},
    surface::{Member, TypeDef, pure, reads},
    text::Str,
    ty::Ty,
    value::{Object, Value},
};

/// An exception object. Its type is data: one Rust type serves all exception classes.
pub struct Exception {
    /// Its class.
    pub def: &'static TypeDef,
    /// `Message`.
    pub message: Str,
    /// `InnerException`, or the collected ones of an `AggregateException`.
    pub inner: Vec<Value>,
    /// `ParamName`.
    pub param: Option<Str>,
    /// Further properties of its class, by name: `LineNumber` of a `JsonReaderException`.
    pub extra: Vec<(&'static str, Value)>,
    /// `Source`, which C# code may set.
    pub source: RefCell<Option<Str>>,
}

impl Exception {
    /// One with a message and nothing else.
    pub fn new(def: &'static TypeDef, message: impl Into<Str>) -> Self {
        Self {
            def,
            message: message.into(),
            inner: Vec::new(),
            param: None,
            extra: Vec::new(),
            source: RefCell::default(),
        }
    }

    /// Raises it.
    pub fn raise(self) -> Raise {
        Raise::Exception(Rc::new(self))
    }
}

impl Object for Exception {
    fn ty(&self) -> Ty {
        Ty::named(self.def)
    }

    /// Type and message, then those of the inner exception. There is no stack trace to print.
    fn text(&self, cx: &mut Cx<'_>) -> Result<Str> {
        let mut text = format!("{}: {}", self.def.name, self.message);
        if let Some(inner) = self.inner.first() {
            text.push_str(&format!("\n ---> {}\n   --- End of inner exception stack trace ---", cx.text(inner)?));
        }
        Ok(text.into())
    }
}

impl std::fmt::Debug for Exception {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}: {}", self.def.name, self.message)
    }
}

/// Raises an exception of class `def`.
pub fn raise(def: &'static TypeDef, message: impl Into<Str>) -> Raise {
    Exception::new(def, message).raise()
}

/// Raises an exception with a cause.
pub fn raise_with(def: &'static TypeDef, message: impl Into<Str>, inner: Value) -> Raise {
    Exception { inner: vec![inner], ..Exception::new(def, message) }.raise()
}

fn raise_param(def: &'static TypeDef, message: &str, param: &str) -> Raise {
    if param.is_empty() {
        return raise(def, message);
    }
    let message = format!("{message} (Parameter '{param}')");
    Exception { param: Some(param.into()), ..Exception::new(def, message) }.raise()
}

/// `ArgumentNullException` for parameter `param`.
pub fn argument_null(param: &str) -> Raise {
    raise_param(&ARGUMENT_NULL, "Value cannot be null.", param)
}

/// `ArgumentException`; the parameter's name may be empty.
pub fn argument(message: &str, param: &str) -> Raise {
    raise_param(&ARGUMENT, message, param)
}

/// `ArgumentOutOfRangeException`.
pub fn out_of_range(message: &str, param: &str) -> Raise {
    let message = if message.is_empty() { "Specified argument was out of the range of valid values." } else { message };
    raise_param(&ARGUMENT_OUT_OF_RANGE, message, param)
}

/// `FormatException`.
pub fn format(message: impl Into<Str>) -> Raise {
    raise(&FORMAT, message)
}

/// `OverflowException`.
pub fn overflow(message: impl Into<Str>) -> Raise {
    raise(&OVERFLOW, message)
}

/// `InvalidOperationException`.
pub fn invalid_operation(message: impl Into<Str>) -> Raise {
    raise(&INVALID_OPERATION, message)
}

/// `NotSupportedException`.
pub fn not_supported(message: impl Into<Str>) -> Raise {
    raise(&NOT_SUPPORTED, message)
}

/// `InvalidCastException`.
pub fn invalid_cast(message: impl Into<Str>) -> Raise {
    raise(&INVALID_CAST, message)
}

/// `InvalidCastException` of a cast from one type to another.
pub fn cannot_cast(from: &Ty, to: &Ty) -> Raise {
    let text = format!("Unable to cast object of type '{}' to type '{}'.", from.clr_name(), to.clr_name());
    raise(&INVALID_CAST, text)
}

/// `NullReferenceException`.
pub fn null_reference() -> Raise {
    raise(&NULL_REFERENCE, "Object reference not set to an instance of an object.")
}

/// `IndexOutOfRangeException`.
pub fn index_out_of_range() -> Raise {
    raise(&INDEX_OUT_OF_RANGE, "Index was outside the bounds of the array.")
}

/// `DivideByZeroException`.
pub fn divide_by_zero() -> Raise {
    raise(&DIVIDE_BY_ZERO, "Attempted to divide by zero.")
}

/// `KeyNotFoundException`.
pub fn key_not_found(key: &Str) -> Raise {
    raise(&KEY_NOT_FOUND, format!("The given key '{key}' was not present in the dictionary."))
}

/// Every exception class that the language and this crate raise.
pub static TYPES: &[&TypeDef] = &[
    &EXCEPTION,
    &SYSTEM,
    &ARITHMETIC,
    &DIVIDE_BY_ZERO,
    &OVERFLOW,
    &NULL_REFERENCE,
    &INVALID_CAST,
    &INDEX_OUT_OF_RANGE,
    &ARRAY_TYPE_MISMATCH,
    &ARGUMENT,
    &ARGUMENT_NULL,
    &ARGUMENT_OUT_OF_RANGE,
    &FORMAT,
    &INVALID_OPERATION,
    &NOT_SUPPORTED,
    &NOT_IMPLEMENTED,
    &KEY_NOT_FOUND,
];

/// `System.Exception`.
pub static EXCEPTION: TypeDef = TypeDef {
    name: "System.Exception",
    members: &[
        pure("Exception()", new_default, "With the class's own message."),
        pure("Exception(string message)", new_message, "With a message."),
        pure("Exception(string message, Exception innerException)", new_message, "With a message and a cause."),
        pure("string Message { get; }", message, "What went wrong."),
        pure("Exception InnerException { get; }", inner, "The cause, or null."),
        pure("Exception GetBaseException()", base_exception, "The innermost cause."),
        reads("string Source { get; }", source, "Who raised it, as far as it was said.").with_set(set_source),
        pure("string StackTrace { get; }", stack_trace, "Always null: policies have no stack frames to show."),
    ],
    doc: "The base of all exceptions.",
    ..TypeDef::CLASS
};

/// A class that only derives.
const fn derived(name: &'static str, bases: &'static [&'static str], members: &'static [Member]) -> TypeDef {
    TypeDef { name, bases, members, doc: "An exception of the runtime.", ..TypeDef::CLASS }
}

macro_rules! classes {
    ($($name:ident = $text:literal $short:literal : $base:literal;)*) => {$(
        #[doc = concat!("`", $text, "`.")]
        pub static $name: TypeDef = derived($text, &[$base], &[
            pure(concat!($short, "()"), new_default, "With the class's own message."),
            pure(concat!($short, "(string message)"), new_message, "With a message."),
            pure(concat!($short, "(string message, Exception innerException)"), new_message, "With a message and a cause."),
        ]);
    )*};
}

classes! {
    SYSTEM = "System.SystemException" "SystemException": "Exception";
    ARITHMETIC = "System.ArithmeticException" "ArithmeticException": "SystemException";
    DIVIDE_BY_ZERO = "System.DivideByZeroException" "DivideByZeroException": "ArithmeticException";
    OVERFLOW = "System.OverflowException" "OverflowException": "ArithmeticException";
    NULL_REFERENCE = "System.NullReferenceException" "NullReferenceException": "SystemException";
    INVALID_CAST = "System.InvalidCastException" "InvalidCastException": "SystemException";
    INDEX_OUT_OF_RANGE = "System.IndexOutOfRangeException" "IndexOutOfRangeException": "SystemException";
    ARRAY_TYPE_MISMATCH = "System.ArrayTypeMismatchException" "ArrayTypeMismatchException": "SystemException";
    FORMAT = "System.FormatException" "FormatException": "SystemException";
    INVALID_OPERATION = "System.InvalidOperationException" "InvalidOperationException": "SystemException";
    NOT_SUPPORTED = "System.NotSupportedException" "NotSupportedException": "SystemException";
    NOT_IMPLEMENTED = "System.NotImplementedException" "NotImplementedException": "SystemException";
    KEY_NOT_FOUND = "System.Collections.Generic.KeyNotFoundException" "KeyNotFoundException": "SystemException";
}

/// `System.ArgumentException`.
pub static ARGUMENT: TypeDef = derived(
    "System.ArgumentException",
    &["SystemException"],
    &[
        pure("ArgumentException()", new_default, "With the class's own message."),
        pure("ArgumentException(string message)", new_message, "With a message."),
        pure("ArgumentException(string message, Exception innerException)", new_message, "With a message and a cause."),
        pure("ArgumentException(string message, string paramName)", new_message_param, "With message and parameter."),
        pure("string ParamName { get; }", param_name, "The parameter that was wrong."),
    ],
);

/// `System.ArgumentNullException`.
pub static ARGUMENT_NULL: TypeDef = derived(
    "System.ArgumentNullException",
    &["ArgumentException"],
    &[
        pure("ArgumentNullException()", new_default, "With the class's own message."),
        pure("ArgumentNullException(string paramName)", new_param, "For a parameter."),
        pure("ArgumentNullException(string message, Exception innerException)", new_message, "With message and cause."),
        pure(
            "ArgumentNullException(string paramName, string message)",
            new_param_message,
            "With parameter and message.",
        ),
    ],
);

/// `System.ArgumentOutOfRangeException`.
pub static ARGUMENT_OUT_OF_RANGE: TypeDef = derived(
    "System.ArgumentOutOfRangeException",
    &["ArgumentException"],
    &[
        pure("ArgumentOutOfRangeException()", new_default, "With the class's own message."),
        pure("ArgumentOutOfRangeException(string paramName)", new_param, "For a parameter."),
        pure(
            "ArgumentOutOfRangeException(string message, Exception innerException)",
            new_message,
            "With message and cause.",
        ),
        pure(
            "ArgumentOutOfRangeException(string paramName, string message)",
            new_param_message,
            "With parameter and message.",
        ),
        pure(
            "ArgumentOutOfRangeException(string paramName, object actualValue, string message)",
            new_param_value,
            "With parameter, value and message.",
        ),
        reads("object ActualValue { get; }", actual_value, "The value that was out of range."),
    ],
);

/// The message of an exception that was created without one.
fn default_message(def: &TypeDef) -> Str {
    match def.simple_name() {
        "SystemException" => "System error.".into(),
        "ArithmeticException" => "Overflow or underflow in the arithmetic operation.".into(),
        "DivideByZeroException" => "Attempted to divide by zero.".into(),
        "OverflowException" => "Arithmetic operation resulted in an overflow.".into(),
        "NullReferenceException" => "Object reference not set to an instance of an object.".into(),
        "InvalidCastException" => "Specified cast is not valid.".into(),
        "IndexOutOfRangeException" => "Index was outside the bounds of the array.".into(),
        "ArrayTypeMismatchException" => "Attempted to access an element as a type incompatible with the array.".into(),
        "ArgumentException" => "Value does not fall within the expected range.".into(),
        "ArgumentNullException" => "Value cannot be null.".into(),
        "ArgumentOutOfRangeException" => "Specified argument was out of the range of valid values.".into(),
        "FormatException" => "One of the identified items was in an invalid format.".into(),
        "InvalidOperationException" => "Operation is not valid due to the current state of the object.".into(),
        "NotSupportedException" => "Specified method is not supported.".into(),
        "NotImplementedException" => "The method or operation is not implemented.".into(),
        "KeyNotFoundException" => "The given key was not present in the dictionary.".into(),
        _ => format!("Exception of type '{}' was thrown.", def.name).into(),
    }
}

/// `new SomeException()`, for rows of further exception classes.
pub fn new_default(_cx: &mut Cx<'_>, args: Args<'_>) -> Result<Value> {
    let def = args.created();
    Ok(Value::object(Exception::new(def, default_message(def))))
}

/// `new SomeException(message)` and `(message, innerException)`.
pub fn new_message(_cx: &mut Cx<'_>, args: Args<'_>) -> Result<Value> {
    let def = args.created();
    let message = args.opt_str(0).cloned().unwrap_or_else(|| default_message(def));
    let inner = args.get(1).filter(|inner| !inner.is_null()).cloned().into_iter().collect();
    Ok(Value::object(Exception { inner, ..Exception::new(def, message) }))
}

fn with_param(def: &'static TypeDef, message: &Str, param: Option<&Str>) -> Value {
    let text = match param {
        Some(param) if !param.is_empty() => format!("{message} (Parameter '{param}')").into(),
        _ => message.clone(),
    };
    Value::object(Exception { param: param.cloned(), ..Exception::new(def, text) })
}

fn new_message_param(_cx: &mut Cx<'_>, args: Args<'_>) -> Result<Value> {
    let def = args.created();
    let message = args.opt_str(0).cloned().unwrap_or_else(|| default_message(def));
    Ok(with_param(def, &message, args.opt_str(1)))
}

fn new_param(_cx: &mut Cx<'_>, args: Args<'_>) -> Result<Value> {
    let def = args.created();
    Ok(with_param(def, &default_message(def), args.opt_str(0)))
}

fn new_param_message(_cx: &mut Cx<'_>, args: Args<'_>) -> Result<Value> {
    let def = args.created();
    let message = args.opt_str(1).cloned().unwrap_or_else(|| default_message(def));
    Ok(with_param(def, &message, args.opt_str(0)))
}

/// The value stands on a line of its own in the message.
fn new_param_value(cx: &mut Cx<'_>, args: Args<'_>) -> Result<Value> {
    let def = args.created();
    let message = args.opt_str(2).cloned().unwrap_or_else(|| default_message(def));
    let value = args.value(1).clone();
    let mut made = Exception::new(def, message.clone());
    made.param = args.opt_str(0).cloned();
    let mut text = message.to_text().into_owned();
    if let Some(param) = &made.param {
        text.push_str(&format!(" (Parameter '{param}')"));
    }
    if !value.is_null() {
        text.push_str(&format!("\nActual value was {}.", cx.text(&value)?));
    }
    made.message = text.into();
    made.extra.push(("ActualValue", value));
    Ok(Value::object(made))
}

fn actual_value(_cx: &mut Cx<'_>, args: Args<'_>) -> Result<Value> {
    let extra = args.object::<Exception>(0).map(|exception| exception.extra.as_slice()).unwrap_or_default();
    Ok(extra.iter().find(|(name, _)| *name == "ActualValue").map_or(Value::Null, |(_, value)| value.clone()))
}

fn message(_cx: &mut Cx<'_>, args: Args<'_>) -> Result<Value> {
    Ok(args.object::<Exception>(0).map_or(Value::Null, |exception| Value::Str(exception.message.clone())))
}

fn inner(_cx: &mut Cx<'_>, args: Args<'_>) -> Result<Value> {
    Ok(args.object::<Exception>(0).and_then(|exception| exception.inner.first().cloned()).unwrap_or_default())
}

fn base_exception(_cx: &mut Cx<'_>, args: Args<'_>) -> Result<Value> {
    let mut current = args.value(0).clone();
    while let Some(next) = current.downcast::<Exception>().and_then(|exception| exception.inner.first().cloned()) {
        current = next;
    }
    Ok(current)
}

fn source(_cx: &mut Cx<'_>, args: Args<'_>) -> Result<Value> {
    Ok(Value::str_or_null(args.this::<Exception>()?.source.borrow().clone()))
}

fn set_source(_cx: &mut Cx<'_>, args: Args<'_>) -> Result<Value> {
    *args.this::<Exception>()?.source.borrow_mut() = args.opt_str(1).cloned();
    Ok(Value::Null)
}

fn stack_trace(_cx: &mut Cx<'_>, _args: Args<'_>) -> Result<Value> {
    Ok(Value::Null)
}

fn param_name(_cx: &mut Cx<'_>, args: Args<'_>) -> Result<Value> {
    Ok(args.object::<Exception>(0).map_or(Value::Null, |exception| Value::str_or_null(exception.param.clone())))
}
