//! `System.Globalization.UnicodeCategory`, and what of `System.Char` rests on it.

use std::ops::RangeInclusive;

use csharp::{
    Args, Cx, Result, Value,
    surface::{EnumDef, TypeDef},
};

/// In the order of their numbers; the second name is Unicode's own.
const CATEGORIES: [(&str, &str); 30] = [
    ("UppercaseLetter", "Lu"),
    ("LowercaseLetter", "Ll"),
    ("TitlecaseLetter", "Lt"),
    ("ModifierLetter", "Lm"),
    ("OtherLetter", "Lo"),
    ("NonSpacingMark", "Mn"),
    ("SpacingCombiningMark", "Mc"),
    ("EnclosingMark", "Me"),
    ("DecimalDigitNumber", "Nd"),
    ("LetterNumber", "Nl"),
    ("OtherNumber", "No"),
    ("SpaceSeparator", "Zs"),
    ("LineSeparator", "Zl"),
    ("ParagraphSeparator", "Zp"),
    ("Control", "Cc"),
    ("Format", "Cf"),
    ("Surrogate", "Cs"),
    ("PrivateUse", "Co"),
    ("ConnectorPunctuation", "Pc"),
    ("DashPunctuation", "Pd"),
    ("OpenPunctuation", "Ps"),
    ("ClosePunctuation", "Pe"),
    ("InitialQuotePunctuation", "Pi"),
    ("FinalQuotePunctuation", "Pf"),
    ("OtherPunctuation", "Po"),
    ("MathSymbol", "Sm"),
    ("CurrencySymbol", "Sc"),
    ("ModifierSymbol", "Sk"),
    ("OtherSymbol", "So"),
    ("OtherNotAssigned", "Cn"),
];

const VALUES: [(&str, i64); 30] = {
    let mut values = [("", 0); 30];
    let mut at = 0;
    while at < 30 {
        values[at] = (CATEGORIES[at].0, at as i64);
        at += 1;
    }
    values
};

pub(crate) static DEF: TypeDef = TypeDef {
    name: "System.Globalization.UnicodeCategory",
    kind: EnumDef::of(&VALUES),
    doc: "What kind of character it is.",
    ..TypeDef::CLASS
};

/// The unit that the arguments name: a character, or a text and an index.
fn unit(args: &Args<'_>) -> Result<u16> {
    match args.value(0) {
        Value::Char(unit) => Ok(*unit),
        _ => super::char::unit_at(args),
    }
}

fn number_of(unit: u16) -> i64 {
    let found = CATEGORIES.iter().position(|(_, short)| dotregex::is_in_category(short, unit));
    found.map_or(29, |at| at as i64)
}

pub(super) fn of(_cx: &mut Cx<'_>, args: Args<'_>) -> Result<Value> {
    Ok(Value::enumeration(&DEF, number_of(unit(&args)?)))
}

/// Whether its category is one of these.
pub(super) fn is(args: &Args<'_>, wanted: RangeInclusive<i64>) -> Result<Value> {
    Ok(Value::Bool(wanted.contains(&number_of(unit(args)?))))
}

/// The number that a character stands for. Digits come in runs of ten; of the others, those of Latin text.
pub(super) fn numeric(_cx: &mut Cx<'_>, args: Args<'_>) -> Result<Value> {
    let unit = unit(&args)?;
    let from = |first: u16, value: u16| f64::from(unit - first + value);
    Ok(Value::Double(match unit {
        0xb2 | 0xb3 => from(0xb2, 2),
        0xb9 => 1.0,
        0xbc => 0.25,
        0xbd | 0x2cfd => 0.5,
        0xbe => 0.75,
        0x2070 => 0.0,
        0x2074..=0x2079 => from(0x2074, 4),
        0x2080..=0x2089 => from(0x2080, 0),
        0x2150 => 1.0 / 7.0,
        0x2151 => 1.0 / 9.0,
        0x2152 => 0.1,
        0x2153 => 1.0 / 3.0,
        0x2154 => 2.0 / 3.0,
        0x2155..=0x2158 => from(0x2155, 1) / 5.0,
        0x2159 => 1.0 / 6.0,
        0x215a => 5.0 / 6.0,
        0x215b => 0.125,
        0x215c => 0.375,
        0x215d => 0.625,
        0x215e => 0.875,
        0x215f => 1.0,
        0x2160..=0x216b => from(0x2160, 1),
        0x2170..=0x217b => from(0x2170, 1),
        0x216c | 0x217c => 50.0,
        0x216d | 0x217d => 100.0,
        0x216e | 0x217e => 500.0,
        0x216f | 0x217f => 1000.0,
        0x2460..=0x2473 => from(0x2460, 1),
        0x2474..=0x2487 => from(0x2474, 1),
        0x2488..=0x249b => from(0x2488, 1),
        0x3007 => 0.0,
        0x3021..=0x3029 => from(0x3021, 1),
        unit => super::char::digit(unit).map_or(-1.0, f64::from),
    }))
}
