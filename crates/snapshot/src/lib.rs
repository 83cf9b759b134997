//! Documents become an immutable compiled configuration: routes, effective policies, keys.
//!
//! [`Publisher`] follows the store's change feed and publishes a [`Snapshot`] after each change. A request pins one
//! snapshot, finds its service by host ([`Snapshot::by_host`]), its operation ([`ServiceSnapshot::route`]), what its key
//! allows ([`ServiceSnapshot::access`]) and its policies ([`Match::policies`]); none of these takes a lock.
//!
//! A stored document that cannot be used makes a [`Problem`] and breaks what depends on it, never the snapshot.

mod addresses;
mod build;
mod builder;
mod compile;
mod docs;
mod hosts;
mod keys;
mod named;
mod path;
mod policies;
mod publisher;
mod routes;
mod service;
mod snapshot;
mod template;

pub use build::global_schema;
pub use compile::Compiler;
pub use hosts::{HostCertificate, HostName};
pub use keys::{Access, Denied, Subscription};
pub use policies::Policies;
pub use publisher::{Parts, Publisher};
pub use service::{Api, Match, NotFound, Problem, Product, ServiceSnapshot};
pub use snapshot::Snapshot;
