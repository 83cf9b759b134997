//! Concatenates the policy and .NET tables; nothing else.

mod missing;

use std::sync::Arc;

use policy::{Catalogue, csharp::surface::Surface};

/// Every policy the process knows, with the C# surface of their expressions. The composition root hands it over at start.
pub fn catalogue(surface: Arc<Surface>) -> Catalogue {
    let tables = [
        policies_flow::CATALOGUE,
        policies_identity::CATALOGUE,
        policies_integration::CATALOGUE,
        policies_message::CATALOGUE,
        policies_traffic::CATALOGUE,
    ];
    Catalogue::new(&tables, missing::MISSING, surface)
}

/// The names of policies that are known and do not run yet: the gap list.
pub fn missing() -> impl Iterator<Item = &'static str> {
    missing::MISSING.iter().map(|missing| missing.name)
}
