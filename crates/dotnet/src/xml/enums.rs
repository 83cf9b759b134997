//! `XmlNodeType`, `SaveOptions`, `LoadOptions`.

use csharp::surface::{EnumDef, TypeDef};

pub(super) static NODE_TYPE: TypeDef = TypeDef {
    name: "System.Xml.XmlNodeType",
    kind: EnumDef::of(&[
        ("None", 0),
        ("Element", 1),
        ("Attribute", 2),
        ("Text", 3),
        ("CDATA", 4),
        ("EntityReference", 5),
        ("Entity", 6),
        ("ProcessingInstruction", 7),
        ("Comment", 8),
        ("Document", 9),
        ("DocumentType", 10),
        ("DocumentFragment", 11),
        ("Notation", 12),
        ("Whitespace", 13),
        ("SignificantWhitespace", 14),
        ("EndElement", 15),
        ("EndEntity", 16),
        ("XmlDeclaration", 17),
    ]),
    doc: "What a node is.",
    ..TypeDef::CLASS
};

pub(super) static SAVE_OPTIONS: TypeDef = TypeDef {
    name: "System.Xml.Linq.SaveOptions",
    kind: EnumDef::flags(&[("None", 0), ("DisableFormatting", 1), ("OmitDuplicateNamespaces", 2)]),
    doc: "How XML is written.",
    ..TypeDef::CLASS
};

pub(super) static LOAD_OPTIONS: TypeDef = TypeDef {
    name: "System.Xml.Linq.LoadOptions",
    kind: EnumDef::flags(&[("None", 0), ("PreserveWhitespace", 1), ("SetBaseUri", 2), ("SetLineInfo", 4)]),
    doc: "How XML is read.",
    ..TypeDef::CLASS
};
