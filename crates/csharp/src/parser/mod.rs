//! The parser.

/// The greatest height of a tree.
pub const MAX_HEIGHT: u32 = 256;
