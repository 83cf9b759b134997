//! The verbs of the management API.

use std::fmt;

/// A verb. There is no other on this wire.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Method {
    /// Reads one resource or a list.
    Get,
    /// Reads the ETag of one resource.
    Head,
    /// Creates or replaces.
    Put,
    /// Merges into what is there.
    Patch,
    /// Removes.
    Delete,
    /// Runs an action.
    Post,
}

impl Method {
    /// From the wire; `None` for a verb that no operation has.
    pub fn parse(text: &str) -> Option<Self> {
        Some(match text {
            "GET" => Self::Get,
            "HEAD" => Self::Head,
            "PUT" => Self::Put,
            "PATCH" => Self::Patch,
            "DELETE" => Self::Delete,
            "POST" => Self::Post,
            _ => return None,
        })
    }

    /// As it stands on the wire.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Get => "GET",
            Self::Head => "HEAD",
            Self::Put => "PUT",
            Self::Patch => "PATCH",
            Self::Delete => "DELETE",
            Self::Post => "POST",
        }
    }
}

impl fmt::Display for Method {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
