//! Documents with ETags, declared indexes and a change feed: the trait that every driver fulfils.
//!
//! A resource is one [`Document`]. Whatever changes it goes through [`Store::commit`], which is atomic and durable before
//! it answers, and appears in the change feed. [`Memory`] is a driver for tests; [`conformance`] is what every driver must pass.

use std::{future::Future, pin::Pin};

mod batch;
pub mod conformance;
mod document;
mod error;
mod key;
mod memory;
mod query;
pub mod shape;

pub use batch::{Batch, Commit, Delete, Expect, Precondition, Put, Write};
pub use document::{Change, Document, Etag, IndexEntry, Position, Since};
pub use error::{Error, Result};
pub use key::Key;
pub use memory::Memory;
pub use query::{Order, Query};

/// What a driver answers: a future that may move between threads.
pub type Answer<'a, T> = Pin<Box<dyn Future<Output = Result<T>> + Send + 'a>>;

/// Where the documents live. All methods can be called from any number of tasks at once.
pub trait Store: Send + Sync {
    /// The document at `key`.
    fn get<'a>(&'a self, key: &'a Key) -> Answer<'a, Option<Document>>;

    /// The documents that `query` asks for, in its order.
    fn list<'a>(&'a self, query: &'a Query) -> Answer<'a, Vec<Document>>;

    /// How many documents `query` selects; its `skip`, `top` and order do not count.
    fn count<'a>(&'a self, query: &'a Query) -> Answer<'a, u64>;

    /// Applies all writes in order, or none of them. It answers when they are on disk.
    fn commit(&self, batch: Batch) -> Answer<'_, Commit>;

    /// Up to `limit` entries of the change feed past `after`, oldest first.
    fn changes(&self, after: Position, limit: usize) -> Answer<'_, Vec<Change>>;

    /// What became of every document that changed past `after`, all read at one moment: never half of a batch.
    fn since(&self, after: Position) -> Answer<'_, Since>;

    /// The position of the newest change; zero for an empty store.
    fn position(&self) -> Answer<'_, Position>;

    /// Completes once there is a change past `after`, and gives the newest position then.
    fn changed(&self, after: Position) -> Answer<'_, Position>;
}
