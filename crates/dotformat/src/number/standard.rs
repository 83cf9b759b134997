//! Standard numeric formats: `C`, `D`, `E`, `F`, `G`, `N`, `P`, `R`, `X`.

use super::digits::{Digits, Source};
use crate::{Error, Result};

/// Digits after the point where `C`, `F`, `N` and `P` name none.
pub(super) const DEFAULT_DECIMALS: i32 = 2;
/// Digits after the point where `E` names none.
pub(super) const DEFAULT_EXPONENTIAL: i32 = 6;

/// A format as its first letter and precision, or a custom pattern.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Spec<'a> {
    /// The letter as written (its case matters to `E`, `G` and `X`), and the precision.
    Standard(char, Option<i32>),
    Custom(&'a str),
}

impl<'a> Spec<'a> {
    /// One letter and at most two digits (leading zeros aside) are a standard format; no text at all is `G`.
    pub(super) fn parse(format: &'a str) -> Self {
        // .NET ends a format at NUL.
        let text = format.split('\0').next().unwrap_or(format);
        let mut chars = text.chars();
        let Some(letter) = chars.next() else {
            return if format.is_empty() { Self::Standard('G', None) } else { Self::Custom(text) };
        };
        if !letter.is_ascii_alphabetic() {
            return Self::Custom(text);
        }
        let mut precision = None;
        for c in chars {
            match (precision.unwrap_or(0), c.to_digit(10)) {
                (before @ 0..10, Some(digit)) => precision = Some(before * 10 + digit as i32),
                _ => return Self::Custom(text),
            }
        }
        Self::Standard(letter, precision)
    }
}

/// Prints with a standard format. `digits` of a real are rounded already; `G` and `R` of a real without precision want
/// `precision` to be the count of digits from which on the exponent shows.
pub(super) fn write(mut number: Digits, letter: char, precision: Option<i32>) -> Result<String> {
    let mut out = String::new();
    let decimals = precision.unwrap_or(DEFAULT_DECIMALS);
    match letter.to_ascii_uppercase() {
        'C' => {
            number.round(number.scale.saturating_add(decimals));
            out.push_str(if number.negative { "(¤" } else { "¤" });
            write_fixed(&mut out, &number, decimals, true);
            if number.negative {
                out.push(')');
            }
        }
        'F' | 'N' => {
            number.round(number.scale.saturating_add(decimals));
            write_sign(&mut out, &number);
            write_fixed(&mut out, &number, decimals, letter.eq_ignore_ascii_case(&'N'));
        }
        'P' => {
            number.scale += 2;
            number.round(number.scale.saturating_add(decimals));
            write_sign(&mut out, &number);
            write_fixed(&mut out, &number, decimals, true);
            out.push_str(" %");
        }
        'E' => {
            let significant = precision.unwrap_or(DEFAULT_EXPONENTIAL) + 1;
            number.round(significant);
            write_sign(&mut out, &number);
            write_scientific(&mut out, &number, significant, letter);
        }
        'R' if number.source != Source::Real => return Err(Error::bad_specifier()),
        'G' | 'R' => {
            let exponent = if letter.is_ascii_lowercase() { 'e' } else { 'E' };
            write_general(&mut out, number, precision, exponent);
        }
        _ => return Err(Error::bad_specifier()),
    }
    Ok(out)
}

fn write_sign(out: &mut String, number: &Digits) {
    if number.negative {
        out.push('-');
    }
}

fn write_fixed(out: &mut String, number: &Digits, decimals: i32, groups: bool) {
    let whole = usize::try_from(number.scale).unwrap_or(0);
    if whole == 0 {
        out.push('0');
    }
    for index in 0..whole {
        if groups && index > 0 && (whole - index).is_multiple_of(3) {
            out.push(',');
        }
        out.push(number.digit(index));
    }
    if decimals > 0 {
        out.push('.');
        for place in 0..decimals {
            match usize::try_from(number.scale + place) {
                Ok(index) => out.push(number.digit(index)),
                Err(_) => out.push('0'),
            }
        }
    }
}

fn write_scientific(out: &mut String, number: &Digits, significant: i32, letter: char) {
    out.push(number.digit(0));
    if significant > 1 {
        out.push('.');
        (1..significant as usize).for_each(|index| out.push(number.digit(index)));
    }
    let exponent = if number.is_zero() { 0 } else { number.scale - 1 };
    write_exponent(out, exponent, letter, 3, true);
}

fn write_general(out: &mut String, mut number: Digits, precision: Option<i32>, letter: char) {
    let significant = match precision {
        Some(count @ 1..) => Some(count),
        // A decimal prints all its digits, trailing zeros and all, and never an exponent.
        None if number.source == Source::Decimal => None,
        _ => Some(number.digits.len() as i32),
    };
    if let Some(count) = significant {
        number.round(count);
    }
    if !(number.is_zero() && number.source == Source::Decimal) {
        write_sign(out, &number);
    }
    let scientific = significant.is_some_and(|count| number.scale > count || number.scale < -3);
    let point = if scientific { 1 } else { number.scale };
    let whole = usize::try_from(point).unwrap_or(0);
    if whole == 0 {
        out.push('0');
    }
    (0..whole).for_each(|index| out.push(number.digit(index)));
    if number.digits.len() > whole || point < 0 {
        out.push('.');
        (point..0).for_each(|_| out.push('0'));
        out.extend(number.digits.iter().skip(whole).map(|d| char::from(*d)));
    }
    if scientific {
        write_exponent(out, number.scale - 1, letter, 2, true);
    }
}

/// `E+005`: at least `width` digits; the plus only where asked for.
pub(super) fn write_exponent(out: &mut String, exponent: i32, letter: char, width: usize, plus: bool) {
    out.push(letter);
    if exponent < 0 {
        out.push('-');
    } else if plus {
        out.push('+');
    }
    out.push_str(&format!("{:0width$}", exponent.unsigned_abs()));
}
