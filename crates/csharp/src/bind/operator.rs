//! Operators between values: promotion, user-defined and lifted forms, folding of constants.

use base::Span;

use super::{Binder, Candidate, Operand, argument::Argument, overload::Called};
use crate::{
    arith,
    ast::{BinaryOp, UnaryOp},
    call::Raise,
    ir::{BinOp, Expr, Kind, NumKind},
    ty::{Prim, Ty},
    value::{Const, Value},
};

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

/// The promoted types, in the order in which operators are tried.
const PROMOTED: [(Ty, NumKind); 7] = [
    (Ty::INT, NumKind::Int),
    (Ty::UINT, NumKind::UInt),
    (Ty::LONG, NumKind::Long),
    (Ty::ULONG, NumKind::ULong),
    (Ty::FLOAT, NumKind::Float),
    (Ty::DOUBLE, NumKind::Double),
    (Ty::DECIMAL, NumKind::Decimal),
];

fn is_number(ty: &Ty) -> bool {
    ty.unwrap_nullable().prim().is_some_and(Prim::is_numeric)
}

impl<'a> Binder<'a> {
    pub(super) fn binary(
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

    /// A binary operator on values. The error is the code for an ambiguity, or none for "cannot be applied".
    fn arithmetic(
        &mut self,
        op: BinOp,
        source: BinaryOp,
        left: Expr,
        right: Expr,
        span: Span,
    ) -> Result<Expr, Option<&'static str>> {
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

    fn numeric_operator(
        &mut self,
        op: BinOp,
        left: Expr,
        right: Expr,
        span: Span,
    ) -> Result<Expr, Option<&'static str>> {
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
            let mut operands = Vec::new();
            let mut bare = Vec::new();
            // `null` takes the type of its partner; it counts bits as an `int`.
            let partner = [&left, &right].into_iter().find(|side| side.ty != Ty::Null);
            let partner = partner.filter(|_| !shift).map_or(Ty::INT, |side| side.ty.unwrap_nullable().clone());
            for expr in [left, right] {
                if expr.ty.is_nullable() || expr.ty == Ty::Null {
                    let inner = if expr.ty == Ty::Null { partner.clone() } else { expr.ty.unwrap_nullable().clone() };
                    let var = self.temp(inner);
                    bare.push(self.var(var, expr.span));
                    operands.push((var, expr));
                } else {
                    bare.push(expr);
                }
            }
            let (Some(right), Some(left)) = (bare.pop(), bare.pop()) else { return Err(None) };
            let body = self.numeric_operator(op, left, right, span)?;
            let (null, ty) = if is_comparison(op) {
                (Const::Bool(false), Ty::BOOL)
            } else {
                (Const::Null, Ty::nullable(body.ty.clone()))
            };
            return Ok(Expr::new(Kind::Lifted { operands, body: Box::new(body), null }, ty, span));
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

    fn folding_failed(&mut self, raise: &Raise, span: Span) -> Expr {
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

    fn bool_operator(&mut self, op: BinOp, left: Expr, right: Expr, span: Span) -> Result<Expr, Option<&'static str>> {
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

    fn enum_operator(&mut self, op: BinOp, left: Expr, right: Expr, span: Span) -> Result<Expr, Option<&'static str>> {
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
                let mut operands = Vec::new();
                let mut bare = Vec::new();
                for expr in [left, right] {
                    if expr.ty.is_nullable() || expr.ty == Ty::Null {
                        let inner = match (expr.ty == Ty::Null, op) {
                            (true, BinOp::Add | BinOp::Sub) => underlying.clone(),
                            (true, _) => ty.clone(),
                            _ => expr.ty.unwrap_nullable().clone(),
                        };
                        let var = self.temp(inner);
                        bare.push(self.var(var, expr.span));
                        operands.push((var, expr));
                    } else {
                        bare.push(expr);
                    }
                }
                let (Some(right), Some(left)) = (bare.pop(), bare.pop()) else { return Err(None) };
                let body = self.enum_operator(op, left, right, span)?;
                let (null, ty) = if is_comparison(op) {
                    (Const::Bool(false), Ty::BOOL)
                } else {
                    (Const::Null, Ty::nullable(body.ty.clone()))
                };
                Ok(Expr::new(Kind::Lifted { operands, body: Box::new(body), null }, ty, span))
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

    fn reference_equality(
        &mut self,
        left: Expr,
        right: Expr,
        negated: bool,
        span: Span,
    ) -> Result<Expr, Option<&'static str>> {
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
            let related = self
                .explicit(&left.ty, &right.ty)
                .is_some_and(|conv| !matches!(conv, super::convert::Conv::User { .. }))
                || self
                    .explicit(&right.ty, &left.ty)
                    .is_some_and(|conv| !matches!(conv, super::convert::Conv::User { .. }));
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

    fn tuple_equality(
        &mut self,
        op: BinaryOp,
        left: Expr,
        right: Expr,
        span: Span,
    ) -> Result<Expr, Option<&'static str>> {
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

    /// An operator that a type of the table declares; `T?` operands are lifted.
    fn user_operator(&mut self, symbol: &str, operands: &[Expr], span: Span) -> Option<Expr> {
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

    /// `-x`, `!x`, `~x`, `+x`.
    pub(super) fn unary(&mut self, op: UnaryOp, operand: Operand<'a>, operand_span: Span, span: Span) -> Expr {
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

pub(super) fn equal(left: Expr, right: Expr, negated: bool, span: Span) -> Expr {
    Expr::new(Kind::Equal { left: Box::new(left), right: Box::new(right), negated }, Ty::BOOL, span)
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

/// The text of a constant string, seen as whatever type.
fn constant_text(expr: &Expr) -> Option<&crate::Str> {
    match &expr.kind {
        Kind::Const(Const::Str(text)) => Some(text),
        Kind::Convert(crate::ir::Conversion::Same, inner) => constant_text(inner),
        _ => None,
    }
}
