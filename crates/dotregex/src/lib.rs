//! .NET regular expressions: the whole syntax, by backtracking, within a budget.
//!
//! A pattern is parsed to a tree, compiled to a compact program once, and run over UTF-16 units; ASCII text runs as the
//! bytes it is. Positions are UTF-16 units. The reference is .NET Core 3.1.

mod blocks;
mod class;
mod compile;
mod error;
mod escape;
mod machine;
mod node;
mod options;
mod parse;
mod prefix;
mod program;
mod regex;
mod replace;
#[cfg(test)]
mod tests;
mod text;

pub use class::is_in_category;
pub use error::{Error, MatchError};
pub use escape::{escape, unescape};
pub use machine::{Capture, Limits, Match};
pub use options::Options;
pub use regex::Regex;
pub use replace::Replacement;
pub use text::{Input, Text};
