//! `set-query-parameter`: adds, overrides, appends to or removes a parameter of the request's query.

use policy::{
    exchange::url::{encode, pairs},
    prelude::*,
    redact,
};

use crate::set_header::Exists;

pub(crate) static DEF: PolicyDef = PolicyDef {
    name: "set-query-parameter",
    summary: "Adds, overrides, appends to or removes a parameter of the request's query.",
    sections: Sections::INBOUND.or(Sections::BACKEND),
    attrs: &[
        Attr::required("name", Kind::Name, "Parameter to act on.").expr(),
        Attr::or("exists-action", Kind::OneOf(Exists::WORDS), "override", "What to do if it is already there.").expr(),
    ],
    children: &[Child::texts("value", Kind::Text, "A value.")],
    examples: &[
        Example {
            title: "Pin a version",
            policy: r#"<set-query-parameter name="api-version" exists-action="override"><value>2</value></set-query-parameter>"#,
            given: "GET /resource/1?detail=x&api-version=1 HTTP/1.1",
            then: "GET http://backend.example/resource/1?detail=x&api-version=2 HTTP/1.1",
            ..Example::BASE
        },
        Example {
            title: "Remove a parameter",
            policy: r#"<set-query-parameter name="debug" exists-action="delete" />"#,
            given: "GET /resource/1?debug=1&page=3 HTTP/1.1",
            then: "GET http://backend.example/resource/1?page=3 HTTP/1.1",
            ..Example::BASE
        },
    ],
    compile: |element, cx| {
        let name = cx.attr(element, "name");
        let exists = cx.attr_or(element, "exists-action", Exists::Override);
        let values = cx.texts(element, "value");
        Some(Step::now(SetQueryParameter { name: name?, exists: exists?, values: values? }))
    },
    ..PolicyDef::BASE
};

struct SetQueryParameter {
    name: Value<String>,
    exists: Value<Exists>,
    values: Box<[Value<String>]>,
}

impl Policy for SetQueryParameter {
    fn run(&self, exchange: &mut Exchange) -> Result<Flow, Fault> {
        let name = self.name.get(exchange)?;
        let exists = *self.exists.get(exchange)?;
        let values = Value::all(&self.values, exchange)?;
        let query = exchange.request.url.query.take().unwrap_or_default();
        // What is not touched stays as the client wrote it, escapes and all.
        let is_it = |pair: &&str| pairs(pair).any(|(key, _)| key.eq_ignore_ascii_case(&name));
        let present = query.split('&').any(|pair| is_it(&pair));
        let keep = |pair: &&str| !pair.is_empty() && (matches!(exists, Exists::Append | Exists::Skip) || !is_it(pair));
        let mut parts: Vec<String> = query.split('&').filter(keep).map(str::to_owned).collect();
        if !(exists == Exists::Delete || exists == Exists::Skip && present) {
            parts.extend(values.iter().map(|value| format!("{}={}", encode(&name), encode(value))));
        }
        exchange.request.url.query = (!parts.is_empty()).then(|| parts.join("&").into());
        exchange.note(|exchange| format!("The URL is now {}", redact::url(&exchange.request.url.to_string())));
        Ok(Flow::Continue)
    }
}
