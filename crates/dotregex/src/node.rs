//! The tree a pattern is parsed to.

use crate::class::Class;

/// No upper bound.
pub(crate) const INFINITE: u32 = u32::MAX;

#[derive(Clone, Debug)]
pub(crate) enum Node {
    Empty,
    Unit(Unit),
    Assertion(Assertion),
    Concat(Vec<Node>),
    Either(Vec<Node>),
    Loop {
        min: u32,
        max: u32,
        lazy: bool,
        body: Box<Node>,
    },
    /// Captures to `group`, and takes the last capture of `uncapture` away.
    Capture {
        group: Option<usize>,
        uncapture: Option<usize>,
        body: Box<Node>,
    },
    Look {
        behind: bool,
        negative: bool,
        body: Box<Node>,
    },
    Atomic(Box<Node>),
    Reference {
        group: usize,
        fold: bool,
        ecma: bool,
    },
    /// `(?(1)yes|no)`
    IfGroup {
        group: usize,
        yes: Box<Node>,
        no: Box<Node>,
    },
    /// `(?(test)yes|no)`: the test is a look ahead.
    IfMatch {
        test: Box<Node>,
        yes: Box<Node>,
        no: Box<Node>,
    },
}

/// What matches exactly one UTF-16 unit.
#[derive(Clone, Debug)]
pub(crate) enum Unit {
    /// A unit; lower case, and the text is lowered, if `fold`.
    One {
        unit: u16,
        fold: bool,
    },
    /// Anything but a line feed.
    NotLineFeed,
    Any,
    Class {
        class: Box<Class>,
        fold: bool,
    },
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Assertion {
    /// `^` with Multiline.
    LineStart,
    /// `$` with Multiline.
    LineEnd,
    /// `\A`, `^`
    Start,
    /// `\G`
    Continue,
    /// `\Z`, `$`
    EndOrLast,
    /// `\z`
    End,
    Boundary {
        ecma: bool,
        negative: bool,
    },
}
