//! `System.Globalization.DateTimeStyles`.

use std::ops::BitOr;

use crate::{Error, ErrorKind, Result};

/// How a date's text is read, as bits with .NET's values.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct DateTimeStyles(pub u32);

impl DateTimeStyles {
    /// Nothing special.
    pub const NONE: Self = Self(0);
    /// White space before, for exact formats.
    pub const ALLOW_LEADING_WHITE: Self = Self(1);
    /// White space after, for exact formats.
    pub const ALLOW_TRAILING_WHITE: Self = Self(2);
    /// White space in between, for exact formats.
    pub const ALLOW_INNER_WHITE: Self = Self(4);
    /// All three.
    pub const ALLOW_WHITE_SPACES: Self = Self(7);
    /// A time without date is of 0001-01-01, not of today.
    pub const NO_CURRENT_DATE_DEFAULT: Self = Self(8);
    /// The result is in UTC.
    pub const ADJUST_TO_UNIVERSAL: Self = Self(0x10);
    /// A text without offset is local.
    pub const ASSUME_LOCAL: Self = Self(0x20);
    /// A text without offset is UTC.
    pub const ASSUME_UNIVERSAL: Self = Self(0x40);
    /// `Z` gives `Utc`, an offset `Local`, neither `Unspecified`.
    pub const ROUNDTRIP_KIND: Self = Self(0x80);

    /// Whether all bits of `other` are set.
    pub fn has(self, other: Self) -> bool {
        self.0 & other.0 == other.0
    }

    /// Refuses contradictions, as .NET does before it reads anything.
    pub(super) fn check(self, offset: bool) -> Result<Self> {
        if self.0 & !0xff != 0 {
            return Err(Error::argument("An undefined DateTimeStyles value is being used.", "styles"));
        }
        if self.has(Self::ASSUME_LOCAL) && self.has(Self::ASSUME_UNIVERSAL) {
            let message = "The DateTimeStyles values AssumeLocal and AssumeUniversal cannot be used together.";
            return Err(Error::argument(message, "styles"));
        }
        if offset {
            if self.has(Self::NO_CURRENT_DATE_DEFAULT) {
                let message =
                    "The DateTimeStyles value 'NoCurrentDateDefault' is not allowed when parsing DateTimeOffset.";
                return Err(Error::argument(message, "styles"));
            }
            return Ok(Self(self.0 & !Self::ROUNDTRIP_KIND.0 & !Self::ASSUME_LOCAL.0));
        }
        let others = Self::ASSUME_LOCAL.0 | Self::ASSUME_UNIVERSAL.0 | Self::ADJUST_TO_UNIVERSAL.0;
        if self.has(Self::ROUNDTRIP_KIND) && self.0 & others != 0 {
            let message = "The DateTimeStyles value RoundtripKind cannot be used with the values AssumeLocal, \
                           AssumeUniversal or AdjustToUniversal.";
            return Err(Error {
                parameter: Some("styles"),
                ..Error::new(ErrorKind::Argument, format!("{message} (Parameter 'styles')"))
            });
        }
        Ok(self)
    }
}

impl BitOr for DateTimeStyles {
    type Output = Self;

    fn bitor(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }
}
