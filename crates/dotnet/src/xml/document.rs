//! `XDocument`.

use csharp::{
    Args, Cx, Result, Value,
    surface::{TypeDef, acts, reads},
};
use dom::{Kind, XObject};

use super::{
    content,
    declaration::{self, Declaration},
    element::options,
    exceptions::checked,
    node::{Node, this, wrap, wrap_some},
};

pub(super) static DEF: TypeDef = TypeDef {
    name: "System.Xml.Linq.XDocument",
    bases: &["XContainer"],
    members: &[
        reads("XDocument()", new, "An empty document."),
        reads("XDocument(XDocument other)", copy, "A copy."),
        acts("XDocument(params object[] content)", new, "A document with content."),
        acts(
            "XDocument(XDeclaration declaration, params object[] content)",
            new_declared,
            "A document with a declaration and content.",
        ),
        acts("static XDocument Load(TextReader textReader)", load, "Reads XML from a reader."),
        acts("static XDocument Load(TextReader textReader, LoadOptions options)", load, "Reads XML from a reader."),
        reads("static XDocument Parse(string text)", parse, "Reads XML."),
        reads("static XDocument Parse(string text, LoadOptions options)", parse, "Reads XML."),
        reads("XElement Root { get; }", |_, args| Ok(wrap_some(this(&args)?.root_element())), "The root element."),
        reads(
            "XDeclaration Declaration { get; }",
            |_, args| Ok(this(&args)?.declaration().map_or(Value::Null, declaration::wrap)),
            "The declaration, or null.",
        )
        .with_set(set_declaration),
        reads("XDocumentType DocumentType { get; }", document_type, "The document type, or null."),
    ],
    doc: "A document.",
    ..TypeDef::CLASS
};

fn new(cx: &mut Cx<'_>, args: Args<'_>) -> Result<Value> {
    let document = XObject::document(None);
    content::add(cx, &document, args.value(0))?;
    Ok(wrap(document))
}

fn new_declared(cx: &mut Cx<'_>, args: Args<'_>) -> Result<Value> {
    let document = XObject::document(args.object::<Declaration>(0).map(|declaration| declaration.0.borrow().clone()));
    content::add(cx, &document, args.value(1))?;
    Ok(wrap(document))
}

fn copy(_cx: &mut Cx<'_>, args: Args<'_>) -> Result<Value> {
    Ok(wrap(args.object_or::<Node>(0, "other")?.0.deep_clone()))
}

fn parse(cx: &mut Cx<'_>, args: Args<'_>) -> Result<Value> {
    let text = args.str(0, "s")?;
    cx.meter.allocate(text.byte_len().saturating_mul(4))?;
    checked(XObject::parse_document(&text.to_text(), options(&args))).map(wrap)
}

fn set_declaration(_cx: &mut Cx<'_>, args: Args<'_>) -> Result<Value> {
    let new = args.object::<Declaration>(1).map(|declaration| declaration.0.borrow().clone());
    this(&args)?.set_declaration(new);
    Ok(Value::Null)
}

fn document_type(_cx: &mut Cx<'_>, args: Args<'_>) -> Result<Value> {
    Ok(wrap_some(this(&args)?.nodes().into_iter().find(|node| node.kind() == Kind::DocumentType)))
}

fn load(cx: &mut Cx<'_>, mut args: Args<'_>) -> Result<Value> {
    let text = crate::io::read_all(cx, args.some(0, "textReader")?)?;
    let options = args.take(1);
    parse(cx, Args::new(&mut [Value::Str(text), options], &[]))
}
