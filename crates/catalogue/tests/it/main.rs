//! The catalogue as a whole: every example runs, every table keeps the laws, every name of the reference is known.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod bodies;
mod broken;
mod calls;
mod context;
mod diagnostics;
mod expressions;
mod limits;
mod messages;
mod pipeline;
mod stage;
mod steering;
mod templates;

use std::path::Path;

use engine::rehearse::check_example;
use policy::{Catalogue, PolicyDef};

fn catalogue() -> Catalogue {
    catalogue::catalogue(dotnet::surface().unwrap())
}

#[test]
fn every_example_does_what_it_says() {
    let catalogue = catalogue();
    let mut wrong = Vec::new();
    let mut examples = 0;
    for def in catalogue.policies().into_iter().filter(|def| def.runs) {
        for example in def.examples {
            examples += 1;
            if let Err(why) = check_example(&catalogue, def, example) {
                wrong.push(format!("{} / {}: {why}", def.name, example.title));
            }
        }
    }
    assert!(wrong.is_empty(), "{} of {examples} examples are wrong:\n\n{}", wrong.len(), wrong.join("\n\n"));
    assert!(examples >= catalogue.policies().iter().filter(|def| def.runs).count());
}

#[test]
fn every_table_keeps_the_laws() {
    let tables: [(&str, &[&'static PolicyDef]); 7] = [
        ("policies-ai", policies_ai::CATALOGUE),
        ("policies-content", policies_content::CATALOGUE),
        ("policies-flow", policies_flow::CATALOGUE),
        ("policies-identity", policies_identity::CATALOGUE),
        ("policies-integration", policies_integration::CATALOGUE),
        ("policies-message", policies_message::CATALOGUE),
        ("policies-traffic", policies_traffic::CATALOGUE),
    ];
    for (room, table) in tables {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(room);
        policy::check_catalogue(table, folder.to_str().unwrap());
    }
}

#[test]
fn the_seventy_names_of_the_reference_are_known() {
    let catalogue = catalogue();
    assert_eq!(catalogue.names().count(), 70);
}
