//! The crate from outside: XML text in, text out.

mod edit;
mod parse;
mod robust;
mod xpath;
