//! Interpolated strings.

use super::Parser;
use crate::ast::{ExprKind, Hole, InterpolationPart};
use crate::token::TokenKind as T;

impl Parser<'_> {
    /// The run of tokens from `InterpolationStart` to `InterpolationEnd`.
    pub(super) fn interpolated(&mut self) -> ExprKind {
        self.bump();
        let mut parts = Vec::new();
        loop {
            match self.kind() {
                T::InterpolationText(index) => {
                    self.bump();
                    parts.extend(self.tokens.texts.get(index as usize).cloned().map(InterpolationPart::Text));
                }
                T::HoleStart => {
                    let hole = self.hole();
                    parts.push(InterpolationPart::Hole(Box::new(hole)));
                }
                T::InterpolationEnd => {
                    self.bump();
                    return ExprKind::Interpolated(parts);
                }
                // Only where the text was given up inside a hole.
                _ => return ExprKind::Interpolated(parts),
            }
        }
    }

    fn hole(&mut self) -> Hole {
        let start = self.bump().span.start;
        let in_query = std::mem::replace(&mut self.in_query, false);
        let value = self.expression();
        let alignment = self.eat(T::Comma).then(|| self.expression());
        self.in_query = in_query;
        if !self.at_end() {
            let message = format!("Unexpected token '{}'", self.span().of(self.source));
            self.error("CS1073", message, self.span());
            while !self.at_end() {
                self.skip();
            }
        }
        let mut format = None;
        if let T::HoleFormat(index) = self.kind() {
            self.bump();
            format = self.tokens.texts.get(index as usize).cloned();
        }
        self.eat(T::HoleEnd);
        Hole { value, alignment, format, span: self.since(start) }
    }
}
