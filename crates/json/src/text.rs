//! Immutable text that shares the document it was read from.

use std::fmt;
use std::hash::{Hash, Hasher};
use std::ops::Deref;
use std::rc::Rc;

/// A piece of a shared string. Cloning and slicing cost a reference count, so a parsed document's names and
/// strings are views of its source.
#[derive(Clone)]
pub struct Text {
    source: Rc<str>,
    start: usize,
    end: usize,
}

impl Text {
    /// The bytes `start..end` of this text; `None` where they are out of range or split a character.
    pub fn slice(&self, start: usize, end: usize) -> Option<Text> {
        let (start, end) = (self.start.checked_add(start)?, self.start.checked_add(end)?);
        if end > self.end {
            return None;
        }
        self.source.get(start..end).map(|_| Text { source: Rc::clone(&self.source), start, end })
    }

    /// The bytes `start..end` of a shared string.
    pub(crate) fn part(source: &Rc<str>, start: usize, end: usize) -> Option<Text> {
        let fits = start <= end && source.is_char_boundary(start) && source.is_char_boundary(end);
        fits.then(|| Text { source: Rc::clone(source), start, end })
    }

    /// The text as a string of its own, which it shares where it is all of its source.
    pub(crate) fn whole(&self) -> Rc<str> {
        if self.end - self.start == self.source.len() { Rc::clone(&self.source) } else { self.as_str().into() }
    }

    fn bytes_of(&self) -> &[u8] {
        self.source.as_bytes().get(self.start..self.end).unwrap_or_default()
    }

    /// The text itself.
    pub fn as_str(&self) -> &str {
        self.source.get(self.start..self.end).unwrap_or_default()
    }
}

impl Deref for Text {
    type Target = str;
    fn deref(&self) -> &str {
        self.as_str()
    }
}

impl From<Rc<str>> for Text {
    fn from(source: Rc<str>) -> Self {
        let end = source.len();
        Text { source, start: 0, end }
    }
}

impl From<&str> for Text {
    fn from(text: &str) -> Self {
        Rc::<str>::from(text).into()
    }
}

impl From<String> for Text {
    fn from(text: String) -> Self {
        Rc::<str>::from(text).into()
    }
}

impl PartialEq for Text {
    fn eq(&self, other: &Self) -> bool {
        self.bytes_of() == other.bytes_of()
    }
}

impl Eq for Text {}

impl Hash for Text {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.as_str().hash(state);
    }
}

impl std::borrow::Borrow<str> for Text {
    fn borrow(&self) -> &str {
        self.as_str()
    }
}

impl fmt::Debug for Text {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self.as_str(), f)
    }
}

impl fmt::Display for Text {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
