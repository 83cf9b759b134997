//! What is written at once.

use base::Timestamp;
use serde_json::Value;

use crate::{Etag, IndexEntry, Key, Position, Query};

/// Writes that happen together or not at all.
#[derive(Clone, Debug, Default)]
pub struct Batch {
    /// The time that the documents show as their modification.
    pub at: Timestamp,
    /// Applied in this order; a later one sees the earlier.
    pub writes: Vec<Write>,
    /// What must still hold when the writes are applied, checked before the first of them.
    pub expects: Vec<Expect>,
    /// What must find nothing when all writes are applied: so a delete notices whoever began to refer to its document.
    pub leaves_none: Vec<Query>,
}

impl Batch {
    /// An empty batch of this time.
    pub fn new(at: Timestamp) -> Self {
        Self { at, ..Self::default() }
    }

    /// Adds a write.
    pub fn write(mut self, write: impl Into<Write>) -> Self {
        self.writes.push(write.into());
        self
    }

    /// Adds the demand that `key` is as it was read: at this ETag, or absent.
    pub fn expect(mut self, key: Key, etag: Option<Etag>) -> Self {
        self.expects.push(Expect { key, etag });
        self
    }

    /// Adds the demand that `query` finds nothing any more when all writes are applied.
    pub fn leave_none(mut self, query: Query) -> Self {
        self.leaves_none.push(query);
        self
    }
}

/// One change of one document, or of a document with all below it.
#[derive(Clone, Debug)]
pub enum Write {
    /// Writes a document, whether or not it is there.
    Put(Put),
    /// Removes a document. Removing what is not there changes nothing.
    Delete(Delete),
}

/// Writes one document. Of a document that is there already, `id` and the time of creation stay.
#[derive(Clone, Debug)]
pub struct Put {
    /// Its id; the key follows from it.
    pub id: String,
    /// Its kind in lower case: `service/apis`.
    pub kind: String,
    /// Its whole content.
    pub body: Value,
    /// The layout version of `body`.
    pub shape: u32,
    /// Under which values it can be found from now on.
    pub indexes: Vec<IndexEntry>,
    /// What must hold for this write.
    pub precondition: Precondition,
}

impl Put {
    /// An unconditional write without indexes, in the first layout version.
    pub fn new(id: impl Into<String>, kind: impl Into<String>, body: Value) -> Self {
        let (id, kind) = (id.into(), kind.into());
        Self { id, kind, body, shape: 1, indexes: Vec::new(), precondition: Precondition::None }
    }

    /// The key that is written.
    pub fn key(&self) -> Key {
        Key::new(&self.id)
    }

    /// Adds an index entry.
    pub fn index(mut self, entry: IndexEntry) -> Self {
        self.indexes.push(entry);
        self
    }

    /// Sets what must hold for this write.
    pub fn when(mut self, precondition: Precondition) -> Self {
        self.precondition = precondition;
        self
    }
}

/// Removes one document.
#[derive(Clone, Debug)]
pub struct Delete {
    /// Which one.
    pub key: Key,
    /// What must hold for this write.
    pub precondition: Precondition,
    /// Whether everything below it goes too. Otherwise it stays as it is.
    pub with_children: bool,
}

impl Delete {
    /// Removes this document alone, unconditionally.
    pub fn one(key: Key) -> Self {
        Self { key, precondition: Precondition::None, with_children: false }
    }

    /// Removes this document and everything below it, unconditionally.
    pub fn tree(key: Key) -> Self {
        Self { with_children: true, ..Self::one(key) }
    }

    /// Sets what must hold for this write.
    pub fn when(mut self, precondition: Precondition) -> Self {
        self.precondition = precondition;
        self
    }
}

impl From<Put> for Write {
    fn from(put: Put) -> Self {
        Self::Put(put)
    }
}

impl From<Delete> for Write {
    fn from(delete: Delete) -> Self {
        Self::Delete(delete)
    }
}

/// What must hold of a document for a write to happen.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Precondition {
    /// Nothing.
    #[default]
    None,
    /// It is not there.
    Absent,
    /// It is there.
    Exists,
    /// It is there, at this version.
    Etag(Etag),
}

impl Precondition {
    /// Whether it holds of a document at `found`.
    pub fn holds(self, found: Option<Etag>) -> bool {
        match self {
            Self::None => true,
            Self::Absent => found.is_none(),
            Self::Exists => found.is_some(),
            Self::Etag(etag) => found == Some(etag),
        }
    }
}

/// A document that the writer has read and relies on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Expect {
    /// Which one.
    pub key: Key,
    /// Its version then; `None` if it was not there.
    pub etag: Option<Etag>,
}

/// That a batch is on disk.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Commit {
    /// The position of its last change; the newest position of the feed if it changed nothing.
    pub position: Position,
    /// For each write, the new version of the document that it put.
    pub etags: Vec<Option<Etag>>,
}
