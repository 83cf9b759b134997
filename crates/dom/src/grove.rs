//! Where nodes live: an arena per document, and what happens when two documents become one.
//!
//! .NET keeps a parent alive as long as any of its children is referenced. So a handle holds the arena of its whole
//! tree. When a node moves under a parent of another arena, the smaller arena is appended to the larger one and
//! leaves a forwarding note, by which handles given out before find it.

use std::cell::RefCell;
use std::rc::Rc;

use crate::node::{Node, XObject};

/// Index of a node in its arena.
pub(crate) type Id = u32;

/// The parent of a root.
pub(crate) const NONE: Id = u32::MAX;

pub(crate) struct Grove(RefCell<State>);

enum State {
    Home(Vec<Node>),
    Moved { to: Rc<Grove>, by: Id },
}

impl Grove {
    pub(crate) fn of(nodes: Vec<Node>) -> Rc<Grove> {
        Rc::new(Grove(RefCell::new(State::Home(nodes))))
    }
}

impl XObject {
    /// This handle after all moves.
    fn settled(&self) -> XObject {
        let mut at = self.clone();
        loop {
            let next = match &*at.grove.0.borrow() {
                State::Home(_) => None,
                State::Moved { to, by } => Some(XObject { grove: Rc::clone(to), id: at.id + by }),
            };
            match next {
                Some(next) => at = next,
                None => return at,
            }
        }
    }

    /// Looks at the arena; the closure gets all its nodes and this node's index.
    pub(crate) fn read<R>(&self, look: impl FnOnce(&[Node], Id) -> R) -> R {
        if let State::Home(nodes) = &*self.grove.0.borrow() {
            return look(nodes, self.id);
        }
        self.settled().read(look)
    }

    /// Changes the arena.
    pub(crate) fn write<R>(&self, change: impl FnOnce(&mut Vec<Node>, Id) -> R) -> R {
        if let State::Home(nodes) = &mut *self.grove.0.borrow_mut() {
            return change(nodes, self.id);
        }
        self.settled().write(change)
    }

    /// A handle on another node of the same arena.
    pub(crate) fn sibling(&self, id: Id) -> XObject {
        XObject { grove: self.settled().grove, id }
    }

    /// Handles on other nodes of the same arena.
    pub(crate) fn siblings(&self, ids: impl IntoIterator<Item = Id>) -> Vec<XObject> {
        let grove = self.settled().grove;
        ids.into_iter().map(|id| XObject { grove: Rc::clone(&grove), id }).collect()
    }

    /// Whether both handles mean the same object: `ReferenceEquals`.
    pub fn same(&self, other: &XObject) -> bool {
        let (a, b) = (self.settled(), other.settled());
        a.id == b.id && Rc::ptr_eq(&a.grove, &b.grove)
    }

    /// Brings both into one arena.
    pub(crate) fn unite(&self, other: &XObject) {
        let (a, b) = (self.settled(), other.settled());
        if Rc::ptr_eq(&a.grove, &b.grove) {
            return;
        }
        let size = |object: &XObject| object.read(|nodes, _| nodes.len());
        let (large, small) = if size(&a) >= size(&b) { (a.grove, b.grove) } else { (b.grove, a.grove) };
        let mut target = large.0.borrow_mut();
        let State::Home(nodes) = &mut *target else { return };
        let by = nodes.len() as Id;
        let left = small.0.replace(State::Moved { to: Rc::clone(&large), by });
        if let State::Home(moved) = left {
            nodes.extend(moved.into_iter().map(|mut node| {
                node.shift(by);
                node
            }));
        }
    }
}
