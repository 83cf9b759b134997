//! Durations of ISO 8601, as the contract writes intervals.

use std::time::Duration;

/// Reads `P[nD][T[nH][nM][nS]]` with at least one part, to the nanosecond. Weeks, months and years are not read: they have no fixed length.
pub fn parse_duration(text: &str) -> Option<Duration> {
    let rest = text.strip_prefix('P')?;
    let (days, time) = rest.split_once('T').map_or((rest, None), |(days, time)| (days, Some(time)));
    if rest.is_empty() || time.is_some_and(str::is_empty) {
        return None;
    }
    let days = parts(days, &[('D', 86_400)])?;
    let time = parts(time.unwrap_or_default(), &[('H', 3600), ('M', 60), ('S', 1)])?;
    days.checked_add(time)
}

/// Numbers with units, each unit at most once and in this order.
fn parts(mut text: &str, mut units: &[(char, u64)]) -> Option<Duration> {
    let mut sum = Duration::ZERO;
    while !text.is_empty() {
        let end = text.find(|c: char| !c.is_ascii_digit() && c != '.')?;
        let (number, rest) = text.split_at(end);
        let unit = rest.chars().next()?;
        let at = units.iter().position(|(known, _)| *known == unit)?;
        let (_, worth) = units.get(at)?;
        units = units.get(at + 1..)?;
        text = rest.get(unit.len_utf8()..)?;
        let seconds = match number.parse::<u64>() {
            Ok(whole) => Duration::from_secs(whole.checked_mul(*worth)?),
            Err(_) => Duration::try_from_secs_f64(number.parse::<f64>().ok()? * *worth as f64).ok()?,
        };
        sum = sum.checked_add(seconds)?;
    }
    Some(sum)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn no_text_makes_it_panic(text in "P?([0-9.]{0,22}[DTHMS]|\\PC){0,6}") {
            let _ = parse_duration(&text);
        }
    }

    #[test]
    fn durations_are_those_of_the_contract() {
        assert_eq!(parse_duration("PT1H"), Some(Duration::from_hours(1)));
        assert_eq!(parse_duration("P1DT1M30S"), Some(Duration::from_secs(86_490)));
        assert_eq!(parse_duration("PT0.5S"), Some(Duration::from_millis(500)));
        for wrong in ["", "P", "PT", "1M", "PT1S2M", "P1é", "PTH", "P1W", "PT1", "PT99999999999999999999H"] {
            assert_eq!(parse_duration(wrong), None, "{wrong}");
        }
    }
}
