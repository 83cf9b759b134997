//! Custom numeric formats: `0 # . , % ‰ E0`, sections, literals and escapes.

use super::digits::Digits;
use super::standard::write_exponent;

/// Prints with a custom format. Nothing in a custom format is an error.
pub(super) fn write(mut number: Digits, format: &str) -> String {
    let format: Vec<char> = format.chars().collect();
    let wanted = if number.is_zero() { Section::Zero } else { Section::of_sign(number.negative) };
    let mut start = find_section(&format, wanted);
    let mut layout = Layout::scan(&format, start);
    if number.is_zero() {
        number.clear();
    } else {
        let unrounded = number.clone();
        layout.round(&mut number);
        // A value that rounds to nothing is printed by the zero section, if there is one.
        let zero = find_section(&format, Section::Zero);
        if number.is_zero() && zero != start {
            start = zero;
            layout = Layout::scan(&format, start);
            number = Digits { digits: Vec::new(), scale: 0, ..unrounded };
            number.clear();
        }
    }
    Writer::new(&number, layout).write(&format, start)
}

/// The three sections a format may have, split by `;`.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Section {
    Positive,
    Negative,
    Zero,
}

impl Section {
    fn of_sign(negative: bool) -> Self {
        if negative { Self::Negative } else { Self::Positive }
    }
}

/// Where a section begins; an absent or empty one falls back to the first.
fn find_section(format: &[char], section: Section) -> usize {
    let mut left = match section {
        Section::Positive => return 0,
        Section::Negative => 1,
        Section::Zero => 2,
    };
    let mut at = 0;
    while let Some(&c) = format.get(at) {
        at += 1;
        match c {
            '\'' | '"' => at = after_quote(format, at, c),
            '\\' => at += 1,
            ';' => {
                left -= 1;
                if left == 0 {
                    return if format.get(at).is_some_and(|next| *next != ';') { at } else { 0 };
                }
            }
            _ => {}
        }
    }
    0
}

/// The index after the quote that closes the literal begun before `at`.
fn after_quote(format: &[char], mut at: usize, quote: char) -> usize {
    while let Some(&c) = format.get(at) {
        at += 1;
        if c == quote {
            break;
        }
    }
    at
}

/// The zeros of an exponent at `at` (after the `E`), with the sign: `0`, `+0`, `-0`.
fn exponent_at(format: &[char], at: usize) -> Option<Exponent> {
    let sign = format.get(at).copied().filter(|c| matches!(c, '+' | '-'));
    let zeros_at = at + usize::from(sign.is_some());
    let zeros = format.iter().skip(zeros_at).take_while(|c| **c == '0').count();
    (zeros > 0).then_some(Exponent { plus: sign == Some('+'), zeros, end: zeros_at + zeros })
}

struct Exponent {
    plus: bool,
    zeros: usize,
    end: usize,
}

/// What a section's placeholders say before any digit is printed.
struct Layout {
    /// Placeholders in all.
    places: i32,
    /// Placeholders before the point.
    point: i32,
    /// Index of the first `0`, if any.
    first_zero: Option<i32>,
    /// Index after the last `0`.
    last_zero: i32,
    scientific: bool,
    groups: bool,
    /// Power of ten from `%`, `‰` and scaling commas.
    shift: i32,
}

impl Layout {
    fn scan(format: &[char], start: usize) -> Self {
        let mut layout =
            Self { places: 0, point: -1, first_zero: None, last_zero: 0, scientific: false, groups: false, shift: 0 };
        // Commas at this place, and how many: right before the point they scale, elsewhere they group.
        let mut commas: Option<(i32, i32)> = None;
        let mut at = start;
        while let Some(&c) = format.get(at).filter(|c| **c != ';') {
            at += 1;
            match c {
                '#' => layout.places += 1,
                '0' => {
                    layout.first_zero.get_or_insert(layout.places);
                    layout.places += 1;
                    layout.last_zero = layout.places;
                }
                '.' if layout.point < 0 => layout.point = layout.places,
                ',' if layout.places > 0 && layout.point < 0 => match &mut commas {
                    Some((place, count)) if *place == layout.places => *count += 1,
                    before => {
                        layout.groups |= before.is_some();
                        *before = Some((layout.places, 1));
                    }
                },
                '%' => layout.shift += 2,
                '‰' => layout.shift += 3,
                '\'' | '"' => at = after_quote(format, at, c),
                '\\' => at += 1,
                'E' | 'e' => {
                    if let Some(exponent) = exponent_at(format, at) {
                        at = exponent.end;
                        layout.scientific = true;
                    }
                }
                _ => {}
            }
        }
        if layout.point < 0 {
            layout.point = layout.places;
        }
        match commas {
            Some((place, count)) if place == layout.point => layout.shift -= count * 3,
            Some(_) => layout.groups = true,
            None => {}
        }
        layout
    }

    fn round(&self, number: &mut Digits) {
        number.scale += self.shift;
        let count = if self.scientific { self.places } else { number.scale + self.places - self.point };
        number.round_half_up(count);
    }
}

struct Writer<'a> {
    number: &'a Digits,
    layout: Layout,
    out: String,
    /// Next digit of the number.
    next: usize,
    /// Place of the next digit left of the point: 1 is the units.
    place: i32,
    /// Digits the number has before the first placeholder (if positive), or placeholders it does not fill.
    extra: i32,
    /// Leftmost place that prints a `0` for want of a digit, rightmost likewise (negative: after the point).
    zeros_from: i32,
    zeros_to: i32,
    point_written: bool,
}

impl<'a> Writer<'a> {
    fn new(number: &'a Digits, layout: Layout) -> Self {
        let point = layout.point;
        let zeros_from = layout.first_zero.map_or(0, |first| (point - first).max(0));
        let zeros_to = (point - layout.last_zero).min(0);
        let (place, extra) =
            if layout.scientific { (point, 0) } else { (number.scale.max(point), number.scale - point) };
        Self { number, layout, out: String::new(), next: 0, place, extra, zeros_from, zeros_to, point_written: false }
    }

    fn write(mut self, format: &[char], start: usize) -> String {
        // Only the first section gets a sign of its own; a value below one gets it after the fact, if anything printed.
        let signed = self.number.negative && start == 0;
        if signed && self.number.scale != 0 {
            self.out.push('-');
        }
        let mut at = start;
        while let Some(&c) = format.get(at).filter(|c| **c != ';') {
            at += 1;
            match c {
                '#' | '0' => self.placeholder(),
                '.' => self.point(),
                ',' => {}
                '\'' | '"' => {
                    let end = after_quote(format, at, c);
                    let closed = end > at && format.get(end - 1) == Some(&c);
                    self.out.extend(&format[at..end - usize::from(closed)]);
                    at = end;
                }
                '\\' => {
                    self.out.extend(format.get(at));
                    at += 1;
                }
                'E' | 'e' => at = self.exponent(format, at, c),
                other => self.out.push(other),
            }
        }
        if signed && self.number.scale == 0 && !self.out.is_empty() {
            self.out.insert(0, '-');
        }
        self.out
    }

    fn placeholder(&mut self) {
        self.leading_digits();
        let digit = if self.extra < 0 {
            self.extra += 1;
            (self.place <= self.zeros_from).then_some('0')
        } else if let Some(digit) = self.number.digits.get(self.next) {
            self.next += 1;
            Some(char::from(*digit))
        } else {
            (self.place > self.zeros_to).then_some('0')
        };
        if let Some(digit) = digit {
            self.out.push(digit);
            self.group_separator();
        }
        self.place -= 1;
    }

    /// The digits a number has more than the format has placeholders go before the first one.
    fn leading_digits(&mut self) {
        while self.extra > 0 {
            self.out.push(self.number.digit(self.next));
            self.next += 1;
            self.group_separator();
            self.place -= 1;
            self.extra -= 1;
        }
    }

    fn group_separator(&mut self) {
        if self.layout.groups && self.place > 1 && self.place % 3 == 1 {
            self.out.push(',');
        }
    }

    fn point(&mut self) {
        self.leading_digits();
        if self.place != 0 || self.point_written {
            return;
        }
        let digits_left = self.layout.point < self.layout.places && self.next < self.number.digits.len();
        if self.zeros_to < 0 || digits_left {
            self.out.push('.');
            self.point_written = true;
        }
    }

    /// Writes the exponent the format has at `at`, or the letter itself; returns where to go on.
    fn exponent(&mut self, format: &[char], at: usize, letter: char) -> usize {
        let found = exponent_at(format, at);
        if !self.layout.scientific {
            // A second exponent is echoed, sign and zeros included.
            self.out.push(letter);
            let sign = usize::from(format.get(at).is_some_and(|c| matches!(c, '+' | '-')));
            let zeros = format.iter().skip(at + sign).take_while(|c| **c == '0').count();
            let end = at + sign + zeros;
            self.out.extend(&format[at..end]);
            return end;
        }
        let Some(found) = found else {
            self.out.push(letter);
            return at;
        };
        let exponent = if self.number.is_zero() { 0 } else { self.number.scale - self.layout.point };
        write_exponent(&mut self.out, exponent, letter, found.zeros.min(10), found.plus);
        self.layout.scientific = false;
        found.end
    }
}

#[cfg(test)]
mod tests {
    use super::super::digits::Source;
    use super::*;

    #[test]
    fn a_format_ending_in_an_escape_or_open_quote_is_printed_as_far_as_it_goes() {
        let five = || Digits::of_integer(5);
        assert_eq!(write(five(), "0\\"), "5");
        assert_eq!(write(five(), "0'abc"), "5abc");
        assert_eq!(write(Digits { source: Source::Real, ..five() }, "0;\\"), "5");
    }
}
