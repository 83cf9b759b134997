//! The policies of these tests: the real ones, and two that show what tests want to see.

use std::sync::{Arc, LazyLock, Mutex};

use bytes::Bytes;
use policy::{
    Catalogue, Exchange, Fault, Flow, HeaderName, Policy, PolicyDef, Sections, Step,
    exchange::{BodyError, Over, Postponed, Transform},
};
use testkit::{Documents, FakeBackend, Gateway, Setup};

static PANIC: PolicyDef = PolicyDef {
    name: "panic",
    summary: "Panics.",
    sections: Sections::ALL,
    compile: |_, _| Some(Step::now(Panic)),
    ..PolicyDef::BASE
};

/// Panics when the body of the response passes.
static PANIC_IN_BODY: PolicyDef = PolicyDef {
    name: "panic-in-body",
    summary: "Panics later.",
    compile: |_, _| Some(Step::now(PanicInBody)),
    ..PolicyDef::BASE
};

struct PanicInBody;

impl Policy for PanicInBody {
    fn run(&self, exchange: &mut Exchange) -> Result<Flow, Fault> {
        exchange.response.body.transform(Self);
        Ok(Flow::Continue)
    }
}

impl Transform for PanicInBody {
    fn chunk(&mut self, _: Bytes) -> Result<Bytes, BodyError> {
        panic!("a test wants it")
    }
}

/// Leaves a task behind that panics.
static PANIC_ASIDE: PolicyDef = PolicyDef {
    name: "panic-aside",
    summary: "Panics elsewhere.",
    compile: |_, _| Some(Step::now(PanicAside)),
    ..PolicyDef::BASE
};

struct PanicAside;

impl Policy for PanicAside {
    fn run(&self, exchange: &mut Exchange) -> Result<Flow, Fault> {
        assert!(exchange.host.tasks.spawn(Box::pin(async { panic!("a test wants it") })));
        Ok(Flow::Continue)
    }
}

/// Tells in a header how many bytes the client's certificate has.
static SHOW_CERTIFICATE: PolicyDef = PolicyDef {
    name: "show-certificate",
    summary: "Shows the size of the client's certificate.",
    compile: |_, _| Some(Step::now(ShowCertificate)),
    ..PolicyDef::BASE
};

struct ShowCertificate;

impl Policy for ShowCertificate {
    fn run(&self, exchange: &mut Exchange) -> Result<Flow, Fault> {
        let size = exchange.client.certificate.as_ref().map_or(0, |der| der.len() as u64);
        exchange.late_headers.push(HeaderName::from_static("X-Certificate"), size.into());
        Ok(Flow::Continue)
    }
}

/// Leaves work for the end of the policies and for the end of the exchange, which tell [`ENDINGS`] what they saw.
static SETTLE: PolicyDef =
    PolicyDef { name: "settle", summary: "Settles.", compile: |_, _| Some(Step::now(Settle)), ..PolicyDef::BASE };

/// What the work of `settle` saw, one line each, in the order in which it ran.
pub(crate) static ENDINGS: Mutex<Vec<String>> = Mutex::new(Vec::new());

struct Settle;

impl Policy for Settle {
    fn run(&self, exchange: &mut Exchange) -> Result<Flow, Fault> {
        let path = exchange.original_url.path.to_string();
        exchange.postpone(Look);
        exchange.when_over(move |over| {
            let Over { request_size, response_size, ending } = over;
            ENDINGS.lock().unwrap().push(format!("{path} {ending:?} {request_size} {response_size}"));
        });
        Ok(Flow::Continue)
    }
}

struct Look;

impl Postponed for Look {
    fn run(&self, exchange: &mut Exchange) -> Result<(), Fault> {
        let (path, status) = (&exchange.original_url.path, exchange.response.status.code());
        ENDINGS.lock().unwrap().push(format!("{path} {status}"));
        Ok(())
    }
}

static TESTS: &[&PolicyDef] = &[&PANIC, &PANIC_ASIDE, &PANIC_IN_BODY, &SETTLE, &SHOW_CERTIFICATE];

struct Panic;

impl Policy for Panic {
    fn run(&self, _: &mut Exchange) -> Result<Flow, Fault> {
        panic!("a test wants it")
    }
}

/// The policies are put together once for all tests.
static CATALOGUE: LazyLock<Arc<Catalogue>> = LazyLock::new(|| {
    let tables = [
        policies_content::CATALOGUE,
        policies_flow::CATALOGUE,
        policies_identity::CATALOGUE,
        policies_integration::CATALOGUE,
        policies_message::CATALOGUE,
        policies_traffic::CATALOGUE,
        TESTS,
    ];
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
