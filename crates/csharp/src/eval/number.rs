//! Nodes that work on unboxed `int`s and `bool`s.

use super::{Frame, Loc, Lower};
use crate::{
    arith,
    call::{Cx, Result},
    ir::{BinOp, Expr, Kind, NumKind},
    ty::Ty,
    value::{Const, Value},
};

type IntNode = Box<dyn Fn(&mut Frame<'_>, &mut Cx<'_>) -> Result<i32> + Send + Sync>;
pub(super) type BoolNode = Box<dyn Fn(&mut Frame<'_>, &mut Cx<'_>) -> Result<bool> + Send + Sync>;

#[inline]
fn slot(frame: &Frame<'_>, at: usize) -> i32 {
    if let Some(Value::Int(value)) = frame.slots.get(at) { *value } else { 0 }
}

/// An operand that needs no node of its own.
enum Simple {
    Slot(usize),
    Const(i32),
}

impl Lower<'_> {
    fn simple(&self, expr: &Expr) -> Option<Simple> {
        match &expr.kind {
            Kind::Var(var) if expr.ty == Ty::INT => match self.loc(*var) {
                Loc::Slot(at) => Some(Simple::Slot(at)),
                Loc::Cell(_) => None,
            },
            Kind::Const(Const::Int(value)) => Some(Simple::Const(*value)),
            _ => None,
        }
    }

    /// An expression of type `int`.
    pub(super) fn int(&self, expr: &Expr) -> IntNode {
        match &expr.kind {
            Kind::Const(Const::Int(value)) => {
                let value = *value;
                Box::new(move |_, _| Ok(value))
            }
            Kind::Var(_) if let Some(Simple::Slot(at)) = self.simple(expr) => Box::new(move |frame, _| Ok(slot(frame, at))),
            Kind::Binary { op, kind: NumKind::Int, checked, left, right } if !matches!(op, BinOp::Shl | BinOp::Shr) => {
                self.int_binary(*op, *checked, left, right)
            }
            _ => {
                let node = self.expression(expr);
                Box::new(move |frame, cx| match node(frame, cx)? {
                    Value::Int(value) => Ok(value),
                    _ => Ok(0),
                })
            }
        }
    }

    fn int_binary(&self, op: BinOp, checked: bool, left: &Expr, right: &Expr) -> IntNode {
        match (self.simple(left), self.simple(right)) {
            (Some(Simple::Slot(left)), Some(Simple::Const(right))) => match op {
                BinOp::Add if !checked => Box::new(move |frame, _| Ok(slot(frame, left).wrapping_add(right))),
                BinOp::Rem if right > 0 => Box::new(move |frame, _| Ok(slot(frame, left) % right)),
                _ => Box::new(move |frame, _| arith::int(op, checked, slot(frame, left), right)),
            },
            (Some(Simple::Slot(left)), Some(Simple::Slot(right))) => {
                Box::new(move |frame, _| arith::int(op, checked, slot(frame, left), slot(frame, right)))
            }
            (Some(Simple::Slot(left)), None) if op == BinOp::Add && !checked => {
                let right = self.int(right);
                Box::new(move |frame, cx| {
                    let left = slot(frame, left);
                    Ok(left.wrapping_add(right(frame, cx)?))
                })
            }
            _ => {
                let (left, right) = (self.int(left), self.int(right));
                Box::new(move |frame, cx| {
                    let left = left(frame, cx)?;
                    arith::int(op, checked, left, right(frame, cx)?)
                })
            }
        }
    }

    /// An expression of type `bool`.
    pub(super) fn bool(&self, expr: &Expr) -> BoolNode {
        match &expr.kind {
            Kind::Const(Const::Bool(value)) => {
                let value = *value;
                Box::new(move |_, _| Ok(value))
            }
            Kind::Binary { op, kind: NumKind::Int, left, right, .. } if expr.ty == Ty::BOOL => {
                let op = *op;
                match (self.simple(left), self.simple(right)) {
                    (Some(Simple::Slot(left)), Some(Simple::Const(right))) if op == BinOp::Lt => {
                        Box::new(move |frame, _| Ok(slot(frame, left) < right))
                    }
                    (Some(Simple::Slot(left)), Some(Simple::Const(right))) => {
                        Box::new(move |frame, _| Ok(arith::compare(op, &slot(frame, left), &right)))
                    }
                    (Some(Simple::Slot(left)), Some(Simple::Slot(right))) => {
                        Box::new(move |frame, _| Ok(arith::compare(op, &slot(frame, left), &slot(frame, right))))
                    }
                    _ => {
                        let (left, right) = (self.int(left), self.int(right));
                        Box::new(move |frame, cx| {
                            let left = left(frame, cx)?;
                            Ok(arith::compare(op, &left, &right(frame, cx)?))
                        })
                    }
                }
            }
            Kind::And(left, right) => {
                let (left, right) = (self.bool(left), self.bool(right));
                Box::new(move |frame, cx| Ok(left(frame, cx)? && right(frame, cx)?))
            }
            Kind::Or(left, right) => {
                let (left, right) = (self.bool(left), self.bool(right));
                Box::new(move |frame, cx| Ok(left(frame, cx)? || right(frame, cx)?))
            }
            Kind::Not(inner) => {
                let inner = self.bool(inner);
                Box::new(move |frame, cx| Ok(!inner(frame, cx)?))
            }
            Kind::Equal { left, right, negated } => {
                let negated = *negated;
                let (subject, constant) = match (left.as_const(), right.as_const()) {
                    (None, Some(constant)) => (left, Some(constant)),
                    (Some(constant), None) => (right, Some(constant)),
                    _ => (left, None),
                };
                if let Some(Const::Str(text)) = constant {
                    let (subject, text) = (self.expression(subject), text.clone());
                    return Box::new(move |frame, cx| {
                        Ok(matches!(subject(frame, cx)?, Value::Str(value) if value == text) != negated)
                    });
                }
                let (left, right) = (self.expression(left), self.expression(right));
                Box::new(move |frame, cx| {
                    let left = left(frame, cx)?;
                    Ok(left.equals(&right(frame, cx)?) != negated)
                })
            }
            Kind::Same { left, right, negated } => {
                let negated = *negated;
                if matches!(right.as_const(), Some(Const::Null)) {
                    let left = self.expression(left);
                    return Box::new(move |frame, cx| Ok(left(frame, cx)?.is_null() != negated));
                }
                let (left, right) = (self.expression(left), self.expression(right));
                Box::new(move |frame, cx| {
                    let left = left(frame, cx)?;
                    Ok(same(&left, &right(frame, cx)?) != negated)
                })
            }
            Kind::IsType(inner, ty) => {
                let (inner, ty) = (self.expression(inner), ty.clone());
                Box::new(move |frame, cx| {
                    let value = inner(frame, cx)?;
                    Ok(is_a(cx, &value, &ty))
                })
            }
            Kind::IsPattern(inner, pattern) => {
                let (inner, pattern) = (self.expression(inner), self.pattern(pattern));
                Box::new(move |frame, cx| {
                    let value = inner(frame, cx)?;
                    Ok(pattern(frame, cx, &value))
                })
            }
            _ => {
                let node = self.expression(expr);
                Box::new(move |frame, cx| Ok(matches!(node(frame, cx)?, Value::Bool(true))))
            }
        }
    }
}

/// Whether a value is a `ty`; null is none.
pub(super) fn is_a(cx: &Cx<'_>, value: &Value, ty: &Ty) -> bool {
    !value.is_null() && cx.surface.is_a(&value.ty(), ty.unwrap_nullable())
}

/// `==` of references. Strings count as the same if they are equal: the runtime shares literals, and nobody can tell
/// the others apart but by this.
fn same(left: &Value, right: &Value) -> bool {
    match (left, right) {
        (Value::Null, Value::Null) => true,
        (Value::Object(left), Value::Object(right)) => std::rc::Rc::ptr_eq(left, right),
        (Value::Str(left), Value::Str(right)) => left == right,
        (Value::Word(def, left), Value::Word(other, right)) => {
            def == other && left == right && !Ty::named(def.0).is_value_type()
        }
        _ => false,
    }
}
