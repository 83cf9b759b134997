//! `rate-limit`: so many calls of a subscription in any stretch of time.

use std::time::Duration;

use kv::{Count, Key, Take, Window};
use policy::{csharp, prelude::*};

/// The longest window the service takes, in seconds.
const LONGEST: i64 = 300;

const CALLS: Attr = Attr::required("calls", Kind::Int(1, i64::MAX), "Calls that are let through in the period.");
const PERIOD: Attr = Attr::required("renewal-period", Kind::Int(1, LONGEST), "Length of the sliding period in seconds.");
const NAME: Attr = Attr::optional("name", Kind::Name, "Its display name.");
const ID: Attr = Attr::optional("id", Kind::Name, "Its resource name; it counts if both are there.");

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
        Attr::or("retry-after-header-name", Kind::HeaderName, "Retry-After", "Header of a 429 that says how many seconds to wait."),
        Attr::optional("retry-after-variable-name", Kind::Name, "Variable that gets those seconds."),
        Attr::optional("remaining-calls-header-name", Kind::HeaderName, "Response header that says how many calls are left."),
        Attr::optional("remaining-calls-variable-name", Kind::Name, "Variable that gets that number."),
        Attr::optional("total-calls-header-name", Kind::HeaderName, "Response header that repeats `calls`."),
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
    examples: &[Example {
        title: "Say what is left",
        policy: r#"<rate-limit calls="10" renewal-period="60" remaining-calls-header-name="X-Left" total-calls-header-name="X-Of" />"#,
        then: "HTTP/1.1 200 OK\nX-Left: 9\nX-Of: 10",
        ..Example::BASE
    }],
    compile: |element, cx| {
        let space = cx.counter_space();
        let own = limit(element, cx, &space);
        let parts: Vec<_> = element.elements().map(|api| api_limit(api, cx, &space)).collect();
        let step = RateLimit {
            own: own?,
            parts: parts.into_iter().collect::<Option<_>>()?,
            retry_after_header: cx.literal_or(element, "retry-after-header-name", RETRY_AFTER.clone())?,
            retry_after_variable: cx.optional_literal(element, "retry-after-variable-name")?,
            remaining_header: cx.optional_literal(element, "remaining-calls-header-name")?,
            remaining_variable: cx.optional_literal(element, "remaining-calls-variable-name")?,
            total_header: cx.optional_literal(element, "total-calls-header-name")?,
        };
        Some(Step::later(step))
    },
    ..PolicyDef::BASE
};

const RETRY_AFTER: HeaderName = HeaderName::from_static("Retry-After");

/// So many calls in so much time, in a counter of its own.
struct Limit {
    space: Arc<str>,
    calls: u64,
    period: Duration,
}

/// A limit for one API and limits for some of its operations.
struct ApiLimit {
    name: Named,
    limit: Limit,
    operations: Box<[(Named, Limit)]>,
}

/// What an `<api>` or `<operation>` names.
enum Named {
    Id(String),
    DisplayName(String),
}

struct RateLimit {
    own: Limit,
    parts: Box<[ApiLimit]>,
    retry_after_header: HeaderName,
    retry_after_variable: Option<Arc<str>>,
    remaining_header: Option<HeaderName>,
    remaining_variable: Option<Arc<str>>,
    total_header: Option<HeaderName>,
}

fn limit(element: &Element, cx: &mut Compiler<'_>, space: &str) -> Option<Limit> {
    let calls = cx.literal(element, "calls");
    let period = cx.literal(element, "renewal-period").map(Duration::from_secs);
    Some(Limit { space: space.into(), calls: calls?, period: period? })
}

fn named(element: &Element, cx: &mut Compiler<'_>) -> Option<Named> {
    if let Some(id) = cx.optional_literal::<String>(element, "id")? {
        return Some(Named::Id(id.trim_start_matches("/apis/").to_owned()));
    }
    let name = cx.optional_literal(element, "name")?;
    if name.is_none() {
        cx.error("PX0108", format!("<{}> needs a name or an id.", element.name), element.span);
    }
    name.map(Named::DisplayName)
}

fn api_limit(element: &Element, cx: &mut Compiler<'_>, space: &str) -> Option<ApiLimit> {
    let name = named(element, cx);
    let own = limit(element, cx, &format!("{space}/api"));
    let operations: Vec<_> = element
        .elements()
        .map(|operation| Some((named(operation, cx)?, limit(operation, cx, &format!("{space}/operation"))?)))
        .collect();
    Some(ApiLimit { name: name?, limit: own?, operations: operations.into_iter().collect::<Option<_>>()? })
}

impl Named {
    fn is(&self, id: &str, display_name: &str) -> bool {
        match self {
            Self::Id(named) => named.eq_ignore_ascii_case(id),
            Self::DisplayName(named) => named == display_name,
        }
    }
}

impl LaterPolicy for RateLimit {
    fn run<'a>(&'a self, exchange: &'a mut Exchange) -> LocalFuture<'a, Result<Flow, Fault>> {
        Box::pin(async move {
            let Some(subscription) = exchange.entities.subscription.clone() else { return Ok(Flow::Continue) };
            let count = self.own.count(exchange, &subscription.id).await?;
            if !count.admitted {
                return Err(self.refusal(exchange, count));
            }
            let (mut left, mut total) = (count.remaining, self.own.calls);
            for (limit, part) in self.inner_limits(exchange) {
                let count = limit.count(exchange, &format!("{}/{part}", subscription.id)).await?;
                if !count.admitted {
                    return Err(self.refusal(exchange, count));
                }
                if count.remaining < left {
                    (left, total) = (count.remaining, limit.calls);
                }
            }
            self.report(exchange, left, total);
            Ok(Flow::Continue)
        })
    }
}

impl RateLimit {
    /// The limits of API and operation that this call counts against, each with what tells its counter from others of
    /// the same subscription.
    fn inner_limits(&self, exchange: &Exchange) -> Vec<(&Limit, String)> {
        let mut limits = Vec::new();
        let (Some(api), operation) = (&exchange.entities.api, &exchange.entities.operation) else { return limits };
        for part in self.parts.iter().filter(|part| part.name.is(&api.id, &api.name)) {
            limits.push((&part.limit, api.id.to_string()));
            let Some(operation) = operation else { continue };
            let matching = part.operations.iter().filter(|(name, _)| name.is(&operation.id, &operation.name));
            limits.extend(matching.map(|(_, limit)| (limit, format!("{}/{}", api.id, operation.id))));
        }
        limits
    }

    fn refusal(&self, exchange: &mut Exchange, count: Count) -> Fault {
        // Whole seconds, never zero: a client that waits as told must be let in.
        let wait = u64::max(count.reset.as_millis().div_ceil(1000) as u64, 1);
        if let Some(variable) = &self.retry_after_variable {
            exchange.variables.set(variable, csharp::Value::Int(i32::try_from(wait).unwrap_or(i32::MAX)));
        }
        self.report(exchange, 0, self.own.calls);
        Fault::new("rate-limit", "RateLimitExceeded", "Rate limit is exceeded")
            .with_status(Status::TOO_MANY_REQUESTS)
            .shown(format!("Rate limit is exceeded. Try again in {wait} seconds."))
            .with_header(self.retry_after_header.clone(), wait.into())
    }

    fn report(&self, exchange: &mut Exchange, left: u64, total: u64) {
        if let Some(variable) = &self.remaining_variable {
            exchange.variables.set(variable, csharp::Value::Int(i32::try_from(left).unwrap_or(i32::MAX)));
        }
        for (header, number) in [(&self.remaining_header, left), (&self.total_header, total)] {
            if let Some(header) = header {
                exchange.late_headers.set(header.clone(), number.into());
            }
        }
    }
}

impl Limit {
    async fn count(&self, exchange: &Exchange, subject: &str) -> Result<Count, Fault> {
        let key = Key { space: &self.space, subject: subject.as_bytes() };
        let take = Take { key, window: Window::Sliding(self.period), cost: 1, limit: self.calls };
        let answer = exchange.host.stores.counters.take(take);
        answer.wait().await.map_err(|error| Fault::new("rate-limit", "CounterUnavailable", "The call could not be counted.").with_cause(error))
    }
}
