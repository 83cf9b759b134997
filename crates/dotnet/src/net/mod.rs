//! `System.Net`.

use csharp::surface::TypeDef;

/// One line per type.
pub(crate) const TYPES: &[&TypeDef] = &[];
