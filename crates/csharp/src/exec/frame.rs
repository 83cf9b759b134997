//! [`Frame`]: the variables of one running function.

use std::{cell::RefCell, rc::Rc, sync::Arc};

use super::code::{Code, Func, Loc};
use crate::{
    call::Raise,
    value::{Iter, Value},
};

/// A variable that functions share.
pub(super) type Cell = Rc<RefCell<Value>>;

/// The state of one call.
pub(super) struct Frame<'f> {
    pub(super) code: &'f Arc<Code>,
    pub(super) func: &'f Func,
    pub(super) slots: &'f mut [Value],
    pub(super) ints: &'f mut [i32],
    pub(super) cells: &'f mut [Option<Cell>],
    /// Made when first needed.
    pub(super) rest: Option<Box<Rest>>,
}

/// What few functions need.
#[derive(Default)]
pub(super) struct Rest {
    pub(super) walks: Vec<Walk>,
    /// What goes on when each running `finally` block ends.
    pub(super) pending: Vec<Pending>,
    /// The result, while `finally` blocks run.
    pub(super) result: Value,
}

/// A running `foreach`.
#[derive(Default)]
pub(super) enum Walk {
    #[default]
    Over,
    /// An array, and the next index.
    Array(Value, usize),
    Iter(Box<dyn Iter>),
}

pub(super) enum Pending {
    /// The operation after the block.
    Continue(usize),
    Raise(Raise),
}

impl Frame<'_> {
    #[inline]
    pub(super) fn load(&mut self, loc: Loc) -> Value {
        match loc {
            Loc::Int(slot) => Value::Int(self.ints[slot]),
            Loc::Slot(slot) => self.slots[slot].clone(),
            Loc::Cell(cell) => self.cell(cell).borrow().clone(),
        }
    }

    #[inline]
    pub(super) fn store(&mut self, loc: Loc, value: Value) {
        match (loc, value) {
            (Loc::Int(slot), Value::Int(value)) => self.ints[slot] = value,
            (Loc::Int(_), _) => {}
            (Loc::Slot(slot), value) => self.slots[slot] = value,
            (Loc::Cell(cell), value) => *self.cell(cell).borrow_mut() = value,
        }
    }

    /// Stores into a variable that comes to life here: delegates made before keep the old one.
    #[inline]
    pub(super) fn declare(&mut self, loc: Loc, value: Value) {
        match loc {
            Loc::Cell(cell) => self.cells[cell] = Some(Rc::new(RefCell::new(value))),
            _ => self.store(loc, value),
        }
    }

    pub(super) fn rest(&mut self) -> &mut Rest {
        self.rest.get_or_insert_default()
    }

    /// A cell, created where none is yet.
    pub(super) fn cell(&mut self, cell: usize) -> &Cell {
        self.cells[cell].get_or_insert_default()
    }
}
