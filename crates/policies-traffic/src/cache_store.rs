//! `cache-store`: keeps the response for the next one who asks.

use std::time::Duration;

use policy::prelude::*;

use crate::{
    cache_lookup::{CACHE_CONTROL, cache_control},
    cached::{Collect, head},
};

/// Statuses that say nothing on their own: a part, and "what you have is still good".
const NEVER: [u16; 2] = [206, 304];

pub(crate) static DEF: PolicyDef = PolicyDef {
    name: "cache-store",
    summary: "Keeps the response to a GET for the next one who asks, as `cache-lookup` in inbound says.",
    notes: "What is kept is the response as it is where the policy stands, without `Set-Cookie`. Bodies are kept while they pass: nothing waits \
            for them. What is larger than 2 MiB, breaks off, or has the status 206 or 304 is not kept.",
    sections: Sections::OUTBOUND,
    attrs: &[
        Attr::required("duration", Kind::Int(0, i64::MAX), "For how many seconds.").expr(),
        Attr::optional(
            "cache-response",
            Kind::Bool,
            "Whether this response is kept; if it is left out, responses with the status 200 are.",
        )
        .expr(),
    ],
    examples: &[Example {
        title: "Keep what the backend says may be kept",
        policy: r#"<policies>
  <inbound>
    <base />
    <cache-lookup vary-by-developer="false" vary-by-developer-groups="false" />
  </inbound>
  <backend>
    <base />
  </backend>
  <outbound>
    <base />
    <set-header name="X-From"><value>@(context.Response.Headers.GetValueOrDefault("X-From", "") + "backend")</value></set-header>
    <cache-store duration="@(int.Parse(context.Response.Headers.GetValueOrDefault("X-Good-For", "0")))" cache-response="@(context.Response.StatusCode < 500)" />
    <set-header name="X-From"><value>not from the cache</value></set-header>
  </outbound>
</policies>"#,
        backend: "HTTP/1.1 404 Not Found\nX-Good-For: 10\n\nnothing",
        repeat: 2,
        then: "HTTP/1.1 404 Not Found\nX-From: backend\nCache-Control: no-cache, no-store\n\nnothing",
        ..Example::BASE
    }],
    compile: |element, cx| {
        let duration = cx.attr(element, "duration");
        let cache_response = cx.optional(element, "cache-response");
        Some(Step::now(CacheStore { duration: duration?, cache_response: cache_response? }))
    },
    ..PolicyDef::BASE
};

struct CacheStore {
    duration: Value<u64>,
    cache_response: Option<Value<bool>>,
}

impl Policy for CacheStore {
    fn run(&self, exchange: &mut Exchange) -> Result<Flow, Fault> {
        let ttl = Duration::from_secs(*self.duration.get(exchange)?);
        let wanted = Value::optional(&self.cache_response, exchange)?.map(|wanted| *wanted);
        let status = exchange.response.status;
        let wanted = wanted.unwrap_or(status == Status::OK) && !NEVER.contains(&status.code()) && !ttl.is_zero();
        let Some(miss) = exchange.cache_miss.take_if(|miss| wanted && (miss.allow_private || !is_private(&exchange.response.headers))) else {
            exchange.note(|_| "The response is not kept.");
            return Ok(Flow::Continue);
        };
        let ends = exchange.host.clock.now().plus(ttl);
        let response = &mut exchange.response;
        let head = head(response, ends);
        response.headers.set(CACHE_CONTROL, cache_control(miss.downstream, ttl));
        let (cache, length) = (Arc::clone(&exchange.host.stores.cache), response.body.exact_len());
        if let Some(mut collect) = Collect::begin(cache, miss, ttl, head, length) {
            match response.body.bytes() {
                Some(bytes) => collect.whole(bytes),
                None => response.body.observe(collect),
            }
        }
        exchange.note(|_| format!("The response is kept for {} seconds.", ttl.as_secs()));
        Ok(Flow::Continue)
    }
}

/// Whether the backend says that a cache for everybody may not keep it.
fn is_private(headers: &policy::Headers) -> bool {
    headers.all("Cache-Control").any(|value| {
        let value = value.text();
        let mut words = value.split(',').map(|word| word.split('=').next().unwrap_or_default().trim());
        words.any(|word| word.eq_ignore_ascii_case("private") || word.eq_ignore_ascii_case("no-store"))
    })
}
