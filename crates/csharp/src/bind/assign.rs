//! Assignments: plain, compound, increments, deconstructions.

use base::Span;

use super::{Binder, Operand};
use crate::{
    ast::{self, BinaryOp, Designation, ExprKind, TypeKind, UnaryOp},
    ir::{Arg, Expr, Kind, Place, VarId},
    surface::Role,
    ty::{Prim, Ty},
    value::Const,
};

/// A part of what a deconstruction assigns to.
enum Target {
    Place(Place, Ty),
    Var(VarId),
    /// A local whose type is that of its value.
    Infer(ast::Name),
    Discard,
    Nested(Vec<Target>),
}

impl<'a> Binder<'a> {
    pub(super) fn assign(
        &mut self,
        op: Option<BinaryOp>,
        target: &'a ast::Expr,
        value: &'a ast::Expr,
        span: Span,
    ) -> Expr {
        let is_statement = std::mem::take(&mut self.is_statement);
        if let Some(op) = op {
            return self.compound(op, target, value, span);
        }
        if !is_statement && let Some(declaration) = declaration_in(target) {
            self.error("CS8185", "A declaration is not allowed in this context.", declaration);
            return Expr::error(span);
        }
        match &target.kind {
            ExprKind::Tuple(_) | ExprKind::Declaration { designation: Designation::Tuple { .. }, .. } => {
                let targets = self.targets(target);
                let value = self.value(value);
                return self.deconstruct(targets, value, span);
            }
            ExprKind::Name(name) if &*name.name.text == "_" && self.lookup("_").is_none() => {
                let value = self.value(value);
                let ty = value.ty.clone();
                return Expr::new(Kind::Assign(Box::new(Place::Discard), Box::new(value)), ty, span);
            }
            _ => {}
        }
        let place = self.value(target);
        if place.is_error() {
            self.operand(value);
            return Expr::error(span);
        }
        let value = self.value_as(value, &place.ty.clone());
        self.assign_to(place, value, span)
    }

    /// Assigns a converted value to what an expression reads.
    pub(super) fn assign_to(&mut self, target: Expr, value: Expr, span: Span) -> Expr {
        let ty = target.ty.clone();
        match self.place(target) {
            Some(place) => Expr::new(Kind::Assign(Box::new(place), Box::new(value)), ty, span),
            None => Expr::error(span),
        }
    }

    /// What an expression reads, to be written. Reports what cannot be.
    pub(super) fn place(&mut self, expr: Expr) -> Option<Place> {
        let span = expr.span;
        match expr.kind {
            Kind::Error => None,
            Kind::Var(var) => {
                if let Some((_, what)) = self.read_only.iter().find(|(known, _)| *known == var) {
                    let name = self.vars[var.0 as usize].name.clone();
                    self.error("CS1656", format!("Cannot assign to '{name}' because it is a '{what}'"), span);
                    return None;
                }
                Some(Place::Var(var))
            }
            Kind::Element(array, indices) => Some(Place::Element(*array, indices)),
            Kind::Field(inner, index) if matches!(inner.ty, Ty::Tuple(_)) => {
                Some(Place::TupleItem(Box::new(self.place(*inner)?), index))
            }
            Kind::Field(inner, index) => {
                let name = match &inner.ty {
                    Ty::Anonymous(ty) => ty.fields.get(index).map(|(name, _)| name.to_string()).unwrap_or_default(),
                    _ => String::new(),
                };
                let text =
                    format!("Property or indexer '{}.{name}' cannot be assigned to -- it is read only", inner.ty);
                self.error("CS0200", text, span);
                None
            }
            Kind::ArrayLength(_) => {
                self.error(
                    "CS0200",
                    "Property or indexer 'Array.Length' cannot be assigned to -- it is read only",
                    span,
                );
                None
            }
            Kind::Call { member, args, types, .. } => {
                let info = self.surface.member(member);
                match info.role {
                    Role::Property | Role::Indexer if info.row.set.is_some() => {
                        let args = args.into_iter().filter_map(|arg| match arg {
                            Arg::Value(value) => Some(value),
                            Arg::Place(..) => None,
                        });
                        Some(Place::Member { member, args: args.collect(), types })
                    }
                    Role::Property | Role::Indexer => {
                        let shown = super::name::shown(info, &types);
                        self.error(
                            "CS0200",
                            format!("Property or indexer '{shown}' cannot be assigned to -- it is read only"),
                            span,
                        );
                        None
                    }
                    Role::Field => {
                        self.error("CS0198", "A static readonly field cannot be assigned to (except in a static constructor or a variable initializer)", span);
                        None
                    }
                    _ => self.no_place(span),
                }
            }
            _ => self.no_place(span),
        }
    }

    fn no_place(&mut self, span: Span) -> Option<Place> {
        self.error("CS0131", "The left-hand side of an assignment must be a variable, property or indexer", span);
        None
    }

    /// A place that can be passed by reference.
    pub(super) fn reference(&mut self, expr: Expr) -> Option<Place> {
        let span = expr.span;
        match &expr.kind {
            Kind::Var(_) | Kind::Element(..) => self.place(expr),
            Kind::Field(inner, _) if matches!(inner.ty, Ty::Tuple(_)) => self.place(expr),
            Kind::Call { member, .. }
                if matches!(self.surface.member(*member).role, Role::Property | Role::Indexer) =>
            {
                self.error("CS0206", "A property or indexer may not be passed as an out or ref parameter", span);
                None
            }
            _ => {
                self.error("CS1510", "A ref or out value must be an assignable variable", span);
                None
            }
        }
    }

    fn compound(&mut self, op: BinaryOp, target: &'a ast::Expr, value: &'a ast::Expr, span: Span) -> Expr {
        let current = self.value(target);
        let right = self.operand(value);
        if current.is_error() {
            return Expr::error(span);
        }
        let ty = current.ty.clone();
        let Some(place) = self.place(current) else { return Expr::error(span) };
        let old = self.temp(ty.clone());
        let left = self.var(old, target.span);
        let new = self.combined(op, left, right, &ty, (target.span, value.span, span));
        Expr::new(Kind::Update { place: Box::new(place), old, new: Box::new(new), gives_old: false }, ty, span)
    }

    /// `old op right`, converted back to the type of `old`.
    fn combined(&mut self, op: BinaryOp, left: Expr, right: Operand<'a>, ty: &Ty, spans: (Span, Span, Span)) -> Expr {
        let shift = matches!(op, BinaryOp::ShiftLeft | BinaryOp::ShiftRight);
        let fits = self.operand_fits(&right, ty) || shift;
        let result = self.binary(op, Operand::Value(left), right, spans);
        if result.is_error()
            || self.implicit_of(&result, ty).is_some()
            || !fits
            || self.explicit(&result.ty, ty).is_none()
        {
            return self.coerce_value(result, ty);
        }
        self.cast(Operand::Value(result), ty, spans.2)
    }

    pub(super) fn increment(&mut self, op: UnaryOp, operand: &'a ast::Expr, postfix: bool, span: Span) -> Expr {
        let current = self.value(operand);
        if current.is_error() {
            return Expr::error(span);
        }
        let ty = current.ty.clone();
        let is_variable = match &current.kind {
            Kind::Var(_) | Kind::Element(..) | Kind::Field(..) | Kind::ArrayLength(_) => true,
            Kind::Call { member, .. } => matches!(self.surface.member(*member).role, Role::Property | Role::Indexer),
            _ => false,
        };
        if !is_variable {
            self.error(
                "CS1059",
                "The operand of an increment or decrement operator must be a variable, property or indexer",
                operand.span,
            );
            return Expr::error(span);
        }
        let bare = ty.unwrap_nullable();
        if !(bare.prim().is_some_and(Prim::is_numeric) || bare.is_enum()) {
            self.error(
                "CS0023",
                format!("Operator '{}' cannot be applied to operand of type '{ty}'", op.symbol()),
                span,
            );
            return Expr::error(span);
        }
        let Some(place) = self.place(current) else { return Expr::error(span) };
        let old = self.temp(ty.clone());
        let left = self.var(old, span);
        let one = Expr::constant(Const::Int(1), Ty::INT, span);
        let op = if op == UnaryOp::Increment { BinaryOp::Add } else { BinaryOp::Subtract };
        let new = self.binary(op, Operand::Value(left), Operand::Value(one), (span, span, span));
        let new = self.cast(Operand::Value(new), &ty, span);
        Expr::new(Kind::Update { place: Box::new(place), old, new: Box::new(new), gives_old: postfix }, ty, span)
    }

    fn targets(&mut self, expr: &'a ast::Expr) -> Vec<Target> {
        match &expr.kind {
            ExprKind::Tuple(elements) => elements.iter().map(|element| self.target(&element.value)).collect(),
            ExprKind::Declaration { designation: Designation::Tuple { parts, .. }, .. } => {
                parts.iter().map(designated).collect()
            }
            _ => vec![self.target(expr)],
        }
    }

    fn target(&mut self, expr: &'a ast::Expr) -> Target {
        match &expr.kind {
            ExprKind::Tuple(_) => Target::Nested(self.targets(expr)),
            ExprKind::Declaration { ty, designation } => match (designation, &ty.kind) {
                (designation, TypeKind::Var) => designated(designation),
                (Designation::Name(name), _) => {
                    let ty = self.ty(ty);
                    Target::Var(self.declare_local(name, ty))
                }
                (Designation::Discard(_), _) => Target::Discard,
                (designation @ Designation::Tuple { .. }, _) => designated(designation),
            },
            ExprKind::Name(name) if &*name.name.text == "_" && self.lookup("_").is_none() => Target::Discard,
            _ => {
                let value = self.value(expr);
                let ty = value.ty.clone();
                match self.place(value) {
                    Some(place) => Target::Place(place, ty),
                    None => Target::Discard,
                }
            }
        }
    }

    /// `foreach (var (a, b) in …)`: declares and assigns the parts of `value`.
    pub(super) fn deconstruct_into(&mut self, target: &'a ast::Expr, value: Expr, span: Span) -> Expr {
        let targets = self.targets(target);
        self.deconstruct(targets, value, span)
    }

    /// Assigns the parts of a tuple, or of what its `Deconstruct` gives; every part is evaluated before the first assignment.
    fn deconstruct(&mut self, targets: Vec<Target>, value: Expr, span: Span) -> Expr {
        if value.is_error() {
            self.declare_failed(targets);
            return Expr::error(span);
        }
        let mut bindings: Vec<(VarId, Expr)> = Vec::new();
        let mut effects: Vec<Expr> = Vec::new();
        let ty = value.ty.clone();
        let whole = self.take_apart(targets, value, &mut bindings, &mut effects, span);
        let Some(whole) = whole else { return Expr::error(span) };
        let mut body = whole;
        for effect in effects.into_iter().rev() {
            let ty = body.ty.clone();
            body = Expr::new(Kind::Then(Box::new(effect), Box::new(body)), ty, span);
        }
        for (var, value) in bindings.into_iter().rev() {
            let ty = body.ty.clone();
            body = Expr::new(Kind::Let { var, value: Box::new(value), body: Box::new(body) }, ty, span);
        }
        let _ = ty;
        body
    }

    fn take_apart(
        &mut self,
        targets: Vec<Target>,
        value: Expr,
        bindings: &mut Vec<(VarId, Expr)>,
        effects: &mut Vec<Expr>,
        span: Span,
    ) -> Option<Expr> {
        let count = targets.len();
        let mut parts: Vec<Expr> = Vec::new();
        let mut result = None;
        match (value.kind.clone(), value.ty.clone()) {
            (Kind::Tuple(_, items), _) if items.len() == count => {
                for (item, target) in items.into_iter().zip(&targets) {
                    let wanted = self.target_type(target);
                    let item = match wanted {
                        Some(ty) => self.coerce_value(item, &ty),
                        None => item,
                    };
                    let var = self.temp(item.ty.clone());
                    bindings.push((var, item));
                    let part = self.var(var, span);
                    parts.push(part);
                }
            }
            (_, Ty::Tuple(tuple)) if tuple.items.len() == count => {
                let var = self.temp(value.ty.clone());
                bindings.push((var, value));
                for (at, ty) in tuple.items.iter().enumerate() {
                    let whole = self.var(var, span);
                    parts.push(Expr::new(Kind::Field(Box::new(whole), at), ty.clone(), span));
                }
                result = Some(self.var(var, span));
            }
            (_, Ty::Tuple(tuple)) => {
                let text =
                    format!("Cannot deconstruct a tuple of '{}' elements into '{count}' variables.", tuple.items.len());
                self.error("CS8132", text, span);
                self.declare_failed(targets);
                return None;
            }
            (_, ty) => {
                let found = self
                    .members(&ty, "Deconstruct")
                    .into_iter()
                    .find(|(id, ..)| self.surface.member(*id).params.len() == count);
                let Some((member, outer, _)) = found else {
                    let text = format!(
                        "No suitable 'Deconstruct' instance or extension method was found for type '{ty}', with {count} out parameters and a void return type."
                    );
                    self.error("CS8129", text, span);
                    self.declare_failed(targets);
                    return None;
                };
                let params: Vec<Ty> =
                    self.surface.member(member).params.iter().map(|param| param.ty.substitute(&outer)).collect();
                let mut args = vec![Arg::Value(value)];
                for ty in params {
                    let var = self.temp(ty);
                    args.push(Arg::Place(Place::Var(var), None));
                    let part = self.var(var, span);
                    parts.push(part);
                }
                let call = Kind::Call { member, args, types: outer.into(), created: None };
                let done = self.temp(Ty::Void);
                bindings.push((done, Expr::new(call, Ty::Void, span)));
            }
        }
        let mut items = Vec::new();
        for (target, part) in targets.into_iter().zip(parts) {
            items.push(part.clone());
            match target {
                Target::Discard => {}
                Target::Nested(inner) => {
                    self.take_apart(inner, part, bindings, effects, span)?;
                }
                Target::Infer(name) => {
                    if part.ty == Ty::Null || part.ty == Ty::Void {
                        self.error(
                            "CS8130",
                            format!(
                                "Cannot infer the type of implicitly-typed deconstruction variable '{}'.",
                                name.text
                            ),
                            name.span,
                        );
                    }
                    let var = self.declare_local(&name, part.ty.clone());
                    effects.push(store(Place::Var(var), part, span));
                }
                Target::Var(var) => {
                    let ty = self.vars[var.0 as usize].ty.clone();
                    let value = self.coerce_value(part, &ty);
                    effects.push(store(Place::Var(var), value, span));
                }
                Target::Place(place, ty) => {
                    let value = self.coerce_value(part, &ty);
                    effects.push(store(place, value, span));
                }
            }
        }
        Some(result.unwrap_or_else(|| {
            let ty = std::sync::Arc::new(crate::ty::TupleTy {
                items: items.iter().map(|item| item.ty.clone()).collect(),
                names: vec![None; items.len()],
            });
            Expr::new(Kind::Tuple(ty.clone(), items), Ty::Tuple(ty), span)
        }))
    }

    fn target_type(&self, target: &Target) -> Option<Ty> {
        match target {
            Target::Place(_, ty) => Some(ty.clone()),
            Target::Var(var) => Some(self.vars[var.0 as usize].ty.clone()),
            _ => None,
        }
    }

    fn declare_failed(&mut self, targets: Vec<Target>) {
        for target in targets {
            match target {
                Target::Infer(name) => {
                    self.declare_local(&name, Ty::Error);
                }
                Target::Nested(inner) => self.declare_failed(inner),
                _ => {}
            }
        }
    }
}

fn designated(designation: &Designation) -> Target {
    match designation {
        Designation::Name(name) => Target::Infer(name.clone()),
        Designation::Discard(_) => Target::Discard,
        Designation::Tuple { parts, .. } => Target::Nested(parts.iter().map(designated).collect()),
    }
}

fn store(place: Place, value: Expr, span: Span) -> Expr {
    let ty = value.ty.clone();
    Expr::new(Kind::Assign(Box::new(place), Box::new(value)), ty, span)
}

/// Where a deconstruction declares a local.
fn declaration_in(target: &ast::Expr) -> Option<Span> {
    match &target.kind {
        ExprKind::Declaration { .. } => Some(target.span),
        ExprKind::Tuple(elements) => elements.iter().find_map(|element| declaration_in(&element.value)),
        _ => None,
    }
}
