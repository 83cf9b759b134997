//! The contract of a policy: definition, compile context, exchange, step, fault, and the `context` host.
//!
//! A leaf crate of policies sees only this crate; the gateway and the snapshot build its values; `engine` runs them.

pub mod breaker;
mod catalogue;
mod compile;
pub mod coverage;
mod def;
pub mod entity;
pub mod exchange;
mod expression;
pub mod fabric;
mod fault;
pub mod host;
mod laws;
pub mod login;
pub mod metrics;
pub mod offload;
pub mod outbound;
mod place;
pub mod record;
pub mod redact;
mod reference;
mod shared;
mod step;
#[cfg(test)]
mod test;
pub mod tokens;
pub mod trust;
mod turns;
mod value;
mod words;

pub use catalogue::Catalogue;
pub use compile::{
    AnyValue, Compiler, Environment, FragmentText, GlobalSchema, Lookup, NamedValue, NoLookup, Part, Uses,
};
pub use def::{Attr, Child, Content, Documents, Example, Kind, Missing, Need, Once, PolicyDef, Scopes, Sections};
pub use exchange::{
    Body, Call, Exchange, HeaderName, HeaderValue, Headers, Method, Request, Response, Status, Url, describe,
};
pub use expression::Expression;
pub use fault::Fault;
pub use laws::check_catalogue;
pub use outbound::{Outbound, OutboundError, OutboundRequest, OutboundResponse};
pub use place::{Place, Scope, Section};
pub use record::ExchangeRecord;
pub use reference::reference;
pub use shared::Shared;
pub use step::{Block, Flow, LaterPolicy, LocalFuture, Placed, Policy, Step};
pub use turns::{Held, Seat, Turns};
pub use value::{FromText, Value};

pub use base;
pub use bytes::Bytes;
pub use csharp;
pub use json_schema;
pub use kv;
pub use policy_xml;

/// What a policy's file needs.
pub mod prelude {
    pub use std::sync::Arc;

    pub use policy_xml::Element;

    pub use crate::{
        Attr, Block, Child, Compiler, Content, Documents, Example, Exchange, Fault, Flow, FromText, HeaderName,
        HeaderValue, Kind, LaterPolicy, LocalFuture, Method, Once, Policy, PolicyDef, Scopes, Section, Sections,
        Status, Step, Url, Value,
        exchange::{Detail, Effect, On},
        words,
    };
}
