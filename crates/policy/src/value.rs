//! [`Value`]: what an attribute or text says, a literal or an expression; and how texts become typed values.

use std::{borrow::Cow, sync::Arc};

use bytes::Bytes;
use csharp::value::{Array, Items};
use smallvec::SmallVec;

use crate::{Exchange, Fault, HeaderName, HeaderValue, Method, Status, Url, expression::Expression};

/// A value that was parsed when the policy was published, or an expression that gives it for each request.
#[derive(Debug)]
pub enum Value<T> {
    /// Parsed already.
    Literal(T),
    /// Evaluated each time.
    Code(Expression),
}

impl<T: FromText> Value<T> {
    /// The value. A literal costs nothing.
    pub fn get<'a>(&'a self, exchange: &mut Exchange) -> Result<Cow<'a, T>, Fault> {
        match self {
            Self::Literal(value) => Ok(Cow::Borrowed(value)),
            Self::Code(code) => Ok(Cow::Owned(code.evaluate_as(exchange)?)),
        }
    }

    /// All values, each evaluated before the first is used.
    pub fn all<'a>(values: &'a [Self], exchange: &mut Exchange) -> Result<SmallVec<[Cow<'a, T>; 2]>, Fault> {
        values.iter().map(|value| value.get(exchange)).collect()
    }

    /// The value of an attribute that may be left out.
    pub fn optional<'a>(value: &'a Option<Self>, exchange: &mut Exchange) -> Result<Option<Cow<'a, T>>, Fault> {
        value.as_ref().map(|value| value.get(exchange)).transpose()
    }

    /// The literal, if it is one.
    pub fn literal(&self) -> Option<&T> {
        match self {
            Self::Literal(value) => Some(value),
            Self::Code(_) => None,
        }
    }
}

/// What can be read from a literal, and from the result of an expression.
pub trait FromText: Clone {
    /// Reads a text; the error says what is wrong with it, without a subject: `"x" is no whole number`.
    fn from_text(text: &str) -> Result<Self, String>;

    /// Takes the result of an expression without making a text of it first; `None` where its text is what counts.
    fn from_value(_value: &csharp::Value) -> Option<Result<Self, String>> {
        None
    }

    /// Reads the result of an expression that is no `null`. `text` is what its `ToString()` gives.
    fn from_result(text: &str) -> Result<Self, String> {
        Self::from_text(text)
    }

    /// What `null` means here.
    fn from_null() -> Result<Self, String> {
        Err("it is null".into())
    }
}

impl FromText for String {
    fn from_text(text: &str) -> Result<Self, String> {
        Ok(text.to_owned())
    }

    fn from_null() -> Result<Self, String> {
        Ok(Self::new())
    }
}

impl FromText for Arc<str> {
    fn from_text(text: &str) -> Result<Self, String> {
        Ok(text.into())
    }

    fn from_null() -> Result<Self, String> {
        Ok("".into())
    }
}

impl FromText for Bytes {
    fn from_text(text: &str) -> Result<Self, String> {
        Ok(Self::copy_from_slice(text.as_bytes()))
    }

    fn from_value(value: &csharp::Value) -> Option<Result<Self, String>> {
        match &*value.downcast::<Array>()?.items.borrow() {
            Items::Bytes(bytes) => Some(Ok(Self::copy_from_slice(bytes))),
            Items::Values(_) => None,
        }
    }

    fn from_null() -> Result<Self, String> {
        Ok(Self::new())
    }
}

impl FromText for bool {
    fn from_value(value: &csharp::Value) -> Option<Result<Self, String>> {
        match value {
            csharp::Value::Bool(value) => Some(Ok(*value)),
            _ => None,
        }
    }

    fn from_text(text: &str) -> Result<Self, String> {
        match text.trim() {
            word if word.eq_ignore_ascii_case("true") => Ok(true),
            word if word.eq_ignore_ascii_case("false") => Ok(false),
            other => Err(format!("\"{other}\" is neither true nor false")),
        }
    }
}

impl FromText for u64 {
    fn from_text(text: &str) -> Result<Self, String> {
        text.trim().parse().map_err(|_| format!("\"{text}\" is no whole number"))
    }
}

impl FromText for f64 {
    fn from_text(text: &str) -> Result<Self, String> {
        let number = text.trim().parse().ok().filter(|number: &f64| number.is_finite());
        number.ok_or_else(|| format!("\"{text}\" is no number"))
    }
}

impl FromText for Status {
    fn from_text(text: &str) -> Result<Self, String> {
        let code = text.trim().parse().ok();
        code.and_then(Self::new).ok_or_else(|| format!("\"{text}\" is no status code"))
    }
}

impl FromText for Method {
    fn from_text(text: &str) -> Result<Self, String> {
        Self::parse(text.trim()).ok_or_else(|| format!("\"{text}\" is no HTTP method"))
    }
}

impl FromText for Url {
    fn from_text(text: &str) -> Result<Self, String> {
        Self::parse(text).ok_or_else(|| format!("\"{text}\" is no absolute http, https, ws or wss URL"))
    }
}

impl FromText for HeaderName {
    fn from_text(text: &str) -> Result<Self, String> {
        Self::parse(text.trim()).ok_or_else(|| format!("\"{text}\" is no header name"))
    }
}

impl FromText for HeaderValue {
    fn from_text(text: &str) -> Result<Self, String> {
        // A literal over several lines is one line on the wire; in a result a line break is an attack or a mistake.
        let joined =
            text.split(['\r', '\n']).map(str::trim).filter(|line| !line.is_empty()).collect::<Vec<_>>().join(" ");
        Self::parse(&joined).ok_or_else(|| "it holds a character that no header may hold".into())
    }

    fn from_result(text: &str) -> Result<Self, String> {
        Self::parse(text).ok_or_else(|| "it holds a line break, which no header may hold".into())
    }

    fn from_null() -> Result<Self, String> {
        Ok(Self::default())
    }
}
