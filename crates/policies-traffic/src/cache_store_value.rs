//! `cache-store-value`: keeps a value under a key, for later requests.

use std::time::Duration;

use kv::Key;
use policy::{AnyValue, prelude::*};

use crate::cached::{CACHING_TYPE, encode, value_space};

pub(crate) static DEF: PolicyDef = PolicyDef {
    name: "cache-store-value",
    summary: "Keeps a value under a key, for `cache-lookup-value` of later requests.",
    notes: "Nothing waits until it is kept. Values of the built-in types, JSON, dates, enums, responses, `byte[]` and arrays come back as what they \
            were; another object is a fault. What is larger than 2 MiB is not kept.",
    attrs: &[
        CACHING_TYPE,
        Attr::required("duration", Kind::Int(0, i64::MAX), "For how many seconds.").expr(),
        Attr::required("key", Kind::Name, "The key.").expr(),
        Attr::required("value", Kind::Any, "The value.").expr(),
    ],
    examples: &[Example {
        title: "Ask once, use often",
        policy: r#"<cache-lookup-value key="profile" variable-name="profile" />
<choose>
  <when condition="@(!context.Variables.ContainsKey("profile"))">
    <set-variable name="profile" value="@(new JObject(new JProperty("plan", "gold")))" />
    <cache-store-value key="profile" value="@((JObject)context.Variables["profile"])" duration="60" />
  </when>
  <otherwise>
    <set-header name="X-Plan"><value>@((string)((JObject)context.Variables["profile"])["plan"])</value></set-header>
  </otherwise>
</choose>"#,
        repeat: 2,
        then: "GET / HTTP/1.1\nX-Plan: gold",
        ..Example::BASE
    }],
    compile: |element, cx| {
        let (key, value, duration) = (cx.attr(element, "key"), cx.any(element, "value"), cx.attr(element, "duration"));
        Some(Step::now(CacheStoreValue { space: value_space(cx), key: key?, value: value?, duration: duration? }))
    },
    ..PolicyDef::BASE
};

struct CacheStoreValue {
    space: Arc<str>,
    key: Value<String>,
    value: AnyValue,
    duration: Value<u64>,
}

impl Policy for CacheStoreValue {
    fn run(&self, exchange: &mut Exchange) -> Result<Flow, Fault> {
        let (key, duration) = (self.key.get(exchange)?, Duration::from_secs(*self.duration.get(exchange)?));
        let value = self.value.get(exchange)?;
        let Some(entry) = encode(&value) else {
            let message = format!("A value of the type {} cannot be kept in a cache.", value.ty().full_name());
            return Err(Fault::new("", "ValueNotCacheable", message));
        };
        exchange.host.stores.cache.put(Key { space: &self.space, subject: key.as_bytes() }, entry.into(), duration);
        exchange.note(|_| format!("A value is kept under \"{key}\" for {} seconds.", duration.as_secs()));
        Ok(Flow::Continue)
    }
}
