//! Dates, spans and zones, text in and text out; the expected texts are the reference runtime's.

use proptest::prelude::*;

use super::*;
use crate::Result;

fn now() -> DateTime {
    DateTime::from_date(2000, 1, 1).unwrap()
}

fn march() -> DateTime {
    DateTime::new(2024, 3, 5, 14, 7, 9, 0, DateTimeKind::Unspecified).unwrap()
}

fn shown(value: Result<DateTime>) -> String {
    match value {
        Ok(value) => format!("{} {:?}", format_date_time(value, "o").unwrap(), value.kind()),
        Err(error) => error.message.into_owned(),
    }
}

fn parsed(text: &str, styles: DateTimeStyles) -> String {
    shown(parse_date_time(text, styles, now()))
}

fn span(value: Result<TimeSpan>) -> String {
    value.map_or_else(|error| error.message.into_owned(), |value| format_time_span(value, "").unwrap())
}

#[test]
fn dates_print_in_every_format() {
    for (format, text) in [
        ("", "03/05/2024 14:07:09"),
        ("d", "03/05/2024"),
        ("D", "Tuesday, 05 March 2024"),
        ("f", "Tuesday, 05 March 2024 14:07"),
        ("g", "03/05/2024 14:07"),
        ("m", "March 05"),
        ("o", "2024-03-05T14:07:09.0000000"),
        ("r", "Tue, 05 Mar 2024 14:07:09 GMT"),
        ("s", "2024-03-05T14:07:09"),
        ("t", "14:07"),
        ("u", "2024-03-05 14:07:09Z"),
        ("y", "2024 March"),
        ("yy/M/d h:m:s tt", "24/3/5 2:7:9 PM"),
        ("M MM MMM MMMM", "3 03 Mar March"),
        ("ss.FFF", "09"),
        ("yyyy\\-MM", "2024-03"),
        ("'on' dd", "on 05"),
        ("%h", "2"),
        ("gg", "A.D."),
    ] {
        assert_eq!(format_date_time(march(), format).as_deref(), Ok(text), "{format}");
    }
    let utc = march().with_kind(DateTimeKind::Utc);
    assert_eq!(format_date_time(utc, "K|z|zz|zzz").as_deref(), Ok("Z|+0|+00|+00:00"));
    let error = format_date_time(march(), "yyyy 'unterminated").unwrap_err();
    assert_eq!(error.message, "Cannot find a matching quote character for the character '''.");
    let two_hours = TimeSpan::from_hours(2.0).unwrap();
    let offset = DateTimeOffset::new(march(), two_hours).unwrap();
    assert_eq!(format_date_time_offset(offset, "u").as_deref(), Ok("2024-03-05 12:07:09Z"));
    assert_eq!(format_date_time_offset(offset, "").as_deref(), Ok("03/05/2024 14:07:09 +02:00"));
}

#[test]
fn dates_read_as_people_write_them() {
    for (text, value) in [
        ("2024-03-05T14:07:09Z", "2024-03-05T14:07:09.0000000+00:00 Local"),
        ("2024-03-05T14:07:09+02:00", "2024-03-05T12:07:09.0000000+00:00 Local"),
        ("2024-03-05", "2024-03-05T00:00:00.0000000 Unspecified"),
        ("Mar 5, 2024 2:07 PM", "2024-03-05T14:07:00.0000000 Unspecified"),
        ("2:07 PM 5 Mar 2024", "2024-03-05T14:07:00.0000000 Unspecified"),
        ("Tue, 05 Mar 2024 14:07:09 GMT", "2024-03-05T14:07:09.0000000+00:00 Local"),
        ("1/2/3", "2003-01-02T00:00:00.0000000 Unspecified"),
        ("March 2024", "2024-03-01T00:00:00.0000000 Unspecified"),
        ("5 Mar", "2005-03-01T00:00:00.0000000 Unspecified"),
        ("14:07", "2000-01-01T14:07:00.0000000 Unspecified"),
        ("March 5 14:07", "2000-01-01T05:14:00.0000000 Unspecified"),
        ("9999-12-31T23:59:59.9999999", "9999-12-31T23:59:59.9999999 Unspecified"),
        ("31/12/2024", "String '31/12/2024' was not recognized as a valid DateTime."),
        ("2024-02-30", "String '2024-02-30' was not recognized as a valid DateTime."),
        ("2024-03-05T14", "String '2024-03-05T14' was not recognized as a valid DateTime."),
        (
            "nope",
            "The string 'nope' was not recognized as a valid DateTime. There is an unknown word starting at index '0'.",
        ),
        (
            "Wed, 05 Mar 2024",
            "String 'Wed, 05 Mar 2024' was not recognized as a valid DateTime because the day of week was incorrect.",
        ),
    ] {
        assert_eq!(parsed(text, DateTimeStyles::NONE), value);
    }
    let universal = parsed("2024-03-05T14:07:09Z", DateTimeStyles::ADJUST_TO_UNIVERSAL);
    assert_eq!(universal, "2024-03-05T14:07:09.0000000Z Utc");
    assert_eq!(parsed("2024-03-05T14:07:09Z", DateTimeStyles::ROUNDTRIP_KIND), universal);
}

#[test]
fn exact_formats_read_only_what_they_say() {
    for (text, format, value) in [
        ("20240305", "yyyyMMdd", "2024-03-05T00:00:00.0000000 Unspecified"),
        ("05-Mar-2024", "dd-MMM-yyyy", "2024-03-05T00:00:00.0000000 Unspecified"),
        ("2024-03-05T14:07:09.123Z", "yyyy-MM-ddTHH:mm:ss.fffK", "2024-03-05T14:07:09.1230000+00:00 Local"),
        ("2:07 PM", "h:mm tt", "2000-01-01T14:07:00.0000000 Unspecified"),
        ("14:07:09", "HH:mm:ss.FFF", "2000-01-01T14:07:09.0000000 Unspecified"),
        ("2024-03-05", "yyyyMMdd", "String '2024-03-05' was not recognized as a valid DateTime."),
        ("2024", "%%", "Format specifier '%%' was invalid."),
    ] {
        assert_eq!(shown(parse_date_time_exact(text, &[format], DateTimeStyles::NONE, now())), value, "{format}");
    }
}

#[test]
fn adding_rounds_to_milliseconds_and_stays_in_the_calendar() {
    let start = DateTime::from_date(2024, 1, 31).unwrap();
    assert_eq!(start.add_months(1), DateTime::from_date(2024, 2, 29));
    assert_eq!(start.add_seconds(0.1234).unwrap().millisecond(), 123);
    assert_eq!(start.add_milliseconds(1.6).unwrap().millisecond(), 2);
    assert_eq!(
        DateTime::MIN.add_ticks(-1).unwrap_err().message,
        "The added or subtracted value results in an un-representable DateTime. (Parameter 'value')"
    );
    assert_eq!(
        DateTime::from_date(2023, 2, 29).unwrap_err().message,
        "Year, Month, and Day parameters describe an un-representable DateTime."
    );
    assert_eq!(DateTime::from_date(2024, 3, 5).unwrap().to_oa_date(), Ok(45356.0));
}

#[test]
fn spans_print_and_read() {
    let long = TimeSpan::new(1, 2, 3, 4, 5).unwrap();
    for (format, text) in [
        ("", "1.02:03:04.0050000"),
        ("g", "1:2:03:04.005"),
        ("G", "1:02:03:04.0050000"),
        ("dd' days 'hh' h'", "01 days 02 h"),
        (r"d\.hh\:mm\:ss\.fff", "1.02:03:04.005"),
    ] {
        assert_eq!(format_time_span(long, format).as_deref(), Ok(text), "{format}");
    }
    assert!(format_time_span(long, "hh:mm").is_err());
    assert_eq!(format_time_span(TimeSpan::MIN, "").as_deref(), Ok("-10675199.02:48:05.4775808"));
    for (text, value) in [
        ("1.02:03:04.5", "1.02:03:04.5000000"),
        ("24:00:00", "24.00:00:00"),
        ("-1", "-1.00:00:00"),
        ("1:2:.5", "01:02:00.5000000"),
        ("x", "String 'x' was not recognized as a valid TimeSpan."),
    ] {
        assert_eq!(span(parse_time_span(text)), value);
    }
    assert_eq!(span(parse_time_span_exact("0130", &["hhmm"], false)), "01:30:00");
    assert_eq!(long.total_hours(), 26.0511125);
    assert!(TimeSpan::from_days(f64::NAN).is_err());
}

#[test]
fn zones_know_their_gaps_and_folds() {
    let new_york = TimeZone::find("America/New_York").unwrap();
    let clock = |hour| DateTime::new(2024, 3, 10, hour, 30, 0, 0, DateTimeKind::Unspecified).unwrap();
    assert!(new_york.is_invalid_time(clock(2)));
    assert!(!new_york.is_invalid_time(clock(3)));
    let july = DateTime::new(2024, 7, 1, 12, 0, 0, 0, DateTimeKind::Unspecified).unwrap();
    assert!(new_york.is_daylight_saving_time(july));
    assert_eq!(new_york.from_utc(july).unwrap().hour(), 8);
    assert_eq!(TimeZone::find("Asia/Tokyo").unwrap().to_utc(july).unwrap().hour(), 3);
    assert_eq!(
        TimeZone::find("No/Such").unwrap_err().message,
        "The time zone ID 'No/Such' was not found on the local computer."
    );
}

proptest! {
    #[test]
    fn reading_never_panics(
        text in "[0-9TZ:./ ,+-]{0,30}|([0-9]{1,4}|Mar|Tue|PM|[:/., -]){0,9}|\\PC{0,20}",
        format in "[dfFghHKmMstyzZ%:/.' \\\\GMT]{0,12}|\\PC{0,9}",
        styles in 0u32..256,
    ) {
        let styles = DateTimeStyles(styles);
        let _ = parse_date_time(&text, styles, now());
        let _ = parse_date_time_offset(&text, styles, now());
        let _ = parse_date_time_exact(&text, &[&format], styles, now());
        let _ = parse_date_time_offset_exact(&text, &[&format], styles, now());
        let _ = (parse_time_span(&text), parse_time_span_exact(&text, &[&format], true));
        let _ = TimeZone::find(&text);
    }

    #[test]
    fn printing_never_panics(ticks: i64, format in "[dfFghHKmMstyz%:/.' \\\\]{0,12}|\\PC{0,9}") {
        let _ = format_time_span(TimeSpan::from_ticks(ticks), &format);
        if let Ok(date) = DateTime::from_ticks(ticks.rem_euclid(DateTime::MAX.ticks()), DateTimeKind::Utc) {
            let _ = format_date_time(date, &format);
            let _ = format_date_time_offset(DateTimeOffset::from_date_time(date), &format);
        }
    }

    #[test]
    fn a_round_trip_date_comes_back(ticks in 0..3_155_378_975_999_999_999i64) {
        let date = DateTime::from_ticks(ticks, DateTimeKind::Utc).unwrap();
        let text = format_date_time(date, "o").unwrap();
        prop_assert_eq!(parse_date_time(&text, DateTimeStyles::ROUNDTRIP_KIND, now()), Ok(date));
    }
}
