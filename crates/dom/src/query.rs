//! Finding one's way: parents, children, attributes, neighbours, namespaces in scope, equality.

use std::rc::Rc;

use crate::grove::{Id, NONE};
use crate::node::{Content, Kind, Node, XObject, preorder};
use crate::{XML, XMLNS, XName};

impl XObject {
    /// The element or document around; `XObject.Parent` gives only elements, see [`XObject::parent_element`].
    pub fn parent(&self) -> Option<XObject> {
        let parent = self.read(|nodes, id| nodes[id as usize].parent);
        (parent != NONE).then(|| self.sibling(parent))
    }

    /// `XObject.Parent`.
    pub fn parent_element(&self) -> Option<XObject> {
        self.parent().filter(|parent| parent.kind() == Kind::Element)
    }

    /// `XObject.Document`.
    pub fn owner_document(&self) -> Option<XObject> {
        let root = self.read(root_of);
        Some(self.sibling(root)).filter(|root| root.kind() == Kind::Document)
    }

    /// `XDocument.Root`.
    pub fn root_element(&self) -> Option<XObject> {
        self.elements(None).into_iter().next()
    }

    /// `Nodes()`.
    pub fn nodes(&self) -> Vec<XObject> {
        let ids = self.read(|nodes, id| nodes[id as usize].children().to_vec());
        self.siblings(ids)
    }

    /// `Elements()`, `Elements(name)`.
    pub fn elements(&self, name: Option<&XName>) -> Vec<XObject> {
        let ids = self.read(|nodes, id| {
            let children = nodes[id as usize].children().iter().copied();
            children.filter(|id| is_element(&nodes[*id as usize], name)).collect::<Vec<_>>()
        });
        self.siblings(ids)
    }

    /// `Element(name)`.
    pub fn element_named(&self, name: &XName) -> Option<XObject> {
        let id = self.read(|nodes, id| {
            nodes[id as usize].children().iter().copied().find(|id| is_element(&nodes[*id as usize], Some(name)))
        })?;
        Some(self.sibling(id))
    }

    /// `DescendantNodes()`.
    pub fn descendant_nodes(&self) -> Vec<XObject> {
        let ids = self.read(|nodes, id| preorder(nodes, id).skip(1).collect::<Vec<_>>());
        self.siblings(ids)
    }

    /// `Descendants()`, `Descendants(name)`.
    pub fn descendants(&self, name: Option<&XName>) -> Vec<XObject> {
        let ids = self.read(|nodes, id| {
            let below = preorder(nodes, id).skip(1);
            below.filter(|id| is_element(&nodes[*id as usize], name)).collect::<Vec<_>>()
        });
        self.siblings(ids)
    }

    /// `Ancestors()`, `Ancestors(name)`: elements, nearest first.
    pub fn ancestors(&self, name: Option<&XName>) -> Vec<XObject> {
        let ids = self.read(|nodes, id| {
            ancestors(nodes, id).filter(|id| is_element(&nodes[*id as usize], name)).collect::<Vec<_>>()
        });
        self.siblings(ids)
    }

    /// `Attributes()`.
    pub fn attributes(&self) -> Vec<XObject> {
        let ids = self.read(|nodes, id| nodes[id as usize].attributes().to_vec());
        self.siblings(ids)
    }

    /// `Attribute(name)`.
    pub fn attribute_named(&self, name: &XName) -> Option<XObject> {
        let id = self.read(|nodes, id| find_attribute(nodes, id, name))?;
        Some(self.sibling(id))
    }

    /// Its place among the nodes or attributes of its parent.
    pub(crate) fn position(&self) -> Option<usize> {
        self.read(|nodes, id| {
            let parent = nodes.get(nodes[id as usize].parent as usize)?;
            let is_attribute = nodes[id as usize].kind() == Kind::Attribute;
            let list = if is_attribute { parent.attributes() } else { parent.children() };
            list.iter().position(|other| *other == id)
        })
    }

    fn neighbour(&self, at: Option<usize>) -> Option<XObject> {
        let parent = self.parent()?;
        let is_attribute = self.kind() == Kind::Attribute;
        let id = parent.read(|nodes, id| {
            let parent = &nodes[id as usize];
            let list = if is_attribute { parent.attributes() } else { parent.children() };
            list.get(at?).copied()
        })?;
        Some(parent.sibling(id))
    }

    /// `NextNode`, `NextAttribute`.
    pub fn next(&self) -> Option<XObject> {
        self.neighbour(self.position()?.checked_add(1))
    }

    /// `PreviousNode`, `PreviousAttribute`.
    pub fn previous(&self) -> Option<XObject> {
        self.neighbour(self.position()?.checked_sub(1))
    }

    /// `GetNamespaceOfPrefix(prefix)`; the empty prefix asks for the default namespace.
    pub fn namespace_of_prefix(&self, prefix: &str) -> Option<Rc<str>> {
        self.read(|nodes, id| namespace_of_prefix(nodes, id, prefix))
    }

    /// `GetPrefixOfNamespace(namespace)`.
    pub fn prefix_of_namespace(&self, namespace: &str) -> Option<Rc<str>> {
        self.read(|nodes, id| {
            let around = std::iter::once(id).chain(ancestors(nodes, id));
            let declared = around.flat_map(|id| declarations(nodes, id)).find(|(prefix, uri)| {
                let prefix: &str = prefix;
                !prefix.is_empty()
                    && &***uri == namespace
                    && namespace_of_prefix(nodes, id, prefix).as_deref() == Some(namespace)
            });
            declared.map(|(prefix, _)| prefix).or_else(|| match namespace {
                XML => Some("xml".into()),
                XMLNS => Some("xmlns".into()),
                _ => None,
            })
        })
    }

    /// `XNode.DeepEquals`: names, attributes in order, and nodes.
    pub fn deep_equals(&self, other: &XObject) -> bool {
        self.read(|a, left| other.read(|b, right| deep_equals(a, left, b, right)))
    }
}

fn is_element(node: &Node, name: Option<&XName>) -> bool {
    matches!(&node.content, Content::Element(element) if name.is_none_or(|name| element.name == *name))
}

pub(crate) fn find_attribute(nodes: &[Node], id: Id, name: &XName) -> Option<Id> {
    nodes[id as usize].attributes().iter().copied().find(|id| nodes[*id as usize].name() == Some(name))
}

/// Parents, nearest first, the document included.
pub(crate) fn ancestors(nodes: &[Node], id: Id) -> impl Iterator<Item = Id> {
    let up = |id: Id| Some(nodes[id as usize].parent).filter(|parent| *parent != NONE);
    std::iter::successors(up(id), move |id| up(*id))
}

pub(crate) fn root_of(nodes: &[Node], id: Id) -> Id {
    ancestors(nodes, id).last().unwrap_or(id)
}

/// The namespace declarations of one element: prefix and namespace.
pub(crate) fn declarations(nodes: &[Node], id: Id) -> impl Iterator<Item = (Rc<str>, &Rc<str>)> {
    nodes[id as usize].attributes().iter().filter_map(|id| match &nodes[*id as usize].content {
        Content::Attribute(name, value) if name.declares_namespace() => {
            let prefix = if name.namespace.is_empty() { "".into() } else { Rc::clone(&name.local) };
            Some((prefix, value))
        }
        _ => None,
    })
}

pub(crate) fn namespace_of_prefix(nodes: &[Node], id: Id, prefix: &str) -> Option<Rc<str>> {
    let mut around = std::iter::once(id).chain(ancestors(nodes, id));
    let declared = around.find_map(|id| declarations(nodes, id).find(|(known, _)| **known == *prefix));
    match (declared, prefix) {
        (Some((_, uri)), _) => Some(Rc::clone(uri)),
        (None, "xml") => Some(XML.into()),
        (None, "xmlns") => Some(XMLNS.into()),
        (None, _) => None,
    }
}

fn deep_equals(a: &[Node], left: Id, b: &[Node], right: Id) -> bool {
    let mut pending = vec![(left, right)];
    while let Some((left, right)) = pending.pop() {
        let (x, y) = (&a[left as usize], &b[right as usize]);
        let same = match (&x.content, &y.content) {
            (Content::Element(p), Content::Element(q)) => p.name == q.name && p.empty == q.empty,
            (Content::Document { .. }, Content::Document { .. }) => true,
            (Content::Attribute(p, v), Content::Attribute(q, w)) => p == q && v == w,
            (Content::Text(v), Content::Text(w))
            | (Content::CData(v), Content::CData(w))
            | (Content::Comment(v), Content::Comment(w)) => v == w,
            (
                Content::ProcessingInstruction { target: p, data: v },
                Content::ProcessingInstruction { target: q, data: w },
            ) => p == q && v == w,
            (Content::DocumentType(p), Content::DocumentType(q)) => p == q,
            _ => false,
        };
        let counts = |node: &Node| (node.children().len(), node.attributes().len());
        if !same || counts(x) != counts(y) {
            return false;
        }
        pending.extend(x.children().iter().copied().zip(y.children().iter().copied()));
        pending.extend(x.attributes().iter().copied().zip(y.attributes().iter().copied()));
    }
    true
}
