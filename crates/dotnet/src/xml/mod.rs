//! `System.Xml.Linq`, `System.Xml.XPath` and the little of `System.Xml` that policies use.

use csharp::surface::TypeDef;

/// One line per type.
pub(crate) const TYPES: &[&TypeDef] = &[];
