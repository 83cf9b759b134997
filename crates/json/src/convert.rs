//! The explicit conversions of `JToken`: `(int)token`, `(string)token` and their like.

use base64::Engine;
use num_bigint::BigInt;
use num_traits::ToPrimitive;
use rust_decimal::Decimal;
use rust_decimal::prelude::{FromPrimitive, RoundingStrategy};
use std::rc::Rc;

use crate::error::{Error, ErrorKind, Result};
use crate::time::{DateTime, parse_plain_date, parse_time_span};
use crate::token::{JToken, JTokenType};
use crate::value::{Value, parse_guid};
use crate::{DateKind, DateTimeOffset, Text};

/// The integer types that a token converts to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs, reason = "the .NET names")]
pub enum Integral {
    SByte,
    Byte,
    Int16,
    UInt16,
    Int32,
    UInt32,
    Int64,
    UInt64,
}

impl Integral {
    fn name(self) -> &'static str {
        match self {
            Integral::SByte => "SByte",
            Integral::Byte => "Byte",
            Integral::Int16 => "Int16",
            Integral::UInt16 => "UInt16",
            Integral::Int32 => "Int32",
            Integral::UInt32 => "UInt32",
            Integral::Int64 => "Int64",
            Integral::UInt64 => "UInt64",
        }
    }

    fn described(self) -> &'static str {
        match self {
            Integral::SByte => "a signed byte",
            Integral::Byte => "an unsigned byte",
            Integral::Int16 => "an Int16",
            Integral::UInt16 => "a UInt16",
            Integral::Int32 => "an Int32",
            Integral::UInt32 => "a UInt32",
            Integral::Int64 => "an Int64",
            Integral::UInt64 => "a UInt64",
        }
    }

    fn holds(self, n: i128) -> bool {
        let (low, high) = match self {
            Integral::SByte => (i128::from(i8::MIN), i128::from(i8::MAX)),
            Integral::Byte => (0, i128::from(u8::MAX)),
            Integral::Int16 => (i128::from(i16::MIN), i128::from(i16::MAX)),
            Integral::UInt16 => (0, i128::from(u16::MAX)),
            Integral::Int32 => (i128::from(i32::MIN), i128::from(i32::MAX)),
            Integral::UInt32 => (0, i128::from(u32::MAX)),
            Integral::Int64 => (i128::from(i64::MIN), i128::from(i64::MAX)),
            Integral::UInt64 => (0, i128::from(u64::MAX)),
        };
        (low..=high).contains(&n)
    }

    fn overflow(self) -> Error {
        too_large(self.described())
    }
}

fn too_large(what: &str) -> Error {
    Error::new(ErrorKind::Overflow, format!("Value was either too large or too small for {what}."))
}

fn not_a_number() -> Error {
    Error::new(ErrorKind::Format, "Input string was not in a correct format.")
}

use JTokenType as T;
const BOOLEAN: &[T] = &[T::Integer, T::Float, T::String, T::Comment, T::Raw, T::Boolean];
const NUMBER: &[T] = BOOLEAN;
const STRING: &[T] =
    &[T::Date, T::Integer, T::Float, T::String, T::Comment, T::Raw, T::Boolean, T::Bytes, T::Guid, T::TimeSpan, T::Uri];
const GUID: &[T] = &[T::String, T::Comment, T::Raw, T::Guid, T::Bytes];
const TIME_SPAN: &[T] = &[T::String, T::Comment, T::Raw, T::TimeSpan];
const URI: &[T] = &[T::String, T::Comment, T::Raw, T::Uri];
const CHAR: &[T] = &[T::Integer, T::Float, T::String, T::Comment, T::Raw];
const DATE: &[T] = &[T::Date, T::String, T::Comment, T::Raw];
const BYTES: &[T] = &[T::Bytes, T::String, T::Comment, T::Raw, T::Integer];

impl JToken {
    /// What a conversion to a nullable type turns into null: `null` and `undefined`, also as a property's value.
    pub fn casts_to_null(&self) -> bool {
        self.subject().as_value().is_some_and(|value| value.is_null())
    }

    fn subject(&self) -> JToken {
        self.property_value().unwrap_or_else(|| self.clone())
    }

    /// The value to convert, where its type is one of `allowed`; `target` is for the message.
    fn cast(&self, allowed: &[JTokenType], target: &str) -> Result<Value> {
        let subject = self.subject();
        let kind = subject.kind();
        match subject.as_value().filter(|value| allowed.contains(&kind) && !value.is_null()) {
            Some(value) => Ok(value),
            None => Err(Error::argument(format!("Can not convert {kind} to {target}."))),
        }
    }

    /// The date, or the text that `DateTime.Parse` has still to read (its formats are not this crate's business).
    pub fn date_operand(&self) -> Result<Value> {
        self.cast(DATE, "DateTime")
    }

    /// `(int)token` and the other integers.
    pub fn to_integer(&self, target: Integral) -> Result<i128> {
        to_integer(&self.cast(NUMBER, target.name())?, target)
    }

    /// `(bool)token`.
    pub fn to_boolean(&self) -> Result<bool> {
        to_boolean(&self.cast(BOOLEAN, "Boolean")?)
    }

    /// `(double)token`.
    pub fn to_double(&self) -> Result<f64> {
        to_double(&self.cast(NUMBER, "Double")?)
    }

    /// `(float)token`.
    pub fn to_single(&self) -> Result<f32> {
        Ok(match self.cast(NUMBER, "Single")? {
            Value::Single(n) => n,
            value => to_double(&value)? as f32,
        })
    }

    /// `(decimal)token`.
    pub fn to_decimal(&self) -> Result<Decimal> {
        to_decimal(&self.cast(NUMBER, "Decimal")?)
    }

    /// `(string)token`; `None` is null.
    pub fn to_text(&self) -> Result<Option<Text>> {
        if self.casts_to_null() {
            return Ok(None);
        }
        Ok(Some(match self.cast(STRING, "String")? {
            Value::Bytes(bytes) => base64::engine::general_purpose::STANDARD.encode(bytes).into(),
            value => value.display(),
        }))
    }

    /// `(DateTime)token`, where a text is in one of the ISO forms. See [`JToken::date_operand`].
    pub fn to_date(&self) -> Result<DateTime> {
        to_date(&self.date_operand()?)
    }

    /// `(DateTimeOffset)token`, where a text is in one of the ISO forms.
    pub fn to_date_offset(&self) -> Result<DateTimeOffset> {
        match self.cast(DATE, "DateTimeOffset")? {
            Value::DateOffset(date) => Ok(date),
            Value::Date(date) => Ok(DateTimeOffset { ticks: date.ticks, offset: 0 }),
            value => {
                let text = value.display();
                let plain = || parse_plain_date(&text).map(|d| DateTimeOffset { ticks: d.ticks, offset: 0 });
                crate::time::parse_json_offset(&text).or_else(plain).ok_or_else(|| not_a_date(&text))
            }
        }
    }

    /// `(Guid)token`, as the number of its 32 digits.
    pub fn to_guid(&self) -> Result<u128> {
        match self.cast(GUID, "Guid")? {
            Value::Guid(guid) => Ok(guid),
            // .NET's byte order: the first three groups are little-endian.
            Value::Bytes(bytes) => match <[u8; 16]>::try_from(&*bytes) {
                Ok([a, b, c, d, e, f, g, h, rest @ ..]) => {
                    let [i, j, k, l, m, n, o, p] = rest;
                    Ok(u128::from_be_bytes([d, c, b, a, f, e, h, g, i, j, k, l, m, n, o, p]))
                }
                Err(_) => Err(Error::argument("Byte array for GUID must be exactly 16 bytes long. (Parameter 'b')")),
            },
            value => parse_guid(&value.display()).ok_or_else(|| {
                Error::new(
                    ErrorKind::Format,
                    "Guid should contain 32 digits with 4 dashes (xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx).",
                )
            }),
        }
    }

    /// `(TimeSpan)token` in ticks.
    pub fn to_time_span(&self) -> Result<i64> {
        match self.cast(TIME_SPAN, "TimeSpan")? {
            Value::TimeSpan(ticks) => Ok(ticks),
            value => {
                let text = value.display();
                parse_time_span(&text).ok_or_else(|| {
                    Error::new(ErrorKind::Format, format!("String '{text}' was not recognized as a valid TimeSpan."))
                })
            }
        }
    }

    /// `(Uri)token` in its original spelling; `None` is null.
    pub fn to_uri(&self) -> Result<Option<Text>> {
        if self.casts_to_null() { Ok(None) } else { self.cast(URI, "Uri").map(|value| Some(value.display())) }
    }

    /// `(byte[])token`; `None` is null.
    pub fn to_bytes(&self) -> Result<Option<Rc<[u8]>>> {
        if self.casts_to_null() {
            return Ok(None);
        }
        match self.cast(BYTES, "byte array")? {
            Value::Bytes(bytes) => Ok(Some(bytes)),
            Value::BigInteger(n) => Ok(Some(n.to_signed_bytes_le().into())),
            Value::Integer(_) => Err(Error::argument("Can not convert Integer to byte array.")),
            value => {
                let text: String = value.display().chars().filter(|c| !c.is_ascii_whitespace()).collect();
                base64::engine::general_purpose::STANDARD.decode(text).map(|b| Some(b.into())).map_err(|_| {
                    Error::new(
                        ErrorKind::Format,
                        "The input is not a valid Base-64 string as it contains a non-base 64 character, more than two padding characters, or an illegal character among the padding characters.",
                    )
                })
            }
        }
    }

    /// `(char)token` as a UTF-16 unit.
    pub fn to_char(&self) -> Result<u16> {
        match self.cast(CHAR, "Char")? {
            value @ (Value::Integer(_) | Value::BigInteger(_)) => {
                to_integer(&value, Integral::UInt16).map(|n| n as u16).map_err(|_| too_large("a character"))
            }
            Value::Float(_) | Value::Single(_) | Value::Decimal(_) => {
                Err(Error::new(ErrorKind::InvalidCast, "Invalid cast from 'Double' to 'Char'."))
            }
            value => {
                let text = value.display();
                let mut units = text.encode_utf16();
                match (units.next(), units.next()) {
                    (Some(unit), None) => Ok(unit),
                    _ => Err(Error::new(ErrorKind::Format, "String must be exactly one character long.")),
                }
            }
        }
    }
}

/// `Convert.ToInt32` and its like: halves go to the even neighbour.
pub(crate) fn to_integer(value: &Value, target: Integral) -> Result<i128> {
    let n = match value {
        Value::Boolean(b) => i128::from(*b),
        Value::Integer(n) => i128::from(*n),
        Value::BigInteger(n) => n.to_i128().ok_or_else(|| target.overflow())?,
        Value::Float(_) | Value::Single(_) => {
            let rounded = to_double(value)?.round_ties_even();
            if !target.holds(rounded as i128) || rounded.is_nan() || rounded.abs() > 1e30 {
                let wide = matches!(target, Integral::Int64 | Integral::UInt64);
                let unchecked = || Error::new(ErrorKind::Overflow, "Arithmetic operation resulted in an overflow.");
                return Err(if wide { unchecked() } else { target.overflow() });
            }
            rounded as i128
        }
        Value::Decimal(n) => n
            .round_dp_with_strategy(0, RoundingStrategy::MidpointNearestEven)
            .to_i128()
            .ok_or_else(|| target.overflow())?,
        other => {
            let text = other.display();
            let text = text.trim();
            let digits = text.strip_prefix(['-', '+']).unwrap_or(text);
            if digits.is_empty() || !digits.bytes().all(|b| b.is_ascii_digit()) {
                return Err(not_a_number());
            }
            text.parse::<i128>().map_err(|_| target.overflow())?
        }
    };
    if target.holds(n) { Ok(n) } else { Err(target.overflow()) }
}

pub(crate) fn to_double(value: &Value) -> Result<f64> {
    match value {
        Value::Boolean(b) => Ok(f64::from(u8::from(*b))),
        Value::Integer(n) => Ok(*n as f64),
        Value::BigInteger(n) => Ok(n.to_f64().unwrap_or(f64::INFINITY)),
        Value::Float(n) => Ok(*n),
        Value::Single(n) => Ok(f64::from(*n)),
        Value::Decimal(n) => n.to_string().parse().map_err(|_| not_a_number()),
        other => {
            let text = other.display();
            let text = text.trim();
            match text.to_ascii_lowercase().as_str() {
                "nan" | "-nan" => return Ok(f64::NAN),
                "infinity" | "+infinity" | "∞" => return Ok(f64::INFINITY),
                "-infinity" | "-∞" => return Ok(f64::NEG_INFINITY),
                _ => {}
            }
            let plain = text.bytes().all(|b| matches!(b, b'0'..=b'9' | b'+' | b'-' | b'.' | b'e' | b'E' | b','));
            let number = if plain { text.replace(',', "").parse().ok() } else { None };
            number.ok_or_else(not_a_number)
        }
    }
}

pub(crate) fn to_decimal(value: &Value) -> Result<Decimal> {
    let overflow = || too_large("a Decimal");
    match value {
        Value::Boolean(b) => Ok(Decimal::from(u8::from(*b))),
        Value::Integer(n) => Ok(Decimal::from(*n)),
        Value::BigInteger(n) => n.to_i128().and_then(Decimal::from_i128).ok_or_else(overflow),
        // .NET keeps 15 significant digits of a double, 7 of a float.
        Value::Float(n) => real_to_decimal(format!("{n:.14e}"), *n == 0.0),
        Value::Single(n) => real_to_decimal(format!("{n:.6e}"), *n == 0.0),
        Value::Decimal(n) => Ok(*n),
        other => {
            let text = other.display();
            let text = text.trim();
            let plain = text.bytes().all(|b| matches!(b, b'0'..=b'9' | b'+' | b'-' | b'.' | b','));
            if !plain || !text.bytes().any(|b| b.is_ascii_digit()) {
                return Err(not_a_number());
            }
            text.replace(',', "").parse().map_err(|error| match error {
                rust_decimal::Error::ExceedsMaximumPossibleValue
                | rust_decimal::Error::LessThanMinimumPossibleValue => overflow(),
                _ => not_a_number(),
            })
        }
    }
}

fn real_to_decimal(digits: String, zero: bool) -> Result<Decimal> {
    if zero {
        return Ok(Decimal::ZERO);
    }
    let (_, exponent) = digits.split_once('e').ok_or_else(|| too_large("a Decimal"))?;
    if exponent.parse::<i32>().is_ok_and(|e| e < -28) {
        return Ok(Decimal::ZERO);
    }
    Decimal::from_scientific(&digits).map(|n| n.normalize()).map_err(|_| too_large("a Decimal"))
}

pub(crate) fn to_boolean(value: &Value) -> Result<bool> {
    match value {
        Value::Boolean(b) => Ok(*b),
        Value::Integer(n) => Ok(*n != 0),
        Value::BigInteger(n) => Ok(**n != BigInt::from(0)),
        Value::Float(n) => Ok(*n != 0.0),
        Value::Single(n) => Ok(*n != 0.0),
        Value::Decimal(n) => Ok(!n.is_zero()),
        other => {
            let text = other.display();
            match text.trim().to_ascii_lowercase().as_str() {
                "true" => Ok(true),
                "false" => Ok(false),
                _ => Err(Error::new(
                    ErrorKind::Format,
                    format!("String '{text}' was not recognized as a valid Boolean."),
                )),
            }
        }
    }
}

pub(crate) fn to_date(value: &Value) -> Result<DateTime> {
    match value {
        Value::Date(date) => Ok(*date),
        Value::DateOffset(date) => Ok(DateTime { ticks: date.ticks, kind: DateKind::Unspecified }),
        other => {
            let text = other.display();
            parse_plain_date(&text).ok_or_else(|| not_a_date(&text))
        }
    }
}

fn not_a_date(text: &str) -> Error {
    Error::new(ErrorKind::Format, format!("String '{text}' was not recognized as a valid DateTime."))
}
