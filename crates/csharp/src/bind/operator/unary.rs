//! Operators of one operand.

use base::Span;

use super::{
    super::{Binder, Operand},
    number::{PROMOTED, is_number},
};
use crate::{
    arith,
    ast::UnaryOp,
    ir::{Expr, Kind},
    ty::Ty,
    value::{Const, Value},
};

impl<'a> Binder<'a> {
    /// `-x`, `!x`, `~x`, `+x`.
    pub(in crate::bind) fn unary(&mut self, op: UnaryOp, operand: Operand<'a>, operand_span: Span, span: Span) -> Expr {
        let operand = self.value_of(operand, operand_span);
        if operand.is_error() {
            return Expr::error(span);
        }
        if let Some(call) = self.user_operator(op.symbol(), std::slice::from_ref(&operand), span) {
            return call;
        }
        if operand.ty.is_nullable() {
            if op == UnaryOp::Minus && *operand.ty.unwrap_nullable() == Ty::ULONG {
                self.error("CS0035", format!("Operator '-' is ambiguous on an operand of type '{}'", operand.ty), span);
                return Expr::error(span);
            }
            let var = self.temp(operand.ty.unwrap_nullable().clone());
            let bare = self.var(var, operand_span);
            let body = self.unary(op, Operand::Value(bare), operand_span, span);
            if body.is_error() {
                return body;
            }
            let ty = Ty::nullable(body.ty.clone());
            return Expr::new(
                Kind::Lifted { operands: vec![(var, operand)], body: Box::new(body), null: Const::Null },
                ty,
                span,
            );
        }
        let fits = |binder: &Self, ty: &Ty| binder.implicit_of(&operand, ty).is_some() && is_number(&operand.ty);
        let choice = |kinds: &[usize]| kinds.iter().map(|at| &PROMOTED[*at]).find(|(ty, _)| fits(self, ty)).cloned();
        let found = match op {
            UnaryOp::Not if operand.ty == Ty::BOOL => {
                if let Some(Const::Bool(value)) = operand.as_const() {
                    return Expr::constant(Const::Bool(!value), Ty::BOOL, span);
                }
                return Expr::new(Kind::Not(Box::new(operand)), Ty::BOOL, span);
            }
            UnaryOp::Complement if operand.ty.is_enum() => {
                let ty = operand.ty.clone();
                let number = self.cast(Operand::Value(operand), &Ty::INT, span);
                let result = self.unary(op, Operand::Value(number), operand_span, span);
                return self.cast(Operand::Value(result), &ty, span);
            }
            UnaryOp::Minus => {
                let found = choice(&[0, 2, 4, 5, 6]);
                // `-ulong` has no type: `float` and `decimal` would both do.
                found.filter(|_| operand.ty != Ty::ULONG)
            }
            UnaryOp::Plus => choice(&[0, 1, 2, 3, 4, 5, 6]),
            UnaryOp::Complement => choice(&[0, 1, 2, 3]),
            _ => None,
        };
        let Some((target, kind)) = found else {
            let text = format!("Operator '{}' cannot be applied to operand of type '{}'", op.symbol(), operand.ty);
            self.error("CS0023", text, span);
            return Expr::error(span);
        };
        let operand = self.coerce_value(operand, &target);
        if let Some(value) = Self::value_of_const(&operand) {
            let result: crate::Result<Value> = match op {
                UnaryOp::Minus => arith::negate(kind, self.checked != Some(false), &value),
                UnaryOp::Complement => arith::complement(&value),
                _ => Ok(value),
            };
            return match result {
                Ok(value) => Expr::constant(Const::of(&value).unwrap_or(Const::Null), target, span),
                Err(raise) => self.folding_failed(&raise, span),
            };
        }
        let checked = self.checked == Some(true);
        let kind = match op {
            UnaryOp::Minus => Kind::Negate { kind, checked, operand: Box::new(operand) },
            UnaryOp::Complement => Kind::Complement { operand: Box::new(operand) },
            _ => return Expr { span, ..operand },
        };
        Expr::new(kind, target, span)
    }
}
