//! Which documents to list.

use crate::{Document, Key};

/// Selects documents: all conditions must hold. The default selects everything.
#[derive(Clone, Debug, Default)]
pub struct Query {
    /// Only documents below this key, at any depth.
    pub under: Option<Key>,
    /// Only documents of this kind.
    pub kind: Option<String>,
    /// Only documents with all of these index names and values.
    pub indexes: Vec<(String, String)>,
    /// Only documents whose layout version is another than this.
    pub shape_other_than: Option<u32>,
    /// The order of the answer.
    pub order: Order,
    /// Leaves out as many of the first.
    pub skip: usize,
    /// Gives at most as many; `None` gives all.
    pub top: Option<usize>,
}

/// In which order documents are listed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Order {
    /// By key in byte order, starting past this key where one is given: the way to walk a large set in pages.
    Key {
        /// The last key of the page before.
        after: Option<Key>,
    },
    /// Oldest creation first; equal times by key.
    Created,
}

impl Default for Order {
    fn default() -> Self {
        Self::Key { after: None }
    }
}

impl Query {
    /// Documents of `kind`.
    pub fn kind(kind: impl Into<String>) -> Self {
        Self { kind: Some(kind.into()), ..Self::default() }
    }

    /// Narrows to those below `key`.
    pub fn under(mut self, key: &Key) -> Self {
        self.under = Some(key.clone());
        self
    }

    /// Narrows to those with this index value.
    pub fn index(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.indexes.push((name.into(), value.into()));
        self
    }

    /// Gives at most `top` of them.
    pub fn top(mut self, top: usize) -> Self {
        self.top = Some(top);
        self
    }

    /// Leaves out the first `skip`.
    pub fn skip(mut self, skip: usize) -> Self {
        self.skip = skip;
        self
    }

    /// Whether `document` is selected, its place in the order aside.
    pub fn selects(&self, document: &Document) -> bool {
        self.under.as_ref().is_none_or(|key| document.key.below(key).is_some())
            && self.kind.as_ref().is_none_or(|kind| document.kind == *kind)
            && self.shape_other_than.is_none_or(|shape| document.shape != shape)
            && self
                .indexes
                .iter()
                .all(|(name, value)| document.indexes.iter().any(|entry| entry.name == *name && entry.value == *value))
    }
}
