//! What is matched: UTF-16 units, or ASCII bytes, which are the same.

use std::borrow::Cow;

/// Text as UTF-16 units by index.
pub trait Input: Copy {
    /// Count of units.
    fn len(self) -> usize;
    /// The unit at `index`, zero past the end.
    fn at(self, index: usize) -> u16;
    /// Whether there is none.
    fn is_empty(self) -> bool {
        self.len() == 0
    }
    /// The text as bytes, where it is ASCII.
    fn bytes(&self) -> Option<&[u8]> {
        None
    }
}

impl Input for &[u8] {
    fn len(self) -> usize {
        <[u8]>::len(self)
    }

    #[inline]
    fn at(self, index: usize) -> u16 {
        self.get(index).copied().map_or(0, u16::from)
    }

    fn bytes(&self) -> Option<&[u8]> {
        Some(self)
    }
}

impl Input for &[u16] {
    fn len(self) -> usize {
        <[u16]>::len(self)
    }

    #[inline]
    fn at(self, index: usize) -> u16 {
        self.get(index).copied().unwrap_or(0)
    }
}

/// A string made ready to be matched: ASCII as it is, anything else as UTF-16.
#[derive(Clone, Debug)]
pub enum Text<'a> {
    /// ASCII.
    Ascii(&'a str),
    /// UTF-16 units.
    Wide(Cow<'a, [u16]>),
}

impl<'a> Text<'a> {
    /// Looks at the string once.
    pub fn new(text: &'a str) -> Self {
        if text.is_ascii() { Self::Ascii(text) } else { Self::Wide(text.encode_utf16().collect()) }
    }

    /// Count of UTF-16 units.
    pub fn len(&self) -> usize {
        match self {
            Self::Ascii(text) => text.len(),
            Self::Wide(units) => units.len(),
        }
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The units from `start` up to `end`; half a surrogate pair becomes U+FFFD.
    pub fn slice(&self, start: usize, end: usize) -> Cow<'_, str> {
        match self {
            Self::Ascii(text) => Cow::Borrowed(text.get(start..end).unwrap_or_default()),
            Self::Wide(units) => Cow::Owned(String::from_utf16_lossy(units.get(start..end).unwrap_or_default())),
        }
    }
}
