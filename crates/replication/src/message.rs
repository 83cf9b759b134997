//! The messages, as JSON on the wire and in the file that a gateway keeps.

use std::collections::BTreeMap;

use base::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use store::{Document, Etag, Key};

/// Where a gateway stands in the feed of a management node.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Place {
    /// Which database that feed is of.
    pub database: String,
    /// The newest position whose changes the gateway has.
    pub position: u64,
}

/// A document as a gateway gets it: secrets open, and without what no gateway needs.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Sent {
    /// Its id; the key follows from it.
    pub id: String,
    /// Its kind.
    pub kind: String,
    /// What there is to say.
    pub body: Value,
    /// Which version of it this is.
    pub version: Version,
    /// The layout version of `body`.
    pub shape: u32,
    /// When it was written first, in nanoseconds since 1970.
    pub created: i64,
}

/// Which version of a document is meant: the position that wrote it, and when that was. Two databases that parted after a restore do
/// not agree on both.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
pub struct Version(pub u64, pub i64);

impl Version {
    /// The version of a stored document.
    pub fn of(document: &Document) -> Self {
        Self(document.etag.0, document.modified.0)
    }
}

impl Sent {
    /// A document with this body in place of its own.
    pub fn new(document: &Document, body: Value) -> Self {
        Self {
            id: document.id.clone(),
            kind: document.kind.clone(),
            body,
            version: Version::of(document),
            shape: document.shape,
            created: document.created.0,
        }
    }

    /// The document, as a gateway's own store holds it at `etag`.
    pub(crate) fn document(self, etag: Etag) -> Document {
        Document {
            key: Key::new(&self.id),
            id: self.id,
            kind: self.kind,
            body: self.body,
            etag,
            shape: self.shape,
            created: Timestamp(self.created),
            modified: Timestamp(self.version.1),
            indexes: Vec::new(),
        }
    }
}

/// What a gateway must do to stand at `place`, all of it at once.
#[derive(Clone, Debug, Default, PartialEq, Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Changes {
    /// Where the gateway stands afterwards.
    pub place: Place,
    /// Documents that are new to it, or changed.
    pub written: Vec<Sent>,
    /// Keys of documents that it must forget: they are gone, or concern it no longer.
    pub deleted: Vec<String>,
}

/// What a gateway holds, for a node that does not know.
#[derive(Clone, Debug, Default, PartialEq, Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Held {
    /// Versions by key.
    pub documents: BTreeMap<String, Version>,
}

/// How a gateway is.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Heartbeat {
    /// Tells processes of one gateway apart.
    pub instance: String,
    /// The version of the program.
    pub version: String,
    /// The newest position that it serves.
    pub position: u64,
    /// How long it has run, in seconds.
    pub uptime_seconds: u64,
    /// Open connections of clients.
    pub open_connections: u64,
    /// Documents that it could not use.
    pub faults: u64,
}
