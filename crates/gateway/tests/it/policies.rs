//! The policies of these tests: the real ones, and one that panics.

use std::sync::{Arc, LazyLock};

use policy::{Catalogue, Exchange, Fault, Flow, Policy, PolicyDef, Sections, Step};
use testkit::{Documents, FakeBackend, Gateway, Setup};

static PANIC: PolicyDef = PolicyDef {
    name: "panic",
    summary: "Panics.",
    sections: Sections::ALL,
    compile: |_, _| Some(Step::now(Panic)),
    ..PolicyDef::BASE
};

static TESTS: &[&PolicyDef] = &[&PANIC];

struct Panic;

impl Policy for Panic {
    fn run(&self, _: &mut Exchange) -> Result<Flow, Fault> {
        panic!("a test wants it")
    }
}

/// The policies are put together once for all tests.
static CATALOGUE: LazyLock<Arc<Catalogue>> = LazyLock::new(|| {
    let tables = [policies_flow::CATALOGUE, policies_integration::CATALOGUE, policies_message::CATALOGUE, TESTS];
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
