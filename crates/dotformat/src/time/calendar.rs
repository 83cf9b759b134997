//! Days and dates of the Gregorian calendar, years 1 to 9999.

use crate::{Error, ErrorKind, Result};

const DAYS_TO_MONTH: [i64; 13] = [0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334, 365];

/// `DateTime.IsLeapYear`.
pub fn is_leap_year(year: i32) -> Result<bool> {
    if !(1..=9999).contains(&year) {
        return Err(Error::out_of_range("Year must be between 1 and 9999.", "year"));
    }
    Ok(leap(year))
}

/// `DateTime.DaysInMonth`.
pub fn days_in_month(year: i32, month: i32) -> Result<i32> {
    if !(1..=12).contains(&month) {
        return Err(Error::out_of_range("Month must be between one and twelve.", "month"));
    }
    is_leap_year(year)?;
    Ok(month_length(year, month))
}

fn leap(year: i32) -> bool {
    year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
}

/// Days in a month of 1 to 12.
pub(super) fn month_length(year: i32, month: i32) -> i32 {
    (days_before(year, month + 1) - days_before(year, month)) as i32
}

/// Days of the year before `month`, which is 1 to 13.
fn days_before(year: i32, month: i32) -> i64 {
    let index = usize::try_from(month - 1).unwrap_or(0).min(12);
    DAYS_TO_MONTH[index] + i64::from(month > 2 && leap(year))
}

/// Days since 0001-01-01.
pub(super) fn days_of_date(year: i32, month: i32, day: i32) -> Result<i64> {
    let valid =
        (1..=9999).contains(&year) && (1..=12).contains(&month) && (1..=month_length(year, month)).contains(&day);
    if !valid {
        return Err(Error::new(
            ErrorKind::ArgumentOutOfRange,
            "Year, Month, and Day parameters describe an un-representable DateTime.",
        ));
    }
    let before = i64::from(year - 1);
    Ok(before * 365 + before / 4 - before / 100 + before / 400 + days_before(year, month) + i64::from(day) - 1)
}

/// Year, month, day of a count of days since 0001-01-01.
pub(super) fn date_of_days(days: i64) -> (i32, i32, i32) {
    let year = year_of_days(days);
    let day_of_year = days - days_to_year(year);
    let month = (1..12).find(|month| day_of_year < days_before(year, month + 1)).unwrap_or(12);
    (year, month, (day_of_year - days_before(year, month)) as i32 + 1)
}

/// Days since the first of January, from one.
pub(super) fn day_of_year(days: i64) -> i32 {
    (days - days_to_year(year_of_days(days))) as i32 + 1
}

fn days_to_year(year: i32) -> i64 {
    let before = i64::from(year - 1);
    before * 365 + before / 4 - before / 100 + before / 400
}

fn year_of_days(days: i64) -> i32 {
    // 146097 days are 400 years; the estimate is at most one year late.
    let estimate = (days * 400 / 146_097) as i32 + 1;
    if days < days_to_year(estimate) {
        estimate - 1
    } else if days >= days_to_year(estimate + 1) {
        estimate + 1
    } else {
        estimate
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_day_of_the_calendar_comes_back() {
        let mut expected = 0;
        for year in 1..=9999 {
            for month in 1..=12 {
                assert_eq!(days_of_date(year, month, 1), Ok(expected));
                assert_eq!(date_of_days(expected), (year, month, 1));
                let length = month_length(year, month);
                assert_eq!(date_of_days(expected + i64::from(length) - 1), (year, month, length));
                expected += i64::from(length);
            }
        }
    }
}
