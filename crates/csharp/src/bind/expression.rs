//! Expressions, one by one.

use std::sync::Arc;

use base::Span;

use super::{Binder, Operand, convert::qualified};
use crate::{
    ast::{self, ExprKind, InterpolationPart, Literal},
    ir::{Expr, Kind, Part},
    text::Str,
    ty::{TupleTy, Ty},
    value::Const,
};

pub(super) fn text(text: &ast::Text) -> Str {
    match text {
        ast::Text::Utf8(text) => (&**text).into(),
        ast::Text::Utf16(units) => Str::from_units(units),
    }
}

impl<'a> Binder<'a> {
    /// Binds an expression that may be a type, a method group or a lambda.
    pub(super) fn operand(&mut self, expr: &'a ast::Expr) -> Operand<'a> {
        let span = expr.span;
        Operand::Value(match &expr.kind {
            ExprKind::Error => Expr::error(span),
            ExprKind::Literal(literal) => literal_of(literal, span),
            ExprKind::Default(None) => return Operand::Default,
            ExprKind::Default(Some(ty)) => {
                let ty = self.ty(ty);
                self.default_of(&ty, span)
            }
            ExprKind::Interpolated(parts) => self.interpolated(parts, span),
            ExprKind::Name(name) => return self.simple_name(name, span),
            ExprKind::Alias { name, .. } => {
                let namespace = &*name.name.text;
                if self.surface.is_namespace(namespace) {
                    return Operand::Namespace(namespace.into());
                }
                self.error("CS0400", format!("The type or namespace name '{namespace}' could not be found in the global namespace (are you missing an assembly reference?)"), span);
                Expr::error(span)
            }
            ExprKind::Predefined(keyword) => return Operand::Type(super::types::predefined(*keyword)),
            ExprKind::Type(ty) => return Operand::Type(self.ty(ty)),
            ExprKind::This => {
                self.error(
                    "CS0026",
                    "Keyword 'this' is not valid in a static property, static method, or static field initializer",
                    span,
                );
                Expr::error(span)
            }
            ExprKind::Base => {
                self.error("CS1511", "Keyword 'base' is not available in a static method", span);
                Expr::error(span)
            }
            ExprKind::Parenthesized(inner) => return self.operand(inner),
            ExprKind::Tuple(elements) => self.tuple_literal(elements, span),
            ExprKind::Member { target, name } => {
                let target = self.operand(target);
                return self.member(target, name, span);
            }
            ExprKind::Call { target, args } => self.call(target, args, span),
            ExprKind::Index { target, args } => {
                let target = self.value(target);
                self.index(target, args, span)
            }
            ExprKind::ConditionalAccess { target, chain } => self.conditional_access(target, chain, span),
            ExprKind::MemberBinding(name) => match self.chain.last().cloned() {
                Some(target) => return self.member(Operand::Value(target), name, span),
                None => Expr::error(span),
            },
            ExprKind::IndexBinding(args) => match self.chain.last().cloned() {
                Some(target) => self.index(target, args, span),
                None => Expr::error(span),
            },
            ExprKind::Unary { op: op @ (ast::UnaryOp::Increment | ast::UnaryOp::Decrement), operand, .. } => {
                self.increment(*op, operand, false, span)
            }
            ExprKind::Unary { op, operand, .. } => {
                let inner = self.operand(operand);
                self.unary(*op, inner, operand.span, span)
            }
            ExprKind::Postfix { op, operand, .. } => self.increment(*op, operand, true, span),
            ExprKind::Binary { op, left, right, .. } => {
                let (left_operand, right_operand) = (self.operand(left), self.operand(right));
                if let (ast::BinaryOp::Coalesce, Operand::Throw(_)) = (op, &right_operand) {
                    return Operand::Value(self.binary(
                        *op,
                        left_operand,
                        right_operand,
                        (left.span, right.span, span),
                    ));
                }
                self.binary(*op, left_operand, right_operand, (left.span, right.span, span))
            }
            ExprKind::Assign { op, target, value, .. } => self.assign(*op, target, value, span),
            ExprKind::Conditional { condition, then, otherwise } => self.conditional(condition, then, otherwise, span),
            ExprKind::Cast { ty, operand } => {
                let ty = self.ty(ty);
                let inner = self.operand(operand);
                self.cast(inner, &ty, span)
            }
            ExprKind::As { operand, ty } => {
                let inner = self.value(operand);
                let ty = self.ty(ty);
                self.as_type(inner, ty, span)
            }
            ExprKind::Is { operand, pattern } => {
                let inner = self.value(operand);
                self.is_pattern(inner, pattern, span)
            }
            ExprKind::Lambda(lambda) => return Operand::Lambda(self.lambda_source(lambda, span)),
            ExprKind::New { ty, args, initializer } => self.create(ty, args.as_deref(), initializer.as_ref(), span),
            ExprKind::Anonymous(members) => self.anonymous(members, span),
            ExprKind::NewArray { ty, sizes, elements } => self.new_array(ty, sizes, elements.as_ref(), span),
            ExprKind::ImplicitArray { rank, elements } => self.implicit_array(elements, *rank, span),
            ExprKind::ArrayElements(elements) => {
                self.error("CS0622", "Can only use array initializer expressions to assign to array types. Try using a new expression instead.", elements.span);
                Expr::error(span)
            }
            ExprKind::Query(query) => return self.query(query, span),
            ExprKind::Throw(inner) => {
                let exception = self.exception(inner);
                return Operand::Throw(Box::new(exception));
            }
            ExprKind::Checked(inner) => return self.in_context(true, inner),
            ExprKind::Unchecked(inner) => return self.in_context(false, inner),
            ExprKind::TypeOf(ty) => {
                self.unbound = true;
                let target = self.ty(ty);
                self.unbound = false;
                match (self.surface.def_named("System.Type"), self.surface.def_named("System.RuntimeType")) {
                    (Some(def), Some(own)) if target != Ty::Error => {
                        Expr::new(Kind::TypeOf(target, own), Ty::named(def), span)
                    }
                    _ => Expr::error(span),
                }
            }
            ExprKind::SizeOf(ty) => {
                let target = self.ty(ty);
                match size_of_type(&target) {
                    Some(size) => Expr::constant(Const::Int(size), Ty::INT, span),
                    None if target.is_reference_type() => {
                        let text = format!(
                            "Cannot take the address of, get the size of, or declare a pointer to a managed type ('{target}')"
                        );
                        self.error("CS0208", text, span);
                        Expr::error(span)
                    }
                    None => {
                        self.error("CS0233", format!("'{target}' does not have a predefined size, therefore sizeof can only be used in an unsafe context"), span);
                        Expr::error(span)
                    }
                }
            }
            ExprKind::NameOf(inner) => {
                let before = self.diagnostics.len();
                let _ = self.operand(inner);
                // A name is enough: it needs no receiver and no value.
                let named = self.diagnostics.split_off(before).into_iter();
                self.diagnostics.extend(named.filter(|found| !matches!(&*found.code, "CS0120" | "CS0119" | "CS0118")));
                let Some(name) = super::create::last_name(inner) else {
                    self.error("CS8081", "Expression does not have a name.", inner.span);
                    return Operand::Value(Expr::error(span));
                };
                Expr::constant(Const::Str(name.into()), Ty::STRING, span)
            }
            ExprKind::Declaration { .. } => {
                self.error("CS8185", "A declaration is not allowed in this context.", span);
                Expr::error(span)
            }
            ExprKind::Ref(inner) => {
                self.value(inner);
                self.error("CS8149", "By-reference returns may only be used in methods that return by reference", span);
                Expr::error(span)
            }
            ExprKind::Await(inner) => {
                self.error(
                    "CS4032",
                    "The 'await' operator can only be used within an async method. Consider marking this method with the 'async' modifier and changing its return type to 'Task<object>'.",
                    span,
                );
                self.operand(inner);
                Expr::error(span)
            }
        })
    }

    /// Binds an expression that must be a value.
    pub(super) fn value(&mut self, expr: &'a ast::Expr) -> Expr {
        let operand = self.operand(expr);
        self.value_of(operand, expr.span)
    }

    /// An operand that must be a value.
    pub(super) fn value_of(&mut self, operand: Operand<'a>, span: Span) -> Expr {
        match operand {
            Operand::Value(expr) => return expr,
            Operand::Type(ty) => {
                self.error("CS0119", format!("'{ty}' is a type, which is not valid in the given context"), span);
            }
            Operand::Namespace(name) => {
                self.error("CS0118", format!("'{name}' is a namespace but is used like a variable"), span);
            }
            Operand::Methods(group) => {
                let shown = group
                    .candidates
                    .first()
                    .map_or_else(|| group.name.to_owned(), |candidate| candidate.shown.to_string());
                self.error(
                    "CS0119",
                    format!("'{shown}' is a method, which is not valid in the given context"),
                    group.name_span,
                );
            }
            Operand::Lambda(lambda) => {
                self.error("CS8917", "The delegate type could not be inferred.", lambda.span);
            }
            Operand::Default => self.error("CS8716", "There is no target type for the default literal.", span),
            Operand::Throw(_) => self.error("CS8115", "A throw expression is not allowed in this context.", span),
        }
        Expr::error(span)
    }

    /// Binds an expression and converts it implicitly.
    pub(super) fn value_as(&mut self, expr: &'a ast::Expr, ty: &Ty) -> Expr {
        if let (ExprKind::ArrayElements(elements), Ty::Array(element, rank)) = (&expr.kind, ty) {
            return self.array_of(elements, &element.clone(), *rank);
        }
        let operand = self.operand(expr);
        self.coerce(operand, ty, expr.span)
    }

    /// A condition.
    pub(super) fn condition(&mut self, expr: &'a ast::Expr) -> Expr {
        self.value_as(expr, &Ty::BOOL)
    }

    fn in_context(&mut self, checked: bool, inner: &'a ast::Expr) -> Operand<'a> {
        let before = self.checked.replace(checked);
        let operand = self.operand(inner);
        self.checked = before;
        operand
    }

    /// What is thrown.
    pub(super) fn exception(&mut self, expr: &'a ast::Expr) -> Expr {
        let value = self.value(expr);
        let base = Ty::named(&crate::exception::EXCEPTION);
        if value.is_error() || value.ty == Ty::Null || self.surface.is_a(&value.ty, &base) {
            return value;
        }
        self.error("CS0155", "The type caught or thrown must be derived from System.Exception", expr.span);
        Expr::error(expr.span)
    }

    fn tuple_literal(&mut self, elements: &'a [ast::TupleElement], span: Span) -> Expr {
        let (mut items, mut names, mut values) = (Vec::new(), Vec::new(), Vec::new());
        for element in elements {
            let value = self.value(&element.value);
            if value.ty == Ty::Void {
                self.error("CS8210", "A tuple may not contain a value of type 'void'.", element.value.span);
            }
            items.push(value.ty.clone());
            let inferred =
                element.name.as_ref().map(|name| &*name.text).or_else(|| super::create::last_name(&element.value));
            names.push(inferred.filter(|name| element.name.is_some() || !name.starts_with("Item")).map(Arc::from));
            values.push(value);
        }
        // A name that two elements would take is taken by none.
        let copies: Vec<bool> = names
            .iter()
            .map(|name| name.is_some() && names.iter().filter(|other| *other == name).count() > 1)
            .collect();
        for (name, copied) in names.iter_mut().zip(copies) {
            if copied {
                *name = None;
            }
        }
        let ty = Arc::new(TupleTy { items, names });
        Expr::new(Kind::Tuple(ty.clone(), values), Ty::Tuple(ty), span)
    }

    fn conditional_access(&mut self, target: &'a ast::Expr, chain: &'a ast::Expr, span: Span) -> Expr {
        let target_value = self.value(target);
        if target_value.is_error() {
            return Expr::error(span);
        }
        if target_value.ty.is_value_type() && !target_value.ty.is_nullable() || target_value.ty == Ty::Void {
            self.error(
                "CS0023",
                format!("Operator '?' cannot be applied to operand of type '{}'", target_value.ty),
                span,
            );
            return Expr::error(span);
        }
        let var = self.temp(target_value.ty.unwrap_nullable().clone());
        let receiver = self.var(var, target.span);
        self.chain.push(receiver);
        let operand = self.operand(chain);
        self.chain.pop();
        let access = self.value_of(operand, chain.span);
        let ty = match &access.ty {
            Ty::Error => return Expr::error(span),
            ty if ty.is_value_type() && !ty.is_nullable() => Ty::nullable(ty.clone()),
            ty => ty.clone(),
        };
        Expr::new(Kind::NullConditional { target: Box::new(target_value), var, access: Box::new(access) }, ty, span)
    }

    fn conditional(
        &mut self,
        condition: &'a ast::Expr,
        then: &'a ast::Expr,
        otherwise: &'a ast::Expr,
        span: Span,
    ) -> Expr {
        let condition = self.condition(condition);
        let (left, right) = (self.operand(then), self.operand(otherwise));
        let common = match (&left, &right) {
            (Operand::Throw(_), Operand::Value(value)) | (Operand::Value(value), Operand::Throw(_)) => {
                Some(value.ty.clone())
            }
            (Operand::Default, Operand::Value(value)) | (Operand::Value(value), Operand::Default) => {
                Some(value.ty.clone())
            }
            (Operand::Value(left), Operand::Value(right)) => {
                if left.is_error() || right.is_error() {
                    return Expr::error(span);
                }
                if left.ty == right.ty {
                    (left.ty != Ty::Null && left.ty != Ty::Void || left.ty == Ty::Void).then(|| left.ty.clone())
                } else {
                    match (self.implicit_of(left, &right.ty).is_some(), self.implicit_of(right, &left.ty).is_some()) {
                        (true, false) if right.ty != Ty::Null => Some(right.ty.clone()),
                        (false, true) if left.ty != Ty::Null => Some(left.ty.clone()),
                        (true, true) => Some(if self.better_target(&left.ty, &right.ty) < 0 {
                            left.ty.clone()
                        } else {
                            right.ty.clone()
                        }),
                        _ => None,
                    }
                }
            }
            (Operand::Lambda(_) | Operand::Methods(_), Operand::Value(value))
            | (Operand::Value(value), Operand::Lambda(_) | Operand::Methods(_))
                if value.ty.is_delegate() =>
            {
                Some(value.ty.clone())
            }
            _ => None,
        };
        let Some(ty) = common else {
            // What later versions of C# would accept if something said what is wanted.
            self.error("CS8370", "Feature 'target-typed conditional expression' is not available in C# 7.3. Please use language version 9.0 or greater.", span);
            return Expr::error(span);
        };
        let left = self.coerce(left, &ty, then.span);
        let right = self.coerce(right, &ty, otherwise.span);
        if let (Some(Const::Bool(test)), Some(_), Some(_)) = (condition.as_const(), left.as_const(), right.as_const()) {
            return Expr { span, ..if *test { left } else { right } };
        }
        Expr::new(Kind::Conditional(Box::new(condition), Box::new(left), Box::new(right)), ty, span)
    }

    fn interpolated(&mut self, parts: &'a [InterpolationPart], span: Span) -> Expr {
        let mut out = Vec::new();
        for part in parts {
            match part {
                InterpolationPart::Text(piece) => out.push(Part::Text(text(piece))),
                InterpolationPart::Hole(hole) => {
                    let operand = self.operand(&hole.value);
                    let value = match operand {
                        Operand::Value(value) if value.ty == Ty::Void => {
                            self.error("CS0029", "Cannot implicitly convert type 'void' to 'object'", hole.value.span);
                            Expr::error(hole.value.span)
                        }
                        Operand::Value(value) => value,
                        other => self.coerce(other, &Ty::OBJECT, hole.value.span),
                    };
                    let alignment = match &hole.alignment {
                        None => 0,
                        Some(width) => {
                            let width = self.value_as(width, &Ty::INT);
                            match width.as_const() {
                                Some(Const::Int(width)) => *width,
                                _ if width.is_error() => 0,
                                _ => {
                                    self.error("CS0150", "A constant value is expected", width.span);
                                    0
                                }
                            }
                        }
                    };
                    let format = hole.format.as_ref().map(text).unwrap_or_default();
                    out.push(Part::Hole { value, alignment, format });
                }
            }
        }
        if out.as_slice().is_empty() {
            return Expr::constant(Const::Str(Str::EMPTY), Ty::STRING, span);
        }
        Expr::new(Kind::Interpolate(out), Ty::STRING, span)
    }

    fn as_type(&mut self, value: Expr, ty: Ty, span: Span) -> Expr {
        if value.is_error() || ty == Ty::Error {
            return Expr { kind: Kind::Error, ty, span };
        }
        if ty.is_value_type() && !ty.is_nullable() {
            self.error("CS0077", format!("The as operator must be used with a reference type or nullable type ('{ty}' is a non-nullable value type)"), span);
            return Expr::error(span);
        }
        let possible = self
            .explicit(&value.ty, &ty)
            .is_some_and(|conv| !matches!(conv, super::convert::Conv::User { .. } | super::convert::Conv::Numeric));
        if !possible {
            let text = format!(
                "Cannot convert type '{}' to '{}' via a reference conversion, boxing conversion, unboxing conversion, wrapping conversion, or null type conversion",
                qualified(&value.ty),
                qualified(&ty)
            );
            self.error("CS0039", text, span);
            return Expr::error(span);
        }
        Expr::new(Kind::As(Box::new(value), ty.clone()), ty, span)
    }
}

fn literal_of(literal: &Literal, span: Span) -> Expr {
    let (value, ty) = match literal {
        Literal::Null => (Const::Null, Ty::Null),
        Literal::Bool(value) => (Const::Bool(*value), Ty::BOOL),
        Literal::Char(value) => (Const::Char(*value), Ty::CHAR),
        Literal::String(value) => (Const::Str(text(value)), Ty::STRING),
        Literal::Int(value) => (Const::Int(*value), Ty::INT),
        Literal::UInt(value) => (Const::UInt(*value), Ty::UINT),
        Literal::Long(value) => (Const::Long(*value), Ty::LONG),
        Literal::ULong(value) => (Const::ULong(*value), Ty::ULONG),
        Literal::Float(value) => (Const::Float(*value), Ty::FLOAT),
        Literal::Double(value) => (Const::Double(*value), Ty::DOUBLE),
        Literal::Decimal(value) => (Const::Decimal(*value), Ty::DECIMAL),
    };
    Expr::constant(value, ty, span)
}

fn size_of_type(ty: &Ty) -> Option<i32> {
    use crate::ty::Prim;
    Some(match ty.prim()? {
        Prim::Bool | Prim::Byte | Prim::SByte => 1,
        Prim::Char | Prim::Short | Prim::UShort => 2,
        Prim::Int | Prim::UInt | Prim::Float => 4,
        Prim::Long | Prim::ULong | Prim::Double => 8,
        Prim::Decimal => 16,
        Prim::Object | Prim::String => return None,
    })
}
