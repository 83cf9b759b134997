//! `System.TimeSpan`: a word that holds ticks of 100 ns.

use std::cmp::Ordering;

use csharp::{
    Args, Cx, Result, Str, Value,
    surface::{Kind, TypeDef, WordOps, pure},
    ty::Def,
};
use dotformat::{TimeSpan, format_time_span, parse_time_span, parse_time_span_exact};

use super::format::raise;

pub(crate) static DEF: TypeDef = TypeDef {
    name: "System.TimeSpan",
    kind: Kind::Struct,
    bases: &["IComparable", "IComparable<TimeSpan>", "IEquatable<TimeSpan>", "IFormattable"],
    members: &[
        pure(
            "const long TicksPerMillisecond",
            |_, _| Ok(Value::Long(dotformat::TICKS_PER_MILLISECOND)),
            "Ticks of a millisecond.",
        ),
        pure("const long TicksPerSecond", |_, _| Ok(Value::Long(dotformat::TICKS_PER_SECOND)), "Ticks of a second."),
        pure("const long TicksPerMinute", |_, _| Ok(Value::Long(dotformat::TICKS_PER_MINUTE)), "Ticks of a minute."),
        pure("const long TicksPerHour", |_, _| Ok(Value::Long(dotformat::TICKS_PER_HOUR)), "Ticks of an hour."),
        pure("const long TicksPerDay", |_, _| Ok(Value::Long(dotformat::TICKS_PER_DAY)), "Ticks of a day."),
        pure("static readonly TimeSpan Zero", |_, _| Ok(value(TimeSpan::ZERO)), "No time."),
        pure("static readonly TimeSpan MinValue", |_, _| Ok(value(TimeSpan::MIN)), "The longest time back."),
        pure("static readonly TimeSpan MaxValue", |_, _| Ok(value(TimeSpan::MAX)), "The longest time."),
        pure("TimeSpan(long ticks)", |_, args| Ok(value(TimeSpan::from_ticks(args.long(0)))), "So many ticks."),
        pure(
            "TimeSpan(int hours, int minutes, int seconds)",
            |_, args| new([0, args.int(0), args.int(1), args.int(2), 0]),
            "The sum of its parts.",
        ),
        pure(
            "TimeSpan(int days, int hours, int minutes, int seconds)",
            |_, args| new([args.int(0), args.int(1), args.int(2), args.int(3), 0]),
            "The sum of its parts.",
        ),
        pure(
            "TimeSpan(int days, int hours, int minutes, int seconds, int milliseconds)",
            |_, args| new([args.int(0), args.int(1), args.int(2), args.int(3), args.int(4)]),
            "The sum of its parts.",
        ),
        pure(
            "static TimeSpan FromDays(double value)",
            |_, args| made(TimeSpan::from_days(args.double(0))),
            "So many days.",
        ),
        pure(
            "static TimeSpan FromHours(double value)",
            |_, args| made(TimeSpan::from_hours(args.double(0))),
            "So many hours.",
        ),
        pure(
            "static TimeSpan FromMinutes(double value)",
            |_, args| made(TimeSpan::from_minutes(args.double(0))),
            "So many minutes.",
        ),
        pure(
            "static TimeSpan FromSeconds(double value)",
            |_, args| made(TimeSpan::from_seconds(args.double(0))),
            "So many seconds.",
        ),
        pure(
            "static TimeSpan FromMilliseconds(double value)",
            |_, args| made(TimeSpan::from_milliseconds(args.double(0))),
            "So many milliseconds.",
        ),
        pure(
            "static TimeSpan FromTicks(long value)",
            |_, args| Ok(value(TimeSpan::from_ticks(args.long(0)))),
            "So many ticks.",
        ),
        pure("static TimeSpan Parse(string s)", parse, "Reads `[-][d.]hh:mm[:ss[.fffffff]]`."),
        pure(
            "static TimeSpan Parse(string input, IFormatProvider formatProvider)",
            parse,
            "Reads `[-][d.]hh:mm[:ss[.fffffff]]`.",
        ),
        pure("static bool TryParse(string s, out TimeSpan result)", try_parse, "Whether it is a time span."),
        pure(
            "static bool TryParse(string input, IFormatProvider formatProvider, out TimeSpan result)",
            try_parse,
            "Whether it is a time span.",
        ),
        pure(
            "static TimeSpan ParseExact(string input, string format, IFormatProvider formatProvider)",
            parse_exact,
            "Reads one format.",
        ),
        pure(
            "static TimeSpan ParseExact(string input, string format, IFormatProvider formatProvider, TimeSpanStyles styles)",
            parse_exact,
            "Reads one format.",
        ),
        pure(
            "static TimeSpan ParseExact(string input, string[] formats, IFormatProvider formatProvider)",
            parse_exact,
            "Reads the first format that fits.",
        ),
        pure(
            "static TimeSpan ParseExact(string input, string[] formats, IFormatProvider formatProvider, TimeSpanStyles styles)",
            parse_exact,
            "Reads the first format that fits.",
        ),
        pure(
            "static bool TryParseExact(string input, string format, IFormatProvider formatProvider, out TimeSpan result)",
            try_parse_exact,
            "Whether it fits the format.",
        ),
        pure(
            "static bool TryParseExact(string input, string[] formats, IFormatProvider formatProvider, out TimeSpan result)",
            try_parse_exact,
            "Whether it fits a format.",
        ),
        pure("long Ticks { get; }", |_, args| Ok(Value::Long(at(&args, 0).ticks())), "All of it in ticks."),
        pure("int Days { get; }", |_, args| Ok(Value::Int(at(&args, 0).days())), "Whole days."),
        pure("int Hours { get; }", |_, args| Ok(Value::Int(at(&args, 0).hours())), "Hours within the day."),
        pure("int Minutes { get; }", |_, args| Ok(Value::Int(at(&args, 0).minutes())), "Minutes within the hour."),
        pure("int Seconds { get; }", |_, args| Ok(Value::Int(at(&args, 0).seconds())), "Seconds within the minute."),
        pure(
            "int Milliseconds { get; }",
            |_, args| Ok(Value::Int(at(&args, 0).milliseconds())),
            "Milliseconds within the second.",
        ),
        pure("double TotalDays { get; }", |_, args| Ok(Value::Double(at(&args, 0).total_days())), "All of it in days."),
        pure(
            "double TotalHours { get; }",
            |_, args| Ok(Value::Double(at(&args, 0).total_hours())),
            "All of it in hours.",
        ),
        pure(
            "double TotalMinutes { get; }",
            |_, args| Ok(Value::Double(at(&args, 0).total_minutes())),
            "All of it in minutes.",
        ),
        pure(
            "double TotalSeconds { get; }",
            |_, args| Ok(Value::Double(at(&args, 0).total_seconds())),
            "All of it in seconds.",
        ),
        pure(
            "double TotalMilliseconds { get; }",
            |_, args| Ok(Value::Double(at(&args, 0).total_milliseconds())),
            "All of it in milliseconds.",
        ),
        pure("TimeSpan Add(TimeSpan ts)", |_, args| made(at(&args, 0).plus(at(&args, 1))), "The sum."),
        pure("TimeSpan Subtract(TimeSpan ts)", |_, args| made(at(&args, 0).minus(at(&args, 1))), "The difference."),
        pure("TimeSpan Negate()", |_, args| made(at(&args, 0).negate()), "The other direction."),
        pure("TimeSpan Duration()", |_, args| made(at(&args, 0).duration()), "Without its sign."),
        pure(
            "TimeSpan Multiply(double factor)",
            |_, args| made(at(&args, 0).multiply(args.double(1))),
            "So many times as long.",
        ),
        pure("TimeSpan Divide(double divisor)", |_, args| made(at(&args, 0).divide(args.double(1))), "A part of it."),
        pure(
            "double Divide(TimeSpan ts)",
            |_, args| Ok(Value::Double(at(&args, 0).ratio(at(&args, 1)))),
            "How often the other fits.",
        ),
        pure("string ToString()", super::object::to_string, "`[-][d.]hh:mm:ss[.fffffff]`."),
        pure("string ToString(string format)", to_string, "In a format."),
        pure("string ToString(string format, IFormatProvider formatProvider)", to_string, "In a format."),
        pure(
            "int CompareTo(object value)",
            super::numbers::compare_to,
            "Which is shorter; ArgumentException for another type.",
        ),
        pure("int CompareTo(TimeSpan value)", super::numbers::compare_to, "Which is shorter."),
        pure("bool Equals(TimeSpan obj)", super::object::equals, "Whether both are as long."),
        pure("static int Compare(TimeSpan t1, TimeSpan t2)", super::numbers::compare_to, "Which is shorter."),
        pure("static bool Equals(TimeSpan t1, TimeSpan t2)", super::object::equals, "Whether both are as long."),
        pure(
            "static TimeSpan operator +(TimeSpan t1, TimeSpan t2)",
            |_, args| made(at(&args, 0).plus(at(&args, 1))),
            "The sum.",
        ),
        pure(
            "static TimeSpan operator -(TimeSpan t1, TimeSpan t2)",
            |_, args| made(at(&args, 0).minus(at(&args, 1))),
            "The difference.",
        ),
        pure("static TimeSpan operator -(TimeSpan t)", |_, args| made(at(&args, 0).negate()), "The other direction."),
        pure("static TimeSpan operator +(TimeSpan t)", |_, args| Ok(value(at(&args, 0))), "Itself."),
        pure(
            "static TimeSpan operator *(TimeSpan timeSpan, double factor)",
            |_, args| made(at(&args, 0).multiply(args.double(1))),
            "So many times as long.",
        ),
        pure(
            "static TimeSpan operator *(double factor, TimeSpan timeSpan)",
            |_, args| made(at(&args, 1).multiply(args.double(0))),
            "So many times as long.",
        ),
        pure(
            "static TimeSpan operator /(TimeSpan timeSpan, double divisor)",
            |_, args| made(at(&args, 0).divide(args.double(1))),
            "A part of it.",
        ),
        pure(
            "static double operator /(TimeSpan t1, TimeSpan t2)",
            |_, args| Ok(Value::Double(at(&args, 0).ratio(at(&args, 1)))),
            "How often the other fits.",
        ),
        pure(
            "static bool operator ==(TimeSpan t1, TimeSpan t2)",
            |_, args| order(&args, Ordering::is_eq),
            "Whether both are as long.",
        ),
        pure(
            "static bool operator !=(TimeSpan t1, TimeSpan t2)",
            |_, args| order(&args, Ordering::is_ne),
            "Whether they differ.",
        ),
        pure(
            "static bool operator <(TimeSpan t1, TimeSpan t2)",
            |_, args| order(&args, Ordering::is_lt),
            "Whether the first is shorter.",
        ),
        pure(
            "static bool operator <=(TimeSpan t1, TimeSpan t2)",
            |_, args| order(&args, Ordering::is_le),
            "Whether the first is not longer.",
        ),
        pure(
            "static bool operator >(TimeSpan t1, TimeSpan t2)",
            |_, args| order(&args, Ordering::is_gt),
            "Whether the first is longer.",
        ),
        pure(
            "static bool operator >=(TimeSpan t1, TimeSpan t2)",
            |_, args| order(&args, Ordering::is_ge),
            "Whether the first is not shorter.",
        ),
    ],
    word: Some(&WordOps { text: |word| text(word), key: |word| word as i64 }),
    doc: "A length of time.",
    ..TypeDef::CLASS
};

/// As a value.
pub(crate) fn value(span: TimeSpan) -> Value {
    Value::Word(Def(&DEF), span.ticks() as u64)
}

/// Argument `index`.
pub(crate) fn at(args: &Args<'_>, index: usize) -> TimeSpan {
    TimeSpan::from_ticks(args.word(index) as i64)
}

fn text(word: u64) -> Str {
    format_time_span(TimeSpan::from_ticks(word as i64), "").unwrap_or_default().into()
}

/// The result of a calculation.
pub(super) fn made(span: dotformat::Result<TimeSpan>) -> Result<Value> {
    span.map(value).map_err(raise)
}

fn new([days, hours, minutes, seconds, milliseconds]: [i32; 5]) -> Result<Value> {
    made(TimeSpan::new(days, hours, minutes, seconds, milliseconds))
}

fn order(args: &Args<'_>, test: fn(Ordering) -> bool) -> Result<Value> {
    Ok(Value::Bool(test(at(args, 0).cmp(&at(args, 1)))))
}

fn parse(_cx: &mut Cx<'_>, args: Args<'_>) -> Result<Value> {
    made(parse_time_span(&args.str(0, "s")?.to_text()))
}

/// Writes the `out` argument, which is the last, and answers whether there is a result.
fn give(mut args: Args<'_>, found: Option<TimeSpan>) -> Result<Value> {
    args.set(args.len() - 1, value(found.unwrap_or_default()));
    Ok(Value::Bool(found.is_some()))
}

fn try_parse(_cx: &mut Cx<'_>, args: Args<'_>) -> Result<Value> {
    let found = args.opt_str(0).and_then(|text| parse_time_span(&text.to_text()).ok());
    give(args, found)
}

fn exact(args: &Args<'_>) -> Result<dotformat::Result<TimeSpan>> {
    let input = args.str(0, "input")?.to_text();
    let formats = super::date_time::formats(args, 1)?;
    let formats: Vec<&str> = formats.iter().map(String::as_str).collect();
    Ok(parse_time_span_exact(&input, &formats, args.len() == 4 && args.word(3) == 1))
}

fn parse_exact(_cx: &mut Cx<'_>, args: Args<'_>) -> Result<Value> {
    made(exact(&args)?)
}

fn try_parse_exact(_cx: &mut Cx<'_>, mut args: Args<'_>) -> Result<Value> {
    args.set(3, Value::Null); // what an `out` variable holds before the call is no style
    let found = exact(&args).ok().and_then(|span| span.ok());
    give(args, found)
}

fn to_string(_cx: &mut Cx<'_>, args: Args<'_>) -> Result<Value> {
    let format = args.opt_str(1).cloned().unwrap_or_default();
    format_time_span(at(&args, 0), &format.to_text()).map(Value::str).map_err(raise)
}
