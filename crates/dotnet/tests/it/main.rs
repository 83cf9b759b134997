//! Expressions end to end: text in, value out, against a host made of fixed facts.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod context;
mod control_flow;
mod corpus;
mod host;
mod language;
mod md;
mod short_ways;
