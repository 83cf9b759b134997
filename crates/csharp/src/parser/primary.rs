//! Operands: names, literals, parentheses, and what follows them.

use base::Span;

use super::expression::{Precedence, operator};
use super::lookahead::{TypePlace, predefined, starts_expression};
use super::{NOT_A_POINTER, Parser, error_expr};
use crate::ast::{Argument, Expr, ExprKind, Name, Passing, SimpleName, TupleElement, Type, UnaryOp};
use crate::token::TokenKind as T;

impl Parser<'_> {
    /// An operand with its members, calls and indexes.
    pub(super) fn primary(&mut self, precedence: Precedence) -> Expr {
        let start = self.start();
        // A lambda is no operand of an operator, but the value of an assignment.
        if precedence == Precedence::Assignment && self.lambda_here() {
            return self.lambda();
        }
        let term = self.term();
        if matches!(term.kind, ExprKind::Cast { .. } | ExprKind::Lambda(_)) {
            return term;
        }
        self.postfixed(term, start)
    }

    fn term(&mut self) -> Expr {
        let start = self.start();
        let kind = match self.kind() {
            T::Literal(index) => {
                self.bump();
                match self.tokens.literals.get(index as usize) {
                    Some(literal) => ExprKind::Literal(literal.clone()),
                    None => ExprKind::Error,
                }
            }
            T::InterpolationStart => self.interpolated(),
            T::Identifier if self.at_identifier() => self.name(),
            T::OpenParen => return self.parenthesized(),
            T::New => self.creation(),
            T::This => {
                self.bump();
                ExprKind::This
            }
            T::Base => {
                self.bump();
                ExprKind::Base
            }
            T::TypeOf => {
                self.bump();
                ExprKind::TypeOf(self.type_in_parens())
            }
            T::SizeOf => {
                self.bump();
                ExprKind::SizeOf(self.type_in_parens())
            }
            T::Default => {
                self.bump();
                let ty = self.at(T::OpenParen).then(|| self.type_in_parens());
                ExprKind::Default(ty)
            }
            T::Checked => {
                self.bump();
                ExprKind::Checked(Box::new(self.in_parens()))
            }
            T::Unchecked => {
                self.bump();
                ExprKind::Unchecked(Box::new(self.in_parens()))
            }
            T::Delegate => return self.lambda(),
            T::StackAlloc => self.stack_alloc(),
            T::Ref => {
                self.error_here("CS1525", "Invalid expression term 'ref'");
                return self.ref_or_expression();
            }
            kind => match predefined(kind) {
                Some(predefined) => {
                    let span = self.bump().span;
                    if !self.at(T::Dot) {
                        self.error("CS1525", format!("Invalid expression term '{}'", kind.text()), span);
                        ExprKind::Error
                    } else {
                        ExprKind::Predefined(predefined)
                    }
                }
                None => return self.missing_operand(),
            },
        };
        Expr { kind, span: self.since(start) }
    }

    fn missing_operand(&mut self) -> Expr {
        let here = self.span();
        if self.at(T::Arrow) {
            // A lambda that lost its parameter.
            self.error_here("CS1001", "Identifier expected");
            self.bump();
            self.expression();
            return error_expr(self.since(here.start));
        }
        if self.at_end() && !self.at(T::End) {
            self.error_here("CS1733", "Expected expression");
        } else {
            self.error_here("CS1525", format!("Invalid expression term '{}'", self.kind().text()));
        }
        error_expr(Span::new(here.start, here.start))
    }

    fn name(&mut self) -> ExprKind {
        let name = self.simple_name();
        if self.at(T::ColonColon) && name.type_args.is_none() {
            self.bump();
            return ExprKind::Alias { alias: name.name, name: self.simple_name() };
        }
        ExprKind::Name(name)
    }

    /// A name with its type arguments, where `<` begins some.
    fn simple_name(&mut self) -> SimpleName {
        let name = self.identifier();
        let type_args = (self.at(T::Less) && self.type_args_here()).then(|| self.type_args());
        SimpleName { name, type_args }
    }

    /// The name behind a dot. It may be a word that a query reserves elsewhere.
    fn member_name(&mut self) -> SimpleName {
        let in_query = std::mem::replace(&mut self.in_query, false);
        let name = self.simple_name();
        self.in_query = in_query;
        name
    }

    fn type_in_parens(&mut self) -> Type {
        self.expect(T::OpenParen);
        let ty = self.type_();
        self.expect(T::CloseParen);
        ty
    }

    fn in_parens(&mut self) -> Expr {
        self.expect(T::OpenParen);
        let value = self.expression();
        self.expect(T::CloseParen);
        value
    }

    fn stack_alloc(&mut self) -> ExprKind {
        let span = self.span();
        self.unavailable("stackalloc in nested expressions", "8.0", span);
        self.bump();
        self.array_creation_parts();
        ExprKind::Error
    }

    /// `(T)x`, `(x)`, `(a, b)`.
    fn parenthesized(&mut self) -> Expr {
        let start = self.start();
        if self.cast_here() {
            self.bump();
            let ty = self.type_();
            self.expect(T::CloseParen);
            let operand = Box::new(self.operand(Precedence::Unary));
            return Expr { kind: ExprKind::Cast { ty, operand }, span: self.since(start) };
        }
        self.bump();
        let first = self.tuple_element(|next| next == T::Comma);
        let kind = if self.at(T::Comma) || first.name.is_some() {
            self.tuple(first, start)
        } else {
            self.expect(T::CloseParen);
            ExprKind::Parenthesized(Box::new(first.value))
        };
        Expr { kind, span: self.since(start) }
    }

    fn tuple(&mut self, first: TupleElement, start: u32) -> ExprKind {
        let mut elements = vec![first];
        while self.eat(T::Comma) {
            let element = self.tuple_element(|next| matches!(next, T::Comma | T::CloseParen));
            elements.push(element);
        }
        self.expect(T::CloseParen);
        if elements.len() < 2 {
            self.error("CS8124", "Tuple must contain at least two elements.", self.since(start));
            return ExprKind::Error;
        }
        ExprKind::Tuple(elements)
    }

    fn tuple_element(&mut self, ends: impl FnOnce(T) -> bool) -> TupleElement {
        let name = self.argument_name();
        let value = if self.declaration_expression_here(true, ends) {
            self.declaration_expression()
        } else {
            self.expression()
        };
        TupleElement { name, value }
    }

    fn argument_name(&mut self) -> Option<Name> {
        (self.at_identifier() && self.kind_at(1) == T::Colon).then(|| {
            let name = self.identifier();
            self.bump();
            name
        })
    }

    /// `T name`, `var (a, b)`.
    pub(super) fn declaration_expression(&mut self) -> Expr {
        let start = self.start();
        let ty = self.type_();
        let designation = self.designation();
        Expr { kind: ExprKind::Declaration { ty, designation }, span: self.since(start) }
    }

    /// Behind an operand: members, calls, indexes, `++`, `?.`.
    fn postfixed(&mut self, term: Expr, start: u32) -> Expr {
        let mut expr = term;
        loop {
            let target = match self.kind() {
                T::OpenParen | T::OpenBracket | T::Dot => {
                    self.push_down();
                    expr = self.accessed(expr, start);
                    continue;
                }
                T::PlusPlus | T::MinusMinus => {
                    self.push_down();
                    let op = if self.at(T::PlusPlus) { UnaryOp::Increment } else { UnaryOp::Decrement };
                    let op_span = self.bump().span;
                    ExprKind::Postfix { op, op_span, operand: Box::new(expr) }
                }
                T::Question if matches!(self.kind_at(1), T::Dot | T::OpenBracket) => {
                    self.bump();
                    self.push_down();
                    let chain = Box::new(self.conditional_chain());
                    ExprKind::ConditionalAccess { target: Box::new(expr), chain }
                }
                T::Exclamation => {
                    let mark = self.bump().span;
                    self.unavailable("nullable reference types", "8.0", expr.span.to(mark));
                    continue;
                }
                T::PointerArrow => {
                    let arrow = self.bump().span;
                    self.error("CS0193", NOT_A_POINTER, arrow);
                    self.push_down();
                    ExprKind::Member { target: Box::new(expr), name: self.member_name() }
                }
                _ => return expr,
            };
            expr = Expr { kind: target, span: self.since(start) };
        }
    }

    /// `(args)`, `[args]` or `.name` behind `target`.
    fn accessed(&mut self, target: Expr, start: u32) -> Expr {
        let kind = match self.kind() {
            T::OpenParen => {
                let args = self.arguments(T::CloseParen);
                call(target, args)
            }
            T::OpenBracket => {
                let args = self.index_arguments();
                ExprKind::Index { target: Box::new(target), args }
            }
            _ => {
                self.bump();
                let name = self.member_name();
                ExprKind::Member { target: Box::new(target), name }
            }
        };
        Expr { kind, span: self.since(start) }
    }

    /// What stands behind the `?` of `a?.b` and `a?[i]`.
    fn conditional_chain(&mut self) -> Expr {
        let start = self.start();
        let parsed = self.nested(|parser| {
            let kind = if parser.at(T::OpenBracket) {
                ExprKind::IndexBinding(parser.index_arguments())
            } else {
                parser.expect(T::Dot);
                ExprKind::MemberBinding(parser.member_name())
            };
            let mut chain = Expr { kind, span: parser.since(start) };
            loop {
                match parser.kind() {
                    T::OpenParen | T::OpenBracket | T::Dot => {
                        parser.push_down();
                        chain = parser.accessed(chain, start);
                    }
                    T::Question if matches!(parser.kind_at(1), T::Dot | T::OpenBracket) => {
                        parser.bump();
                        parser.push_down();
                        let rest = Box::new(parser.conditional_chain());
                        let kind = ExprKind::ConditionalAccess { target: Box::new(chain), chain: rest };
                        return Expr { kind, span: parser.since(start) };
                    }
                    T::Exclamation => {
                        let mark = parser.bump().span;
                        parser.unavailable("nullable reference types", "8.0", chain.span.to(mark));
                    }
                    _ => return chain,
                }
            }
        });
        parsed.unwrap_or_else(|| error_expr(Span::new(start, start)))
    }

    pub(super) fn index_arguments(&mut self) -> Vec<Argument> {
        if self.kind_at(1) == T::CloseBracket {
            self.error("CS0443", "Syntax error; value expected", self.token_at(1).span);
        }
        self.arguments(T::CloseBracket)
    }

    /// The opening bracket here, arguments, and `close`.
    pub(super) fn arguments(&mut self, close: T) -> Vec<Argument> {
        self.bump();
        let mut args = Vec::new();
        let mut first = true;
        while !self.at(close) && !self.at(T::Semicolon) {
            if self.argument_here() {
                if !first {
                    self.expect(T::Comma);
                }
                first = false;
                let before = self.index;
                args.push(self.argument());
                if self.index == before && !self.at(T::Comma) {
                    break;
                }
            } else if !self.skip_to_argument(first) {
                break;
            }
        }
        self.expect(close);
        args
    }

    /// Whether an argument or the comma before one is here. An operator without its left side counts.
    fn argument_here(&self) -> bool {
        let kind = self.kind();
        kind == T::Comma || kind == T::Out || kind == T::In || starts_expression(kind) || operator(kind).is_some()
    }

    /// Skips what fits nowhere in a list; false where the list seems to end.
    fn skip_to_argument(&mut self, first: bool) -> bool {
        let stops = |parser: &Self| {
            is_bracket(parser.kind()) || parser.at(T::Semicolon) || parser.at_end() || starts_statement(parser.kind())
        };
        if stops(self) {
            return false;
        }
        if first {
            self.error_here("CS1001", "Identifier expected");
        } else {
            self.error_here("CS1003", "Syntax error, ',' expected");
        }
        while !stops(self) && !self.argument_here() {
            self.skip();
        }
        !stops(self)
    }

    fn argument(&mut self) -> Argument {
        let name = self.argument_name();
        let passing = match self.kind() {
            T::Ref => Passing::Ref,
            T::Out => Passing::Out,
            T::In => Passing::In,
            _ => Passing::Value,
        };
        if passing != Passing::Value {
            self.bump();
        }
        if self.at(T::Comma) && name.is_none() && passing == Passing::Value {
            let here = self.span();
            self.error("CS0839", "Argument missing", here);
            return Argument { name, passing, value: error_expr(Span::new(here.start, here.start)) };
        }
        let declares = passing == Passing::Out && self.declaration_expression_here(false, |_| true);
        let value = if declares { self.declaration_expression() } else { self.expression() };
        Argument { name, passing, value }
    }

    /// The type of an `is` or `as`, or of a pattern.
    pub(super) fn type_at_end(&mut self) -> Type {
        self.type_at(TypePlace::EndOfExpression)
    }
}

/// A call; `nameof(x)` is one only where it is not the operator.
fn call(target: Expr, mut args: Vec<Argument>) -> ExprKind {
    let is_nameof =
        matches!(&target.kind, ExprKind::Name(name) if &*name.name.text == "nameof" && name.type_args.is_none());
    let plain = |arg: &Argument| arg.name.is_none() && arg.passing == Passing::Value;
    if is_nameof
        && args.len() == 1
        && args.iter().all(plain)
        && let Some(arg) = args.pop()
    {
        return ExprKind::NameOf(Box::new(arg.value));
    }
    ExprKind::Call { target: Box::new(target), args }
}

fn is_bracket(kind: T) -> bool {
    matches!(kind, T::OpenBracket | T::CloseBracket | T::OpenBrace | T::CloseBrace | T::CloseParen)
}

/// Words that begin a statement and no expression: lists end in front of them, where a bracket was forgotten.
pub(super) fn starts_statement(kind: T) -> bool {
    matches!(
        kind,
        T::Break
            | T::Case
            | T::Catch
            | T::Const
            | T::Continue
            | T::Do
            | T::Else
            | T::Finally
            | T::For
            | T::Foreach
            | T::Goto
            | T::If
            | T::Lock
            | T::Return
            | T::Switch
            | T::Try
            | T::Using
            | T::While
    )
}
