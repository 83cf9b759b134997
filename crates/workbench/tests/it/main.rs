//! The tools on texts: documents in, findings, layouts and reports out.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod check;
mod format;
mod suite;

use std::sync::{Arc, OnceLock};

use policy::Catalogue;

fn catalogue() -> &'static Catalogue {
    static CATALOGUE: OnceLock<Arc<Catalogue>> = OnceLock::new();
    CATALOGUE.get_or_init(|| Arc::new(catalogue::catalogue(dotnet::surface().unwrap())))
}
