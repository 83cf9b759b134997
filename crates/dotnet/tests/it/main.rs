//! Expressions end to end: text in, value out, against a host made of fixed facts.

mod context;
mod control_flow;
mod host;
mod language;
mod md;
