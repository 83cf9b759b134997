//! The compiled form of a pattern: a flat list of instructions.

use crate::node::{Assertion, Unit};

/// `back` means towards the beginning of the text: right-to-left patterns and look-behind.
#[derive(Clone, Debug)]
pub(crate) enum Inst {
    /// Found it.
    Match,
    Unit {
        unit: Unit,
        back: bool,
    },
    /// A run of units that all must match; already reversed for `back`.
    Literal {
        units: Box<[u16]>,
        back: bool,
    },
    /// Units of one kind, as many as possible first or as few.
    Repeat {
        unit: Unit,
        min: u32,
        max: u32,
        lazy: bool,
        back: bool,
    },
    Assertion(Assertion),
    Jump(usize),
    /// Goes on behind; comes back to `other`.
    Split {
        other: usize,
    },
    /// Remembers the position in a register.
    Mark {
        register: usize,
    },
    /// Closes the group opened at the mark.
    Capture {
        group: Option<usize>,
        uncapture: Option<usize>,
        register: usize,
    },
    Reference {
        group: usize,
        fold: bool,
        ecma: bool,
        back: bool,
    },
    /// Sets a loop's counter to zero; the register after the counter holds where its last round began.
    LoopStart {
        counter: usize,
    },
    /// Decides on another round.
    LoopNext {
        counter: usize,
        min: u32,
        max: u32,
        lazy: bool,
        body: usize,
    },
    /// Remembers how much can be undone, and the position in the next register.
    Fence {
        register: usize,
    },
    /// As a fence, with a way on to `other` if what follows fails.
    FenceOr {
        register: usize,
        other: usize,
    },
    /// Forgets all ways back since the fence, but not what has to be undone; returns to its position if asked.
    Commit {
        register: usize,
        rewind: bool,
    },
    /// Undoes everything since the fence and fails: a negative look found its match.
    Refuse {
        register: usize,
    },
    /// Goes on if the group has a capture.
    IfGroup {
        group: usize,
        no: usize,
    },
}

/// Instructions with what they need to run.
#[derive(Clone, Debug)]
pub(crate) struct Program {
    pub(crate) code: Vec<Inst>,
    pub(crate) registers: usize,
    pub(crate) groups: usize,
}
