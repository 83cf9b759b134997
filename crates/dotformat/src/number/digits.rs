//! A number as decimal digits with a scale: the common form every format is printed from.

/// What the digits were made of; it decides on rounding and on negative zero.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Source {
    Integer,
    Decimal,
    /// Digits were already rounded, correctly, to what the format asks for.
    Real,
}

/// `0.d1d2d3… × 10^scale`. No digits mean zero.
#[derive(Clone, Debug)]
pub(super) struct Digits {
    pub(super) source: Source,
    pub(super) negative: bool,
    /// ASCII digits. Only a decimal may end in zeros: they are part of its value.
    pub(super) digits: Vec<u8>,
    pub(super) scale: i32,
}

impl Digits {
    /// The digits of an integer; trailing zeros stay in `scale` only.
    pub(super) fn of_integer(value: i128) -> Self {
        let mut digits = value.unsigned_abs().to_string().into_bytes();
        let scale = digits.len() as i32;
        strip_trailing_zeros(&mut digits);
        let scale = if digits.is_empty() { 0 } else { scale };
        Self { source: Source::Integer, negative: value < 0, digits, scale }
    }

    /// The digits of `mantissa × 10^-decimals`.
    pub(super) fn of_decimal(negative: bool, mantissa: u128, decimals: u32) -> Self {
        let digits = if mantissa == 0 { Vec::new() } else { mantissa.to_string().into_bytes() };
        let scale = digits.len() as i32 - decimals as i32;
        Self { source: Source::Decimal, negative, digits, scale }
    }

    /// The digits of a text as Rust's `{:e}` prints it, such as `-1.25e-7`.
    pub(super) fn of_exponential(negative: bool, text: &str) -> Self {
        let (mantissa, exponent) = text.split_once('e').unwrap_or((text, "0"));
        let mut digits: Vec<u8> = mantissa.bytes().filter(u8::is_ascii_digit).collect();
        strip_trailing_zeros(&mut digits);
        let scale = if digits.is_empty() { 0 } else { exponent.parse::<i32>().unwrap_or(0) + 1 };
        Self { source: Source::Real, negative, digits, scale }
    }

    /// The digits of a text as Rust's `{:.n}` prints it, such as `-0.00125`.
    pub(super) fn of_fixed(negative: bool, text: &str) -> Self {
        let text = text.trim_start_matches('-');
        let whole = text.find('.').unwrap_or(text.len());
        let mut digits: Vec<u8> = text.bytes().filter(u8::is_ascii_digit).collect();
        let leading = digits.iter().take_while(|d| **d == b'0').count();
        digits.drain(..leading);
        strip_trailing_zeros(&mut digits);
        let scale = if digits.is_empty() { 0 } else { whole as i32 - leading as i32 };
        Self { source: Source::Real, negative, digits, scale }
    }

    pub(super) fn is_zero(&self) -> bool {
        self.digits.is_empty()
    }

    /// The digit at `index`, `0` past the end.
    pub(super) fn digit(&self, index: usize) -> char {
        self.digits.get(index).map_or('0', |d| char::from(*d))
    }

    /// Keeps `count` digits for a standard format: reals are cut (they come rounded), others round half away from zero.
    pub(super) fn round(&mut self, count: i32) {
        self.round_with(count, self.source != Source::Real);
    }

    /// Keeps `count` digits, rounding half away from zero whatever the source: what custom formats do.
    pub(super) fn round_half_up(&mut self, count: i32) {
        self.round_with(count, true);
    }

    fn round_with(&mut self, count: i32, may_round_up: bool) {
        let kept = usize::try_from(count).unwrap_or(0).min(self.digits.len());
        let up = may_round_up && count >= 0 && self.digits.get(count as usize).is_some_and(|d| *d >= b'5');
        self.digits.truncate(kept);
        if up {
            while self.digits.last() == Some(&b'9') {
                self.digits.pop();
            }
            if let Some(last) = self.digits.last_mut() {
                *last += 1;
            } else {
                self.digits.push(b'1');
                self.scale += 1;
            }
        } else {
            strip_trailing_zeros(&mut self.digits);
        }
        if self.digits.is_empty() {
            self.clear();
        }
    }

    /// Makes this a plain zero; only a real keeps its sign.
    pub(super) fn clear(&mut self) {
        self.digits.clear();
        self.scale = 0;
        self.negative &= self.source == Source::Real;
    }
}

fn strip_trailing_zeros(digits: &mut Vec<u8>) {
    let kept = digits.iter().rposition(|d| *d != b'0').map_or(0, |last| last + 1);
    digits.truncate(kept);
}
