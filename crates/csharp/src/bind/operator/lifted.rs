//! Operators that types declare, and operators on values that may be missing.

use base::Span;

use super::{
    super::{Binder, Candidate, argument::Argument, overload::Called},
    Applied, equal, is_comparison,
};
use crate::{
    ir::{BinOp, Expr, Kind},
    ty::Ty,
    value::Const,
};

impl<'a> Binder<'a> {
    /// An operator on operands that may be without a value: `apply` on the values, and `null` or `false` where one is missing. The
    /// literal `null` is of the type `of_null`.
    pub(super) fn lift(
        &mut self,
        op: BinOp,
        left: Expr,
        right: Expr,
        of_null: Ty,
        apply: fn(&mut Self, BinOp, Expr, Expr, Span) -> Applied,
        span: Span,
    ) -> Applied {
        let mut operands = Vec::new();
        let [left, right] = [left, right].map(|operand| {
            let inner = match &operand.ty {
                Ty::Null => of_null.clone(),
                ty if ty.is_nullable() => ty.unwrap_nullable().clone(),
                _ => return operand,
            };
            let var = self.temp(inner);
            let bare = self.var(var, operand.span);
            operands.push((var, operand));
            bare
        });
        let body = apply(self, op, left, right, span)?;
        let (null, ty) = if is_comparison(op) {
            (Const::Bool(false), Ty::BOOL)
        } else {
            (Const::Null, Ty::nullable(body.ty.clone()))
        };
        Ok(Expr::new(Kind::Lifted { operands, body: Box::new(body), null }, ty, span))
    }

    /// An operator that a type of the table declares; `T?` operands are lifted.
    pub(super) fn user_operator(&mut self, symbol: &str, operands: &[Expr], span: Span) -> Option<Expr> {
        let name = format!("op {symbol}");
        let mut candidates: Vec<Candidate> = Vec::new();
        for operand in operands {
            let ty = operand.ty.unwrap_nullable().clone();
            if !matches!(ty, Ty::Named(..)) || ty.is_enum() {
                continue;
            }
            for (id, outer, _) in self.members(&ty, &name) {
                let candidate = self.candidate(id, outer, 0);
                if candidate.params.len() == operands.len()
                    && !candidates.iter().any(|known| known.target == candidate.target)
                {
                    candidates.push(candidate);
                }
            }
        }
        if candidates.is_empty() {
            return None;
        }
        let args: Vec<Argument<'a>> = operands.iter().cloned().map(Argument::value).collect();
        if let Some(found) = self.resolve(&candidates, &args, &[], Called::Method(""), None) {
            return Some(self.finish_call(found, None, args, span));
        }
        let equality = matches!(symbol, "==" | "!=");
        if !operands.iter().any(|operand| operand.ty.is_nullable() || (equality && operand.ty == Ty::Null)) {
            return None;
        }
        // Lifted: with values, the operator; without, null, false, or whether both are null.
        let mut lifted = Vec::new();
        let mut bare = Vec::new();
        let partner = operands.iter().find(|operand| operand.ty != Ty::Null)?.ty.unwrap_nullable().clone();
        for operand in operands {
            let inner = if operand.ty == Ty::Null { partner.clone() } else { operand.ty.unwrap_nullable().clone() };
            let var = self.temp(inner);
            bare.push(self.var(var, span));
            lifted.push((var, operand.clone()));
        }
        let args: Vec<Argument<'a>> = bare.iter().cloned().map(Argument::value).collect();
        let found = self.resolve(&candidates, &args, &[], Called::Method(""), None)?;
        if equality {
            let target = Ty::nullable(partner);
            let mut sides =
                operands.iter().cloned().map(|operand| self.coerce_value(operand, &target)).collect::<Vec<_>>();
            let (right, left) = (sides.pop()?, sides.pop()?);
            return Some(equal(left, right, symbol == "!=", span));
        }
        let body = self.finish_call(found, None, args, span);
        let (null, ty) = if body.ty == Ty::BOOL && matches!(symbol, "<" | ">" | "<=" | ">=") {
            (Const::Bool(false), Ty::BOOL)
        } else {
            (Const::Null, if body.ty.is_value_type() { Ty::nullable(body.ty.clone()) } else { body.ty.clone() })
        };
        Some(Expr::new(Kind::Lifted { operands: lifted, body: Box::new(body), null }, ty, span))
    }
}
