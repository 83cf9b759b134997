//! The crate from outside: XML text in, text out.
#![allow(clippy::unwrap_used, reason = "a test helper may fail the test")]

mod edit;
mod parse;
mod robust;
mod xpath;
