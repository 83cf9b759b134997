//! `System.String`.

use std::sync::Arc;

use csharp::{
    Args, Const, Cx, Prepared, Result, Str, StrBuilder, Value, exception,
    surface::{TypeDef, acts, pure, reads},
    value::{Array, Collection},
};

use super::{
    string_join::{concat, concat_all, concat_sequence, join, join_part, join_sequence},
    string_order as order, string_search as search,
    string_split::{split, split_lazily},
};

pub(crate) static DEF: TypeDef = TypeDef {
    name: "System.String",
    bases: &["IEnumerable<char>", "IComparable", "IComparable<string>", "IEquatable<string>"],
    members: &[
        pure("String(char[] value)", from_chars, "The characters as a text."),
        pure("String(char c, int count)", repeat, "One character, several times."),
        pure("String(char[] value, int startIndex, int length)", from_chars, "Some characters as a text."),
        pure("static readonly string Empty", |_, _| Ok(Value::Str(Str::EMPTY)), "`\"\"`."),
        pure("int Length { get; }", |_, args| Ok(Value::Int(args.text().len() as i32)), "UTF-16 units."),
        pure("char this[int index] { get; }", unit, "The unit at an index."),
        pure("static bool IsNullOrEmpty(string value)", is_null_or_empty, "Whether it is null or empty."),
        pure(
            "static bool IsNullOrWhiteSpace(string value)",
            is_null_or_white_space,
            "Whether there is nothing but white space.",
        ),
        acts(
            "static string Join<T>(string separator, IEnumerable<T> values)",
            join_sequence,
            "Items with a separator between them.",
        ),
        acts(
            "static string Join(string separator, IEnumerable<string> values)",
            join_sequence,
            "Items with a separator between them.",
        ),
        reads(
            "static string Join(string separator, params string[] value)",
            join,
            "Items with a separator between them.",
        ),
        reads(
            "static string Join(string separator, params object[] values)",
            join,
            "Items with a separator between them.",
        ),
        acts(
            "static string Join<T>(char separator, IEnumerable<T> values)",
            join_sequence,
            "Items with a separator between them.",
        ),
        reads(
            "static string Join(char separator, params string[] value)",
            join,
            "Items with a separator between them.",
        ),
        reads(
            "static string Join(char separator, params object[] values)",
            join,
            "Items with a separator between them.",
        ),
        reads(
            "static string Join(char separator, string[] value, int startIndex, int count)",
            join_part,
            "Some items with a separator between them.",
        ),
        pure("static string Concat(string str0, string str1)", concat, "Both, one after the other."),
        pure("static string Concat(string str0, string str1, string str2)", concat, "All, one after the other."),
        reads("static string Concat(params string[] values)", concat_all, "All, one after the other."),
        reads("static string Concat(params object[] args)", concat_all, "All, one after the other."),
        acts("static string Concat<T>(IEnumerable<T> values)", concat_sequence, "All, one after the other."),
        acts("static string Concat(IEnumerable<string> values)", concat_sequence, "All, one after the other."),
        reads("static string Format(string format, params object[] args)", format, "A composite format filled in.")
            .prepared(format_literal),
        reads(
            "static string Format(IFormatProvider provider, string format, params object[] args)",
            format_provider,
            "A composite format filled in.",
        )
        .prepared(format_literal),
        pure("bool Contains(string value)", contains, "Whether the text occurs; by unit."),
        pure("bool Contains(char value)", contains, "Whether the character occurs."),
        pure("bool Contains(string value, StringComparison comparisonType)", contains, "Whether the text occurs."),
        pure("bool Contains(char value, StringComparison comparisonType)", contains, "Whether the character occurs."),
        pure(
            "bool StartsWith(string value, bool ignoreCase, CultureInfo culture)",
            starts_with,
            "Whether it starts so.",
        ),
        pure("bool EndsWith(string value, bool ignoreCase, CultureInfo culture)", ends_with, "Whether it ends so."),
        pure("string ToUpper(CultureInfo culture)", upper, "Upper case; only the invariant culture exists."),
        pure("string ToLower(CultureInfo culture)", lower, "Lower case; only the invariant culture exists."),
        pure("string ToString(IFormatProvider provider)", super::object::to_string, "Itself."),
        pure("TypeCode GetTypeCode()", super::type_code::of_value, "`String`."),
        pure("IEnumerator<char> GetEnumerator()", crate::collections::enumerator, "Its units, one after the other."),
        pure(
            "string Normalize()",
            super::normalize::normalize,
            "Composed: an accent and its letter are one character.",
        ),
        pure("string Normalize(NormalizationForm normalizationForm)", super::normalize::normalize, "In a normal form."),
        pure("bool IsNormalized()", super::normalize::is_normalized, "Whether it is composed."),
        pure(
            "bool IsNormalized(NormalizationForm normalizationForm)",
            super::normalize::is_normalized,
            "Whether it is in a normal form.",
        ),
        pure(
            "string Replace(string oldValue, string newValue, bool ignoreCase, CultureInfo culture)",
            replace,
            "Each occurrence replaced.",
        ),
        pure(
            "static int Compare(string strA, string strB, bool ignoreCase, CultureInfo culture)",
            order::compare,
            "Which comes first.",
        ),
        pure("bool StartsWith(string value)", starts_with, "Whether it starts so."),
        pure("bool StartsWith(char value)", starts_with, "Whether it starts so."),
        pure("bool StartsWith(string value, StringComparison comparisonType)", starts_with, "Whether it starts so."),
        pure("bool EndsWith(string value)", ends_with, "Whether it ends so."),
        pure("bool EndsWith(char value)", ends_with, "Whether it ends so."),
        pure("bool EndsWith(string value, StringComparison comparisonType)", ends_with, "Whether it ends so."),
        pure("string Substring(int startIndex)", substring, "The rest from an index."),
        pure("string Substring(int startIndex, int length)", substring, "A part."),
        pure("string ToUpper()", upper, "Upper case."),
        pure("string ToLower()", lower, "Lower case."),
        pure("string ToUpperInvariant()", upper, "Upper case."),
        pure("string ToLowerInvariant()", lower, "Lower case."),
        pure("string Trim()", |_, args| trim(&args, true, true), "Without white space at both ends."),
        pure("string TrimStart()", |_, args| trim(&args, true, false), "Without white space at the start."),
        pure("string TrimEnd()", |_, args| trim(&args, false, true), "Without white space at the end."),
        pure("string Trim(char trimChar)", |_, args| trim(&args, true, true), "Without a character at both ends."),
        pure(
            "string TrimStart(char trimChar)",
            |_, args| trim(&args, true, false),
            "Without a character at the start.",
        ),
        pure("string TrimEnd(char trimChar)", |_, args| trim(&args, false, true), "Without a character at the end."),
        pure(
            "string Trim(params char[] trimChars)",
            |_, args| trim(&args, true, true),
            "Without some characters at both ends.",
        ),
        pure(
            "string TrimStart(params char[] trimChars)",
            |_, args| trim(&args, true, false),
            "Without some characters at the start.",
        ),
        pure(
            "string TrimEnd(params char[] trimChars)",
            |_, args| trim(&args, false, true),
            "Without some characters at the end.",
        ),
        pure("string Replace(string oldValue, string newValue)", replace, "Each occurrence replaced."),
        pure("string Replace(char oldChar, char newChar)", replace_char, "Each occurrence replaced."),
        pure("int IndexOf(string value)", search::index_of, "Where it first occurs, or -1."),
        pure(
            "int IndexOf(string value, int startIndex)",
            search::index_of,
            "Where it first occurs from an index, or -1.",
        ),
        pure(
            "int IndexOf(string value, int startIndex, int count)",
            search::index_of,
            "Where it first occurs in a part, or -1.",
        ),
        pure(
            "int IndexOf(string value, StringComparison comparisonType)",
            search::index_of,
            "Where it first occurs, or -1.",
        ),
        pure("int IndexOf(char value)", search::index_of, "Where it first occurs, or -1."),
        pure(
            "int IndexOf(char value, int startIndex)",
            search::index_of,
            "Where it first occurs from an index, or -1.",
        ),
        pure(
            "int IndexOf(char value, int startIndex, int count)",
            search::index_of,
            "Where it first occurs in a part, or -1.",
        ),
        pure(
            "int IndexOf(char value, StringComparison comparisonType)",
            search::index_of,
            "Where it first occurs, or -1.",
        ),
        pure(
            "int IndexOf(string value, int startIndex, StringComparison comparisonType)",
            search::index_of,
            "Where it first occurs from an index, or -1.",
        ),
        pure(
            "int IndexOf(string value, int startIndex, int count, StringComparison comparisonType)",
            search::index_of,
            "Where it first occurs in a part, or -1.",
        ),
        reads("int IndexOfAny(char[] anyOf)", search::index_of_any, "Where one of the characters first occurs, or -1."),
        reads(
            "int IndexOfAny(char[] anyOf, int startIndex)",
            search::index_of_any,
            "Where one of the characters first occurs from an index, or -1.",
        ),
        reads(
            "int IndexOfAny(char[] anyOf, int startIndex, int count)",
            search::index_of_any,
            "Where one of the characters first occurs in a part, or -1.",
        ),
        pure("int LastIndexOf(string value)", search::last_index_of, "Where it last occurs, or -1."),
        pure(
            "int LastIndexOf(string value, int startIndex)",
            search::last_index_of,
            "Where it last occurs from an index, or -1.",
        ),
        pure(
            "int LastIndexOf(string value, int startIndex, int count)",
            search::last_index_of,
            "Where it last occurs in a part, or -1.",
        ),
        pure(
            "int LastIndexOf(string value, StringComparison comparisonType)",
            search::last_index_of,
            "Where it last occurs, or -1.",
        ),
        pure("int LastIndexOf(char value)", search::last_index_of, "Where it last occurs, or -1."),
        pure(
            "int LastIndexOf(char value, int startIndex)",
            search::last_index_of,
            "Where it last occurs from an index, or -1.",
        ),
        pure(
            "int LastIndexOf(char value, int startIndex, int count)",
            search::last_index_of,
            "Where it last occurs in a part, or -1.",
        ),
        pure(
            "int LastIndexOf(string value, int startIndex, StringComparison comparisonType)",
            search::last_index_of,
            "Where it last occurs from an index, or -1.",
        ),
        pure(
            "int LastIndexOf(string value, int startIndex, int count, StringComparison comparisonType)",
            search::last_index_of,
            "Where it last occurs in a part, or -1.",
        ),
        reads(
            "int LastIndexOfAny(char[] anyOf)",
            search::last_index_of_any,
            "Where one of the characters last occurs, or -1.",
        ),
        reads(
            "int LastIndexOfAny(char[] anyOf, int startIndex)",
            search::last_index_of_any,
            "Where one of the characters last occurs from an index, or -1.",
        ),
        reads(
            "int LastIndexOfAny(char[] anyOf, int startIndex, int count)",
            search::last_index_of_any,
            "Where one of the characters last occurs in a part, or -1.",
        ),
        reads(
            "string[] Split(char[] separator, int count, StringSplitOptions options)",
            split,
            "Its first parts between separators.",
        )
        .lazily(split_lazily),
        reads(
            "string[] Split(string[] separator, int count, StringSplitOptions options)",
            split,
            "Its first parts between separators.",
        )
        .lazily(split_lazily),
        pure(
            "string[] Split(string separator, int count, StringSplitOptions options = StringSplitOptions.None)",
            split,
            "Its first parts between separators.",
        )
        .lazily(split_lazily),
        pure("static int Compare(string strA, string strB)", order::compare, "Which comes first."),
        pure("static int Compare(string strA, string strB, bool ignoreCase)", order::compare, "Which comes first."),
        pure(
            "static int Compare(string strA, string strB, StringComparison comparisonType)",
            order::compare,
            "Which comes first.",
        ),
        pure(
            "static int Compare(string strA, int indexA, string strB, int indexB, int length)",
            order::compare_parts,
            "Which part comes first.",
        ),
        pure(
            "static int Compare(string strA, int indexA, string strB, int indexB, int length, bool ignoreCase)",
            order::compare_parts,
            "Which part comes first.",
        ),
        pure(
            "static int Compare(string strA, int indexA, string strB, int indexB, int length, StringComparison comparisonType)",
            order::compare_parts,
            "Which part comes first.",
        ),
        pure(
            "static int CompareOrdinal(string strA, string strB)",
            order::compare_ordinal,
            "Which comes first, by unit.",
        ),
        pure(
            "static int CompareOrdinal(string strA, int indexA, string strB, int indexB, int length)",
            order::compare_ordinal_parts,
            "Which part comes first, by unit.",
        ),
        pure("int CompareTo(string strB)", order::compare_to, "Which comes first."),
        pure("int CompareTo(object value)", order::compare_to, "Which comes first."),
        acts(
            "void CopyTo(int sourceIndex, char[] destination, int destinationIndex, int count)",
            copy_to,
            "Copies units.",
        ),
        pure("char[] ToCharArray(int startIndex, int length)", to_chars, "Some of its units."),
        pure("static string Copy(string str)", same, "The same text."),
        pure("static string Intern(string str)", same, "The same text."),
        pure("static string IsInterned(string str)", same, "The same text."),
        pure("object Clone()", |_, mut args| Ok(args.take(0)), "Itself."),
        reads(
            "static string Join(string separator, string[] value, int startIndex, int count)",
            join_part,
            "Some items with a separator between them.",
        ),
        pure(
            "string Replace(string oldValue, string newValue, StringComparison comparisonType)",
            replace,
            "Each occurrence replaced.",
        ),
        reads(
            "string[] Split(params char[] separator)",
            split,
            "Its parts between separators; white space without any.",
        )
        .lazily(split_lazily),
        pure(
            "string[] Split(char separator, StringSplitOptions options = StringSplitOptions.None)",
            split,
            "Its parts between separators.",
        )
        .lazily(split_lazily),
        pure(
            "string[] Split(char separator, int count, StringSplitOptions options = StringSplitOptions.None)",
            split,
            "Its first parts between separators.",
        )
        .lazily(split_lazily),
        reads("string[] Split(char[] separator, int count)", split, "Its first parts between separators.")
            .lazily(split_lazily),
        reads("string[] Split(char[] separator, StringSplitOptions options)", split, "Its parts between separators.")
            .lazily(split_lazily),
        pure(
            "string[] Split(string separator, StringSplitOptions options = StringSplitOptions.None)",
            split,
            "Its parts between separators.",
        )
        .lazily(split_lazily),
        reads("string[] Split(string[] separator, StringSplitOptions options)", split, "Its parts between separators.")
            .lazily(split_lazily),
        pure("string PadLeft(int totalWidth)", |cx, args| pad(cx, &args, true), "Filled up on the left."),
        pure(
            "string PadLeft(int totalWidth, char paddingChar)",
            |cx, args| pad(cx, &args, true),
            "Filled up on the left.",
        ),
        pure("string PadRight(int totalWidth)", |cx, args| pad(cx, &args, false), "Filled up on the right."),
        pure(
            "string PadRight(int totalWidth, char paddingChar)",
            |cx, args| pad(cx, &args, false),
            "Filled up on the right.",
        ),
        pure("string Insert(int startIndex, string value)", insert, "With a text inserted."),
        pure("string Remove(int startIndex)", remove, "Up to an index."),
        pure("string Remove(int startIndex, int count)", remove, "Without a part."),
        pure("char[] ToCharArray()", to_chars, "Its units."),
        pure("string ToString()", super::object::to_string, "Itself."),
        pure("bool Equals(string value)", super::object::equals, "Whether both are the same text, by unit."),
        pure(
            "bool Equals(string value, StringComparison comparisonType)",
            equals_comparison,
            "Whether both are the same text.",
        ),
        pure(
            "static bool Equals(string a, string b)",
            super::object::equals,
            "Whether both are the same text, by unit.",
        ),
        pure(
            "static bool Equals(string a, string b, StringComparison comparisonType)",
            equals_comparison,
            "Whether both are the same text.",
        ),
    ],
    doc: "Text.",
    ..TypeDef::CLASS
};

fn unit(_cx: &mut Cx<'_>, args: Args<'_>) -> Result<Value> {
    let index = usize::try_from(args.int(1)).ok();
    index.and_then(|index| args.text().unit(index)).map(Value::Char).ok_or_else(exception::index_out_of_range)
}

fn from_chars(_cx: &mut Cx<'_>, args: Args<'_>) -> Result<Value> {
    let units: Vec<u16> =
        args.items(0).iter().map(|item| if let Value::Char(unit) = item { *unit } else { 0 }).collect();
    let (start, length) = if args.len() > 1 { (args.int(1), args.int(2)) } else { (0, units.len() as i32) };
    let range = usize::try_from(start).ok().zip(usize::try_from(length).ok());
    let part = range.and_then(|(start, length)| units.get(start..start.checked_add(length)?));
    part.map(|part| Value::Str(Str::from_units(part))).ok_or_else(|| exception::out_of_range("", "startIndex"))
}

fn repeat(cx: &mut Cx<'_>, args: Args<'_>) -> Result<Value> {
    let count = usize::try_from(args.int(1)).map_err(|_| exception::out_of_range("", "count"))?;
    cx.meter.text(count * 2)?;
    Ok(Value::Str(Str::from_units(&vec![args.char(0); count])))
}

fn is_null_or_empty(_cx: &mut Cx<'_>, args: Args<'_>) -> Result<Value> {
    Ok(Value::Bool(args.opt_str(0).is_none_or(Str::is_empty)))
}

fn is_null_or_white_space(_cx: &mut Cx<'_>, args: Args<'_>) -> Result<Value> {
    Ok(Value::Bool(args.opt_str(0).is_none_or(|text| text.to_text().chars().all(char::is_whitespace))))
}

/// A composite format that is a literal is read with the policy; the provider may stand before it.
fn format_literal(constants: &[Option<Const>]) -> Option<Prepared> {
    let format = constants.iter().take(2).flatten().find_map(|constant| match constant {
        Const::Str(format) => Some(format),
        _ => None,
    })?;
    Some(Arc::new(super::format::segments(&format.to_text())?))
}

/// Fills in the format at `index` with the items behind it.
fn filled(cx: &mut Cx<'_>, args: &Args<'_>, index: usize) -> Result<Value> {
    let format = args.str(index, "format")?;
    args.some(index + 1, "args")?;
    let items = args.items(index + 1);
    match args.prepared::<Vec<super::format::Segment>>() {
        Some(segments) => super::format::fill(cx, segments, &items),
        None => super::composite(cx, format, &items),
    }
    .map(Value::Str)
}

fn format(cx: &mut Cx<'_>, args: Args<'_>) -> Result<Value> {
    filled(cx, &args, 0)
}

fn format_provider(cx: &mut Cx<'_>, args: Args<'_>) -> Result<Value> {
    filled(cx, &args, 1)
}

/// The text of a string or char argument.
pub(super) fn needle(args: &Args<'_>, index: usize) -> Result<Str> {
    match args.value(index) {
        Value::Char(unit) => Ok(Str::from_unit(*unit)),
        _ => args.str(index, "value").cloned(),
    }
}

/// Whether the `StringComparison` argument ignores case. Linguistic and ordinal comparison differ in ways that
/// `docs/compatibility.md` lists.
pub(super) fn ignores_case(args: &Args<'_>, index: usize) -> bool {
    matches!(args.value(index), Value::Word(_, 1 | 3 | 5) | Value::Bool(true))
}

/// The units as they compare where case is ignored: upper-cased one by one.
pub(super) fn folded(text: &Str, ignore_case: bool) -> Vec<u16> {
    let mut units = text.units();
    if ignore_case {
        for unit in &mut units {
            *unit = super::char::upper(*unit);
        }
    }
    units
}

pub(super) fn find(text: &[u16], needle: &[u16]) -> Option<usize> {
    if needle.is_empty() {
        return Some(0);
    }
    text.windows(needle.len()).position(|window| window == needle)
}

fn contains(_cx: &mut Cx<'_>, args: Args<'_>) -> Result<Value> {
    let needle = needle(&args, 1)?;
    let ignore_case = ignores_case(&args, 2);
    if let (false, Some(text), Some(needle)) = (ignore_case, args.text().as_str(), needle.as_str()) {
        return Ok(Value::Bool(text.contains(needle)));
    }
    Ok(Value::Bool(find(&folded(args.text(), ignore_case), &folded(&needle, ignore_case)).is_some()))
}

fn starts_with(_cx: &mut Cx<'_>, args: Args<'_>) -> Result<Value> {
    let needle = needle(&args, 1)?;
    let ignore_case = ignores_case(&args, 2);
    if let (false, Some(text), Some(needle)) = (ignore_case, args.text().as_str(), needle.as_str()) {
        return Ok(Value::Bool(text.starts_with(needle)));
    }
    Ok(Value::Bool(folded(args.text(), ignore_case).starts_with(&folded(&needle, ignore_case))))
}

fn ends_with(_cx: &mut Cx<'_>, args: Args<'_>) -> Result<Value> {
    let needle = needle(&args, 1)?;
    let ignore_case = ignores_case(&args, 2);
    Ok(Value::Bool(folded(args.text(), ignore_case).ends_with(&folded(&needle, ignore_case))))
}

fn substring(_cx: &mut Cx<'_>, args: Args<'_>) -> Result<Value> {
    let (text, start) = (args.text(), args.int(1));
    let length = text.len() as i32;
    let wanted = if args.len() > 2 { args.int(2) } else { length.saturating_sub(start) };
    let message = match () {
        () if start < 0 => ("StartIndex cannot be less than zero.", "startIndex"),
        () if start > length => ("startIndex cannot be larger than length of string.", "startIndex"),
        () if wanted < 0 => ("Length cannot be less than zero.", "length"),
        () => ("Index and length must refer to a location within the string.", "length"),
    };
    let part = usize::try_from(start).ok().zip(usize::try_from(wanted).ok());
    let part = part.and_then(|(start, wanted)| text.substring(start, wanted));
    part.map(Value::Str).ok_or_else(|| exception::out_of_range(message.0, message.1))
}

fn cased(args: &Args<'_>, ascii: fn(&u8) -> u8, unit: fn(u16) -> u16) -> Value {
    Value::Str(args.text().map_ascii(ascii).unwrap_or_else(|| {
        let units: Vec<u16> = args.text().units().into_iter().map(unit).collect();
        Str::from_units(&units)
    }))
}

fn upper(_cx: &mut Cx<'_>, args: Args<'_>) -> Result<Value> {
    Ok(cased(&args, u8::to_ascii_uppercase, super::char::upper))
}

fn lower(_cx: &mut Cx<'_>, args: Args<'_>) -> Result<Value> {
    Ok(cased(&args, u8::to_ascii_lowercase, super::char::lower))
}

pub(super) fn units_of(value: &Value) -> Vec<u16> {
    match value {
        Value::Char(unit) => vec![*unit],
        _ => value.downcast::<Array>().map(Array::values).unwrap_or_default().iter().filter_map(char_of).collect(),
    }
}

fn char_of(value: &Value) -> Option<u16> {
    if let Value::Char(unit) = value { Some(*unit) } else { None }
}

pub(super) fn is_white(unit: u16) -> bool {
    char::from_u32(u32::from(unit)).is_some_and(char::is_whitespace)
}

fn trim(args: &Args<'_>, start: bool, end: bool) -> Result<Value> {
    if let (1, Some(text)) = (args.len(), args.text().as_str()) {
        let text = if start { text.trim_start() } else { text };
        let text = if end { text.trim_end() } else { text };
        // Most texts have nothing to trim: they stay what they are.
        return Ok(if text.len() == args.text().byte_len() { args.value(0).clone() } else { Value::str(text) });
    }
    let chosen = units_of(args.value(1));
    let unwanted = |unit: &u16| if chosen.is_empty() { is_white(*unit) } else { chosen.contains(unit) };
    let units = args.text().units();
    let from = if start { units.iter().position(|unit| !unwanted(unit)).unwrap_or(units.len()) } else { 0 };
    let to = if end { units.iter().rposition(|unit| !unwanted(unit)).map_or(from, |at| at + 1) } else { units.len() };
    Ok(Value::Str(args.text().substring(from, to.saturating_sub(from)).unwrap_or_default()))
}

fn replace(cx: &mut Cx<'_>, args: Args<'_>) -> Result<Value> {
    let old = args.str(1, "oldValue")?;
    if old.is_empty() {
        return Err(exception::argument("String cannot be of zero length.", "oldValue"));
    }
    let new = args.opt_str(2).cloned().unwrap_or_default();
    let caseless = ignores_case(&args, 3);
    if let (false, Some(text), Some(old), Some(by)) = (caseless, args.text().as_str(), old.as_str(), new.as_str()) {
        let count = text.matches(old).count();
        if count == 0 {
            return Ok(args.value(0).clone());
        }
        cx.meter.text(text.len() - count * old.len() + count * by.len())?;
        return Ok(Value::str(text.replace(old, by)));
    }
    let (units, old) = (args.text().units(), folded(old, caseless));
    let sought = folded(args.text(), caseless);
    let (mut out, mut at) = (StrBuilder::default(), 0);
    while let Some(unit) = units.get(at) {
        if sought.get(at..).is_some_and(|rest| rest.starts_with(&old)) {
            cx.meter.text(new.byte_len())?;
            out.push(&new);
            at += old.len();
        } else {
            out.push_unit(*unit);
            at += 1;
        }
    }
    Ok(Value::Str(out.finish()))
}

fn replace_char(_cx: &mut Cx<'_>, args: Args<'_>) -> Result<Value> {
    let (old, new) = (args.char(1), args.char(2));
    let chars = char::from_u32(u32::from(old)).zip(char::from_u32(u32::from(new)));
    if let (Some(text), Some((old, new))) = (args.text().as_str(), chars) {
        return Ok(Value::str(text.replace(old, new.encode_utf8(&mut [0; 4]))));
    }
    let units: Vec<u16> = args.text().units().into_iter().map(|unit| if unit == old { new } else { unit }).collect();
    Ok(Value::Str(Str::from_units(&units)))
}

fn pad(cx: &mut Cx<'_>, args: &Args<'_>, left: bool) -> Result<Value> {
    let width = usize::try_from(args.int(1))
        .map_err(|_| exception::out_of_range("Non-negative number required.", "totalWidth"))?;
    let unit = if args.len() > 2 { args.char(2) } else { 0x20 };
    let text = args.text();
    cx.meter.text(width)?;
    let padding = Str::from_units(&vec![unit; width.saturating_sub(text.len())]);
    Ok(Value::Str(if left { padding.concat(text) } else { text.concat(&padding) }))
}

fn insert(_cx: &mut Cx<'_>, args: Args<'_>) -> Result<Value> {
    let (text, new) = (args.text(), args.str(2, "value")?);
    let parts = usize::try_from(args.int(1))
        .ok()
        .and_then(|at| Some((text.substring(0, at)?, text.substring(at, text.len() - at)?)));
    let (before, after) = parts.ok_or_else(|| exception::out_of_range("", "startIndex"))?;
    Ok(Value::Str(before.concat(new).concat(&after)))
}

fn remove(_cx: &mut Cx<'_>, args: Args<'_>) -> Result<Value> {
    let (text, start) = (args.text(), args.int(1));
    if args.len() == 2 && start >= text.len() as i32 {
        return Err(exception::out_of_range("startIndex must be less than length of string.", "startIndex"));
    }
    let count = if args.len() > 2 { args.int(2) } else { text.len() as i32 - start };
    let range = usize::try_from(start).ok().zip(usize::try_from(count).ok());
    let parts = range.and_then(|(start, count)| {
        let end = start.checked_add(count)?;
        Some((text.substring(0, start)?, text.substring(end, text.len().checked_sub(end)?)?))
    });
    let (before, after) = parts.ok_or_else(|| exception::out_of_range("", "startIndex"))?;
    Ok(Value::Str(before.concat(&after)))
}

/// The units from `start`, `count` of them.
fn part<'u>(units: &'u [u16], start: i32, count: i32, param: &str) -> Result<&'u [u16]> {
    let count =
        usize::try_from(count).map_err(|_| exception::out_of_range("Length cannot be less than zero.", "count"))?;
    let start = usize::try_from(start).ok();
    let part = start.and_then(|start| units.get(start..start.checked_add(count)?));
    part.ok_or_else(|| exception::out_of_range("Index and count must refer to a location within the string.", param))
}

fn to_chars(_cx: &mut Cx<'_>, args: Args<'_>) -> Result<Value> {
    let units = args.text().units();
    let units = if args.len() > 1 { part(&units, args.int(1), args.int(2), "startIndex")? } else { &units };
    Ok(Value::array(csharp::Ty::CHAR, units.iter().copied().map(Value::Char).collect()))
}

fn copy_to(_cx: &mut Cx<'_>, args: Args<'_>) -> Result<Value> {
    let destination = args.object_or::<Array>(2, "destination")?;
    let units = args.text().units();
    let units = part(&units, args.int(1), args.int(4), "sourceIndex")?;
    let at = usize::try_from(args.int(3)).ok().filter(|at| at.saturating_add(units.len()) <= destination.count());
    let at = at.ok_or_else(|| {
        let text = "Either offset did not refer to a position in the string, or there is an insufficient length of destination character array.";
        exception::out_of_range(text, "destinationIndex")
    })?;
    for (offset, unit) in units.iter().enumerate() {
        destination.set_item(at + offset, Value::Char(*unit))?;
    }
    Ok(Value::Null)
}

fn same(_cx: &mut Cx<'_>, mut args: Args<'_>) -> Result<Value> {
    args.str(0, "str")?;
    Ok(args.take(0))
}

fn equals_comparison(_cx: &mut Cx<'_>, args: Args<'_>) -> Result<Value> {
    let ignore_case = ignores_case(&args, 2);
    Ok(Value::Bool(match (args.opt_str(0), args.opt_str(1)) {
        (Some(left), Some(right)) => folded(left, ignore_case) == folded(right, ignore_case),
        (None, None) => true,
        _ => false,
    }))
}
