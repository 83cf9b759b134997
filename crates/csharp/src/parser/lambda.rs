//! Lambdas and anonymous methods.

use super::Parser;
use super::lookahead::TypePlace;
use crate::ast::{Expr, ExprKind, Lambda, LambdaBody, LambdaParam, Passing};
use crate::token::TokenKind as T;

impl Parser<'_> {
    /// A lambda, where `lambda_here` saw one, or `delegate …`.
    pub(super) fn lambda(&mut self) -> Expr {
        let start = self.start();
        let is_async = self.lambda_modifiers();
        if self.at(T::Delegate) {
            return self.anonymous_method(is_async, start);
        }
        let params = if self.at(T::OpenParen) {
            self.lambda_params()
        } else {
            vec![LambdaParam { ty: None, passing: Passing::Value, name: self.identifier() }]
        };
        let arrow = self.expect(T::Arrow);
        let body = if self.at(T::OpenBrace) {
            LambdaBody::Block(self.block_in_lambda())
        } else {
            LambdaBody::Expr(self.ref_or_expression())
        };
        let lambda = Lambda { params: Some(params), body, is_async, arrow };
        Expr { kind: ExprKind::Lambda(Box::new(lambda)), span: self.since(start) }
    }

    fn lambda_modifiers(&mut self) -> bool {
        let mut is_async = false;
        loop {
            if self.at(T::Static) {
                let span = self.bump().span;
                self.unavailable("static anonymous function", "9.0", span);
            } else if self.word() == "async" && self.kind_at(1) != T::Arrow {
                self.bump();
                is_async = true;
            } else {
                return is_async;
            }
        }
    }

    fn anonymous_method(&mut self, is_async: bool, start: u32) -> Expr {
        let arrow = self.bump().span;
        let params = self.at(T::OpenParen).then(|| self.lambda_params());
        let body = LambdaBody::Block(self.block_in_lambda());
        let lambda = Lambda { params, body, is_async, arrow };
        Expr { kind: ExprKind::Lambda(Box::new(lambda)), span: self.since(start) }
    }

    fn lambda_params(&mut self) -> Vec<LambdaParam> {
        self.bump();
        let mut params = Vec::new();
        if self.eat(T::CloseParen) {
            return params;
        }
        loop {
            params.push(self.lambda_param());
            if !self.eat(T::Comma) {
                break;
            }
        }
        self.expect(T::CloseParen);
        let typed = params.iter().filter(|param| param.ty.is_some()).count();
        if typed != 0
            && typed != params.len()
            && let Some(untyped) = params.iter().find(|param| param.ty.is_none())
        {
            let message = "Inconsistent lambda parameter usage; parameter types must be all explicit or all implicit";
            self.error("CS0748", message, untyped.name.span);
        }
        params
    }

    fn lambda_param(&mut self) -> LambdaParam {
        let passing = match self.kind() {
            T::Ref => Passing::Ref,
            T::Out => Passing::Out,
            T::In => Passing::In,
            _ => Passing::Value,
        };
        if passing != Passing::Value {
            self.bump();
        }
        let untyped =
            self.at(T::CloseParen) || (self.at_identifier() && matches!(self.kind_at(1), T::Comma | T::CloseParen));
        let ty = (!untyped).then(|| self.type_at(TypePlace::Plain));
        LambdaParam { ty, passing, name: self.identifier() }
    }

    /// A block in which query words mean nothing.
    fn block_in_lambda(&mut self) -> crate::ast::Block {
        let in_query = std::mem::replace(&mut self.in_query, false);
        let block = self.block();
        self.in_query = in_query;
        block
    }
}
