//! Handles on nodes of an arena: see [`base::grove`].

use std::rc::Rc;

use crate::token::{JToken, Node};

pub(crate) use base::grove::Id;

/// The parent of a root.
pub(crate) const NONE: Id = u32::MAX;

/// The arena of a tree.
pub(crate) type Grove = base::grove::Grove<Node>;

impl JToken {
    /// Looks at the arena; the closure gets all its nodes and this token's index.
    pub(crate) fn read<R>(&self, look: impl FnOnce(&[Node], Id) -> R) -> R {
        self.grove.read(self.id, look)
    }

    /// Changes the arena.
    pub(crate) fn write<R>(&self, change: impl FnOnce(&mut Vec<Node>, Id) -> R) -> R {
        self.grove.write(self.id, change)
    }

    /// A handle on another node of the same arena.
    pub(crate) fn sibling(&self, id: Id) -> JToken {
        JToken { grove: self.grove.settled(self.id).0, id }
    }

    /// Handles on other nodes of the same arena.
    pub(crate) fn siblings(&self, ids: impl IntoIterator<Item = Id>) -> Vec<JToken> {
        let grove = self.grove.settled(self.id).0;
        ids.into_iter().map(|id| JToken { grove: Rc::clone(&grove), id }).collect()
    }

    /// Whether both handles mean the same node: `ReferenceEquals`.
    pub fn same(&self, other: &JToken) -> bool {
        let ((a, one), (b, two)) = (self.grove.settled(self.id), other.grove.settled(other.id));
        one == two && Rc::ptr_eq(&a, &b)
    }

    /// Brings both into one arena.
    pub(crate) fn unite(&self, other: &JToken) {
        Grove::unite(self.grove.settled(self.id).0, other.grove.settled(other.id).0);
    }
}

impl base::grove::Shift for Node {
    fn shift(&mut self, by: Id) {
        Node::shift(self, by);
    }
}
