//! Changing a tree. An object that has a parent is cloned when it is added somewhere else, as LINQ to XML does.

use std::rc::Rc;

use crate::chars::is_blank;
use crate::error::{Error, Result};
use crate::grove::{Grove, Id, NONE};
use crate::node::{Content, Element, Kind, Node, XObject};
use crate::query::{find_attribute, root_of};
use crate::{SaveOptions, XName};

impl XObject {
    /// A deep copy without a parent: `new XElement(other)` and its like.
    pub fn deep_clone(&self) -> XObject {
        XObject { grove: Grove::of(self.read(copy)), id: 0 }
    }

    /// `Add(content)` of a node or an attribute.
    pub fn add(&self, content: &XObject) -> Result<()> {
        self.insert(usize::MAX, content)
    }

    /// `Add(text)`: texts that meet become one, and an empty one only makes the element not empty.
    pub fn add_text(&self, text: &str) -> Result<()> {
        match self.kind() {
            Kind::Element => {}
            Kind::Document if is_blank(text) => {}
            Kind::Document => return Err(Error::argument("Non-whitespace characters cannot be added to content.")),
            _ => return Err(not_a_container()),
        }
        let extended = self.write(|nodes, id| {
            if let Content::Element(element) = &mut nodes[id as usize].content {
                element.empty = false;
            }
            let last = nodes[id as usize].children().last().copied();
            match last.map(|last| &mut nodes[last as usize].content) {
                Some(Content::Text(known)) => {
                    *known = format!("{known}{text}").into();
                    true
                }
                _ => text.is_empty(),
            }
        });
        if extended { Ok(()) } else { self.add(&XObject::text(text)) }
    }

    /// `AddFirst(content)`.
    pub fn add_first(&self, content: &XObject) -> Result<()> {
        self.insert(0, content)
    }

    /// `AddAfterSelf(content)`.
    pub fn add_after_self(&self, content: &XObject) -> Result<()> {
        let (parent, at) = self.place()?;
        parent.insert(at + 1, content)
    }

    /// `AddBeforeSelf(content)`.
    pub fn add_before_self(&self, content: &XObject) -> Result<()> {
        let (parent, at) = self.place()?;
        parent.insert(at, content)
    }

    /// `Remove()`.
    pub fn remove(&self) -> Result<()> {
        self.place()?;
        self.write(|nodes, id| detach(nodes, id));
        Ok(())
    }

    /// `ReplaceWith(content)`.
    pub fn replace_with(&self, content: &[XObject]) -> Result<()> {
        let (parent, at) = self.place()?;
        self.remove()?;
        content.iter().enumerate().try_for_each(|(offset, object)| parent.insert(at + offset, object))
    }

    /// `RemoveNodes()`.
    pub fn remove_nodes(&self) {
        self.nodes().iter().for_each(|node| node.write(|nodes, id| detach(nodes, id)));
        self.set_empty(true);
    }

    /// `RemoveAttributes()`.
    pub fn remove_attributes(&self) {
        self.attributes().iter().for_each(|attribute| attribute.write(|nodes, id| detach(nodes, id)));
    }

    /// Sets `Value`: all content of an element becomes this text.
    pub fn set_value(&self, text: &str) -> Result<()> {
        match self.kind() {
            Kind::Element => {
                self.remove_nodes();
                self.add_text(text)
            }
            Kind::Document | Kind::DocumentType => Err(not_a_container()),
            _ => {
                self.write(|nodes, id| match &mut nodes[id as usize].content {
                    Content::Attribute(_, value)
                    | Content::Text(value)
                    | Content::CData(value)
                    | Content::Comment(value)
                    | Content::ProcessingInstruction { data: value, .. } => *value = text.into(),
                    _ => {}
                });
                Ok(())
            }
        }
    }

    /// `SetAttributeValue(name, value)`: no value removes the attribute.
    pub fn set_attribute_value(&self, name: &XName, value: Option<&str>) -> Result<()> {
        match (self.attribute_named(name), value) {
            (Some(attribute), Some(value)) => attribute.set_value(value),
            (Some(attribute), None) => attribute.remove(),
            (None, Some(value)) => self.add(&XObject::attribute(name.clone(), value)),
            (None, None) => Ok(()),
        }
    }

    /// `SetElementValue(name, value)`: no value removes the element.
    pub fn set_element_value(&self, name: &XName, value: Option<&str>) -> Result<()> {
        match (self.element_named(name), value) {
            (Some(element), Some(value)) => element.set_value(value),
            (Some(element), None) => element.remove(),
            (None, Some(value)) => {
                let element = XObject::element(name.clone());
                element.add_text(value)?;
                self.add(&element)
            }
            (None, None) => Ok(()),
        }
    }

    fn place(&self) -> Result<(XObject, usize)> {
        self.parent().zip(self.position()).ok_or_else(|| Error::operation("The parent is missing."))
    }

    fn set_empty(&self, empty: bool) {
        self.write(|nodes, id| {
            if let Content::Element(element) = &mut nodes[id as usize].content {
                element.empty = empty;
            }
        });
    }

    fn insert(&self, at: usize, content: &XObject) -> Result<()> {
        let taken = content.parent().is_some() || self.read(|nodes, id| self.sibling(root_of(nodes, id)).same(content));
        let content = if taken { content.deep_clone() } else { content.clone() };
        self.check(&content)?;
        self.unite(&content);
        let child = content.read(|_, id| id);
        self.write(|nodes, id| {
            nodes[child as usize].parent = id;
            if nodes[child as usize].kind() == Kind::Attribute {
                if let Content::Element(element) = &mut nodes[id as usize].content {
                    element.attributes.push(child);
                }
                return;
            }
            if let Content::Element(element) = &mut nodes[id as usize].content {
                element.empty = false;
            }
            if let Some(children) = nodes[id as usize].children_mut() {
                children.insert(at.min(children.len()), child);
            }
        });
        Ok(())
    }

    fn check(&self, content: &XObject) -> Result<()> {
        let (kind, child) = (self.kind(), content.kind());
        let misplaced = || Error::operation("This operation would create an incorrectly structured document.");
        match (kind, child) {
            (Kind::Element, Kind::Attribute) => {
                let name = content.name();
                let twin = name.and_then(|name| self.read(|nodes, id| find_attribute(nodes, id, &name)));
                if twin.is_some() { Err(Error::operation("Duplicate attribute.")) } else { Ok(()) }
            }
            (Kind::Element, Kind::Document | Kind::DocumentType) => {
                let class = if child == Kind::Document { "Document" } else { "DocumentType" };
                Err(Error::argument(format!("A node of type {class} cannot be added to content.")))
            }
            (Kind::Element, _) => Ok(()),
            (Kind::Document, Kind::Element | Kind::DocumentType) => {
                if self.nodes().iter().any(|node| node.kind() == child) { Err(misplaced()) } else { Ok(()) }
            }
            (Kind::Document, Kind::Comment | Kind::ProcessingInstruction) => Ok(()),
            (Kind::Document, Kind::Text) if is_blank(&content.value()) => Ok(()),
            (Kind::Document, Kind::Text) => {
                Err(Error::argument("Non-whitespace characters cannot be added to content."))
            }
            (Kind::Document, Kind::Attribute) => Err(Error::argument("An attribute cannot be added to content.")),
            (Kind::Document, Kind::CData | Kind::Document) => {
                Err(Error::argument(format!("A node of type {child:?} cannot be added to content.")))
            }
            _ => Err(not_a_container()),
        }
    }
}

fn not_a_container() -> Error {
    Error::operation("The object has no content that could be changed.")
}

/// Takes the object out of its parent. An element that loses its last node is empty.
fn detach(nodes: &mut [Node], id: Id) {
    let parent = std::mem::replace(&mut nodes[id as usize].parent, NONE);
    if parent == NONE {
        return;
    }
    match &mut nodes[parent as usize].content {
        Content::Document { children, .. } => children.retain(|child| *child != id),
        Content::Element(element) => {
            element.attributes.retain(|attribute| *attribute != id);
            if let Some(at) = element.children.iter().position(|child| *child == id) {
                element.children.remove(at);
                element.empty = element.children.is_empty();
            }
        }
        _ => {}
    }
}

/// The object and all below it as an arena of their own, the object first.
fn copy(nodes: &[Node], root: Id) -> Vec<Node> {
    let mut out: Vec<Node> = Vec::new();
    let mut pending = vec![(root, NONE)];
    while let Some((id, parent)) = pending.pop() {
        let copy = out.len() as Id;
        let node = &nodes[id as usize];
        let content = match &node.content {
            Content::Document { declaration, .. } => {
                Content::Document { declaration: declaration.clone(), children: Vec::new() }
            }
            Content::Element(element) => Content::Element(Element {
                name: element.name.clone(),
                attributes: Vec::with_capacity(element.attributes.len()),
                children: Vec::with_capacity(element.children.len()),
                empty: element.empty,
            }),
            Content::Attribute(name, value) => Content::Attribute(name.clone(), Rc::clone(value)),
            Content::Text(text) => Content::Text(Rc::clone(text)),
            Content::CData(text) => Content::CData(Rc::clone(text)),
            Content::Comment(text) => Content::Comment(Rc::clone(text)),
            Content::ProcessingInstruction { target, data } => {
                Content::ProcessingInstruction { target: Rc::clone(target), data: Rc::clone(data) }
            }
            Content::DocumentType(document_type) => Content::DocumentType(document_type.clone()),
        };
        let is_attribute = matches!(content, Content::Attribute(..));
        out.push(Node { parent, content });
        if let Some(parent) = out.get_mut(parent as usize) {
            match &mut parent.content {
                Content::Element(element) if is_attribute => element.attributes.push(copy),
                _ => parent.children_mut().into_iter().for_each(|children| children.push(copy)),
            }
        }
        let below = node.attributes().iter().chain(node.children());
        pending.extend(below.rev().map(|child| (*child, copy)));
    }
    out
}

impl XObject {
    /// `ToString(SaveOptions.DisableFormatting)`.
    pub fn to_plain_xml(&self) -> Result<String> {
        self.to_xml(SaveOptions { indent: false, ..SaveOptions::default() })
    }
}
