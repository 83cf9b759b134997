//! XPath 1.0 over the tree. Variables and the namespace axis are refused when a path is compiled.
//!
//! The root of a path is the document, or the topmost element of a tree that has none.

mod evaluate;
mod functions;
mod parse;

use crate::error::{Error, Result};
use crate::node::XObject;

/// Gives prefixes in a path their namespaces.
pub trait Namespaces {
    /// The namespace of a prefix; `None` where it has none.
    fn namespace(&self, prefix: &str) -> Option<String>;
}

/// Knows no prefix.
#[derive(Clone, Copy, Debug)]
pub struct NoNamespaces;

impl Namespaces for NoNamespaces {
    fn namespace(&self, _: &str) -> Option<String> {
        None
    }
}

impl<F: Fn(&str) -> Option<String>> Namespaces for F {
    fn namespace(&self, prefix: &str) -> Option<String> {
        self(prefix)
    }
}

/// A compiled expression. It can be kept and used for any tree.
#[derive(Clone, Debug)]
pub struct XPath {
    expression: Expression,
}

/// What an expression comes to.
#[derive(Clone, Debug)]
pub enum XPathValue {
    /// Nodes and attributes in document order.
    Nodes(Vec<XObject>),
    /// A number.
    Number(f64),
    /// A string.
    Text(String),
    /// A Boolean.
    Boolean(bool),
}

impl XPath {
    /// The nodes that an expression selects; any other result is an error.
    pub fn select(&self, context: &XObject) -> Result<Vec<XObject>> {
        match self.evaluate(context)? {
            XPathValue::Nodes(nodes) => Ok(nodes),
            _ => Err(Error::xpath("Expression must evaluate to a node-set.")),
        }
    }
}

/// Chains of equal precedence are lists, so that a long one needs no deep recursion.
#[derive(Clone, Debug)]
enum Expression {
    Number(f64),
    Text(String),
    Call(functions::Function, Vec<Expression>),
    Negate(Box<Expression>),
    Chain(Box<Expression>, Vec<(Operator, Expression)>),
    Path(Start, Vec<Step>),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Operator {
    Or,
    And,
    Equal,
    NotEqual,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
    Add,
    Subtract,
    Multiply,
    Divide,
    Modulo,
    Union,
}

#[derive(Clone, Debug)]
enum Start {
    Context,
    Root,
    /// An expression with predicates of its own, which count over its whole result.
    Expression(Box<Expression>, Vec<Expression>),
}

#[derive(Clone, Debug)]
struct Step {
    axis: Axis,
    test: Test,
    predicates: Vec<Expression>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Axis {
    Ancestor,
    AncestorOrSelf,
    Attribute,
    Child,
    Descendant,
    DescendantOrSelf,
    Following,
    FollowingSibling,
    Parent,
    Preceding,
    PrecedingSibling,
    This,
}

#[derive(Clone, Debug)]
enum Test {
    /// `node()`
    Any,
    Text,
    Comment,
    /// With the target, if one is asked for.
    ProcessingInstruction(Option<String>),
    /// Namespace and local name; `None` is any.
    Name {
        namespace: Option<String>,
        local: Option<String>,
    },
}
