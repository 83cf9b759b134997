//! What a `JValue` holds.

use num_bigint::BigInt;
use rust_decimal::Decimal;
use std::rc::Rc;

use crate::Text;
use crate::number::{format_double, format_single};
use crate::time::{DateTime, DateTimeOffset, format_time_span};
use crate::token::JTokenType;

/// The content of a `JValue`; which variant it is decides `JToken.Type`.
#[derive(Clone, Debug)]
pub enum Value {
    /// `null`.
    Null,
    /// `undefined`.
    Undefined,
    /// A value of type String that holds no string, as `new JValue((string)null)` makes it.
    NullString,
    /// A Boolean.
    Boolean(bool),
    /// An integer that fits 64 bits.
    Integer(i64),
    /// One that does not.
    BigInteger(Box<BigInt>),
    /// A `double`.
    Float(f64),
    /// A `float`, never from text.
    Single(f32),
    /// A `decimal`, never from text; of type Float.
    Decimal(Decimal),
    /// A string.
    String(Text),
    /// A `DateTime`.
    Date(DateTime),
    /// A `DateTimeOffset`; of type Date.
    DateOffset(DateTimeOffset),
    /// Bytes, written as base64.
    Bytes(Rc<[u8]>),
    /// A GUID, its 32 digits as one number.
    Guid(u128),
    /// A URI in its original spelling.
    Uri(Text),
    /// A `TimeSpan` in ticks of 100 ns.
    TimeSpan(i64),
    /// A comment's content.
    Comment(Text),
    /// `JRaw`: JSON text that is written as it is.
    Raw(Text),
}

impl Value {
    /// `JToken.Type` of a value with this content.
    pub fn kind(&self) -> JTokenType {
        match self {
            Value::Null => JTokenType::Null,
            Value::Undefined => JTokenType::Undefined,
            Value::NullString | Value::String(_) => JTokenType::String,
            Value::Boolean(_) => JTokenType::Boolean,
            Value::Integer(_) | Value::BigInteger(_) => JTokenType::Integer,
            Value::Float(_) | Value::Single(_) | Value::Decimal(_) => JTokenType::Float,
            Value::Date(_) | Value::DateOffset(_) => JTokenType::Date,
            Value::Bytes(_) => JTokenType::Bytes,
            Value::Guid(_) => JTokenType::Guid,
            Value::Uri(_) => JTokenType::Uri,
            Value::TimeSpan(_) => JTokenType::TimeSpan,
            Value::Comment(_) => JTokenType::Comment,
            Value::Raw(_) => JTokenType::Raw,
        }
    }

    /// Whether `JValue.Value` is null.
    pub fn is_null(&self) -> bool {
        matches!(self, Value::Null | Value::Undefined | Value::NullString)
    }

    /// `JValue.ToString()` under the invariant culture: no quotes, nothing for null.
    pub fn display(&self) -> Text {
        match self {
            Value::Null | Value::Undefined | Value::NullString => "".into(),
            Value::Boolean(b) => if *b { "True" } else { "False" }.into(),
            Value::Integer(n) => n.to_string().into(),
            Value::BigInteger(n) => n.to_string().into(),
            Value::Float(n) => format_double(*n).into(),
            Value::Single(n) => format_single(*n).into(),
            Value::Decimal(n) => n.to_string().into(),
            Value::String(t) | Value::Uri(t) | Value::Comment(t) | Value::Raw(t) => t.clone(),
            Value::Date(d) => d.invariant().into(),
            Value::DateOffset(d) => d.invariant().into(),
            Value::Bytes(_) => "System.Byte[]".into(),
            Value::Guid(g) => format_guid(*g).into(),
            Value::TimeSpan(t) => format_time_span(*t).into(),
        }
    }
}

impl From<bool> for Value {
    fn from(value: bool) -> Self {
        Value::Boolean(value)
    }
}

impl From<i64> for Value {
    fn from(value: i64) -> Self {
        Value::Integer(value)
    }
}

impl From<f64> for Value {
    fn from(value: f64) -> Self {
        Value::Float(value)
    }
}

impl From<&str> for Value {
    fn from(value: &str) -> Self {
        Value::String(value.into())
    }
}

impl From<String> for Value {
    fn from(value: String) -> Self {
        Value::String(value.into())
    }
}

/// `Guid.ToString()`.
pub fn format_guid(guid: u128) -> String {
    let hex = format!("{guid:032x}");
    let mut out = String::with_capacity(36);
    for (index, digit) in hex.chars().enumerate() {
        if matches!(index, 8 | 12 | 16 | 20) {
            out.push('-');
        }
        out.push(digit);
    }
    out
}

/// Reads the notations N, D, B and P of a GUID.
pub fn parse_guid(text: &str) -> Option<u128> {
    let text = text.trim();
    let inner = text
        .strip_prefix('{')
        .map_or_else(|| text.strip_prefix('(').map(|t| t.strip_suffix(')')), |t| Some(t.strip_suffix('}')))
        .unwrap_or(Some(text))?;
    let bytes = inner.as_bytes();
    let shaped = match bytes.len() {
        32 => inner.len() == text.len() && bytes.iter().all(u8::is_ascii_hexdigit),
        36 => bytes.iter().enumerate().all(|(i, b)| match i {
            8 | 13 | 18 | 23 => *b == b'-',
            _ => b.is_ascii_hexdigit(),
        }),
        _ => false,
    };
    let digits: String = inner.chars().filter(|c| *c != '-').collect();
    shaped.then(|| u128::from_str_radix(&digits, 16).ok()).flatten()
}
