//! Patterns and designations.

use base::Span;

use super::Parser;
use super::expression::Precedence;
use super::lookahead::{Scan, TypePlace, predefined, starts_expression};
use crate::ast::{Designation, ExprKind, Pattern, PatternKind};
use crate::token::TokenKind as T;

impl Parser<'_> {
    /// The right side of `is`.
    pub(super) fn is_pattern(&mut self) -> Pattern {
        let start = self.start();
        if let Some(later) = self.later_pattern(start) {
            return later;
        }
        let (scan, designated) = self.scan_pattern_type();
        let kind = if designated {
            self.declaration_pattern()
        } else if scan && !self.member_follows_type() {
            PatternKind::Type(self.type_at_end())
        } else {
            self.constant_pattern(Precedence::Shift)
        };
        self.combined(kind, start)
    }

    /// The pattern of a `case`.
    pub(super) fn case_pattern(&mut self) -> Pattern {
        let start = self.start();
        if let Some(later) = self.later_pattern(start) {
            return later;
        }
        let (_, designated) = self.scan_pattern_type();
        let type_only = predefined(self.kind()).is_some() && self.kind_at(1) != T::Dot;
        let kind = if designated {
            self.declaration_pattern()
        } else if type_only {
            let ty = self.type_at_end();
            self.unavailable("type pattern", "9.0", ty.span);
            PatternKind::Error
        } else {
            self.constant_pattern(Precedence::Conditional)
        };
        self.combined(kind, start)
    }

    /// Whether a type stands here, and whether a name for what matches follows it.
    fn scan_pattern_type(&mut self) -> (bool, bool) {
        self.peek(|parser| {
            let is_type = parser.scan_type(TypePlace::EndOfExpression) != Scan::No;
            (is_type, is_type && parser.designation_here())
        })
    }

    /// `when`, `and` and `or` behind a type are no names for what matches.
    fn designation_here(&self) -> bool {
        self.at_identifier() && !matches!(self.word(), "when" | "and" | "or")
    }

    /// `is Math.Max(1, 2)`: what looked like a type goes on as an expression.
    fn member_follows_type(&mut self) -> bool {
        self.peek(|parser| {
            parser.scan_type(TypePlace::EndOfExpression);
            matches!(parser.kind(), T::OpenParen | T::Dot)
        })
    }

    fn declaration_pattern(&mut self) -> PatternKind {
        if self.word() == "var" && matches!(self.kind_at(1), T::Identifier) {
            self.bump();
            return PatternKind::Var(self.designation());
        }
        let ty = self.type_at_end();
        PatternKind::Declaration { ty, designation: self.designation() }
    }

    fn constant_pattern(&mut self, precedence: Precedence) -> PatternKind {
        if !starts_expression(self.kind()) {
            self.error_here("CS8504", "Pattern missing");
            return PatternKind::Error;
        }
        let value = self.operand(precedence);
        if matches!(value.kind, ExprKind::Tuple(_)) {
            self.unavailable("recursive patterns", "8.0", value.span);
            return PatternKind::Error;
        }
        PatternKind::Constant(value)
    }

    /// Patterns that only later versions have.
    fn later_pattern(&mut self, start: u32) -> Option<Pattern> {
        match self.kind() {
            T::OpenBrace => {
                self.skip_braces();
                self.unavailable("recursive patterns", "8.0", self.since(start));
            }
            T::Less | T::LessEquals | T::Greater | T::GreaterEquals => {
                self.bump();
                self.operand(Precedence::Shift);
                self.unavailable("relational pattern", "9.0", self.since(start));
            }
            T::Identifier if self.word() == "not" && self.not_pattern_here() => {
                let word = self.bump().span;
                self.unavailable("not pattern", "9.0", word);
                self.nested(Self::is_pattern);
            }
            _ => return None,
        }
        Some(self.combined(PatternKind::Error, start))
    }

    fn not_pattern_here(&self) -> bool {
        let next = self.kind_at(1);
        matches!(next, T::Identifier | T::Literal(_) | T::OpenBrace | T::OpenParen | T::Less | T::Greater)
            || predefined(next).is_some()
    }

    /// Refuses `and` and `or` behind a pattern.
    fn combined(&mut self, kind: PatternKind, start: u32) -> Pattern {
        let mut kind = kind;
        while matches!(self.word(), "and" | "or") && !matches!(self.kind_at(1), T::Colon | T::CloseParen | T::Semicolon)
        {
            let feature = if self.word() == "and" { "and pattern" } else { "or pattern" };
            self.unavailable(feature, "9.0", self.span());
            self.bump();
            self.nested(Self::is_pattern);
            kind = PatternKind::Error;
        }
        Pattern { kind, span: self.since(start) }
    }

    /// What a declaration names: `a`, `_`, `(a, b)`.
    pub(super) fn designation(&mut self) -> Designation {
        let start = self.start();
        if self.at(T::OpenParen) {
            let parts = self.nested(|parser| {
                parser.bump();
                let mut parts = vec![parser.designation()];
                while parser.eat(T::Comma) {
                    parts.push(parser.designation());
                }
                parser.expect(T::CloseParen);
                parts
            });
            return match parts {
                Some(parts) => Designation::Tuple { parts, span: self.since(start) },
                None => Designation::Discard(Span::new(start, start)),
            };
        }
        if self.word() == "_" {
            return Designation::Discard(self.bump().span);
        }
        Designation::Name(self.identifier())
    }
}
