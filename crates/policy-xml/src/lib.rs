//! A tolerant reader and writer of policy documents, with spans.
//!
//! A policy document is XML with C# in it: `@( )` and `@{ }` in attributes and text hold quotes, `<` and `&` as they
//! are. So an XML tokenizer cannot read it; this reader knows enough of C# to find where an expression ends.

mod convert;
mod entity;
mod mapped;
mod named;
mod read;
mod scan;
mod tree;

pub use convert::convert;
pub use mapped::Mapped;
pub use named::{Placeholder, placeholders};
pub use read::{Reading, read};
pub use scan::{Form, Whole, whole};
pub use tree::{Attribute, Element, Node, Text};

/// How expressions stand in a document.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Format {
    /// As XML: `"`, `<` and `&` of an expression are entities. The management API's default.
    #[default]
    Xml,
    /// Verbatim.
    RawXml,
}

impl Format {
    /// The word of the management API; case does not matter.
    pub fn parse(word: &str) -> Option<Self> {
        match () {
            () if word.eq_ignore_ascii_case("xml") => Some(Self::Xml),
            () if word.eq_ignore_ascii_case("rawxml") => Some(Self::RawXml),
            () => None,
        }
    }
}

/// The longest policy document, in bytes of UTF-8.
pub const POLICY_LIMIT: usize = 256 << 10;
/// The longest fragment, in bytes of UTF-8.
pub const FRAGMENT_LIMIT: usize = 512 << 10;
/// How deep elements may nest.
pub const DEPTH_LIMIT: usize = 100;
