//! The contract of a policy: definition, compile context, exchange, step, fault, and the `context` host.
//!
//! A leaf crate of policies sees only this crate; the gateway and the snapshot build its values; `engine` runs them.

pub mod entity;
pub mod exchange;
mod fault;
pub mod outbound;
mod place;
pub mod record;
mod step;
#[cfg(test)]
mod test;

pub use exchange::{Body, Exchange, HeaderName, HeaderValue, Headers, Method, Request, Response, Status, Url};
pub use fault::Fault;
pub use outbound::{Outbound, OutboundError, OutboundRequest, OutboundResponse};
pub use place::{Place, Scope, Section};
pub use record::ExchangeRecord;
pub use step::{Block, Flow, LaterPolicy, LocalFuture, Placed, Policy, Step};

pub use base;
pub use bytes::Bytes;
pub use csharp;
pub use kv;
