//! What a kind of resource consists of.

use arm::{Error, ResourceId, Result};
use base::Timestamp;
use serde_json::Value;

use crate::{Field, NameRule};

/// A kind of resource, as data. See any file beside this one for how it reads.
pub struct ResourceDef {
    /// The type segment as the contract spells it: `namedValues`.
    pub segment: &'static str,
    /// What the refusals call one of it: `Named value`.
    pub title: &'static str,
    /// The kinds that it lives in; none for the service itself.
    pub parents: &'static [&'static str],
    /// Whether the same lives in workspaces, with `service/workspaces` for `service`.
    pub workspaces: bool,
    /// What a name must look like.
    pub name: NameRule,
    /// Rules on single fields, by path below `properties` (top-level fields start with `^`).
    pub fields: &'static [Field],
    /// What the service fills in where a write says nothing: path below `properties` and JSON text.
    pub defaults: &'static [(&'static str, &'static str)],
    /// Fields that the server owns: dropped from a write, kept from what is stored.
    pub read_only: &'static [&'static str],
    /// What is sealed at rest.
    pub secrets: &'static [Secret],
    /// What it refers to.
    pub references: &'static [Reference],
    /// For links: what the name of the link names.
    pub link: Option<Link>,
    /// Rules that no table can state. All other rules hold already when it runs.
    pub admit: fn(&mut Admission<'_>) -> Result<()>,
    /// The values under which it can be found, beyond those that follow from references and links.
    pub indexes: fn(&ResourceId, &Value) -> Vec<Index>,
    /// The refusal when a unique index has its value already; the second id has it.
    pub duplicate: fn(&ResourceId, &Value, &ResourceId) -> Error,
}

impl ResourceDef {
    /// What most kinds do not need to say.
    pub const BASE: Self = Self {
        segment: "",
        title: "Resource",
        parents: &["service"],
        workspaces: true,
        name: NameRule::plain(80),
        fields: &[],
        defaults: &[],
        read_only: &[],
        secrets: &[],
        references: &[],
        link: None,
        admit: |_| Ok(()),
        indexes: |_, _| Vec::new(),
        duplicate: |id, _, other| {
            Error::invalid("name", format!("'{}' conflicts with the existing '{}'.", id.name(), other.relative()))
        },
    };
}

/// A resource on its way into the store.
#[derive(Debug)]
pub struct Admission<'a> {
    /// Its id.
    pub id: &'a ResourceId,
    /// Its whole body.
    pub body: &'a mut Value,
    /// The body that it replaces.
    pub existing: Option<&'a Value>,
    /// The time of the write.
    pub now: Timestamp,
}

impl Admission<'_> {
    /// `properties`, which is an object by now.
    pub fn properties(&self) -> &Value {
        &self.body["properties"]
    }

    /// A property, JSON null where there is none.
    pub fn get(&self, name: &str) -> &Value {
        &self.body["properties"][name]
    }

    /// A property as text, empty where it is none.
    pub fn text(&self, name: &str) -> &str {
        self.get(name).as_str().unwrap_or_default()
    }

    /// Sets a property.
    pub fn set(&mut self, name: &str, value: impl Into<Value>) {
        self.body["properties"][name] = value.into();
    }

    /// Sets a property unless it has a value.
    pub fn set_default(&mut self, name: &str, value: impl Into<Value>) {
        if self.get(name).is_null() {
            self.set(name, value);
        }
    }
}

/// A value under which a resource can be found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Index {
    /// Name of the index.
    pub name: &'static str,
    /// The value; what is unique in a scope carries the scope's key.
    pub value: String,
    /// Whether only one resource may have it.
    pub unique: bool,
}

impl Index {
    /// A value that any number of resources may share.
    pub fn many(name: &'static str, value: impl Into<String>) -> Self {
        Self { name, value: value.into(), unique: false }
    }

    /// A value that one resource in the scope of `id` may have; letters compare without case.
    pub fn one_in_scope(name: &'static str, id: &ResourceId, value: &str) -> Self {
        Self { name, value: Self::scoped(id, value), unique: true }
    }

    /// `value` as it stands in the indexes of the scope of `id`.
    pub fn scoped(id: &ResourceId, value: &str) -> String {
        let scope = id.scope().map(|scope| scope.key()).unwrap_or_default();
        format!("{scope}|{}", value.to_lowercase())
    }
}

/// A field that refers to another resource. It is stored as a full id and indexed under the field's last word.
pub struct Reference {
    /// Path below `properties`.
    pub path: &'static str,
    /// Type segments that it may refer to, directly below the scope.
    pub to: &'static [&'static str],
    /// Whether it may name a whole type (`/apis`) as well.
    pub collections: bool,
    /// The index that finds the referring resources.
    pub index: &'static str,
}

/// A field that is sealed at rest.
pub struct Secret {
    /// Path below `properties`.
    pub path: &'static str,
    /// Who sees it again.
    pub shown: Shown,
}

/// Whether a GET returns a secret.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shown {
    /// Never; `listSecrets` and `listValue` do, and a write without it keeps what is stored.
    Never,
    /// Always: it is sealed at rest only, because clients compare what they wrote with what they read.
    Always,
    /// Unless the property named here is true.
    Unless(&'static str),
}

/// A resource that only says that its parent and another one belong together.
pub struct Link {
    /// The type segment of the other one, directly below the scope (or the service, for users).
    pub to: &'static str,
}
