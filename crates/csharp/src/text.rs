//! [`Str`]: a .NET string. Length and indices count UTF-16 units, and a lone surrogate is allowed.

use std::{borrow::Cow, cmp::Ordering, fmt, hash, sync::Arc};

const INLINE: usize = 22;

/// An immutable .NET string. Short ASCII lives inside the value, so that most names and tokens cost no allocation;
/// everything else is shared. A UTF-16 form exists only for text that UTF-8 cannot hold (lone surrogates).
#[derive(Clone)]
pub struct Str(Repr);

/// Each text has exactly one form: the first that can hold it.
#[derive(Clone)]
enum Repr {
    Inline { len: u8, bytes: [u8; INLINE] },
    Ascii(Arc<str>),
    Utf8(Arc<str>),
    Wide(Arc<[u16]>),
}

impl Str {
    /// The empty string.
    pub const EMPTY: Str = Str(Repr::Inline { len: 0, bytes: [0; INLINE] });

    /// From UTF-16 units, lone surrogates included.
    pub fn from_units(units: &[u16]) -> Self {
        match String::from_utf16(units) {
            Ok(text) => text.into(),
            Err(_) => Self(Repr::Wide(units.into())),
        }
    }

    /// A string of one UTF-16 unit.
    pub fn from_unit(unit: u16) -> Self {
        Self::from_units(&[unit])
    }

    /// The text as UTF-8; `None` if it holds a lone surrogate.
    pub fn as_str(&self) -> Option<&str> {
        match &self.0 {
            Repr::Inline { .. } => std::str::from_utf8(self.inline_bytes()).ok(),
            Repr::Ascii(text) | Repr::Utf8(text) => Some(text),
            Repr::Wide(_) => None,
        }
    }

    /// The text as UTF-8, each lone surrogate replaced by U+FFFD, as .NET's encoders do.
    pub fn to_text(&self) -> Cow<'_, str> {
        match &self.0 {
            Repr::Wide(units) => Cow::Owned(String::from_utf16_lossy(units)),
            _ => Cow::Borrowed(self.as_str().unwrap_or_default()),
        }
    }

    /// The bytes, if all are ASCII: then bytes and UTF-16 units are the same.
    pub fn as_ascii(&self) -> Option<&[u8]> {
        match &self.0 {
            Repr::Inline { .. } => Some(self.inline_bytes()),
            Repr::Ascii(text) => Some(text.as_bytes()),
            Repr::Utf8(_) | Repr::Wide(_) => None,
        }
    }

    /// `Length`: UTF-16 units.
    pub fn len(&self) -> usize {
        match &self.0 {
            Repr::Inline { len, .. } => *len as usize,
            Repr::Ascii(text) => text.len(),
            Repr::Utf8(text) => text.encode_utf16().count(),
            Repr::Wide(units) => units.len(),
        }
    }

    /// Whether it is `""`.
    pub fn is_empty(&self) -> bool {
        matches!(self.0, Repr::Inline { len: 0, .. })
    }

    /// The UTF-16 unit at `index`.
    pub fn unit(&self, index: usize) -> Option<u16> {
        match &self.0 {
            Repr::Inline { .. } | Repr::Ascii(_) => self.as_ascii()?.get(index).map(|byte| u16::from(*byte)),
            Repr::Utf8(text) => text.encode_utf16().nth(index),
            Repr::Wide(units) => units.get(index).copied(),
        }
    }

    /// All UTF-16 units.
    pub fn units(&self) -> Vec<u16> {
        match &self.0 {
            Repr::Inline { .. } | Repr::Ascii(_) => {
                self.as_ascii().unwrap_or_default().iter().map(|byte| u16::from(*byte)).collect()
            }
            Repr::Utf8(text) => text.encode_utf16().collect(),
            Repr::Wide(units) => units.to_vec(),
        }
    }

    /// The `length` units from `start`; `None` where they do not fit.
    pub fn substring(&self, start: usize, length: usize) -> Option<Str> {
        let end = start.checked_add(length)?;
        match self.as_ascii() {
            Some(bytes) => bytes.get(start..end).map(Self::from_ascii),
            None => self.units().get(start..end).map(Self::from_units),
        }
    }

    /// A piece of ASCII text ([`Str::as_ascii`]). What is not ASCII in it becomes U+FFFD.
    pub fn of_ascii(bytes: &[u8]) -> Self {
        if bytes.is_ascii() { Self::from_ascii(bytes) } else { String::from_utf8_lossy(bytes).into() }
    }

    /// Each byte of ASCII text changed into another ASCII one; `None` if the text is not ASCII.
    pub fn map_ascii(&self, change: fn(&u8) -> u8) -> Option<Str> {
        match &self.0 {
            Repr::Inline { len, bytes } => {
                // What lies behind the end is zero and stays so.
                let mut bytes = *bytes;
                bytes.iter_mut().take(*len as usize).for_each(|byte| *byte = change(byte) & 0x7f);
                Some(Self(Repr::Inline { len: *len, bytes }))
            }
            Repr::Ascii(text) => {
                Some(Self::from_ascii(&text.bytes().map(|byte| change(&byte) & 0x7f).collect::<Vec<_>>()))
            }
            Repr::Utf8(_) | Repr::Wide(_) => None,
        }
    }

    /// This text followed by `other`.
    pub fn concat(&self, other: &Str) -> Str {
        let mut builder = StrBuilder::with_capacity(self.len() + other.len());
        builder.push(self);
        builder.push(other);
        builder.finish()
    }

    /// Ordinal comparison: by UTF-16 unit.
    pub fn compare_ordinal(&self, other: &Str) -> Ordering {
        match (self.as_ascii(), other.as_ascii()) {
            (Some(left), Some(right)) => left.cmp(right),
            _ => self.units().cmp(&other.units()),
        }
    }

    /// Whether it lives outside of the value.
    #[inline]
    pub(crate) fn is_shared(&self) -> bool {
        !matches!(self.0, Repr::Inline { .. })
    }

    /// How many bytes the text takes: for limits.
    pub fn byte_len(&self) -> usize {
        match &self.0 {
            Repr::Inline { len, .. } => *len as usize,
            Repr::Ascii(text) | Repr::Utf8(text) => text.len(),
            Repr::Wide(units) => units.len() * 2,
        }
    }

    fn from_ascii(bytes: &[u8]) -> Self {
        debug_assert!(bytes.is_ascii());
        if bytes.len() <= INLINE {
            let mut inline = [0; INLINE];
            inline[..bytes.len()].copy_from_slice(bytes);
            return Self(Repr::Inline { len: bytes.len() as u8, bytes: inline });
        }
        Self(Repr::Ascii(std::str::from_utf8(bytes).unwrap_or_default().into()))
    }

    fn inline_bytes(&self) -> &[u8] {
        match &self.0 {
            Repr::Inline { len, bytes } => &bytes[..(*len as usize).min(INLINE)],
            _ => &[],
        }
    }
}

impl From<&str> for Str {
    fn from(text: &str) -> Self {
        match (text.is_ascii(), text.len()) {
            (false, _) => Self(Repr::Utf8(text.into())),
            (true, 0..=INLINE) => Self::from_ascii(text.as_bytes()),
            (true, _) => Self(Repr::Ascii(text.into())),
        }
    }
}

impl From<String> for Str {
    fn from(text: String) -> Self {
        text.as_str().into()
    }
}

impl From<Cow<'_, str>> for Str {
    fn from(text: Cow<'_, str>) -> Self {
        text.as_ref().into()
    }
}

impl PartialEq for Str {
    fn eq(&self, other: &Self) -> bool {
        match (&self.0, &other.0) {
            (Repr::Inline { len, bytes }, Repr::Inline { len: other_len, bytes: other }) => {
                len == other_len && bytes == other
            }
            (Repr::Ascii(left), Repr::Ascii(right)) | (Repr::Utf8(left), Repr::Utf8(right)) => left == right,
            (Repr::Wide(left), Repr::Wide(right)) => left == right,
            _ => false, // one form per text
        }
    }
}

impl PartialEq<str> for Str {
    fn eq(&self, other: &str) -> bool {
        match &self.0 {
            Repr::Inline { .. } => self.inline_bytes() == other.as_bytes(),
            Repr::Ascii(text) | Repr::Utf8(text) => &**text == other,
            Repr::Wide(_) => false,
        }
    }
}

impl PartialEq<&str> for Str {
    fn eq(&self, other: &&str) -> bool {
        *self == **other
    }
}

impl Eq for Str {}

impl hash::Hash for Str {
    fn hash<H: hash::Hasher>(&self, state: &mut H) {
        match &self.0 {
            Repr::Inline { .. } => state.write(self.inline_bytes()),
            Repr::Ascii(text) | Repr::Utf8(text) => state.write(text.as_bytes()),
            Repr::Wide(units) => units.hash(state),
        }
        state.write_u8(0xff);
    }
}

impl Default for Str {
    fn default() -> Self {
        Self::EMPTY
    }
}

impl fmt::Debug for Str {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&*self.to_text(), f)
    }
}

impl fmt::Display for Str {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.to_text())
    }
}

/// Text under construction: UTF-8 until the first lone surrogate arrives.
#[derive(Clone, Debug, Default)]
pub struct StrBuilder {
    text: String,
    wide: Option<Vec<u16>>,
    /// A high surrogate that waits for its other half.
    pending: Option<u16>,
}

impl StrBuilder {
    /// An empty text with room for `bytes`.
    pub fn with_capacity(bytes: usize) -> Self {
        Self { text: String::with_capacity(bytes), ..Self::default() }
    }

    /// Appends `text`.
    pub fn push_str(&mut self, text: &str) {
        self.settle();
        match &mut self.wide {
            None => self.text.push_str(text),
            Some(units) => units.extend(text.encode_utf16()),
        }
    }

    /// Appends `text`.
    pub fn push(&mut self, text: &Str) {
        match text.as_str() {
            Some(text) => self.push_str(text),
            None => text.units().into_iter().for_each(|unit| self.push_unit(unit)),
        }
    }

    /// Appends one UTF-16 unit. Two halves of a pair may come one after the other.
    pub fn push_unit(&mut self, unit: u16) {
        if let Some(units) = &mut self.wide {
            return units.push(unit);
        }
        if let Some(high) = self.pending.take() {
            if let Some(Ok(both)) = char::decode_utf16([high, unit]).next() {
                return self.text.push(both);
            }
            self.widen().push(high);
            return self.push_unit(unit);
        }
        match unit {
            0xd800..=0xdbff => self.pending = Some(unit),
            0xdc00..=0xdfff => self.widen().push(unit),
            _ => self.text.extend(char::from_u32(u32::from(unit))),
        }
    }

    /// Bytes held so far: for limits.
    pub fn byte_len(&self) -> usize {
        self.text.len() + self.wide.as_ref().map_or(0, |units| units.len() * 2)
    }

    /// The text.
    pub fn finish(mut self) -> Str {
        self.settle();
        match self.wide {
            None => self.text.into(),
            Some(units) => Str::from_units(&units),
        }
    }

    fn settle(&mut self) {
        if let Some(high) = self.pending.take() {
            self.widen().push(high);
        }
    }

    fn widen(&mut self) -> &mut Vec<u16> {
        let text = std::mem::take(&mut self.text);
        self.wide.get_or_insert_with(|| text.encode_utf16().collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn length_and_indices_count_utf16_units() {
        let text = Str::from("a€😀");
        assert_eq!((text.len(), text.unit(1), text.unit(2), text.unit(4)), (4, Some(0x20ac), Some(0xd83d), None));
        assert_eq!(text.substring(3, 1).map(|half| half.as_str().is_none()), Some(true));
    }

    #[test]
    fn two_halves_of_a_pair_join() {
        let mut builder = StrBuilder::default();
        [0x61, 0xd83d, 0xde00, 0xd83d].into_iter().for_each(|unit| builder.push_unit(unit));
        let text = builder.finish();
        assert_eq!((text.len(), text.as_str()), (4, None));
        assert_eq!(text.substring(0, 3), Some(Str::from("a😀")));
    }

    #[test]
    fn a_string_takes_three_words() {
        assert_eq!(size_of::<Str>(), 24);
    }
}
