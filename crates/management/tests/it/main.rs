//! The management API over its router: HTTP text in, HTTP text out, on the store in memory.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod apis;
mod backends;
mod conformity;
mod debug;
mod dialect;
mod entities;
mod gateway_feed;
mod gateways;
mod keys;
mod main_job;
mod noise;
mod policies;
mod quotas;
mod races;
mod resources;
mod security;
mod world;
