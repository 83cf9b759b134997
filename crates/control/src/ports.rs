//! What control asks of other rooms, as traits: checking policies, fetching documents, knowing what is published.

use std::{collections::BTreeMap, future::Future, pin::Pin, time::Duration};

use base::Diagnostic;
use serde_json::Value;
use store::Position;

/// An answer that comes later and may move between threads.
pub type Later<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// The gateway's configuration, as far as a writer cares.
pub trait Publication: Send + Sync {
    /// Completes once everything up to `position` is what the local gateway serves.
    fn published(&self, position: Position) -> Later<'_, ()>;
}

/// Fetches a document that a caller named by URL. Whoever implements it bounds time and addresses.
pub trait Fetch: Send + Sync {
    /// The body of a successful GET of `url`; a sentence for the caller if there is none, or one beyond `limit` bytes.
    fn fetch<'a>(&'a self, url: &'a str, limit: usize) -> Later<'a, Result<Vec<u8>, String>>;
}

/// Debug credentials, and the traces of calls that they make the gateway write.
pub trait Debugging: Send + Sync {
    /// A credential that traces calls of an API for a while. `api` may name a revision with `;rev=`.
    fn issue(&self, service: &str, workspace: Option<&str>, api: &str, lifetime: Duration) -> String;
    /// Takes back every credential of a service.
    fn revoke(&self, service: &str);
    /// The trace of this id.
    fn trace(&self, service: &str, id: &str) -> Option<Value>;
}

/// No gateway is at hand: nobody gets a credential that is good for anything.
pub struct NoDebugging;

impl Debugging for NoDebugging {
    fn issue(&self, _: &str, _: Option<&str>, _: &str, _: Duration) -> String {
        String::new()
    }
    fn revoke(&self, _: &str) {}
    fn trace(&self, _: &str, _: &str) -> Option<Value> {
        None
    }
}

/// The kept connections of backends.
pub trait Connections: Send + Sync {
    /// Closes those of the backend with this id once `after` is over; what is under way ends first.
    fn reconnect(&self, backend: &str, after: Duration);
}

/// No gateway is at hand: there is nothing to close.
pub struct NoConnections;

impl Connections for NoConnections {
    fn reconnect(&self, _: &str, _: Duration) {}
}

/// Tells whether a policy document would run.
pub trait PolicyCheck: Send + Sync {
    /// Everything that is wrong in `policy`, and what it uses.
    fn check(&self, policy: &PolicyText<'_>, known: &Known) -> Checked;

    /// Every policy that documents may hold.
    fn descriptions(&self) -> Vec<PolicyDescription> {
        Vec::new()
    }
}

/// What a policy is, for lists of them.
#[derive(Clone, Copy, Debug)]
pub struct PolicyDescription {
    /// Its element.
    pub name: &'static str,
    /// One sentence.
    pub summary: &'static str,
    /// Where it may stand: bits for the service, products, APIs and operations, from the lowest.
    pub scopes: u8,
}

/// A policy document or fragment as a caller wrote it.
#[derive(Clone, Copy, Debug)]
pub struct PolicyText<'a> {
    /// The XML.
    pub text: &'a str,
    /// `xml` or `rawxml`.
    pub format: &'a str,
    /// Where it stands.
    pub place: PolicyPlace,
}

/// Where a policy stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PolicyPlace {
    /// The whole service.
    Global,
    /// A workspace.
    Workspace,
    /// A product.
    Product,
    /// An API.
    Api,
    /// An operation.
    Operation,
    /// A fragment.
    Fragment,
}

/// What the policy mentions and what exists of it. Names are lower-case.
#[derive(Clone, Debug, Default)]
pub struct Known {
    /// Named values by display name.
    pub named_values: BTreeMap<String, String>,
    /// Fragments by name: text and format.
    pub fragments: BTreeMap<String, (String, String)>,
    /// Backends.
    pub backends: Vec<String>,
    /// Certificates, by name and by thumbprint.
    pub certificates: Vec<String>,
    /// Loggers.
    pub loggers: Vec<String>,
    /// The URL template of the operation whose policy it is.
    pub url_template: Option<String>,
    /// Schemas of the service by name: their properties.
    pub schemas: BTreeMap<String, serde_json::Value>,
}

/// What a check found.
#[derive(Clone, Debug, Default)]
pub struct Checked {
    /// In the order of the text. Spans are bytes of it.
    pub diagnostics: Vec<Diagnostic>,
}
