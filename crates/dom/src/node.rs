//! `XObject`: a node or an attribute of the tree.

use std::fmt;
use std::rc::Rc;

use crate::grove::{Grove, Id, NONE};
use crate::{SaveOptions, XName};

/// A handle on a node or an attribute. Clones mean the same object.
#[derive(Clone)]
pub struct XObject {
    pub(crate) grove: Rc<Grove>,
    pub(crate) id: Id,
}

/// `XmlNodeType`, as far as LINQ to XML has it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// `XDocument`
    Document,
    /// `XElement`
    Element,
    /// `XAttribute`
    Attribute,
    /// `XText`
    Text,
    /// `XCData`
    CData,
    /// `XComment`
    Comment,
    /// `XProcessingInstruction`
    ProcessingInstruction,
    /// `XDocumentType`
    DocumentType,
}

/// `XDeclaration`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Declaration {
    /// `1.0`
    pub version: Option<Rc<str>>,
    /// The encoding's name.
    pub encoding: Option<Rc<str>>,
    /// `yes` or `no`.
    pub standalone: Option<Rc<str>>,
}

/// `XDocumentType`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DocumentType {
    /// The root element's name.
    pub name: Rc<str>,
    /// The public identifier.
    pub public_id: Option<Rc<str>>,
    /// The system identifier.
    pub system_id: Option<Rc<str>>,
    /// What is between the brackets.
    pub internal_subset: Option<Rc<str>>,
}

pub(crate) struct Node {
    pub(crate) parent: Id,
    pub(crate) content: Content,
}

pub(crate) enum Content {
    Document { declaration: Option<Declaration>, children: Vec<Id> },
    Element(Element),
    Attribute(XName, Rc<str>),
    Text(Rc<str>),
    CData(Rc<str>),
    Comment(Rc<str>),
    ProcessingInstruction { target: Rc<str>, data: Rc<str> },
    DocumentType(Box<DocumentType>),
}

pub(crate) struct Element {
    pub(crate) name: XName,
    pub(crate) attributes: Vec<Id>,
    pub(crate) children: Vec<Id>,
    /// `IsEmpty`: no content, not even an empty text; written as `<a />`.
    pub(crate) empty: bool,
}

impl Node {
    pub(crate) fn children(&self) -> &[Id] {
        match &self.content {
            Content::Document { children, .. } => children,
            Content::Element(element) => &element.children,
            _ => &[],
        }
    }

    pub(crate) fn children_mut(&mut self) -> Option<&mut Vec<Id>> {
        match &mut self.content {
            Content::Document { children, .. } => Some(children),
            Content::Element(element) => Some(&mut element.children),
            _ => None,
        }
    }

    pub(crate) fn attributes(&self) -> &[Id] {
        match &self.content {
            Content::Element(element) => &element.attributes,
            _ => &[],
        }
    }

    pub(crate) fn kind(&self) -> Kind {
        match &self.content {
            Content::Document { .. } => Kind::Document,
            Content::Element(_) => Kind::Element,
            Content::Attribute(..) => Kind::Attribute,
            Content::Text(_) => Kind::Text,
            Content::CData(_) => Kind::CData,
            Content::Comment(_) => Kind::Comment,
            Content::ProcessingInstruction { .. } => Kind::ProcessingInstruction,
            Content::DocumentType(_) => Kind::DocumentType,
        }
    }

    pub(crate) fn name(&self) -> Option<&XName> {
        match &self.content {
            Content::Element(element) => Some(&element.name),
            Content::Attribute(name, _) => Some(name),
            _ => None,
        }
    }

    pub(crate) fn is_element(&self) -> bool {
        matches!(self.content, Content::Element(_))
    }

    /// Moves every index in the node, after the node itself moved.
    pub(crate) fn shift(&mut self, by: Id) {
        if self.parent != NONE {
            self.parent += by;
        }
        let moved = |ids: &mut Vec<Id>| ids.iter_mut().for_each(|id| *id += by);
        match &mut self.content {
            Content::Document { children, .. } => moved(children),
            Content::Element(element) => {
                moved(&mut element.attributes);
                moved(&mut element.children);
            }
            _ => {}
        }
    }
}

impl XObject {
    pub(crate) fn root_of(content: Content) -> XObject {
        XObject { grove: Grove::of(vec![Node { parent: NONE, content }]), id: 0 }
    }

    /// `new XDocument()`.
    pub fn document(declaration: Option<Declaration>) -> XObject {
        Self::root_of(Content::Document { declaration, children: Vec::new() })
    }

    /// `new XElement(name)`.
    pub fn element(name: XName) -> XObject {
        Self::root_of(Content::Element(Element { name, attributes: Vec::new(), children: Vec::new(), empty: true }))
    }

    /// `new XAttribute(name, value)`.
    pub fn attribute(name: XName, value: &str) -> XObject {
        Self::root_of(Content::Attribute(name, value.into()))
    }

    /// `new XText(value)`.
    pub fn text(value: &str) -> XObject {
        Self::root_of(Content::Text(value.into()))
    }

    /// `new XCData(value)`.
    pub fn cdata(value: &str) -> XObject {
        Self::root_of(Content::CData(value.into()))
    }

    /// `new XComment(value)`.
    pub fn comment(value: &str) -> XObject {
        Self::root_of(Content::Comment(value.into()))
    }

    /// `new XProcessingInstruction(target, data)`.
    pub fn processing_instruction(target: &str, data: &str) -> XObject {
        Self::root_of(Content::ProcessingInstruction { target: target.into(), data: data.into() })
    }

    /// `new XDocumentType(…)`.
    pub fn document_type(document_type: DocumentType) -> XObject {
        Self::root_of(Content::DocumentType(Box::new(document_type)))
    }

    /// `NodeType`.
    pub fn kind(&self) -> Kind {
        self.read(|nodes, id| nodes[id as usize].kind())
    }

    /// The name of an element or attribute.
    pub fn name(&self) -> Option<XName> {
        self.read(|nodes, id| nodes[id as usize].name().cloned())
    }

    /// Sets the name of an element; an attribute's is fixed.
    pub fn set_name(&self, name: XName) {
        self.write(|nodes, id| {
            if let Content::Element(element) = &mut nodes[id as usize].content {
                element.name = name;
            }
        });
    }

    /// The declaration of a document.
    pub fn declaration(&self) -> Option<Declaration> {
        self.read(|nodes, id| match &nodes[id as usize].content {
            Content::Document { declaration, .. } => declaration.clone(),
            _ => None,
        })
    }

    /// Sets the declaration of a document.
    pub fn set_declaration(&self, value: Option<Declaration>) {
        self.write(|nodes, id| {
            if let Content::Document { declaration, .. } = &mut nodes[id as usize].content {
                *declaration = value;
            }
        });
    }

    /// The content of a document type.
    pub fn as_document_type(&self) -> Option<DocumentType> {
        self.read(|nodes, id| match &nodes[id as usize].content {
            Content::DocumentType(document_type) => Some((**document_type).clone()),
            _ => None,
        })
    }

    /// The target of a processing instruction.
    pub fn target(&self) -> Option<Rc<str>> {
        self.read(|nodes, id| match &nodes[id as usize].content {
            Content::ProcessingInstruction { target, .. } => Some(Rc::clone(target)),
            _ => None,
        })
    }

    /// `Value`: the text of a leaf, all texts below an element or a document.
    pub fn value(&self) -> Rc<str> {
        self.read(value_of)
    }

    /// `XElement.IsEmpty`.
    pub fn is_empty(&self) -> bool {
        self.read(|nodes, id| matches!(&nodes[id as usize].content, Content::Element(element) if element.empty))
    }
}

/// The string value of a node, for `Value` and for XPath.
pub(crate) fn value_of(nodes: &[Node], id: Id) -> Rc<str> {
    match &nodes[id as usize].content {
        Content::Attribute(_, text)
        | Content::Text(text)
        | Content::CData(text)
        | Content::Comment(text)
        | Content::ProcessingInstruction { data: text, .. } => Rc::clone(text),
        Content::DocumentType(_) => "".into(),
        Content::Document { .. } | Content::Element(_) => {
            let mut texts = preorder(nodes, id).filter_map(|id| match &nodes[id as usize].content {
                Content::Text(text) | Content::CData(text) => Some(text),
                _ => None,
            });
            let Some(first) = texts.next() else { return "".into() };
            let Some(second) = texts.next() else { return Rc::clone(first) };
            let mut all = format!("{first}{second}");
            texts.for_each(|text| all.push_str(text));
            all.into()
        }
    }
}

/// The node and all below it in document order, without attributes.
pub(crate) fn preorder(nodes: &[Node], id: Id) -> impl Iterator<Item = Id> {
    let mut pending = vec![id];
    std::iter::from_fn(move || {
        let id = pending.pop()?;
        pending.extend(nodes[id as usize].children().iter().rev());
        Some(id)
    })
}

impl fmt::Debug for XObject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// `ToString()`; an object that cannot be written (a character XML does not have) shows why instead.
impl fmt::Display for XObject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.to_xml(SaveOptions::default()) {
            Ok(text) => f.write_str(&text),
            Err(error) => write!(f, "({error})"),
        }
    }
}

/// `XDeclaration.ToString()`.
impl fmt::Display for Declaration {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("<?xml")?;
        for (name, value) in
            [("version", &self.version), ("encoding", &self.encoding), ("standalone", &self.standalone)]
        {
            if let Some(value) = value {
                write!(f, " {name}=\"{value}\"")?;
            }
        }
        f.write_str("?>")
    }
}
