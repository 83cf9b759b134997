//! `cache-lookup`: answers from the cache, if it has the response.

use kv::Key;
use policy::{
    exchange::{CacheMiss, url},
    prelude::*,
    record::CacheUse,
};
use std::time::Duration;

use crate::cached::{CACHING_TYPE, CachedResponse, get, push_sized};

policy::words! {
    /// Which caches between here and the client may keep the response, too.
    enum Downstream { None = "none", Private = "private", Public = "public" }
}

pub(crate) static DEF: PolicyDef = PolicyDef {
    name: "cache-lookup",
    summary: "Answers a GET from the cache, if `cache-store` has put its response there; backend and outbound are left out then.",
    notes: "The path and the whole query tell responses apart, or the listed query parameters alone; so do the listed headers. Requests with \
            an `Authorization` header are neither answered from the cache nor stored unless `allow-private-response-caching` is true; the \
            same holds for responses that the backend marks `private` or `no-store`. Requests for a `Range` go to the backend.",
    documents: Documents::POLICIES,
    sections: Sections::INBOUND,
    once: Once::PerSection,
    attrs: &[
        Attr::or(
            "allow-private-response-caching",
            Kind::Bool,
            "false",
            "Whether responses to requests with an `Authorization` header may be kept.",
        )
        .expr(),
        CACHING_TYPE,
        Attr::or(
            "downstream-caching-type",
            Kind::OneOf(Downstream::WORDS),
            "none",
            "Which caches between here and the client may keep the response, too: the `Cache-Control` that is sent.",
        )
        .expr(),
        Attr::or("must-revalidate", Kind::Bool, "true", "Whether those caches must ask again once it is stale.").expr(),
        Attr::required("vary-by-developer", Kind::Bool, "Whether each developer has responses of their own.").expr(),
        Attr::required("vary-by-developer-groups", Kind::Bool, "Whether each set of groups has responses of its own.").expr(),
    ],
    children: &[
        Child::texts("vary-by-header", Kind::Name, "A request header that tells responses apart, or several with `;` between."),
        Child::texts(
            "vary-by-query-parameter",
            Kind::Name,
            "A query parameter that tells responses apart, or several with `;` between; the others do not count then.",
        ),
    ],
    examples: &[Example {
        title: "The second caller is served from the cache",
        policy: r#"<policies>
  <inbound>
    <base />
    <cache-lookup vary-by-developer="false" vary-by-developer-groups="false" downstream-caching-type="public">
      <vary-by-header>Accept</vary-by-header>
    </cache-lookup>
    <set-header name="X-Seen"><value>@(context.Request.Headers.GetValueOrDefault("X-Seen", "") + "inbound")</value></set-header>
  </inbound>
  <backend>
    <base />
  </backend>
  <outbound>
    <base />
    <cache-store duration="60" />
    <set-header name="X-Late"><value>yes</value></set-header>
  </outbound>
</policies>"#,
        backend: "HTTP/1.1 200 OK\nContent-Type: text/plain\nSet-Cookie: session=1\n\nhello",
        repeat: 2,
        then: "HTTP/1.1 200 OK\nContent-Type: text/plain\nCache-Control: public, max-age=60, must-revalidate\nSet-Cookie: (none)\nX-Late: (none)\n\nhello",
        ..Example::BASE
    }],
    compile: |element, cx| {
        let space = format!("{}#cache", cx.shared_space()).into();
        let allow_private = cx.attr_or(element, "allow-private-response-caching", false);
        let downstream = cx.attr_or(element, "downstream-caching-type", Downstream::None);
        let must_revalidate = cx.attr_or(element, "must-revalidate", true);
        let (developer, groups) = (cx.attr(element, "vary-by-developer"), cx.attr(element, "vary-by-developer-groups"));
        let (headers, query) = (cx.texts(element, "vary-by-header"), cx.texts(element, "vary-by-query-parameter"));
        Some(Step::later(CacheLookup {
            space,
            allow_private: allow_private?,
            downstream: downstream?,
            must_revalidate: must_revalidate?,
            developer: developer?,
            groups: groups?,
            headers: headers?,
            query: query?,
        }))
    },
    ..PolicyDef::BASE
};

/// Names with `;` between.
#[derive(Clone, Debug)]
struct Names(Box<[Box<str>]>);

impl FromText for Names {
    fn from_text(text: &str) -> Result<Self, String> {
        let names = text.split(';').map(str::trim).filter(|name| !name.is_empty());
        Ok(Self(names.map(Into::into).collect()))
    }
}

struct CacheLookup {
    space: Arc<str>,
    allow_private: Value<bool>,
    downstream: Value<Downstream>,
    must_revalidate: Value<bool>,
    developer: Value<bool>,
    groups: Value<bool>,
    headers: Box<[Value<Names>]>,
    query: Box<[Value<Names>]>,
}

impl LaterPolicy for CacheLookup {
    fn run<'a>(&'a self, exchange: &'a mut Exchange) -> LocalFuture<'a, Result<Flow, Fault>> {
        Box::pin(async move {
            let Some(miss) = self.question(exchange)? else { return Ok(Flow::Continue) };
            let found = get(exchange, Key { space: &miss.space, subject: &miss.subject }).await;
            let Some(found) = found.as_ref().and_then(CachedResponse::read) else {
                exchange.note(|_| "The cache has no response.");
                exchange.cache_use = CacheUse::Miss;
                exchange.cache_miss = Some(Box::new(miss));
                return Ok(Flow::Continue);
            };
            let mut response = found.response;
            let left = Duration::from_nanos(found.ends.0.saturating_sub(exchange.host.clock.now().0).max(0) as u64);
            response.headers.push(CACHE_CONTROL, cache_control(miss.downstream, left));
            exchange.respond(response);
            exchange.cache_use = CacheUse::Hit;
            exchange.note(|_| "The response comes from the cache.");
            Ok(Flow::Respond)
        })
    }
}

pub(crate) const CACHE_CONTROL: HeaderName = HeaderName::from_static("Cache-Control");

/// The `Cache-Control` of a response that stays good for `left`.
pub(crate) fn cache_control(downstream: Option<(&'static str, &'static str)>, left: Duration) -> HeaderValue {
    match downstream {
        None => HeaderValue::from_static("no-cache, no-store"),
        Some((whose, then)) => {
            let value = format!("{whose}, max-age={}{then}", left.as_secs());
            HeaderValue::from_bytes(value.into()).unwrap_or_default()
        }
    }
}

impl CacheLookup {
    /// What to look for; `None` for requests that the cache has nothing to do with.
    fn question(&self, exchange: &mut Exchange) -> Result<Option<CacheMiss>, Fault> {
        let allow_private = *self.allow_private.get(exchange)?;
        let downstream = *self.downstream.get(exchange)?;
        let then = if *self.must_revalidate.get(exchange)? { ", must-revalidate" } else { "" };
        let (developer, groups) = (*self.developer.get(exchange)?, *self.groups.get(exchange)?);
        let headers = Value::all(&self.headers, exchange)?;
        let query = Value::all(&self.query, exchange)?;

        let request = &exchange.request;
        let is_kept = exchange.client_method == Method::GET
            && !request.headers.contains("Range")
            && (allow_private || !request.headers.contains("Authorization"));
        if !is_kept {
            exchange.note(|_| "The request is not one for the cache.");
            return Ok(None);
        }
        let (entities, asked) = (&exchange.entities, &exchange.original_url);
        let mut subject = Vec::with_capacity(256);
        if let Some(api) = &entities.api {
            push_sized(&mut subject, api.id.as_bytes());
            push_sized(&mut subject, api.revision.as_bytes());
        }
        push_sized(&mut subject, asked.path.as_bytes());
        if query.is_empty() {
            push_sized(&mut subject, asked.query.as_deref().unwrap_or_default().as_bytes());
        }
        for name in query.iter().flat_map(|names| &names.0) {
            for value in url::pairs(asked.query.as_deref().unwrap_or_default()).filter(|(known, _)| known.eq_ignore_ascii_case(name)) {
                push_sized(&mut subject, value.1.as_bytes());
            }
            // So that the values of one name never look like those of the next.
            subject.push(b'&');
        }
        for name in headers.iter().flat_map(|names| &names.0) {
            request.headers.all(&**name).for_each(|value| push_sized(&mut subject, value.as_bytes()));
            subject.push(b':');
        }
        if developer {
            let user = entities.user.as_ref().map(|user| &user.id);
            let who = user.or_else(|| entities.subscription.as_ref().map(|subscription| &subscription.id));
            push_sized(&mut subject, who.map_or(&[], |who| who.as_bytes()));
        }
        if groups {
            let groups = entities.user.as_ref().map_or(&[][..], |user| &user.groups);
            for group in groups {
                push_sized(&mut subject, group.id.as_bytes());
            }
        }
        let downstream = match downstream {
            Downstream::None => None,
            Downstream::Private => Some(("private", then)),
            Downstream::Public => Some(("public", then)),
        };
        Ok(Some(CacheMiss { space: Arc::clone(&self.space), subject, allow_private, downstream }))
    }
}
