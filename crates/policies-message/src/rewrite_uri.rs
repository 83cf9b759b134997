//! `rewrite-uri`: calls the backend at another path than the client asked for.

use policy::{
    exchange::url::{encode, pairs},
    prelude::*,
};

pub(crate) static DEF: PolicyDef = PolicyDef {
    name: "rewrite-uri",
    summary: "Calls the backend at another path and query than the client asked for.",
    notes: "The template may name parameters of the operation's own template. Query parameters of the call that the operation's template \
            does not name are added, unless `copy-unmatched-params` is false.",
    sections: Sections::INBOUND,
    attrs: &[
        Attr::required("template", Kind::Text, "The new path and query, below the service URL.").expr(),
        Attr::or("copy-unmatched-params", Kind::Bool, "true", "Whether other query parameters of the call are kept.").expr(),
    ],
    examples: &[
        Example {
            title: "Another layout",
            policy: r#"<rewrite-uri template="/v2/items/{id}?source=gateway" />"#,
            given: "GET /resource/7?detail=full&page=2 HTTP/1.1",
            then: "GET http://backend.example/v2/items/7?source=gateway&page=2 HTTP/1.1",
            ..Example::BASE
        },
        Example {
            title: "Nothing of the call's query",
            policy: r#"<rewrite-uri template="/put" copy-unmatched-params="false" />"#,
            given: "GET /resource/7?page=2 HTTP/1.1",
            then: "GET http://backend.example/put HTTP/1.1",
            ..Example::BASE
        },
    ],
    compile: |element, cx| {
        let template = cx.attr(element, "template");
        let copy = cx.attr_or(element, "copy-unmatched-params", true);
        Some(Step::now(RewriteUri { template: template?, copy: copy? }))
    },
    ..PolicyDef::BASE
};

struct RewriteUri {
    template: Value<Template>,
    copy: Value<bool>,
}

impl Policy for RewriteUri {
    fn run(&self, exchange: &mut Exchange) -> Result<Flow, Fault> {
        let template = self.template.get(exchange)?;
        let copy = *self.copy.get(exchange)?;
        let path = template.path.fill(exchange, false)?;
        let mut query = match &template.query {
            Some(query) => vec![query.fill(exchange, true)?],
            None => Vec::new(),
        };
        if copy {
            let operation = exchange.entities.operation.clone();
            let named: Vec<&str> = operation.iter().flat_map(|operation| operation.template_query()).collect();
            let sent = exchange.request.url.query.clone().unwrap_or_default();
            let is_named = |pair: &str| pairs(pair).any(|(key, _)| named.iter().any(|name| name.eq_ignore_ascii_case(&key)));
            // As the client wrote them, escapes and all.
            query.extend(sent.split('&').filter(|pair| !pair.is_empty() && !is_named(pair)).map(str::to_owned));
        }
        exchange.request.url.query = (!query.is_empty()).then(|| query.join("&").into());
        exchange.set_path(path);
        Ok(Flow::Continue)
    }
}

/// A path and a query with holes for parameters.
#[derive(Clone, Debug)]
struct Template {
    path: Filled,
    query: Option<Filled>,
}

/// Text with holes: each text is followed by a parameter's name, the last one by none.
#[derive(Clone, Debug)]
struct Filled(Vec<(String, Option<String>)>);

impl FromText for Template {
    fn from_text(text: &str) -> Result<Self, String> {
        let text = text.trim();
        let (path, query) = text.split_once('?').map_or((text, None), |(path, query)| (path, Some(query)));
        let path = if path.starts_with('/') { path.to_owned() } else { format!("/{path}") };
        let query = query.filter(|query| !query.is_empty()).map(Filled::from_text).transpose()?;
        Ok(Self { path: Filled::from_text(&path)?, query })
    }
}

impl Filled {
    fn from_text(text: &str) -> Result<Self, String> {
        let (mut parts, mut rest) = (Vec::new(), text);
        while let Some((before, after)) = rest.split_once('{') {
            let (name, after) = after.split_once('}').ok_or_else(|| format!("\"{text}\" opens a brace that it does not close"))?;
            // `{*rest}` names the parameter `rest`.
            let name = if name == "*" { name } else { name.trim_start_matches('*') };
            parts.push((before.to_owned(), Some(name.to_owned())));
            rest = after;
        }
        parts.push((rest.to_owned(), None));
        Ok(Self(parts))
    }

    fn fill(&self, exchange: &Exchange, in_query: bool) -> Result<String, Fault> {
        let mut out = String::new();
        for (text, name) in &self.0 {
            out.push_str(text);
            let Some(name) = name else { continue };
            let matched = exchange.matched.iter().find(|(key, _)| key.eq_ignore_ascii_case(name));
            let Some((_, value)) = matched else {
                let message = format!("The template names the parameter \"{name}\", which the operation's template does not have.");
                return Err(Fault::new("rewrite-uri", "ParameterNotFound", message));
            };
            // A wildcard matched several segments: its slashes are slashes.
            let escaped = if in_query { encode(value) } else { value.split('/').map(encode).collect::<Vec<_>>().join("/") };
            out.push_str(&escaped);
        }
        Ok(out)
    }
}
