//! `RegexOptions`.

use std::ops::BitOr;

/// `RegexOptions`, as bits with .NET's values.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Options(pub u32);

impl Options {
    /// No option.
    pub const NONE: Self = Self(0);
    /// Case does not matter.
    pub const IGNORE_CASE: Self = Self(1);
    /// `^` and `$` match at lines.
    pub const MULTILINE: Self = Self(2);
    /// Only named groups capture.
    pub const EXPLICIT_CAPTURE: Self = Self(4);
    /// Accepted, without effect.
    pub const COMPILED: Self = Self(8);
    /// `.` matches a line feed too.
    pub const SINGLELINE: Self = Self(16);
    /// White space and `#` comments in the pattern are skipped.
    pub const IGNORE_PATTERN_WHITESPACE: Self = Self(32);
    /// Matches from the end of the text to its beginning.
    pub const RIGHT_TO_LEFT: Self = Self(64);
    /// ECMAScript classes and back references.
    pub const ECMA_SCRIPT: Self = Self(256);
    /// Accepted: all matching here is culture invariant.
    pub const CULTURE_INVARIANT: Self = Self(512);

    /// Whether all bits of `other` are set.
    pub fn has(self, other: Self) -> bool {
        self.0 & other.0 == other.0
    }

    /// Whether .NET takes this combination: known bits, and ECMAScript only with case, lines and compilation.
    pub fn is_valid(self) -> bool {
        let ecma = Self::ECMA_SCRIPT | Self::IGNORE_CASE | Self::MULTILINE | Self::COMPILED | Self::CULTURE_INVARIANT;
        self.0 & !0x37f == 0 && (!self.has(Self::ECMA_SCRIPT) || self.0 & !ecma.0 == 0)
    }

    pub(crate) fn with(self, other: Self, on: bool) -> Self {
        Self(if on { self.0 | other.0 } else { self.0 & !other.0 })
    }
}

impl BitOr for Options {
    type Output = Self;

    fn bitor(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }
}
