//! [`Mapped`]: a text that was made from another one, and the way back for spans.

use std::ops::Range;

use base::Span;

/// A text whose every byte knows where in the source it comes from.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Mapped {
    text: String,
    pieces: Vec<Piece>,
}

/// Bytes of the text from `at` to the next piece.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Piece {
    at: u32,
    /// Where they come from. Copied bytes map one to one from its start; replaced ones stand for all of it.
    source: Span,
    copied: bool,
}

impl Mapped {
    /// The text.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Appends bytes that stand in the source from byte `from` on.
    pub fn push_copy(&mut self, text: &str, from: usize) {
        if text.is_empty() {
            return;
        }
        let source = Span::new(from as u32, (from + text.len()) as u32);
        match self.pieces.last_mut() {
            Some(last) if last.copied && last.source.end == source.start => last.source.end = source.end,
            _ => self.pieces.push(Piece { at: self.text.len() as u32, source, copied: true }),
        }
        self.text.push_str(text);
    }

    /// Appends bytes that stand for `source`.
    pub fn push_replacement(&mut self, text: &str, source: Span) {
        self.pieces.push(Piece { at: self.text.len() as u32, source, copied: false });
        self.text.push_str(text);
    }

    /// Appends another mapped text.
    pub fn push(&mut self, other: &Mapped) {
        let by = self.text.len() as u32;
        self.pieces.extend(other.pieces.iter().map(|piece| Piece { at: piece.at + by, ..*piece }));
        self.text.push_str(&other.text);
    }

    /// Bytes `range` of the text, with their map. Empty where the range does not fit.
    pub fn slice(&self, range: Range<usize>) -> Mapped {
        let Some(text) = self.text.get(range.clone()) else { return Self::default() };
        let mut slice = Self { text: text.to_owned(), pieces: Vec::new() };
        for (index, piece) in self.pieces.iter().enumerate() {
            let start = piece.at as usize;
            let end = self.pieces.get(index + 1).map_or(self.text.len(), |next| next.at as usize);
            let inside = start.max(range.start)..end.min(range.end);
            // An empty replacement stays, so that an empty value still has a place.
            if inside.start > inside.end || (inside.is_empty() && start != end) {
                continue;
            }
            let source = if piece.copied {
                let skipped = (inside.start - start) as u32;
                Span::new(piece.source.start + skipped, piece.source.start + (inside.end - start) as u32)
            } else {
                piece.source
            };
            slice.pieces.push(Piece { at: (inside.start - range.start) as u32, source, copied: piece.copied });
        }
        slice
    }

    /// Where bytes `range` of the text come from.
    pub fn span(&self, range: Range<usize>) -> Span {
        let start = self.source_of(range.start, false);
        // The end belongs to the last byte inside: the piece behind it may come from elsewhere.
        let end = if range.end > range.start { self.source_of(range.end - 1, true) } else { start };
        Span::new(start, end.max(start))
    }

    /// Where the whole text comes from.
    pub fn whole_span(&self) -> Span {
        self.span(0..self.text.len())
    }

    /// Where a span that was found in the text lies in the source.
    pub fn origin(&self, span: Span) -> Span {
        self.span(span.start as usize..span.end as usize)
    }

    fn source_of(&self, offset: usize, end: bool) -> u32 {
        let after = self.pieces.partition_point(|piece| piece.at as usize <= offset);
        let Some(piece) = after.checked_sub(1).and_then(|at| self.pieces.get(at)) else { return 0 };
        match (piece.copied, end) {
            (true, _) => (piece.source.start + (offset as u32 - piece.at) + u32::from(end)).min(piece.source.end),
            (false, true) => piece.source.end,
            (false, false) => piece.source.start,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_lead_back_through_replacements_and_slices() {
        // Source: `ab&amp;cd`
        let mut text = Mapped::default();
        text.push_copy("ab", 0);
        text.push_replacement("&", Span::new(2, 7));
        text.push_copy("cd", 7);
        assert_eq!(text.text(), "ab&cd");
        assert_eq!(text.span(1..4), Span::new(1, 8));
        assert_eq!(text.span(2..3), Span::new(2, 7));
        assert_eq!(text.slice(2..5).span(1..2), Span::new(7, 8));
        assert_eq!(text.whole_span(), Span::new(0, 9));
        assert_eq!(text.span(5..5), Span::new(9, 9));
    }
}
