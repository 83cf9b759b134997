//! `rewrite-uri`: calls the backend at another path than the client asked for.

use policy::{
    exchange::url::{encode, pairs},
    prelude::*,
    redact,
};

pub(crate) static DEF: PolicyDef = PolicyDef {
    name: "rewrite-uri",
    summary: "Calls the backend at another path and query than the client asked for.",
    notes: "The template may name parameters of the operation's own template; in an operation's policy, others are refused on save. Query \
            parameters of the call that the operation's template does not name are added, unless `copy-unmatched-params` is false.",
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
        let template: Option<Value<Template>> = cx.attr(element, "template");
        let copy = cx.attr_or(element, "copy-unmatched-params", true);
        if let (Some(Value::Literal(template)), Some(attribute)) = (&template, element.attribute("template")) {
            let unknown = template.unknown(cx.environment().lookup.url_template());
            if !unknown.is_empty() {
                let names = unknown.iter().map(|name| format!("\"{name}\"")).collect::<Vec<_>>().join(", ");
                let message = format!("The URL template of the operation has no parameter {names}.");
                cx.error("PX0107", message, attribute.value.span);
            }
        }
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
        let own = template.query.as_ref().map(|query| query.fill(exchange, true)).transpose()?;
        let sent = exchange.request.url.query.take().filter(|_| copy);
        exchange.request.url.query = match (own, sent) {
            (own, None) => own,
            (own, Some(sent)) => unmatched(own, &sent, exchange),
        };
        exchange.set_path(path);
        exchange.note(|exchange| format!("The URL is now {}", redact::url(&exchange.request.url.to_string())));
        Ok(Flow::Continue)
    }
}

/// The template's query, and what of the call's the operation does not name: as the client wrote it, escapes and all.
fn unmatched(own: Option<Arc<str>>, sent: &Arc<str>, exchange: &Exchange) -> Option<Arc<str>> {
    let operation = exchange.entities.operation.as_deref();
    let named = || operation.into_iter().flat_map(|operation| operation.template_query());
    if own.is_none() && named().next().is_none() {
        return (!sent.is_empty()).then(|| Arc::clone(sent));
    }
    let is_named = |pair: &str| pairs(pair).any(|(key, _)| named().any(|name| name.eq_ignore_ascii_case(&key)));
    let mut query = own.as_deref().unwrap_or_default().to_owned();
    for pair in sent.split('&').filter(|pair| !pair.is_empty() && !is_named(pair)) {
        if !query.is_empty() {
            query.push('&');
        }
        query.push_str(pair);
    }
    (!query.is_empty()).then(|| query.into())
}

/// A path and a query with holes for parameters.
#[derive(Clone, Debug)]
struct Template {
    path: Filled,
    query: Option<Filled>,
}

/// A text, which is there already if it has no holes.
#[derive(Clone, Debug)]
enum Filled {
    Whole(Arc<str>),
    Holes(Arc<[Hole]>),
}

/// A text, and the parameter that follows it; the last text is followed by none.
type Hole = (Box<str>, Option<Box<str>>);

impl FromText for Template {
    fn from_text(text: &str) -> Result<Self, String> {
        let text = text.trim();
        let (path, query) = text.split_once('?').map_or((text, None), |(path, query)| (path, Some(query)));
        let path = if path.starts_with('/') { path.to_owned() } else { format!("/{path}") };
        let query = query.filter(|query| !query.is_empty()).map(Filled::from_text).transpose()?;
        Ok(Self { path: Filled::from_text(&path)?, query })
    }
}

impl Template {
    /// The parameters that a URL template does not have; none where there is no such template.
    fn unknown(&self, url_template: Option<&str>) -> Vec<&str> {
        let Some(Ok(known)) = url_template.map(Filled::from_text) else { return Vec::new() };
        let rest = url_template.is_some_and(|template| template.split('?').next().unwrap_or_default().ends_with('*'));
        let is_known = |name: &str| (rest && name == "*") || known.names().any(|known| known.eq_ignore_ascii_case(name));
        let names = self.path.names().chain(self.query.iter().flat_map(Filled::names));
        names.filter(|name| !is_known(name)).collect()
    }
}

impl Filled {
    fn from_text(text: &str) -> Result<Self, String> {
        if !text.contains('{') {
            return Ok(Self::Whole(text.into()));
        }
        let (mut parts, mut rest) = (Vec::new(), text);
        while let Some((before, after)) = rest.split_once('{') {
            let (name, after) = after.split_once('}').ok_or_else(|| format!("\"{text}\" opens a brace that it does not close"))?;
            // `{*rest}` names the parameter `rest`.
            let name = if name == "*" { name } else { name.trim_start_matches('*') };
            parts.push((before.into(), Some(name.into())));
            rest = after;
        }
        parts.push((rest.into(), None));
        Ok(Self::Holes(parts.into()))
    }

    fn names(&self) -> impl Iterator<Item = &str> {
        let parts: &[Hole] = match self {
            Self::Whole(_) => &[],
            Self::Holes(parts) => parts,
        };
        parts.iter().filter_map(|(_, name)| name.as_deref())
    }

    fn fill(&self, exchange: &Exchange, in_query: bool) -> Result<Arc<str>, Fault> {
        let parts = match self {
            Self::Whole(text) => return Ok(Arc::clone(text)),
            Self::Holes(parts) => parts,
        };
        let mut out = String::new();
        for (text, name) in parts.iter() {
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
        Ok(out.into())
    }
}
