//! `XText`, `XCData`, `XComment`, `XProcessingInstruction`, `XDocumentType`.

use csharp::{
    Args, Cx, Result, Value,
    surface::{TypeDef, reads},
};
use dom::{DocumentType, XObject};

use super::{
    element::set_value,
    node::{this, wrap},
};

pub(super) static TEXT: TypeDef = TypeDef {
    name: "System.Xml.Linq.XText",
    bases: &["XNode"],
    members: &[
        reads("XText(string value)", |_, args| of_text(&args, XObject::text), "A text."),
        reads("string Value { get; }", value, "The text.").with_set(set_value),
    ],
    doc: "A text.",
    ..TypeDef::CLASS
};

pub(super) static CDATA: TypeDef = TypeDef {
    name: "System.Xml.Linq.XCData",
    bases: &["XText"],
    members: &[reads(
        "XCData(string value)",
        |_, args| of_text(&args, XObject::cdata),
        "A text that is written without escapes.",
    )],
    doc: "A text that is written without escapes.",
    ..TypeDef::CLASS
};

pub(super) static COMMENT: TypeDef = TypeDef {
    name: "System.Xml.Linq.XComment",
    bases: &["XNode"],
    members: &[
        reads("XComment(string value)", |_, args| of_text(&args, XObject::comment), "A comment."),
        reads("string Value { get; }", value, "The comment.").with_set(set_value),
    ],
    doc: "A comment.",
    ..TypeDef::CLASS
};

pub(super) static PROCESSING_INSTRUCTION: TypeDef = TypeDef {
    name: "System.Xml.Linq.XProcessingInstruction",
    bases: &["XNode"],
    members: &[
        reads("XProcessingInstruction(string target, string data)", new_instruction, "An instruction."),
        reads(
            "string Target { get; }",
            |_, args| Ok(Value::str_or_null(this(&args)?.target().as_deref())),
            "Whom it is for.",
        ),
        reads("string Data { get; }", value, "What it says.").with_set(set_value),
    ],
    doc: "An instruction to whoever processes the document.",
    ..TypeDef::CLASS
};

pub(super) static DOCUMENT_TYPE: TypeDef = TypeDef {
    name: "System.Xml.Linq.XDocumentType",
    bases: &["XNode"],
    members: &[
        reads(
            "XDocumentType(string name, string publicId, string systemId, string internalSubset)",
            new_type,
            "A document type.",
        ),
        reads("string Name { get; }", |_, args| field(&args, |own| Some(own.name)), "The root element's name."),
        reads("string PublicId { get; }", |_, args| field(&args, |own| own.public_id), "The public identifier."),
        reads("string SystemId { get; }", |_, args| field(&args, |own| own.system_id), "The system identifier."),
        reads(
            "string InternalSubset { get; }",
            |_, args| field(&args, |own| own.internal_subset),
            "What stands between the brackets.",
        ),
    ],
    doc: "A document type declaration. Nothing it names is ever read.",
    ..TypeDef::CLASS
};

fn of_text(args: &Args<'_>, make: fn(&str) -> XObject) -> Result<Value> {
    Ok(wrap(make(&args.str(0, "value")?.to_text())))
}

fn value(_cx: &mut Cx<'_>, args: Args<'_>) -> Result<Value> {
    Ok(Value::str(&*this(&args)?.value()))
}

fn new_instruction(_cx: &mut Cx<'_>, args: Args<'_>) -> Result<Value> {
    let (target, data) = (args.str(0, "target")?.to_text(), args.str(1, "data")?.to_text());
    Ok(wrap(XObject::processing_instruction(&target, &data)))
}

fn new_type(_cx: &mut Cx<'_>, args: Args<'_>) -> Result<Value> {
    let text = |index| args.opt_str(index).map(|text| text.to_text().into());
    let name = args.str(0, "name")?.to_text().into();
    let document_type = DocumentType { name, public_id: text(1), system_id: text(2), internal_subset: text(3) };
    Ok(wrap(XObject::document_type(document_type)))
}

fn field(args: &Args<'_>, field: fn(DocumentType) -> Option<std::rc::Rc<str>>) -> Result<Value> {
    Ok(Value::str_or_null(this(args)?.as_document_type().and_then(field).as_deref()))
}
