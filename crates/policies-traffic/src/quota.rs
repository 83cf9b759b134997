//! `quota`: so many calls, or so many kilobytes, of a subscription in each period.

use std::time::Duration;

use kv::{Key, Take, Window};
use policy::prelude::*;

use crate::limits::{BANDWIDTH, CALLS, ID, NAME, Parts, Quota, count_bytes, give_back, take};

const PERIOD: Attr = Attr::required(
    "renewal-period",
    Kind::Int(0, i64::MAX),
    "Length of the period in seconds; 0 stands for one that never ends.",
);

pub(crate) static DEF: PolicyDef = PolicyDef {
    name: "quota",
    summary: "Lets through so many calls, or so many kilobytes, of each subscription in a period, and answers 403 to the rest.",
    notes: "A call without a subscription is not counted. Periods follow one another from the start of the subscription. Bandwidth is the \
            bodies of requests and responses that really went over the wire, counted when an exchange is over; it shows at the next \
            call. Counts live as long as the process.",
    sections: Sections::INBOUND,
    scopes: Scopes::PRODUCT,
    once: Once::PerDocument,
    attrs: &[BANDWIDTH, CALLS, PERIOD],
    children: &[Child {
        name: "api",
        attrs: &[NAME, ID, BANDWIDTH, CALLS, PERIOD],
        children: &[Child {
            name: "operation",
            attrs: &[NAME, ID, BANDWIDTH, CALLS, PERIOD],
            doc: "A quota of its own for calls of one operation.",
            ..Child::BASE
        }],
        doc: "A quota of its own for calls of one API.",
        ..Child::BASE
    }],
    examples: &[Example {
        title: "So many calls an hour, counted from the start of the subscription",
        policy: r#"<quota calls="2" renewal-period="3600" />"#,
        repeat: 3,
        then: "HTTP/1.1 403 Forbidden\nRetry-After: 1504\n\n{ \"statusCode\": 403, \"message\": \"Out of call volume quota. Quota will be replenished in 00:25:04.\" }",
        ..Example::BASE
    }],
    compile: |element, cx| {
        let limits = Parts::compile(element, cx, |element, cx, space| {
            let (quota, period) = (Quota::compile(element, cx), cx.literal(element, "renewal-period"));
            Some(Limit {
                calls_space: format!("{space}#calls").into(),
                bytes_space: format!("{space}#bandwidth").into(),
                quota: quota?,
                period: Duration::from_secs(period?),
            })
        });
        Some(Step::later(SubscriptionQuota { limits: limits? }))
    },
    ..PolicyDef::BASE
};

struct Limit {
    calls_space: Arc<str>,
    bytes_space: Arc<str>,
    quota: Quota,
    period: Duration,
}

struct SubscriptionQuota {
    limits: Parts<Limit>,
}

impl LaterPolicy for SubscriptionQuota {
    fn run<'a>(&'a self, exchange: &'a mut Exchange) -> LocalFuture<'a, Result<Flow, Fault>> {
        Box::pin(async move {
            let Some(subscription) = exchange.entities.subscription.clone() else {
                exchange.note(|_| "A call without a subscription is not counted.");
                return Ok(Flow::Continue);
            };
            let anchor = subscription.start.or(subscription.created).unwrap_or_default();
            let window = |limit: &Limit| Window::Fixed { anchor, period: limit.period };
            let limits = self.limits.of(exchange, &subscription.id);
            for (limit, subject) in &limits {
                let Some(bytes) = limit.quota.bandwidth else { continue };
                let key = Key { space: &limit.bytes_space, subject };
                let count = take(exchange, Take { key, window: window(limit), cost: 0, limit: bytes }).await?;
                if !count.admitted {
                    return Err(Quota::out_of_bandwidth(count.reset));
                }
            }
            let counted = limits.iter().filter_map(|(limit, subject)| {
                let key = Key { space: &limit.calls_space, subject };
                limit.quota.calls.map(|calls| Take { key, window: window(limit), cost: 1, limit: calls })
            });
            for (done, asked) in counted.clone().enumerate() {
                let count = take(exchange, asked).await?;
                if !count.admitted {
                    give_back(exchange, counted.take(done).map(|taken| (taken.key, taken.window)));
                    return Err(Quota::out_of_calls(count.reset));
                }
                exchange.note(|_| format!("The call counts; {} of {} calls are left.", count.remaining, asked.limit));
            }
            for (limit, subject) in limits {
                if limit.quota.bandwidth.is_some() {
                    count_bytes(exchange, Arc::clone(&limit.bytes_space), subject.into_owned().into(), window(limit));
                }
            }
            Ok(Flow::Continue)
        })
    }
}
