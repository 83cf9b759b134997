//! Fourteen expressions that were also measured on a real .NET, and an exchange like the one that they ran against there.

use std::{cell::RefCell, rc::Rc, sync::Arc, time::Duration};

use policy::{
    Body, Exchange, LocalFuture, Method, Outbound, OutboundError, OutboundRequest, OutboundResponse, Response, Url,
    base::{Clock, Entropy, Sleep, Timestamp},
    csharp::{Form, Options, Program, Value, compile, limits::Limits},
    entity::{Group, User},
    exchange::{Arrival, Client, HostParts, Tasks},
    host::Context,
    kv::Stores,
    metrics::NoMetrics,
    outbound::OutboundErrorKind,
};

/// An expression: its name, and its text without `@( )` or `@{ }`.
pub(crate) struct Row {
    pub(crate) name: &'static str,
    pub(crate) form: Form,
    pub(crate) source: &'static str,
    /// What its result prints.
    pub(crate) result: &'static str,
}

const fn row(name: &'static str, form: Form, source: &'static str, result: &'static str) -> Row {
    Row { name, form, source, result }
}

pub(crate) const ROWS: [Row; 14] = [
    row("01 const bool", Form::Expression, "true", "True"),
    row("02 method equality", Form::Expression, r#"context.Request.Method == "POST""#, "True"),
    row("03 header default", Form::Expression, r#"context.Request.Headers.GetValueOrDefault("X-Number", "0")"#, "1234"),
    row("04 variable cast + arithmetic", Form::Expression, r#"(int)context.Variables["num"] * 2 + 1"#, "35"),
    row(
        "05 string split/linq",
        Form::Expression,
        "context.Request.Url.Path.Split('/').Last().ToUpperInvariant()",
        "ITEMS",
    ),
    row(
        "06 interpolation",
        Form::Expression,
        r#"$"{context.Request.OriginalUrl.Scheme}://{context.Request.OriginalUrl.Host}{context.Request.OriginalUrl.Path}""#,
        "https://gw.contoso.example/shop/v1/orders/42/items",
    ),
    row(
        "07 regex named group",
        Form::Expression,
        r#"Regex.Match(context.Response.Headers.GetValueOrDefault("Cache-Control",""), @"max-age=(?<maxAge>\d+)").Groups["maxAge"]?.Value"#,
        "600",
    ),
    row(
        "08 JWT claim",
        Form::Expression,
        r#"context.Request.Headers.GetValueOrDefault("Authorization", "").AsJwt()?.Claims.GetValueOrDefault("scp", "")"#,
        "orders.read orders.write",
    ),
    row(
        "09 body JObject + JSONPath",
        Form::Expression,
        r#"(string)context.Request.Body.As<JObject>(true).SelectToken("items[1].sku")"#,
        "B-2",
    ),
    row(
        "10 linq groups any",
        Form::Expression,
        r#"context.User.Groups.Select(g => g.Name).Contains("Developers")"#,
        "True",
    ),
    row(
        "11 HMAC SAS token block",
        Form::Block,
        r#"var toSign = Uri.EscapeDataString("https://ns.example/q") + "\n1767225600"; using (var h = new HMACSHA256(Encoding.UTF8.GetBytes("0123456789abcdef"))) { return "SharedAccessSignature sig=" + Uri.EscapeDataString(Convert.ToBase64String(h.ComputeHash(Encoding.UTF8.GetBytes(toSign)))); }"#,
        "SharedAccessSignature sig=2HkxCmpu%2F9Jzu6Li8cF7HMFgv7XfPJ2SZevjDaolJWc%3D",
    ),
    row(
        "12 JSON filter block",
        Form::Block,
        r#"var b = context.Response.Body.As<JObject>(preserveContent: true); foreach (var n in new[] { "secret", "next" }) b.Property(n)?.Remove(); return b.ToString(Newtonsoft.Json.Formatting.None);"#,
        r#"{"status":"ok","count":3,"results":[{"id":1,"name":"alpha","score":0.5},{"id":2,"name":"beta","score":1.5},{"id":3,"name":"gamma","score":null}]}"#,
    ),
    row("13 loop sum 1000", Form::Block, "int s = 0; for (int i = 0; i < 1000; i++) { s += i % 7; } return s;", "2997"),
    row(
        "14 date format",
        Form::Expression,
        r#"context.Timestamp.AddMinutes(5).ToString("yyyy-MM-ddTHH:mm:ssZ")"#,
        "2024-03-15T10:25:30Z",
    ),
];

const REQUEST_BODY: &str = r#"{"orderId": 42, "customer": {"id": "c-1001", "name": "Zoë", "tier": "gold", "email": "zoe@example.org"}, "items": [{"sku": "A-1", "qty": 2, "price": 9.99, "tags": ["new", "sale"]}, {"sku": "B-2", "qty": 1, "price": 100.5, "tags": []}, {"sku": "C-3", "qty": 10, "price": 0.75, "tags": ["bulk"]}], "notes": null, "express": true, "created": "2024-02-29T12:30:45Z", "total": 127.98}"#;

const RESPONSE_BODY: &str = r#"{"status": "ok", "count": 3, "results": [{"id": 1, "name": "alpha", "score": 0.5}, {"id": 2, "name": "beta", "score": 1.5}, {"id": 3, "name": "gamma", "score": null}], "next": "https://backend.contoso.example/api?page=3", "secret": "s3cr3t"}"#;

const REQUEST_HEADERS: &[(&str, &str)] = &[
    ("Content-Type", "application/json; charset=utf-8"),
    ("Accept", "application/json"),
    ("Accept", "text/html;q=0.8"),
    (
        "Authorization",
        "Bearer eyJ0eXAiOiJKV1QiLCJhbGciOiJIUzI1NiJ9.eyJpc3MiOiJodHRwczovL2xvZ2luLmNvbnRvc28uZXhhbXBsZS90ZW5hbnQtMS92Mi4wIiwic3ViIjoidXNlci03ZjNhIiwiYXVkIjpbImFwaTovL29yZGVycyIsImFwaTovL2JpbGxpbmciXSwiZXhwIjoxNzY3MjI1NjAwLCJuYmYiOjE3MzU2ODk2MDAsImlhdCI6MTczNTY4OTYwMCwianRpIjoiand0LTAwMDEiLCJuYW1lIjoiQWRhIExvdmVsYWNlIiwicm9sZXMiOlsicmVhZGVyIiwid3JpdGVyIl0sInNjcCI6Im9yZGVycy5yZWFkIG9yZGVycy53cml0ZSIsInRpZCI6InRlbmFudC0xIiwidmVyIjoiMi4wIiwiYWRtaW4iOmZhbHNlLCJsZXZlbCI6MywiYWRkcmVzcyI6eyJjb3VudHJ5IjoiSUUifX0._ziQHebhmw4hazE0g8D35HBgX2oiyAgdBgkf2dgw-Y8",
    ),
    ("X-Basic", "Basic YWRhOnBhOnNz"),
    ("X-Forwarded-For", "198.51.100.4, 203.0.113.7"),
    ("X-Correlation-Id", "5e1c6a70-0000-4000-8000-00000000abcd"),
    ("X-Empty", ""),
    ("X-Number", "1234"),
    ("X-Date", "Fri, 15 Mar 2024 10:20:30 GMT"),
    ("X-Json", r#"{"a":1,"b":[true,null]}"#),
    ("Cookie", "session=abc123; theme=dark; lang=en-IE"),
    ("User-Agent", "contoso-client/2.1 (linux; x64)"),
    ("Cache-Control", "no-cache, max-age=120"),
];

const RESPONSE_HEADERS: &[(&str, &str)] = &[
    ("Content-Type", "application/json"),
    ("Cache-Control", "public, max-age=600, s-maxage=30"),
    ("Set-Cookie", "a=1; Path=/"),
    ("Set-Cookie", "b=2; HttpOnly"),
    ("ETag", "\"v1-9f\""),
    ("X-Powered-By", "backend"),
    ("Retry-After", "17"),
];

impl Row {
    /// Compiles it against the whole surface.
    pub(crate) fn program(&self) -> Program {
        let surface = dotnet::surface().expect("the surface builds");
        let compiled = compile(self.source, self.form, &surface, &Options::default());
        compiled.program.unwrap_or_else(|| panic!("{}: {:?}", self.name, compiled.diagnostics))
    }
}

/// Evaluates as the gateway does: the door to the exchange opened, the program run, its effects settled.
pub(crate) fn evaluate(program: &Program, exchange: &mut Exchange) -> Value {
    let mut context = Context::new(exchange);
    let value = program.run(&mut context, &Limits::default()).expect("the row runs");
    context.settle();
    value
}

/// What the value prints.
pub(crate) fn printed(program: &Program, exchange: &mut Exchange) -> String {
    let out = RefCell::new(String::new());
    let mut context = Context::new(exchange);
    program
        .run_with(&mut context, &Limits::default(), None, |cx, value| {
            *out.borrow_mut() = cx.text(&value)?.to_text().into_owned();
            Ok(())
        })
        .expect("the row runs");
    out.into_inner()
}

/// An exchange whose response is there.
pub(crate) fn exchange() -> Exchange {
    let clock = Arc::new(Still);
    let host = HostParts {
        clock: clock.clone(),
        entropy: clock.clone(),
        outbound: Box::new(Still),
        stores: Stores::in_memory(clock, 1 << 20),
        shared: Arc::default(),
        tasks: Box::new(Still),
        metrics: Box::new(NoMetrics),
        token_endpoint: None,
        offload: None,
    };
    let client_url =
        "https://gw.contoso.example/shop/v1/orders/42/items?page=2&tag=a&tag=b&q=hello%20world&subscription-key=abc";
    let arrival = Arrival {
        method: Method::parse("POST").expect("a method"),
        url: Url::parse(client_url).expect("a URL"),
        headers: REQUEST_HEADERS.iter().copied().collect(),
        body: Body::full(REQUEST_BODY),
        client: Client::default(),
    };
    let mut exchange = Exchange::new(Rc::new(host), arrival);
    exchange.aim(Url::parse("https://backend.contoso.example:8443/api"), "/orders/42/items");
    let group = |id: &str, name: &str| Group { id: id.into(), name: name.into() };
    let groups = [group("g1", "Developers"), group("g3", "Beta testers")].into();
    exchange.entities.user = Some(Arc::new(User { id: "user-1".into(), groups, ..User::default() }));
    for (name, value) in [("str", Value::str("hello")), ("emptyStr", Value::str("")), ("num", Value::Int(17))] {
        exchange.variables.set(&name.into(), value);
    }
    let headers = RESPONSE_HEADERS.iter().copied().collect();
    exchange.respond(Response { headers, body: Body::full(RESPONSE_BODY), ..Response::default() });
    exchange
}

/// A host where time stands still and nobody answers.
struct Still;

impl Clock for Still {
    fn now(&self) -> Timestamp {
        Timestamp::from_secs(1_710_498_030)
    }

    fn monotonic(&self) -> Duration {
        Duration::ZERO
    }

    fn sleep(&self, _: Duration) -> Sleep {
        Box::pin(std::future::ready(()))
    }
}

impl Entropy for Still {
    fn fill(&self, bytes: &mut [u8]) {
        bytes.fill(7);
    }
}

impl Outbound for Still {
    fn send(&self, _: OutboundRequest) -> LocalFuture<'_, Result<OutboundResponse, OutboundError>> {
        let kind = OutboundErrorKind::Connection;
        Box::pin(std::future::ready(Err(OutboundError { kind, message: "nobody is there".into() })))
    }
}

impl Tasks for Still {
    fn spawn(&self, _: LocalFuture<'static, ()>) -> bool {
        false
    }
}
