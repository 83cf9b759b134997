//! `quota-by-key`: so many calls, or so many kilobytes, of whoever a key names, in each period.

use std::time::Duration;

use dotformat::{DateTime, DateTimeKind, DateTimeStyles, parse_date_time_offset};
use kv::{
    Key, Settle, Take, Window,
    quota::{Counted, space},
};
use policy::{base::Timestamp, prelude::*};

use crate::limits::{BANDWIDTH, CALLS, CONDITION, COUNT, Increment, Quota, count_bytes, take};

/// The shortest period the service takes, in seconds.
const SHORTEST: u64 = 300;

pub(crate) static DEF: PolicyDef = PolicyDef {
    name: "quota-by-key",
    summary: "Lets through so many calls, or so many kilobytes, for each value of a key in a period, and answers 403 to the rest.",
    notes: "The counter of a key value belongs to the whole service, or to the workspace: policies of all scopes that use the value with \
            the same period count together, and a request counts once, however many of them it meets. With an expression in \
            `increment-condition` or `increment-count` it is counted when outbound, or on-error, is over, and the limit shows at the \
            next call; so does bandwidth. Counts live as long as the process.",
    sections: Sections::INBOUND,
    attrs: &[
        BANDWIDTH,
        CALLS,
        Attr::required("counter-key", Kind::Name, "Who is counted.").expr(),
        CONDITION,
        COUNT,
        Attr::required(
            "renewal-period",
            Kind::Int(0, i64::MAX),
            "Length of the period in seconds, at least 300; 0 stands for one that never ends.",
        ),
        Attr::or("first-period-start", Kind::Text, "0001-01-01T00:00:00Z", "When some period begins, as `yyyy-MM-ddTHH:mm:ssZ`."),
    ],
    examples: &[
        Example {
            title: "So many calls a day",
            policy: r#"<quota-by-key calls="2" renewal-period="86400" counter-key="@(context.Request.IpAddress)" />"#,
            repeat: 3,
            then: "HTTP/1.1 403 Forbidden\nRetry-After: 41104\n\n{ \"statusCode\": 403, \"message\": \"Out of call volume quota. Quota will be replenished in 11:25:04.\" }",
            ..Example::BASE
        },
        Example {
            title: "What a subscription may ever load: noticed by the call after",
            policy: r#"<policies>
  <inbound>
    <quota-by-key bandwidth="1" renewal-period="0" counter-key="@(context.Subscription.Id)" />
  </inbound>
  <outbound>
    <set-body>@(new string('x', 1100))</set-body>
  </outbound>
</policies>"#,
            repeat: 2,
            then: "HTTP/1.1 403 Forbidden\nRetry-After: (none)\n\n{ \"statusCode\": 403, \"message\": \"Out of bandwidth quota.\" }",
            ..Example::BASE
        },
    ],
    compile: |element, cx| {
        let quota = Quota::compile(element, cx);
        let (key, increment) = (cx.attr(element, "counter-key"), Increment::compile(element, cx));
        let period = period(element, cx);
        let start = cx.literal_or(element, "first-period-start", Start(-62_135_596_800));
        let (period, Start(start)) = (period?, start?);
        // Where periods begin is all that counts of it: a moment soon after 1970 says it as well as one in the year 1.
        let anchor = Timestamp::from_secs(start.rem_euclid(i64::try_from(period).unwrap_or(i64::MAX).max(1)));
        let owner = cx.shared_space();
        let period = Duration::from_secs(period);
        Some(Step::later(QuotaByKey {
            calls_space: space(&owner, anchor, period, Counted::Calls).into(),
            bytes_space: space(&owner, anchor, period, Counted::Bytes).into(),
            quota: quota?,
            key: key?,
            increment: increment?,
            window: Window::Fixed { anchor, period },
        }))
    },
    ..PolicyDef::BASE
};

fn period(element: &Element, cx: &mut Compiler<'_>) -> Option<u64> {
    let period = cx.literal(element, "renewal-period")?;
    if (1..SHORTEST).contains(&period) {
        let span = element.attribute("renewal-period").map_or(element.span, |attribute| attribute.value.span);
        cx.error("PX0107", format!("The value of renewal-period: {period} is neither 0 nor {SHORTEST} or more."), span);
        return None;
    }
    Some(period)
}

/// Seconds since 1970.
#[derive(Clone, Copy)]
struct Start(i64);

impl FromText for Start {
    fn from_text(text: &str) -> Result<Self, String> {
        let wrong = || format!("\"{text}\" is no time as 2026-01-31T00:00:00Z");
        let now = DateTime::from_ticks(0, DateTimeKind::Utc).map_err(|_| wrong())?;
        let styles = DateTimeStyles::ASSUME_UNIVERSAL;
        let time = parse_date_time_offset(text.trim(), styles, now).map_err(|_| wrong())?;
        Ok(Self(time.to_unix_seconds()))
    }
}

struct QuotaByKey {
    calls_space: Arc<str>,
    bytes_space: Arc<str>,
    quota: Quota,
    key: Value<String>,
    increment: Increment,
    window: Window,
}

impl LaterPolicy for QuotaByKey {
    fn run<'a>(&'a self, exchange: &'a mut Exchange) -> LocalFuture<'a, Result<Flow, Fault>> {
        Box::pin(async move {
            let key = self.key.get(exchange)?.into_owned();
            let subject: Box<[u8]> = key.as_bytes().into();
            if let Some(bytes) = self.quota.bandwidth {
                let key = Key { space: &self.bytes_space, subject: &subject };
                let count = take(exchange, Take { key, window: self.window, cost: 0, limit: bytes }).await?;
                if !count.admitted {
                    return Err(Quota::out_of_bandwidth(count.reset));
                }
            }
            if let Some(calls) = self.quota.calls {
                // What this request has taken already must fit, no more.
                let is_counted = exchange.counted.has(&self.calls_space, &subject);
                let (cost, limit) = if is_counted { (0, calls.saturating_add(1)) } else { (self.increment.now(), calls) };
                let key = Key { space: &self.calls_space, subject: &subject };
                let count = take(exchange, Take { key, window: self.window, cost, limit }).await?;
                if !count.admitted {
                    return Err(Quota::out_of_calls(count.reset));
                }
                if cost > 0 {
                    exchange.counted.add(&self.calls_space, &subject);
                }
                let left = if is_counted { count.remaining - 1 } else { count.remaining };
                exchange.note(|_| format!("{left} of {calls} calls are left."));
            }
            let spaces = self.spaces();
            match &self.increment {
                Increment::Now(0) => {}
                Increment::Now(_) => spaces.count_bytes(exchange, &subject),
                Increment::Later(_) => self.increment.later(exchange, move |exchange, count| {
                    spaces.count_calls(exchange, &subject, count);
                    spaces.count_bytes(exchange, &subject);
                }),
            }
            Ok(Flow::Continue)
        })
    }
}

impl QuotaByKey {
    fn spaces(&self) -> Spaces {
        Spaces {
            calls: self.quota.calls.map(|_| Arc::clone(&self.calls_space)),
            bytes: self.quota.bandwidth.map(|_| Arc::clone(&self.bytes_space)),
            window: self.window,
        }
    }
}

/// Where calls and bytes are counted, if they are.
struct Spaces {
    calls: Option<Arc<str>>,
    bytes: Option<Arc<str>>,
    window: Window,
}

impl Spaces {
    fn count_calls(&self, exchange: &mut Exchange, subject: &[u8], count: u64) {
        if let Some(space) = &self.calls
            && exchange.counted.add(space, subject)
        {
            let cost = i64::try_from(count).unwrap_or(i64::MAX);
            let settle = Settle { key: Key { space, subject }, window: self.window, cost };
            exchange.host.stores.counters.settle(settle);
        }
    }

    fn count_bytes(&self, exchange: &mut Exchange, subject: &[u8]) {
        if let Some(space) = &self.bytes
            && exchange.counted.add(space, subject)
        {
            count_bytes(exchange, Arc::clone(space), subject.into(), self.window);
        }
    }
}
