//! What is `int` or `bool` all along: trees whose values need no tag.

use super::{
    super::{ask::Decision, code::*},
    Lowerer,
};
use crate::{
    ir::{self, BinOp, Conversion, Expr, Kind, NumKind, VarId},
    text::Str,
    ty::Ty,
    value::Const,
};

impl Lowerer<'_> {
    pub(in crate::exec) fn int(&mut self, expr: &Expr) -> IntNode {
        match self.try_int(expr) {
            Some(int) => int,
            None => IntNode::Value(Box::new(self.general(expr))),
        }
    }

    pub(in crate::exec) fn bool(&mut self, expr: &Expr) -> BoolNode {
        match self.try_bool(expr) {
            Some(bool) => bool,
            None => BoolNode::Value(Box::new(self.general(expr))),
        }
    }

    /// A condition that an observer hears of.
    pub(in crate::exec) fn condition(&mut self, expr: &Expr) -> BoolNode {
        let condition = self.bool(expr);
        if !self.shared.observe {
            return condition;
        }
        self.shared.conditions.borrow_mut().push(expr.span);
        BoolNode::Watch(Box::new(condition), expr.span)
    }

    pub(super) fn try_int(&mut self, expr: &Expr) -> Option<IntNode> {
        Some(match &expr.kind {
            Kind::Const(Const::Int(value)) => IntNode::Const(*value),
            Kind::Var(var) => IntNode::Local(self.int_slot(*var)?),
            Kind::Assign(place, value) => {
                let ir::Place::Var(var) = &**place else { return None };
                let slot = self.int_slot(*var).filter(|_| self.watched(*var).is_none())?;
                IntNode::Set(slot, Box::new(self.int(value)))
            }
            Kind::Update { place, old, new, gives_old } => {
                let ir::Place::Var(var) = &**place else { return None };
                let slot = self.int_slot(*var).filter(|_| self.watched(*var).is_none())?;
                self.update_int(slot, *old, new, *gives_old)?
            }
            Kind::Binary { op, kind: NumKind::Int, checked, left, right } => {
                let (left, right) = (self.int(left), self.int(right));
                match (op, right) {
                    (BinOp::Add, IntNode::Const(by)) if !checked => IntNode::AddConst(Box::new(left), by),
                    (BinOp::Sub, IntNode::Const(by)) if !checked => {
                        IntNode::AddConst(Box::new(left), by.wrapping_neg())
                    }
                    (BinOp::Mul, IntNode::Const(by)) if !checked => IntNode::MulConst(Box::new(left), by),
                    (BinOp::Rem, IntNode::Const(by)) if by != 0 && by != -1 => IntNode::RemConst(Box::new(left), by),
                    (BinOp::Add, right) if !checked => IntNode::Add(Box::new((left, right))),
                    (BinOp::Shl | BinOp::Shr, right) => {
                        IntNode::Shift { left: *op == BinOp::Shl, pair: Box::new((left, right)) }
                    }
                    (_, right) => IntNode::Binary { op: *op, checked: *checked, pair: Box::new((left, right)) },
                }
            }
            Kind::Conditional(condition, then, otherwise) => {
                let condition = self.condition(condition);
                IntNode::Conditional(Box::new((condition, self.int(then), self.int(otherwise))))
            }
            Kind::ArrayLength(array) => IntNode::ArrayLength(Box::new(self.enumerated(array))),
            Kind::Convert(Conversion::Same | Conversion::Numeric { .. }, inner) if inner.ty == Ty::INT => {
                self.int(inner)
            }
            Kind::Convert(Conversion::Cast, inner) => match self.node(inner) {
                Node::Lookup(lookup) => IntNode::Unbox(lookup),
                node => IntNode::Value(Box::new(Node::Cast(Box::new((node, Ty::INT))))),
            },
            _ => return None,
        })
    }

    pub(super) fn try_bool(&mut self, expr: &Expr) -> Option<BoolNode> {
        Some(match &expr.kind {
            Kind::Const(Const::Bool(value)) => BoolNode::Const(*value),
            Kind::Not(inner) => match self.bool(inner) {
                BoolNode::Facts(decision) => BoolNode::Facts(Box::new(Decision::Not(decision))),
                inner => BoolNode::Not(Box::new(inner)),
            },
            Kind::And(left, right) => match (self.bool(left), self.bool(right)) {
                (BoolNode::Facts(left), BoolNode::Facts(right)) => {
                    BoolNode::Facts(Box::new(Decision::And(Box::new((*left, *right)))))
                }
                pair => BoolNode::And(Box::new(pair)),
            },
            Kind::Or(left, right) => match (self.bool(left), self.bool(right)) {
                (BoolNode::Facts(left), BoolNode::Facts(right)) => {
                    BoolNode::Facts(Box::new(Decision::Or(Box::new((*left, *right)))))
                }
                pair => BoolNode::Or(Box::new(pair)),
            },
            Kind::Binary { op, kind: NumKind::Int, left, right, .. } => {
                BoolNode::CompareInt(*op, Box::new((self.int(left), self.int(right))))
            }
            Kind::Binary { op, kind, checked, left, right } => {
                let (left, right) = (self.node(left), self.node(right));
                BoolNode::Compare(Box::new(Binary { op: *op, kind: *kind, checked: *checked, left, right }))
            }
            Kind::Equal { left, right, negated } => self.equal(left, right, *negated),
            Kind::Same { left, right, negated } => match (left.as_const(), right.as_const()) {
                (_, Some(Const::Null)) => self.is_null(left, *negated),
                (Some(Const::Null), _) => self.is_null(right, *negated),
                _ => BoolNode::Same { pair: Box::new((self.uncopied(left), self.uncopied(right))), negated: *negated },
            },
            Kind::IsType(value, ty) => BoolNode::Is(Box::new((self.uncopied(value), Test::Type(ty.clone(), None)))),
            Kind::IsPattern(value, pattern) => {
                let value = self.node(value);
                BoolNode::Is(Box::new((value, self.test(pattern))))
            }
            Kind::Convert(Conversion::Same, inner) if inner.ty == Ty::BOOL => self.bool(inner),
            Kind::Convert(Conversion::Cast, inner) => match self.node(inner) {
                Node::Lookup(lookup) => BoolNode::Unbox(lookup),
                node => BoolNode::Value(Box::new(Node::Cast(Box::new((node, Ty::BOOL))))),
            },
            _ => return None,
        })
    }

    /// `x++` and `x += y` of an unboxed local. The old value needs no place of its own where the new one is computed
    /// from it at once.
    fn update_int(&mut self, slot: usize, old: VarId, new: &Expr, gives_old: bool) -> Option<IntNode> {
        let Kind::Binary { op, kind: NumKind::Int, checked: false, left, right } = &new.kind else { return None };
        if !matches!(left.kind, Kind::Var(var) if var == old) {
            return None;
        }
        let right = self.int(right);
        Some(match (op, right) {
            (BinOp::Add, IntNode::Const(by)) if gives_old => IntNode::PostAdd(slot, by),
            (BinOp::Sub, IntNode::Const(by)) if gives_old => IntNode::PostAdd(slot, by.wrapping_neg()),
            _ if gives_old => return None,
            (BinOp::Add, right) => IntNode::AddTo(slot, Box::new(right)),
            (BinOp::Sub, IntNode::Const(by)) => IntNode::AddTo(slot, Box::new(IntNode::Const(by.wrapping_neg()))),
            (BinOp::Shl | BinOp::Shr, right) => {
                let pair = Box::new((IntNode::Local(slot), right));
                IntNode::Set(slot, Box::new(IntNode::Shift { left: *op == BinOp::Shl, pair }))
            }
            (_, right) => {
                let pair = Box::new((IntNode::Local(slot), right));
                IntNode::Set(slot, Box::new(IntNode::Binary { op: *op, checked: false, pair }))
            }
        })
    }

    fn equal(&mut self, left: &Expr, right: &Expr, negated: bool) -> BoolNode {
        match (left.as_const(), right.as_const()) {
            (_, Some(Const::Null)) => self.is_null(left, negated),
            (Some(Const::Null), _) => self.is_null(right, negated),
            (None, Some(Const::Str(text))) => self.equal_text(left, text, negated),
            (Some(Const::Str(text)), None) => self.equal_text(right, text, negated),
            _ => BoolNode::Equal { pair: Box::new((self.uncopied(left), self.uncopied(right))), negated },
        }
    }

    fn is_null(&mut self, expr: &Expr, negated: bool) -> BoolNode {
        match self.uncopied(expr) {
            Node::Fact(fact) => BoolNode::Facts(Box::new(Decision::IsNull { fact: *fact, negated })),
            node => BoolNode::IsNull { node: Box::new(node), negated },
        }
    }

    fn equal_text(&mut self, expr: &Expr, text: &Str, negated: bool) -> BoolNode {
        match (self.uncopied(expr), text.as_str()) {
            (Node::Fact(fact), Some(text)) => {
                BoolNode::Facts(Box::new(Decision::Is { fact: *fact, text: text.into(), negated }))
            }
            (node, _) => BoolNode::EqualText { node: Box::new(node), text: text.clone(), negated },
        }
    }
}

/// Whether the first thing that `new` does is to read `old`: then the variable itself can be read instead of a copy.
pub(super) fn leads_with(new: &Expr, old: VarId) -> bool {
    match &new.kind {
        Kind::Var(var) => *var == old,
        Kind::Binary { left, .. } => leads_with(left, old),
        Kind::Concat(items) => items.first().is_some_and(|first| leads_with(first, old)),
        Kind::Convert(_, inner) => leads_with(inner, old),
        _ => false,
    }
}
