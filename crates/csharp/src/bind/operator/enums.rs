//! Operators of enums: their numbers, and what may be mixed with them.

use base::Span;

use super::{
    super::{Binder, Operand},
    Applied, equal,
};
use crate::{
    ir::{BinOp, Expr},
    ty::Ty,
    value::Const,
};

impl Binder<'_> {
    pub(super) fn enum_operator(&mut self, op: BinOp, left: Expr, right: Expr, span: Span) -> Applied {
        let side = |expr: &Expr| expr.ty.unwrap_nullable().is_enum().then(|| expr.ty.unwrap_nullable().clone());
        let (left_enum, right_enum) = (side(&left), side(&right));
        let Some(ty) = left_enum.clone().or(right_enum.clone()) else { return Err(None) };
        let underlying = ty.def().and_then(|def| def.enum_def()).map_or(Ty::INT, |def| Ty::Prim(def.underlying));
        let lifted = left.ty.is_nullable() || right.ty.is_nullable() || left.ty == Ty::Null || right.ty == Ty::Null;
        let number = |binder: &mut Self, expr: Expr| binder.cast(Operand::Value(expr), &underlying, span);
        match op {
            BinOp::Eq | BinOp::Ne => {
                let target = if lifted { Ty::nullable(ty) } else { ty };
                if self.implicit_of(&left, &target).is_none() || self.implicit_of(&right, &target).is_none() {
                    return Err(None);
                }
                let (left, right) = (self.coerce_value(left, &target), self.coerce_value(right, &target));
                if let (Some(a), Some(b)) = (left.as_const(), right.as_const()) {
                    return Ok(Expr::constant(Const::Bool((a == b) != (op == BinOp::Ne)), Ty::BOOL, span));
                }
                Ok(equal(left, right, op == BinOp::Ne, span))
            }
            _ if lifted => {
                let of_null = if matches!(op, BinOp::Add | BinOp::Sub) { underlying } else { ty };
                self.lift(op, left, right, of_null, Self::enum_operator, span)
            }
            BinOp::Lt | BinOp::Gt | BinOp::Le | BinOp::Ge => {
                if self.implicit_of(&left, &ty).is_none() || self.implicit_of(&right, &ty).is_none() {
                    return Err(None);
                }
                let (left, right) = (self.coerce_value(left, &ty), self.coerce_value(right, &ty));
                let (left, right) = (number(self, left), number(self, right));
                self.numeric_operator(op, left, right, span)
            }
            BinOp::BitAnd | BinOp::BitOr | BinOp::BitXor => {
                if self.implicit_of(&left, &ty).is_none() || self.implicit_of(&right, &ty).is_none() {
                    return Err(None);
                }
                let (left, right) = (self.coerce_value(left, &ty), self.coerce_value(right, &ty));
                let (left, right) = (number(self, left), number(self, right));
                let result = self.numeric_operator(op, left, right, span)?;
                Ok(self.cast(Operand::Value(result), &ty, span))
            }
            BinOp::Add | BinOp::Sub => {
                let both = left_enum.is_some() && right_enum.is_some();
                if both && (op == BinOp::Add || left_enum != right_enum) {
                    return Err(None);
                }
                let fits = |expr: &Expr| expr.ty.is_enum() || self.implicit_of(expr, &underlying).is_some();
                if !fits(&left) || !fits(&right) {
                    return Err(None);
                }
                let (left, right) = (number(self, left), number(self, right));
                let result = self.numeric_operator(op, left, right, span)?;
                Ok(self.cast(Operand::Value(result), if both { &underlying } else { &ty }, span))
            }
            _ => Err(None),
        }
    }
}
