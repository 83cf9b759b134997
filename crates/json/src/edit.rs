//! Changing a tree. A token that has a parent is cloned when it is added somewhere else, as Newtonsoft does.

use crate::error::{Error, ErrorKind, Result};
use crate::grove::{Grove, Id, NONE};
use crate::token::{Content, JToken, JTokenType, Members, Node, bad_key, link, unlink};
use crate::{Text, Value};

impl JToken {
    /// `DeepClone()`: the copy has no parent.
    pub fn deep_clone(&self) -> JToken {
        let nodes = self.read(copy);
        JToken { grove: Grove::of(nodes), id: 0 }
    }

    /// `Add(content)` at the end.
    pub fn add(&self, content: &JToken) -> Result<()> {
        self.insert_token(self.count(), content).map(|_| ())
    }

    /// `JObject.Add(name, value)`.
    pub fn add_property(&self, name: impl Into<Text>, value: &JToken) -> Result<()> {
        self.add(&JToken::property(name, value)?)
    }

    /// `JArray.Insert(index, item)`.
    pub fn insert(&self, index: i64, item: &JToken) -> Result<()> {
        match usize::try_from(index).ok().filter(|at| *at <= self.count()) {
            Some(at) => self.insert_token(at, item).map(|_| ()),
            None => Err(out_of_range("Index must be within the bounds of the List.")),
        }
    }

    /// `AddFirst(content)`.
    pub fn add_first(&self, content: &JToken) -> Result<()> {
        self.insert_token(0, content).map(|_| ())
    }

    /// `AddAfterSelf(content)`.
    pub fn add_after_self(&self, content: &JToken) -> Result<()> {
        let (parent, at) = self.place()?;
        parent.insert_token(at + 1, content).map(|_| ())
    }

    /// `AddBeforeSelf(content)`.
    pub fn add_before_self(&self, content: &JToken) -> Result<()> {
        let (parent, at) = self.place()?;
        parent.insert_token(at, content).map(|_| ())
    }

    /// `Remove()`.
    pub fn remove(&self) -> Result<()> {
        let (parent, _) = self.place()?;
        if parent.kind() == JTokenType::Property {
            return Err(Error::json("Cannot add or remove items from Newtonsoft.Json.Linq.JProperty."));
        }
        self.detach();
        Ok(())
    }

    /// `JObject.Remove(name)`: whether there was such a property.
    pub fn remove_property(&self, name: &str) -> bool {
        self.property_named(name).map(|property| property.detach()).is_some()
    }

    /// `JArray.RemoveAt(index)`.
    pub fn remove_at(&self, index: i64) -> Result<()> {
        let child = usize::try_from(index).ok().and_then(|at| self.child(at));
        child.map(|child| child.detach()).ok_or_else(|| out_of_range("Index is equal to or greater than Count."))
    }

    /// `RemoveAll()`, `Clear()`.
    pub fn clear(&self) -> Result<()> {
        if self.kind() == JTokenType::Property {
            return Err(Error::json("Cannot add or remove items from Newtonsoft.Json.Linq.JProperty."));
        }
        self.children().iter().for_each(JToken::detach);
        Ok(())
    }

    /// `Replace(value)`.
    pub fn replace(&self, value: &JToken) -> Result<()> {
        let (parent, at) = self.place()?;
        if self.same(value) {
            return Ok(());
        }
        parent.check(value, Some(self))?;
        let value = parent.adopt(value);
        self.detach();
        parent.link_child(at, &value);
        Ok(())
    }

    /// `token["name"] = value`.
    pub fn set_key(&self, key: &str, value: &JToken) -> Result<()> {
        match self.kind() {
            JTokenType::Object => match self.property_named(key) {
                Some(property) => property.set_property_value(value),
                None => self.add_property(key, value),
            },
            JTokenType::Array => Err(bad_key("Set JArray", &format!("\"{key}\""), "Int32 array index")),
            JTokenType::Constructor => Err(bad_key("Set JConstructor", &format!("\"{key}\""), "Argument position")),
            _ => Err(Error::operation(format!("Cannot set child value on {}.", self.class()))),
        }
    }

    /// `token[index] = value`.
    pub fn set_index(&self, index: i64, value: &JToken) -> Result<()> {
        match self.kind() {
            JTokenType::Array | JTokenType::Constructor => {
                match usize::try_from(index).ok().and_then(|at| self.child(at)) {
                    Some(old) => old.replace(value),
                    None => Err(out_of_range("Index is equal to or greater than Count.")),
                }
            }
            JTokenType::Object => Err(bad_key("Set JObject", &index.to_string(), "Object property name")),
            _ => Err(Error::operation(format!("Cannot set child value on {}.", self.class()))),
        }
    }

    /// `JProperty.Value = value`.
    pub fn set_property_value(&self, value: &JToken) -> Result<()> {
        match self.child(0) {
            Some(old) => old.replace(value),
            None => self.add(value),
        }
    }

    /// The parent and the place in it.
    fn place(&self) -> Result<(JToken, usize)> {
        self.parent().zip(self.position()).ok_or_else(|| Error::operation("The parent is missing."))
    }

    pub(crate) fn insert_token(&self, at: usize, content: &JToken) -> Result<JToken> {
        self.check(content, None)?;
        if self.kind() == JTokenType::Property && self.count() > 0 {
            return Err(Error::json("Newtonsoft.Json.Linq.JProperty cannot have multiple values."));
        }
        let content = self.adopt(content);
        self.link_child(at, &content);
        Ok(content)
    }

    /// Whether `content` may be a child here, in place of `old` if that is given.
    fn check(&self, content: &JToken, old: Option<&JToken>) -> Result<()> {
        let (kind, child) = (self.kind(), content.kind());
        let accepted = match kind {
            JTokenType::Object => child == JTokenType::Property,
            JTokenType::Array | JTokenType::Constructor | JTokenType::Property => child != JTokenType::Property,
            _ => return Err(Error::operation(format!("Cannot add content to {}.", self.class()))),
        };
        if !accepted {
            return Err(Error::argument(format!("Can not add {} to {}.", content.class(), self.class())));
        }
        let name = content.name().filter(|_| kind == JTokenType::Object);
        let twin = name.as_deref().and_then(|name| self.property_named(name));
        match twin.filter(|twin| old.is_none_or(|old| !old.same(twin))) {
            None => Ok(()),
            Some(_) => Err(Error::argument(format!(
                "Can not add property {} to Newtonsoft.Json.Linq.JObject. Property with the same name already exists on object.",
                name.unwrap_or_else(|| "".into())
            ))),
        }
    }

    /// The token itself, or a copy where it is in a tree already or would become its own child.
    fn adopt(&self, content: &JToken) -> JToken {
        let taken = content.parent().is_some() || content.same(&self.root());
        let content = if taken { content.deep_clone() } else { content.clone() };
        self.unite(&content);
        content
    }

    fn link_child(&self, at: usize, child: &JToken) {
        let child = child.read(|_, id| id);
        self.write(|nodes, id| link(nodes, id, at, child));
    }

    fn detach(&self) {
        self.write(|nodes, id| {
            let parent = nodes[id as usize].parent;
            if parent != NONE {
                unlink(nodes, parent, id);
            }
        });
    }
}

fn out_of_range(message: &str) -> Error {
    Error::new(ErrorKind::ArgumentOutOfRange, format!("{message} (Parameter 'index')"))
}

/// The node and all below it as an arena of their own, the node first.
fn copy(nodes: &[Node], root: Id) -> Vec<Node> {
    let mut out: Vec<Node> = Vec::new();
    let mut pending = vec![(root, NONE)];
    while let Some((id, parent)) = pending.pop() {
        let copy = out.len() as Id;
        let node = &nodes[id as usize];
        let content = match &node.content {
            Content::Object(_) => Content::Object(Members::default()),
            Content::Array(items) => Content::Array(Vec::with_capacity(items.len())),
            Content::Constructor(name, items) => Content::Constructor(name.clone(), Vec::with_capacity(items.len())),
            Content::Property(name, _) => Content::Property(name.clone(), NONE),
            Content::Value(value) => Content::Value(value.clone()),
        };
        out.push(Node::root(content));
        if parent != NONE {
            link(&mut out, parent, usize::MAX, copy);
        }
        pending.extend(node.children().iter().rev().map(|child| (*child, copy)));
    }
    out
}

impl From<Value> for JToken {
    fn from(value: Value) -> Self {
        JToken::value(value)
    }
}
