//! `System.Char`.

use csharp::{
    Args, Cx, Result, Str, Value, exception,
    surface::{Kind, TypeDef, pure},
};

use super::char_category as category;

pub(crate) static DEF: TypeDef = TypeDef {
    name: "System.Char",
    kind: Kind::Struct,
    bases: &["IComparable", "IComparable<char>", "IEquatable<char>"],
    members: &[
        pure("const char MaxValue", |_, _| Ok(Value::Char(u16::MAX)), "U+FFFF."),
        pure("const char MinValue", |_, _| Ok(Value::Char(0)), "U+0000."),
        pure("static char Parse(string s)", parse, "The only character of a text."),
        pure("static bool IsDigit(char c)", |_, args| is(&args, is_decimal_digit), "Whether it is a decimal digit."),
        pure("static bool IsLetter(char c)", |_, args| is(&args, char::is_alphabetic), "Whether it is a letter."),
        pure(
            "static bool IsLetterOrDigit(char c)",
            |_, args| is(&args, |c| c.is_alphabetic() || is_decimal_digit(c)),
            "Whether it is a letter or a digit.",
        ),
        pure(
            "static bool IsUpper(char c)",
            |_, args| is(&args, char::is_uppercase),
            "Whether it is an upper-case letter.",
        ),
        pure(
            "static bool IsLower(char c)",
            |_, args| is(&args, char::is_lowercase),
            "Whether it is a lower-case letter.",
        ),
        pure(
            "static bool IsWhiteSpace(char c)",
            |_, args| is(&args, char::is_whitespace),
            "Whether it is white space.",
        ),
        pure("static char ToUpper(char c)", |_, args| Ok(Value::Char(upper(args.char(0)))), "The upper-case form."),
        pure("static char ToLower(char c)", |_, args| Ok(Value::Char(lower(args.char(0)))), "The lower-case form."),
        pure(
            "static char ToUpperInvariant(char c)",
            |_, args| Ok(Value::Char(upper(args.char(0)))),
            "The upper-case form.",
        ),
        pure(
            "static char ToLowerInvariant(char c)",
            |_, args| Ok(Value::Char(lower(args.char(0)))),
            "The lower-case form.",
        ),
        pure("static bool TryParse(string s, out char result)", try_parse, "Whether a text is one character."),
        pure(
            "static bool IsDigit(string s, int index)",
            |_, args| within(&args, is_decimal_digit),
            "Whether it is a decimal digit.",
        ),
        pure(
            "static bool IsLetter(string s, int index)",
            |_, args| within(&args, char::is_alphabetic),
            "Whether it is a letter.",
        ),
        pure(
            "static bool IsLetterOrDigit(string s, int index)",
            |_, args| within(&args, |c| c.is_alphabetic() || is_decimal_digit(c)),
            "Whether it is a letter or a digit.",
        ),
        pure(
            "static bool IsUpper(string s, int index)",
            |_, args| within(&args, char::is_uppercase),
            "Whether it is an upper-case letter.",
        ),
        pure(
            "static bool IsLower(string s, int index)",
            |_, args| within(&args, char::is_lowercase),
            "Whether it is a lower-case letter.",
        ),
        pure(
            "static bool IsWhiteSpace(string s, int index)",
            |_, args| within(&args, char::is_whitespace),
            "Whether it is white space.",
        ),
        pure(
            "static bool IsNumber(char c)",
            |_, args| is(&args, char::is_numeric),
            "Whether it is a digit or stands for a number.",
        ),
        pure(
            "static bool IsControl(char c)",
            |_, args| is(&args, char::is_control),
            "Whether it is a control character.",
        ),
        pure(
            "static bool IsSeparator(char c)",
            |_, args| is(&args, is_separator),
            "Whether it separates words, lines or paragraphs.",
        ),
        pure(
            "static bool IsSurrogate(char c)",
            |_, args| Ok(Value::Bool((0xd800..0xe000).contains(&args.char(0)))),
            "Whether it is half of a pair.",
        ),
        pure(
            "static bool IsHighSurrogate(char c)",
            |_, args| Ok(Value::Bool((0xd800..0xdc00).contains(&args.char(0)))),
            "Whether it is the first half of a pair.",
        ),
        pure(
            "static bool IsLowSurrogate(char c)",
            |_, args| Ok(Value::Bool((0xdc00..0xe000).contains(&args.char(0)))),
            "Whether it is the second half of a pair.",
        ),
        pure(
            "static bool IsSurrogate(string s, int index)",
            |_, args| unit_at(&args).map(|unit| Value::Bool((0xd800..0xe000).contains(&unit))),
            "Whether it is half of a pair.",
        ),
        pure(
            "static bool IsHighSurrogate(string s, int index)",
            |_, args| unit_at(&args).map(|unit| Value::Bool((0xd800..0xdc00).contains(&unit))),
            "Whether it is the first half of a pair.",
        ),
        pure(
            "static bool IsLowSurrogate(string s, int index)",
            |_, args| unit_at(&args).map(|unit| Value::Bool((0xdc00..0xe000).contains(&unit))),
            "Whether it is the second half of a pair.",
        ),
        pure("static int ConvertToUtf32(string s, int index)", convert_to_utf32, "The code point at an index."),
        pure("static string ConvertFromUtf32(int utf32)", convert_from_utf32, "A code point as text."),
        pure("static string ToString(char c)", super::object::to_string, "The character as text."),
        pure("string ToString()", super::object::to_string, "The character as text."),
        pure(
            "static bool IsPunctuation(char c)",
            |_, args| category::is(&args, 18..=24),
            "Whether it is a punctuation mark.",
        ),
        pure(
            "static bool IsPunctuation(string s, int index)",
            |_, args| category::is(&args, 18..=24),
            "Whether it is a punctuation mark.",
        ),
        pure("static bool IsSymbol(char c)", |_, args| category::is(&args, 25..=28), "Whether it is a symbol."),
        pure(
            "static bool IsSymbol(string s, int index)",
            |_, args| category::is(&args, 25..=28),
            "Whether it is a symbol.",
        ),
        pure("static UnicodeCategory GetUnicodeCategory(char c)", category::of, "Its category in Unicode."),
        pure(
            "static UnicodeCategory GetUnicodeCategory(string s, int index)",
            category::of,
            "Its category in Unicode.",
        ),
        pure("static double GetNumericValue(char c)", category::numeric, "The number it stands for, or -1."),
        pure(
            "static double GetNumericValue(string s, int index)",
            category::numeric,
            "The number it stands for, or -1.",
        ),
        pure(
            "static bool IsNumber(string s, int index)",
            |_, args| within(&args, char::is_numeric),
            "Whether it is a digit or stands for a number.",
        ),
        pure(
            "static bool IsControl(string s, int index)",
            |_, args| within(&args, char::is_control),
            "Whether it is a control character.",
        ),
        pure(
            "static bool IsSeparator(string s, int index)",
            |_, args| within(&args, is_separator),
            "Whether it separates words, lines or paragraphs.",
        ),
        pure(
            "static bool IsSurrogatePair(char highSurrogate, char lowSurrogate)",
            |_, args| Ok(Value::Bool(pair(args.char(0), args.char(1)).is_some())),
            "Whether both are the halves of a pair.",
        ),
        pure(
            "static bool IsSurrogatePair(string s, int index)",
            |_, args| {
                let (first, second) = (unit_at(&args)?, args.str(0, "s")?.unit(args.int(1) as usize + 1));
                Ok(Value::Bool(second.and_then(|second| pair(first, second)).is_some()))
            },
            "Whether a pair begins there.",
        ),
        pure(
            "static int ConvertToUtf32(char highSurrogate, char lowSurrogate)",
            |_, args| {
                let found = pair(args.char(0), args.char(1)).map(|c| Value::Int(u32::from(c) as i32));
                found.ok_or_else(|| {
                    exception::out_of_range(
                        "A valid high surrogate character is between 0xd800 and 0xdbff, inclusive.",
                        "highSurrogate",
                    )
                })
            },
            "The code point of a pair.",
        ),
        pure(
            "static char ToUpper(char c, CultureInfo culture)",
            |_, args| Ok(Value::Char(upper(args.char(0)))),
            "The upper-case form.",
        ),
        pure(
            "static char ToLower(char c, CultureInfo culture)",
            |_, args| Ok(Value::Char(lower(args.char(0)))),
            "The lower-case form.",
        ),
        pure("string ToString(IFormatProvider provider)", super::object::to_string, "The character as text."),
        pure(
            "int CompareTo(object value)",
            super::numbers::compare_to,
            "As with a character; ArgumentException for anything else.",
        ),
        pure("TypeCode GetTypeCode()", super::type_code::of_value, "`Char`."),
        pure("int CompareTo(char value)", compare_to, "The difference of both."),
        pure("bool Equals(char obj)", super::object::equals, "Whether both are the same."),
    ],
    doc: "A UTF-16 unit.",
    ..TypeDef::CLASS
};

/// The value of a decimal digit.
pub(super) fn digit(unit: u16) -> Option<u16> {
    DIGITS.iter().find(|start| (**start..**start + 10).contains(&u32::from(unit))).map(|start| unit - *start as u16)
}

/// Category Nd in the basic plane: runs of ten, given by their first code points.
const DIGITS: [u32; 37] = [
    0x30, 0x660, 0x6f0, 0x7c0, 0x966, 0x9e6, 0xa66, 0xae6, 0xb66, 0xbe6, 0xc66, 0xce6, 0xd66, 0xde6, 0xe50, 0xed0,
    0xf20, 0x1040, 0x1090, 0x17e0, 0x1810, 0x1946, 0x19d0, 0x1a80, 0x1a90, 0x1b50, 0x1bb0, 0x1c40, 0x1c50, 0xa620,
    0xa8d0, 0xa900, 0xa9d0, 0xa9f0, 0xaa50, 0xabf0, 0xff10,
];

fn is_decimal_digit(c: char) -> bool {
    DIGITS.iter().any(|start| (*start..start + 10).contains(&u32::from(c)))
}

fn is(args: &Args<'_>, test: fn(char) -> bool) -> Result<Value> {
    Ok(Value::Bool(char::from_u32(u32::from(args.char(0))).is_some_and(test)))
}

/// Simple upper-case mapping; what would need several units stays.
pub(crate) fn upper(unit: u16) -> u16 {
    map(unit, |c| single(c.to_uppercase()))
}

/// Simple lower-case mapping.
pub(crate) fn lower(unit: u16) -> u16 {
    map(unit, |c| single(c.to_lowercase()))
}

fn single(mut mapped: impl Iterator<Item = char>) -> Option<char> {
    mapped.next().filter(|_| mapped.next().is_none())
}

fn map(unit: u16, to: fn(char) -> Option<char>) -> u16 {
    char::from_u32(u32::from(unit)).and_then(to).and_then(|c| u16::try_from(u32::from(c)).ok()).unwrap_or(unit)
}

fn parse(_cx: &mut Cx<'_>, args: Args<'_>) -> Result<Value> {
    let text: &Str = args.str(0, "s")?;
    match (text.len(), text.unit(0)) {
        (1, Some(unit)) => Ok(Value::Char(unit)),
        _ => Err(exception::format("String must be exactly one character long.")),
    }
}

fn compare_to(_cx: &mut Cx<'_>, args: Args<'_>) -> Result<Value> {
    Ok(Value::Int(i32::from(args.char(0)) - i32::from(args.char(1))))
}

fn try_parse(_cx: &mut Cx<'_>, mut args: Args<'_>) -> Result<Value> {
    let found = args.opt_str(0).filter(|text| text.len() == 1).and_then(|text| text.unit(0));
    args.set(1, Value::Char(found.unwrap_or(0)));
    Ok(Value::Bool(found.is_some()))
}

/// The character that two halves make.
fn pair(high: u16, low: u16) -> Option<char> {
    char::decode_utf16([high, low]).next().and_then(std::result::Result::ok).filter(|c| u32::from(*c) > 0xffff)
}

/// The unit at the index that argument 1 gives, in the text at 0.
pub(super) fn unit_at(args: &Args<'_>) -> Result<u16> {
    let text = args.str(0, "s")?;
    let unit = usize::try_from(args.int(1)).ok().and_then(|index| text.unit(index));
    unit.ok_or_else(|| exception::out_of_range("", "index"))
}

fn within(args: &Args<'_>, test: fn(char) -> bool) -> Result<Value> {
    Ok(Value::Bool(char::from_u32(u32::from(unit_at(args)?)).is_some_and(test)))
}

/// Categories Zs, Zl and Zp.
fn is_separator(c: char) -> bool {
    matches!(
        c,
        ' ' | '\u{a0}' | '\u{1680}' | '\u{2000}'
            ..='\u{200a}' | '\u{2028}' | '\u{2029}' | '\u{202f}' | '\u{205f}' | '\u{3000}'
    )
}

fn convert_to_utf32(_cx: &mut Cx<'_>, args: Args<'_>) -> Result<Value> {
    let first = unit_at(&args)?;
    let second = args.str(0, "s")?.unit(args.int(1) as usize + 1);
    let units: Vec<u16> = if (0xd800..0xdc00).contains(&first) {
        [Some(first), second].into_iter().flatten().collect()
    } else {
        vec![first]
    };
    match char::decode_utf16(units).next() {
        Some(Ok(c)) => Ok(Value::Int(u32::from(c) as i32)),
        _ => Err(exception::argument("Found a surrogate char without its other half.", "s")),
    }
}

fn convert_from_utf32(_cx: &mut Cx<'_>, args: Args<'_>) -> Result<Value> {
    let c = u32::try_from(args.int(0)).ok().and_then(char::from_u32);
    let message = "A valid UTF32 value is between 0x000000 and 0x10ffff, inclusive, and should not include surrogate codepoint values (0x00d800 ~ 0x00dfff).";
    c.map(|c| Value::str(String::from(c))).ok_or_else(|| exception::out_of_range(message, "utf32"))
}
