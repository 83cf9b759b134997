//! What tests share: a fake backend, a client that speaks HTTP as text, clocks and entropy.

mod backend;
mod client;
mod clock;
mod entropy;
#[cfg(feature = "gateway")]
mod gateway;

pub use backend::{FakeBackend, Reply, Seen};
pub use client::{Connection, exchange};
pub use clock::{ManualClock, RealClock};
pub use entropy::{FixedEntropy, RealEntropy};
#[cfg(feature = "gateway")]
pub use gateway::{Documents, Gateway, Setup};
