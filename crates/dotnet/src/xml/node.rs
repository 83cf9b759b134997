//! `XObject`, `XNode`, `XContainer`, and the one object behind all classes of the family.

use csharp::{
    Args, Cx, Object, Result, Str, Ty, Value, exception,
    surface::{TypeDef, acts, pure, reads},
};
use dom::{Kind, SaveOptions, XObject};

use super::{comparers, content, exceptions::checked, name};
use crate::linq::sequence;

pub(super) static OBJECT: TypeDef = TypeDef {
    name: "System.Xml.Linq.XObject",
    members: &[
        reads(
            "XElement Parent { get; }",
            |_, args| Ok(wrap_some(this(&args)?.parent_element())),
            "The element around, or null.",
        ),
        reads(
            "XDocument Document { get; }",
            |_, args| Ok(wrap_some(this(&args)?.owner_document())),
            "The document around, or null.",
        ),
        reads("XmlNodeType NodeType { get; }", node_type, "What it is."),
    ],
    doc: "A node or an attribute.",
    ..TypeDef::CLASS
};

pub(super) static DEF: TypeDef = TypeDef {
    name: "System.Xml.Linq.XNode",
    bases: &["XObject"],
    members: &[
        reads("string ToString(SaveOptions options)", to_string, "The node as XML."),
        reads("static bool DeepEquals(XNode n1, XNode n2)", deep_equals, "Whether both have the same content."),
        reads(
            "static int CompareDocumentOrder(XNode n1, XNode n2)",
            |cx, args| comparers::compared(cx, &args, 0),
            "Which comes first in the document.",
        ),
        reads(
            "bool IsAfter(XNode node)",
            |cx, args| comparers::order(cx, args.value(0), args.value(1)).map(|order| Value::Bool(order.is_gt())),
            "Whether it comes later in the document.",
        ),
        reads(
            "bool IsBefore(XNode node)",
            |cx, args| comparers::order(cx, args.value(0), args.value(1)).map(|order| Value::Bool(order.is_lt())),
            "Whether it comes earlier in the document.",
        ),
        pure(
            "static XNodeDocumentOrderComparer DocumentOrderComparer { get; }",
            |_, _| Ok(comparers::order_comparer()),
            "Compares places in a document.",
        ),
        pure(
            "static XNodeEqualityComparer EqualityComparer { get; }",
            |_, _| Ok(comparers::equality_comparer()),
            "Compares content.",
        ),
        reads("XNode NextNode { get; }", |_, args| Ok(wrap_some(this(&args)?.next())), "The next sibling."),
        reads("XNode PreviousNode { get; }", |_, args| Ok(wrap_some(this(&args)?.previous())), "The previous sibling."),
        reads("IEnumerable<XElement> Ancestors()", ancestors, "The elements around, nearest first."),
        reads(
            "IEnumerable<XElement> Ancestors(XName name)",
            ancestors,
            "The elements of a name around, nearest first.",
        ),
        reads(
            "IEnumerable<XNode> NodesAfterSelf()",
            |cx, args| {
                let all = siblings(&args, true)?;
                nodes(cx, all)
            },
            "The siblings after.",
        ),
        reads(
            "IEnumerable<XNode> NodesBeforeSelf()",
            |cx, args| {
                let all = siblings(&args, false)?;
                nodes(cx, all)
            },
            "The siblings before.",
        ),
        reads(
            "IEnumerable<XElement> ElementsAfterSelf()",
            |cx, args| sibling_elements(cx, &args, true),
            "The elements after.",
        ),
        reads(
            "IEnumerable<XElement> ElementsAfterSelf(XName name)",
            |cx, args| sibling_elements(cx, &args, true),
            "The elements of a name after.",
        ),
        reads(
            "IEnumerable<XElement> ElementsBeforeSelf()",
            |cx, args| sibling_elements(cx, &args, false),
            "The elements before.",
        ),
        reads(
            "IEnumerable<XElement> ElementsBeforeSelf(XName name)",
            |cx, args| sibling_elements(cx, &args, false),
            "The elements of a name before.",
        ),
        acts("void Remove()", remove, "Takes the node out of its parent."),
        acts("void AddAfterSelf(object content)", add_after_self, "Adds siblings after the node."),
        acts("void AddAfterSelf(params object[] content)", add_after_self, "Adds siblings after the node."),
        acts("void AddBeforeSelf(object content)", add_before_self, "Adds siblings before the node."),
        acts("void AddBeforeSelf(params object[] content)", add_before_self, "Adds siblings before the node."),
        acts("void ReplaceWith(object content)", replace_with, "Puts other content in its place."),
        acts("void ReplaceWith(params object[] content)", replace_with, "Puts other content in its place."),
    ],
    doc: "A node.",
    ..TypeDef::CLASS
};

pub(super) static CONTAINER: TypeDef = TypeDef {
    name: "System.Xml.Linq.XContainer",
    bases: &["XNode"],
    members: &[
        reads(
            "XNode FirstNode { get; }",
            |_, args| Ok(wrap_some(this(&args)?.nodes().into_iter().next())),
            "The first child.",
        ),
        reads("XNode LastNode { get; }", |_, args| Ok(wrap_some(this(&args)?.nodes().pop())), "The last child."),
        reads("XElement Element(XName name)", element, "The first child element of a name, or null."),
        reads(
            "IEnumerable<XElement> Elements()",
            |cx, args| {
                let all = this(&args)?.elements(None);
                elements(cx, all)
            },
            "The child elements.",
        ),
        reads("IEnumerable<XElement> Elements(XName name)", elements_named, "The child elements of a name."),
        reads(
            "IEnumerable<XElement> Descendants()",
            |cx, args| {
                let all = this(&args)?.descendants(None);
                elements(cx, all)
            },
            "All elements below.",
        ),
        reads("IEnumerable<XElement> Descendants(XName name)", descendants_named, "All elements of a name below."),
        reads(
            "IEnumerable<XNode> Nodes()",
            |cx, args| {
                let all = this(&args)?.nodes();
                nodes(cx, all)
            },
            "The children.",
        ),
        reads(
            "IEnumerable<XNode> DescendantNodes()",
            |cx, args| {
                let all = this(&args)?.descendant_nodes();
                nodes(cx, all)
            },
            "All nodes below.",
        ),
        acts("void Add(object content)", add, "Adds content."),
        acts("void Add(params object[] content)", add, "Adds content."),
        acts("void AddFirst(object content)", add_first, "Adds content before all children."),
        acts("void AddFirst(params object[] content)", add_first, "Adds content before all children."),
        acts("void RemoveNodes()", remove_nodes, "Removes all children."),
        acts("void ReplaceNodes(object content)", replace_nodes, "Removes all children and adds others."),
        acts("void ReplaceNodes(params object[] content)", replace_nodes, "Removes all children and adds others."),
    ],
    doc: "A node with children: element or document.",
    ..TypeDef::CLASS
};

/// A node or attribute as an object of C#. Every class of the family is this one; which it is, the node says.
pub(crate) struct Node(pub(crate) XObject);

impl Object for Node {
    fn ty(&self) -> Ty {
        Ty::named(match self.0.kind() {
            Kind::Document => &super::document::DEF,
            Kind::Element => &super::element::DEF,
            Kind::Attribute => &super::attribute::DEF,
            Kind::Text => &super::leaf::TEXT,
            Kind::CData => &super::leaf::CDATA,
            Kind::Comment => &super::leaf::COMMENT,
            Kind::ProcessingInstruction => &super::leaf::PROCESSING_INSTRUCTION,
            Kind::DocumentType => &super::leaf::DOCUMENT_TYPE,
        })
    }

    fn text(&self, cx: &mut Cx<'_>) -> Result<Str> {
        let text = checked(self.0.to_xml(SaveOptions::default()))?;
        cx.meter.text(text.len())?;
        Ok(text.into())
    }

    /// By identity.
    fn equals(&self, other: &Value) -> bool {
        other.downcast::<Node>().is_some_and(|other| self.0.same(&other.0))
    }

    /// Handles have no address of their own: nodes of one kind share a hash.
    fn hash(&self) -> Option<u64> {
        Some(self.0.kind() as u64)
    }

    fn snapshot(&self) -> Option<Value> {
        Some(wrap(self.0.deep_clone()))
    }
}

/// A node as a value.
pub(crate) fn wrap(node: XObject) -> Value {
    Value::object(Node(node))
}

/// A node as a value, or null.
pub(super) fn wrap_some(node: Option<XObject>) -> Value {
    node.map_or(Value::Null, wrap)
}

/// The receiver.
pub(super) fn this<'a>(args: &'a Args<'_>) -> Result<&'a XObject> {
    args.this::<Node>().map(|node| &node.0)
}

/// Nodes as a sequence of a class.
pub(super) fn all_as(cx: &mut Cx<'_>, class: &'static TypeDef, all: Vec<XObject>) -> Result<Value> {
    cx.meter.steps(all.len() as u64)?;
    cx.meter.allocate(all.len() * 2 * size_of::<Value>())?;
    Ok(sequence(Ty::named(class), all.into_iter().map(wrap).collect()))
}

/// An `IEnumerable<XElement>`.
pub(super) fn elements(cx: &mut Cx<'_>, all: Vec<XObject>) -> Result<Value> {
    all_as(cx, &super::element::DEF, all)
}

/// An `IEnumerable<XNode>`.
pub(super) fn nodes(cx: &mut Cx<'_>, all: Vec<XObject>) -> Result<Value> {
    all_as(cx, &DEF, all)
}

fn node_type(_cx: &mut Cx<'_>, args: Args<'_>) -> Result<Value> {
    let number = match this(&args)?.kind() {
        Kind::Element => 1,
        Kind::Attribute => 2,
        Kind::Text => 3,
        Kind::CData => 4,
        Kind::ProcessingInstruction => 7,
        Kind::Comment => 8,
        Kind::Document => 9,
        Kind::DocumentType => 10,
    };
    Ok(Value::enumeration(&super::enums::NODE_TYPE, number))
}

fn to_string(cx: &mut Cx<'_>, args: Args<'_>) -> Result<Value> {
    let options = SaveOptions {
        indent: args.word(1) & 1 == 0,
        omit_duplicate_namespaces: args.word(1) & 2 != 0,
        ..SaveOptions::default()
    };
    let text = checked(this(&args)?.to_xml(options))?;
    cx.meter.text(text.len())?;
    Ok(Value::str(text))
}

fn deep_equals(_cx: &mut Cx<'_>, args: Args<'_>) -> Result<Value> {
    Ok(Value::Bool(match (args.object::<Node>(0), args.object::<Node>(1)) {
        (Some(left), Some(right)) => left.0.deep_equals(&right.0),
        (None, None) => true,
        _ => false,
    }))
}

fn ancestors(cx: &mut Cx<'_>, args: Args<'_>) -> Result<Value> {
    if args.len() > 1 && args.value(1).is_null() {
        return elements(cx, Vec::new());
    }
    let all = this(&args)?.ancestors(name::at(&args, 1));
    elements(cx, all)
}

fn siblings(args: &Args<'_>, after: bool) -> Result<Vec<XObject>> {
    let node = this(args)?;
    let step = if after { XObject::next } else { XObject::previous };
    let mut all: Vec<_> = std::iter::successors(step(node), step).collect();
    if !after {
        all.reverse();
    }
    Ok(all)
}

fn sibling_elements(cx: &mut Cx<'_>, args: &Args<'_>, after: bool) -> Result<Value> {
    let mut all = siblings(args, after)?;
    let wanted = name::at(args, 1);
    all.retain(|node| node.kind() == Kind::Element && wanted.is_none_or(|wanted| node.name().as_ref() == Some(wanted)));
    elements(cx, all)
}

fn element(_cx: &mut Cx<'_>, args: Args<'_>) -> Result<Value> {
    let node = this(&args)?;
    Ok(wrap_some(name::at(&args, 1).and_then(|name| node.element_named(name))))
}

/// A null name selects nothing.
fn elements_named(cx: &mut Cx<'_>, args: Args<'_>) -> Result<Value> {
    let node = this(&args)?;
    let all = name::at(&args, 1).map(|name| node.elements(Some(name))).unwrap_or_default();
    elements(cx, all)
}

fn descendants_named(cx: &mut Cx<'_>, args: Args<'_>) -> Result<Value> {
    let node = this(&args)?;
    let all = name::at(&args, 1).map(|name| node.descendants(Some(name))).unwrap_or_default();
    elements(cx, all)
}

pub(super) fn remove(_cx: &mut Cx<'_>, args: Args<'_>) -> Result<Value> {
    checked(this(&args)?.remove()).map(|()| Value::Null)
}

fn add(cx: &mut Cx<'_>, args: Args<'_>) -> Result<Value> {
    content::add(cx, this(&args)?, args.value(1))?;
    Ok(Value::Null)
}

fn add_first(cx: &mut Cx<'_>, args: Args<'_>) -> Result<Value> {
    let mut all = content::objects(cx, args.value(1))?;
    while let Some(new) = all.pop() {
        checked(this(&args)?.add_first(&new))?;
    }
    Ok(Value::Null)
}

fn add_after_self(cx: &mut Cx<'_>, args: Args<'_>) -> Result<Value> {
    let node = this(&args)?;
    parent_of(node)?;
    let mut all = content::objects(cx, args.value(1))?;
    while let Some(new) = all.pop() {
        checked(node.add_after_self(&new))?;
    }
    Ok(Value::Null)
}

fn add_before_self(cx: &mut Cx<'_>, args: Args<'_>) -> Result<Value> {
    let node = this(&args)?;
    parent_of(node)?;
    for new in content::objects(cx, args.value(1))? {
        checked(node.add_before_self(&new))?;
    }
    Ok(Value::Null)
}

fn parent_of(node: &XObject) -> Result<XObject> {
    node.parent().ok_or_else(|| exception::invalid_operation("The parent is missing."))
}

fn replace_with(cx: &mut Cx<'_>, args: Args<'_>) -> Result<Value> {
    let all = content::objects(cx, args.value(1))?;
    checked(this(&args)?.replace_with(&all)).map(|()| Value::Null)
}

fn remove_nodes(_cx: &mut Cx<'_>, args: Args<'_>) -> Result<Value> {
    this(&args)?.remove_nodes();
    Ok(Value::Null)
}

fn replace_nodes(cx: &mut Cx<'_>, args: Args<'_>) -> Result<Value> {
    this(&args)?.remove_nodes();
    add(cx, args)
}
