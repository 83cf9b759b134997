//! What the nodes of a cluster share: counters now; cache and leases join here. Traits and the in-memory driver.

pub mod counters;
mod memory;

pub use counters::{Answer, Count, CounterError, Counters, Key, Take};
pub use memory::MemoryCounters;
