//! The policies of this crate through documents and messages, and over real sockets where they call others.
#![allow(clippy::unwrap_used, reason = "a test may panic, and its helpers are part of it")]

mod authorization;
mod bed;
mod callers;
mod certificate;
mod claims;
mod entra;
mod hostile;
mod provider;
mod signatures;
mod sources;
