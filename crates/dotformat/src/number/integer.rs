//! Integers of all eight widths as text and back.

use super::digits::Digits;
use super::parse::{Parts, is_white};
use super::standard::Spec;
use super::styles::NumberStyles;
use super::{custom, standard};
use crate::{Error, Result};

/// The integer types of C#.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum IntType {
    /// `sbyte`
    SByte,
    /// `byte`
    Byte,
    /// `short`
    Int16,
    /// `ushort`
    UInt16,
    /// `int`
    Int32,
    /// `uint`
    UInt32,
    /// `long`
    Int64,
    /// `ulong`
    UInt64,
}

impl IntType {
    /// Width in bits.
    pub fn bits(self) -> u32 {
        match self {
            Self::SByte | Self::Byte => 8,
            Self::Int16 | Self::UInt16 => 16,
            Self::Int32 | Self::UInt32 => 32,
            Self::Int64 | Self::UInt64 => 64,
        }
    }

    /// Whether it has a sign.
    pub fn is_signed(self) -> bool {
        matches!(self, Self::SByte | Self::Int16 | Self::Int32 | Self::Int64)
    }

    /// `MinValue`.
    pub fn min(self) -> i128 {
        if self.is_signed() { -(1 << (self.bits() - 1)) } else { 0 }
    }

    /// `MaxValue`.
    pub fn max(self) -> i128 {
        (1 << (self.bits() - u32::from(self.is_signed()))) - 1
    }

    /// The `OverflowException` of conversions to this type.
    pub fn overflow(self) -> Error {
        Error::overflow(match self {
            Self::SByte => "Value was either too large or too small for a signed byte.",
            Self::Byte => "Value was either too large or too small for an unsigned byte.",
            Self::Int16 => "Value was either too large or too small for an Int16.",
            Self::UInt16 => "Value was either too large or too small for a UInt16.",
            Self::Int32 => "Value was either too large or too small for an Int32.",
            Self::UInt32 => "Value was either too large or too small for a UInt32.",
            Self::Int64 => "Value was either too large or too small for an Int64.",
            Self::UInt64 => "Value was either too large or too small for a UInt64.",
        })
    }

    fn check(self, value: i128) -> Result<i128> {
        if (self.min()..=self.max()).contains(&value) { Ok(value) } else { Err(self.overflow()) }
    }
}

/// `ToString(format)` of an integer. `value` is in the range of `ty`; its width shows in `X` of a negative number.
pub fn format_integer(value: i128, ty: IntType, format: &str) -> Result<String> {
    match Spec::parse(format) {
        Spec::Standard('D' | 'd', precision) => Ok(padded(value, precision.unwrap_or(0))),
        Spec::Standard('G' | 'g', None | Some(0)) => Ok(value.to_string()),
        Spec::Standard(letter @ ('X' | 'x'), precision) => {
            let bits = value as u128 & ((1 << ty.bits()) - 1);
            let width = precision.unwrap_or(0) as usize;
            Ok(if letter == 'X' { format!("{bits:0width$X}") } else { format!("{bits:0width$x}") })
        }
        Spec::Standard(letter, precision) => standard::write(Digits::of_integer(value), letter, precision),
        Spec::Custom(pattern) => Ok(custom::write(Digits::of_integer(value), pattern)),
    }
}

fn padded(value: i128, precision: i32) -> String {
    let width = precision as usize;
    let sign = if value < 0 { "-" } else { "" };
    format!("{sign}{:0width$}", value.unsigned_abs())
}

/// `Parse(text, styles)` of an integer type.
pub fn parse_integer(text: &str, styles: NumberStyles, ty: IntType) -> Result<i128> {
    styles.check_integer()?;
    if styles.has(NumberStyles::ALLOW_HEX_SPECIFIER) {
        return parse_hex(text, styles, ty);
    }
    let parts = Parts::read(text, styles).ok_or_else(Error::bad_input)?;
    let significant = parts.digits.trim_end_matches('0');
    if significant.is_empty() {
        // `-0` is zero; `-0.0` is not an unsigned zero to .NET, which kept the sign because of the point.
        return if parts.negative && parts.has_point && !ty.is_signed() { Err(ty.overflow()) } else { Ok(0) };
    }
    let dropped = (parts.digits.len() - significant.len()) as i32;
    let power = dropped.saturating_sub(parts.decimals());
    // A fraction is an overflow to .NET, not a format error.
    let power = u32::try_from(power).map_err(|_| ty.overflow())?;
    let value = significant.parse::<i128>().ok().zip(10i128.checked_pow(power)).and_then(|(v, p)| v.checked_mul(p));
    let value = value.ok_or_else(|| ty.overflow())?;
    ty.check(if parts.negative { -value } else { value })
}

fn parse_hex(text: &str, styles: NumberStyles, ty: IntType) -> Result<i128> {
    let mut text = text.trim_end_matches('\0');
    if styles.has(NumberStyles::ALLOW_LEADING_WHITE) {
        text = text.trim_start_matches(is_white);
    }
    if styles.has(NumberStyles::ALLOW_TRAILING_WHITE) {
        text = text.trim_end_matches(is_white);
    }
    if text.is_empty() || !text.bytes().all(|b| b.is_ascii_hexdigit()) {
        return Err(Error::bad_input());
    }
    let digits = text.trim_start_matches('0');
    if digits.len() * 4 > ty.bits() as usize {
        return Err(ty.overflow());
    }
    let bits = if digits.is_empty() { 0 } else { i128::from_str_radix(digits, 16).map_err(|_| Error::bad_input())? };
    Ok(if bits > ty.max() { bits - (1 << ty.bits()) } else { bits })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ErrorKind;

    fn int(value: i128, format: &str) -> String {
        format_integer(value, IntType::Int32, format).unwrap()
    }

    #[test]
    fn integers_print_as_the_recorded_cases() {
        for (value, format, text) in [
            (1000000007, "#,##0;(#,##0);-", "1,000,000,007"),
            (-7, "00,000", "-00,007"),
            (0, "D", "0"),
            (0, "N0", "0"),
            (-7, "#,##0;(#,##0);-", "(7)"),
            (0, "#,##0;(#,##0);-", "-"),
            (65535, "00,000", "65,535"),
            (-2147483648, "#,##0;(#,##0);-", "(2,147,483,648)"),
            (7, "X", "7"),
            (7, "G3", "7"),
            (-2147483648, "G3", "-2.15E+09"),
            (0, "P0", "0 %"),
            (1000000007, "N2", "1,000,000,007.00"),
            (-2147483648, "X", "80000000"),
            (0, "D8", "00000000"),
            (-2147483648, "E3", "-2.147E+009"),
            (-7, "P0", "-700 %"),
            (-2147483648, "x6", "80000000"),
            (65535, "E3", "6.554E+004"),
            (65535, "x6", "00ffff"),
            (-7, "F1", "-7.0"),
            (-7, "D8", "-00000007"),
            (-2147483648, "P0", "-214,748,364,800 %"),
            (12, "#####", "12"),
            (5, "0 units", "5 units"),
            (5, "0\\#", "5#"),
            (123456789, "000-000-000", "123-456-789"),
            (1, "P", "100.00 %"),
            (1234, "G2", "1.2E+03"),
            (1234567, "#,##0", "1,234,567"),
            (1234567, "0,0", "1,234,567"),
            (1234567, "0,", "1235"),
            (5, "pos;neg;zero", "pos"),
            (5, "'lit'0", "lit5"),
            (1234, "#-#", "123-4"),
            (-1, "00;(00)", "(01)"),
            (-1, "X", "FFFFFFFF"),
            (123, "D6", "000123"),
            (12345, "E2", "1.23E+004"),
            (0, "#", ""),
        ] {
            assert_eq!(int(value, format), text, "{value} {format}");
        }
        assert_eq!(format_integer(-1, IntType::SByte, "X").unwrap(), "FF");
        assert_eq!(format_integer(1234, IntType::Int32, "R"), Err(Error::bad_specifier()));
        assert_eq!(format_integer(1234, IntType::Int32, "Z"), Err(Error::bad_specifier()));
    }

    #[test]
    fn integers_read_as_the_recorded_cases() {
        let read = |text: &str, styles, ty| parse_integer(text, styles, ty).map_err(|e| e.kind);
        use IntType::*;
        const INTEGER: NumberStyles = NumberStyles::INTEGER;
        for (text, styles, ty, value) in [
            ("12", INTEGER, Int32, Ok(12)),
            (" 12", INTEGER, Int32, Ok(12)),
            ("12 ", INTEGER, Int32, Ok(12)),
            ("+12", INTEGER, Int32, Ok(12)),
            ("-128", INTEGER, SByte, Ok(-128)),
            ("18446744073709551615", INTEGER, UInt64, Ok(u64::MAX.into())),
            ("-9223372036854775808", INTEGER, Int64, Ok(i64::MIN.into())),
            ("-0", INTEGER, UInt32, Ok(0)),
            ("1,234", INTEGER, Int32, Err(ErrorKind::Format)),
            ("1,234", NumberStyles::ALLOW_THOUSANDS, Int32, Ok(1234)),
            ("1.0", NumberStyles::ANY, Int32, Ok(1)),
            ("1.5", NumberStyles::ANY, Int32, Err(ErrorKind::Overflow)),
            ("1e2", NumberStyles::FLOAT, Int32, Ok(100)),
            ("1F", NumberStyles::HEX_NUMBER, Int32, Ok(31)),
            ("FFFFFFFF", NumberStyles::HEX_NUMBER, Int32, Ok(-1)),
            ("1FFFFFFFF", NumberStyles::HEX_NUMBER, Int32, Err(ErrorKind::Overflow)),
            ("0x1F", NumberStyles::HEX_NUMBER, Int32, Err(ErrorKind::Format)),
            ("-1", INTEGER, UInt32, Err(ErrorKind::Overflow)),
            ("256", INTEGER, Byte, Err(ErrorKind::Overflow)),
            ("2147483648", INTEGER, Int32, Err(ErrorKind::Overflow)),
            ("12.0", INTEGER, Int32, Err(ErrorKind::Format)),
            ("1 2", INTEGER, Int32, Err(ErrorKind::Format)),
            ("(12)", INTEGER, Int32, Err(ErrorKind::Format)),
            ("(12)", NumberStyles::ANY, Int32, Ok(-12)),
            ("", INTEGER, Int32, Err(ErrorKind::Format)),
        ] {
            assert_eq!(read(text, styles, ty), value, "{text}");
        }
        assert_eq!(
            parse_integer("256", INTEGER, Byte).unwrap_err().message,
            "Value was either too large or too small for an unsigned byte."
        );
    }
}
