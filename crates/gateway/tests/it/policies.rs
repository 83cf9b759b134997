//! The policies of these tests: the real ones, and two that show what tests want to see.

use std::sync::{Arc, LazyLock};

use policy::{Catalogue, Exchange, Fault, Flow, HeaderName, Policy, PolicyDef, Sections, Step};
use testkit::{Documents, FakeBackend, Gateway, Setup};

static PANIC: PolicyDef = PolicyDef {
    name: "panic",
    summary: "Panics.",
    sections: Sections::ALL,
    compile: |_, _| Some(Step::now(Panic)),
    ..PolicyDef::BASE
};

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

static TESTS: &[&PolicyDef] = &[&PANIC, &SHOW_CERTIFICATE];

struct Panic;

impl Policy for Panic {
    fn run(&self, _: &mut Exchange) -> Result<Flow, Fault> {
        panic!("a test wants it")
    }
}

/// The policies are put together once for all tests.
static CATALOGUE: LazyLock<Arc<Catalogue>> = LazyLock::new(|| {
    let tables = [
        policies_flow::CATALOGUE,
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
