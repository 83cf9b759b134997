//! The crate from outside: JSON text in, text out.
#![allow(clippy::unwrap_used, reason = "a test helper may fail the test")]

mod edit;
mod parse;
mod robust;
mod select;
mod write;
