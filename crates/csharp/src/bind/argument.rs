//! Arguments of a call, before it is known which method takes them.

use base::Span;

use super::{Binder, Operand, convert::qualified};
use crate::{
    ast::{self, Designation, ExprKind, Passing, TypeKind},
    ir::{Expr, Place, VarId},
    ty::Ty,
};

/// An argument.
#[derive(Clone)]
pub(super) struct Argument<'a> {
    pub(super) name: Option<&'a ast::Name>,
    pub(super) passing: Passing,
    pub(super) what: What<'a>,
    pub(super) span: Span,
}

/// What an argument is.
#[derive(Clone)]
pub(super) enum What<'a> {
    Operand(Operand<'a>),
    /// `ref x`, `out x`.
    Place(Place, Ty),
    /// `out T x`: declared already.
    Declared(VarId, Ty),
    /// `out var x`: its type is the parameter's.
    OutVar(&'a ast::Name),
    /// `out _`.
    Discard(Option<Ty>),
}

impl<'a> Argument<'a> {
    /// A plain value.
    pub(super) fn value(expr: Expr) -> Self {
        let span = expr.span;
        Self { name: None, passing: Passing::Value, what: What::Operand(Operand::Value(expr)), span }
    }

    pub(super) fn operand(operand: Operand<'a>, span: Span) -> Self {
        Self { name: None, passing: Passing::Value, what: What::Operand(operand), span }
    }

    /// The static type, if it has one of its own.
    pub(super) fn ty(&self) -> Option<Ty> {
        match &self.what {
            What::Operand(Operand::Value(expr)) => Some(expr.ty.clone()),
            What::Place(_, ty) | What::Declared(_, ty) | What::Discard(Some(ty)) => Some(ty.clone()),
            _ => None,
        }
    }

    pub(super) fn is_error(&self) -> bool {
        self.ty() == Some(Ty::Error)
    }

    /// The argument as CS1503 prints it.
    pub(super) fn shown(&self) -> String {
        let passing = match self.passing {
            Passing::Out => "out ",
            Passing::Ref => "ref ",
            Passing::In => "in ",
            Passing::Value => "",
        };
        match &self.what {
            What::Operand(Operand::Value(expr)) => format!("{passing}{}", qualified(&expr.ty)),
            What::Place(_, ty) | What::Declared(_, ty) | What::Discard(Some(ty)) => {
                format!("{passing}{}", qualified(ty))
            }
            What::Operand(Operand::Lambda(_)) => "lambda expression".into(),
            What::Operand(Operand::Methods(_)) => "method group".into(),
            What::Operand(Operand::Default) => "default".into(),
            What::Operand(Operand::Throw(_)) => "throw expression".into(),
            What::OutVar(_) | What::Discard(None) => "out var".into(),
            What::Operand(Operand::Type(_) | Operand::Namespace(_)) => "type".into(),
        }
    }
}

impl<'a> Binder<'a> {
    /// Binds the arguments of a call, lambdas excepted.
    pub(super) fn arguments(&mut self, args: &'a [ast::Argument]) -> Vec<Argument<'a>> {
        args.iter().map(|arg| self.argument(arg)).collect()
    }

    fn argument(&mut self, arg: &'a ast::Argument) -> Argument<'a> {
        let span = arg.value.span;
        let what = match (arg.passing, &arg.value.kind) {
            (Passing::Out, ExprKind::Declaration { ty, designation }) => match (designation, &ty.kind) {
                (Designation::Name(name), TypeKind::Var) => What::OutVar(name),
                (Designation::Name(name), _) => {
                    let ty = self.ty(ty);
                    What::Declared(self.declare_local(name, ty.clone()), ty)
                }
                (Designation::Discard(_), TypeKind::Var) => What::Discard(None),
                (Designation::Discard(_), _) => What::Discard(Some(self.ty(ty))),
                (Designation::Tuple { .. }, _) => {
                    self.error("CS8199", "The syntax 'var (...)' as an lvalue is reserved.", span);
                    What::Operand(Operand::Value(Expr::error(span)))
                }
            },
            (Passing::Out, ExprKind::Name(name)) if &*name.name.text == "_" && self.lookup("_").is_none() => {
                What::Discard(None)
            }
            (Passing::Out | Passing::Ref, _) => {
                let expr = self.value(&arg.value);
                if expr.is_error() {
                    What::Operand(Operand::Value(expr))
                } else {
                    let ty = expr.ty.clone();
                    match self.reference(expr) {
                        Some(place) => What::Place(place, ty),
                        None => What::Operand(Operand::Value(Expr::error(span))),
                    }
                }
            }
            _ => match self.operand(&arg.value) {
                operand @ (Operand::Type(_) | Operand::Namespace(_)) => {
                    What::Operand(Operand::Value(self.value_of(operand, span)))
                }
                operand => What::Operand(operand),
            },
        };
        Argument { name: arg.name.as_ref(), passing: arg.passing, what, span }
    }
}
