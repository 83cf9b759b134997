//! The crate from outside: JSON text in, text out.

mod edit;
mod parse;
mod robust;
mod select;
mod write;
