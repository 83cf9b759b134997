//! Numeric literals.

use rust_decimal::Decimal;

use super::Lexer;
use crate::ast::Literal;

impl Lexer<'_> {
    /// Reads the number that starts here. A wrong one is reported and counts as zero.
    pub(super) fn number(&mut self) {
        let start = self.at;
        let radix = match (self.peek_byte(0), self.peek_byte(1)) {
            (Some(b'0'), Some(b'x' | b'X')) => 16,
            (Some(b'0'), Some(b'b' | b'B')) => 2,
            _ => 10,
        };
        let value = if radix == 10 { self.decimal_number(start) } else { self.prefixed_integer(start, radix) };
        let kind = self.literal(value);
        self.push(kind, start);
    }

    fn prefixed_integer(&mut self, start: usize, radix: u32) -> Literal {
        self.at += 2;
        let (digits, well_formed) = self.digits(radix, true);
        self.integer(start, &digits, radix, well_formed)
    }

    fn decimal_number(&mut self, start: usize) -> Literal {
        let (mut text, mut well_formed) = self.digits(10, false);
        let mut real = false;
        if self.peek_byte(0) == Some(b'.') && self.peek_byte(1).is_some_and(|next| next.is_ascii_digit()) {
            real = true;
            self.at += 1;
            let (fraction, fits) = self.digits(10, false);
            well_formed &= fits;
            text.push('.');
            text.push_str(&fraction);
        }
        if matches!(self.peek_byte(0), Some(b'e' | b'E')) {
            real = true;
            self.at += 1;
            text.push('e');
            if let Some(sign @ (b'+' | b'-')) = self.peek_byte(0) {
                self.at += 1;
                text.push(sign as char);
            }
            let (exponent, fits) = self.digits(10, false);
            well_formed &= fits;
            if exponent.is_empty() {
                self.error("CS0595", "Invalid real literal.", start, self.at);
                text.push('0');
            }
            text.push_str(&exponent);
        }
        let suffix = self.peek_byte(0).map(|byte| byte.to_ascii_lowercase());
        if matches!(suffix, Some(b'f' | b'd' | b'm')) {
            self.at += 1;
        } else if !real {
            return self.integer(start, &text, 10, well_formed);
        }
        if !well_formed {
            self.error("CS1013", "Invalid number", start, self.at);
        }
        self.real(start, &text, suffix)
    }

    fn real(&mut self, start: usize, text: &str, suffix: Option<u8>) -> Literal {
        let (value, kind) = match suffix {
            Some(b'f') => (text.parse().ok().filter(|value: &f32| value.is_finite()).map(Literal::Float), "float"),
            Some(b'm') => (decimal(text).map(Literal::Decimal), "decimal"),
            _ => (text.parse().ok().filter(|value: &f64| value.is_finite()).map(Literal::Double), "double"),
        };
        value.unwrap_or_else(|| {
            let message = format!("Floating-point constant is outside the range of type '{kind}'");
            self.error("CS0594", message, start, self.at);
            match suffix {
                Some(b'f') => Literal::Float(0.0),
                Some(b'm') => Literal::Decimal(Decimal::ZERO),
                _ => Literal::Double(0.0),
            }
        })
    }

    fn integer(&mut self, start: usize, digits: &str, radix: u32, well_formed: bool) -> Literal {
        let (mut unsigned, mut long) = (false, false);
        loop {
            match self.peek_byte(0) {
                Some(b'u' | b'U') if !unsigned => unsigned = true,
                Some(b'l' | b'L') if !long => long = true,
                _ => break,
            }
            self.at += 1;
        }
        if digits.is_empty() || !well_formed {
            self.error("CS1013", "Invalid number", start, self.at);
            return Literal::Int(0);
        }
        let Ok(value) = u64::from_str_radix(digits, radix) else {
            self.error("CS1021", "Integral constant is too large", start, self.at);
            return Literal::Int(0);
        };
        // The first type that holds the value, among those that the suffix leaves.
        match (unsigned, long) {
            (false, false) if i32::try_from(value).is_ok() => Literal::Int(value as i32),
            (_, false) if u32::try_from(value).is_ok() => Literal::UInt(value as u32),
            (false, _) if i64::try_from(value).is_ok() => Literal::Long(value as i64),
            _ => Literal::ULong(value),
        }
    }

    /// The digits here without `_`, and whether each `_` stands between digits (or right behind a prefix).
    fn digits(&mut self, radix: u32, after_prefix: bool) -> (String, bool) {
        let mut digits = String::new();
        let mut last_separates = false;
        let mut well_formed = true;
        while let Some(byte) = self.peek_byte(0) {
            if byte == b'_' {
                well_formed &= after_prefix || !digits.is_empty();
                last_separates = true;
            } else if (byte as char).is_digit(radix) {
                digits.push(byte as char);
                last_separates = false;
            } else {
                break;
            }
            self.at += 1;
        }
        (digits, well_formed && !last_separates)
    }
}

/// `text` (`1.50e3`) as .NET reads a decimal: at most 96 bits and 28 places, the rest rounded half to even. The written
/// places count, so `1.50` differs from `1.5`. None where it is too large.
fn decimal(text: &str) -> Option<Decimal> {
    const LARGEST: u128 = (1 << 96) - 1;
    let (mantissa, exponent) = text.split_once('e').unwrap_or((text, "0"));
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    // An exponent that does not fit makes the value zero or too large anyway.
    let exponent = exponent.parse::<i64>().unwrap_or(if exponent.starts_with('-') { -100_000 } else { 100_000 });
    let exponent = exponent.clamp(-100_000, 100_000);
    let digits: Vec<u8> = whole.bytes().chain(fraction.bytes()).map(|byte| byte.wrapping_sub(b'0')).collect();
    let mut scale = fraction.len() as i64 - exponent;
    let mut value: u128 = 0;
    let mut rest = digits.as_slice();
    // Take digits while they fit, leaving out those behind the 28th place.
    while let [digit, tail @ ..] = rest {
        let next = value * 10 + u128::from(*digit);
        if next > LARGEST || scale - tail.len() as i64 > 28 {
            break;
        }
        value = next;
        rest = tail;
    }
    scale -= rest.len() as i64;
    if let [first, tail @ ..] = rest {
        let more_than_half = *first > 5 || (*first == 5 && tail.iter().any(|digit| *digit != 0));
        // A digit before the first that can count at all cannot round up to it.
        if scale <= 28 && (more_than_half || (*first == 5 && value % 2 == 1)) {
            value += 1;
            if value > LARGEST {
                value = value / 10 + u128::from(value % 10 >= 5);
                scale -= 1;
            }
        }
    }
    while scale < 0 && value != 0 {
        value = value.checked_mul(10).filter(|value| *value <= LARGEST)?;
        scale += 1;
    }
    Decimal::try_from_i128_with_scale(i128::try_from(value).ok()?, scale.clamp(0, 28) as u32).ok()
}

/// Whether `token` is the decimal integer whose negation is the smallest `int` or `long`: C# reads sign and digits as one.
pub(crate) fn negated_minimum(text: &str, value: &Literal) -> Option<Literal> {
    let hexadecimal =
        text.starts_with("0x") || text.starts_with("0X") || text.starts_with("0b") || text.starts_with("0B");
    let unsigned = text.contains(['u', 'U']);
    let suffixed = unsigned || text.contains(['l', 'L']);
    match value {
        _ if hexadecimal || unsigned => None,
        Literal::UInt(0x8000_0000) if !suffixed => Some(Literal::Int(i32::MIN)),
        Literal::ULong(0x8000_0000_0000_0000) => Some(Literal::Long(i64::MIN)),
        _ => None,
    }
}
