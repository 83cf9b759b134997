//! `System.Xml.Linq`, `System.Xml.XPath` and the enums of `System.Xml`, over the tree of the XML room.

mod attribute;
mod cast;
mod comparers;
mod content;
mod declaration;
mod document;
mod element;
mod enums;
mod exceptions;
mod extensions;
mod from_json;
mod json;
mod leaf;
mod name;
mod node;
mod xpath;

use csharp::surface::TypeDef;

pub use from_json::{JsonAsXml, json_as_xml};
pub(crate) use json::as_json;
pub use json::{XmlAsJson, xml_as_json};
pub(crate) use node::wrap;
#[expect(unused_imports, reason = "bodies of `context` come and go as these")]
pub(crate) use {exceptions::of_error, node::Node};

/// One line per type.
pub(crate) const TYPES: &[&TypeDef] = &[
    &comparers::ORDER,
    &comparers::EQUALITY,
    &node::OBJECT,
    &node::DEF,
    &node::CONTAINER,
    &element::DEF,
    &document::DEF,
    &attribute::DEF,
    &leaf::TEXT,
    &leaf::CDATA,
    &leaf::COMMENT,
    &leaf::PROCESSING_INSTRUCTION,
    &leaf::DOCUMENT_TYPE,
    &declaration::DEF,
    &name::DEF,
    &name::NAMESPACE,
    &extensions::DEF,
    &xpath::DEF,
    &xpath::RESOLVER,
    &xpath::NAME_TABLE,
    &xpath::NAMESPACES,
    &enums::NODE_TYPE,
    &enums::SAVE_OPTIONS,
    &enums::LOAD_OPTIONS,
    &exceptions::XML,
    &exceptions::XPATH,
];
