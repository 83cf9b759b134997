//! `quotas/{key}` and their periods: what `quota-by-key` counts, and setting it to something else.

use std::time::Duration;

use arm::{Code, Error, Result, rfc3339};
use base::Timestamp;
use kv::{
    Key, Settle, Window,
    quota::{self, Counted},
};
use serde_json::{Value, json};

use crate::{Answer, Control, commit::missing, control::Context};

pub(super) async fn list(control: &Control, cx: &Context<'_>) -> Result<Answer> {
    let quota = Quota::of(control, cx).await?;
    collection(control, &quota).await
}

pub(super) async fn update(control: &Control, cx: &Context<'_>) -> Result<Answer> {
    let quota = Quota::of(control, cx).await?;
    let wanted = Wanted::read(&cx.call.json()?)?;
    for period in quota.periods(control).await? {
        quota.set(control, &period, &wanted);
    }
    collection(control, &quota).await
}

pub(super) async fn period(control: &Control, cx: &Context<'_>) -> Result<Answer> {
    let quota = Quota::of(control, cx).await?;
    let period = quota.period(control, cx).await?;
    Ok(Answer::json(200, quota.shown(&period)))
}

pub(super) async fn update_period(control: &Control, cx: &Context<'_>) -> Result<Answer> {
    let quota = Quota::of(control, cx).await?;
    let wanted = Wanted::read(&cx.call.json()?)?;
    quota.set(control, &quota.period(control, cx).await?, &wanted);
    let period = quota.period(control, cx).await?;
    Ok(Answer::json(200, quota.shown(&period)))
}

async fn collection(control: &Control, quota: &Quota<'_>) -> Result<Answer> {
    let all: Vec<Value> = quota.periods(control).await?.iter().map(|period| quota.shown(period)).collect();
    Ok(Answer::json(200, json!({ "count": all.len(), "value": all })))
}

/// The counters of one value of `counter-key`.
struct Quota<'a> {
    prefix: String,
    key: &'a str,
    now: Timestamp,
}

/// The current period of those counters that have the same ones.
struct Period {
    name: String,
    begin: Option<(Timestamp, Timestamp)>,
    window: Window,
    counts: Vec<(String, Counted, u64)>,
}

impl Period {
    fn count(&self, wanted: Counted) -> u64 {
        self.counts.iter().filter(|(_, counted, _)| *counted == wanted).map(|(_, _, count)| *count).sum()
    }
}

impl<'a> Quota<'a> {
    async fn of(control: &Control, cx: &'a Context<'_>) -> Result<Self> {
        let service = cx.id.service().ok_or_else(|| missing(&cx.id))?;
        control.read(&service).await?.ok_or_else(|| missing(&service))?;
        let key = cx.id.name_of("quotas").ok_or_else(|| missing(&cx.id))?;
        Ok(Self { prefix: quota::prefix(&service.key()), key, now: control.parts.clock.now() })
    }

    async fn periods(&self, control: &Control) -> Result<Vec<Period>> {
        let counters = control.parts.counters.standing(&self.prefix, self.key.as_bytes()).wait().await;
        let mut periods: Vec<Period> = Vec::new();
        for standing in counters.map_err(Error::internal)? {
            let Some((window, counted)) = quota::read(&standing.space, &self.prefix) else { continue };
            let count = (standing.space, counted, standing.used);
            match periods.iter_mut().find(|known| known.window == window) {
                Some(known) => known.counts.push(count),
                None => {
                    let (name, begin) = current(window, self.now);
                    periods.push(Period { name, begin, window, counts: vec![count] });
                }
            }
        }
        Ok(periods)
    }

    /// The period that the path names. Only current ones are known.
    async fn period(&self, control: &Control, cx: &Context<'_>) -> Result<Period> {
        let name = cx.id.name_of("periods").unwrap_or_default();
        let found = self.periods(control).await?.into_iter().find(|period| period.name.eq_ignore_ascii_case(name));
        found.ok_or_else(|| missing(&cx.id))
    }

    fn set(&self, control: &Control, period: &Period, wanted: &Wanted) {
        for (space, counted, count) in &period.counts {
            let wanted = match counted {
                Counted::Calls => wanted.calls,
                Counted::Bytes => wanted.bytes,
            };
            let Some(wanted) = wanted else { continue };
            let cost = i128::from(wanted) - i128::from(*count);
            let key = Key { space, subject: self.key.as_bytes() };
            let cost = i64::try_from(cost).unwrap_or(if cost < 0 { i64::MIN } else { i64::MAX });
            control.parts.counters.settle(Settle { key, window: period.window, cost });
        }
    }

    fn shown(&self, period: &Period) -> Value {
        let (begin, end) = match period.begin {
            Some((begin, end)) => (rfc3339(begin), rfc3339(end)),
            None => ("0001-01-01T00:00:00Z".to_owned(), "9999-12-31T23:59:59Z".to_owned()),
        };
        json!({
            "counterKey": self.key,
            "periodKey": period.name,
            "periodStartTime": begin,
            "periodEndTime": end,
            "value": {
                "callsCount": period.count(Counted::Calls),
                "kbTransferred": period.count(Counted::Bytes) as f64 / 1024.0,
            },
        })
    }
}

/// What counts are to become.
struct Wanted {
    calls: Option<u64>,
    bytes: Option<u64>,
}

impl Wanted {
    fn read(body: &Value) -> Result<Self> {
        let values = &body["properties"];
        let calls = match &values["callsCount"] {
            Value::Null => None,
            value => {
                let wrong = "'callsCount' must be a whole number of 0 or more.";
                Some(value.as_u64().ok_or_else(|| Error::invalid("properties.callsCount", wrong))?)
            }
        };
        let bytes = match &values["kbTransferred"] {
            Value::Null => None,
            value => {
                let wrong = "'kbTransferred' must be a number of 0 or more.";
                let kilobytes = value.as_f64().filter(|kilobytes| *kilobytes >= 0.0);
                Some((kilobytes.ok_or_else(|| Error::invalid("properties.kbTransferred", wrong))? * 1024.0) as u64)
            }
        };
        if calls.is_none() && bytes.is_none() {
            let wrong = "'properties' must hold 'callsCount', 'kbTransferred', or both.";
            return Err(Error::new(Code::ValidationError, wrong));
        }
        Ok(Self { calls, bytes })
    }
}

/// What the period around `now` is called, and from when to when it is. Names are made as the service makes them: the
/// number of the period and its length.
fn current(window: Window, now: Timestamp) -> (String, Option<(Timestamp, Timestamp)>) {
    match window {
        Window::Fixed { anchor, period } if !period.is_zero() => {
            let length = i64::try_from(period.as_secs()).unwrap_or(i64::MAX);
            let number = (now.secs() - anchor.secs()).div_euclid(length);
            let begin = anchor.secs().saturating_add(number.saturating_mul(length));
            let begin = Timestamp(begin.saturating_mul(1_000_000_000));
            (format!("{number}_{}", iso8601(period)), Some((begin, begin.plus(period))))
        }
        Window::Fixed { .. } | Window::Sliding(_) => (format!("0_{}", iso8601(Duration::ZERO)), None),
    }
}

/// `P1DT2H3M4S`.
fn iso8601(duration: Duration) -> String {
    let seconds = duration.as_secs();
    let part = |number: u64, unit: &str| if number == 0 { String::new() } else { format!("{number}{unit}") };
    let date = part(seconds / 86_400, "D");
    let time = [part(seconds / 3600 % 24, "H"), part(seconds / 60 % 60, "M"), part(seconds % 60, "S")].concat();
    match (date.is_empty(), time.is_empty()) {
        (true, true) => "PT0S".to_owned(),
        (_, true) => format!("P{date}"),
        (_, false) => format!("P{date}T{time}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn periods_are_named_by_number_and_length() {
        assert_eq!(iso8601(Duration::from_hours(24)), "P1D");
        assert_eq!(iso8601(Duration::from_secs(90_061)), "P1DT1H1M1S");
        let window = Window::Fixed { anchor: Timestamp::from_secs(100), period: Duration::from_mins(5) };
        let (name, begin) = current(window, Timestamp::from_secs(1000));
        assert_eq!(name, "3_PT5M");
        assert_eq!(begin, Some((Timestamp::from_secs(1000), Timestamp::from_secs(1300))));
        let endless = Window::Fixed { anchor: Timestamp(0), period: Duration::ZERO };
        assert_eq!(current(endless, Timestamp::from_secs(1000)), ("0_PT0S".to_owned(), None));
    }
}
