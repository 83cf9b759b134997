//! `redirect-content-urls`: makes links in a body lead through the gateway.

use policy::{Bytes, prelude::*};

use crate::media::replace::{Pair, replace};

pub(crate) static DEF: PolicyDef = PolicyDef {
    name: "redirect-content-urls",
    summary: "Makes links to the backend in a response's body links to the gateway, and the other way round in a request's.",
    notes: "The backend's base URL (the API's service URL, or what `set-backend-service` says) and the API's URL stand for each other, with \
            and without escaped slashes; what only begins alike (`http://backend.example.org`) is left alone. Headers are not touched. A \
            body that streams is changed as it passes.",
    sections: Sections::INBOUND.or(Sections::OUTBOUND),
    once: Once::PerSection,
    examples: &[
        Example {
            title: "Links in a response",
            section: Section::Outbound,
            policy: "<redirect-content-urls />",
            given: "GET /resource/1 HTTP/1.1",
            backend: "HTTP/1.1 200 OK\nLocation: http://backend.example/resource/2\n\n{\"next\": \"http://backend.example/resource/2\"}",
            then: "HTTP/1.1 200 OK\nLocation: http://backend.example/resource/2\n\n{\"next\": \"https://contoso.example/echo/resource/2\"}",
            ..Example::BASE
        },
        Example {
            title: "Links in a request",
            policy: "<redirect-content-urls />",
            given: "POST /resource/1 HTTP/1.1\n\nsee https://contoso.example/echo/resource/2",
            then: "POST http://backend.example/resource/1 HTTP/1.1\n\nsee http://backend.example/resource/2",
            ..Example::BASE
        },
    ],
    compile: |_, cx| Some(Step::now(RedirectContentUrls { on: cx.on() })),
    ..PolicyDef::BASE
};

struct RedirectContentUrls {
    on: On,
}

impl Policy for RedirectContentUrls {
    fn run(&self, exchange: &mut Exchange) -> Result<Flow, Fault> {
        let Some(backend) = exchange.target.base.as_ref().map(base) else { return Ok(Flow::Continue) };
        let gateway = api_url(exchange);
        let (from, to) = if self.on == On::Request { (gateway, backend) } else { (backend, gateway) };
        let pair = |from: String, to: String| Pair { from: from.into(), to: Bytes::from(to), whole_host: true };
        let escaped = |url: &str| url.replace('/', "\\/");
        let pairs = vec![pair(escaped(&from), escaped(&to)), pair(from, to)];
        exchange.decode(self.on.side());
        let body = match self.on {
            On::Request | On::Call => &mut exchange.request.body,
            On::Response | On::Draft => &mut exchange.response_mut(self.on).body,
        };
        replace(body, pairs);
        exchange.note(|_| "Links in the body are replaced.");
        Ok(Flow::Continue)
    }
}

/// A URL without query and without a slash at its end.
fn base(url: &Url) -> String {
    let url = Url { query: None, ..url.clone() };
    url.to_string().trim_end_matches('/').to_owned()
}

/// Where the client reaches the API: its path, and its version if the client wrote one into the path.
fn api_url(exchange: &Exchange) -> String {
    let original = &exchange.original_url;
    let Some(api) = exchange.entities.api.as_deref() else {
        return base(&Url { path: "/".into(), ..original.clone() });
    };
    let mut path = api.path.trim_matches('/').to_owned();
    let behind = original.path.get(1 + path.len()..).unwrap_or_default().trim_start_matches('/');
    let version = behind.split('/').next().unwrap_or_default();
    if !api.version.is_empty() && version.eq_ignore_ascii_case(&api.version) {
        path = format!("{path}/{version}");
    }
    base(&Url { path: format!("/{}", path.trim_start_matches('/')).into(), ..original.clone() })
}
