//! `cors`: lets pages of other origins call an API from a browser.

use policy::{Response, prelude::*};

pub(crate) static DEF: PolicyDef = PolicyDef {
    name: "cors",
    summary: "Lets pages of other origins call an API from a browser: answers preflight requests and marks responses.",
    notes: "A preflight is answered before keys are looked at. Only the first `cors` that knows the origin counts. \
            `terminate-unmatched-request` is false without a word, as the table of the published reference has it.",
    sections: Sections::INBOUND,
    once: Once::PerDocument,
    attrs: &[
        Attr::or("allow-credentials", Kind::Bool, "false", "Whether pages may send cookies and certificates.").expr(),
        Attr::or("terminate-unmatched-request", Kind::Bool, "false", "Whether a call of an unknown origin ends with an empty 200.").expr(),
    ],
    children: &[
        Child {
            name: "allowed-origins",
            count: (1, 1),
            children: &[Child { count: (1, usize::MAX), ..Child::texts("origin", Kind::Name, "An origin such as `https://shop.example`, or `*`.") }],
            doc: "Origins whose pages may call.",
            ..Child::BASE
        },
        Child {
            name: "allowed-methods",
            count: (0, 1),
            attrs: &[Attr::or("preflight-result-max-age", Kind::Int(0, i64::MAX), "0", "Seconds that a browser remembers the answer.").expr()],
            children: &[Child::texts("method", Kind::Name, "A method, or `*`.")],
            doc: "Methods that may be used; GET and POST without it.",
            ..Child::BASE
        },
        Child {
            name: "allowed-headers",
            count: (0, 1),
            children: &[Child::texts("header", Kind::Name, "A header, or `*`.")],
            doc: "Request headers that may be sent.",
            ..Child::BASE
        },
        Child {
            name: "expose-headers",
            count: (0, 1),
            children: &[Child::texts("header", Kind::Name, "A header, or `*`.")],
            doc: "Response headers that pages may read.",
            ..Child::BASE
        },
    ],
    examples: &[
        Example {
            title: "Answer a preflight",
            policy: r#"<cors><allowed-origins><origin>https://shop.example</origin></allowed-origins><allowed-methods preflight-result-max-age="300"><method>GET</method><method>PUT</method></allowed-methods><allowed-headers><header>X-Client</header></allowed-headers></cors>"#,
            given: "OPTIONS /resource/1 HTTP/1.1\nOrigin: https://shop.example\nAccess-Control-Request-Method: PUT\nAccess-Control-Request-Headers: x-client",
            then: "HTTP/1.1 200 OK\nAccess-Control-Allow-Origin: https://shop.example\nAccess-Control-Allow-Methods: GET,PUT\nAccess-Control-Allow-Headers: X-Client\nAccess-Control-Max-Age: 300",
            ..Example::BASE
        },
        Example {
            title: "Mark the response to a known origin",
            policy: r#"<cors allow-credentials="true"><allowed-origins><origin>https://shop.example</origin></allowed-origins><expose-headers><header>X-Total</header></expose-headers></cors>"#,
            given: "GET /resource/1 HTTP/1.1\nOrigin: https://shop.example",
            then: "HTTP/1.1 200 OK\nAccess-Control-Allow-Origin: https://shop.example\nAccess-Control-Allow-Credentials: true\nAccess-Control-Expose-Headers: X-Total",
            ..Example::BASE
        },
        Example {
            title: "An unknown origin gets no mark",
            policy: r"<cors><allowed-origins><origin>https://shop.example</origin></allowed-origins></cors>",
            given: "GET /resource/1 HTTP/1.1\nOrigin: https://evil.example",
            then: "HTTP/1.1 200 OK\nAccess-Control-Allow-Origin: (none)",
            ..Example::BASE
        },
    ],
    compile: |element, cx| {
        let child = |name: &str| element.elements().find(|child| child.name == name);
        let credentials = cx.attr_or(element, "allow-credentials", false);
        let terminate = cx.attr_or(element, "terminate-unmatched-request", false);
        let origins = child("allowed-origins").and_then(|child| cx.texts(child, "origin"));
        let methods = child("allowed-methods").map_or(Some(None), |child| cx.texts(child, "method").map(Some));
        let max_age = child("allowed-methods").map_or(Some(Value::Literal(0)), |child| cx.attr_or(child, "preflight-result-max-age", 0));
        let allowed = child("allowed-headers").map_or(Some(Box::default()), |child| cx.texts(child, "header"));
        let exposed = child("expose-headers").map_or(Some(Box::default()), |child| cx.texts(child, "header"));
        Some(Step::now(Cors {
            credentials: credentials?,
            terminate: terminate?,
            origins: origins?,
            methods: methods?.filter(|methods| !methods.is_empty()),
            max_age: max_age?,
            allowed: allowed?,
            exposed: exposed?,
        }))
    },
    ..PolicyDef::BASE
};

const ALLOW_ORIGIN: HeaderName = HeaderName::from_static("Access-Control-Allow-Origin");
const ALLOW_METHODS: HeaderName = HeaderName::from_static("Access-Control-Allow-Methods");
const ALLOW_HEADERS: HeaderName = HeaderName::from_static("Access-Control-Allow-Headers");
const ALLOW_CREDENTIALS: HeaderName = HeaderName::from_static("Access-Control-Allow-Credentials");
const EXPOSE_HEADERS: HeaderName = HeaderName::from_static("Access-Control-Expose-Headers");
const MAX_AGE: HeaderName = HeaderName::from_static("Access-Control-Max-Age");
const VARY: HeaderName = HeaderName::from_static("Vary");

struct Cors {
    credentials: Value<bool>,
    terminate: Value<bool>,
    origins: Box<[Value<String>]>,
    /// `None` stands for GET and POST.
    methods: Option<Box<[Value<String>]>>,
    max_age: Value<u64>,
    allowed: Box<[Value<String>]>,
    exposed: Box<[Value<String>]>,
}

impl Policy for Cors {
    fn run(&self, exchange: &mut Exchange) -> Result<Flow, Fault> {
        let Some(origin) = exchange.request.headers.first("Origin").map(|origin| origin.text().into_owned()) else {
            exchange.note(|_| "The request has no Origin: it crosses no origins.");
            return Ok(Flow::Continue);
        };
        // An earlier one knew the origin.
        if exchange.late_headers.contains(ALLOW_ORIGIN.as_str()) {
            return Ok(Flow::Continue);
        }
        let Some(any) = self.knows(&origin, exchange)? else {
            let terminate = *self.terminate.get(exchange)?;
            exchange.note(|_| format!("The origin {origin} is not allowed."));
            if !terminate {
                return Ok(Flow::Continue);
            }
            exchange.respond(Response::new(Status::OK));
            return Ok(Flow::Respond);
        };
        let credentials = *self.credentials.get(exchange)?;
        let exposed = joined(&self.exposed, exchange)?;
        // Whatever becomes of the exchange, errors included, the page must be able to read it.
        mark(&mut exchange.late_headers, &origin, any, credentials);
        if !exposed.is_empty() {
            exchange.late_headers.set(EXPOSE_HEADERS, HeaderValue::parse(&exposed).unwrap_or_default());
        }
        exchange.note(|_| format!("The origin {origin} may read the response."));
        Ok(Flow::Continue)
    }

    fn preflight(&self, exchange: &mut Exchange) -> Option<Result<Flow, Fault>> {
        (exchange.request.method == Method::OPTIONS).then(|| self.answer(exchange))
    }
}

impl Cors {
    fn answer(&self, exchange: &mut Exchange) -> Result<Flow, Fault> {
        let asked = |exchange: &Exchange, name| exchange.request.headers.joined(name).unwrap_or_default();
        let origin = asked(exchange, "Origin");
        let Some(any) = self.knows(&origin, exchange)? else {
            if !*self.terminate.get(exchange)? {
                return Ok(Flow::Continue);
            }
            exchange.respond(Response::new(Status::OK));
            return Ok(Flow::Respond);
        };
        let credentials = *self.credentials.get(exchange)?;
        let max_age = *self.max_age.get(exchange)?;
        let method = asked(exchange, "Access-Control-Request-Method");
        let methods = match &self.methods {
            Some(methods) => joined(methods, exchange)?,
            None => "GET,POST".to_owned(),
        };
        let methods = if methods.split(',').any(|one| one == "*") { method } else { methods };
        let headers = joined(&self.allowed, exchange)?;
        // `*` says yes to what is asked for: with credentials a browser takes the star literally.
        let headers = if headers.split(',').any(|one| one == "*") { asked(exchange, "Access-Control-Request-Headers") } else { headers };

        let mut response = Response::new(Status::OK);
        mark(&mut response.headers, &origin, any, credentials);
        for (name, value) in [(ALLOW_METHODS, methods), (ALLOW_HEADERS, headers)] {
            if !value.is_empty() {
                response.headers.set(name, HeaderValue::parse(&value).unwrap_or_default());
            }
        }
        if max_age > 0 {
            response.headers.set(MAX_AGE, max_age.into());
        }
        exchange.respond(response);
        Ok(Flow::Respond)
    }

    /// Whether pages of `origin` may call; true inside if that is so because all may.
    fn knows(&self, origin: &str, exchange: &mut Exchange) -> Result<Option<bool>, Fault> {
        let mut known = None;
        for allowed in &self.origins {
            let allowed = allowed.get(exchange)?;
            if allowed.trim() == "*" {
                return Ok(Some(true));
            }
            if same_origin(&allowed, origin) {
                known = Some(false);
            }
        }
        Ok(known)
    }
}

fn mark(headers: &mut policy::Headers, origin: &str, any: bool, credentials: bool) {
    // A star excludes credentials, so a caller that may send them is named.
    let named = !any || credentials;
    let value = if named { HeaderValue::parse(origin).unwrap_or_default() } else { HeaderValue::from_static("*") };
    headers.set(ALLOW_ORIGIN, value);
    if named {
        headers.set(VARY, HeaderValue::from_static("Origin"));
    }
    if credentials {
        headers.set(ALLOW_CREDENTIALS, HeaderValue::from_static("true"));
    }
}

/// Two origins are the same if scheme, host and port are; a port left out is the scheme's own.
fn same_origin(allowed: &str, origin: &str) -> bool {
    if allowed.trim_end_matches('/').eq_ignore_ascii_case(origin) {
        return true;
    }
    match (Url::parse(allowed), Url::parse(origin)) {
        (Some(one), Some(other)) => {
            one.scheme == other.scheme && one.host.eq_ignore_ascii_case(&other.host) && one.port == other.port
        }
        _ => false,
    }
}

fn joined(values: &[Value<String>], exchange: &mut Exchange) -> Result<String, Fault> {
    let values = Value::all(values, exchange)?;
    Ok(values.iter().map(|value| value.trim()).collect::<Vec<_>>().join(","))
}
