//! The configuration through its door: documents in the store, and what requests find afterwards.

#![allow(clippy::unwrap_used, reason = "a helper of tests may panic as they do")]

mod access;
mod bed;
mod incremental;
mod policies;
mod routing;
mod secrets;
mod self_hosted;
