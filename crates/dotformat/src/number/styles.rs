//! `System.Globalization.NumberStyles`.

use std::ops::BitOr;

use crate::{Error, ErrorKind, Result};

/// Which parts of a number's text are allowed, as bits with .NET's values.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NumberStyles(pub u32);

impl NumberStyles {
    /// No part but digits.
    pub const NONE: Self = Self(0);
    /// White space before.
    pub const ALLOW_LEADING_WHITE: Self = Self(1);
    /// White space after.
    pub const ALLOW_TRAILING_WHITE: Self = Self(2);
    /// A sign before.
    pub const ALLOW_LEADING_SIGN: Self = Self(4);
    /// A sign after.
    pub const ALLOW_TRAILING_SIGN: Self = Self(8);
    /// Parentheses for a negative number.
    pub const ALLOW_PARENTHESES: Self = Self(0x10);
    /// A decimal point.
    pub const ALLOW_DECIMAL_POINT: Self = Self(0x20);
    /// Group separators, anywhere among the digits before the point.
    pub const ALLOW_THOUSANDS: Self = Self(0x40);
    /// An exponent.
    pub const ALLOW_EXPONENT: Self = Self(0x80);
    /// The currency symbol `¤`.
    pub const ALLOW_CURRENCY_SYMBOL: Self = Self(0x100);
    /// Hexadecimal digits, without prefix.
    pub const ALLOW_HEX_SPECIFIER: Self = Self(0x200);
    /// What integers are read with by default.
    pub const INTEGER: Self = Self(0x7);
    /// Hexadecimal digits and white space.
    pub const HEX_NUMBER: Self = Self(0x203);
    /// What decimals are read with by default.
    pub const NUMBER: Self = Self(0x6f);
    /// A real number without group separators.
    pub const FLOAT: Self = Self(0xa7);
    /// What `double` and `float` are read with by default.
    pub const FLOAT_AND_THOUSANDS: Self = Self(0xe7);
    /// All but the exponent and hexadecimal digits.
    pub const CURRENCY: Self = Self(0x17f);
    /// All but hexadecimal digits.
    pub const ANY: Self = Self(0x1ff);

    /// Whether all bits of `other` are set.
    pub fn has(self, other: Self) -> bool {
        self.0 & other.0 == other.0
    }

    /// Refuses what .NET refuses for integers.
    pub(super) fn check_integer(self) -> Result<()> {
        if self.0 & !0x3ff != 0 {
            return Err(Error::argument("An undefined NumberStyles value is being used.", "style"));
        }
        if self.has(Self::ALLOW_HEX_SPECIFIER) && self.0 & !Self::HEX_NUMBER.0 != 0 {
            return Err(Error::new(
                ErrorKind::Argument,
                "With the AllowHexSpecifier bit set in the enum bit field, the only other valid bits \
                 that can be combined into the enum value must be a subset of those in HexNumber.",
            ));
        }
        Ok(())
    }

    /// Refuses what .NET refuses for real numbers and decimals.
    pub(super) fn check_real(self) -> Result<()> {
        if self.0 & !0x3ff != 0 {
            return Err(Error::argument("An undefined NumberStyles value is being used.", "style"));
        }
        if self.has(Self::ALLOW_HEX_SPECIFIER) {
            return Err(Error::new(
                ErrorKind::Argument,
                "The number style AllowHexSpecifier is not supported on floating point data types.",
            ));
        }
        Ok(())
    }
}

impl BitOr for NumberStyles {
    type Output = Self;

    fn bitor(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }
}
