//! Operators between values: which one is meant, and what is refused.

mod enums;
mod equality;
mod lifted;
mod number;
mod unary;

use base::Span;

pub(super) use self::equality::equal;
use self::number::is_number;
use super::{Binder, Operand};
use crate::{
    ast::BinaryOp,
    ir::{BinOp, Expr, Kind},
    ty::Ty,
    value::Const,
};

/// An operator with its operands. The error is the code for an ambiguity, or none for "cannot be applied".
type Applied = Result<Expr, Option<&'static str>>;

fn bin_op(op: BinaryOp) -> Option<BinOp> {
    Some(match op {
        BinaryOp::Multiply => BinOp::Mul,
        BinaryOp::Divide => BinOp::Div,
        BinaryOp::Remainder => BinOp::Rem,
        BinaryOp::Add => BinOp::Add,
        BinaryOp::Subtract => BinOp::Sub,
        BinaryOp::ShiftLeft => BinOp::Shl,
        BinaryOp::ShiftRight => BinOp::Shr,
        BinaryOp::Less => BinOp::Lt,
        BinaryOp::Greater => BinOp::Gt,
        BinaryOp::LessOrEqual => BinOp::Le,
        BinaryOp::GreaterOrEqual => BinOp::Ge,
        BinaryOp::Equal => BinOp::Eq,
        BinaryOp::NotEqual => BinOp::Ne,
        BinaryOp::And => BinOp::BitAnd,
        BinaryOp::Xor => BinOp::BitXor,
        BinaryOp::Or => BinOp::BitOr,
        BinaryOp::AndAlso | BinaryOp::OrElse | BinaryOp::Coalesce => return None,
    })
}

fn is_comparison(op: BinOp) -> bool {
    matches!(op, BinOp::Lt | BinOp::Gt | BinOp::Le | BinOp::Ge | BinOp::Eq | BinOp::Ne)
}

impl<'a> Binder<'a> {
    pub(in crate::bind) fn binary(
        &mut self,
        op: BinaryOp,
        left: Operand<'a>,
        right: Operand<'a>,
        spans: (Span, Span, Span),
    ) -> Expr {
        let (left_span, right_span, span) = spans;
        if op == BinaryOp::Coalesce {
            return self.coalesce(left, right, spans);
        }
        let shown = |operand: &Operand<'a>| match operand {
            Operand::Value(expr) => expr.ty.to_string(),
            Operand::Lambda(_) => "lambda expression".into(),
            Operand::Methods(_) => "method group".into(),
            _ => "default".into(),
        };
        let (left_shown, right_shown) = (shown(&left), shown(&right));
        let refuse = |binder: &mut Self| {
            let text = format!(
                "Operator '{}' cannot be applied to operands of type '{left_shown}' and '{right_shown}'",
                op.symbol()
            );
            binder.error("CS0019", text, span);
            Expr::error(span)
        };
        // `x == default` takes the type of the other side.
        let (left, right) = match (left, right) {
            (Operand::Value(left), Operand::Default) => {
                let right = self.default_of(&left.ty.clone(), right_span);
                (left, right)
            }
            (Operand::Default, Operand::Value(right)) => {
                let left = self.default_of(&right.ty.clone(), left_span);
                (left, right)
            }
            (left @ (Operand::Lambda(_) | Operand::Methods(_)), _)
            | (_, left @ (Operand::Lambda(_) | Operand::Methods(_))) => {
                drop(left);
                return refuse(self);
            }
            (left, right) => (self.value_of(left, left_span), self.value_of(right, right_span)),
        };
        if left.is_error() || right.is_error() {
            return Expr::error(span);
        }
        if left.ty == Ty::Void || right.ty == Ty::Void {
            return refuse(self);
        }
        match op {
            BinaryOp::AndAlso | BinaryOp::OrElse => {
                if left.ty != Ty::BOOL || right.ty != Ty::BOOL {
                    let ok =
                        self.implicit_of(&left, &Ty::BOOL).is_some() && self.implicit_of(&right, &Ty::BOOL).is_some();
                    if !ok {
                        return refuse(self);
                    }
                }
                let (left, right) = (self.coerce_value(left, &Ty::BOOL), self.coerce_value(right, &Ty::BOOL));
                if let (Some(Const::Bool(a)), Some(Const::Bool(b))) = (left.as_const(), right.as_const()) {
                    let value = if op == BinaryOp::AndAlso { *a && *b } else { *a || *b };
                    return Expr::constant(Const::Bool(value), Ty::BOOL, span);
                }
                let (left, right) = (Box::new(left), Box::new(right));
                let kind = if op == BinaryOp::AndAlso { Kind::And(left, right) } else { Kind::Or(left, right) };
                Expr::new(kind, Ty::BOOL, span)
            }
            _ => {
                let Some(kind) = bin_op(op) else { return refuse(self) };
                match self.arithmetic(kind, op, left, right, span) {
                    Ok(expr) => expr,
                    Err(Some(code)) => {
                        let text = format!(
                            "Operator '{}' is ambiguous on operands of type '{left_shown}' and '{right_shown}'",
                            op.symbol()
                        );
                        self.error(code, text, span);
                        Expr::error(span)
                    }
                    Err(None) => refuse(self),
                }
            }
        }
    }

    /// A binary operator on values.
    fn arithmetic(&mut self, op: BinOp, source: BinaryOp, left: Expr, right: Expr, span: Span) -> Applied {
        let equality = matches!(op, BinOp::Eq | BinOp::Ne);
        let negated = op == BinOp::Ne;
        if let Some(call) = self.user_operator(source.symbol(), &[left.clone(), right.clone()], span) {
            return Ok(call);
        }
        if left.ty == Ty::Null && right.ty == Ty::Null {
            return match op {
                BinOp::Eq | BinOp::Ne => Ok(Expr::constant(Const::Bool(!negated), Ty::BOOL, span)),
                BinOp::Lt | BinOp::Gt | BinOp::Le | BinOp::Ge => Ok(Expr::constant(Const::Bool(false), Ty::BOOL, span)),
                BinOp::Shl | BinOp::Shr => Ok(Expr::constant(Const::Null, Ty::nullable(Ty::INT), span)),
                _ => Err(Some("CS0034")),
            };
        }
        if op == BinOp::Add && (left.ty == Ty::STRING || right.ty == Ty::STRING) {
            return Ok(concat(left, right, span));
        }
        if equality && left.ty == Ty::STRING && right.ty == Ty::STRING {
            if let (Some(a), Some(b)) = (left.as_const(), right.as_const()) {
                return Ok(Expr::constant(Const::Bool((a == b) != negated), Ty::BOOL, span));
            }
            return Ok(equal(left, right, negated, span));
        }
        if left.ty.unwrap_nullable().is_enum() || right.ty.unwrap_nullable().is_enum() {
            return self.enum_operator(op, left, right, span);
        }
        let is_bool = |ty: &Ty| *ty.unwrap_nullable() == Ty::BOOL;
        if (is_bool(&left.ty) || left.ty == Ty::Null) && (is_bool(&right.ty) || right.ty == Ty::Null) {
            return self.bool_operator(op, left, right, span);
        }
        if equality && let (Kind::Tuple(..), _) | (_, Kind::Tuple(..)) = (&left.kind, &right.kind) {
            return self.tuple_equality(source, left, right, span);
        }
        if equality && let (Ty::Tuple(_), Ty::Tuple(_)) = (&left.ty, &right.ty) {
            return self.tuple_equality(source, left, right, span);
        }
        let numbers = (is_number(&left.ty) || left.ty == Ty::Null) && (is_number(&right.ty) || right.ty == Ty::Null);
        if numbers {
            return self.numeric_operator(op, left, right, span);
        }
        if equality {
            return self.reference_equality(left, right, negated, span);
        }
        Err(None)
    }

    /// `a ?? b`.
    fn coalesce(
        &mut self,
        left: Operand<'a>,
        right: Operand<'a>,
        (left_span, right_span, span): (Span, Span, Span),
    ) -> Expr {
        let left = self.value_of(left, left_span);
        if left.is_error() {
            return Expr::error(span);
        }
        let right_shown = match &right {
            Operand::Value(expr) => expr.ty.to_string(),
            Operand::Lambda(_) => "lambda expression".into(),
            Operand::Methods(_) => "method group".into(),
            _ => "default".into(),
        };
        let refuse = |binder: &mut Self, left: &Expr| {
            let text = format!("Operator '??' cannot be applied to operands of type '{}' and '{right_shown}'", left.ty);
            binder.error("CS0019", text, span);
            Expr::error(span)
        };
        if left.ty == Ty::Null {
            return match right {
                Operand::Value(right) if right.ty != Ty::Null => right,
                _ => refuse(self, &left),
            };
        }
        if left.ty.is_value_type() && !left.ty.is_nullable() || left.ty == Ty::Void {
            return refuse(self, &left);
        }
        let bare = left.ty.unwrap_nullable().clone();
        let var = self.temp(bare.clone());
        let build = |binder: &mut Self, left: Expr, target: Ty, right: Expr| {
            let present = binder.var(var, left_span);
            let present = binder.coerce_value(present, &target);
            Expr::new(Kind::Coalesce(Box::new(left), var, Box::new(present), Box::new(right)), target, span)
        };
        if left.ty.is_nullable() && self.operand_fits(&right, &bare) {
            let right = self.coerce(right, &bare, right_span);
            return build(self, left, bare, right);
        }
        if self.operand_fits(&right, &left.ty) {
            let target = left.ty.clone();
            let right = self.coerce(right, &target, right_span);
            return build(self, left, target, right);
        }
        if let Operand::Value(right) = right {
            if right.is_error() {
                return Expr::error(span);
            }
            let target = right.ty.clone();
            if self.implicit(&bare, &target).is_some() {
                return build(self, left, target, right);
            }
        }
        refuse(self, &left)
    }
}

/// Strings one after the other; constants are joined at once.
fn concat(left: Expr, right: Expr, span: Span) -> Expr {
    let text = |expr: &Expr| match expr.as_const() {
        Some(Const::Str(text)) => Some(text.clone()),
        Some(Const::Null) => Some(crate::Str::EMPTY),
        _ => None,
    };
    if let (Some(left), Some(right)) = (text(&left), text(&right)) {
        return Expr::constant(Const::Str(left.concat(&right)), Ty::STRING, span);
    }
    let mut parts = Vec::new();
    for side in [left, right] {
        match side.kind {
            Kind::Concat(inner) => parts.extend(inner),
            _ => parts.push(side),
        }
    }
    Expr::new(Kind::Concat(parts), Ty::STRING, span)
}
