//! Runs a document on a message without a network: examples of the catalogue, and policy tests.
//!
//! The stage is always the same: service `contoso`, API `echo` (path `echo`, service URL `http://backend.example`),
//! operation `get-resource` (`GET /resource/{id}?detail={detail}`, which declares the header `X-Count`, an integer, bodies of the
//! type `Resource` with an integer `id`, and for 200 the header `X-Left`, an integer), product `starter`, subscription `sub-1`, a caller
//! at 203.0.113.7, the named values `env` (`prod`), `number` (`42`) and `token` (secret), the backend `orders`
//! (`http://orders.example/v2`), the certificate `signer` and the fragments `greeting`, which sets the header `X-Greeting` to `hello`, and `shop`,
//! which lets pages of `https://shop.example` call.

use std::{
    cell::RefCell,
    future::Future,
    pin::pin,
    rc::Rc,
    sync::Arc,
    task::{Context, Poll, Waker},
    time::Duration,
};

use base::{Clock, Diagnostic, Entropy, Sleep, Timestamp};
use policy::{
    Body, Bytes, Catalogue, Documents, Environment, Example, Exchange, FragmentText, Lookup, NamedValue, Outbound,
    OutboundError, OutboundRequest, OutboundResponse, PolicyDef, Scope, Section, Url,
    entity::{
        Api, Backend, ClientCertificate, DeclaredResponse, Directory, In, Operation, Parameter, Product,
        Representation, Service, Subscription, User,
    },
    exchange::{Arrival, Client, Entities, HostParts, LeftBehind, Over, Version, url::decode},
    json_schema::{self, Definition},
    kv::Stores,
    login::INSTANCE_METADATA,
    metrics::NoMetrics,
    offload::{Budget, Offload},
    policy_xml::Format,
    record::Ending,
    tokens::TokenEndpoint,
};

use crate::{
    DEFAULT_GLOBAL, EffectivePolicy, compile,
    http_text::{self, Message, Start},
    preflight, run,
};

/// What came of a rehearsal, as HTTP text.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Outcome {
    /// What the backend got last, with its absolute URL in the first line; none if it was not called.
    pub sent: Option<String>,
    /// What the client gets.
    pub answer: String,
    /// `context.LastError`: source, reason, section and path.
    pub error: Option<String>,
}

/// Why nothing was run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Refused {
    /// The document is wrong.
    Document(Vec<Diagnostic>),
    /// A message is wrong.
    Message(String),
}

/// Runs an API's document (format `rawxml`) over the default global policy, `repeat` times on one stage.
///
/// # Errors
/// What is wrong with the document or a message.
pub fn rehearse(
    catalogue: &Catalogue,
    document: &str,
    given: &str,
    backend: &str,
    repeat: usize,
) -> Result<Outcome, Refused> {
    // A table without forward-request has a global policy without it, too.
    let global = join(catalogue, &[(Scope::Global, DEFAULT_GLOBAL)]).map_or("<policies />", |_| DEFAULT_GLOBAL);
    rehearse_chain(catalogue, &[(Scope::Api, document), (Scope::Global, global)], given, backend, repeat)
}

/// Runs the documents of several scopes, from narrow to broad.
///
/// # Errors
/// What is wrong with a document or a message.
pub fn rehearse_chain(
    catalogue: &Catalogue,
    documents: &[(Scope, &str)],
    given: &str,
    backend: &str,
    repeat: usize,
) -> Result<Outcome, Refused> {
    rehearse_on(None, catalogue, documents, given, backend, repeat)
}

/// The same, with threads to which work goes that takes longer than its turn.
fn rehearse_on(
    offload: Option<Arc<Offload>>,
    catalogue: &Catalogue,
    documents: &[(Scope, &str)],
    given: &str,
    backend: &str,
    repeat: usize,
) -> Result<Outcome, Refused> {
    let policy = join(catalogue, documents)?;
    let given = http_text::read(given).map_err(Refused::Message)?;
    let backend = if backend.trim().is_empty() { "HTTP/1.1 200 OK" } else { backend };
    let backend = Rc::new(http_text::read(backend).map_err(Refused::Message)?);
    let sent = Rc::new(RefCell::new(None));
    let clock = Arc::new(StillClock);
    let behind = LeftBehind::default();
    let host = Rc::new(HostParts {
        clock: clock.clone(),
        entropy: Arc::new(FixedEntropy),
        outbound: Box::new(FakeBackend { answer: backend, sent: Rc::clone(&sent) }),
        stores: Stores::in_memory(clock, 1 << 20),
        shared: Arc::default(),
        tasks: Box::new(behind.clone()),
        metrics: Box::new(NoMetrics),
        token_endpoint: Url::parse(INSTANCE_METADATA).map(TokenEndpoint::InstanceMetadata),
        offload,
    });
    let mut outcome = Outcome::default();
    for _ in 0..repeat.max(1) {
        sent.borrow_mut().take();
        let mut exchange = exchange(Rc::clone(&host), &given)?;
        block_on(async {
            if !preflight(&mut exchange, &policy) {
                run(&mut exchange, &policy).await;
            }
            let collected = exchange.response.body.collect(u64::MAX).await;
            let body = collected.map_err(|error| Refused::Message(error.to_string()))?;
            let (request_size, response_size) = (given.body.len() as u64, body.len() as u64);
            let over = Over { request_size, response_size, ending: Ending::Complete };
            exchange.take_settlements().run(&over);
            // Nobody waits for them; here they come last.
            behind.run().await;
            Ok(())
        })?;
        let response = &exchange.response;
        let first = format!("HTTP/1.1 {} {}", response.status.code(), response.reason());
        outcome = Outcome {
            sent: sent.borrow().clone(),
            answer: http_text::write(first.trim_end(), &response.headers, &response.body),
            error: exchange.last_error.as_ref().map(|fault| {
                let section = fault.section().map_or("", Section::word);
                format!("{} {} {section} {}", fault.source(), fault.reason(), fault.path().unwrap_or_default())
            }),
        };
    }
    Ok(outcome)
}

/// Runs an example of `def`; says how the outcome differs from what it promises.
///
/// # Errors
/// A sentence for whoever wrote the example.
pub fn check_example(catalogue: &Catalogue, def: &PolicyDef, example: &Example) -> Result<(), String> {
    let document = if example.policy.trim_start().starts_with("<policies") {
        example.policy.to_owned()
    } else {
        in_section(example.section, example.policy)
    };
    // Few policies may not stand in an API's document.
    let scopes = [Scope::Api, Scope::Product, Scope::Global];
    let scope = scopes.into_iter().find(|scope| def.scopes.has(*scope)).unwrap_or(Scope::Api);
    let mut chain = vec![(scope, document.as_str())];
    if scope != Scope::Global {
        chain.push((Scope::Global, DEFAULT_GLOBAL));
    }
    let run = |offload| rehearse_on(offload, catalogue, &chain, example.given, example.backend, example.repeat);
    let outcome = run(None).map_err(|refused| format!("{refused:?}"))?;
    // Whatever may take long, elsewhere: it must come to the same.
    let budget = Budget { turn: Some(Duration::ZERO), ..Budget::default() };
    let away = run(Some(Arc::new(Offload::new(budget, || {})))).map_err(|refused| format!("{refused:?}"))?;
    if away != outcome {
        return Err(format!("on another thread it comes to something else: {away:?} instead of {outcome:?}"));
    }
    let (actual, whose) = if example.then.trim_start().starts_with("HTTP/") {
        (outcome.answer.clone(), "answer")
    } else {
        (
            outcome.sent.clone().ok_or_else(|| format!("the backend was not called: {outcome:?}"))?,
            "request to the backend",
        )
    };
    let wanted = http_text::read(example.then)?;
    let got = http_text::read(&actual)?;
    let differs = difference(&wanted, &got);
    differs.map_or(Ok(()), |difference| {
        Err(format!("{difference}\n--- {whose}:\n{actual}\n--- error: {:?}", outcome.error))
    })
}

/// A document with `policies` in one section and `<base />` in all.
pub fn in_section(section: Section, policies: &str) -> String {
    let sections = Section::ALL.map(|each| {
        let own = if each == section { policies } else { "" };
        format!("<{each}><base />{own}</{each}>")
    });
    format!("<policies>{}</policies>", sections.concat())
}

/// What of `wanted` is not in `got`.
fn difference(wanted: &Message, got: &Message) -> Option<String> {
    match (&wanted.start, &got.start) {
        (Start::Request { method, target }, Start::Request { method: got_method, target: got_target }) => {
            let path = got_target.strip_prefix("http://backend.example").unwrap_or(got_target);
            if method != got_method || (target != path && target != got_target) {
                return Some(format!("wanted {method} {target}"));
            }
        }
        (Start::Response { status, reason }, Start::Response { status: got_status, reason: got_reason }) => {
            if status != got_status || (reason.is_some() && reason != got_reason) {
                return Some(format!("wanted status {} {reason:?}", status.code()));
            }
        }
        _ => return Some("wanted the other kind of message".to_owned()),
    }
    for (name, value) in wanted.headers.iter() {
        let all: Vec<_> = got.headers.all(name.as_str()).map(|value| value.text().into_owned()).collect();
        let wanted = value.text();
        if wanted == "(none)" && all.is_empty() || all.join(" | ") == wanted {
            continue;
        }
        return Some(format!("wanted {name}: {wanted}"));
    }
    let (want, have) = (String::from_utf8_lossy(&wanted.body), String::from_utf8_lossy(&got.body));
    (want.trim() != have.trim()).then(|| format!("wanted the body {want}"))
}

fn join(catalogue: &Catalogue, documents: &[(Scope, &str)]) -> Result<EffectivePolicy, Refused> {
    let compiled = |(scope, text): &(Scope, &str)| {
        let env = Environment {
            catalogue,
            lookup: &Stage,
            scope: *scope,
            document: "/service/contoso/apis/echo",
            strict_surface: false,
            fail_unsupported: false,
            lenient: false,
            observe: false,
        };
        let compiled = compile(text, Format::RawXml, Documents::POLICIES, &env);
        compiled.document.ok_or(Refused::Document(compiled.diagnostics))
    };
    Ok(EffectivePolicy::join(&documents.iter().map(compiled).collect::<Result<Vec<_>, _>>()?))
}

fn exchange(host: Rc<HostParts>, given: &Message) -> Result<Exchange, Refused> {
    let wrong = |what: &str| Refused::Message(what.to_owned());
    let Start::Request { method, target } = &given.start else { return Err(wrong("a response is no request")) };
    let url =
        Url::parse(&format!("https://contoso.example/echo{target}")).ok_or_else(|| wrong("the target is no path"))?;
    let path = url.path.strip_prefix("/echo").unwrap_or("/").to_owned();
    let mut exchange = Exchange::new(
        host,
        Arrival {
            method: method.clone(),
            url,
            headers: given.headers.clone(),
            body: Body::full(given.body.clone()),
            client: Client {
                address: Some([203, 0, 113, 7].into()),
                version: Version::Http11,
                tls: None,
                certificate: None,
            },
        },
    );
    exchange.entities = entities();
    if let Some(id) = path.strip_prefix("/resource/") {
        // A `+` in a path is a plus.
        exchange.matched.push(("id".into(), decode(&id.replace('+', "%2B"))));
    }
    let base = exchange.entities.api.as_ref().and_then(|api| api.service_url.clone());
    exchange.aim(base, path);
    Ok(exchange)
}

fn entities() -> Entities {
    let mut directory = Directory::default();
    directory.backends.insert("orders".into(), orders());
    let definition = stage_schema("Resource");
    let json = Representation {
        content_type: "application/json".into(),
        example: Some(Bytes::from_static(b"{\"id\":42}")),
        definition: Some(definition),
    };
    let api = Arc::new(Api {
        id: "echo".into(),
        name: "Echo API".into(),
        path: "echo".into(),
        protocols: ["https".into()].into(),
        service_url: Url::parse("http://backend.example"),
        key_header: "Ocp-Apim-Subscription-Key".into(),
        key_query: "subscription-key".into(),
        subscription_required: true,
        is_current_revision: true,
        revision: "1".into(),
        version: "".into(),
        grpc: false,
    });
    Entities {
        service: Arc::new(Service { name: "contoso".into(), directory, ..Service::default() }),
        workspace: None,
        operation: Some(Arc::new(Operation {
            id: "get-resource".into(),
            name: "Get resource".into(),
            method: "GET".into(),
            url_template: "/resource/{id}?detail={detail}".into(),
            parameters: [
                parameter("id", In::Path, "string", true),
                parameter("detail", In::Query, "string", false),
                parameter("X-Count", In::Header, "integer", false),
            ]
            .into(),
            request: [json.clone()].into(),
            responses: [DeclaredResponse {
                status: policy::Status::OK,
                headers: [parameter("X-Left", In::Header, "integer", false)].into(),
                representations: [json].into(),
            }]
            .into(),
        })),
        product: Some(Arc::new(Product {
            id: "starter".into(),
            name: "Starter".into(),
            subscription_required: true,
            published: true,
            apis: [Arc::clone(&api)].into(),
            ..Product::default()
        })),
        api: Some(api),
        subscription: Some(Arc::new(Subscription {
            id: "sub-1".into(),
            name: "First".into(),
            ..Subscription::default()
        })),
        user: Some(Arc::new(User { id: "1".into(), email: "ann@contoso.example".into(), ..User::default() })),
        secondary_key: false,
    }
}

fn parameter(name: &str, place: In, kind: &str, required: bool) -> Parameter {
    Parameter { name: name.into(), place, kind: kind.into(), required, ..Parameter::default() }
}

/// The schemas of the stage's API.
fn stage_schema(name: &str) -> Arc<Definition> {
    let document = json_schema::Document::parse(
        r#"{ "components": { "schemas": { "Resource": {
            "type": "object",
            "required": ["id"],
            "properties": { "id": { "type": "integer", "minimum": 1 }, "note": { "type": "string" } }
        } } } }"#,
    );
    Arc::new(Definition::named(document.map(Arc::new), name))
}

fn orders() -> Arc<Backend> {
    Arc::new(Backend { id: "orders".into(), url: Url::parse("http://orders.example/v2"), ..Backend::default() })
}

/// What names on the stage stand for.
struct Stage;

impl Lookup for Stage {
    fn named_value(&self, name: &str) -> Option<NamedValue> {
        match name {
            "env" => Some(NamedValue { value: "prod".into(), secret: false }),
            "number" => Some(NamedValue { value: "42".into(), secret: false }),
            "token" => Some(NamedValue { value: "s3cr3t".into(), secret: true }),
            _ => None,
        }
    }

    fn fragment(&self, id: &str) -> Option<FragmentText> {
        let text = match id {
            "greeting" => "<fragment><set-header name=\"X-Greeting\"><value>hello</value></set-header></fragment>",
            "shop" => {
                "<fragment><cors><allowed-origins><origin>https://shop.example</origin></allowed-origins></cors></fragment>"
            }
            _ => return None,
        };
        Some(FragmentText { text: text.into(), format: Format::RawXml })
    }

    fn backend(&self, id: &str) -> Option<Arc<Backend>> {
        id.eq_ignore_ascii_case("orders").then(orders)
    }

    fn certificate(&self, id: &str) -> Option<Arc<ClientCertificate>> {
        let known = id.eq_ignore_ascii_case("signer");
        known.then(|| Arc::new(ClientCertificate { id: "signer".into(), ..ClientCertificate::default() }))
    }
}

/// 2024-05-17T12:34:56Z, for ever.
struct StillClock;

impl Clock for StillClock {
    fn now(&self) -> Timestamp {
        Timestamp::from_secs(1_715_949_296)
    }

    fn monotonic(&self) -> Duration {
        Duration::from_secs(1000)
    }

    fn sleep(&self, _: Duration) -> Sleep {
        Box::pin(std::future::ready(()))
    }
}

struct FixedEntropy;

impl Entropy for FixedEntropy {
    fn fill(&self, bytes: &mut [u8]) {
        bytes.fill(0x11);
    }
}

struct FakeBackend {
    answer: Rc<Message>,
    sent: Rc<RefCell<Option<String>>>,
}

impl Outbound for FakeBackend {
    fn send(&self, mut request: OutboundRequest) -> policy::LocalFuture<'_, Result<OutboundResponse, OutboundError>> {
        Box::pin(async move {
            // A body that breaks off is sent as far as it goes; the examples have none.
            let _ = request.body.collect(u64::MAX).await;
            let first = format!("{} {} HTTP/1.1", request.method, request.url);
            *self.sent.borrow_mut() = Some(http_text::write(&first, &request.headers, &request.body));
            let (status, reason) = match &self.answer.start {
                Start::Response { status, reason } => (*status, reason.as_deref().map(Arc::from)),
                Start::Request { .. } => (policy::Status::OK, None),
            };
            Ok(OutboundResponse {
                version: Version::Http11,
                status,
                reason,
                headers: self.answer.headers.clone(),
                body: Body::full(self.answer.body.clone()),
                tunnel: None,
            })
        })
    }
}

/// Runs a future on a stage where no wait takes time.
fn block_on<T>(future: impl Future<Output = T>) -> T {
    let mut future = pin!(future);
    loop {
        if let Poll::Ready(value) = future.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
            return value;
        }
        // Another thread may be at work.
        std::thread::yield_now();
    }
}
