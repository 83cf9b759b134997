//! How long evaluations take, warmed up, on one thread, against the `context` of one exchange; and how long it takes to
//! compile a policy with a hundred expressions. `docs/performance.md` has the figures beside those of a real .NET.

mod rows;

use std::{fmt::Write, hint::black_box, sync::Arc, time::Duration};

use criterion::{Criterion, SamplingMode, criterion_group, criterion_main};
use policy::{
    Attr, Catalogue, Compiler, Documents, Environment, Exchange, Fault, Flow, Kind, NoLookup, Policy, PolicyDef, Scope,
    Section, Step, Value,
    base::has_errors,
    csharp::Form,
    policy_xml::{self, Element, Format, POLICY_LIMIT},
};
use rows::{ROWS, evaluate, exchange, printed};

/// The allocator of the product.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn expressions(criterion: &mut Criterion) {
    let mut exchange = exchange();
    let mut group = criterion.benchmark_group("expressions");
    // Many short samples of one length: on a busy machine the least of them are those that nobody interrupted.
    group.sampling_mode(SamplingMode::Flat);
    for row in &ROWS {
        let program = row.program();
        assert_eq!(printed(&program, &mut exchange), row.result, "{}", row.name);
        group.bench_function(row.name, |bencher| bencher.iter(|| evaluate(black_box(&program), &mut exchange)));
    }
    group.finish();
}

/// A policy with one value, so that the document below needs no other room.
static SAY: PolicyDef = PolicyDef {
    name: "say",
    attrs: &[Attr::required("value", Kind::Text, "What it says.").expr()],
    compile: |element, compiler| Some(Step::now(Say(compiler.attr(element, "value")?))),
    ..PolicyDef::BASE
};

struct Say(Value<String>);

impl Policy for Say {
    fn run(&self, exchange: &mut Exchange) -> Result<Flow, Fault> {
        self.0.get(exchange)?;
        Ok(Flow::Continue)
    }
}

/// From the text of a document to steps that can run.
fn compiling(criterion: &mut Criterion) {
    static POLICIES: &[&PolicyDef] = &[&SAY];
    let catalogue = Catalogue::new(&[POLICIES], &[], dotnet::surface().expect("the surface builds"));
    let environment = Environment {
        catalogue: &catalogue,
        lookup: &NoLookup,
        scope: Scope::Api,
        document: "bench",
        strict_surface: false,
        fail_unsupported: false,
        lenient: false,
        observe: false,
    };
    let mut text = String::from("<inbound>");
    // A constant costs nothing to compile: the other thirteen in turn.
    for (at, row) in ROWS.iter().skip(1).cycle().take(100).enumerate() {
        let (open, close) = if row.form == Form::Expression { ("@(", ")") } else { ("@{", "}") };
        // Each text once, so that nothing that remembers texts helps.
        let _ = write!(text, "<say value=\"{open}{} /* {at} */{close}\" />", row.source);
    }
    text.push_str("</inbound>");
    let compile = || {
        let reading = policy_xml::read(&text, Format::RawXml, POLICY_LIMIT);
        let inbound: &Element = reading.root.as_ref().expect("the document reads");
        let mut compiler = Compiler::new(&environment, Documents::POLICIES);
        let parts = compiler.section_parts(Section::Inbound, inbound);
        let (diagnostics, _) = compiler.finish();
        assert!(!has_errors(&diagnostics), "{diagnostics:?}");
        Arc::new(parts)
    };
    let mut group = criterion.benchmark_group("compiling");
    group.sampling_mode(SamplingMode::Flat).sample_size(50);
    group.bench_function("a policy with 100 expressions", |bencher| bencher.iter(compile));
    group.finish();
}

criterion_group! {
    name = benches;
    config = Criterion::default().sample_size(200).measurement_time(Duration::from_millis(600));
    targets = expressions, compiling
}
criterion_main!(benches);
