//! `System.TimeZoneInfo`, by IANA names. The local zone is UTC.

use csharp::{
    Args, Cx, Result, Str, Ty, Value,
    surface::{TypeDef, pure, reads},
    value::Object,
};
use dotformat::TimeZone;

use super::{date_time, date_time_offset, format::raise, time_span};

pub(crate) static DEF: TypeDef = TypeDef {
    name: "System.TimeZoneInfo",
    bases: &["IEquatable<TimeZoneInfo>"],
    members: &[
        pure("static TimeZoneInfo Utc { get; }", |_, _| Ok(Value::object(Zone(TimeZone::utc()))), "UTC."),
        pure(
            "static TimeZoneInfo Local { get; }",
            |_, _| Ok(Value::object(Zone(TimeZone::utc()))),
            "The local zone: UTC.",
        ),
        pure(
            "static TimeZoneInfo FindSystemTimeZoneById(string id)",
            find,
            "A zone by its name; TimeZoneNotFoundException without one.",
        ),
        pure(
            "static DateTime ConvertTimeFromUtc(DateTime dateTime, TimeZoneInfo destinationTimeZone)",
            from_utc,
            "The clock of a zone at a UTC time.",
        ),
        pure(
            "static DateTime ConvertTimeToUtc(DateTime dateTime)",
            |_, args| Ok(date_time::value(date_time::at(&args, 0).to_universal_time())),
            "The UTC time of a local time.",
        ),
        pure(
            "static DateTime ConvertTimeToUtc(DateTime dateTime, TimeZoneInfo sourceTimeZone)",
            to_utc,
            "The UTC time of a zone's clock.",
        ),
        pure(
            "static DateTime ConvertTime(DateTime dateTime, TimeZoneInfo destinationTimeZone)",
            convert,
            "The clock of a zone at a time.",
        ),
        pure(
            "static DateTime ConvertTime(DateTime dateTime, TimeZoneInfo sourceTimeZone, TimeZoneInfo destinationTimeZone)",
            convert_between,
            "The clock of one zone when another's shows a time.",
        ),
        pure(
            "static DateTimeOffset ConvertTime(DateTimeOffset dateTimeOffset, TimeZoneInfo destinationTimeZone)",
            convert_offset,
            "An instant, told in a zone's offset.",
        ),
        pure(
            "static DateTime ConvertTimeBySystemTimeZoneId(DateTime dateTime, string destinationTimeZoneId)",
            convert_by_id,
            "The clock of a zone at a time.",
        ),
        pure(
            "static DateTime ConvertTimeBySystemTimeZoneId(DateTime dateTime, string sourceTimeZoneId, string destinationTimeZoneId)",
            convert_by_ids,
            "The clock of one zone when another's shows a time.",
        ),
        pure("string Id { get; }", |_, args| Ok(Value::str(args.this::<Zone>()?.0.id())), "Its name."),
        pure("string StandardName { get; }", |_, args| Ok(Value::str(args.this::<Zone>()?.0.id())), "Its name."),
        pure("string DisplayName { get; }", display_name, "Offset and name."),
        reads(
            "TimeSpan BaseUtcOffset { get; }",
            |cx, args| Ok(time_span::value(args.this::<Zone>()?.0.base_utc_offset(date_time::now(cx)))),
            "The offset of its standard time.",
        ),
        pure(
            "TimeSpan GetUtcOffset(DateTime dateTime)",
            |_, args| Ok(time_span::value(args.this::<Zone>()?.0.utc_offset(date_time::at(&args, 1)))),
            "Its offset at a time.",
        ),
        pure(
            "TimeSpan GetUtcOffset(DateTimeOffset dateTimeOffset)",
            |_, args| Ok(time_span::value(args.this::<Zone>()?.0.offset_at_utc(date_time_offset::at(&args, 1).utc()))),
            "Its offset at an instant.",
        ),
        pure(
            "bool IsDaylightSavingTime(DateTime dateTime)",
            |_, args| Ok(Value::Bool(args.this::<Zone>()?.0.is_daylight_saving_time(date_time::at(&args, 1)))),
            "Whether daylight saving time is in force.",
        ),
        pure(
            "bool IsDaylightSavingTime(DateTimeOffset dateTimeOffset)",
            |_, args| {
                Ok(Value::Bool(args.this::<Zone>()?.0.is_daylight_saving_time(date_time_offset::at(&args, 1).utc())))
            },
            "Whether daylight saving time is in force.",
        ),
        pure(
            "bool IsInvalidTime(DateTime dateTime)",
            |_, args| Ok(Value::Bool(args.this::<Zone>()?.0.is_invalid_time(date_time::at(&args, 1)))),
            "Whether its clock skips the time.",
        ),
        pure(
            "bool IsAmbiguousTime(DateTime dateTime)",
            |_, args| Ok(Value::Bool(args.this::<Zone>()?.0.is_ambiguous_time(date_time::at(&args, 1)))),
            "Whether its clock shows the time twice.",
        ),
        pure("string ToString()", super::object::to_string, "Offset and name."),
        pure("bool Equals(TimeZoneInfo other)", super::object::equals, "Whether both are the same zone."),
    ],
    doc: "A time zone.",
    ..TypeDef::CLASS
};

struct Zone(TimeZone);

impl Object for Zone {
    fn ty(&self) -> Ty {
        Ty::named(&DEF)
    }

    fn text(&self, cx: &mut Cx<'_>) -> Result<Str> {
        Ok(self.display_name(date_time::now(cx)).into())
    }

    fn equals(&self, other: &Value) -> bool {
        other.downcast::<Zone>().is_some_and(|other| self.0 == other.0)
    }

    fn hash(&self) -> Option<u64> {
        Some(self.0.id().bytes().fold(7, |hash, byte| hash.wrapping_mul(31).wrapping_add(u64::from(byte))))
    }
}

impl Zone {
    /// `(UTC+01:00) Europe/Berlin`; the zones have no names in words here.
    fn display_name(&self, now: dotformat::DateTime) -> String {
        let offset = self.0.base_utc_offset(now);
        if self.0.id() == "UTC" {
            return "(UTC) Coordinated Universal Time".into();
        }
        let sign = if offset.ticks() < 0 { '-' } else { '+' };
        let (hours, minutes) = (offset.hours().abs(), offset.minutes().abs());
        format!("(UTC{sign}{hours:02}:{minutes:02}) {}", self.0.id())
    }
}

fn zone<'a>(args: &'a Args<'_>, index: usize, param: &str) -> Result<&'a TimeZone> {
    Ok(&args.object_or::<Zone>(index, param)?.0)
}

fn named(args: &Args<'_>, index: usize) -> Result<TimeZone> {
    TimeZone::find(&args.str(index, "id")?.to_text()).map_err(raise)
}

fn find(_cx: &mut Cx<'_>, args: Args<'_>) -> Result<Value> {
    named(&args, 0).map(|zone| Value::object(Zone(zone)))
}

fn display_name(cx: &mut Cx<'_>, args: Args<'_>) -> Result<Value> {
    Ok(Value::str(args.this::<Zone>()?.display_name(date_time::now(cx))))
}

fn from_utc(_cx: &mut Cx<'_>, args: Args<'_>) -> Result<Value> {
    date_time::made(zone(&args, 1, "destinationTimeZone")?.from_utc(date_time::at(&args, 0)))
}

fn to_utc(_cx: &mut Cx<'_>, args: Args<'_>) -> Result<Value> {
    date_time::made(zone(&args, 1, "sourceTimeZone")?.to_utc(date_time::at(&args, 0)))
}

fn convert(_cx: &mut Cx<'_>, args: Args<'_>) -> Result<Value> {
    Ok(date_time::value(zone(&args, 1, "destinationTimeZone")?.convert(date_time::at(&args, 0))))
}

fn convert_between(_cx: &mut Cx<'_>, args: Args<'_>) -> Result<Value> {
    let (from, to) = (zone(&args, 1, "sourceTimeZone")?, zone(&args, 2, "destinationTimeZone")?);
    let utc = from.to_utc(date_time::at(&args, 0)).map_err(raise)?;
    Ok(date_time::value(to.convert(utc)))
}

fn convert_offset(_cx: &mut Cx<'_>, args: Args<'_>) -> Result<Value> {
    date_time_offset::made(zone(&args, 1, "destinationTimeZone")?.convert_offset(date_time_offset::at(&args, 0)))
}

fn convert_by_id(_cx: &mut Cx<'_>, args: Args<'_>) -> Result<Value> {
    Ok(date_time::value(named(&args, 1)?.convert(date_time::at(&args, 0))))
}

fn convert_by_ids(_cx: &mut Cx<'_>, args: Args<'_>) -> Result<Value> {
    let (from, to) = (named(&args, 1)?, named(&args, 2)?);
    let utc = from.to_utc(date_time::at(&args, 0)).map_err(raise)?;
    Ok(date_time::value(to.convert(utc)))
}
