//! Built-in operators of numbers and of `bool`: promotion, and folding of constants.

use base::Span;

use super::{super::Binder, Applied, equal, is_comparison};
use crate::{
    arith,
    call::Raise,
    ir::{BinOp, Expr, Kind, NumKind},
    ty::{Prim, Ty},
    value::Const,
};

/// The promoted types, in the order in which operators are tried.
pub(super) const PROMOTED: [(Ty, NumKind); 7] = [
    (Ty::INT, NumKind::Int),
    (Ty::UINT, NumKind::UInt),
    (Ty::LONG, NumKind::Long),
    (Ty::ULONG, NumKind::ULong),
    (Ty::FLOAT, NumKind::Float),
    (Ty::DOUBLE, NumKind::Double),
    (Ty::DECIMAL, NumKind::Decimal),
];

pub(super) fn is_number(ty: &Ty) -> bool {
    ty.unwrap_nullable().prim().is_some_and(Prim::is_numeric)
}

impl Binder<'_> {
    pub(super) fn numeric_operator(&mut self, op: BinOp, left: Expr, right: Expr, span: Span) -> Applied {
        let lifted = left.ty.is_nullable() || right.ty.is_nullable() || left.ty == Ty::Null || right.ty == Ty::Null;
        let (shift, equality) = (matches!(op, BinOp::Shl | BinOp::Shr), matches!(op, BinOp::Eq | BinOp::Ne));
        if lifted && equality {
            // `==` of `T?`: both without a value are equal.
            let bare = |expr: &Expr| Expr::new(Kind::Error, expr.ty.unwrap_nullable().clone(), span);
            let target = match (&left.ty, &right.ty) {
                (Ty::Null, other) | (other, Ty::Null) => other.unwrap_nullable().clone(),
                _ => {
                    let exprs = (
                        if left.ty.is_nullable() { bare(&left) } else { left.clone() },
                        if right.ty.is_nullable() { bare(&right) } else { right.clone() },
                    );
                    self.promoted(op, &exprs.0, &exprs.1)?.0
                }
            };
            let target = Ty::nullable(target);
            let (left, right) = (self.coerce_value(left, &target), self.coerce_value(right, &target));
            return Ok(equal(left, right, op == BinOp::Ne, span));
        }
        if lifted {
            // `null` takes the type of its partner; it counts bits as an `int`.
            let partner = [&left, &right].into_iter().find(|side| side.ty != Ty::Null);
            let partner = partner.filter(|_| !shift).map_or(Ty::INT, |side| side.ty.unwrap_nullable().clone());
            return self.lift(op, left, right, partner, Self::numeric_operator, span);
        }
        let (target, kind) = if shift {
            if self.implicit_of(&right, &Ty::INT).is_none() {
                return Err(None);
            }
            let found = PROMOTED[..4].iter().find(|(ty, _)| self.implicit_of(&left, ty).is_some());
            found.cloned().ok_or(None)?
        } else {
            self.promoted(op, &left, &right)?
        };
        let left = self.coerce_value(left, &target);
        let right = self.coerce_value(right, if shift { &Ty::INT } else { &target });
        Ok(self.node(op, kind, left, right, target, span))
    }

    fn promoted(&self, op: BinOp, left: &Expr, right: &Expr) -> Result<(Ty, NumKind), Option<&'static str>> {
        let bitwise = matches!(op, BinOp::BitAnd | BinOp::BitOr | BinOp::BitXor);
        let choices = if bitwise { &PROMOTED[..4] } else { &PROMOTED[..] };
        let found = choices
            .iter()
            .find(|(ty, _)| self.implicit_of(left, ty).is_some() && self.implicit_of(right, ty).is_some());
        let integral = |expr: &Expr| expr.ty.prim().is_some_and(Prim::is_integral);
        match found {
            // Both `float` and `decimal` would do, and neither is better.
            Some((_, NumKind::Float)) if integral(left) && integral(right) => Err(Some("CS0034")),
            Some(found) => Ok(found.clone()),
            None => Err(None),
        }
    }

    /// A built-in operator; computed at once on constants.
    fn node(&mut self, op: BinOp, kind: NumKind, left: Expr, right: Expr, operand: Ty, span: Span) -> Expr {
        let ty = if is_comparison(op) { Ty::BOOL } else { operand };
        if left.is_error() || right.is_error() {
            return Expr { ty, ..Expr::error(span) };
        }
        if let (Some(a), Some(b)) = (Self::value_of_const(&left), Self::value_of_const(&right)) {
            return match arith::binary(op, kind, self.checked != Some(false), &a, &b) {
                Ok(value) => Expr::constant(Const::of(&value).unwrap_or(Const::Null), ty, span),
                Err(raise) => self.folding_failed(&raise, span),
            };
        }
        let zero = |expr: &Expr| match expr.as_const() {
            Some(Const::Int(0) | Const::UInt(0) | Const::Long(0) | Const::ULong(0)) => true,
            Some(Const::Decimal(value)) => value.is_zero(),
            _ => false,
        };
        if matches!(op, BinOp::Div | BinOp::Rem) && zero(&right) {
            self.error("CS0020", "Division by constant zero", span);
            return Expr::error(span);
        }
        let checked = self.checked == Some(true);
        Expr::new(Kind::Binary { op, kind, checked, left: Box::new(left), right: Box::new(right) }, ty, span)
    }

    pub(super) fn folding_failed(&mut self, raise: &Raise, span: Span) -> Expr {
        let is_division =
            matches!(raise, Raise::Exception(exception) if exception.def.name.ends_with("DivideByZeroException"));
        if is_division {
            self.error("CS0020", "Division by constant zero", span);
        } else if matches!(raise, Raise::Exception(exception) if exception.message.to_text().contains("Decimal")) {
            self.error("CS0463", "Evaluation of the decimal constant expression failed", span);
        } else {
            self.error("CS0220", "The operation overflows at compile time in checked mode", span);
        }
        Expr::error(span)
    }

    pub(super) fn bool_operator(&mut self, op: BinOp, left: Expr, right: Expr, span: Span) -> Applied {
        let nullable = left.ty != Ty::BOOL || right.ty != Ty::BOOL;
        match op {
            BinOp::Eq | BinOp::Ne if nullable => {
                let target = Ty::nullable(Ty::BOOL);
                let (left, right) = (self.coerce_value(left, &target), self.coerce_value(right, &target));
                Ok(equal(left, right, op == BinOp::Ne, span))
            }
            BinOp::BitAnd | BinOp::BitOr if nullable => {
                let target = Ty::nullable(Ty::BOOL);
                let (left, right) =
                    (Box::new(self.coerce_value(left, &target)), Box::new(self.coerce_value(right, &target)));
                Ok(Expr::new(Kind::ThreeValued { or: op == BinOp::BitOr, left, right }, target, span))
            }
            BinOp::BitXor if nullable => {
                let (one, other) = (self.temp(Ty::BOOL), self.temp(Ty::BOOL));
                let (first, second) = (self.var(one, span), self.var(other, span));
                let body = self.node(op, NumKind::Bool, first, second, Ty::BOOL, span);
                let operands = vec![(one, left), (other, right)];
                let kind = Kind::Lifted { operands, body: Box::new(body), null: Const::Null };
                Ok(Expr::new(kind, Ty::nullable(Ty::BOOL), span))
            }
            BinOp::Eq | BinOp::Ne | BinOp::BitAnd | BinOp::BitOr | BinOp::BitXor if !nullable => {
                Ok(self.node(op, NumKind::Bool, left, right, Ty::BOOL, span))
            }
            _ => Err(None),
        }
    }
}
