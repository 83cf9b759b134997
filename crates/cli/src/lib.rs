//! Subcommands as a library.

pub mod settings;
