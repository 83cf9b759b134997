//! Patterns of `is` and `case`.

use base::Span;

use super::Binder;
use crate::{
    ast::{self, Designation, ExprKind, PatternKind, TypeKind},
    ir::{Expr, Kind, Pattern, VarId},
    ty::Ty,
    value::Const,
};

impl<'a> Binder<'a> {
    pub(super) fn is_pattern(&mut self, value: Expr, pattern: &'a ast::Pattern, span: Span) -> Expr {
        let ty = value.ty.clone();
        if ty == Ty::Void {
            self.error("CS8117", "Invalid operand for pattern match; value required, but found 'void'.", value.span);
        }
        let bound = self.pattern(pattern, &ty);
        match bound {
            Some(_) if value.is_error() => Expr { ty: Ty::BOOL, ..Expr::error(span) },
            Some(Pattern::Type(ty, None)) => Expr::new(Kind::IsType(Box::new(value), ty), Ty::BOOL, span),
            Some(pattern) => Expr::new(Kind::IsPattern(Box::new(value), Box::new(pattern)), Ty::BOOL, span),
            None => Expr { ty: Ty::BOOL, ..Expr::error(span) },
        }
    }

    /// A pattern for a value of static type `input`.
    pub(super) fn pattern(&mut self, pattern: &'a ast::Pattern, input: &Ty) -> Option<Pattern> {
        match &pattern.kind {
            PatternKind::Error => None,
            PatternKind::Constant(expr) => self.constant_pattern(expr, input),
            PatternKind::Var(designation) => {
                let var = self.designation(designation, input.clone());
                Some(Pattern::Any(var))
            }
            PatternKind::Type(ty) => {
                // A dotted name may be a constant: an enum member, a `const`.
                if let TypeKind::Named(name) = &ty.kind
                    && let Some(value) = self.named_constant(name, ty.span)
                {
                    return self.check_constant(value, input);
                }
                // Without a local, a test that cannot hold is merely false.
                let ty = self.ty(ty);
                (ty != Ty::Error).then_some(Pattern::Type(ty, None))
            }
            PatternKind::Declaration { ty, designation } => {
                let ty = self.ty(ty);
                if ty.is_nullable() {
                    let text = format!(
                        "It is not legal to use nullable type '{ty}' in a pattern; use the underlying type '{}' instead.",
                        ty.unwrap_nullable()
                    );
                    self.error("CS8116", text, pattern.span);
                }
                let var = self.designation(designation, ty.clone());
                self.check_type(&ty, input, pattern.span).then_some(Pattern::Type(ty, var))
            }
        }
    }

    fn designation(&mut self, designation: &Designation, ty: Ty) -> Option<VarId> {
        match designation {
            Designation::Name(name) => Some(self.declare_local(name, ty)),
            Designation::Discard(_) => None,
            Designation::Tuple { span, .. } => {
                self.error("CS8370", "Feature 'recursive patterns' is not available in C# 7.3. Please use language version 8.0 or greater.", *span);
                None
            }
        }
    }

    fn check_type(&mut self, ty: &Ty, input: &Ty, span: Span) -> bool {
        if *ty == Ty::Error || *input == Ty::Error {
            return *ty != Ty::Error;
        }
        let possible = *input == Ty::Null
            || self.explicit(input, ty).is_some_and(|conv| {
                !matches!(conv, super::convert::Conv::User { .. } | super::convert::Conv::Numeric)
                    || ty.unwrap_nullable() == input.unwrap_nullable()
            });
        if !possible {
            self.error(
                "CS8121",
                format!("An expression of type '{input}' cannot be handled by a pattern of type '{ty}'."),
                span,
            );
        }
        possible
    }

    fn constant_pattern(&mut self, expr: &'a ast::Expr, input: &Ty) -> Option<Pattern> {
        let operand = self.operand(expr);
        if let super::Operand::Type(ty) = &operand
            && !matches!(expr.kind, ExprKind::Parenthesized(_))
        {
            let ty = ty.clone();
            return self.check_type(&ty, input, expr.span).then_some(Pattern::Type(ty, None));
        }
        let value = self.value_of(operand, expr.span);
        self.check_constant(value, input)
    }

    fn check_constant(&mut self, value: Expr, input: &Ty) -> Option<Pattern> {
        if value.is_error() {
            return None;
        }
        // Against `object` a constant keeps its own type.
        let target = if *input.unwrap_nullable() == Ty::OBJECT || input.is_interface() || *input == Ty::Error {
            value.ty.clone()
        } else {
            input.clone()
        };
        let span = value.span;
        let value = if value.ty == Ty::Null { value } else { self.coerce_value(value, target.unwrap_nullable()) };
        match value.as_const() {
            Some(constant) => Some(Pattern::Const(constant.clone())),
            None if value.is_error() || matches!(value.kind, Kind::Error) => None,
            None => {
                self.error("CS0150", "A constant value is expected", span);
                None
            }
        }
    }

    /// `A.B.C` as a constant, if it is one and no type.
    fn named_constant(&mut self, name: &'a ast::TypeName, span: Span) -> Option<Expr> {
        let (last, before) = name.parts.split_last()?;
        if name.alias.is_some() || name.parts.iter().any(|part| part.type_args.is_some()) {
            return None;
        }
        if before.is_empty() {
            return match self.lookup(&last.name.text) {
                Some(super::Symbol::Const(value, ty)) => Some(Expr::constant(value.clone(), ty.clone(), span)),
                _ => None,
            };
        }
        let (value, clean) = self.on_trial(|binder| {
            let mut operand = binder.simple_name(&before[0], span);
            for part in &before[1..] {
                operand = binder.member(operand, part, span);
            }
            match operand {
                super::Operand::Type(_) => match binder.member(operand, last, span) {
                    super::Operand::Value(value) => Some(value),
                    _ => None,
                },
                _ => None,
            }
        })?;
        value.filter(|value| clean && !value.is_error())
    }

    /// The constant of a `case` label, for `goto case`.
    pub(super) fn label_constant(pattern: &Pattern) -> Option<&Const> {
        match pattern {
            Pattern::Const(value) => Some(value),
            _ => None,
        }
    }
}
