//! ETags and the conditions that callers put on them.

use std::fmt;

use crate::{Code, Error, Result};

/// The version of a resource, without quotes.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct ETag(pub String);

impl fmt::Display for ETag {
    /// Quoted, as the header wants it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "\"{}\"", self.0)
    }
}

/// What `If-Match` and `If-None-Match` ask for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Condition {
    /// No header.
    #[default]
    None,
    /// `If-Match: *`. The service takes it on a PUT of what does not exist yet, and `az` relies on that.
    Any,
    /// `If-Match` with one or more tags.
    OneOf(Vec<ETag>),
    /// `If-None-Match: *`: only if it does not exist.
    Absent,
    /// `If-None-Match` with tags: only if it changed.
    NoneOf(Vec<ETag>),
}

impl Condition {
    /// From the two headers. Tags may stand quoted, bare or weak: clients send all three.
    pub fn parse(if_match: Option<&str>, if_none_match: Option<&str>) -> Self {
        match (if_match.map(str::trim), if_none_match.map(str::trim)) {
            (Some("*"), _) => Self::Any,
            (Some(tags), _) => Self::OneOf(tags_of(tags)),
            (None, Some("*")) => Self::Absent,
            (None, Some(tags)) => Self::NoneOf(tags_of(tags)),
            (None, None) => Self::None,
        }
    }

    /// Whether a write may go on, given the tag of what is there.
    pub fn check(&self, current: Option<&ETag>) -> Result<()> {
        let holds = match (self, current) {
            (Self::None | Self::Any, _) | (Self::Absent | Self::NoneOf(_), None) => true,
            (Self::OneOf(tags), Some(current)) => tags.contains(current),
            (Self::NoneOf(tags), Some(current)) => !tags.contains(current),
            (Self::OneOf(_), None) | (Self::Absent, Some(_)) => false,
        };
        if holds { Ok(()) } else { Err(failed()) }
    }

    /// Whether a reader already has this version.
    pub fn is_unchanged(&self, current: &ETag) -> bool {
        matches!(self, Self::NoneOf(tags) if tags.contains(current))
    }
}

fn failed() -> Error {
    let message = "Resource was modified since last retrieval, or it is not in the state that the condition asks for.";
    Error::new(Code::PreconditionFailed, message)
}

fn tags_of(header: &str) -> Vec<ETag> {
    let bare = |tag: &str| {
        let tag = tag.trim();
        tag.strip_prefix("W/").unwrap_or(tag).trim_matches('"').to_owned()
    };
    header.split(',').map(|tag| ETag(bare(tag))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tag(text: &str) -> ETag {
        ETag(text.to_owned())
    }

    #[test]
    fn tags_are_read_quoted_bare_and_weak() {
        let condition = Condition::parse(Some("\"a\", b, W/\"c\""), None);
        assert_eq!(condition, Condition::OneOf(vec![tag("a"), tag("b"), tag("c")]));
    }

    #[test]
    fn a_star_creates_and_a_tag_does_not() {
        assert!(Condition::parse(Some("*"), None).check(None).is_ok());
        assert_eq!(Condition::parse(Some("\"a\""), None).check(None).unwrap_err().status(), 412);
        assert_eq!(Condition::parse(Some("\"a\""), None).check(Some(&tag("b"))).unwrap_err().status(), 412);
        assert_eq!(Condition::parse(None, Some("*")).check(Some(&tag("b"))).unwrap_err().status(), 412);
    }
}
