//! `double`, `float` and `decimal` as text.

use std::fmt::LowerExp;

use rust_decimal::Decimal;

use super::digits::Digits;
use super::standard::{DEFAULT_DECIMALS, DEFAULT_EXPONENTIAL, Spec};
use super::{custom, standard};
use crate::{Error, Result};

/// `double.ToString(format)`. An empty format is `G`: the shortest text that reads back as the same value.
pub fn format_double(value: f64, format: &str) -> Result<String> {
    format_real(&Real::of_double(value), format)
}

/// `double.ToString()`.
pub fn double_to_string(value: f64) -> String {
    general(&Real::of_double(value))
}

/// `float.ToString(format)`.
pub fn format_single(value: f32, format: &str) -> Result<String> {
    format_real(&Real::of_single(value), format)
}

/// `float.ToString()`.
pub fn single_to_string(value: f32) -> String {
    general(&Real::of_single(value))
}

/// `decimal.ToString(format)`. An empty format prints every digit of the scale.
pub fn format_decimal(value: Decimal, format: &str) -> Result<String> {
    let digits = Digits::of_decimal(value.is_sign_negative(), value.mantissa().unsigned_abs(), value.scale());
    match Spec::parse(format) {
        Spec::Standard(letter, precision) => standard::write(digits, letter, precision),
        Spec::Custom(pattern) => Ok(custom::write(digits, pattern)),
    }
}

const LONGEST_DOUBLE: i32 = 17;
const LONGEST_SINGLE: i32 = 9;

/// A binary floating point number of either width.
struct Real {
    negative: bool,
    /// `NaN` and the infinities print as a word whatever the format says.
    word: Option<&'static str>,
    /// The shortest digits that read back, as `{:e}` prints them.
    shortest: String,
    /// The exact value: both widths fit a double.
    exact: f64,
    /// Digits a custom format sees.
    precision: i32,
    /// Digits before the point from which on `G` turns to an exponent.
    longest: i32,
}

impl Real {
    fn of_double(value: f64) -> Self {
        Self {
            negative: value.is_sign_negative(),
            word: word(value),
            shortest: shortest(value.abs(), 52, |text| text.parse() == Ok(value.abs())),
            exact: value.abs(),
            precision: 15,
            longest: LONGEST_DOUBLE,
        }
    }

    fn of_single(value: f32) -> Self {
        Self {
            negative: value.is_sign_negative(),
            word: word(f64::from(value)),
            shortest: shortest(value.abs(), 23, |text| text.parse() == Ok(value.abs())),
            exact: f64::from(value.abs()),
            precision: 7,
            longest: LONGEST_SINGLE,
        }
    }

    fn shortest(&self) -> Digits {
        Digits::of_exponential(self.negative, &self.shortest)
    }

    /// Rounded to so many digits, exact midpoints to even.
    fn significant(&self, count: i32) -> Digits {
        let decimals = usize::try_from(count - 1).unwrap_or(0);
        Digits::of_exponential(self.negative, &format!("{:.decimals$e}", self.exact))
    }

    /// Rounded to so many decimal places, exact midpoints to even.
    fn fixed(&self, decimals: i32) -> Digits {
        let decimals = usize::try_from(decimals).unwrap_or(0);
        Digits::of_fixed(self.negative, &format!("{:.decimals$}", self.exact))
    }
}

/// The fewest digits that read back as `value`, whose mantissa has `mantissa_bits` (without the hidden one).
///
/// .NET does not accept a text right in the middle between two values, though reading would round it to the even one:
/// 1e23 prints as `9.999999999999999E+22`.
fn shortest<T>(value: T, mantissa_bits: u32, reads_back: impl Fn(&str) -> bool) -> String
where
    T: Copy + LowerExp + Into<f64>,
{
    let text = format!("{value:e}");
    if is_midpoint(&text, value.into(), mantissa_bits) {
        return (0..17)
            .map(|decimals| format!("{value:.decimals$e}"))
            .find(|text| reads_back(text) && !is_midpoint(text, value.into(), mantissa_bits))
            .unwrap_or(text);
    }
    // Where two texts of that length are equally close, the even one counts. Shorter ones are too far apart for that.
    let decimals = text.find('e').unwrap_or(0).saturating_sub(2);
    if decimals < if mantissa_bits > 24 { 15 } else { 6 } {
        return text;
    }
    Some(format!("{value:.decimals$e}")).filter(|even| reads_back(even)).unwrap_or(text)
}

/// Whether `text` lies in the middle between `value` and a neighbour.
fn is_midpoint(text: &str, value: f64, mantissa_bits: u32) -> bool {
    let exponent = ((value.to_bits() >> 52) & 0x7ff) as u32;
    // Below, the middle has more digits than are ever printed; an infinity has none.
    if !(1023 + mantissa_bits + 1..0x7ff).contains(&exponent) {
        return false;
    }
    let Some((mantissa, power)) = text.split_once('e') else { return false };
    let decimals = mantissa.split_once('.').map_or(0, |(_, decimals)| decimals.len() as u32);
    let digits = mantissa.replace('.', "").parse::<u128>().unwrap_or(0);
    let Some(power) = power.parse::<u32>().ok().and_then(|power| power.checked_sub(decimals)) else { return false };
    // An odd number times a power of two: a power of five above 5^23 does not divide it.
    if power > 23 || digits == 0 {
        return false;
    }
    let odd = digits * 5u128.pow(power);
    let odd = odd >> odd.trailing_zeros();
    let mantissa = (value.to_bits() & ((1 << 52) - 1) | (1 << 52)) >> (52 - mantissa_bits);
    odd.abs_diff(u128::from(mantissa) * 2) == 1
}

fn word(value: f64) -> Option<&'static str> {
    match value {
        v if v.is_nan() => Some("NaN"),
        f64::INFINITY => Some("Infinity"),
        f64::NEG_INFINITY => Some("-Infinity"),
        _ => None,
    }
}

fn general(value: &Real) -> String {
    format_real(value, "").unwrap_or_default() // `G` is a known format
}

fn format_real(value: &Real, format: &str) -> Result<String> {
    if let Some(word) = value.word {
        return Ok(word.into());
    }
    let (letter, precision) = match Spec::parse(format) {
        Spec::Custom(pattern) => return Ok(custom::write(value.significant(value.precision), pattern)),
        Spec::Standard(letter, precision) => (letter, precision),
    };
    let digits = match (letter.to_ascii_uppercase(), precision) {
        ('C' | 'F' | 'N', _) => value.fixed(precision.unwrap_or(DEFAULT_DECIMALS)),
        ('P', _) => value.fixed(precision.unwrap_or(DEFAULT_DECIMALS) + 2),
        ('E', _) => value.significant(precision.unwrap_or(DEFAULT_EXPONENTIAL) + 1),
        ('G', Some(count @ 1..)) => value.significant(count),
        ('G' | 'R', _) => {
            let digits = value.shortest();
            let from = value.longest.max(digits.digits.len() as i32);
            return standard::write(digits, letter, Some(from));
        }
        _ => return Err(Error::bad_specifier()),
    };
    standard::write(digits, letter, precision)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn doubles_print_as_the_recorded_cases() {
        let cases: &[(f64, &str, &str)] = &[
            (0.000123, "E4", "1.2300E-004"),
            (0.000123, "G5", "0.000123"),
            (0.5, "0.0##", "0.5"),
            (0.5, "e1", "5.0e-001"),
            (-0.0049, "F3", "-0.005"),
            (98765.4321, "000.0", "98765.4"),
            (3.0e9, "0.0##", "3000000000.0"),
            (-0.0049, "#,##0.0", "-0.0"),
            (-0.0049, "000.0", "-000.0"),
            (-7.25, "P2", "-725.00 %"),
            (1e6, "#,##0.0", "1,000,000.0"),
            (3.0e9, "C2", "¤3,000,000,000.00"),
            (1e6, "G5", "1E+06"),
            (-0.0049, "G5", "-0.0049"),
            (1.0 / 7.0, "0.0##", "0.143"),
            (1e6, "P2", "100,000,000.00 %"),
            (1.0 / 7.0, "N1", "0.1"),
            (0.256, "P1", "25.6 %"),
            (1234.5678, "E2", "1.23E+003"),
            (1.0 / 3.0, "G15", "0.333333333333333"),
            (-1234.5, "C", "(¤1,234.50)"),
            (1e10, "", "10000000000"),
            (0.5, "#.##", ".5"),
            (0.1, "F25", "0.1000000000000000055511151"),
            (0.00001, "", "1E-05"),
            (1234567.0, "G3", "1.23E+06"),
            (100000.0, "", "100000"),
            (1234.5, "C0", "¤1,234"),
            (1.5e-7, "", "1.5E-07"),
            (1234.5, "F", "1234.50"),
            (3.5, "F0", "4"),
            (2.5, "F0", "2"),
            (0.125, "F2", "0.12"),
            (-0.001, "0.0;(0.0);zero", "zero"),
            (1234.0, "0.###", "1234"),
            (-2.5, "0", "-3"),
            (1234.5678, "e3", "1.235e+003"),
            (0.135, "F2", "0.14"),
            (1234.5, "0.00E+00", "1.23E+03"),
            (0.1, "R", "0.1"),
            (1e25, "0", "10000000000000000000000000"),
            (2.5, "0", "3"),
            (0.0, "E", "0.000000E+000"),
            (0.3, "F20", "0.29999999999999998890"),
            (2.675, "F2", "2.67"),
            (0.045, "0.00", "0.05"),
            (1e-10, "F5", "0.00000"),
            (1e21, "F2", "1000000000000000000000.00"),
            (0.1234, "0.0‰", "123.4‰"),
            (1.5, "00.00", "01.50"),
            (0.1 + 0.2, "", "0.30000000000000004"),
            (-0.0, "", "-0"),
            (1e16, "", "10000000000000000"),
            (1e17, "", "1E+17"),
            (123456789012345680.0, "", "1.2345678901234568E+17"),
            (5e-324, "", "5E-324"),
            (1e23, "", "9.999999999999999E+22"),
            (1e22, "", "1E+22"),
            (9.99999e22, "", "9.99999E+22"),
            (f64::MAX, "", "1.7976931348623157E+308"),
            (f64::NAN, "F2", "NaN"),
            (f64::NEG_INFINITY, "0", "-Infinity"),
        ];
        for (value, format, text) in cases {
            assert_eq!(format_double(*value, format).as_deref(), Ok(*text), "{value} {format}");
        }
        assert_eq!(format_double(1234.5, "D"), Err(Error::bad_specifier()));
    }

    #[test]
    fn singles_print_their_own_shortest_digits() {
        let cases: &[(f32, &str, &str)] = &[
            (0.3, "F10", "0.3000000119"),
            (1e10, "", "1E+10"),
            (0.1, "G9", "0.100000001"),
            (1e-5, "", "1E-05"),
            (1.1, "", "1.1"),
            (16777216.0, "", "16777216"),
            (1e7, "", "10000000"),
            (-905593.0 / 16.0, "", "-56599.562"),
            (13167989.0 / 4.0, "", "3291997.2"),
        ];
        for (value, format, text) in cases {
            assert_eq!(format_single(*value, format).as_deref(), Ok(*text), "{value} {format}");
        }
    }

    #[test]
    fn decimals_print_as_the_recorded_cases() {
        let cases: &[(&str, &str, &str)] = &[
            ("79228162514264337593543950335", "#,#.##", "79,228,162,514,264,337,593,543,950,335"),
            ("1234567.0010", "P1", "123,456,700.1 %"),
            ("1234567.0010", "#,#.##", "1,234,567"),
            ("-0.5", "N2", "-0.50"),
            ("0.00", "F1", "0.0"),
            ("-0.5", "#,#.##", "-.5"),
            ("79228162514264337593543950335", "G", "79228162514264337593543950335"),
            ("1234567.0010", "", "1234567.0010"),
            ("79228162514264337593543950335", "P1", "7,922,816,251,426,433,759,354,395,033,500.0 %"),
            ("0.00", "0.00", "0.00"),
            ("0.00", "", "0.00"),
            ("19.995", "P1", "1,999.5 %"),
            ("0.00", "P1", "0.0 %"),
            ("19.995", "F1", "20.0"),
            ("79228162514264337593543950335", "E2", "7.92E+028"),
            ("1234", "0.0#", "1234.0"),
            ("1234.5678", "#,##0.##", "1,234.57"),
            ("12.5", "C", "¤12.50"),
            ("2.5", "F0", "3"),
            ("0.125", "F2", "0.13"),
        ];
        for (value, format, text) in cases {
            let value: Decimal = value.parse().unwrap();
            assert_eq!(format_decimal(value, format).as_deref(), Ok(*text), "{value} {format}");
        }
        assert_eq!(format_decimal(Decimal::ONE, "R"), Err(Error::bad_specifier()));
    }
}
