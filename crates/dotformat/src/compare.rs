//! Comparing and casing strings: ordinal, ordinal without case, and by the invariant culture.
//!
//! The invariant culture is ICU's root collation on the reference runtime: letters by their base letter first, then by
//! accent, then lower before upper case; punctuation before symbols before digits before letters, none of it ignored.
//! This covers ASCII, Latin-1 and Latin Extended-A exactly; characters beyond sort behind those, by code point.

use std::cmp::Ordering;

/// `string.CompareOrdinal`: by UTF-16 units.
pub fn compare_ordinal(a: &str, b: &str) -> Ordering {
    // UTF-8 order differs from UTF-16 order only where surrogates come in.
    a.encode_utf16().cmp(b.encode_utf16())
}

/// `StringComparison.OrdinalIgnoreCase`: ordinal after simple upper-casing.
pub fn compare_ordinal_ignore_case(a: &str, b: &str) -> Ordering {
    if a.is_ascii() && b.is_ascii() {
        return a.bytes().map(|c| c.to_ascii_uppercase()).cmp(b.bytes().map(|c| c.to_ascii_uppercase()));
    }
    let mut buffers = ([0; 2], [0; 2]);
    let upper = |c: char, buffer: &mut [u16; 2]| to_upper(c).encode_utf16(buffer).to_vec();
    let a = a.chars().flat_map(|c| upper(c, &mut buffers.0));
    let b = b.chars().flat_map(|c| upper(c, &mut buffers.1));
    a.cmp(b)
}

/// Whether two strings are equal without case, ordinally.
pub fn equals_ignore_case(a: &str, b: &str) -> bool {
    compare_ordinal_ignore_case(a, b) == Ordering::Equal
}

/// `string.ToUpperInvariant`.
pub fn to_upper_invariant(text: &str) -> String {
    text.chars().map(to_upper).collect()
}

/// `string.ToLowerInvariant`.
pub fn to_lower_invariant(text: &str) -> String {
    text.chars().map(to_lower).collect()
}

/// `char.ToUpperInvariant`: one character to one; ß and its like stay.
pub fn to_upper(c: char) -> char {
    if c.is_ascii() {
        return c.to_ascii_uppercase();
    }
    match c {
        // The invariant culture leaves the dotless one alone.
        '\u{131}' => c,
        // Greek letters with an iota below have a title form that upper-casing in full would spell out.
        '\u{1f80}'..='\u{1f87}' | '\u{1f90}'..='\u{1f97}' | '\u{1fa0}'..='\u{1fa7}' => offset(c, 8),
        '\u{1fb3}' | '\u{1fc3}' | '\u{1ff3}' => offset(c, 9),
        _ => single(c, c.to_uppercase()),
    }
}

/// `char.ToLowerInvariant`.
pub fn to_lower(c: char) -> char {
    if c.is_ascii() {
        return c.to_ascii_lowercase();
    }
    if c == '\u{130}' { c } else { single(c, c.to_lowercase()) }
}

fn offset(c: char, by: u32) -> char {
    char::from_u32(c as u32 + by).unwrap_or(c)
}

fn single(c: char, mut mapped: impl Iterator<Item = char>) -> char {
    match (mapped.next(), mapped.next()) {
        (Some(one), None) => one,
        _ => c,
    }
}

/// `StringComparison.InvariantCulture` and `CurrentCulture`, with or without case.
pub fn compare_invariant(a: &str, b: &str, ignore_case: bool) -> Ordering {
    let primary = keys(a).map(|key| key.primary).filter(|p| *p != 0);
    let by_letter = primary.cmp(keys(b).map(|key| key.primary).filter(|p| *p != 0));
    let by_accent = || {
        let accents = keys(a).map(|key| key.accent).filter(|w| *w != 0);
        accents.cmp(keys(b).map(|key| key.accent).filter(|w| *w != 0))
    };
    let by_case = || keys(a).map(|key| key.case).cmp(keys(b).map(|key| key.case));
    by_letter.then_with(by_accent).then_with(|| if ignore_case { Ordering::Equal } else { by_case() })
}

/// The collation weights of one element; zero is ignored on its level.
#[derive(Clone, Copy, Default)]
struct Key {
    primary: u32,
    accent: u8,
    case: u8,
}

impl Key {
    /// Sorts behind everything with the same letter weight.
    fn after(self) -> Self {
        Self { accent: u8::MAX, ..self }
    }
}

/// Everything that is not a letter, in order.
const SIGNS: &str = "\t\n\u{b}\u{c}\r\u{85} _-,;:!¡?¿.·'\"«»()[]{}§¶@*/\\&#%`´¯¨^¸°©®+±÷×<=>¬|¦~¤¢$£¥0123456789";
/// Weight of the first letter.
const LETTERS: u32 = 0x1000;
const COMMON: u8 = 1;

fn keys(text: &str) -> impl Iterator<Item = Key> + '_ {
    text.chars().flat_map(elements).filter(|key| key.primary != 0 || key.accent != 0)
}

fn elements(c: char) -> impl Iterator<Item = Key> {
    let [first, second] = match c {
        'æ' | 'Æ' => pair('a', 'e', c.is_uppercase()),
        'œ' | 'Œ' => pair('o', 'e', c.is_uppercase()),
        'ß' => pair('s', 's', false),
        _ => match decompose(c) {
            Some((base, accent)) => [Some(letter(base)), Some(Key { accent, case: COMMON, primary: 0 })],
            None => [Some(letter(c)), None],
        },
    };
    first.into_iter().chain(second)
}

/// A ligature sorts as its letters, after the same letters apart.
fn pair(a: char, b: char, upper: bool) -> [Option<Key>; 2] {
    let key = |c| Key { case: COMMON + 2 + u8::from(upper), ..letter(c) };
    [Some(key(a)), Some(key(b))]
}

fn letter(c: char) -> Key {
    let weight = |primary, upper: bool| Key { primary, accent: COMMON, case: COMMON + u8::from(upper) };
    if c.is_ascii_alphabetic() {
        return weight(LETTERS + u32::from(c.to_ascii_lowercase() as u8 - b'a') * 2, c.is_ascii_uppercase());
    }
    match c {
        // Letters of their own: right after the one they derive from.
        'đ' | 'Đ' => weight(LETTERS + 3 * 2 + 1, c == 'Đ'),
        'ð' | 'Ð' => weight(LETTERS + 3 * 2 + 1, c == 'Ð').after(),
        'ħ' | 'Ħ' => weight(LETTERS + 7 * 2 + 1, c == 'Ħ'),
        'ı' => weight(LETTERS + 8 * 2 + 1, false),
        'ŋ' | 'Ŋ' => weight(LETTERS + 13 * 2 + 1, c == 'Ŋ'),
        'ŧ' | 'Ŧ' => weight(LETTERS + 19 * 2 + 1, c == 'Ŧ'),
        'þ' | 'Þ' => weight(LETTERS + 26 * 2, c == 'Þ'),
        '\u{0}'..='\u{8}' | '\u{e}'..='\u{1f}' | '\u{7f}'..='\u{84}' | '\u{86}'..='\u{9f}' | '\u{ad}' => Key::default(),
        '\u{200b}'..='\u{200f}' | '\u{feff}' => Key::default(),
        '\u{a0}' => Key { case: COMMON + 4, ..letter(' ') },
        _ => match SIGNS.chars().position(|sign| sign == c) {
            Some(index) => weight(index as u32 + 1, false),
            None => weight(LETTERS * 2 + to_lower(c) as u32, c != to_lower(c)),
        },
    }
}

/// Base letter and accent weight, in the order of the root collation.
fn decompose(c: char) -> Option<(char, u8)> {
    const ACCENTS: [&str; 13] = [
        "áéíóúýÁÉÍÓÚÝćĆĺĹńŃŕŔśŚźŹ",
        "àèìòùÀÈÌÒÙ",
        "ăĂĕĔğĞĭĬŏŎŭŬ",
        "âêîôûÂÊÎÔÛĉĈĝĜĥĤĵĴŝŜŵŴŷŶ",
        "čČďĎěĚľĽňŇřŘšŠťŤžŽ",
        "åÅůŮ",
        "äëïöüÿÄËÏÖÜŸ",
        "őŐűŰ",
        "ãñõÃÑÕĩĨũŨ",
        "ċĊėĖġĠİżŻ",
        "çÇģĢķĶļĻņŅŗŖşŞţŢ",
        "ąĄęĘįĮųŲ",
        "āĀēĒīĪōŌūŪ",
    ];
    const BASES: [&str; 13] = [
        "aeiouyAEIOUYcClLnNrRsSzZ",
        "aeiouAEIOU",
        "aAeEgGiIoOuU",
        "aeiouAEIOUcCgGhHjJsSwWyY",
        "cCdDeElLnNrRsStTzZ",
        "aAuU",
        "aeiouyAEIOUY",
        "oOuU",
        "anoANOiIuU",
        "cCeEgGIzZ",
        "cCgGkKlLnNrRsStT",
        "aAeEiIuU",
        "aAeEiIoOuU",
    ];
    match c {
        'ø' => return Some(('o', 20)),
        'Ø' => return Some(('O', 20)),
        'ł' => return Some(('l', 20)),
        'Ł' => return Some(('L', 20)),
        c if c.is_ascii() || c > '\u{17f}' => return None,
        _ => {}
    }
    ACCENTS.iter().zip(BASES).enumerate().find_map(|(weight, (accented, bases))| {
        let index = accented.chars().position(|a| a == c)?;
        Some((bases.chars().nth(index)?, weight as u8 + 2))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_invariant_culture_puts_lower_case_first_and_accents_between() {
        for pair in
            [("a", "A"), ("A", "b"), ("a", "á"), ("á", "b"), ("A", "á"), ("co-op", "coop"), ("1", "a"), ("", "a")]
        {
            assert_eq!(compare_invariant(pair.0, pair.1, false), Ordering::Less, "{pair:?}");
            assert_eq!(compare_invariant(pair.1, pair.0, false), Ordering::Greater, "{pair:?}");
        }
        assert_eq!(compare_invariant("STRASSE", "strasse", true), Ordering::Equal);
        assert_eq!(compare_invariant("a\u{ad}b", "ab", false), Ordering::Equal);
    }

    #[test]
    fn sorting_gives_the_recorded_orders() {
        let sorted = |text: &str| {
            let mut words: Vec<&str> = text.split('|').collect();
            words.reverse();
            words.sort_by(|a, b| compare_invariant(a, b, false));
            words.join("|")
        };
        let words = " |_|-|~|$|1|a|A|á|Á|a-b|ab|aB|Ab|ae|æ|af|b|B|d|đ|e|o|ø|p|ss|ß|st|z|þ";
        assert_eq!(sorted(words), words);
        let mut ascii: Vec<char> = (' '..='~').collect();
        ascii.sort_by(|a, b| compare_invariant(&a.to_string(), &b.to_string(), false));
        let expected =
            " _-,;:!?.'\"()[]{}@*/\\&#%`^+<=>|~$0123456789aAbBcCdDeEfFgGhHiIjJkKlLmMnNoOpPqQrRsStTuUvVwWxXyYzZ";
        assert_eq!(ascii.into_iter().collect::<String>(), expected);
    }

    #[test]
    fn casing_maps_one_to_one() {
        assert_eq!(to_upper_invariant("straße ı"), "STRAßE ı");
        assert_eq!(to_upper_invariant("ſŉǰᾳµÿİΐ"), "SŉǰᾼΜŸİΐ");
        assert_eq!(to_lower_invariant("İÀ"), "İà");
        assert!(equals_ignore_case("Ärger", "äRGER"));
        assert_eq!(compare_ordinal("a", "B"), Ordering::Greater);
        assert_eq!(compare_ordinal("\u{ffff}", "😀"), Ordering::Greater);
    }
}
