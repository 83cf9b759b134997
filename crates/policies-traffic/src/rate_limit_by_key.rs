//! `rate-limit-by-key`: so many calls of whoever a key names, in any stretch of time.

use std::time::Duration;

use kv::{Key, Settle, Take, Window};
use policy::prelude::*;

use crate::limits::{
    CONDITION, COUNT, Increment, REMAINING_HEADER, REMAINING_VARIABLE, RETRY_AFTER_HEADER, RETRY_AFTER_VARIABLE, Report,
    TOTAL_HEADER, take,
};

/// The longest window the service takes, in seconds.
const LONGEST: u64 = 300;

pub(crate) static DEF: PolicyDef = PolicyDef {
    name: "rate-limit-by-key",
    summary: "Lets through so many calls for each value of a key in any stretch of time, and answers 429 to the rest.",
    notes: "The counter of a key value belongs to the whole service, or to the workspace: policies of all scopes that use the value with \
            the same period count together. With an expression in `increment-condition` or `increment-count` the call is counted when \
            outbound, or on-error, is over, and the limit shows at the next call.",
    sections: Sections::INBOUND,
    attrs: &[
        Attr::required("calls", Kind::Int(1, i64::MAX), "Calls that are let through in the period.").expr(),
        Attr::required("counter-key", Kind::Name, "Who is counted.").expr(),
        CONDITION,
        COUNT,
        Attr::required("renewal-period", Kind::Int(1, LONGEST as i64), "Length of the sliding period in seconds.").expr(),
        RETRY_AFTER_HEADER,
        RETRY_AFTER_VARIABLE,
        REMAINING_HEADER,
        REMAINING_VARIABLE,
        TOTAL_HEADER,
    ],
    examples: &[
        Example {
            title: "By the caller's address",
            policy: r#"<rate-limit-by-key calls="10" renewal-period="60" counter-key="@(context.Request.IpAddress)" remaining-calls-header-name="X-Left" />"#,
            repeat: 3,
            then: "HTTP/1.1 200 OK\nX-Left: 7",
            ..Example::BASE
        },
        Example {
            title: "Only calls that fail count: the limit shows one call later",
            policy: r#"<rate-limit-by-key calls="2" renewal-period="60" counter-key="login" increment-condition="@(context.Response.StatusCode == 401)" />"#,
            backend: "HTTP/1.1 401 Unauthorized",
            repeat: 3,
            then: "HTTP/1.1 429 Too Many Requests\nRetry-After: 60\n\n{ \"statusCode\": 429, \"message\": \"Rate limit is exceeded. Try again in 60 seconds.\" }",
            ..Example::BASE
        },
    ],
    compile: |element, cx| {
        let space = format!("{}#rate-limit-by-key", cx.shared_space()).into();
        let (calls, key) = (cx.attr(element, "calls"), cx.attr(element, "counter-key"));
        let (period, increment) = (cx.attr(element, "renewal-period"), Increment::compile(element, cx));
        let report = Report::compile(element, cx);
        Some(Step::later(RateLimitByKey {
            space,
            calls: calls?,
            key: key?,
            period: period?,
            increment: increment?,
            report: report?,
        }))
    },
    ..PolicyDef::BASE
};

struct RateLimitByKey {
    space: Arc<str>,
    calls: Value<u64>,
    key: Value<String>,
    period: Value<u64>,
    increment: Increment,
    report: Report,
}

impl LaterPolicy for RateLimitByKey {
    fn run<'a>(&'a self, exchange: &'a mut Exchange) -> LocalFuture<'a, Result<Flow, Fault>> {
        Box::pin(async move {
            let (calls, period) = (*self.calls.get(exchange)?, *self.period.get(exchange)?);
            if !(1..=LONGEST).contains(&period) {
                return Err(Fault::expression(format!("renewal-period is {period}, and must lie between 1 and {LONGEST}.")));
            }
            let key = self.key.get(exchange)?.into_owned();
            let (window, subject) = (Window::Sliding(Duration::from_secs(period)), subject(period, &key));
            let asked = Take {
                key: Key { space: &self.space, subject: &subject },
                window,
                cost: self.increment.now(),
                limit: calls,
            };
            let count = take(exchange, asked).await?;
            if !count.admitted {
                return Err(self.report.refuse(exchange, count.reset, calls));
            }
            self.report.tell(exchange, count.remaining, calls);
            exchange.note(|_| format!("{} of {calls} calls are left for the key \"{key}\".", count.remaining));
            let space = Arc::clone(&self.space);
            self.increment.later(exchange, move |exchange, count| {
                let cost = i64::try_from(count).unwrap_or(i64::MAX);
                let key = Key { space: &space, subject: &subject };
                exchange.host.stores.counters.settle(Settle { key, window, cost });
            });
            Ok(Flow::Continue)
        })
    }
}

/// One key may be limited to so many calls in a second and so many in a minute: these are two counters.
fn subject(period: u64, key: &str) -> Box<[u8]> {
    format!("{period}/{key}").into_bytes().into()
}
