//! Reads OpenAPI 2, 3.0 and 3.1 documents, JSON or YAML, into the entities of an API.
//!
//! The reader is tolerant: it takes what it knows from a JSON value and leaves the rest, because real documents break the letter of the
//! standard all the time. What it cannot leave out without changing what the API does is a [`Problem`].

mod document;
mod name;
mod operation;
mod parameter;
mod representation;
mod server;
mod text;

pub use document::read;
pub use operation::query_out_of_template;
pub use text::{Problem, Syntax};

use serde_json::{Map, Value};

/// What an OpenAPI document says, as contract bodies of the entities it becomes.
#[derive(Debug, Default, PartialEq)]
pub struct Import {
    /// Properties of the API: `displayName`, `description`, `serviceUrl` and what else the document gives.
    pub api: Map<String, Value>,
    /// The operations, in the document's order.
    pub operations: Vec<Entity>,
    /// The schema document that representations refer to, if there are schemas.
    pub schemas: Vec<Entity>,
    /// What was left out, for whoever imports.
    pub warnings: Vec<String>,
}

/// A child entity of the API.
#[derive(Clone, Debug, PartialEq)]
pub struct Entity {
    /// Its resource name.
    pub name: String,
    /// Its properties.
    pub properties: Value,
}
