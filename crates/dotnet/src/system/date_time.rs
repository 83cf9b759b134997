//! `System.DateTime`: a word that holds ticks of 100 ns since the year 1, and the kind in its two highest bits.

use std::{cmp::Ordering, sync::Arc};

use csharp::{
    Args, Const, Cx, Prepared, Result, Str, Value, exception,
    surface::{Kind, TypeDef, WordOps, pure, reads},
    ty::Def,
};
use dotformat::{
    DateFormat, DateTime, DateTimeKind, DateTimeStyles, ErrorKind, UNIX_EPOCH_TICKS, days_in_month, format_date_time,
    is_leap_year, parse_date_time, parse_date_time_exact,
};

use super::{date_enums, format::raise, time_span};

pub(crate) static DEF: TypeDef = TypeDef {
    name: "System.DateTime",
    kind: Kind::Struct,
    bases: &["IComparable", "IComparable<DateTime>", "IEquatable<DateTime>", "IFormattable"],
    members: &[
        pure("static readonly DateTime MinValue", |_, _| Ok(value(DateTime::MIN)), "The first instant of year 1."),
        pure("static readonly DateTime MaxValue", |_, _| Ok(value(DateTime::MAX)), "The last instant of year 9999."),
        pure(
            "static readonly DateTime UnixEpoch",
            |_, _| Ok(value(DateTime::UNIX_EPOCH)),
            "The first instant of 1970, UTC.",
        ),
        reads("static DateTime UtcNow { get; }", |cx, _| Ok(value(now(cx))), "Now, in UTC."),
        reads(
            "static DateTime Now { get; }",
            |cx, _| Ok(value(now(cx).with_kind(DateTimeKind::Local))),
            "Now, in local time, which is UTC.",
        ),
        reads(
            "static DateTime Today { get; }",
            |cx, _| Ok(value(now(cx).date().with_kind(DateTimeKind::Local))),
            "Midnight of today.",
        ),
        pure(
            "DateTime(long ticks)",
            |_, args| made(DateTime::from_ticks(args.long(0), DateTimeKind::Unspecified)),
            "So many ticks after the year 1 began.",
        ),
        pure(
            "DateTime(long ticks, DateTimeKind kind)",
            |_, args| made(DateTime::from_ticks(args.long(0), kind(&args, 1)?)),
            "So many ticks after the year 1 began.",
        ),
        pure("DateTime(int year, int month, int day)", |_, args| new(&args, 3), "Midnight of a day."),
        pure(
            "DateTime(int year, int month, int day, int hour, int minute, int second)",
            |_, args| new(&args, 6),
            "A time of a day.",
        ),
        pure(
            "DateTime(int year, int month, int day, int hour, int minute, int second, DateTimeKind kind)",
            |_, args| new(&args, 6),
            "A time of a day.",
        ),
        pure(
            "DateTime(int year, int month, int day, int hour, int minute, int second, int millisecond)",
            |_, args| new(&args, 7),
            "A time of a day.",
        ),
        pure(
            "DateTime(int year, int month, int day, int hour, int minute, int second, int millisecond, DateTimeKind kind)",
            |_, args| new(&args, 7),
            "A time of a day.",
        ),
        reads("static DateTime Parse(string s)", parse, "Reads a date in any usual form."),
        reads("static DateTime Parse(string s, IFormatProvider provider)", parse, "Reads a date in any usual form."),
        reads(
            "static DateTime Parse(string s, IFormatProvider provider, DateTimeStyles styles)",
            parse,
            "Reads a date in any usual form.",
        ),
        reads("static bool TryParse(string s, out DateTime result)", try_parse, "Whether it is a date."),
        reads(
            "static bool TryParse(string s, IFormatProvider provider, DateTimeStyles styles, out DateTime result)",
            try_parse,
            "Whether it is a date.",
        ),
        reads(
            "static DateTime ParseExact(string s, string format, IFormatProvider provider)",
            parse_exact,
            "Reads one format.",
        ),
        reads(
            "static DateTime ParseExact(string s, string format, IFormatProvider provider, DateTimeStyles style)",
            parse_exact,
            "Reads one format.",
        ),
        reads(
            "static DateTime ParseExact(string s, string[] formats, IFormatProvider provider, DateTimeStyles style)",
            parse_exact,
            "Reads the first format that fits.",
        ),
        reads(
            "static bool TryParseExact(string s, string format, IFormatProvider provider, DateTimeStyles style, out DateTime result)",
            try_parse_exact,
            "Whether it fits the format.",
        ),
        reads(
            "static bool TryParseExact(string s, string[] formats, IFormatProvider provider, DateTimeStyles style, out DateTime result)",
            try_parse_exact,
            "Whether it fits a format.",
        ),
        pure(
            "static int DaysInMonth(int year, int month)",
            |_, args| days_in_month(args.int(0), args.int(1)).map(Value::Int).map_err(raise),
            "How long a month is.",
        ),
        pure(
            "static bool IsLeapYear(int year)",
            |_, args| is_leap_year(args.int(0)).map(Value::Bool).map_err(raise),
            "Whether the year has a 29th of February.",
        ),
        pure(
            "static DateTime SpecifyKind(DateTime value, DateTimeKind kind)",
            |_, args| Ok(value(at(&args, 0).with_kind(kind(&args, 1)?))),
            "The same clock time, of another kind.",
        ),
        pure("static int Compare(DateTime t1, DateTime t2)", super::numbers::compare_to, "Which is earlier."),
        pure("static bool Equals(DateTime t1, DateTime t2)", super::object::equals, "Whether both show the same time."),
        pure("static DateTime FromOADate(double d)", from_oa_date, "From days since 1899-12-30."),
        pure(
            "static DateTime FromFileTimeUtc(long fileTime)",
            |_, args| from_file_time(args.long(0), DateTimeKind::Utc),
            "From ticks since 1601.",
        ),
        pure(
            "static DateTime FromFileTime(long fileTime)",
            |_, args| from_file_time(args.long(0), DateTimeKind::Local),
            "From ticks since 1601.",
        ),
        pure("int Year { get; }", |_, args| Ok(Value::Int(at(&args, 0).year())), "The year."),
        pure("int Month { get; }", |_, args| Ok(Value::Int(at(&args, 0).month())), "The month, from 1."),
        pure("int Day { get; }", |_, args| Ok(Value::Int(at(&args, 0).day())), "The day of the month."),
        pure("int Hour { get; }", |_, args| Ok(Value::Int(at(&args, 0).hour())), "The hour."),
        pure("int Minute { get; }", |_, args| Ok(Value::Int(at(&args, 0).minute())), "The minute."),
        pure("int Second { get; }", |_, args| Ok(Value::Int(at(&args, 0).second())), "The second."),
        pure("int Millisecond { get; }", |_, args| Ok(Value::Int(at(&args, 0).millisecond())), "The millisecond."),
        pure(
            "int DayOfYear { get; }",
            |_, args| Ok(Value::Int(at(&args, 0).day_of_year())),
            "The day of the year, from 1.",
        ),
        pure("DayOfWeek DayOfWeek { get; }", |_, args| Ok(day_of_week(at(&args, 0))), "The day of the week."),
        pure("long Ticks { get; }", |_, args| Ok(Value::Long(at(&args, 0).ticks())), "Ticks since the year 1 began."),
        pure("DateTime Date { get; }", |_, args| Ok(value(at(&args, 0).date())), "Midnight of its day."),
        pure(
            "TimeSpan TimeOfDay { get; }",
            |_, args| Ok(time_span::value(at(&args, 0).time_of_day())),
            "The time since midnight.",
        ),
        pure(
            "DateTimeKind Kind { get; }",
            |_, args| Ok(Value::enumeration(&date_enums::DATE_TIME_KIND, at(&args, 0).kind() as i64)),
            "Which clock it was read from.",
        ),
        pure(
            "DateTime Add(TimeSpan value)",
            |_, args| made(at(&args, 0).plus(time_span::at(&args, 1))),
            "So much later.",
        ),
        pure(
            "DateTime AddDays(double value)",
            |_, args| made(at(&args, 0).add_days(args.double(1))),
            "So much later, to the millisecond.",
        ),
        pure(
            "DateTime AddHours(double value)",
            |_, args| made(at(&args, 0).add_hours(args.double(1))),
            "So much later, to the millisecond.",
        ),
        pure(
            "DateTime AddMinutes(double value)",
            |_, args| made(at(&args, 0).add_minutes(args.double(1))),
            "So much later, to the millisecond.",
        ),
        pure(
            "DateTime AddSeconds(double value)",
            |_, args| made(at(&args, 0).add_seconds(args.double(1))),
            "So much later, to the millisecond.",
        ),
        pure(
            "DateTime AddMilliseconds(double value)",
            |_, args| made(at(&args, 0).add_milliseconds(args.double(1))),
            "So much later, to the millisecond.",
        ),
        pure(
            "DateTime AddTicks(long value)",
            |_, args| made(at(&args, 0).add_ticks(args.long(1))),
            "So many ticks later.",
        ),
        pure(
            "DateTime AddMonths(int months)",
            |_, args| made(at(&args, 0).add_months(args.int(1))),
            "So many months later, at most the month's last day.",
        ),
        pure(
            "DateTime AddYears(int value)",
            |_, args| made(at(&args, 0).add_years(args.int(1))),
            "So many years later.",
        ),
        pure(
            "TimeSpan Subtract(DateTime value)",
            |_, args| Ok(time_span::value(at(&args, 0).since(at(&args, 1)))),
            "The time between both.",
        ),
        pure(
            "DateTime Subtract(TimeSpan value)",
            |_, args| made(at(&args, 0).minus(time_span::at(&args, 1))),
            "So much earlier.",
        ),
        pure(
            "DateTime ToUniversalTime()",
            |_, args| Ok(value(at(&args, 0).to_universal_time())),
            "In UTC; a time of no kind counts as local.",
        ),
        pure(
            "DateTime ToLocalTime()",
            |_, args| Ok(value(at(&args, 0).to_local_time())),
            "In local time; a time of no kind counts as UTC.",
        ),
        pure("bool IsDaylightSavingTime()", |_, _| Ok(Value::Bool(false)), "Never: the local zone is UTC."),
        pure(
            "double ToOADate()",
            |_, args| at(&args, 0).to_oa_date().map(Value::Double).map_err(raise),
            "Days since 1899-12-30.",
        ),
        pure("long ToFileTimeUtc()", to_file_time, "Ticks since 1601."),
        pure("long ToFileTime()", to_file_time, "Ticks since 1601."),
        pure("long ToBinary()", |_, args| Ok(Value::Long(args.word(0) as i64)), "Ticks and kind in one number."),
        pure("string ToLongDateString()", |_, args| formatted(&args, "D"), "As `D` prints it."),
        pure("string ToShortDateString()", |_, args| formatted(&args, "d"), "As `d` prints it."),
        pure("string ToLongTimeString()", |_, args| formatted(&args, "T"), "As `T` prints it."),
        pure("string ToShortTimeString()", |_, args| formatted(&args, "t"), "As `t` prints it."),
        pure("string ToString()", super::object::to_string, "`MM/dd/yyyy HH:mm:ss`."),
        pure("string ToString(string format)", to_string, "In a format.").prepared(format),
        pure("string ToString(IFormatProvider provider)", super::object::to_string, "`MM/dd/yyyy HH:mm:ss`."),
        pure("string ToString(string format, IFormatProvider provider)", to_string, "In a format.").prepared(format),
        pure(
            "int CompareTo(object value)",
            super::numbers::compare_to,
            "Which is earlier; ArgumentException for another type.",
        ),
        pure("TypeCode GetTypeCode()", super::type_code::of_value, "`DateTime`."),
        pure("static DateTime FromBinary(long dateData)", from_binary, "What `ToBinary` gave."),
        pure("int CompareTo(DateTime value)", super::numbers::compare_to, "Which is earlier."),
        pure("bool Equals(DateTime value)", super::object::equals, "Whether both show the same time."),
        pure(
            "static DateTime operator +(DateTime d, TimeSpan t)",
            |_, args| made(at(&args, 0).plus(time_span::at(&args, 1))),
            "So much later.",
        ),
        pure(
            "static DateTime operator -(DateTime d, TimeSpan t)",
            |_, args| made(at(&args, 0).minus(time_span::at(&args, 1))),
            "So much earlier.",
        ),
        pure(
            "static TimeSpan operator -(DateTime d1, DateTime d2)",
            |_, args| Ok(time_span::value(at(&args, 0).since(at(&args, 1)))),
            "The time between both.",
        ),
        pure(
            "static bool operator ==(DateTime d1, DateTime d2)",
            |_, args| order(&args, Ordering::is_eq),
            "Whether both show the same time.",
        ),
        pure(
            "static bool operator !=(DateTime d1, DateTime d2)",
            |_, args| order(&args, Ordering::is_ne),
            "Whether they differ.",
        ),
        pure(
            "static bool operator <(DateTime t1, DateTime t2)",
            |_, args| order(&args, Ordering::is_lt),
            "Whether the first is earlier.",
        ),
        pure(
            "static bool operator <=(DateTime t1, DateTime t2)",
            |_, args| order(&args, Ordering::is_le),
            "Whether the first is not later.",
        ),
        pure(
            "static bool operator >(DateTime t1, DateTime t2)",
            |_, args| order(&args, Ordering::is_gt),
            "Whether the first is later.",
        ),
        pure(
            "static bool operator >=(DateTime t1, DateTime t2)",
            |_, args| order(&args, Ordering::is_ge),
            "Whether the first is not earlier.",
        ),
    ],
    word: Some(&WordOps { text: |word| text(word), key: |word| of_word(word).ticks() }),
    doc: "A day and a time of day.",
    ..TypeDef::CLASS
};

const KIND_SHIFT: u32 = 62;
/// Ticks between the years 1 and 1601.
pub(super) const FILE_TIME_OFFSET: i64 = 504_911_232_000_000_000;

/// As a value.
pub(crate) fn value(time: DateTime) -> Value {
    Value::Word(Def(&DEF), (time.kind() as u64) << KIND_SHIFT | time.ticks() as u64)
}

/// Argument `index`.
pub(crate) fn at(args: &Args<'_>, index: usize) -> DateTime {
    of_word(args.word(index))
}

/// From the bits of a value.
pub(crate) fn of_word(word: u64) -> DateTime {
    let kind = kind_of(word >> KIND_SHIFT).unwrap_or(DateTimeKind::Local);
    DateTime::from_ticks((word & ((1 << KIND_SHIFT) - 1)) as i64, kind).unwrap_or_default()
}

/// Of a value of this type.
pub(crate) fn as_date_time(value: &Value) -> Option<DateTime> {
    match value {
        Value::Word(def, word) if *def == Def(&DEF) => Some(of_word(*word)),
        _ => None,
    }
}

/// The host's clock, in UTC.
pub(crate) fn now(cx: &Cx<'_>) -> DateTime {
    of_timestamp(cx.host.now())
}

/// An instant of the host, in UTC. Every one of them lies within the calendar.
pub(crate) fn of_timestamp(instant: base::Timestamp) -> DateTime {
    DateTime::from_ticks(UNIX_EPOCH_TICKS + instant.0.div_euclid(100), DateTimeKind::Utc)
        .unwrap_or(DateTime::UNIX_EPOCH)
}

/// `DayOfWeek` of a time.
pub(super) fn day_of_week(time: DateTime) -> Value {
    Value::enumeration(&date_enums::DAY_OF_WEEK, i64::from(time.day_of_week()))
}

/// The result of a calculation.
pub(super) fn made(time: dotformat::Result<DateTime>) -> Result<Value> {
    time.map(value).map_err(raise)
}

/// The format, or the formats, at `index`.
pub(super) fn formats(args: &Args<'_>, index: usize) -> Result<Vec<String>> {
    let plain = |text: &Str| text.to_text().into_owned();
    match args.some(index, "format")? {
        Value::Str(format) => Ok(vec![plain(format)]),
        _ => Ok(args.items(index).iter().filter_map(Value::as_str).map(plain).collect()),
    }
}

/// The styles at `index`; none where the overload has no such argument.
pub(super) fn styles(args: &Args<'_>, index: usize) -> DateTimeStyles {
    match args.value(index) {
        Value::Word(def, bits) if *def == Def(&date_enums::DATE_TIME_STYLES) => DateTimeStyles(*bits as u32),
        _ => DateTimeStyles::NONE,
    }
}

fn text(word: u64) -> Str {
    format_date_time(of_word(word), "").unwrap_or_default().into()
}

fn kind_of(bits: u64) -> Option<DateTimeKind> {
    [DateTimeKind::Unspecified, DateTimeKind::Utc, DateTimeKind::Local].get(bits as usize).copied()
}

fn kind(args: &Args<'_>, index: usize) -> Result<DateTimeKind> {
    kind_of(args.word(index)).ok_or_else(|| exception::argument("Invalid DateTimeKind value.", "kind"))
}

/// From `count` numbers and perhaps a kind behind them.
fn new(args: &Args<'_>, count: usize) -> Result<Value> {
    let part = |index| if index < count { args.int(index) } else { 0 };
    let kind = if args.len() > count { kind(args, count)? } else { DateTimeKind::Unspecified };
    made(DateTime::new(part(0), part(1), part(2), part(3), part(4), part(5), part(6), kind))
}

fn order(args: &Args<'_>, test: fn(Ordering) -> bool) -> Result<Value> {
    Ok(Value::Bool(test(at(args, 0).cmp(&at(args, 1)))))
}

fn parse(cx: &mut Cx<'_>, args: Args<'_>) -> Result<Value> {
    made(parse_date_time(&args.str(0, "s")?.to_text(), styles(&args, 2), now(cx)))
}

/// Writes the `out` argument, which is the last, and answers whether there is a result. Styles that contradict each
/// other raise even so.
pub(super) fn give<T: Default>(mut args: Args<'_>, found: dotformat::Result<T>, wrap: fn(T) -> Value) -> Result<Value> {
    let found = match found {
        Err(error) if error.kind == ErrorKind::Argument => return Err(raise(error)),
        found => found.ok(),
    };
    let is_there = found.is_some();
    args.set(args.len() - 1, wrap(found.unwrap_or_default()));
    Ok(Value::Bool(is_there))
}

fn try_parse(cx: &mut Cx<'_>, args: Args<'_>) -> Result<Value> {
    let text = args.opt_str(0).cloned().unwrap_or_default();
    let found = parse_date_time(&text.to_text(), styles(&args, 2), now(cx));
    give(args, found, value)
}

fn exact(cx: &Cx<'_>, args: &Args<'_>) -> Result<dotformat::Result<DateTime>> {
    let text = args.str(0, "s")?.to_text();
    let formats = formats(args, 1)?;
    let formats: Vec<&str> = formats.iter().map(String::as_str).collect();
    Ok(parse_date_time_exact(&text, &formats, styles(args, 3), now(cx)))
}

fn parse_exact(cx: &mut Cx<'_>, args: Args<'_>) -> Result<Value> {
    made(exact(cx, &args)?)
}

fn try_parse_exact(cx: &mut Cx<'_>, mut args: Args<'_>) -> Result<Value> {
    match exact(cx, &args) {
        Ok(found) => give(args, found, value),
        Err(_) => {
            args.set(4, value(DateTime::MIN)); // a text or format that is null
            Ok(Value::Bool(false))
        }
    }
}

fn formatted(args: &Args<'_>, format: &str) -> Result<Value> {
    format_date_time(at(args, 0), format).map(Value::str).map_err(raise)
}

/// A format that is a literal is read with the policy.
fn format(constants: &[Option<Const>]) -> Option<Prepared> {
    let Some(Const::Str(format)) = constants.get(1)? else { return None };
    Some(Arc::new(DateFormat::of_date_time(&format.to_text()).ok()?))
}

fn to_string(_cx: &mut Cx<'_>, args: Args<'_>) -> Result<Value> {
    if let Some(format) = args.prepared::<DateFormat>() {
        return format.print(at(&args, 0)).map(Value::str).map_err(raise);
    }
    formatted(&args, &args.opt_str(1).cloned().unwrap_or_default().to_text())
}

/// The fraction of a day before 1899-12-30 counts forward, as in the format it comes from.
fn from_oa_date(_cx: &mut Cx<'_>, args: Args<'_>) -> Result<Value> {
    const MILLISECONDS_PER_DAY: i64 = 86_400_000;
    const OFFSET: i64 = 59_926_435_200_000; // 1899-12-30
    let days = args.double(0);
    if !(days > -657_435.0 && days < 2_958_466.0) {
        return Err(exception::argument("Not a legal OleAut date.", ""));
    }
    let mut milliseconds = (days * MILLISECONDS_PER_DAY as f64 + if days >= 0.0 { 0.5 } else { -0.5 }) as i64;
    if milliseconds < 0 {
        milliseconds -= milliseconds % MILLISECONDS_PER_DAY * 2;
    }
    made(DateTime::from_ticks((milliseconds + OFFSET) * dotformat::TICKS_PER_MILLISECOND, DateTimeKind::Unspecified))
}

fn from_file_time(ticks: i64, kind: DateTimeKind) -> Result<Value> {
    let time = ticks.checked_add(FILE_TIME_OFFSET).filter(|_| ticks >= 0);
    let time = time.and_then(|ticks| DateTime::from_ticks(ticks, kind).ok());
    time.map(value).ok_or_else(|| exception::out_of_range("Not a valid Win32 FileTime.", "fileTime"))
}

/// Ticks in the lower 62 bits, the kind above them.
fn from_binary(_cx: &mut Cx<'_>, args: Args<'_>) -> Result<Value> {
    let bits = args.long(0) as u64;
    let kind = match bits >> 62 {
        0 => DateTimeKind::Unspecified,
        1 => DateTimeKind::Utc,
        _ => DateTimeKind::Local,
    };
    let time = DateTime::from_ticks((bits & (u64::MAX >> 2)) as i64, kind);
    let message = "The binary data must result in a DateTime with ticks between DateTime.MinValue.Ticks and DateTime.MaxValue.Ticks.";
    time.map(value).map_err(|_| exception::argument(message, "dateData"))
}

fn to_file_time(_cx: &mut Cx<'_>, args: Args<'_>) -> Result<Value> {
    let ticks = at(&args, 0).to_universal_time().ticks() - FILE_TIME_OFFSET;
    if ticks < 0 {
        return Err(exception::out_of_range("Not a valid Win32 FileTime.", ""));
    }
    Ok(Value::Long(ticks))
}
