//! `rate-limit`: so many calls of a subscription in any stretch of time.

use std::time::Duration;

use kv::{Key, Take, Window};
use policy::prelude::*;

use crate::limits::{
    ID, NAME, Parts, REMAINING_HEADER, REMAINING_VARIABLE, RETRY_AFTER_HEADER, RETRY_AFTER_VARIABLE, Report,
    TOTAL_HEADER, give_back, take,
};

/// The longest window the service takes, in seconds.
const LONGEST: i64 = 300;

const CALLS: Attr =
    Attr::required("calls", Kind::Int(1, i64::MAX), "Calls that are let through in the period.");
const PERIOD: Attr =
    Attr::required("renewal-period", Kind::Int(1, LONGEST), "Length of the sliding period in seconds.");

pub(crate) static DEF: PolicyDef = PolicyDef {
    name: "rate-limit",
    summary: "Lets through so many calls of each subscription in any stretch of time, and answers 429 to the rest.",
    notes: "A call without a subscription is not counted. The count is exact across all workers of the process; the window slides. \
            Counters of the product, of an API and of an operation are independent, and the smallest remainder is reported.",
    sections: Sections::INBOUND,
    scopes: Scopes::PRODUCT_AND_BELOW,
    once: Once::PerDocument,
    attrs: &[
        CALLS,
        PERIOD,
        RETRY_AFTER_HEADER,
        RETRY_AFTER_VARIABLE,
        REMAINING_HEADER,
        REMAINING_VARIABLE,
        TOTAL_HEADER,
    ],
    children: &[Child {
        name: "api",
        attrs: &[NAME, ID, CALLS, PERIOD],
        children: &[Child {
            name: "operation",
            attrs: &[NAME, ID, CALLS, PERIOD],
            doc: "A limit of its own for calls of one operation.",
            ..Child::BASE
        }],
        doc: "A limit of its own for calls of one API.",
        ..Child::BASE
    }],
    examples: &[
        Example {
            title: "Say what is left",
            policy: r#"<rate-limit calls="10" renewal-period="60" remaining-calls-header-name="X-Left" total-calls-header-name="X-Of" />"#,
            then: "HTTP/1.1 200 OK\nX-Left: 9\nX-Of: 10",
            ..Example::BASE
        },
        Example {
            title: "One call too many",
            policy: r#"<rate-limit calls="2" renewal-period="60" retry-after-header-name="X-Wait" />"#,
            repeat: 3,
            then: "HTTP/1.1 429 Too Many Requests\nX-Wait: 60\n\n{ \"statusCode\": 429, \"message\": \"Rate limit is exceeded. Try again in 60 seconds.\" }",
            ..Example::BASE
        },
        Example {
            title: "A stricter limit for one operation",
            policy: r#"<rate-limit calls="10" renewal-period="60" remaining-calls-header-name="X-Left" total-calls-header-name="X-Of">
  <api id="echo" calls="5" renewal-period="60">
    <operation name="Get resource" calls="3" renewal-period="60" />
  </api>
</rate-limit>"#,
            repeat: 2,
            then: "HTTP/1.1 200 OK\nX-Left: 1\nX-Of: 3",
            ..Example::BASE
        },
    ],
    compile: |element, cx| {
        let limits = Parts::compile(element, cx, |element, cx, space| {
            let calls = cx.literal(element, "calls");
            let period = cx.literal(element, "renewal-period").map(Duration::from_secs);
            Some(Limit { space: space.into(), calls: calls?, window: Window::Sliding(period?) })
        });
        let report = Report::compile(element, cx);
        Some(Step::later(RateLimit { limits: limits?, report: report? }))
    },
    ..PolicyDef::BASE
};

/// So many calls in so much time, in a counter of its own.
struct Limit {
    space: Arc<str>,
    calls: u64,
    window: Window,
}

struct RateLimit {
    limits: Parts<Limit>,
    report: Report,
}

impl LaterPolicy for RateLimit {
    fn run<'a>(&'a self, exchange: &'a mut Exchange) -> LocalFuture<'a, Result<Flow, Fault>> {
        Box::pin(async move {
            let Some(subscription) = exchange.entities.subscription.clone() else {
                exchange.note(|_| "A call without a subscription is not counted.");
                return Ok(Flow::Continue);
            };
            let limits = self.limits.of(exchange, &subscription.id);
            let (mut left, mut total) = (u64::MAX, 0);
            for (done, (limit, subject)) in limits.iter().enumerate() {
                let key = Key { space: &limit.space, subject };
                let count = take(exchange, Take { key, window: limit.window, cost: 1, limit: limit.calls }).await?;
                if !count.admitted {
                    let taken = limits.iter().take(done);
                    give_back(exchange, taken.map(|(limit, subject)| (Key { space: &limit.space, subject }, limit.window)));
                    return Err(self.report.refuse(exchange, count.reset, limit.calls));
                }
                if count.remaining < left {
                    (left, total) = (count.remaining, limit.calls);
                }
            }
            self.report.tell(exchange, left, total);
            exchange.note(|_| format!("The call counts; {left} of {total} calls are left."));
            Ok(Flow::Continue)
        })
    }
}
