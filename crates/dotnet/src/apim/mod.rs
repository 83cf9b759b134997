//! `context` and what it leads to, one file per type.

pub(crate) mod context;

use csharp::surface::TypeDef;

/// One line per type.
pub(crate) const TYPES: &[&TypeDef] = &[&context::DEF];
