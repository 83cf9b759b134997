//! Where the nodes of a mutable tree live: an arena per tree, and what happens when two trees become one.
//!
//! .NET keeps a parent alive as long as any of its children is referenced, so `JObject.Parse(x)["a"].Path` works although nobody holds the
//! object. Reference counted nodes with weak parents would lose it, with strong ones leak. So a handle holds the arena of its whole tree.
//! When a node moves under a parent of another arena, the smaller arena is appended to the larger one and leaves a forwarding note, by
//! which handles given out before find it.

use std::{cell::RefCell, rc::Rc};

/// Index of a node in its arena.
pub type Id = u32;

/// A node that knows others of its arena by their index.
pub trait Shift {
    /// Its arena was appended to one with `by` nodes: every index it holds grows by that.
    fn shift(&mut self, by: Id);
}

/// An arena, or the note where its nodes went.
pub struct Grove<N>(RefCell<State<N>>);

enum State<N> {
    Home(Vec<N>),
    Moved { to: Rc<Grove<N>>, by: Id },
}

impl<N: Shift> Grove<N> {
    /// An arena of these nodes.
    pub fn of(nodes: Vec<N>) -> Rc<Self> {
        Rc::new(Self(RefCell::new(State::Home(nodes))))
    }

    /// Where node `id` is after all moves.
    pub fn settled(self: &Rc<Self>, id: Id) -> (Rc<Self>, Id) {
        let mut at = (Rc::clone(self), id);
        loop {
            let next = match &*at.0.0.borrow() {
                State::Home(_) => None,
                State::Moved { to, by } => Some((Rc::clone(to), at.1 + by)),
            };
            match next {
                Some(next) => at = next,
                None => return at,
            }
        }
    }

    /// Looks at the arena; the closure gets all its nodes and the index of node `id`.
    pub fn read<R>(self: &Rc<Self>, id: Id, look: impl FnOnce(&[N], Id) -> R) -> R {
        if let State::Home(nodes) = &*self.0.borrow() {
            return look(nodes, id);
        }
        let (grove, id) = self.settled(id);
        grove.read(id, look)
    }

    /// Changes the arena.
    pub fn write<R>(self: &Rc<Self>, id: Id, change: impl FnOnce(&mut Vec<N>, Id) -> R) -> R {
        if let State::Home(nodes) = &mut *self.0.borrow_mut() {
            return change(nodes, id);
        }
        let (grove, id) = self.settled(id);
        grove.write(id, change)
    }

    /// Brings the nodes of both into one arena. Both must be settled.
    pub fn unite(a: Rc<Self>, b: Rc<Self>) {
        if Rc::ptr_eq(&a, &b) {
            return;
        }
        let size = |grove: &Rc<Self>| grove.read(0, |nodes, _| nodes.len());
        let (large, small) = if size(&a) >= size(&b) { (a, b) } else { (b, a) };
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
