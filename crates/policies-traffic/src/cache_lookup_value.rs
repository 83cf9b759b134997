//! `cache-lookup-value`: what `cache-store-value` has put under a key, in a variable.

use kv::Key;
use policy::{AnyValue, csharp::surface::Surface, prelude::*};

use crate::cached::{CACHING_TYPE, decode, get, value_space};

pub(crate) static DEF: PolicyDef = PolicyDef {
    name: "cache-lookup-value",
    summary: "Puts the value that `cache-store-value` has kept under a key into a variable.",
    notes: "Where there is none, the variable gets `default-value`, and stays as it is without one. Keys hold for the whole service, or the \
            workspace.",
    attrs: &[
        CACHING_TYPE,
        Attr::optional("default-value", Kind::Any, "What the variable gets where the cache has nothing.").expr(),
        Attr::required("key", Kind::Name, "The key.").expr(),
        Attr::required("variable-name", Kind::Name, "The variable."),
    ],
    examples: &[Example {
        title: "Fall back on a default",
        policy: r#"<cache-lookup-value key="@("plan-" + context.Subscription.Id)" variable-name="plan" default-value="basic" />
<set-header name="X-Plan"><value>@((string)context.Variables["plan"])</value></set-header>"#,
        then: "GET / HTTP/1.1\nX-Plan: basic",
        ..Example::BASE
    }],
    compile: |element, cx| {
        let key = cx.attr(element, "key");
        let default = match element.attribute("default-value") {
            Some(_) => cx.any(element, "default-value").map(Some),
            None => Some(None),
        };
        let variable = cx.literal(element, "variable-name");
        Some(Step::later(CacheLookupValue {
            space: value_space(cx),
            surface: Arc::clone(cx.environment().catalogue.surface()),
            key: key?,
            default: default?,
            variable: variable?,
        }))
    },
    ..PolicyDef::BASE
};

struct CacheLookupValue {
    space: Arc<str>,
    /// The types that a value may be of.
    surface: Arc<Surface>,
    key: Value<String>,
    default: Option<AnyValue>,
    variable: Arc<str>,
}

impl LaterPolicy for CacheLookupValue {
    fn run<'a>(&'a self, exchange: &'a mut Exchange) -> LocalFuture<'a, Result<Flow, Fault>> {
        Box::pin(async move {
            let key = self.key.get(exchange)?;
            let found = get(exchange, Key { space: &self.space, subject: key.as_bytes() }).await;
            let found = found.and_then(|entry| decode(&entry, &self.surface));
            let is_hit = found.is_some();
            let value = match (found, &self.default) {
                (None, Some(default)) => Some(default.get(exchange)?),
                (found, _) => found,
            };
            exchange.note(|_| format!("The cache has {} under \"{key}\".", if is_hit { "a value" } else { "nothing" }));
            if let Some(value) = value {
                exchange.variables.set(&self.variable, value);
            }
            Ok(Flow::Continue)
        })
    }
}
