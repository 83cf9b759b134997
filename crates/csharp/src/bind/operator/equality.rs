//! `==` and `!=` of references and of tuples.

use base::Span;

use super::{
    super::{Binder, Operand, convert::Conv},
    Applied,
};
use crate::{
    ast::BinaryOp,
    ir::{Conversion, Expr, Kind},
    ty::Ty,
    value::Const,
};

impl Binder<'_> {
    pub(super) fn reference_equality(&mut self, left: Expr, right: Expr, negated: bool, span: Span) -> Applied {
        let null = |expr: &Expr| expr.ty == Ty::Null;
        if null(&left) || null(&right) {
            let other = if null(&left) { &right } else { &left };
            if other.ty.is_reference_type() || other.ty.is_nullable() || matches!(other.ty, Ty::Param(..)) {
                let kind = Kind::Same { left: Box::new(left), right: Box::new(right), negated };
                return Ok(Expr::new(kind, Ty::BOOL, span));
            }
            return Err(None);
        }
        if left.ty.is_reference_type() && right.ty.is_reference_type() {
            let related = self.explicit(&left.ty, &right.ty).is_some_and(|conv| !matches!(conv, Conv::User { .. }))
                || self.explicit(&right.ty, &left.ty).is_some_and(|conv| !matches!(conv, Conv::User { .. }));
            if let (true, Some(one), Some(other)) = (related, constant_text(&left), constant_text(&right)) {
                return Ok(Expr::constant(Const::Bool((one == other) != negated), Ty::BOOL, span));
            }
            if related {
                let kind = Kind::Same { left: Box::new(left), right: Box::new(right), negated };
                return Ok(Expr::new(kind, Ty::BOOL, span));
            }
        }
        Err(None)
    }

    pub(super) fn tuple_equality(&mut self, op: BinaryOp, left: Expr, right: Expr, span: Span) -> Applied {
        let (Ty::Tuple(a), Ty::Tuple(b)) = (left.ty.clone(), right.ty.clone()) else { return Err(None) };
        if a.items.len() != b.items.len() {
            self.error(
                "CS8384",
                "Tuple types used as operands of an == or != operator must have matching cardinalities.",
                span,
            );
            return Ok(Expr::error(span));
        }
        let (left_var, right_var) = (self.temp(left.ty.clone()), self.temp(right.ty.clone()));
        let mut whole: Option<Expr> = None;
        for (at, (one, other)) in a.items.iter().zip(&b.items).enumerate() {
            let item = |binder: &mut Self, var, ty: &Ty| {
                let tuple = binder.var(var, span);
                Expr::new(Kind::Field(Box::new(tuple), at), ty.clone(), span)
            };
            let (one, other) = (item(self, left_var, one), item(self, right_var, other));
            let test = self.binary(op, Operand::Value(one), Operand::Value(other), (span, span, span));
            whole = Some(match whole {
                None => test,
                Some(before) => {
                    let (before, test) = (Box::new(before), Box::new(test));
                    let kind = if op == BinaryOp::Equal { Kind::And(before, test) } else { Kind::Or(before, test) };
                    Expr::new(kind, Ty::BOOL, span)
                }
            });
        }
        let body = whole.unwrap_or_else(|| Expr::constant(Const::Bool(op == BinaryOp::Equal), Ty::BOOL, span));
        let inner =
            Expr::new(Kind::Let { var: right_var, value: Box::new(right), body: Box::new(body) }, Ty::BOOL, span);
        Ok(Expr::new(Kind::Let { var: left_var, value: Box::new(left), body: Box::new(inner) }, Ty::BOOL, span))
    }
}

/// Whether two values are equal, or whether they are not.
pub(in crate::bind) fn equal(left: Expr, right: Expr, negated: bool, span: Span) -> Expr {
    Expr::new(Kind::Equal { left: Box::new(left), right: Box::new(right), negated }, Ty::BOOL, span)
}

/// The text of a constant string, seen as whatever type.
fn constant_text(expr: &Expr) -> Option<&crate::Str> {
    match &expr.kind {
        Kind::Const(Const::Str(text)) => Some(text),
        Kind::Convert(Conversion::Same, inner) => constant_text(inner),
        _ => None,
    }
}
