//! Applies a compiled expression to a tree.

use std::cell::{Cell, OnceCell};
use std::collections::HashSet;
use std::rc::Rc;

use super::functions::{number_text, to_number};
use super::{Axis, Expression, Operator, Start, Step, Test, XPath, XPathValue};
use crate::error::{Error, Result};
use crate::grove::{Id, NONE};
use crate::node::{Content, Kind, Node, XObject, preorder, value_of};
use crate::query::{ancestors, root_of};

/// How many nodes one evaluation may touch: `//*//*//*` over a large document must end.
const BUDGET: usize = 20_000_000;

impl XPath {
    /// Evaluates the expression with `context` as its context node.
    pub fn evaluate(&self, context: &XObject) -> Result<XPathValue> {
        let outcome = context.read(|nodes, node| {
            let evaluation =
                Evaluation { nodes, root: root_of(nodes, node), order: OnceCell::new(), left: Cell::new(BUDGET) };
            evaluation.evaluate(&self.expression, Context { node, position: 1, size: 1 })
        })?;
        Ok(match outcome {
            Outcome::Nodes(ids) => XPathValue::Nodes(context.siblings(ids)),
            Outcome::Number(number) => XPathValue::Number(number),
            Outcome::Text(text) => XPathValue::Text(text),
            Outcome::Boolean(truth) => XPathValue::Boolean(truth),
        })
    }
}

/// A value while evaluating; nodes are in document order.
#[derive(Clone, Debug)]
pub(super) enum Outcome {
    Nodes(Vec<Id>),
    Number(f64),
    Text(String),
    Boolean(bool),
}

impl Outcome {
    pub(super) fn truth(&self) -> bool {
        match self {
            Outcome::Nodes(nodes) => !nodes.is_empty(),
            Outcome::Number(number) => *number != 0.0 && !number.is_nan(),
            Outcome::Text(text) => !text.is_empty(),
            Outcome::Boolean(truth) => *truth,
        }
    }
}

#[derive(Clone, Copy)]
pub(super) struct Context {
    pub(super) node: Id,
    pub(super) position: usize,
    pub(super) size: usize,
}

pub(super) struct Evaluation<'a> {
    pub(super) nodes: &'a [Node],
    root: Id,
    /// Each node's place in the document, once somebody asks.
    order: OnceCell<Vec<u32>>,
    left: Cell<usize>,
}

impl Evaluation<'_> {
    /// Accounts for work.
    pub(super) fn spend(&self, work: usize) -> Result<()> {
        match self.left.get().checked_sub(work) {
            Some(left) => {
                self.left.set(left);
                Ok(())
            }
            None => Err(Error::xpath("The xpath query takes too long.")),
        }
    }

    pub(super) fn text_of(&self, id: Id) -> Rc<str> {
        value_of(self.nodes, id)
    }

    pub(super) fn text(&self, value: &Outcome) -> String {
        match value {
            Outcome::Nodes(nodes) => nodes.first().map_or(String::new(), |id| self.text_of(*id).to_string()),
            Outcome::Number(number) => number_text(*number),
            Outcome::Text(text) => text.clone(),
            Outcome::Boolean(truth) => truth.to_string(),
        }
    }

    pub(super) fn number(&self, value: &Outcome) -> f64 {
        match value {
            Outcome::Number(number) => *number,
            Outcome::Boolean(truth) => f64::from(u8::from(*truth)),
            other => to_number(&self.text(other)),
        }
    }

    pub(super) fn evaluate(&self, expression: &Expression, context: Context) -> Result<Outcome> {
        self.spend(1)?;
        match expression {
            Expression::Number(number) => Ok(Outcome::Number(*number)),
            Expression::Text(text) => Ok(Outcome::Text(text.clone())),
            Expression::Call(function, arguments) => self.call(*function, arguments, context),
            Expression::Negate(inner) => Ok(Outcome::Number(-self.number(&self.evaluate(inner, context)?))),
            Expression::Chain(first, more) => {
                let mut left = self.evaluate(first, context)?;
                for (operator, right) in more {
                    left = self.operate(*operator, left, right, context)?;
                }
                Ok(left)
            }
            Expression::Path(start, steps) => {
                let mut nodes = match start {
                    Start::Context => vec![context.node],
                    Start::Root => vec![self.root],
                    Start::Expression(base, predicates) => {
                        let nodes = node_set(self.evaluate(base, context)?)?;
                        self.filter(nodes, predicates)?
                    }
                };
                for step in steps {
                    nodes = self.step(&nodes, step)?;
                }
                Ok(Outcome::Nodes(nodes))
            }
        }
    }

    fn operate(&self, operator: Operator, left: Outcome, right: &Expression, context: Context) -> Result<Outcome> {
        match operator {
            Operator::Or if left.truth() => return Ok(Outcome::Boolean(true)),
            Operator::And if !left.truth() => return Ok(Outcome::Boolean(false)),
            _ => {}
        }
        let right = self.evaluate(right, context)?;
        let numbers = |operate: fn(f64, f64) -> f64| Outcome::Number(operate(self.number(&left), self.number(&right)));
        Ok(match operator {
            Operator::Or | Operator::And => Outcome::Boolean(right.truth()),
            Operator::Add => numbers(|a, b| a + b),
            Operator::Subtract => numbers(|a, b| a - b),
            Operator::Multiply => numbers(|a, b| a * b),
            Operator::Divide => numbers(|a, b| a / b),
            Operator::Modulo => numbers(|a, b| a % b),
            Operator::Union => {
                let mut nodes = node_set(left)?;
                nodes.extend(node_set(right)?);
                Outcome::Nodes(self.in_order(nodes)?)
            }
            _ => Outcome::Boolean(self.compare(operator, &left, &right)?),
        })
    }

    /// A node-set compares as any of its nodes does.
    fn compare(&self, operator: Operator, left: &Outcome, right: &Outcome) -> Result<bool> {
        match (left, right) {
            (Outcome::Nodes(_), Outcome::Boolean(_)) | (Outcome::Boolean(_), Outcome::Nodes(_)) => {
                Ok(self.compare_simple(operator, &Outcome::Boolean(left.truth()), &Outcome::Boolean(right.truth())))
            }
            (Outcome::Nodes(a), Outcome::Nodes(b)) => {
                let texts: Vec<_> = b.iter().map(|id| Outcome::Text(self.text_of(*id).to_string())).collect();
                for id in a {
                    self.spend(texts.len() + 1)?;
                    let left = Outcome::Text(self.text_of(*id).to_string());
                    if texts.iter().any(|right| self.compare_simple(operator, &left, right)) {
                        return Ok(true);
                    }
                }
                Ok(false)
            }
            (Outcome::Nodes(nodes), other) => Ok(nodes
                .iter()
                .any(|id| self.compare_simple(operator, &Outcome::Text(self.text_of(*id).to_string()), other))),
            (other, Outcome::Nodes(nodes)) => Ok(nodes
                .iter()
                .any(|id| self.compare_simple(operator, other, &Outcome::Text(self.text_of(*id).to_string())))),
            _ => Ok(self.compare_simple(operator, left, right)),
        }
    }

    fn compare_simple(&self, operator: Operator, left: &Outcome, right: &Outcome) -> bool {
        let either = |test: fn(&Outcome) -> bool| test(left) || test(right);
        let (a, b) = (self.number(left), self.number(right));
        match operator {
            Operator::Less => a < b,
            Operator::LessOrEqual => a <= b,
            Operator::Greater => a > b,
            Operator::GreaterOrEqual => a >= b,
            _ => {
                let equal = if either(|value| matches!(value, Outcome::Boolean(_))) {
                    left.truth() == right.truth()
                } else if either(|value| matches!(value, Outcome::Number(_))) {
                    a == b
                } else {
                    self.text(left) == self.text(right)
                };
                equal == (operator == Operator::Equal)
            }
        }
    }

    fn step(&self, from: &[Id], step: &Step) -> Result<Vec<Id>> {
        let mut all = Vec::new();
        for id in from {
            let candidates = self.axis(step.axis, *id)?;
            let passing = candidates.into_iter().filter(|id| self.passes(step, *id)).collect();
            all.extend(self.filter(passing, &step.predicates)?);
        }
        // One node's children, attributes or self come in order and once; anything else may not.
        let sorted =
            matches!(step.axis, Axis::Child | Axis::Attribute | Axis::This | Axis::Descendant | Axis::DescendantOrSelf);
        if from.len() == 1 && sorted { Ok(all) } else { self.in_order(all) }
    }

    /// Predicates count along the axis, so reverse axes give the nearest first.
    fn filter(&self, mut nodes: Vec<Id>, predicates: &[Expression]) -> Result<Vec<Id>> {
        for predicate in predicates {
            let size = nodes.len();
            let mut kept = Vec::new();
            for (at, node) in nodes.into_iter().enumerate() {
                let position = at + 1;
                let keep = match self.evaluate(predicate, Context { node, position, size })? {
                    Outcome::Number(number) => number == position as f64,
                    other => other.truth(),
                };
                if keep {
                    kept.push(node);
                }
            }
            nodes = kept;
        }
        Ok(nodes)
    }

    fn passes(&self, step: &Step, id: Id) -> bool {
        let node = &self.nodes[id as usize];
        match &step.test {
            Test::Any => node.kind() != Kind::DocumentType,
            Test::Text => matches!(node.content, Content::Text(_) | Content::CData(_)),
            Test::Comment => matches!(node.content, Content::Comment(_)),
            Test::ProcessingInstruction(wanted) => match &node.content {
                Content::ProcessingInstruction { target, .. } => {
                    wanted.as_deref().is_none_or(|wanted| wanted == &**target)
                }
                _ => false,
            },
            // A name means the axis' own kind of node: attributes there, elements everywhere else.
            Test::Name { namespace, local } => {
                (node.is_element() || step.axis == Axis::Attribute)
                    && node.name().is_some_and(|name| {
                        namespace.as_deref().is_none_or(|wanted| wanted == &*name.namespace)
                            && local.as_deref().is_none_or(|wanted| wanted == &*name.local)
                    })
            }
        }
    }

    fn axis(&self, axis: Axis, id: Id) -> Result<Vec<Id>> {
        let node = &self.nodes[id as usize];
        let nodes = self.nodes;
        let found: Vec<Id> = match axis {
            Axis::This => vec![id],
            Axis::Child => node.children().to_vec(),
            Axis::Parent => Some(node.parent).filter(|parent| *parent != NONE).into_iter().collect(),
            Axis::Attribute => {
                let declares = |id: &Id| nodes[*id as usize].name().is_some_and(crate::XName::declares_namespace);
                node.attributes().iter().copied().filter(|id| !declares(id)).collect()
            }
            Axis::Descendant => preorder(nodes, id).skip(1).collect(),
            Axis::DescendantOrSelf => preorder(nodes, id).collect(),
            Axis::Ancestor => ancestors(nodes, id).collect(),
            Axis::AncestorOrSelf => std::iter::once(id).chain(ancestors(nodes, id)).collect(),
            Axis::FollowingSibling => self.siblings(id).1.to_vec(),
            Axis::PrecedingSibling => self.siblings(id).0.iter().rev().copied().collect(),
            Axis::Following => {
                // What follows an attribute are the nodes below and after its element.
                let inside = if node.kind() == Kind::Attribute {
                    preorder(nodes, node.parent).skip(1).collect()
                } else {
                    Vec::new()
                };
                let around = std::iter::once(id).chain(ancestors(nodes, id));
                let after = around.flat_map(|id| self.siblings(id).1).flat_map(|id| preorder(nodes, *id));
                inside.into_iter().chain(after).collect()
            }
            Axis::Preceding => {
                let around = std::iter::once(id).chain(ancestors(nodes, id));
                let before = around.flat_map(|id| self.siblings(id).0.iter().rev());
                before
                    .flat_map(|id| {
                        let mut below: Vec<Id> = preorder(nodes, *id).collect();
                        below.reverse();
                        below
                    })
                    .collect()
            }
        };
        self.spend(found.len() + 1)?;
        Ok(found)
    }

    /// The siblings before and after a node; an attribute has none.
    fn siblings(&self, id: Id) -> (&[Id], &[Id]) {
        let parent = self.nodes.get(self.nodes[id as usize].parent as usize);
        let children = parent.map_or(&[][..], Node::children);
        match children.iter().position(|child| *child == id) {
            Some(at) => (&children[..at], &children[at + 1..]),
            None => (&[], &[]),
        }
    }

    fn in_order(&self, mut nodes: Vec<Id>) -> Result<Vec<Id>> {
        self.spend(nodes.len())?;
        let mut seen = HashSet::with_capacity(nodes.len());
        nodes.retain(|id| seen.insert(*id));
        if nodes.len() > 1 {
            let order = self.order.get_or_init(|| {
                let mut order = vec![u32::MAX; self.nodes.len()];
                let mut next = 0..;
                for id in preorder(self.nodes, self.root) {
                    for id in std::iter::once(&id).chain(self.nodes[id as usize].attributes()) {
                        order[*id as usize] = next.next().unwrap_or(u32::MAX);
                    }
                }
                order
            });
            nodes.sort_by_key(|id| order[*id as usize]);
        }
        Ok(nodes)
    }
}

fn node_set(value: Outcome) -> Result<Vec<Id>> {
    match value {
        Outcome::Nodes(nodes) => Ok(nodes),
        _ => Err(Error::xpath("Expression must evaluate to a node-set.")),
    }
}
