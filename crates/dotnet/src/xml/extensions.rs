//! `System.Xml.Linq.Extensions`: members of nodes for sequences of nodes.

use csharp::{
    Args, Cx, Result, Value,
    surface::{Kind, TypeDef, acts, reads},
};
use dom::{Kind as NodeKind, XName, XObject};

use super::{
    attribute::attributes,
    exceptions::checked,
    name,
    node::{Node, elements, nodes},
};

pub(super) static DEF: TypeDef = TypeDef {
    name: "System.Xml.Linq.Extensions",
    kind: Kind::Static,
    members: &[
        reads(
            "IEnumerable<XElement> Elements(this IEnumerable<XContainer> source)",
            |cx, args| each(cx, &args, elements, XObject::elements),
            "The child elements.",
        ),
        reads(
            "IEnumerable<XElement> Elements(this IEnumerable<XContainer> source, XName name)",
            |cx, args| each(cx, &args, elements, XObject::elements),
            "The child elements of a name.",
        ),
        reads(
            "IEnumerable<XElement> Descendants(this IEnumerable<XContainer> source)",
            |cx, args| each(cx, &args, elements, XObject::descendants),
            "All elements below.",
        ),
        reads(
            "IEnumerable<XElement> Descendants(this IEnumerable<XContainer> source, XName name)",
            |cx, args| each(cx, &args, elements, XObject::descendants),
            "All elements of a name below.",
        ),
        reads(
            "IEnumerable<XElement> DescendantsAndSelf(this IEnumerable<XElement> source)",
            |cx, args| each(cx, &args, elements, with_descendants),
            "The elements and all below.",
        ),
        reads(
            "IEnumerable<XElement> DescendantsAndSelf(this IEnumerable<XElement> source, XName name)",
            |cx, args| each(cx, &args, elements, with_descendants),
            "The elements and all below, of a name.",
        ),
        reads(
            "IEnumerable<XElement> Ancestors(this IEnumerable<XNode> source)",
            |cx, args| each(cx, &args, elements, XObject::ancestors),
            "The elements around.",
        ),
        reads(
            "IEnumerable<XElement> Ancestors(this IEnumerable<XNode> source, XName name)",
            |cx, args| each(cx, &args, elements, XObject::ancestors),
            "The elements of a name around.",
        ),
        reads(
            "IEnumerable<XElement> AncestorsAndSelf(this IEnumerable<XElement> source)",
            |cx, args| each(cx, &args, elements, with_ancestors),
            "The elements and those around.",
        ),
        reads(
            "IEnumerable<XNode> Nodes(this IEnumerable<XContainer> source)",
            |cx, args| each(cx, &args, nodes, |node, _| node.nodes()),
            "The children.",
        ),
        reads(
            "IEnumerable<XNode> DescendantNodes(this IEnumerable<XContainer> source)",
            |cx, args| each(cx, &args, nodes, |node, _| node.descendant_nodes()),
            "All nodes below.",
        ),
        reads(
            "IEnumerable<XAttribute> Attributes(this IEnumerable<XElement> source)",
            |cx, args| each(cx, &args, attributes, attributes_of),
            "The attributes.",
        ),
        reads(
            "IEnumerable<XAttribute> Attributes(this IEnumerable<XElement> source, XName name)",
            |cx, args| each(cx, &args, attributes, attributes_of),
            "The attributes of a name.",
        ),
        acts("void Remove(this IEnumerable<XNode> source)", remove, "Takes all nodes out of their parents."),
        acts("void Remove(this IEnumerable<XAttribute> source)", remove, "Takes all attributes out of their elements."),
    ],
    doc: "Members of nodes for sequences of nodes.",
    ..TypeDef::CLASS
};

type Members = fn(&XObject, Option<&XName>) -> Vec<XObject>;

fn source(cx: &mut Cx<'_>, args: &Args<'_>) -> Result<Vec<XObject>> {
    let items = cx.collect(args.some(0, "source")?)?;
    Ok(items.iter().filter_map(|item| item.downcast::<Node>()).map(|node| node.0.clone()).collect())
}

fn each(
    cx: &mut Cx<'_>,
    args: &Args<'_>,
    give: fn(&mut Cx<'_>, Vec<XObject>) -> Result<Value>,
    members: Members,
) -> Result<Value> {
    let wanted = name::at(args, 1);
    if args.len() > 1 && wanted.is_none() {
        return give(cx, Vec::new());
    }
    let all = source(cx, args)?.iter().flat_map(|node| members(node, wanted)).collect();
    give(cx, all)
}

fn named(node: &XObject, wanted: Option<&XName>) -> Option<XObject> {
    let fits = node.kind() == NodeKind::Element && wanted.is_none_or(|wanted| node.name().as_ref() == Some(wanted));
    fits.then(|| node.clone())
}

fn with_descendants(node: &XObject, wanted: Option<&XName>) -> Vec<XObject> {
    named(node, wanted).into_iter().chain(node.descendants(wanted)).collect()
}

fn with_ancestors(node: &XObject, wanted: Option<&XName>) -> Vec<XObject> {
    named(node, wanted).into_iter().chain(node.ancestors(wanted)).collect()
}

fn attributes_of(node: &XObject, wanted: Option<&XName>) -> Vec<XObject> {
    match wanted {
        Some(wanted) => node.attribute_named(wanted).into_iter().collect(),
        None => node.attributes(),
    }
}

/// The sequence is read to its end before anything is removed.
fn remove(cx: &mut Cx<'_>, args: Args<'_>) -> Result<Value> {
    source(cx, &args)?.iter().try_for_each(|node| checked(node.remove()))?;
    Ok(Value::Null)
}
