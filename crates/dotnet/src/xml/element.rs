//! `XElement`.

use csharp::{
    Args, Cx, Result, Value, exception,
    surface::{TypeDef, acts, reads},
};
use dom::{ParseOptions, XObject};

use super::{
    attribute, cast, content,
    exceptions::checked,
    name,
    node::{Node, elements, this, wrap, wrap_some},
};

pub(super) static DEF: TypeDef = TypeDef {
    name: "System.Xml.Linq.XElement",
    bases: &["XContainer"],
    members: cast::with_casts!(
        "XElement",
        "element",
        [
            reads("XElement(XName name)", new, "An empty element."),
            reads("XElement(XElement other)", copy, "A copy."),
            acts("XElement(XName name, object content)", new, "An element with content."),
            acts("XElement(XName name, params object[] content)", new, "An element with content."),
            acts("static XElement Load(TextReader textReader)", load, "Reads XML from a reader."),
            acts("static XElement Load(TextReader textReader, LoadOptions options)", load, "Reads XML from a reader."),
            reads("static XElement Parse(string text)", parse, "Reads XML."),
            reads("static XElement Parse(string text, LoadOptions options)", parse, "Reads XML."),
            reads(
                "XName Name { get; }",
                |_, args| Ok(this(&args)?.name().map_or(Value::Null, name::name)),
                "The name."
            )
            .with_set(set_name),
            reads("string Value { get; }", |_, args| Ok(Value::str(&*this(&args)?.value())), "All texts below.")
                .with_set(set_value),
            reads(
                "bool IsEmpty { get; }",
                |_, args| Ok(Value::Bool(this(&args)?.is_empty())),
                "Whether there is no content, not even an empty text."
            ),
            reads(
                "bool HasElements { get; }",
                |_, args| Ok(Value::Bool(!this(&args)?.elements(None).is_empty())),
                "Whether there are child elements."
            ),
            reads(
                "bool HasAttributes { get; }",
                |_, args| Ok(Value::Bool(!this(&args)?.attributes().is_empty())),
                "Whether there are attributes."
            ),
            reads("XAttribute Attribute(XName name)", attribute_named, "An attribute, or null."),
            reads("IEnumerable<XAttribute> Attributes()", attributes, "All attributes."),
            reads("IEnumerable<XAttribute> Attributes(XName name)", attributes, "The attribute of a name."),
            reads(
                "XAttribute FirstAttribute { get; }",
                |_, args| Ok(wrap_some(this(&args)?.attributes().into_iter().next())),
                "The first attribute."
            ),
            reads(
                "XAttribute LastAttribute { get; }",
                |_, args| Ok(wrap_some(this(&args)?.attributes().pop())),
                "The last attribute."
            ),
            reads("IEnumerable<XElement> AncestorsAndSelf()", ancestors_and_self, "The element and those around."),
            reads(
                "IEnumerable<XElement> AncestorsAndSelf(XName name)",
                ancestors_and_self,
                "The element and those around, of a name."
            ),
            reads("IEnumerable<XElement> DescendantsAndSelf()", descendants_and_self, "The element and those below."),
            reads(
                "IEnumerable<XElement> DescendantsAndSelf(XName name)",
                descendants_and_self,
                "The element and those below, of a name."
            ),
            reads("IEnumerable<XNode> DescendantNodesAndSelf()", nodes_and_self, "The element and all nodes below."),
            reads("XNamespace GetDefaultNamespace()", default_namespace, "The namespace of names without a prefix."),
            reads(
                "XNamespace GetNamespaceOfPrefix(string prefix)",
                namespace_of_prefix,
                "The namespace of a prefix, or null."
            ),
            reads(
                "string GetPrefixOfNamespace(XNamespace ns)",
                prefix_of_namespace,
                "A prefix of a namespace, or null."
            ),
            acts("void SetValue(object value)", set_value, "Makes this the only content."),
            acts(
                "void SetAttributeValue(XName name, object value)",
                set_attribute_value,
                "Sets an attribute; null removes it."
            ),
            acts(
                "void SetElementValue(XName name, object value)",
                set_element_value,
                "Sets a child element; null removes it."
            ),
            acts("void Remove()", super::node::remove, "Takes the element out of its parent."),
            acts("void RemoveAll()", remove_all, "Removes content and attributes."),
            acts("void RemoveAttributes()", remove_attributes, "Removes all attributes."),
            acts("void ReplaceAll(object content)", replace_all, "Replaces content and attributes."),
            acts("void ReplaceAll(params object[] content)", replace_all, "Replaces content and attributes."),
            acts("void ReplaceAttributes(object content)", replace_attributes, "Replaces the attributes."),
            acts("void ReplaceAttributes(params object[] content)", replace_attributes, "Replaces the attributes."),
        ]
    ),
    doc: "An element.",
    ..TypeDef::CLASS
};

fn new(cx: &mut Cx<'_>, args: Args<'_>) -> Result<Value> {
    let element = XObject::element(name::required(&args, 0)?.clone());
    content::add(cx, &element, args.value(1))?;
    Ok(wrap(element))
}

fn copy(_cx: &mut Cx<'_>, args: Args<'_>) -> Result<Value> {
    Ok(wrap(args.object_or::<Node>(0, "other")?.0.deep_clone()))
}

/// `LoadOptions`.
pub(super) fn options(args: &Args<'_>) -> ParseOptions {
    ParseOptions { preserve_whitespace: args.word(1) & 1 != 0 }
}

fn parse(cx: &mut Cx<'_>, args: Args<'_>) -> Result<Value> {
    let text = args.str(0, "s")?;
    cx.meter.allocate(text.byte_len().saturating_mul(4))?;
    checked(XObject::parse_element(&text.to_text(), options(&args))).map(wrap)
}

fn set_name(_cx: &mut Cx<'_>, args: Args<'_>) -> Result<Value> {
    this(&args)?.set_name(name::required(&args, 1)?.clone());
    Ok(Value::Null)
}

pub(super) fn set_value(cx: &mut Cx<'_>, args: Args<'_>) -> Result<Value> {
    let text = content::text(cx, args.some(1, "value")?)?;
    checked(this(&args)?.set_value(&text.to_text())).map(|()| Value::Null)
}

fn attribute_named(_cx: &mut Cx<'_>, args: Args<'_>) -> Result<Value> {
    let element = this(&args)?;
    Ok(wrap_some(name::at(&args, 1).and_then(|name| element.attribute_named(name))))
}

fn attributes(cx: &mut Cx<'_>, args: Args<'_>) -> Result<Value> {
    let element = this(&args)?;
    let all = match args.len() {
        1 => element.attributes(),
        _ => name::at(&args, 1).and_then(|name| element.attribute_named(name)).into_iter().collect(),
    };
    attribute::attributes(cx, all)
}

/// The element first, if it has the name that is asked for.
fn with_self(args: &Args<'_>, others: impl Fn(&XObject, Option<&dom::XName>) -> Vec<XObject>) -> Result<Vec<XObject>> {
    let (element, wanted) = (this(args)?, name::at(args, 1));
    if args.len() > 1 && wanted.is_none() {
        return Ok(Vec::new());
    }
    let own = wanted.is_none_or(|wanted| element.name().as_ref() == Some(wanted)).then(|| element.clone());
    Ok(own.into_iter().chain(others(element, wanted)).collect())
}

fn ancestors_and_self(cx: &mut Cx<'_>, args: Args<'_>) -> Result<Value> {
    let all = with_self(&args, XObject::ancestors)?;
    elements(cx, all)
}

fn descendants_and_self(cx: &mut Cx<'_>, args: Args<'_>) -> Result<Value> {
    let all = with_self(&args, XObject::descendants)?;
    elements(cx, all)
}

fn nodes_and_self(cx: &mut Cx<'_>, args: Args<'_>) -> Result<Value> {
    let element = this(&args)?;
    let all = std::iter::once(element.clone()).chain(element.descendant_nodes()).collect();
    super::node::nodes(cx, all)
}

fn default_namespace(_cx: &mut Cx<'_>, args: Args<'_>) -> Result<Value> {
    Ok(name::namespace(&this(&args)?.namespace_of_prefix("").unwrap_or_default()))
}

fn namespace_of_prefix(_cx: &mut Cx<'_>, args: Args<'_>) -> Result<Value> {
    let prefix = args.str(1, "prefix")?.to_text();
    if prefix.is_empty() {
        return Err(exception::argument("'' is an invalid prefix.", "prefix"));
    }
    Ok(this(&args)?.namespace_of_prefix(&prefix).map_or(Value::Null, |found| name::namespace(&found)))
}

fn prefix_of_namespace(cx: &mut Cx<'_>, args: Args<'_>) -> Result<Value> {
    let namespace = cx.text(args.some(1, "ns")?)?;
    Ok(this(&args)?.prefix_of_namespace(&namespace.to_text()).map_or(Value::Null, |found| Value::str(&*found)))
}

/// A value as text; `None` for null.
fn new_text(cx: &mut Cx<'_>, value: &Value) -> Result<Option<String>> {
    if value.is_null() { Ok(None) } else { content::text(cx, value).map(|text| Some(text.to_text().into_owned())) }
}

fn set_attribute_value(cx: &mut Cx<'_>, args: Args<'_>) -> Result<Value> {
    let text = new_text(cx, args.value(2))?;
    checked(this(&args)?.set_attribute_value(name::required(&args, 1)?, text.as_deref())).map(|()| Value::Null)
}

fn set_element_value(cx: &mut Cx<'_>, args: Args<'_>) -> Result<Value> {
    let text = new_text(cx, args.value(2))?;
    checked(this(&args)?.set_element_value(name::required(&args, 1)?, text.as_deref())).map(|()| Value::Null)
}

fn remove_all(_cx: &mut Cx<'_>, args: Args<'_>) -> Result<Value> {
    let element = this(&args)?;
    element.remove_attributes();
    element.remove_nodes();
    Ok(Value::Null)
}

fn remove_attributes(_cx: &mut Cx<'_>, args: Args<'_>) -> Result<Value> {
    this(&args)?.remove_attributes();
    Ok(Value::Null)
}

/// The content is looked at before anything is removed: it may come from the element itself.
fn replace_all(cx: &mut Cx<'_>, args: Args<'_>) -> Result<Value> {
    let (element, all) = (this(&args)?, content::objects(cx, args.value(1))?);
    element.remove_attributes();
    element.remove_nodes();
    all.iter().try_for_each(|new| checked(element.add(new)))?;
    Ok(Value::Null)
}

fn replace_attributes(cx: &mut Cx<'_>, args: Args<'_>) -> Result<Value> {
    let (element, all) = (this(&args)?, content::objects(cx, args.value(1))?);
    element.remove_attributes();
    all.iter().try_for_each(|new| checked(element.add(new)))?;
    Ok(Value::Null)
}

fn load(cx: &mut Cx<'_>, mut args: Args<'_>) -> Result<Value> {
    let text = crate::io::read_all(cx, args.some(0, "textReader")?)?;
    let options = args.take(1);
    parse(cx, Args::new(&mut [Value::Str(text), options], &[]))
}
