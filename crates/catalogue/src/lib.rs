//! Concatenates the policy and .NET tables; nothing else.

use std::sync::Arc;

use policy::{Catalogue, PolicyDef, csharp::surface::Surface};

/// Every policy the process knows, with the C# surface of their expressions. The composition root hands it over at start.
pub fn catalogue(surface: Arc<Surface>) -> Catalogue {
    Catalogue::new(&tables(), &[], surface)
}

fn tables() -> [&'static [&'static PolicyDef]; 7] {
    [
        policies_ai::CATALOGUE,
        policies_content::CATALOGUE,
        policies_flow::CATALOGUE,
        policies_identity::CATALOGUE,
        policies_integration::CATALOGUE,
        policies_message::CATALOGUE,
        policies_traffic::CATALOGUE,
    ]
}

/// The names of policies, and of their forms, that are known and do not run yet: the gap list.
pub fn missing() -> impl Iterator<Item = &'static str> {
    let defs = || tables().into_iter().flatten().copied();
    let idle = defs().filter(|def| !def.runs).flat_map(PolicyDef::names);
    idle.chain(defs().flat_map(|def| def.unbuilt.iter().copied()))
}
