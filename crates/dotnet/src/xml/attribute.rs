//! `XAttribute`.

use csharp::{
    Args, Cx, Result, Value,
    surface::{TypeDef, acts, reads},
};
use dom::XObject;

use super::{
    cast, content,
    element::set_value,
    name,
    node::{Node, all_as, remove, this, wrap, wrap_some},
};

pub(super) static DEF: TypeDef = TypeDef {
    name: "System.Xml.Linq.XAttribute",
    bases: &["XObject"],
    members: cast::with_casts!(
        "XAttribute",
        "attribute",
        [
            reads("XAttribute(XName name, object value)", new, "An attribute."),
            reads("XAttribute(XAttribute other)", copy, "A copy."),
            reads(
                "XName Name { get; }",
                |_, args| Ok(this(&args)?.name().map_or(Value::Null, name::name)),
                "The name."
            ),
            reads("string Value { get; }", |_, args| Ok(Value::str(&*this(&args)?.value())), "The value.")
                .with_set(set_value),
            reads("bool IsNamespaceDeclaration { get; }", is_declaration, "Whether it declares a namespace."),
            reads(
                "XAttribute NextAttribute { get; }",
                |_, args| Ok(wrap_some(this(&args)?.next())),
                "The next attribute."
            ),
            reads(
                "XAttribute PreviousAttribute { get; }",
                |_, args| Ok(wrap_some(this(&args)?.previous())),
                "The previous attribute."
            ),
            acts("void SetValue(object value)", set_value, "Sets the value."),
            acts("void Remove()", remove, "Takes the attribute out of its element."),
        ]
    ),
    doc: "An attribute.",
    ..TypeDef::CLASS
};

fn new(cx: &mut Cx<'_>, args: Args<'_>) -> Result<Value> {
    let name = name::required(&args, 0)?;
    let text = content::text(cx, args.some(1, "value")?)?;
    Ok(wrap(XObject::attribute(name.clone(), &text.to_text())))
}

fn copy(_cx: &mut Cx<'_>, args: Args<'_>) -> Result<Value> {
    Ok(wrap(args.object_or::<Node>(0, "other")?.0.deep_clone()))
}

fn is_declaration(_cx: &mut Cx<'_>, args: Args<'_>) -> Result<Value> {
    Ok(Value::Bool(this(&args)?.name().is_some_and(|name| name.declares_namespace())))
}

/// An `IEnumerable<XAttribute>`.
pub(super) fn attributes(cx: &mut Cx<'_>, all: Vec<XObject>) -> Result<Value> {
    all_as(cx, &DEF, all)
}
