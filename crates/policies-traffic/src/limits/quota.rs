//! `calls` and `bandwidth` of `quota` and `quota-by-key`.

use std::time::Duration;

use kv::{Settle, Window};
use policy::prelude::*;

use super::report::whole_seconds;

pub(crate) const CALLS: Attr =
    Attr::optional("calls", Kind::Int(1, i64::MAX), "Calls that are let through in a period.");
pub(crate) const BANDWIDTH: Attr = Attr::optional(
    "bandwidth",
    Kind::Int(1, i64::MAX / 1024),
    "Kilobytes that the bodies of requests and responses may have in a period.",
);

/// How much there is. At least one of the two is said.
#[derive(Clone, Debug)]
pub(crate) struct Quota {
    pub(crate) calls: Option<u64>,
    /// In bytes.
    pub(crate) bandwidth: Option<u64>,
}

impl Quota {
    pub(crate) fn compile(element: &Element, cx: &mut Compiler<'_>) -> Option<Self> {
        let calls = cx.optional_literal(element, "calls");
        let bandwidth = cx.optional_literal::<u64>(element, "bandwidth");
        let (calls, bandwidth) = (calls?, bandwidth?.map(|kilobytes| kilobytes.saturating_mul(1024)));
        if calls.is_none() && bandwidth.is_none() {
            let message = format!("<{}> needs calls or bandwidth, or both.", element.name);
            cx.error("PX0108", message, element.name_span);
            return None;
        }
        Some(Self { calls, bandwidth })
    }

    pub(crate) fn out_of_calls(reset: Duration) -> Fault {
        refusal("call volume", reset)
    }

    pub(crate) fn out_of_bandwidth(reset: Duration) -> Fault {
        refusal("bandwidth", reset)
    }
}

/// Counts the bodies of this exchange once it is over.
pub(crate) fn count_bytes(exchange: &mut Exchange, space: Arc<str>, subject: Box<[u8]>, window: Window) {
    let counters = Arc::clone(&exchange.host.stores.counters);
    exchange.when_over(move |over| {
        let cost = i64::try_from(over.request_size.saturating_add(over.response_size)).unwrap_or(i64::MAX);
        counters.settle(Settle { key: kv::Key { space: &space, subject: &subject }, window, cost });
    });
}

fn refusal(what: &str, reset: Duration) -> Fault {
    const RETRY_AFTER: HeaderName = HeaderName::from_static("Retry-After");
    let fault = |message: String| {
        Fault::new("", "QuotaExceeded", message.clone()).with_status(Status::FORBIDDEN).shown(message)
    };
    if reset == Duration::MAX {
        // Nothing that a client could wait for.
        return fault(format!("Out of {what} quota."));
    }
    let seconds = whole_seconds(reset);
    fault(format!("Out of {what} quota. Quota will be replenished in {}.", clock(seconds)))
        .with_header(RETRY_AFTER, seconds.into())
}

/// `hh:mm:ss`, with `d.` before it from a day on.
fn clock(seconds: u64) -> String {
    let (days, hours, minutes) = (seconds / 86_400, seconds / 3600 % 24, seconds / 60 % 60);
    let time = format!("{hours:02}:{minutes:02}:{:02}", seconds % 60);
    if days == 0 { time } else { format!("{days}.{time}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wait_of_a_day_and_more_shows_the_days() {
        assert_eq!(clock(59), "00:00:59");
        assert_eq!(clock(86_399), "23:59:59");
        assert_eq!(clock(86_400), "1.00:00:00");
        assert_eq!(clock(30 * 86_400 + 3661), "30.01:01:01");
    }
}
