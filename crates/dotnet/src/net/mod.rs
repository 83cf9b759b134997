//! `System.Net`.

mod ip_address;
mod web_utility;

use csharp::surface::TypeDef;

/// One line per type.
pub(crate) const TYPES: &[&TypeDef] = &[&ip_address::DEF, &ip_address::ADDRESS_FAMILY, &web_utility::DEF];
