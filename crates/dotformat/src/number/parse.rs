//! Reading numbers: the grammar of `NumberStyles`, and real numbers and decimals from it.

use rust_decimal::Decimal;

use super::styles::NumberStyles;
use crate::decimal::from_digits;
use crate::{Error, Result};

/// `double.Parse`. What is too large is infinite, as since .NET Core 3.0.
pub fn parse_double(text: &str, styles: NumberStyles) -> Result<f64> {
    real(text, styles)
}

/// `float.Parse`.
pub fn parse_single(text: &str, styles: NumberStyles) -> Result<f32> {
    real(text, styles)
}

/// `decimal.Parse`. Digits past the 28th decimal place are rounded, midpoints to even.
pub fn parse_decimal(text: &str, styles: NumberStyles) -> Result<Decimal> {
    styles.check_real()?;
    let number = Parts::read(text, styles).ok_or_else(Error::bad_input)?;
    from_digits(number.negative, &number.digits, number.decimals())
}

fn real<T: std::str::FromStr + From<f32>>(text: &str, styles: NumberStyles) -> Result<T> {
    styles.check_real()?;
    if let Some(number) = Parts::read(text, styles) {
        let sign = if number.negative { "-" } else { "" };
        let digits = if number.digits.is_empty() { "0" } else { &number.digits };
        return format!("{sign}{digits}e{}", -number.decimals()).parse().map_err(|_| Error::bad_input());
    }
    let word = text.trim_matches(char::is_whitespace);
    let unsigned = word.strip_prefix(['+', '-']).unwrap_or(word);
    if word.eq_ignore_ascii_case("-Infinity") {
        Ok(f32::NEG_INFINITY.into())
    } else if unsigned.eq_ignore_ascii_case("Infinity") {
        Ok(f32::INFINITY.into())
    } else if unsigned.eq_ignore_ascii_case("NaN") {
        Ok(f32::NAN.into())
    } else {
        Err(Error::bad_input())
    }
}

/// A number's text taken apart.
#[derive(Debug)]
pub(super) struct Parts {
    pub(super) negative: bool,
    /// Digits without leading zeros; empty for zero.
    pub(super) digits: String,
    /// How many of the digits (leading zeros counted) stand after the point.
    fraction: i32,
    exponent: i32,
    pub(super) has_point: bool,
}

impl Parts {
    /// Reads the whole text, or nothing. Trailing NULs are ignored.
    pub(super) fn read(text: &str, styles: NumberStyles) -> Option<Self> {
        let mut reader = Reader { rest: text, styles, signed: false, open: false, currency: false, parts: Self::new() };
        reader.prefix();
        reader.digits()?;
        reader.exponent();
        reader.suffix();
        let whole = !reader.open && reader.rest.bytes().all(|b| b == 0);
        whole.then_some(reader.parts)
    }

    fn new() -> Self {
        Self { negative: false, digits: String::new(), fraction: 0, exponent: 0, has_point: false }
    }

    /// The value is `digits × 10^-decimals`.
    pub(super) fn decimals(&self) -> i32 {
        self.fraction.saturating_sub(self.exponent)
    }
}

struct Reader<'a> {
    rest: &'a str,
    styles: NumberStyles,
    signed: bool,
    open: bool,
    currency: bool,
    parts: Parts,
}

impl Reader<'_> {
    fn allows(&self, style: NumberStyles) -> bool {
        self.styles.has(style)
    }

    fn eat(&mut self, prefix: impl FnOnce(char) -> bool) -> Option<char> {
        let c = self.rest.chars().next().filter(|c| prefix(*c))?;
        self.rest = &self.rest[c.len_utf8()..];
        Some(c)
    }

    fn prefix(&mut self) {
        loop {
            // After a sign, white space is only good once the currency symbol was there.
            let white = self.allows(NumberStyles::ALLOW_LEADING_WHITE) && (!self.signed || self.currency);
            if white && self.eat(is_white).is_some() {
                continue;
            }
            if self.allows(NumberStyles::ALLOW_LEADING_SIGN) && self.sign() {
                continue;
            }
            if self.allows(NumberStyles::ALLOW_PARENTHESES) && !self.signed && self.eat(|c| c == '(').is_some() {
                (self.signed, self.open, self.parts.negative) = (true, true, true);
                continue;
            }
            if !self.currency_symbol() {
                return;
            }
        }
    }

    fn sign(&mut self) -> bool {
        if self.signed {
            return false;
        }
        let sign = self.eat(|c| matches!(c, '+' | '-'));
        self.signed = sign.is_some();
        self.parts.negative |= sign == Some('-');
        self.signed
    }

    fn currency_symbol(&mut self) -> bool {
        let found =
            self.allows(NumberStyles::ALLOW_CURRENCY_SYMBOL) && !self.currency && self.eat(|c| c == '¤').is_some();
        self.currency |= found;
        found
    }

    fn digits(&mut self) -> Option<()> {
        let mut any = false;
        let (points, groups) =
            (self.allows(NumberStyles::ALLOW_DECIMAL_POINT), self.allows(NumberStyles::ALLOW_THOUSANDS));
        loop {
            if let Some(digit) = self.eat(|c| c.is_ascii_digit()) {
                any = true;
                self.parts.fraction = self.parts.fraction.saturating_add(i32::from(self.parts.has_point));
                if digit != '0' || !self.parts.digits.is_empty() {
                    self.parts.digits.push(digit);
                }
            } else if points && !self.parts.has_point && self.eat(|c| c == '.').is_some() {
                self.parts.has_point = true;
            } else if !(groups && any && !self.parts.has_point && self.eat(|c| c == ',').is_some()) {
                return any.then_some(());
            }
        }
    }

    fn exponent(&mut self) {
        let before = self.rest;
        if !self.allows(NumberStyles::ALLOW_EXPONENT) || self.eat(|c| matches!(c, 'e' | 'E')).is_none() {
            return;
        }
        let negative = self.eat(|c| matches!(c, '+' | '-')) == Some('-');
        let end = self.rest.bytes().take_while(u8::is_ascii_digit).count();
        if end == 0 {
            self.rest = before;
            return;
        }
        let (digits, rest) = self.rest.split_at(end);
        // .NET stops counting past a thousand; no type reaches that far.
        let value = digits.parse::<i32>().map_or(9999, |value| if value > 1000 { 9999 } else { value });
        self.parts.exponent = if negative { -value } else { value };
        self.rest = rest;
    }

    fn suffix(&mut self) {
        loop {
            if self.allows(NumberStyles::ALLOW_TRAILING_WHITE) && self.eat(is_white).is_some() {
                continue;
            }
            if self.allows(NumberStyles::ALLOW_TRAILING_SIGN) && self.sign() {
                continue;
            }
            if self.open && self.eat(|c| c == ')').is_some() {
                self.open = false;
                continue;
            }
            if !self.currency_symbol() {
                return;
            }
        }
    }
}

/// White space to the number parsers: narrower than `char.IsWhiteSpace`.
pub(super) fn is_white(c: char) -> bool {
    matches!(c, ' ' | '\t'..='\r')
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ErrorKind;
    use proptest::prelude::*;

    fn double(text: &str) -> std::result::Result<String, ErrorKind> {
        parse_double(text, NumberStyles::FLOAT_AND_THOUSANDS).map(crate::double_to_string).map_err(|e| e.kind)
    }

    #[test]
    fn doubles_read_as_the_recorded_cases() {
        for (text, value) in [
            ("1.5", "1.5"),
            ("-1.5e3", "-1500"),
            ("1e400", "Infinity"),
            ("Infinity", "Infinity"),
            ("-Infinity", "-Infinity"),
            (" nan ", "NaN"),
            ("1,234.5", "1234.5"),
            ("-0", "-0"),
            ("5.", "5"),
            ("1e-400", "0"),
            ("1,5", "15"),
        ] {
            assert_eq!(double(text).as_deref(), Ok(value), "{text}");
        }
        for text in ["1_000", "∞", "", ".", "1e", "- 1", "1 2", "(1)"] {
            assert_eq!(double(text), Err(ErrorKind::Format), "{text}");
        }
    }

    #[test]
    fn singles_round_once() {
        let single = |text| parse_single(text, NumberStyles::FLOAT_AND_THOUSANDS);
        assert_eq!(single("1.1"), Ok(1.1));
        assert_eq!(single("16777217"), Ok(16777216.0));
        assert_eq!(single("1e40"), Ok(f32::INFINITY));
    }

    #[test]
    fn decimals_keep_their_scale() {
        let decimal = |text: &str| parse_decimal(text, NumberStyles::NUMBER).map(|d| crate::format_decimal(d, ""));
        for (text, value) in [
            ("1.23456789012345678901234567891", "1.2345678901234567890123456789"),
            (".5", "0.5"),
            ("0.00000000000000000000000000001", "0.0000000000000000000000000000"),
            ("1.50", "1.50"),
            (" 2 ", "2"),
            ("0.00", "0.00"),
            ("-1,000.10", "-1000.10"),
        ] {
            assert_eq!(decimal(text), Ok(Ok(value.into())), "{text}");
        }
        assert_eq!(decimal("79228162514264337593543950336").unwrap_err().kind, ErrorKind::Overflow);
        assert_eq!(decimal("1e3").unwrap_err().kind, ErrorKind::Format);
        assert_eq!(decimal("").unwrap_err().kind, ErrorKind::Format);
        let currency = parse_decimal("(¤1,234.5)", NumberStyles::CURRENCY).unwrap();
        assert_eq!(currency.to_string(), "-1234.5");
    }

    proptest! {
        #[test]
        fn reading_never_panics(text in "[-+0-9.,eE()¤ \\x00]{0,40}|\\PC{0,20}", styles in 0u32..0x400) {
            let styles = NumberStyles(styles);
            let _ = parse_double(&text, styles);
            let _ = parse_single(&text, styles);
            let _ = parse_decimal(&text, styles);
            let _ = crate::parse_integer(&text, styles, crate::IntType::Int32);
        }

        #[test]
        fn printing_never_panics(value: f64, whole: i64, format in "[CDEFGNPRX][0-9]{0,3}|[#0.,;%‰eE+\\-'\"\\\\x]{0,16}|\\PC{0,9}") {
            let _ = crate::format_double(value, &format);
            let _ = crate::format_integer(i128::from(whole), crate::IntType::Int64, &format);
            let _ = crate::format_decimal(Decimal::from_i128_with_scale(i128::from(whole), 7), &format);
        }

        #[test]
        fn a_double_reads_back_as_itself(value: f64) {
            prop_assume!(!value.is_nan());
            prop_assert_eq!(parse_double(&crate::double_to_string(value), NumberStyles::FLOAT_AND_THOUSANDS), Ok(value));
        }
    }
}
