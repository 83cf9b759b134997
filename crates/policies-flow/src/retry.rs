//! `retry`: runs its policies again for as long as a condition holds.

use std::time::Duration;

use policy::{Response, exchange::HostParts, prelude::*};

pub(crate) static DEF: PolicyDef = PolicyDef {
    name: "retry",
    summary: "Runs its policies once, and again for as long as the condition holds, up to `count` times.",
    notes: "Before retry *n* it waits `interval` seconds; with `delta`, `interval + (n - 1) × delta`; with `max-interval` as well, \
            `interval + (2^(n-1) - 1) × delta`, where delta is taken at random between 0.8 and 1.2 of itself, and at most `max-interval`. \
            A failure of its policies is judged by the condition, too: `context.Response` is then the pending error (500 for a backend that \
            cannot be reached) and `context.LastError` says what happened. If the condition does not hold, or itself fails, the failure goes \
            on. To send a request body again, `forward-request` needs `buffer-request-body=\"true\"`.",
    attrs: &[
        Attr::required("condition", Kind::Bool, "Whether to run them again; asked after each time.").expr(),
        Attr::required("count", Kind::Int(1, 50), "How often to run them again, at most.").expr(),
        Attr::required("interval", Kind::Int(0, i64::MAX), "Seconds to wait.").expr(),
        Attr::optional("max-interval", Kind::Int(0, i64::MAX), "The most seconds to wait: waits grow exponentially.").expr(),
        Attr::optional("delta", Kind::Int(0, i64::MAX), "Seconds by which waits grow.").expr(),
        Attr::or("first-fast-retry", Kind::Bool, "false", "Whether the first retry waits for nothing.").expr(),
    ],
    content: Content::Policies,
    examples: &[Example {
        title: "A backend that has a bad day",
        section: Section::Backend,
        policy: "<policies><inbound><base /></inbound><backend>\
                 <retry condition=\"@(context.Response.StatusCode == 503)\" count=\"2\" interval=\"1\" first-fast-retry=\"true\">\
                 <set-variable name=\"tries\" value=\"@(context.Variables.GetValueOrDefault<int>(&quot;tries&quot;) + 1)\" />\
                 <forward-request buffer-request-body=\"true\" /></retry></backend><outbound>\
                 <set-header name=\"X-Tries\"><value>@(context.Variables[\"tries\"].ToString())</value></set-header>\
                 </outbound><on-error><base /></on-error></policies>",
        given: "POST /resource/1 HTTP/1.1\n\nhello",
        backend: "HTTP/1.1 503 Service Unavailable",
        then: "HTTP/1.1 503 Service Unavailable\nX-Tries: 3",
        ..Example::BASE
    }],
    compile: |element, cx| {
        let condition = cx.condition(element, "condition");
        let count = cx.attr(element, "count");
        let interval = cx.attr(element, "interval");
        let most = cx.optional(element, "max-interval");
        let delta = cx.optional(element, "delta");
        let first_is_fast = cx.attr_or(element, "first-fast-retry", false);
        let policies = cx.block(element);
        Some(Step::later(Retry {
            condition: condition?,
            count: count?,
            waits: Waits { interval: interval?, most: most?, delta: delta?, first_is_fast: first_is_fast? },
            policies,
        }))
    },
    ..PolicyDef::BASE
};

struct Retry {
    condition: Value<bool>,
    count: Value<u64>,
    waits: Waits,
    policies: Block,
}

struct Waits {
    interval: Value<u64>,
    most: Option<Value<u64>>,
    delta: Option<Value<u64>>,
    first_is_fast: Value<bool>,
}

impl LaterPolicy for Retry {
    fn run<'a>(&'a self, exchange: &'a mut Exchange) -> LocalFuture<'a, Result<Flow, Fault>> {
        Box::pin(async move {
            let count = *self.count.get(exchange)?;
            if !(1..=50).contains(&count) {
                return Err(Fault::expression(format!("The count of a retry must lie between 1 and 50, and is {count}.")));
            }
            for number in 1..=count {
                let outcome = self.policies.run(exchange).await;
                let wait = match outcome {
                    Ok(Flow::Respond) => return Ok(Flow::Respond),
                    Ok(Flow::Continue) => self.wait(exchange, number).await?,
                    Err(fault) => match self.wait_after(exchange, &fault, number).await {
                        Ok(Some(wait)) => Some(wait),
                        Ok(None) | Err(_) => return Err(fault),
                    },
                };
                match wait {
                    None => return Ok(Flow::Continue),
                    Some(Duration::ZERO) => {}
                    Some(wait) => exchange.host.clock.sleep(wait).await,
                }
            }
            self.policies.run(exchange).await
        })
    }
}

impl Retry {
    /// How long to wait before retry `number`; none if there shall be none.
    async fn wait(&self, exchange: &mut Exchange, number: u64) -> Result<Option<Duration>, Fault> {
        loop {
            let asked = match self.condition.get(exchange) {
                Ok(again) if !*again => {
                    exchange.forget(self);
                    return Ok(None);
                }
                Ok(_) => self.waits.before(exchange, number),
                Err(fault) => Err(fault),
            };
            match asked {
                // The whole step must not run again for it: its policies have had their effect.
                Err(fault) if fault.is_unfinished() => exchange.fulfil(&fault, self).await?,
                asked => {
                    exchange.forget(self);
                    return asked.map(Some);
                }
            }
        }
    }

    /// The same after a failure, which the condition finds as on-error would. Nothing of it stays.
    async fn wait_after(&self, exchange: &mut Exchange, fault: &Fault, number: u64) -> Result<Option<Duration>, Fault> {
        let response = std::mem::replace(&mut exchange.response, Response::new(fault.status()));
        let had_response = std::mem::replace(&mut exchange.has_response, true);
        let last_error = exchange.last_error.replace(fault.clone());
        let wait = self.wait(exchange, number).await;
        exchange.response = response;
        exchange.has_response = had_response;
        exchange.last_error = last_error;
        wait
    }
}

impl Waits {
    fn before(&self, exchange: &mut Exchange, number: u64) -> Result<Duration, Fault> {
        let interval = *self.interval.get(exchange)?;
        let most = Value::optional(&self.most, exchange)?.map(|most| *most);
        let delta = Value::optional(&self.delta, exchange)?.map(|delta| *delta);
        if number == 1 && *self.first_is_fast.get(exchange)? {
            return Ok(Duration::ZERO);
        }
        let seconds = match (most, delta) {
            (None, delta) => interval.saturating_add(delta.unwrap_or_default().saturating_mul(number - 1)) as f64,
            (Some(most), None) => interval.min(most) as f64,
            (Some(most), Some(delta)) => {
                // At most 50 retries: the power is exact.
                let growth = 2_f64.powi(number as i32 - 1) - 1.0;
                (interval as f64 + growth * delta as f64 * around_one(&exchange.host)).min(most as f64)
            }
        };
        // A wait without end is one that the client will not live to see.
        Ok(Duration::try_from_secs_f64(seconds).unwrap_or(Duration::MAX))
    }
}

/// A number between 0.8 and 1.2.
fn around_one(host: &HostParts) -> f64 {
    let fraction = (host.entropy.u64() >> 11) as f64 / (1_u64 << 53) as f64;
    0.8 + 0.4 * fraction
}
