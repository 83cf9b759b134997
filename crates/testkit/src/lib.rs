//! What tests share: a fake backend, a client that speaks HTTP as text, clocks and entropy.

mod backend;
mod client;
mod clock;
mod entropy;
#[cfg(feature = "gateway")]
mod gateway;
#[cfg(feature = "h2")]
mod h2_backend;

pub use backend::{FakeBackend, Reply, Seen};
pub use client::{Connection, exchange};
pub use clock::{ManualClock, RealClock};
pub use entropy::{FixedEntropy, RealEntropy};
#[cfg(feature = "gateway")]
pub use gateway::{Documents, Gateway, Setup};
#[cfg(feature = "h2")]
pub use h2_backend::{H2Backend, H2Settings};
