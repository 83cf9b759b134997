//! `JToken`: a node of the tree, its kind, its content and its neighbours.

use std::collections::HashMap;
use std::fmt;
use std::rc::Rc;

use crate::error::{Error, Result};
use crate::grove::{Grove, Id, NONE};
use crate::{Text, Value};

/// A handle on a node. Clones mean the same node.
#[derive(Clone)]
pub struct JToken {
    pub(crate) grove: Rc<Grove>,
    pub(crate) id: Id,
}

/// `Newtonsoft.Json.Linq.JTokenType`, in the order of its numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[allow(missing_docs, reason = "the names are the documentation")]
pub enum JTokenType {
    None,
    Object,
    Array,
    Constructor,
    Property,
    Comment,
    Integer,
    Float,
    String,
    Boolean,
    Null,
    Undefined,
    Date,
    Raw,
    Bytes,
    Guid,
    Uri,
    TimeSpan,
}

impl JTokenType {
    /// The name of the class that represents the type, without its namespace.
    pub fn class(self) -> &'static str {
        match self {
            JTokenType::Object => "JObject",
            JTokenType::Array => "JArray",
            JTokenType::Constructor => "JConstructor",
            JTokenType::Property => "JProperty",
            JTokenType::Raw => "JRaw",
            _ => "JValue",
        }
    }
}

impl fmt::Display for JTokenType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self, f)
    }
}

pub(crate) struct Node {
    pub(crate) parent: Id,
    pub(crate) content: Content,
}

pub(crate) enum Content {
    Object(Members),
    Array(Vec<Id>),
    Constructor(Text, Vec<Id>),
    /// The value is [`NONE`] while the property is being filled.
    Property(Text, Id),
    Value(Value),
}

/// Properties in order, with an index once there are many.
#[derive(Default)]
pub(crate) struct Members {
    ids: Vec<Id>,
    #[allow(clippy::box_collection, reason = "few objects are large, and every node pays for this field")]
    index: Option<Box<HashMap<Text, Id>>>,
}

/// Up to here a scan beats a hash.
const SCANNED: usize = 16;

impl Members {
    pub(crate) fn of(ids: Vec<Id>, nodes: &[Node]) -> Members {
        let mut members = Members { ids, index: None };
        members.reindex(nodes);
        members
    }

    /// For nodes that are still to come: [`Members::of`] makes the index.
    pub(crate) fn unindexed(ids: Vec<Id>) -> Members {
        Members { ids, index: None }
    }

    pub(crate) fn ids(&self) -> &[Id] {
        &self.ids
    }

    pub(crate) fn find(&self, nodes: &[Node], name: &str) -> Option<Id> {
        match &self.index {
            Some(index) => index.get(name).copied(),
            None => self.ids.iter().copied().find(|id| nodes[*id as usize].name() == Some(name)),
        }
    }

    fn reindex(&mut self, nodes: &[Node]) {
        self.index = (self.ids.len() > SCANNED).then(|| {
            let named = |id: &Id| match &nodes[*id as usize].content {
                Content::Property(name, _) => Some((name.clone(), *id)),
                _ => None,
            };
            Box::new(self.ids.iter().filter_map(named).collect())
        });
    }

    fn note(&mut self, name: Text, id: Id, nodes: &[Node]) {
        match &mut self.index {
            Some(index) => {
                index.insert(name, id);
            }
            None => self.reindex(nodes),
        }
    }
}

impl Node {
    pub(crate) fn root(content: Content) -> Node {
        Node { parent: NONE, content }
    }

    pub(crate) fn kind(&self) -> JTokenType {
        match &self.content {
            Content::Object(_) => JTokenType::Object,
            Content::Array(_) => JTokenType::Array,
            Content::Constructor(..) => JTokenType::Constructor,
            Content::Property(..) => JTokenType::Property,
            Content::Value(value) => value.kind(),
        }
    }

    pub(crate) fn name_text(&self) -> Option<&Text> {
        match &self.content {
            Content::Property(name, _) => Some(name),
            _ => None,
        }
    }

    pub(crate) fn name(&self) -> Option<&str> {
        self.name_text().map(Text::as_str)
    }

    pub(crate) fn is_value(&self) -> bool {
        matches!(self.content, Content::Value(_))
    }

    pub(crate) fn children(&self) -> &[Id] {
        match &self.content {
            Content::Object(members) => &members.ids,
            Content::Array(items) | Content::Constructor(_, items) => items,
            Content::Property(_, NONE) | Content::Value(_) => &[],
            Content::Property(_, value) => std::slice::from_ref(value),
        }
    }

    /// Moves every index in the node, after the node itself moved.
    pub(crate) fn shift(&mut self, by: Id) {
        let moved = |id: &mut Id| {
            if *id != NONE {
                *id += by;
            }
        };
        moved(&mut self.parent);
        match &mut self.content {
            Content::Object(members) => {
                members.ids.iter_mut().for_each(moved);
                members.index.iter_mut().flat_map(|index| index.values_mut()).for_each(moved);
            }
            Content::Array(items) | Content::Constructor(_, items) => items.iter_mut().for_each(moved),
            Content::Property(_, value) => moved(value),
            Content::Value(_) => {}
        }
    }
}

/// Puts `child` at `at` among the children of `parent`. The caller has checked that it may be there.
pub(crate) fn link(nodes: &mut [Node], parent: Id, at: usize, child: Id) {
    nodes[child as usize].parent = parent;
    let name = nodes[child as usize].name_text().cloned();
    let mut content = std::mem::replace(&mut nodes[parent as usize].content, Content::Value(Value::Null));
    match &mut content {
        Content::Object(members) => {
            members.ids.insert(at.min(members.ids.len()), child);
            if let Some(name) = name {
                members.note(name, child, nodes);
            }
        }
        Content::Array(items) | Content::Constructor(_, items) => items.insert(at.min(items.len()), child),
        Content::Property(_, value) => *value = child,
        Content::Value(_) => {}
    }
    nodes[parent as usize].content = content;
}

/// Takes `child` out of `parent`; it becomes a root. Gives its former place.
pub(crate) fn unlink(nodes: &mut [Node], parent: Id, child: Id) -> Option<usize> {
    let at = nodes[parent as usize].children().iter().position(|id| *id == child)?;
    nodes[child as usize].parent = NONE;
    let name = nodes[child as usize].name_text().cloned();
    match &mut nodes[parent as usize].content {
        Content::Object(members) => {
            members.ids.remove(at);
            if let (Some(index), Some(name)) = (&mut members.index, name) {
                index.remove(&name);
            }
        }
        Content::Array(items) | Content::Constructor(_, items) => {
            items.remove(at);
        }
        Content::Property(_, value) => *value = NONE,
        Content::Value(_) => {}
    }
    Some(at)
}

impl JToken {
    pub(crate) fn root_of(content: Content) -> JToken {
        JToken { grove: Grove::of(vec![Node::root(content)]), id: 0 }
    }

    /// `new JObject()`.
    pub fn object() -> JToken {
        Self::root_of(Content::Object(Members::default()))
    }

    /// `new JArray()`.
    pub fn array() -> JToken {
        Self::root_of(Content::Array(Vec::new()))
    }

    /// `new JConstructor(name)`.
    pub fn constructor(name: impl Into<Text>) -> JToken {
        Self::root_of(Content::Constructor(name.into(), Vec::new()))
    }

    /// `new JValue(value)`, and `new JRaw`, `JValue.CreateComment` and their like.
    pub fn value(value: impl Into<Value>) -> JToken {
        Self::root_of(Content::Value(value.into()))
    }

    /// `new JProperty(name, content)`; a content that has a parent is cloned.
    pub fn property(name: impl Into<Text>, content: &JToken) -> Result<JToken> {
        let property = Self::root_of(Content::Property(name.into(), NONE));
        property.add(content)?;
        Ok(property)
    }

    /// `JToken.Type`.
    pub fn kind(&self) -> JTokenType {
        self.read(|nodes, id| nodes[id as usize].kind())
    }

    /// Whether it is a `JContainer`.
    pub fn is_container(&self) -> bool {
        self.read(|nodes, id| !nodes[id as usize].is_value())
    }

    /// The content of a `JValue`; `None` for containers.
    pub fn as_value(&self) -> Option<Value> {
        self.read(|nodes, id| match &nodes[id as usize].content {
            Content::Value(value) => Some(value.clone()),
            _ => None,
        })
    }

    /// The string of a `JValue` that holds one.
    pub fn as_text(&self) -> Option<Text> {
        match self.as_value() {
            Some(Value::String(text)) => Some(text),
            _ => None,
        }
    }

    /// Sets `JValue.Value`; nothing happens to a container.
    pub fn set_value(&self, value: impl Into<Value>) {
        let value = value.into();
        self.write(|nodes, id| {
            if nodes[id as usize].is_value() {
                nodes[id as usize].content = Content::Value(value);
            }
        });
    }

    /// The name of a `JProperty` or `JConstructor`.
    pub fn name(&self) -> Option<Text> {
        self.read(|nodes, id| match &nodes[id as usize].content {
            Content::Property(name, _) | Content::Constructor(name, _) => Some(name.clone()),
            _ => None,
        })
    }

    /// `JToken.Parent`.
    pub fn parent(&self) -> Option<JToken> {
        let parent = self.read(|nodes, id| nodes[id as usize].parent);
        (parent != NONE).then(|| self.sibling(parent))
    }

    /// `JToken.Root`.
    pub fn root(&self) -> JToken {
        let root = self.read(|nodes, mut id| {
            while nodes[id as usize].parent != NONE {
                id = nodes[id as usize].parent;
            }
            id
        });
        self.sibling(root)
    }

    /// `Ancestors()`, nearest first.
    pub fn ancestors(&self) -> Vec<JToken> {
        let ids = self.read(|nodes, id| {
            let up = |id: Id| Some(nodes[id as usize].parent).filter(|p| *p != NONE);
            std::iter::successors(up(id), |id| up(*id)).collect::<Vec<_>>()
        });
        self.siblings(ids)
    }

    /// `Children()`: a value has none.
    pub fn children(&self) -> Vec<JToken> {
        let ids = self.read(|nodes, id| nodes[id as usize].children().to_vec());
        self.siblings(ids)
    }

    /// How many children there are.
    pub fn count(&self) -> usize {
        self.read(|nodes, id| nodes[id as usize].children().len())
    }

    /// The child at a place; `None` beyond the end. For an object these are its properties.
    pub fn child(&self, at: usize) -> Option<JToken> {
        let id = self.read(|nodes, id| nodes[id as usize].children().get(at).copied())?;
        Some(self.sibling(id))
    }

    /// `First`. A value throws.
    pub fn first(&self) -> Result<Option<JToken>> {
        self.require_children().map(|()| self.child(0))
    }

    /// `Last`. A value throws.
    pub fn last(&self) -> Result<Option<JToken>> {
        self.require_children().map(|()| self.count().checked_sub(1).and_then(|last| self.child(last)))
    }

    fn require_children(&self) -> Result<()> {
        if self.is_container() { Ok(()) } else { Err(self.cannot_access()) }
    }

    fn cannot_access(&self) -> Error {
        Error::operation(format!("Cannot access child value on {}.", self.class()))
    }

    /// The full name of the .NET class.
    pub fn class(&self) -> String {
        format!("Newtonsoft.Json.Linq.{}", self.kind().class())
    }

    /// Its place among its siblings.
    pub fn position(&self) -> Option<usize> {
        self.read(|nodes, id| {
            let parent = nodes.get(nodes[id as usize].parent as usize)?;
            parent.children().iter().position(|child| *child == id)
        })
    }

    /// `Next`.
    pub fn next(&self) -> Option<JToken> {
        self.parent()?.child(self.position()? + 1)
    }

    /// `Previous`.
    pub fn previous(&self) -> Option<JToken> {
        self.parent()?.child(self.position()?.checked_sub(1)?)
    }

    /// `Descendants()` in document order, properties included.
    pub fn descendants(&self) -> Vec<JToken> {
        let ids = self.read(|nodes, id| preorder(nodes, id).skip(1).collect::<Vec<_>>());
        self.siblings(ids)
    }

    /// `JObject.Property(name)`.
    pub fn property_named(&self, name: &str) -> Option<JToken> {
        let id = self.read(|nodes, id| match &nodes[id as usize].content {
            Content::Object(members) => members.find(nodes, name),
            _ => None,
        })?;
        Some(self.sibling(id))
    }

    /// `JProperty.Value`, also the value of a property found by name in an object: `JObject.GetValue(name)`.
    pub fn get(&self, name: &str) -> Option<JToken> {
        let id = self.read(|nodes, id| lookup(nodes, id, name))?;
        Some(self.sibling(id))
    }

    /// `JProperty.Value`.
    pub fn property_value(&self) -> Option<JToken> {
        match self.kind() {
            JTokenType::Property => self.child(0),
            _ => None,
        }
    }

    /// `token["name"]`.
    pub fn at_key(&self, key: &str) -> Result<Option<JToken>> {
        match self.kind() {
            JTokenType::Object => Ok(self.get(key)),
            JTokenType::Array => Err(bad_key("Accessed JArray", &format!("\"{key}\""), "Int32 array index")),
            JTokenType::Constructor => {
                Err(bad_key("Accessed JConstructor", &format!("\"{key}\""), "Argument position"))
            }
            _ => Err(self.cannot_access()),
        }
    }

    /// `token[index]`.
    pub fn at_index(&self, index: i64) -> Result<JToken> {
        match self.kind() {
            JTokenType::Array | JTokenType::Constructor => {
                usize::try_from(index).ok().and_then(|at| self.child(at)).ok_or_else(Error::index_out_of_range)
            }
            JTokenType::Object => Err(bad_key("Accessed JObject", &index.to_string(), "Object property name")),
            _ => Err(self.cannot_access()),
        }
    }
}

pub(crate) fn bad_key(what: &str, key: &str, expected: &str) -> Error {
    Error::argument(format!("{what} values with invalid key value: {key}. {expected} expected."))
}

pub(crate) fn lookup(nodes: &[Node], id: Id, name: &str) -> Option<Id> {
    let Content::Object(members) = &nodes[id as usize].content else { return None };
    nodes[members.find(nodes, name)? as usize].children().first().copied()
}

/// The node and all below it, in document order.
pub(crate) fn preorder(nodes: &[Node], id: Id) -> impl Iterator<Item = Id> {
    let mut pending = vec![id];
    std::iter::from_fn(move || {
        let id = pending.pop()?;
        pending.extend(nodes[id as usize].children().iter().rev());
        Some(id)
    })
}

impl fmt::Debug for JToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.to_json(crate::Formatting::None))
    }
}

/// `JToken.ToString()`.
impl fmt::Display for JToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.as_value() {
            Some(value) => f.write_str(&value.display()),
            None => f.write_str(&self.to_json(crate::Formatting::Indented)),
        }
    }
}
