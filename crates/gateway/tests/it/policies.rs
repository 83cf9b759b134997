//! The policies of these tests: the real ones, and one that panics.

use std::sync::{Arc, LazyLock};

use policy::{
    Attr, Catalogue, Exchange, Fault, Flow, Kind, LaterPolicy, LocalFuture, OutboundRequest, OutboundResponse, Policy,
    PolicyDef, Response, Sections, Step, outbound::HttpVersion,
};
use testkit::{Documents, FakeBackend, Gateway, Setup};

static PANIC: PolicyDef = PolicyDef {
    name: "panic",
    summary: "Panics.",
    sections: Sections::ALL,
    compile: |_, _| Some(Step::now(Panic)),
    ..PolicyDef::BASE
};

static FORWARD: PolicyDef = PolicyDef {
    name: "forward-request",
    summary: "Forwards.",
    sections: Sections::BACKEND,
    attrs: &[Attr::or("timeout", Kind::Int(0, 1000), "300", "Seconds.")],
    compile: |_, _| Some(Step::later(Forward)),
    ..PolicyDef::BASE
};

struct Forward;

impl LaterPolicy for Forward {
    fn run<'a>(&'a self, exchange: &'a mut Exchange) -> LocalFuture<'a, Result<Flow, Fault>> {
        Box::pin(async {
            let mut headers = exchange.request.headers.clone();
            headers.remove("host");
            let request = OutboundRequest {
                method: exchange.request.method.clone(),
                url: exchange.request.url.clone(),
                headers,
                body: exchange.request.body.take(),
                backend: None,
                connect_timeout: None,
                response_timeout: std::time::Duration::from_secs(30),
                http_version: HttpVersion::One,
                proxy: None,
                client_certificate: None,
                follow_redirects: false,
            };
            let answer = exchange.host.outbound.send(request).await;
            let answer = answer.map_err(|error| Fault::new("", "BackendConnectionFailure", error.message))?;
            exchange.backend_use.calls += 1;
            let OutboundResponse { status, reason, headers, body, .. } = answer;
            exchange.respond(Response { status, reason, headers, body, consumed: false });
            Ok(Flow::Continue)
        })
    }
}

static TESTS: &[&PolicyDef] = &[&FORWARD, &PANIC];

struct Panic;

impl Policy for Panic {
    fn run(&self, _: &mut Exchange) -> Result<Flow, Fault> {
        panic!("a test wants it")
    }
}

/// The policies are put together once for all tests.
static CATALOGUE: LazyLock<Arc<Catalogue>> = LazyLock::new(|| {
    let tables = [policies_flow::CATALOGUE, policies_message::CATALOGUE, TESTS];
    Arc::new(Catalogue::new(&tables, &[], dotnet::surface().unwrap()))
});

pub(crate) fn setup() -> Setup {
    Setup::with(Arc::clone(&CATALOGUE))
}

/// One open API at the root, which forwards everything to `backend`.
pub(crate) fn documents(backend: &FakeBackend) -> Documents {
    Documents::service("contoso").open_api("all", "", &backend.url())
}

pub(crate) fn before(backend: &FakeBackend) -> Gateway {
    Gateway::start(setup(), documents(backend))
}
