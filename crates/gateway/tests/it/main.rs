//! The gateway over real sockets, as text.
#![allow(clippy::unwrap_used, reason = "a test may panic, and its helpers are part of it")]

mod apis;
mod backends;
mod bodies;
mod budget;
mod caching;
mod calls;
mod content;
mod counting;
mod endings;
mod fabric;
mod grpc;
mod lifetime;
mod limits;
mod naming;
mod policies;
mod proxy;
mod secure;
mod traces;
mod trust;
mod websocket;
