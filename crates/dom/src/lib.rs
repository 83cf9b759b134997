//! A mutable XML tree with the semantics of LINQ to XML, and XPath 1.0.
//!
//! An [`XObject`] is a handle on a node or an attribute. Handles keep the whole tree alive, so that `Parent` and
//! `PreviousNode` work however the handle was reached, as they do under a garbage collector. Messages are those of
//! .NET, since policies and their tests show them. Nothing outside the document is ever read, and entities that a
//! document declares itself are refused.

mod chars;
mod edit;
mod error;
mod grove;
mod name;
mod node;
mod parse;
mod query;
mod write;
pub mod xpath;

pub use error::{Error, ErrorKind, Result};
pub use name::{XML, XMLNS, XName};
pub use node::{Declaration, DocumentType, Kind, XObject};
pub use parse::{MAX_DEPTH, ParseOptions};
pub use write::SaveOptions;
