//! `Newtonsoft.Json` and `Newtonsoft.Json.Linq`.

use csharp::surface::TypeDef;

/// One line per type.
pub(crate) const TYPES: &[&TypeDef] = &[];
