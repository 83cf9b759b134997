//! `System.IO`: readers and writers over strings.

use csharp::surface::TypeDef;

/// One line per type.
pub(crate) const TYPES: &[&TypeDef] = &[];
