//! `System.DateTimeOffset`. It needs more than one word, so it is an immutable object; the default value is a word.

use std::{cmp::Ordering, sync::Arc};

use csharp::{
    Args, Const, Cx, Prepared, Result, Str, Ty, Value, exception,
    parcel::{Packed, Packer},
    surface::{Kind, TypeDef, WordOps, pure, reads},
    ty::Def,
    value::Object,
};
use dotformat::{
    DateFormat, DateTime, DateTimeKind, DateTimeOffset, TimeSpan, format_date_time_offset, parse_date_time_offset,
    parse_date_time_offset_exact,
};

use super::{
    date_time::{self, day_of_week, formats, give, now, styles},
    format::raise,
    time_span,
};

pub(crate) static DEF: TypeDef = TypeDef {
    name: "System.DateTimeOffset",
    kind: Kind::Struct,
    bases: &["IComparable", "IComparable<DateTimeOffset>", "IEquatable<DateTimeOffset>", "IFormattable"],
    members: &[
        pure(
            "static readonly DateTimeOffset MinValue",
            |_, _| Ok(value(DateTimeOffset::from_date_time(DateTime::MIN))),
            "The first instant of year 1.",
        ),
        pure(
            "static readonly DateTimeOffset MaxValue",
            |_, _| Ok(value(DateTimeOffset::from_date_time(DateTime::MAX))),
            "The last instant of year 9999.",
        ),
        pure(
            "static readonly DateTimeOffset UnixEpoch",
            |_, _| Ok(value(DateTimeOffset::from_date_time(DateTime::UNIX_EPOCH))),
            "The first instant of 1970.",
        ),
        reads(
            "static DateTimeOffset UtcNow { get; }",
            |cx, _| Ok(value(DateTimeOffset::from_date_time(now(cx)))),
            "Now, in UTC.",
        ),
        reads(
            "static DateTimeOffset Now { get; }",
            |cx, _| Ok(value(DateTimeOffset::from_date_time(now(cx)))),
            "Now, in local time, which is UTC.",
        ),
        pure(
            "DateTimeOffset(DateTime dateTime)",
            |_, args| Ok(value(DateTimeOffset::from_date_time(date_time::at(&args, 0)))),
            "A time with the offset of its kind, which is zero.",
        ),
        pure("DateTimeOffset(DateTime dateTime, TimeSpan offset)", with_offset, "A clock time and its offset."),
        pure("DateTimeOffset(long ticks, TimeSpan offset)", from_ticks, "A clock time in ticks and its offset."),
        pure(
            "DateTimeOffset(int year, int month, int day, int hour, int minute, int second, TimeSpan offset)",
            |_, args| new(&args, 6),
            "A clock time and its offset.",
        ),
        pure(
            "DateTimeOffset(int year, int month, int day, int hour, int minute, int second, int millisecond, TimeSpan offset)",
            |_, args| new(&args, 7),
            "A clock time and its offset.",
        ),
        pure(
            "static DateTimeOffset FromUnixTimeSeconds(long seconds)",
            |_, args| made(DateTimeOffset::from_unix_seconds(args.long(0))),
            "So many seconds after 1970 began.",
        ),
        pure(
            "static DateTimeOffset FromUnixTimeMilliseconds(long milliseconds)",
            |_, args| made(DateTimeOffset::from_unix_milliseconds(args.long(0))),
            "So many milliseconds after 1970 began.",
        ),
        reads("static DateTimeOffset Parse(string input)", parse, "Reads a date in any usual form."),
        reads(
            "static DateTimeOffset Parse(string input, IFormatProvider formatProvider)",
            parse,
            "Reads a date in any usual form.",
        ),
        reads(
            "static DateTimeOffset Parse(string input, IFormatProvider formatProvider, DateTimeStyles styles)",
            parse,
            "Reads a date in any usual form.",
        ),
        reads("static bool TryParse(string input, out DateTimeOffset result)", try_parse, "Whether it is a date."),
        reads(
            "static bool TryParse(string input, IFormatProvider formatProvider, DateTimeStyles styles, out DateTimeOffset result)",
            try_parse,
            "Whether it is a date.",
        ),
        reads(
            "static DateTimeOffset ParseExact(string input, string format, IFormatProvider formatProvider)",
            parse_exact,
            "Reads one format.",
        ),
        reads(
            "static DateTimeOffset ParseExact(string input, string format, IFormatProvider formatProvider, DateTimeStyles styles)",
            parse_exact,
            "Reads one format.",
        ),
        reads(
            "static DateTimeOffset ParseExact(string input, string[] formats, IFormatProvider formatProvider, DateTimeStyles styles)",
            parse_exact,
            "Reads the first format that fits.",
        ),
        reads(
            "static bool TryParseExact(string input, string format, IFormatProvider formatProvider, DateTimeStyles styles, out DateTimeOffset result)",
            try_parse_exact,
            "Whether it fits the format.",
        ),
        reads(
            "static bool TryParseExact(string input, string[] formats, IFormatProvider formatProvider, DateTimeStyles styles, out DateTimeOffset result)",
            try_parse_exact,
            "Whether it fits a format.",
        ),
        pure("static int Compare(DateTimeOffset first, DateTimeOffset second)", compare_to, "Which is earlier."),
        pure(
            "static bool Equals(DateTimeOffset first, DateTimeOffset second)",
            |_, args| order(&args, Ordering::is_eq),
            "Whether both are the same instant.",
        ),
        pure(
            "DateTime DateTime { get; }",
            |_, args| Ok(date_time::value(at(&args, 0).clock())),
            "The clock time, of no kind.",
        ),
        pure(
            "DateTime UtcDateTime { get; }",
            |_, args| Ok(date_time::value(at(&args, 0).utc())),
            "The instant in UTC.",
        ),
        pure(
            "DateTime LocalDateTime { get; }",
            |_, args| Ok(date_time::value(at(&args, 0).local())),
            "The instant in local time.",
        ),
        pure(
            "TimeSpan Offset { get; }",
            |_, args| Ok(time_span::value(at(&args, 0).offset())),
            "The clock's distance to UTC.",
        ),
        pure("int Year { get; }", |_, args| Ok(Value::Int(at(&args, 0).clock().year())), "The year."),
        pure("int Month { get; }", |_, args| Ok(Value::Int(at(&args, 0).clock().month())), "The month, from 1."),
        pure("int Day { get; }", |_, args| Ok(Value::Int(at(&args, 0).clock().day())), "The day of the month."),
        pure("int Hour { get; }", |_, args| Ok(Value::Int(at(&args, 0).clock().hour())), "The hour."),
        pure("int Minute { get; }", |_, args| Ok(Value::Int(at(&args, 0).clock().minute())), "The minute."),
        pure("int Second { get; }", |_, args| Ok(Value::Int(at(&args, 0).clock().second())), "The second."),
        pure(
            "int Millisecond { get; }",
            |_, args| Ok(Value::Int(at(&args, 0).clock().millisecond())),
            "The millisecond.",
        ),
        pure(
            "int DayOfYear { get; }",
            |_, args| Ok(Value::Int(at(&args, 0).clock().day_of_year())),
            "The day of the year, from 1.",
        ),
        pure("DayOfWeek DayOfWeek { get; }", |_, args| Ok(day_of_week(at(&args, 0).clock())), "The day of the week."),
        pure(
            "DateTime Date { get; }",
            |_, args| Ok(date_time::value(at(&args, 0).clock().date())),
            "Midnight of its day.",
        ),
        pure(
            "TimeSpan TimeOfDay { get; }",
            |_, args| Ok(time_span::value(at(&args, 0).clock().time_of_day())),
            "The time since midnight.",
        ),
        pure(
            "long Ticks { get; }",
            |_, args| Ok(Value::Long(at(&args, 0).clock().ticks())),
            "The clock time in ticks.",
        ),
        pure("long UtcTicks { get; }", |_, args| Ok(Value::Long(at(&args, 0).utc().ticks())), "The instant in ticks."),
        pure(
            "long ToUnixTimeSeconds()",
            |_, args| Ok(Value::Long(at(&args, 0).to_unix_seconds())),
            "Seconds since 1970 began.",
        ),
        pure(
            "long ToUnixTimeMilliseconds()",
            |_, args| Ok(Value::Long(at(&args, 0).to_unix_milliseconds())),
            "Milliseconds since 1970 began.",
        ),
        pure("DateTimeOffset Add(TimeSpan timeSpan)", add, "So much later."),
        pure(
            "DateTimeOffset AddDays(double days)",
            |_, args| map(&args, |time| time.add_days(args.double(1))),
            "So much later.",
        ),
        pure(
            "DateTimeOffset AddHours(double hours)",
            |_, args| map(&args, |time| time.add_hours(args.double(1))),
            "So much later.",
        ),
        pure(
            "DateTimeOffset AddMinutes(double minutes)",
            |_, args| map(&args, |time| time.add_minutes(args.double(1))),
            "So much later.",
        ),
        pure(
            "DateTimeOffset AddSeconds(double seconds)",
            |_, args| map(&args, |time| time.add_seconds(args.double(1))),
            "So much later.",
        ),
        pure(
            "DateTimeOffset AddMilliseconds(double milliseconds)",
            |_, args| map(&args, |time| time.add_milliseconds(args.double(1))),
            "So much later.",
        ),
        pure(
            "DateTimeOffset AddTicks(long ticks)",
            |_, args| map(&args, |time| time.add_ticks(args.long(1))),
            "So many ticks later.",
        ),
        pure(
            "DateTimeOffset AddMonths(int months)",
            |_, args| map(&args, |time| time.add_months(args.int(1))),
            "So many months later.",
        ),
        pure(
            "DateTimeOffset AddYears(int years)",
            |_, args| map(&args, |time| time.add_years(args.int(1))),
            "So many years later.",
        ),
        pure(
            "TimeSpan Subtract(DateTimeOffset value)",
            |_, args| Ok(time_span::value(at(&args, 0).since(at(&args, 1)))),
            "The time between both.",
        ),
        pure("DateTimeOffset Subtract(TimeSpan value)", subtract, "So much earlier."),
        pure(
            "DateTimeOffset ToOffset(TimeSpan offset)",
            |_, args| made(at(&args, 0).to_offset(time_span::at(&args, 1))),
            "The same instant, told in another offset.",
        ),
        pure(
            "DateTimeOffset ToUniversalTime()",
            |_, args| Ok(value(at(&args, 0).to_universal_time())),
            "The same instant, told in UTC.",
        ),
        pure(
            "DateTimeOffset ToLocalTime()",
            |_, args| Ok(value(at(&args, 0).to_universal_time())),
            "The same instant, told in local time.",
        ),
        pure(
            "bool EqualsExact(DateTimeOffset other)",
            |_, args| Ok(Value::Bool(at(&args, 0).equals_exact(at(&args, 1)))),
            "Whether instant and offset are the same.",
        ),
        pure("string ToString()", super::object::to_string, "`MM/dd/yyyy HH:mm:ss zzz`."),
        pure("string ToString(string format)", to_string, "In a format.").prepared(format),
        pure("string ToString(IFormatProvider formatProvider)", super::object::to_string, "`MM/dd/yyyy HH:mm:ss zzz`."),
        pure("string ToString(string format, IFormatProvider formatProvider)", to_string, "In a format.")
            .prepared(format),
        pure(
            "long ToFileTime()",
            |_, args| {
                let ticks = at(&args, 0).utc().ticks() - date_time::FILE_TIME_OFFSET;
                let message = "Not a valid Win32 FileTime.";
                if ticks < 0 { Err(exception::out_of_range(message, "")) } else { Ok(Value::Long(ticks)) }
            },
            "Ticks since 1601, in UTC.",
        ),
        pure("int CompareTo(DateTimeOffset other)", compare_to, "Which is earlier."),
        pure(
            "bool Equals(DateTimeOffset other)",
            |_, args| order(&args, Ordering::is_eq),
            "Whether both are the same instant.",
        ),
        pure(
            "static implicit operator DateTimeOffset(DateTime dateTime)",
            |_, args| Ok(value(DateTimeOffset::from_date_time(date_time::at(&args, 0)))),
            "A time with the offset of its kind.",
        ),
        pure(
            "static DateTimeOffset operator +(DateTimeOffset dateTimeOffset, TimeSpan timeSpan)",
            add,
            "So much later.",
        ),
        pure(
            "static DateTimeOffset operator -(DateTimeOffset dateTimeOffset, TimeSpan timeSpan)",
            subtract,
            "So much earlier.",
        ),
        pure(
            "static TimeSpan operator -(DateTimeOffset left, DateTimeOffset right)",
            |_, args| Ok(time_span::value(at(&args, 0).since(at(&args, 1)))),
            "The time between both.",
        ),
        pure(
            "static bool operator ==(DateTimeOffset left, DateTimeOffset right)",
            |_, args| order(&args, Ordering::is_eq),
            "Whether both are the same instant.",
        ),
        pure(
            "static bool operator !=(DateTimeOffset left, DateTimeOffset right)",
            |_, args| order(&args, Ordering::is_ne),
            "Whether they differ.",
        ),
        pure(
            "static bool operator <(DateTimeOffset left, DateTimeOffset right)",
            |_, args| order(&args, Ordering::is_lt),
            "Whether the first is earlier.",
        ),
        pure(
            "static bool operator <=(DateTimeOffset left, DateTimeOffset right)",
            |_, args| order(&args, Ordering::is_le),
            "Whether the first is not later.",
        ),
        pure(
            "static bool operator >(DateTimeOffset left, DateTimeOffset right)",
            |_, args| order(&args, Ordering::is_gt),
            "Whether the first is later.",
        ),
        pure(
            "static bool operator >=(DateTimeOffset left, DateTimeOffset right)",
            |_, args| order(&args, Ordering::is_ge),
            "Whether the first is not earlier.",
        ),
    ],
    word: Some(&WordOps { text: |_| text(DateTimeOffset::default()), key: |_| 0 }),
    doc: "An instant, told in some offset to UTC.",
    ..TypeDef::CLASS
};

struct Instant(DateTimeOffset);

impl Object for Instant {
    fn ty(&self) -> Ty {
        Ty::named(&DEF)
    }

    fn pack(&self, _packer: &mut Packer) -> Option<Packed> {
        let inner = self.0;
        Some(Packed::new(move |_| Value::object(Instant(inner))))
    }

    fn text(&self, _cx: &mut Cx<'_>) -> Result<Str> {
        Ok(text(self.0))
    }

    fn equals(&self, other: &Value) -> bool {
        other.downcast::<Instant>().is_some_and(|other| self.0 == other.0)
    }

    fn hash(&self) -> Option<u64> {
        Some(self.0.utc().ticks() as u64)
    }

    fn compare(&self, other: &Value) -> Option<Ordering> {
        of(other).map(|other| self.0.cmp(&other))
    }
}

/// As a value. The default value has one form only: the word.
pub(crate) fn value(instant: DateTimeOffset) -> Value {
    if instant.equals_exact(DateTimeOffset::default()) {
        return Value::Word(Def(&DEF), 0);
    }
    Value::object(Instant(instant))
}

/// Of a value of this type.
pub(crate) fn of(value: &Value) -> Option<DateTimeOffset> {
    match value {
        Value::Word(def, _) if *def == Def(&DEF) => Some(DateTimeOffset::default()),
        _ => value.downcast::<Instant>().map(|instant| instant.0),
    }
}

/// Argument `index`.
pub(crate) fn at(args: &Args<'_>, index: usize) -> DateTimeOffset {
    of(args.value(index)).unwrap_or_default()
}

/// The result of a calculation.
pub(super) fn made(instant: dotformat::Result<DateTimeOffset>) -> Result<Value> {
    instant.map(value).map_err(raise)
}

fn text(instant: DateTimeOffset) -> Str {
    format_date_time_offset(instant, "").unwrap_or_default().into()
}

fn new(args: &Args<'_>, count: usize) -> Result<Value> {
    let part = |index| if index < count { args.int(index) } else { 0 };
    let clock = DateTime::new(part(0), part(1), part(2), part(3), part(4), part(5), part(6), DateTimeKind::Unspecified);
    made(clock.and_then(|clock| DateTimeOffset::new(clock, time_span::at(args, count))))
}

fn with_offset(_cx: &mut Cx<'_>, args: Args<'_>) -> Result<Value> {
    let (clock, offset) = (date_time::at(&args, 0), time_span::at(&args, 1));
    if offset != TimeSpan::ZERO && clock.kind() != DateTimeKind::Unspecified {
        let message = match clock.kind() {
            DateTimeKind::Utc => "The UTC Offset for Utc DateTime instances must be 0.",
            _ => "The UTC Offset of the local dateTime parameter does not match the offset argument.",
        };
        return Err(csharp::exception::argument(message, "offset"));
    }
    made(DateTimeOffset::new(clock, offset))
}

fn from_ticks(_cx: &mut Cx<'_>, args: Args<'_>) -> Result<Value> {
    let clock = DateTime::from_ticks(args.long(0), DateTimeKind::Unspecified);
    made(clock.and_then(|clock| DateTimeOffset::new(clock, time_span::at(&args, 1))))
}

fn map(args: &Args<'_>, change: impl FnOnce(DateTime) -> dotformat::Result<DateTime>) -> Result<Value> {
    made(at(args, 0).map_clock(change))
}

fn add(_cx: &mut Cx<'_>, args: Args<'_>) -> Result<Value> {
    map(&args, |time| time.plus(time_span::at(&args, 1)))
}

fn subtract(_cx: &mut Cx<'_>, args: Args<'_>) -> Result<Value> {
    map(&args, |time| time.minus(time_span::at(&args, 1)))
}

fn order(args: &Args<'_>, test: fn(Ordering) -> bool) -> Result<Value> {
    Ok(Value::Bool(test(at(args, 0).cmp(&at(args, 1)))))
}

fn compare_to(_cx: &mut Cx<'_>, args: Args<'_>) -> Result<Value> {
    Ok(Value::Int(at(&args, 0).cmp(&at(&args, 1)) as i32))
}

fn parse(cx: &mut Cx<'_>, args: Args<'_>) -> Result<Value> {
    made(parse_date_time_offset(&args.str(0, "input")?.to_text(), styles(&args, 2), now(cx)))
}

fn try_parse(cx: &mut Cx<'_>, args: Args<'_>) -> Result<Value> {
    let text = args.opt_str(0).cloned().unwrap_or_default();
    let found = parse_date_time_offset(&text.to_text(), styles(&args, 2), now(cx));
    give(args, found, value)
}

fn exact(cx: &Cx<'_>, args: &Args<'_>) -> Result<dotformat::Result<DateTimeOffset>> {
    let text = args.str(0, "input")?.to_text();
    let formats = formats(args, 1)?;
    let formats: Vec<&str> = formats.iter().map(String::as_str).collect();
    Ok(parse_date_time_offset_exact(&text, &formats, styles(args, 3), now(cx)))
}

fn parse_exact(cx: &mut Cx<'_>, args: Args<'_>) -> Result<Value> {
    made(exact(cx, &args)?)
}

fn try_parse_exact(cx: &mut Cx<'_>, mut args: Args<'_>) -> Result<Value> {
    match exact(cx, &args) {
        Ok(found) => give(args, found, value),
        Err(_) => {
            args.set(4, value(DateTimeOffset::default())); // a text or format that is null
            Ok(Value::Bool(false))
        }
    }
}

/// A format that is a literal is read with the policy.
fn format(constants: &[Option<Const>]) -> Option<Prepared> {
    let Some(Const::Str(format)) = constants.get(1)? else { return None };
    Some(Arc::new(DateFormat::of_offset(&format.to_text()).ok()?))
}

fn to_string(_cx: &mut Cx<'_>, args: Args<'_>) -> Result<Value> {
    if let Some(format) = args.prepared::<DateFormat>() {
        return format.print_offset(at(&args, 0)).map(Value::str).map_err(raise);
    }
    let format = args.opt_str(1).cloned().unwrap_or_default();
    format_date_time_offset(at(&args, 0), &format.to_text()).map(Value::str).map_err(raise)
}
