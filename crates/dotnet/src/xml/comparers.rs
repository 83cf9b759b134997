//! `XNodeDocumentOrderComparer` and `XNodeEqualityComparer`.

use std::cmp::Ordering;

use csharp::{
    Args, Cx, Result, Ty, Value, exception,
    surface::{TypeDef, pure, reads},
    value::Object,
};
use dom::XObject;

use super::node::Node;

pub(super) static ORDER: TypeDef = TypeDef {
    name: "System.Xml.Linq.XNodeDocumentOrderComparer",
    bases: &["IComparer<XNode>"],
    members: &[
        pure("XNodeDocumentOrderComparer()", |_, _| Ok(order_comparer()), "Compares places in a document."),
        reads("int Compare(XNode x, XNode y)", |cx, args| compared(cx, &args, 1), "Which comes first in the document."),
    ],
    doc: "Compares places in a document.",
    ..TypeDef::CLASS
};

pub(super) static EQUALITY: TypeDef = TypeDef {
    name: "System.Xml.Linq.XNodeEqualityComparer",
    bases: &["IEqualityComparer<XNode>"],
    members: &[
        pure("XNodeEqualityComparer()", |_, _| Ok(equality_comparer()), "Compares content."),
        reads("bool Equals(XNode x, XNode y)", equal, "Whether both have the same content."),
        reads("int GetHashCode(XNode obj)", hash, "A number that equal nodes share."),
    ],
    doc: "Compares content.",
    ..TypeDef::CLASS
};

struct Comparer(&'static TypeDef);

impl Object for Comparer {
    fn ty(&self) -> Ty {
        Ty::named(self.0)
    }
}

/// `XNode.DocumentOrderComparer`.
pub(super) fn order_comparer() -> Value {
    Value::object(Comparer(&ORDER))
}

/// `XNode.EqualityComparer`.
pub(super) fn equality_comparer() -> Value {
    Value::object(Comparer(&EQUALITY))
}

/// The root, and the way from there: the place among the siblings at each level.
fn way(cx: &mut Cx<'_>, node: &XObject) -> Result<(XObject, Vec<usize>)> {
    let (mut way, mut node) = (Vec::new(), node.clone());
    while let Some(parent) = node.parent() {
        let (mut place, mut before) = (0, node.previous());
        while let Some(sibling) = before {
            cx.meter.step()?;
            place += 1;
            before = sibling.previous();
        }
        way.push(place);
        node = parent;
    }
    way.reverse();
    Ok((node, way))
}

/// The order of two nodes; one around another comes first.
pub(super) fn order(cx: &mut Cx<'_>, left: &Value, right: &Value) -> Result<Ordering> {
    let (left, right) = match (left.downcast::<Node>(), right.downcast::<Node>()) {
        (Some(Node(left)), Some(Node(right))) => (left, right),
        (left, right) => return Ok(left.is_some().cmp(&right.is_some())),
    };
    let ((root, left), (other, right)) = (way(cx, left)?, way(cx, right)?);
    if !root.same(&other) {
        return Err(exception::invalid_operation("A common ancestor is missing."));
    }
    Ok(left.cmp(&right))
}

/// `Compare` of the arguments from `first` on.
pub(super) fn compared(cx: &mut Cx<'_>, args: &Args<'_>, first: usize) -> Result<Value> {
    order(cx, args.value(first), args.value(first + 1)).map(|order| Value::Int(order as i32))
}

fn equal(_cx: &mut Cx<'_>, args: Args<'_>) -> Result<Value> {
    Ok(Value::Bool(match (args.object::<Node>(1), args.object::<Node>(2)) {
        (Some(left), Some(right)) => left.0.deep_equals(&right.0),
        (None, None) => true,
        _ => false,
    }))
}

fn hash(cx: &mut Cx<'_>, args: Args<'_>) -> Result<Value> {
    if args.value(1).is_null() {
        return Ok(Value::Int(0));
    }
    let hash = cx.text(args.value(1)).map(Value::Str)?.hash_code();
    Ok(Value::Int((hash ^ (hash >> 32)) as i32))
}
