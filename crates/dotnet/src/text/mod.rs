//! `System.Text` and `System.Text.RegularExpressions`.

mod string_builder;

use csharp::surface::TypeDef;

/// One line per type.
pub(crate) const TYPES: &[&TypeDef] = &[&string_builder::DEF];
