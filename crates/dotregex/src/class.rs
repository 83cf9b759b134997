//! Character classes: ranges, categories, blocks, negation and subtraction.

use std::sync::OnceLock;

use crate::blocks;

/// A set of UTF-16 units.
#[derive(Clone, Debug, Default)]
pub(crate) struct Class {
    negative: bool,
    ranges: Vec<(u16, u16)>,
    /// Complements of these belong to the set too.
    excluded: Vec<&'static [(u16, u16)]>,
    included: Vec<&'static [(u16, u16)]>,
    subtracted: Option<Box<Class>>,
    /// The first 128 units, once the class is complete.
    ascii: u128,
}

impl Class {
    pub(crate) fn new(negative: bool) -> Self {
        Self { negative, ..Self::default() }
    }

    pub(crate) fn add_range(&mut self, first: u16, last: u16) {
        self.ranges.push((first, last));
    }

    /// Adds a category or block by name, or everything outside of it; false if there is no such name.
    ///
    /// Without case, the categories of upper, lower and title case are one.
    pub(crate) fn add_property(&mut self, name: &str, negative: bool, fold: bool) -> bool {
        let name = if fold && matches!(name, "Lu" | "Ll" | "Lt") { "LC" } else { name };
        match blocks::block(name).or_else(|| category(name)) {
            Some(set) => {
                self.add_set(set, negative);
                true
            }
            None => false,
        }
    }

    fn add_set(&mut self, set: &'static [(u16, u16)], negative: bool) {
        if negative { self.excluded.push(set) } else { self.included.push(set) }
    }

    /// Adds `\d`, `\w`, `\s` by its lower-case letter.
    pub(crate) fn add_shorthand(&mut self, letter: char, negative: bool, ecma: bool) {
        self.add_set(shorthand(letter, ecma), negative);
    }

    pub(crate) fn subtract(&mut self, class: Class) {
        self.subtracted = Some(Box::new(class));
    }

    /// Adds the lower case of every unit in the ranges: the text is lowered before it is looked up.
    pub(crate) fn add_lower_case(&mut self) {
        for index in 0..self.ranges.len() {
            let (first, last) = self.ranges[index];
            let mut run: Option<(u16, u16)> = None;
            for unit in first..=last {
                let lowered = lower(unit);
                if lowered == unit {
                    continue;
                }
                match &mut run {
                    Some((_, end)) if end.checked_add(1) == Some(lowered) => *end = lowered,
                    _ => {
                        self.ranges.extend(run);
                        run = Some((lowered, lowered));
                    }
                }
            }
            self.ranges.extend(run);
        }
    }

    /// To be called when everything was added.
    pub(crate) fn finish(&mut self) {
        self.ranges.sort_unstable();
        self.ascii = (0..128).filter(|unit| self.lookup(*unit)).fold(0, |bits, unit| bits | 1 << unit);
    }

    #[inline]
    pub(crate) fn contains(&self, unit: u16) -> bool {
        if unit < 128 { self.ascii >> unit & 1 == 1 } else { self.lookup(unit) }
    }

    fn lookup(&self, unit: u16) -> bool {
        let found = self.ranges.iter().any(|(first, last)| (*first..=*last).contains(&unit))
            || self.included.iter().any(|set| within(set, unit))
            || self.excluded.iter().any(|set| !within(set, unit));
        found != self.negative && !self.subtracted.as_ref().is_some_and(|class| class.lookup(unit))
    }
}

/// Whether sorted ranges hold a unit.
fn within(set: &[(u16, u16)], unit: u16) -> bool {
    let after = set.partition_point(|(first, _)| *first <= unit);
    after > 0 && unit <= set[after - 1].1
}

/// Whether `\b` sees a word character here. The joiners count besides `\w`.
#[inline]
pub(crate) fn is_word(unit: u16, ecma: bool) -> bool {
    if unit < 128 {
        return matches!(unit as u8, b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'_');
    }
    within(shorthand('w', ecma), unit) || (!ecma && matches!(unit, 0x200c | 0x200d))
}

fn shorthand(letter: char, ecma: bool) -> &'static [(u16, u16)] {
    static WORD: OnceLock<Vec<(u16, u16)>> = OnceLock::new();
    static SPACE: OnceLock<Vec<(u16, u16)>> = OnceLock::new();
    match (letter, ecma) {
        ('d', true) => &[(0x30, 0x39)],
        ('w', true) => &[(0x30, 0x39), (0x41, 0x5a), (0x5f, 0x5f), (0x61, 0x7a), (0x130, 0x130)],
        ('s', true) => &[(0x09, 0x0d), (0x20, 0x20)],
        ('d', false) => category("Nd").unwrap_or_default(),
        ('w', false) => WORD.get_or_init(|| unicode(r"[\p{L}\p{Mn}\p{Nd}\p{Pc}]")),
        _ => SPACE.get_or_init(|| unicode(r"\p{White_Space}")),
    }
}

/// General categories (`LC`, the cased letters, is ours alone), with the surrogates, which Rust's tables have no characters for.
fn category(name: &str) -> Option<&'static [(u16, u16)]> {
    const NAMES: [&str; 38] = [
        "C", "Cc", "Cf", "Cn", "Co", "Cs", "L", "LC", "Ll", "Lm", "Lo", "Lt", "Lu", "M", "Mc", "Me", "Mn", "N", "Nd",
        "Nl", "No", "P", "Pc", "Pd", "Pe", "Pf", "Pi", "Po", "Ps", "S", "Sc", "Sk", "Sm", "So", "Z", "Zl", "Zp", "Zs",
    ];
    static TABLES: [OnceLock<Vec<(u16, u16)>>; 38] = [const { OnceLock::new() }; 38];
    let index = NAMES.iter().position(|known| *known == name)?;
    Some(TABLES[index].get_or_init(|| {
        let mut ranges = if name == "Cs" { Vec::new() } else { unicode(&format!(r"\p{{{name}}}")) };
        if matches!(name, "C" | "Cs") {
            ranges.push((0xd800, 0xdfff));
            ranges.sort_unstable();
        }
        ranges
    }))
}

/// The ranges of a class in Rust's syntax, up to U+FFFF.
fn unicode(class: &str) -> Vec<(u16, u16)> {
    use regex_syntax::hir::{Class, HirKind};
    let Ok(tree) = regex_syntax::parse(class) else { return Vec::new() };
    let HirKind::Class(Class::Unicode(class)) = tree.kind() else { return Vec::new() };
    let unit = |c: char| u16::try_from(c as u32).unwrap_or(u16::MAX);
    let ranges = class.ranges().iter().filter(|range| range.start() <= '\u{ffff}');
    ranges.map(|range| (unit(range.start()), unit(range.end()))).collect()
}

/// Simple lower case of the invariant culture.
#[inline]
pub(crate) fn lower(unit: u16) -> u16 {
    if unit < 128 {
        return u16::from((unit as u8).to_ascii_lowercase());
    }
    let Some(c) = char::from_u32(u32::from(unit)) else { return unit };
    let mut lowered = c.to_lowercase();
    match (lowered.next(), lowered.next()) {
        (Some(one), None) => u16::try_from(one as u32).unwrap_or(unit),
        _ => unit,
    }
}

/// Whether a unit belongs to a general category of Unicode, named by its two letters.
pub fn is_in_category(name: &str, unit: u16) -> bool {
    match name {
        "Cs" => (0xd800..0xe000).contains(&unit),
        name => category(name).is_some_and(|set| within(set, unit)),
    }
}
