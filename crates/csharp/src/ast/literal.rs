//! Literals, each with the value and the type that the language gives it.

use rust_decimal::Decimal;

/// A literal with its value.
#[derive(Clone, Debug, PartialEq)]
pub enum Literal {
    /// `null`.
    Null,
    /// `true`, `false`.
    Bool(bool),
    /// `'a'`: one UTF-16 code unit.
    Char(u16),
    /// `"a"`, `@"a"`.
    String(Text),
    /// An integer that fits `int` and has no suffix.
    Int(i32),
    /// An integer that fits `uint`, or one with `u`.
    UInt(u32),
    /// An integer that fits `long`, or one with `l`.
    Long(i64),
    /// An integer that fits only `ulong`, or one with `ul`.
    ULong(u64),
    /// `1.5f`.
    Float(f32),
    /// `1.5`, `1e3`, `1d`.
    Double(f64),
    /// `1.50m`; the scale is the written one.
    Decimal(Decimal),
}

/// The characters of a string literal. .NET strings are sequences of UTF-16 code units, so an escape may leave half a
/// surrogate pair alone, which UTF-8 cannot hold.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Text {
    /// Well-formed text: all but the strangest literals.
    Utf8(Box<str>),
    /// Text with a lone surrogate.
    Utf16(Box<[u16]>),
}

impl Text {
    /// The shortest form that holds `units`.
    pub fn from_units(units: Vec<u16>) -> Self {
        match String::from_utf16(&units) {
            Ok(text) => Self::Utf8(text.into()),
            Err(_) => Self::Utf16(units.into()),
        }
    }

    /// The text as UTF-8, unless it holds a lone surrogate.
    pub fn as_str(&self) -> Option<&str> {
        match self {
            Self::Utf8(text) => Some(text),
            Self::Utf16(_) => None,
        }
    }

    /// The UTF-16 code units.
    pub fn units(&self) -> Vec<u16> {
        match self {
            Self::Utf8(text) => text.encode_utf16().collect(),
            Self::Utf16(units) => units.to_vec(),
        }
    }

    /// Whether there are no characters.
    pub fn is_empty(&self) -> bool {
        match self {
            Self::Utf8(text) => text.is_empty(),
            Self::Utf16(units) => units.is_empty(),
        }
    }
}

impl From<&str> for Text {
    fn from(text: &str) -> Self {
        Self::Utf8(text.into())
    }
}
