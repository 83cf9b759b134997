//! `include-fragment`: puts the policies of a fragment in its place.

use policy::{Seat, prelude::*};

pub(crate) static DEF: PolicyDef = PolicyDef {
    name: "include-fragment",
    summary: "Puts the policies of a fragment in its place.",
    notes: "Fragments are compiled into each place that includes them, so that sections and scopes are checked there.",
    attrs: &[Attr::required("fragment-id", Kind::Name, "The fragment's resource name.")],
    examples: &[Example {
        title: "A shared greeting",
        policy: r#"<include-fragment fragment-id="greeting" />"#,
        given: "GET /resource/1 HTTP/1.1",
        then: "GET http://backend.example/resource/1 HTTP/1.1\nX-Greeting: hello",
        ..Example::BASE
    }],
    compile: |element, cx| {
        let id: String = cx.literal(element, "fragment-id")?;
        let span = element.attribute("fragment-id").map_or(element.span, |attribute| attribute.name_span);
        let included = Included(cx.fragment(element, &id, span)?);
        Some(if included.0.waits() { Step::later(included) } else { Step::now(included) })
    },
    ..PolicyDef::BASE
};

struct Included(Block);

impl Policy for Included {
    fn run(&self, exchange: &mut Exchange) -> Result<Flow, Fault> {
        self.0.run_now(exchange)
    }

    fn preflight(&self, exchange: &mut Exchange) -> Option<Result<Flow, Fault>> {
        self.0.preflight(exchange)
    }
}

impl LaterPolicy for Included {
    fn run<'a>(&'a self, exchange: &'a mut Exchange) -> LocalFuture<'a, Result<Flow, Fault>> {
        Box::pin(self.0.run(exchange))
    }

    fn run_beside<'a>(&'a self, seat: &'a Seat<'_, '_>) -> LocalFuture<'a, Result<Flow, Fault>> {
        Box::pin(self.0.run_beside(seat))
    }

    fn preflight(&self, exchange: &mut Exchange) -> Option<Result<Flow, Fault>> {
        self.0.preflight(exchange)
    }
}
