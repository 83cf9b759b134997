//! Reads a pattern: .NET's grammar, group numbering and words of refusal.

mod cursor;
mod escape;
mod groups;
mod set;
mod tree;

pub(crate) use cursor::Cursor;
pub(crate) use groups::Groups;

use crate::node::Node;
use crate::{Error, Options};

/// Parses a pattern; the groups are counted first, for a reference may come before its group.
pub(crate) fn parse(pattern: &[u16], options: Options) -> Result<(Node, Groups), Error> {
    let groups = groups::count(pattern, options)?;
    let node = tree::parse(pattern, options, &groups)?;
    Ok((node, groups))
}
