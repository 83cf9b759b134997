//! Operators.

use base::Span;

use super::lookahead::{TypePlace, starts_expression};
use super::{NOT_A_POINTER, Parser, error_expr};
use crate::ast::{BinaryOp, Expr, ExprKind, UnaryOp};
use crate::lexer::negated_minimum;
use crate::token::TokenKind as T;

/// How tightly an operator binds, loosest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Precedence {
    Assignment,
    Conditional,
    Coalescing,
    OrElse,
    AndAlso,
    Or,
    Xor,
    And,
    Equality,
    Relational,
    Shift,
    Additive,
    Multiplicative,
    Range,
    Unary,
}

impl Parser<'_> {
    /// An expression.
    pub(super) fn expression(&mut self) -> Expr {
        self.operand(Precedence::Assignment)
    }

    /// An expression, or `ref` and one.
    pub(super) fn ref_or_expression(&mut self) -> Expr {
        let start = self.start();
        if self.eat(T::Ref) {
            let value = self.expression();
            return Expr { kind: ExprKind::Ref(Box::new(value)), span: self.since(start) };
        }
        self.expression()
    }

    /// An expression whose operators bind at least as tightly as `precedence`.
    pub(super) fn operand(&mut self, precedence: Precedence) -> Expr {
        let start = self.start();
        let outer = std::mem::replace(&mut self.deepest, self.depth);
        let parsed = self.nested(|parser| {
            let left = parser.prefixed(precedence);
            parser.continued(left, precedence, start)
        });
        self.deepest = self.deepest.max(outer);
        parsed.unwrap_or_else(|| error_expr(Span::new(start, start)))
    }

    fn prefixed(&mut self, precedence: Precedence) -> Expr {
        let start = self.start();
        if let Some(op) = prefix_operator(self.kind()) {
            return self.unary(op);
        }
        match self.kind() {
            T::Throw => return self.throw(precedence),
            T::Star => {
                let op = self.bump().span;
                self.error("CS0193", NOT_A_POINTER, op);
                self.operand(Precedence::Unary);
                return error_expr(self.since(start));
            }
            T::Ampersand => {
                let op = self.bump().span;
                self.unsafe_code(op);
                self.operand(Precedence::Unary);
                return error_expr(self.since(start));
            }
            T::Caret => {
                let op = self.bump().span;
                self.unavailable("index operator", "8.0", op);
                self.operand(Precedence::Unary);
                return error_expr(self.since(start));
            }
            T::DotDot => {
                let op = self.bump().span;
                return self.range(op, start);
            }
            T::Identifier if self.word() == "await" && self.await_here() => {
                self.bump();
                let operand = self.operand(Precedence::Unary);
                return Expr { kind: ExprKind::Await(Box::new(operand)), span: self.since(start) };
            }
            T::Identifier if precedence == Precedence::Assignment && self.query_here() => return self.query(),
            _ => {}
        }
        if precedence == Precedence::Assignment && self.deconstruction_here() {
            return self.declaration_expression();
        }
        self.primary(precedence)
    }

    fn unary(&mut self, op: UnaryOp) -> Expr {
        let op_span = self.bump().span;
        let literal = self.token_at(0);
        let operand = self.operand(Precedence::Unary);
        let span = self.since(op_span.start);
        if let (UnaryOp::Minus, ExprKind::Literal(value)) = (op, &operand.kind)
            && let Some(value) = negated_minimum(literal.span.of(self.source), value)
        {
            return Expr { kind: ExprKind::Literal(value), span };
        }
        Expr { kind: ExprKind::Unary { op, op_span, operand: Box::new(operand) }, span }
    }

    fn throw(&mut self, precedence: Precedence) -> Expr {
        let keyword = self.bump().span;
        if precedence > Precedence::Coalescing {
            self.error("CS1525", "Invalid expression term 'throw'", keyword);
        }
        let value = self.operand(Precedence::Coalescing);
        Expr { kind: ExprKind::Throw(Box::new(value)), span: self.since(keyword.start) }
    }

    /// `await` is a word like any other unless an operand follows that could not follow a name.
    fn await_here(&self) -> bool {
        matches!(
            self.kind_at(1),
            T::Identifier | T::New | T::This | T::Base | T::Literal(_) | T::InterpolationStart | T::TypeOf | T::Default
        ) && !(self.in_query && super::is_query_word(self.word_at(1)))
    }

    /// Behind `left`: as many operators as bind tightly enough.
    fn continued(&mut self, left: Expr, precedence: Precedence, start: u32) -> Expr {
        let mut left = left;
        loop {
            let (operator, tokens) = self.operator_here();
            let Some((operator, binding)) = operator else { break };
            if binding < precedence {
                break;
            }
            let first = self.bump().span;
            let op_span = (1..tokens).fold(first, |span, _| span.to(self.bump().span));
            self.push_down();
            left = self.operation(operator, binding, left, op_span, start);
        }
        if self.at(T::Question) && precedence <= Precedence::Conditional {
            return self.conditional(left, start);
        }
        left
    }

    fn operation(&mut self, operator: Operator, binding: Precedence, left: Expr, op_span: Span, start: u32) -> Expr {
        let left = Box::new(left);
        let kind = match operator {
            Operator::Binary(BinaryOp::Coalesce) => {
                let right = Box::new(self.operand(Precedence::Coalescing));
                ExprKind::Binary { op: BinaryOp::Coalesce, op_span, left, right }
            }
            Operator::Binary(op) => {
                let right = Box::new(self.operand(tighter(binding)));
                ExprKind::Binary { op, op_span, left, right }
            }
            Operator::Assign(op) => {
                let value = Box::new(self.ref_or_expression());
                ExprKind::Assign { op, op_span, target: left, value }
            }
            Operator::CoalesceAssign => {
                self.unavailable("coalescing assignment", "8.0", op_span);
                let right = Box::new(self.expression());
                ExprKind::Binary { op: BinaryOp::Coalesce, op_span, left, right }
            }
            Operator::As => ExprKind::As { operand: left, ty: self.type_at(TypePlace::EndOfExpression) },
            Operator::Is => ExprKind::Is { operand: left, pattern: Box::new(self.is_pattern()) },
            Operator::Range => return self.range(Span::new(start, op_span.end), start),
            Operator::Switch => {
                self.unavailable("recursive patterns", "8.0", self.since(start));
                self.skip_braces();
                ExprKind::Error
            }
            Operator::With => {
                self.unavailable("records", "9.0", op_span);
                self.skip_braces();
                ExprKind::Error
            }
        };
        Expr { kind, span: self.since(start) }
    }

    fn range(&mut self, reported: Span, start: u32) -> Expr {
        self.unavailable("range operator", "8.0", reported);
        if starts_expression(self.kind()) {
            self.operand(Precedence::Unary);
        }
        error_expr(self.since(start))
    }

    fn conditional(&mut self, condition: Expr, start: u32) -> Expr {
        self.bump();
        self.push_down();
        let condition = Box::new(condition);
        let then = Box::new(self.ref_or_expression());
        if matches!(self.kind(), T::HoleFormat(_)) {
            let message = "A conditional expression cannot be used directly in a string interpolation because the ':' ends \
                           the interpolation. Parenthesize the conditional expression.";
            self.error("CS8361", message, self.since(start));
            return error_expr(self.since(start));
        }
        self.expect(T::Colon);
        let otherwise = Box::new(self.ref_or_expression());
        Expr { kind: ExprKind::Conditional { condition, then, otherwise }, span: self.since(start) }
    }

    /// The operator that starts here, how it binds and how many tokens it takes.
    fn operator_here(&self) -> (Option<(Operator, Precedence)>, usize) {
        if self.at(T::Greater) && self.span().end == self.token_at(1).span.start {
            match self.kind_at(1) {
                T::Greater => return (Some((Operator::Binary(BinaryOp::ShiftRight), Precedence::Shift)), 2),
                T::GreaterEquals => {
                    return (Some((Operator::Assign(Some(BinaryOp::ShiftRight)), Precedence::Assignment)), 2);
                }
                _ => {}
            }
        }
        let later = self.kind_at(1) == T::OpenBrace;
        let operator = match self.kind() {
            T::Switch if later => Some((Operator::Switch, Precedence::Range)),
            T::Identifier if later && self.word() == "with" => Some((Operator::With, Precedence::Range)),
            kind => operator(kind),
        };
        (operator, 1)
    }
}

/// An operator behind an operand.
#[derive(Clone, Copy)]
pub(super) enum Operator {
    Binary(BinaryOp),
    Assign(Option<BinaryOp>),
    As,
    Is,
    // Of later versions, to be refused by name.
    CoalesceAssign,
    Range,
    Switch,
    With,
}

/// The operator that `kind` is behind an operand, and how it binds.
pub(super) fn operator(kind: T) -> Option<(Operator, Precedence)> {
    use BinaryOp as B;
    use Precedence as P;
    let binary = |op, precedence| Some((Operator::Binary(op), precedence));
    let assign = |op| Some((Operator::Assign(op), P::Assignment));
    match kind {
        T::Star => binary(B::Multiply, P::Multiplicative),
        T::Slash => binary(B::Divide, P::Multiplicative),
        T::Percent => binary(B::Remainder, P::Multiplicative),
        T::Plus => binary(B::Add, P::Additive),
        T::Minus => binary(B::Subtract, P::Additive),
        T::LessLess => binary(B::ShiftLeft, P::Shift),
        T::Less => binary(B::Less, P::Relational),
        T::Greater => binary(B::Greater, P::Relational),
        T::LessEquals => binary(B::LessOrEqual, P::Relational),
        T::GreaterEquals => binary(B::GreaterOrEqual, P::Relational),
        T::Is => Some((Operator::Is, P::Relational)),
        T::As => Some((Operator::As, P::Relational)),
        T::EqualsEquals => binary(B::Equal, P::Equality),
        T::ExclamationEquals => binary(B::NotEqual, P::Equality),
        T::Ampersand => binary(B::And, P::And),
        T::Caret => binary(B::Xor, P::Xor),
        T::Bar => binary(B::Or, P::Or),
        T::AmpersandAmpersand => binary(B::AndAlso, P::AndAlso),
        T::BarBar => binary(B::OrElse, P::OrElse),
        T::QuestionQuestion => binary(B::Coalesce, P::Coalescing),
        T::Equals => assign(None),
        T::PlusEquals => assign(Some(B::Add)),
        T::MinusEquals => assign(Some(B::Subtract)),
        T::StarEquals => assign(Some(B::Multiply)),
        T::SlashEquals => assign(Some(B::Divide)),
        T::PercentEquals => assign(Some(B::Remainder)),
        T::AmpersandEquals => assign(Some(B::And)),
        T::BarEquals => assign(Some(B::Or)),
        T::CaretEquals => assign(Some(B::Xor)),
        T::LessLessEquals => assign(Some(B::ShiftLeft)),
        T::QuestionQuestionEquals => Some((Operator::CoalesceAssign, P::Assignment)),
        T::DotDot => Some((Operator::Range, P::Range)),
        _ => None,
    }
}

/// The next tighter precedence: what the right operand of a left-associative operator must have.
fn tighter(precedence: Precedence) -> Precedence {
    use Precedence as P;
    match precedence {
        P::Assignment => P::Conditional,
        P::Conditional => P::Coalescing,
        P::Coalescing => P::OrElse,
        P::OrElse => P::AndAlso,
        P::AndAlso => P::Or,
        P::Or => P::Xor,
        P::Xor => P::And,
        P::And => P::Equality,
        P::Equality => P::Relational,
        P::Relational => P::Shift,
        P::Shift => P::Additive,
        P::Additive => P::Multiplicative,
        P::Multiplicative => P::Range,
        P::Range | P::Unary => P::Unary,
    }
}

fn prefix_operator(kind: T) -> Option<UnaryOp> {
    Some(match kind {
        T::Plus => UnaryOp::Plus,
        T::Minus => UnaryOp::Minus,
        T::Exclamation => UnaryOp::Not,
        T::Tilde => UnaryOp::Complement,
        T::PlusPlus => UnaryOp::Increment,
        T::MinusMinus => UnaryOp::Decrement,
        _ => return None,
    })
}
