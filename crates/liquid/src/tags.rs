//! What templates are made of: text, outputs and tags.

use crate::{
    condition::Condition,
    expression::{Expr, Filtered},
};

pub(crate) type Nodes = Vec<Node>;

#[derive(Clone, Debug)]
pub(crate) enum Node {
    Text(Box<str>),
    Output(Filtered),
    Assign(Box<str>, Filtered),
    Capture(Box<str>, Nodes),
    /// The first branch whose condition holds; none is `else`. The flag turns the first condition round: `unless`.
    If(bool, Vec<(Option<Condition>, Nodes)>),
    /// Each branch with the values that it is for; none is `else`.
    Case(Expr, Vec<(Option<Vec<Expr>>, Nodes)>),
    For(Box<Loop>),
    TableRow(Box<Loop>),
    Cycle(Expr, Vec<Expr>),
    Increment(Box<str>),
    Decrement(Box<str>),
    IfChanged(Nodes),
    Break,
    Continue,
}

/// `for`, `JSONArrayFor` and `tablerow`.
#[derive(Clone, Debug)]
pub(crate) struct Loop {
    pub(crate) variable: Box<str>,
    pub(crate) collection: Expr,
    /// `variable-collection`.
    pub(crate) name: Box<str>,
    pub(crate) reversed: bool,
    pub(crate) limit: Option<Expr>,
    pub(crate) offset: Option<Offset>,
    pub(crate) columns: Option<Expr>,
    /// Whether commas stand between the turns, and a lone value is a list of one.
    pub(crate) array: bool,
    pub(crate) body: Nodes,
    pub(crate) otherwise: Nodes,
}

#[derive(Clone, Debug)]
pub(crate) enum Offset {
    /// Where the last loop of this name ended.
    Continue,
    At(Expr),
}
