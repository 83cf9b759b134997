//! Whole documents, and broken ones: compiling them ends with steps or with findings, and never with a panic.

use std::sync::LazyLock;

use engine::compile;
use policy::{Catalogue, Documents, Environment, Scope, policy_xml::Format};
use proptest::prelude::*;

use super::{catalogue, diagnostics::Names};

#[path = "../../../policy-xml/tests/corpus/mod.rs"]
mod corpus;
#[path = "../../../policy-xml/tests/corpus/mutated.rs"]
mod mutated;

static CATALOGUE: LazyLock<Catalogue> = LazyLock::new(catalogue);

/// The codes of what is wrong.
fn wrong(text: &str, format: Format) -> Vec<String> {
    let env = Environment {
        catalogue: &CATALOGUE,
        lookup: &Names,
        scope: Scope::Api,
        document: "/service/contoso",
        strict_surface: false,
        fail_unsupported: true,
        lenient: false,
        observe: false,
    };
    let kind = if text.contains("<fragment>") { Documents::FRAGMENT } else { Documents::POLICIES };
    let compiled = compile(text, format, kind, &env);
    for found in &compiled.diagnostics {
        assert!(text.get(found.span.start as usize..found.span.end as usize).is_some(), "{text}: {found:?}");
    }
    let errors = compiled.diagnostics.iter().filter(|found| found.severity == base::Severity::Error);
    errors.map(|found| found.code.to_string()).collect()
}

#[test]
fn documents_of_real_shapes_lack_nothing_but_what_they_name() {
    for (name, text) in corpus::DOCUMENTS {
        let wrong = wrong(text, Format::RawXml);
        // Named values, fragments and backends of other services, and what does not run yet inside of a resolver.
        let elsewhere = ["PX0101", "PX0120", "PX0122", "PX0123"];
        assert!(wrong.iter().all(|code| elsewhere.contains(&code.as_str())), "{name}: {wrong:?}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    #[test]
    fn a_broken_document_is_told_and_makes_nothing_panic(
        at in 0..corpus::DOCUMENTS.len(),
        mutations in prop::collection::vec((any::<usize>(), any::<usize>(), any::<usize>()), 1..5),
    ) {
        let text = mutated::mutated(corpus::DOCUMENTS[at].1, &mutations);
        for format in [Format::RawXml, Format::Xml] {
            let _ = wrong(&text, format);
        }
    }
}
