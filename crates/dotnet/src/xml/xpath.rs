//! `System.Xml.XPath.Extensions`, and the `XmlNamespaceManager` that gives its prefixes a meaning.

use std::cell::RefCell;

use csharp::{
    Args, Cx, Object, Result, Ty, Value, exception,
    surface::{Kind, TypeDef, acts, pure, reads},
};
use dom::{
    XObject,
    xpath::{XPath, XPathValue},
};

use super::{
    exceptions::checked,
    node::{elements, this, wrap, wrap_some},
};
use crate::linq::sequence;

pub(super) static DEF: TypeDef = TypeDef {
    name: "System.Xml.XPath.Extensions",
    kind: Kind::Static,
    members: &[
        reads(
            "XElement XPathSelectElement(this XNode node, string expression)",
            select_one,
            "The first element that a path selects, or null.",
        ),
        reads(
            "XElement XPathSelectElement(this XNode node, string expression, IXmlNamespaceResolver resolver)",
            select_one,
            "The first element that a path selects, or null.",
        ),
        reads(
            "IEnumerable<XElement> XPathSelectElements(this XNode node, string expression)",
            select_all,
            "The elements that a path selects.",
        ),
        reads(
            "IEnumerable<XElement> XPathSelectElements(this XNode node, string expression, IXmlNamespaceResolver resolver)",
            select_all,
            "The elements that a path selects.",
        ),
        reads(
            "object XPathEvaluate(this XNode node, string expression)",
            evaluate,
            "What an expression comes to: nodes, a number, a text or a Boolean.",
        ),
        reads(
            "object XPathEvaluate(this XNode node, string expression, IXmlNamespaceResolver resolver)",
            evaluate,
            "What an expression comes to.",
        ),
    ],
    doc: "XPath over LINQ to XML.",
    ..TypeDef::CLASS
};

pub(super) static RESOLVER: TypeDef = TypeDef {
    name: "System.Xml.IXmlNamespaceResolver",
    kind: Kind::Interface,
    doc: "Gives prefixes their namespaces.",
    ..TypeDef::CLASS
};

pub(super) static NAME_TABLE: TypeDef = TypeDef {
    name: "System.Xml.NameTable",
    members: &[pure("NameTable()", |_, _| Ok(Value::object(NameTable)), "A table of names.")],
    doc: "A table of names; nothing here needs one, but constructors ask for it.",
    ..TypeDef::CLASS
};

pub(super) static NAMESPACES: TypeDef = TypeDef {
    name: "System.Xml.XmlNamespaceManager",
    bases: &["IXmlNamespaceResolver"],
    members: &[
        pure("XmlNamespaceManager(NameTable nameTable)", new, "Without any prefixes."),
        acts("void AddNamespace(string prefix, string uri)", add, "Gives a prefix a namespace."),
        reads("string LookupNamespace(string prefix)", look_up, "The namespace of a prefix, or null."),
    ],
    doc: "Prefixes and their namespaces.",
    ..TypeDef::CLASS
};

struct NameTable;

impl Object for NameTable {
    fn ty(&self) -> Ty {
        Ty::named(&NAME_TABLE)
    }
}

/// Prefixes and namespaces; of one prefix the last counts.
struct Namespaces(RefCell<Vec<(String, String)>>);

impl Object for Namespaces {
    fn ty(&self) -> Ty {
        Ty::named(&NAMESPACES)
    }

    fn snapshot(&self) -> Option<Value> {
        Some(Value::object(Namespaces(self.0.clone())))
    }
}

impl Namespaces {
    fn find(&self, prefix: &str) -> Option<String> {
        self.0.borrow().iter().rev().find(|(known, _)| known == prefix).map(|(_, uri)| uri.clone())
    }
}

fn new(_cx: &mut Cx<'_>, _args: Args<'_>) -> Result<Value> {
    let known = [("", ""), ("xml", dom::XML), ("xmlns", dom::XMLNS)];
    let known = known.map(|(prefix, uri)| (prefix.to_owned(), uri.to_owned()));
    Ok(Value::object(Namespaces(RefCell::new(known.into()))))
}

fn add(_cx: &mut Cx<'_>, args: Args<'_>) -> Result<Value> {
    let (prefix, uri) = (args.str(1, "prefix")?.to_text(), args.str(2, "uri")?.to_text());
    args.this::<Namespaces>()?.0.borrow_mut().push((prefix.into_owned(), uri.into_owned()));
    Ok(Value::Null)
}

fn look_up(_cx: &mut Cx<'_>, args: Args<'_>) -> Result<Value> {
    let prefix = args.opt_str(1).cloned().unwrap_or_default();
    Ok(Value::str_or_null(args.this::<Namespaces>()?.find(&prefix.to_text())))
}

fn compile(args: &Args<'_>) -> Result<XPath> {
    let text = args.str(1, "xpath")?.to_text();
    let namespaces = args.object::<Namespaces>(2);
    checked(XPath::parse(&text, &|prefix: &str| namespaces.and_then(|known| known.find(prefix))))
}

fn selected(cx: &mut Cx<'_>, args: &Args<'_>) -> Result<Vec<XObject>> {
    let node = this(args).map_err(|_| exception::argument_null("node"))?;
    let found = checked(compile(args)?.select(node))?;
    cx.meter.steps(found.len() as u64)?;
    if let Some(other) = found.iter().find(|node| node.kind() != dom::Kind::Element) {
        let text =
            format!("The XPath expression evaluated to unexpected type {}.", wrap(other.clone()).ty().full_name());
        return Err(exception::invalid_operation(text));
    }
    Ok(found)
}

fn select_one(cx: &mut Cx<'_>, args: Args<'_>) -> Result<Value> {
    Ok(wrap_some(selected(cx, &args)?.into_iter().next()))
}

fn select_all(cx: &mut Cx<'_>, args: Args<'_>) -> Result<Value> {
    let found = selected(cx, &args)?;
    elements(cx, found)
}

fn evaluate(cx: &mut Cx<'_>, args: Args<'_>) -> Result<Value> {
    let node = this(&args).map_err(|_| exception::argument_null("node"))?;
    Ok(match checked(compile(&args)?.evaluate(node))? {
        XPathValue::Nodes(nodes) => {
            cx.meter.steps(nodes.len() as u64)?;
            sequence(Ty::OBJECT, nodes.into_iter().map(wrap).collect())
        }
        XPathValue::Number(number) => Value::Double(number),
        XPathValue::Text(text) => Value::str(text),
        XPathValue::Boolean(value) => Value::Bool(value),
    })
}
