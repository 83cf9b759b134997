//! Whole documents: read, converted there and back, and broken.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

#[path = "../corpus/mod.rs"]
mod corpus;
#[path = "../corpus/mutated.rs"]
mod mutated;

use policy_xml::{Element, Format, Node, convert, read};
use proptest::prelude::*;

/// Everything that a document says: names, values, texts and comments.
fn says(element: &Element, source: &str, said: &mut Vec<String>) {
    said.push(format!("<{}>", element.name));
    for attribute in &element.attributes {
        said.push(format!("{}={}", attribute.name, attribute.value.value.text()));
    }
    for child in &element.children {
        match child {
            Node::Element(child) => says(child, source, said),
            Node::Text(text) => said.push(text.value.text().to_owned()),
            Node::Comment(span) => said.push(source[span.start as usize..span.end as usize].to_owned()),
        }
    }
}

fn all(source: &str, format: Format) -> Option<Vec<String>> {
    let reading = read(source, format, usize::MAX);
    if reading.is_broken() {
        return None;
    }
    let mut said = Vec::new();
    says(&reading.root?, source, &mut said);
    Some(said)
}

#[test]
fn every_document_reads_and_says_the_same_in_both_formats() {
    for (name, raw) in corpus::DOCUMENTS {
        let said = all(raw, Format::RawXml)
            .unwrap_or_else(|| panic!("{name}: {:?}", read(raw, Format::RawXml, usize::MAX).diagnostics));
        let xml = convert(raw, Format::RawXml, Format::Xml).unwrap();
        assert_eq!(all(&xml, Format::Xml).as_ref(), Some(&said), "{name} as xml:\n{xml}");
        let back = convert(&xml, Format::Xml, Format::RawXml).unwrap();
        assert_eq!(all(&back, Format::RawXml).as_ref(), Some(&said), "{name} and back:\n{back}");
        assert_eq!(convert(raw, Format::RawXml, Format::RawXml).unwrap(), *raw);
        assert_eq!(convert(&xml, Format::Xml, Format::Xml).unwrap(), xml);
    }
}

proptest! {
    #[test]
    fn a_broken_document_makes_nothing_panic_and_what_can_be_converted_keeps_its_meaning(
        at in 0..corpus::DOCUMENTS.len(),
        mutations in prop::collection::vec((any::<usize>(), any::<usize>(), any::<usize>()), 1..6),
    ) {
        let text = mutated::mutated(corpus::DOCUMENTS[at].1, &mutations);
        for (from, to) in [(Format::RawXml, Format::Xml), (Format::Xml, Format::RawXml)] {
            let reading = read(&text, from, usize::MAX);
            for diagnostic in &reading.diagnostics {
                prop_assert!(text.get(diagnostic.span.start as usize..diagnostic.span.end as usize).is_some());
            }
            let Some(said) = all(&text, from) else { continue };
            let Ok(converted) = convert(&text, from, to) else { continue };
            let again = all(&converted, to);
            prop_assert_eq!(again, Some(said), "{}\n---\n{}", text, converted);
        }
    }
}
