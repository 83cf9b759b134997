//! Subcommands as a library.
