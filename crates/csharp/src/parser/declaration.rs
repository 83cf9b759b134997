//! Declarations of locals and local functions.

use super::Parser;
use super::lookahead::predefined;
use crate::ast::{
    Declarator, Expr, LambdaBody, LocalDeclaration, LocalFunction, LocalMode, Name, Param, Passing, StmtKind, Type,
    TypeConstraint,
};
use crate::token::TokenKind as T;

impl Parser<'_> {
    /// Locals with their `;`, or a local function.
    pub(super) fn declaration_statement(&mut self) -> StmtKind {
        let modifiers = self.modifiers();
        let ty = self.type_();
        if self.at_identifier() && matches!(self.kind_at(1), T::OpenParen | T::Less) {
            return StmtKind::Function(Box::new(self.local_function(modifiers, ty)));
        }
        let declaration = self.locals(modifiers.mode, ty);
        self.expect(T::Semicolon);
        StmtKind::Local(declaration)
    }

    /// Locals without `;`, as in `for` and `using`.
    pub(super) fn local_declaration(&mut self) -> LocalDeclaration {
        let modifiers = self.modifiers();
        let ty = self.type_();
        self.locals(modifiers.mode, ty)
    }

    fn modifiers(&mut self) -> Modifiers {
        let mut modifiers = Modifiers { mode: LocalMode::Plain, is_async: false };
        loop {
            let word = self.span();
            match self.kind() {
                T::Const => modifiers.mode = LocalMode::Const,
                T::Ref => modifiers.mode = LocalMode::Ref,
                T::Readonly if modifiers.mode == LocalMode::Ref => modifiers.mode = LocalMode::RefReadonly,
                T::Static if self.function_behind_modifiers() => {
                    self.unavailable("static local functions", "8.0", word);
                }
                T::Identifier if self.word() == "async" && self.type_behind_async() => modifiers.is_async = true,
                T::Identifier | T::OpenParen => return modifiers,
                kind if predefined(kind).is_some() || !kind.is_keyword() => return modifiers,
                kind => {
                    let message = format!("The modifier '{}' is not valid for this item", kind.text());
                    self.error("CS0106", message, word);
                }
            }
            self.bump();
        }
    }

    /// Whether a `(` comes before the `=` or `;` of a local.
    fn function_behind_modifiers(&self) -> bool {
        let ahead = (1..32).map(|ahead| self.kind_at(ahead));
        let mut decisive = ahead.filter(|kind| matches!(kind, T::OpenParen | T::Equals | T::Semicolon | T::End));
        decisive.next() == Some(T::OpenParen)
    }

    fn type_behind_async(&self) -> bool {
        let next = self.kind_at(1);
        (next == T::Identifier && self.kind_at(2) != T::Equals && self.kind_at(2) != T::Semicolon)
            || next == T::OpenParen
            || predefined(next).is_some()
    }

    fn locals(&mut self, mode: LocalMode, ty: Type) -> LocalDeclaration {
        let mut locals = vec![self.declarator()];
        while self.eat(T::Comma) {
            locals.push(self.declarator());
        }
        LocalDeclaration { mode, ty, locals }
    }

    fn declarator(&mut self) -> Declarator {
        let start = self.start();
        let name = self.identifier();
        if self.at(T::OpenBracket) {
            self.c_style_array();
        }
        let value = self.eat(T::Equals).then(|| self.first_value());
        Declarator { name, value, span: self.since(start) }
    }

    /// `int a[3]`.
    fn c_style_array(&mut self) {
        let start = self.start();
        while !matches!(self.kind(), T::CloseBracket | T::Semicolon) && !self.at_end() {
            self.skip();
        }
        self.eat(T::CloseBracket);
        let message = "Bad array declarator: To declare a managed array the rank specifier precedes the variable's \
                       identifier. To declare a fixed size buffer field, use the fixed keyword before the field type.";
        self.error("CS0650", message, self.since(start));
    }

    fn first_value(&mut self) -> Expr {
        if self.at(T::Ref) { self.ref_or_expression() } else { self.array_element() }
    }

    fn local_function(&mut self, modifiers: Modifiers, result: Type) -> LocalFunction {
        let name = self.identifier();
        let type_params = if self.at(T::Less) { self.type_params() } else { Vec::new() };
        let params = self.params();
        let mut constraints = Vec::new();
        while self.word() == "where" {
            constraints.push(self.constraint());
        }
        let body = if self.eat(T::Arrow) {
            let value = self.ref_or_expression();
            self.expect(T::Semicolon);
            LambdaBody::Expr(value)
        } else {
            LambdaBody::Block(self.block())
        };
        let by_ref = matches!(modifiers.mode, LocalMode::Ref | LocalMode::RefReadonly);
        LocalFunction { is_async: modifiers.is_async, by_ref, result, name, type_params, params, constraints, body }
    }

    fn type_params(&mut self) -> Vec<Name> {
        self.bump();
        let mut names = vec![self.identifier()];
        while self.eat(T::Comma) {
            names.push(self.identifier());
        }
        self.expect(T::Greater);
        names
    }

    fn params(&mut self) -> Vec<Param> {
        self.expect(T::OpenParen);
        let mut params = Vec::new();
        while !self.at(T::CloseParen) && !self.at_end() {
            params.push(self.param());
            if !self.eat(T::Comma) {
                break;
            }
            if self.at(T::CloseParen) {
                self.error_here("CS1031", "Type expected");
            }
        }
        self.expect(T::CloseParen);
        params
    }

    fn param(&mut self) -> Param {
        let mut passing = Passing::Value;
        let mut is_params = false;
        loop {
            match self.kind() {
                T::Ref => passing = Passing::Ref,
                T::Out => passing = Passing::Out,
                T::In => passing = Passing::In,
                T::Params => is_params = true,
                _ => break,
            }
            self.bump();
        }
        let ty = self.type_();
        let name = self.identifier();
        let default = self.eat(T::Equals).then(|| self.expression());
        Param { passing, is_params, ty, name, default }
    }

    fn constraint(&mut self) -> TypeConstraint {
        self.bump();
        let name = self.identifier();
        self.expect(T::Colon);
        let mut constraint =
            TypeConstraint { name, types: Vec::new(), class: false, structure: false, constructor: false };
        loop {
            match self.kind() {
                T::Class => {
                    self.bump();
                    constraint.class = true;
                }
                T::Struct => {
                    self.bump();
                    constraint.structure = true;
                }
                T::New => {
                    self.bump();
                    self.expect(T::OpenParen);
                    self.expect(T::CloseParen);
                    constraint.constructor = true;
                }
                _ => constraint.types.push(self.type_()),
            }
            if !self.eat(T::Comma) {
                return constraint;
            }
        }
    }
}

/// What stands before the type of a declaration.
#[derive(Clone, Copy)]
struct Modifiers {
    mode: LocalMode,
    is_async: bool,
}
