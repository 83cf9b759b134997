//! `System.Decimal` arithmetic with .NET's scale rules, over `rust_decimal` values.
//!
//! A result that does not fit 96 bits and 28 decimal places is rounded once, midpoints to even, to as many places as fit.

use num_bigint::BigUint;
use rust_decimal::Decimal;

use crate::{Error, ErrorKind, IntType, Result};

const MAX_SCALE: u32 = 28;
const MAX_MANTISSA: u128 = (1 << 96) - 1;

/// The `OverflowException` of decimals.
pub fn decimal_overflow() -> Error {
    Error::overflow("Value was either too large or too small for a Decimal.")
}

/// `a + b`: the scale is the larger one.
pub fn decimal_add(a: Decimal, b: Decimal) -> Result<Decimal> {
    let scale = a.scale().max(b.scale());
    if let (Some(x), Some(y)) = (aligned(a, scale), aligned(b, scale))
        && let Some(sum) = x.checked_add(y)
        && sum.unsigned_abs() <= MAX_MANTISSA
    {
        return Ok(Decimal::from_i128_with_scale(sum, scale));
    }
    let big = |d: Decimal| big_aligned(d, scale);
    let (x, y) = (big(a), big(b));
    let (negative, sum) = match (a.is_sign_negative(), b.is_sign_negative()) {
        (p, q) if p == q => (p, x + y),
        (p, _) if x >= y => (p, x - y),
        (_, q) => (q, y - x),
    };
    fit(negative, sum, scale as i32)
}

/// `a - b`.
pub fn decimal_sub(a: Decimal, b: Decimal) -> Result<Decimal> {
    decimal_add(a, -b)
}

/// `a * b`: the scales add up.
pub fn decimal_mul(a: Decimal, b: Decimal) -> Result<Decimal> {
    let (x, y) = (a.mantissa().unsigned_abs(), b.mantissa().unsigned_abs());
    let negative = a.is_sign_negative() != b.is_sign_negative();
    let scale = a.scale() + b.scale();
    match x.checked_mul(y) {
        Some(product) if product <= MAX_MANTISSA && scale <= MAX_SCALE => Ok(decimal(negative, product, scale)),
        // Small factors with so many places have no digit left; .NET then gives a bare zero.
        _ if x.max(y) <= u128::from(u32::MAX) && scale > MAX_SCALE + 19 => Ok(Decimal::ZERO),
        _ => fit(negative, BigUint::from(x) * BigUint::from(y), scale as i32),
    }
}

/// `a / b`: the fewest decimal places that hold the quotient, but not fewer than the difference of the scales.
pub fn decimal_div(a: Decimal, b: Decimal) -> Result<Decimal> {
    let (n, d) = (a.mantissa().unsigned_abs(), b.mantissa().unsigned_abs());
    if d == 0 {
        return Err(divide_by_zero());
    }
    let (mut quotient, mut remainder) = (n / d, n % d);
    let mut scale = a.scale() as i32 - b.scale() as i32;
    let exact = remainder == 0;
    while scale < 0 || (remainder != 0 && scale < MAX_SCALE as i32) {
        // Long division: `remainder` is below 2^96, so ten times it cannot overflow.
        let next = quotient * 10 + remainder * 10 / d;
        if next > MAX_MANTISSA {
            if scale < 0 {
                return Err(decimal_overflow());
            }
            break;
        }
        (quotient, remainder) = (next, remainder * 10 % d);
        scale += 1;
    }
    let twice = remainder * 2;
    if twice > d || (twice == d && quotient % 2 == 1) {
        quotient += 1;
    }
    if quotient > MAX_MANTISSA {
        if scale == 0 {
            return Err(decimal_overflow());
        }
        (quotient, scale) = (quotient.div_ceil(10), scale - 1);
    }
    while !exact && scale > 0 && quotient.is_multiple_of(10) {
        (quotient, scale) = (quotient / 10, scale - 1);
    }
    Ok(decimal(a.is_sign_negative() != b.is_sign_negative(), quotient, scale as u32))
}

/// `a % b`: the sign of `a`; the larger scale, unless `a` is the smaller number and stays as it is.
pub fn decimal_rem(a: Decimal, b: Decimal) -> Result<Decimal> {
    if b.is_zero() {
        return Err(divide_by_zero());
    }
    let scale = a.scale().max(b.scale());
    let (x, y) = (big_aligned(a, scale), big_aligned(b, scale));
    if x < y {
        return Ok(a);
    }
    // Below `b`, so it fits wherever `b`'s digits do; else fewer places hold it.
    fit(a.is_sign_negative(), x % y, scale as i32)
}

/// How a midpoint is rounded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MidpointRounding {
    /// To the even digit.
    ToEven,
    /// Away from zero.
    AwayFromZero,
    /// Any fraction is dropped.
    ToZero,
    /// Towards minus infinity.
    ToNegativeInfinity,
    /// Towards plus infinity.
    ToPositiveInfinity,
}

/// `decimal.Round(value, decimals, mode)`. `decimals` is at most 28.
pub fn decimal_round(value: Decimal, decimals: i32, mode: MidpointRounding) -> Result<Decimal> {
    let decimals = u32::try_from(decimals).ok().filter(|d| *d <= MAX_SCALE).ok_or_else(|| {
        Error::out_of_range("Decimal can only round to between 0 and 28 digits of precision.", "decimals")
    })?;
    if value.scale() <= decimals {
        return Ok(value);
    }
    let divisor = 10u128.pow(value.scale() - decimals);
    let mantissa = value.mantissa().unsigned_abs();
    let (quotient, remainder) = (mantissa / divisor, mantissa % divisor);
    let negative = value.is_sign_negative();
    let up = match mode {
        MidpointRounding::ToEven => remainder * 2 > divisor || (remainder * 2 == divisor && quotient % 2 == 1),
        MidpointRounding::AwayFromZero => remainder * 2 >= divisor,
        MidpointRounding::ToZero => false,
        MidpointRounding::ToNegativeInfinity => negative && remainder != 0,
        MidpointRounding::ToPositiveInfinity => !negative && remainder != 0,
    };
    Ok(decimal(negative, quotient + u128::from(up), decimals))
}

/// `(decimal)value`: fifteen significant digits, trailing zeros dropped.
pub fn double_to_decimal(value: f64) -> Result<Decimal> {
    real_to_decimal(value, value.abs(), exponent(value), 15)
}

/// `(decimal)value`: seven significant digits, trailing zeros dropped.
pub fn single_to_decimal(value: f32) -> Result<Decimal> {
    let value = f64::from(value);
    real_to_decimal(value, value.abs(), exponent(value), 7)
}

/// The binary exponent with the mantissa in `[0.5, 1)`; NaN and infinities are far out of range.
fn exponent(value: f64) -> i32 {
    ((value.to_bits() >> 52) & 0x7ff) as i32 - 1022
}

/// The steps of .NET in its order: the scaling multiplies in floating point, which shows in the last digit.
fn real_to_decimal(value: f64, magnitude: f64, exponent: i32, digits: i32) -> Result<Decimal> {
    if exponent < -94 {
        return Ok(Decimal::ZERO);
    }
    if exponent > 96 {
        return Err(decimal_overflow());
    }
    let mut scaled = magnitude;
    // log10(2) as a fraction of 2^16 estimates the digits before the point.
    let mut power = digits - 1 - ((exponent * 19728) >> 16);
    if power >= 0 {
        power = power.min(MAX_SCALE as i32);
        scaled *= power_of_ten(power);
    } else if power != -1 || scaled >= power_of_ten(digits) {
        scaled /= power_of_ten(-power);
    } else {
        power = 0;
    }
    if scaled < power_of_ten(digits - 1) && power < MAX_SCALE as i32 {
        scaled *= 10.0;
        power += 1;
    }
    let mut mantissa = scaled as u64;
    let rest = scaled - mantissa as f64;
    if rest > 0.5 || (rest == 0.5 && mantissa % 2 == 1) {
        mantissa += 1;
    }
    let mut mantissa = u128::from(mantissa);
    while power > 0 && mantissa != 0 && mantissa.is_multiple_of(10) {
        (mantissa, power) = (mantissa / 10, power - 1);
    }
    if mantissa == 0 {
        return Ok(Decimal::ZERO);
    }
    if power < 0 {
        mantissa *= 10u128.pow(power.unsigned_abs());
        power = 0;
    }
    if mantissa > MAX_MANTISSA {
        return Err(decimal_overflow());
    }
    Ok(decimal(value < 0.0, mantissa, power as u32))
}

/// `(double)value`, with the division .NET does.
pub fn decimal_to_double(value: Decimal) -> f64 {
    let mantissa = value.mantissa().unsigned_abs();
    let (low, high) = (mantissa as u64, (mantissa >> 64) as u64);
    let magnitude = (low as f64 + high as f64 * 18_446_744_073_709_551_616.0) / power_of_ten(value.scale() as i32);
    if value.is_sign_negative() { -magnitude } else { magnitude }
}

/// `(float)value`.
pub fn decimal_to_single(value: Decimal) -> f32 {
    decimal_to_double(value) as f32
}

/// `(int)value` and its like: the fraction is dropped.
pub fn decimal_to_integer(value: Decimal, ty: IntType) -> Result<i128> {
    let whole = value.mantissa() / 10i128.pow(value.scale());
    if (ty.min()..=ty.max()).contains(&whole) { Ok(whole) } else { Err(ty.overflow()) }
}

/// The decimal of a run of digits of which `decimals` (perhaps negative) stand after the point.
pub(crate) fn from_digits(negative: bool, digits: &str, decimals: i32) -> Result<Decimal> {
    if digits.is_empty() {
        return Ok(decimal(negative, 0, decimals.clamp(0, MAX_SCALE as i32) as u32));
    }
    // Thirty digits before the point never fit; as many behind it never count, but for rounding.
    if digits.len() as i64 - i64::from(decimals) > 29 {
        return Err(decimal_overflow());
    }
    if i64::from(decimals) - digits.len() as i64 > 28 {
        return Ok(decimal(negative, 0, MAX_SCALE));
    }
    // One sticky digit stands for everything past the sixtieth.
    let (kept, tail) = digits.split_at(digits.len().min(60));
    let sticky = if tail.bytes().any(|b| b != b'0') { "1" } else { "0" };
    let mantissa = BigUint::parse_bytes(format!("{kept}{sticky}").as_bytes(), 10).unwrap_or_default();
    let decimals = decimals - tail.len() as i32 + 1;
    // The helper digit is no decimal place of the value: take it away again where it is zero.
    if tail.is_empty() {
        return fit(negative, mantissa / 10u32, decimals - 1);
    }
    fit(negative, mantissa, decimals)
}

fn divide_by_zero() -> Error {
    Error::new(ErrorKind::DivideByZero, "Attempted to divide by zero.")
}

fn power_of_ten(power: i32) -> f64 {
    10f64.powi(power)
}

fn decimal(negative: bool, mantissa: u128, scale: u32) -> Decimal {
    let mut value = Decimal::from_i128_with_scale(mantissa as i128, scale);
    value.set_sign_negative(negative && mantissa != 0);
    value
}

fn aligned(value: Decimal, scale: u32) -> Option<i128> {
    value.mantissa().checked_mul(10i128.checked_pow(scale - value.scale())?)
}

fn big_aligned(value: Decimal, scale: u32) -> BigUint {
    BigUint::from(value.mantissa().unsigned_abs()) * BigUint::from(10u32).pow(scale - value.scale())
}

/// Rounds `mantissa × 10^-scale`, midpoints to even, to the most decimal places (28 at most) that fit.
fn fit(negative: bool, mantissa: BigUint, scale: i32) -> Result<Decimal> {
    if scale < 0 {
        let whole = mantissa * BigUint::from(10u32).pow(scale.unsigned_abs());
        return fit(negative, whole, 0);
    }
    let scale = scale as u32;
    let mut drop = scale.saturating_sub(MAX_SCALE);
    loop {
        let divisor = BigUint::from(10u32).pow(drop);
        let (mut quotient, remainder) = (&mantissa / &divisor, &mantissa % &divisor);
        let twice = remainder * 2u32;
        if twice > divisor || (twice == divisor && quotient.bit(0)) {
            quotient += 1u32;
        }
        if quotient.bits() <= 96 {
            let digits = quotient.to_u64_digits();
            let word = |index: usize| u128::from(digits.get(index).copied().unwrap_or(0));
            return Ok(decimal(negative, word(0) | (word(1) << 64), scale - drop));
        }
        if drop == scale {
            return Err(decimal_overflow());
        }
        drop += 1;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{NumberStyles, format_decimal, parse_decimal};

    fn d(text: &str) -> Decimal {
        parse_decimal(text, NumberStyles::FLOAT).unwrap()
    }

    fn text(value: Result<Decimal>) -> String {
        value.map_or_else(|e| e.message.into_owned(), |v| format_decimal(v, "").unwrap())
    }

    #[test]
    fn division_keeps_the_fewest_places() {
        for (a, b, quotient) in [
            ("10", "4", "2.5"),
            ("10.00", "4", "2.50"),
            ("1", "3", "0.3333333333333333333333333333"),
            ("2", "3", "0.6666666666666666666666666667"),
            ("1.0", "0.50", "2"),
            ("1", "0", "Attempted to divide by zero."),
            ("79228162514264337593543950335", "0.1", "Value was either too large or too small for a Decimal."),
            ("100", "3", "33.333333333333333333333333333"),
            ("7", "8", "0.875"),
        ] {
            assert_eq!(text(decimal_div(d(a), d(b))), quotient, "{a} / {b}");
        }
    }

    #[test]
    fn sums_and_products_follow_the_scales() {
        assert_eq!(text(decimal_add(d("1.10"), d("2.9"))), "4.00");
        assert_eq!(text(decimal_sub(d("1.10"), d("1.1"))), "0.00");
        assert_eq!(text(decimal_mul(d("1.50"), d("2.0"))), "3.000");
        assert_eq!(text(decimal_mul(d("0.0000000000000001"), d("0.00000000000001"))), "0.0000000000000000000000000000");
        assert_eq!(text(decimal_add(d("79228162514264337593543950335"), d("0.4"))), "79228162514264337593543950335");
        assert_eq!(
            text(decimal_add(d("79228162514264337593543950335"), d("1"))),
            "Value was either too large or too small for a Decimal."
        );
        assert_eq!(text(decimal_rem(d("5.0"), d("3"))), "2.0");
        assert_eq!(text(decimal_rem(d("-5.5"), d("2"))), "-1.5");
    }

    #[test]
    fn conversions_round_to_fifteen_and_seven_digits() {
        assert_eq!(text(double_to_decimal(0.1 + 0.2)), "0.3");
        assert_eq!(text(double_to_decimal(1234567890123456.7)), "1234567890123460");
        assert_eq!(text(double_to_decimal(-0.0)), "0");
        assert_eq!(text(double_to_decimal(1e29)), "Value was either too large or too small for a Decimal.");
        assert_eq!(text(double_to_decimal(f64::NAN)), "Value was either too large or too small for a Decimal.");
        assert_eq!(text(single_to_decimal(1.1)), "1.1");
        assert_eq!(decimal_to_double(d("0.1")), 0.1);
        assert_eq!(decimal_to_integer(d("-3.9"), IntType::Int32), Ok(-3));
    }

    #[test]
    fn rounding_knows_all_modes() {
        use MidpointRounding::*;
        for (value, places, mode, rounded) in [
            ("2.5", 0, ToEven, "2"),
            ("2.5", 0, AwayFromZero, "3"),
            ("-2.5", 0, ToNegativeInfinity, "-3"),
            ("2.123", 2, ToPositiveInfinity, "2.13"),
            ("2.5", 3, ToEven, "2.5"),
        ] {
            assert_eq!(text(decimal_round(d(value), places, mode)), rounded);
        }
        assert!(decimal_round(d("1"), 29, ToEven).is_err());
    }
}
