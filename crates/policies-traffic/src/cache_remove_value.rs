//! `cache-remove-value`: forgets what is kept under a key.

use kv::Key;
use policy::prelude::*;

use crate::cached::{CACHING_TYPE, value_space};

pub(crate) static DEF: PolicyDef = PolicyDef {
    name: "cache-remove-value",
    summary: "Forgets what `cache-store-value` has kept under a key.",
    notes: "Nothing under the key is no error.",
    attrs: &[
        CACHING_TYPE,
        Attr::required("key", Kind::Name, "The key.").expr(),
        Attr::or(
            "fail-on-cache-removal-error",
            Kind::Bool,
            "false",
            "Whether the request fails if the cache cannot be reached.",
        )
        .expr(),
    ],
    examples: &[Example {
        title: "Forget what was kept",
        policy: r#"<cache-store-value key="k" value="old" duration="60" />
<cache-remove-value key="k" />
<cache-lookup-value key="k" variable-name="v" default-value="gone" />
<set-header name="X-V"><value>@((string)context.Variables["v"])</value></set-header>"#,
        then: "GET / HTTP/1.1\nX-V: gone",
        ..Example::BASE
    }],
    compile: |element, cx| {
        let key = cx.attr(element, "key");
        let fails = cx.attr_or(element, "fail-on-cache-removal-error", false);
        Some(Step::later(CacheRemoveValue { space: value_space(cx), key: key?, fails: fails? }))
    },
    ..PolicyDef::BASE
};

struct CacheRemoveValue {
    space: Arc<str>,
    key: Value<String>,
    fails: Value<bool>,
}

impl LaterPolicy for CacheRemoveValue {
    fn run<'a>(&'a self, exchange: &'a mut Exchange) -> LocalFuture<'a, Result<Flow, Fault>> {
        Box::pin(async move {
            let (key, fails) = (self.key.get(exchange)?, *self.fails.get(exchange)?);
            let answer = exchange.host.stores.cache.remove(Key { space: &self.space, subject: key.as_bytes() });
            match answer.wait().await {
                Err(error) if fails => {
                    return Err(Fault::new("", "CacheRemovalFailure", "The value could not be removed from the cache.").with_cause(error));
                }
                _ => exchange.note(|_| format!("Nothing is kept under \"{key}\" any more.")),
            }
            Ok(Flow::Continue)
        })
    }
}
