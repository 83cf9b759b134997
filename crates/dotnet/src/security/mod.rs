//! `System.Security.Cryptography`, certificates included.

use csharp::surface::TypeDef;

/// One line per type.
pub(crate) const TYPES: &[&TypeDef] = &[];
