//! The `switch` statement.

use super::Parser;
use crate::ast::{Expr, ExprKind};
use crate::ast::{StmtKind, SwitchLabel, SwitchLabelKind, SwitchSection, TupleElement};
use crate::token::TokenKind as T;

impl Parser<'_> {
    /// `switch (x) { … }`.
    pub(super) fn switch_statement(&mut self) -> StmtKind {
        self.bump();
        let value = self.switched();
        self.expect(T::OpenBrace);
        let mut sections = Vec::new();
        while matches!(self.kind(), T::Case | T::Default) {
            sections.push(self.section());
        }
        self.expect(T::CloseBrace);
        StmtKind::Switch { value, sections }
    }

    /// `(x)`, or `(a, b)` for a tuple.
    fn switched(&mut self) -> Expr {
        let start = self.start();
        if !self.at(T::OpenParen) {
            let value = self.expression();
            let message = "Parentheses are required around the switch governing expression.";
            self.error("CS8515", message, value.span);
            return value;
        }
        self.bump();
        let first = self.expression();
        if !self.at(T::Comma) {
            self.expect(T::CloseParen);
            return first;
        }
        let mut elements = vec![TupleElement { name: None, value: first }];
        while self.eat(T::Comma) {
            elements.push(TupleElement { name: None, value: self.expression() });
        }
        self.expect(T::CloseParen);
        Expr { kind: ExprKind::Tuple(elements), span: self.since(start) }
    }

    fn section(&mut self) -> SwitchSection {
        let start = self.start();
        let mut labels = Vec::new();
        while matches!(self.kind(), T::Case | T::Default) {
            labels.push(self.switch_label());
        }
        let statements = self.statements(true);
        SwitchSection { labels, statements, span: self.since(start) }
    }

    fn switch_label(&mut self) -> SwitchLabel {
        let start = self.start();
        let kind = if self.bump().kind == T::Default {
            SwitchLabelKind::Default
        } else {
            let pattern = Box::new(self.case_pattern());
            let guard = self.eat_word("when").then(|| self.expression());
            SwitchLabelKind::Case { pattern, guard }
        };
        self.expect(T::Colon);
        SwitchLabel { kind, span: self.since(start) }
    }
}
