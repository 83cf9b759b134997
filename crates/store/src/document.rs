//! What the store holds: documents, and the feed of their changes.

use std::{fmt, str::FromStr};

use base::Timestamp;
use serde_json::Value;

use crate::Key;

/// A resource as it is stored.
#[derive(Clone, Debug, PartialEq)]
pub struct Document {
    /// The id in lower case.
    pub key: Key,
    /// The id as it was first written, casing kept.
    pub id: String,
    /// The type path in lower case, without the provider: `service/apis/operations`, `resourcegroups`.
    pub kind: String,
    /// The JSON that was PUT, with secrets sealed.
    pub body: Value,
    /// Changes with every write of this document.
    pub etag: Etag,
    /// Version of the layout of `body`; see [`crate::shape`].
    pub shape: u32,
    /// When the first write of this document happened.
    pub created: Timestamp,
    /// When the newest write of this document happened.
    pub modified: Timestamp,
    /// Under which values it can be found.
    pub indexes: Vec<IndexEntry>,
}

impl Document {
    /// The resource's name, casing kept: the last segment of its id.
    pub fn name(&self) -> &str {
        self.id.rsplit('/').next().unwrap_or_default()
    }

    /// `body.properties`, JSON null where there is none.
    pub fn properties(&self) -> &Value {
        &self.body["properties"]
    }
}

/// A value under which a document can be found.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct IndexEntry {
    /// Name of the index: `api-path`, `subscription-scope`.
    pub name: String,
    /// The value, compared byte by byte over the whole store: what is unique in a service carries the service's key.
    pub value: String,
    /// Whether no other document may have this name and value with `unique` set.
    pub unique: bool,
}

impl IndexEntry {
    /// An entry that any number of documents may share.
    pub fn new(name: impl Into<String>, value: impl Into<String>) -> Self {
        Self { name: name.into(), value: value.into(), unique: false }
    }

    /// An entry that only one document may have.
    pub fn unique(name: impl Into<String>, value: impl Into<String>) -> Self {
        Self { unique: true, ..Self::new(name, value) }
    }
}

/// A place in the change feed. Positions only grow, and may leave gaps.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Position(pub u64);

/// The version of one document, opaque to callers: the feed position of the write that made it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Etag(pub u64);

impl fmt::Display for Etag {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:016x}", self.0)
    }
}

impl FromStr for Etag {
    type Err = std::num::ParseIntError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        u64::from_str_radix(text, 16).map(Self)
    }
}

/// One entry of the change feed: this document was written or deleted. The feed carries no bodies; read the document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// Where in the feed.
    pub position: Position,
    /// Which document.
    pub key: Key,
    /// The document's kind.
    pub kind: String,
    /// Whether it was deleted.
    pub deleted: bool,
}

/// What changed past a position, as it stood at another.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Since {
    /// The newest position at the moment of reading.
    pub position: Position,
    /// The documents that were written and are there, oldest write first.
    pub written: Vec<Document>,
    /// Key and kind of those that are gone, by key. Some may have come and gone in between. Whoever asks from position
    /// zero knows of nothing that could be gone, and is told of nothing.
    pub deleted: Vec<(Key, String)>,
}
