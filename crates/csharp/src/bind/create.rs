//! `new`: objects, delegates, anonymous objects, arrays.

use std::sync::Arc;

use base::Span;

use super::{Binder, Operand, overload::Called};
use crate::{
    ast::{self, ArrayElements, ExprKind},
    ir::{Expr, Kind},
    surface::Kind as TypeKind,
    ty::{AnonymousTy, Ty},
};

impl<'a> Binder<'a> {
    /// `new T(args) { … }`.
    pub(super) fn create(
        &mut self,
        ty: &'a ast::Type,
        args: Option<&'a [ast::Argument]>,
        initializer: Option<&'a ast::Initializer>,
        span: Span,
    ) -> Expr {
        let target = self.ty(ty);
        let args = self.arguments(args.unwrap_or_default());
        if target == Ty::Error {
            return Expr::error(span);
        }
        if let Ty::Nullable(inner) = &target {
            let value = match args.into_iter().next() {
                None => self.default_of(&target, span),
                Some(arg) => match arg.what {
                    super::argument::What::Operand(operand) => {
                        let value = self.coerce(operand, inner, span);
                        self.coerce_value(value, &target)
                    }
                    _ => Expr::error(span),
                },
            };
            return value;
        }
        if target.is_delegate() {
            return match args.into_iter().next().map(|arg| arg.what) {
                Some(super::argument::What::Operand(operand)) => self.coerce(operand, &target, span),
                _ => Expr::error(span),
            };
        }
        match target.def().map(|def| &def.kind) {
            Some(TypeKind::Interface) => {
                self.error(
                    "CS0144",
                    format!("Cannot create an instance of the abstract type or interface '{target}'"),
                    span,
                );
                return Expr::error(span);
            }
            Some(TypeKind::Static) => {
                self.error("CS0712", format!("Cannot create an instance of the static class '{target}'"), span);
                return Expr::error(span);
            }
            _ => {}
        }
        let info = self.surface.info_of(&target);
        let outer = self.surface.type_args(&target).to_vec();
        let ids = info.and_then(|info| info.by_name.get(".ctor")).cloned().unwrap_or_default();
        let candidates: Vec<_> = ids.into_iter().map(|id| self.candidate(id, outer.clone(), 0)).collect();
        if args.is_empty() && target.is_value_type() && !candidates.iter().any(|candidate| candidate.params.is_empty())
        {
            let value = self.default_of(&target, span);
            return self.initialized(value, initializer, span);
        }
        let shown = target.to_string();
        let called = Called::Constructor(&shown);
        if candidates.is_empty() {
            let (code, text) = match info {
                Some(info)
                    if info.by_name.values().flatten().any(|id| self.surface.member(*id).is_static)
                        && args.is_empty() =>
                {
                    ("CS0144", format!("Cannot create an instance of the abstract type or interface '{target}'"))
                }
                _ => {
                    ("CS1729", format!("'{target}' does not contain a constructor that takes {} arguments", args.len()))
                }
            };
            self.error(code, text, ty.span);
            return Expr::error(span);
        }
        let created = match self.resolve(&candidates, &args, &[], called, Some(ty.span)) {
            Some(found) => {
                let mut node = self.finish_call(found, None, args, span);
                if let Kind::Call { created, .. } = &mut node.kind {
                    *created = self.surface.info_of(&target).map(|info| info.def);
                }
                node.ty = target;
                node
            }
            None => Expr { kind: Kind::Error, ty: target, span },
        };
        self.initialized(created, initializer, span)
    }

    /// `new { A = 1, b.C }`.
    pub(super) fn anonymous(&mut self, members: &'a [ast::AnonymousMember], span: Span) -> Expr {
        let (mut fields, mut values): (Vec<(Arc<str>, Ty)>, Vec<Expr>) = (Vec::new(), Vec::new());
        for member in members {
            let name = match (&member.name, last_name(&member.value)) {
                (Some(name), _) => &*name.text,
                (None, Some(name)) => name,
                (None, None) => {
                    let text = "Invalid anonymous type member declarator. Anonymous type members must be declared with a member assignment, simple name or member access.";
                    self.error("CS0746", text, member.value.span);
                    continue;
                }
            };
            let operand = self.operand(&member.value);
            let value = match operand {
                Operand::Lambda(_) => {
                    self.error(
                        "CS0828",
                        "Cannot assign 'lambda expression' to anonymous type property",
                        member.value.span,
                    );
                    Expr::error(member.value.span)
                }
                operand => self.value_of(operand, member.value.span),
            };
            if matches!(value.ty, Ty::Null | Ty::Void) {
                let text = format!("Cannot assign '{}' to anonymous type property", value.ty);
                self.error("CS0828", text, member.value.span);
            }
            if fields.iter().any(|(known, _)| **known == *name) {
                self.error(
                    "CS0833",
                    "An anonymous type cannot have multiple properties with the same name",
                    member.value.span,
                );
            }
            fields.push((name.into(), value.ty.clone()));
            values.push(value);
        }
        let ty = Arc::new(AnonymousTy { fields });
        Expr::new(Kind::Anonymous(ty.clone(), values), Ty::Anonymous(ty), span)
    }

    /// `new int[2, 3]`, `new int[] { 1 }`.
    pub(super) fn new_array(
        &mut self,
        ty: &'a ast::Type,
        sizes: &'a [ast::Expr],
        elements: Option<&'a ArrayElements>,
        span: Span,
    ) -> Expr {
        let target = self.ty(ty);
        let Ty::Array(element, rank) = &target else { return Expr::error(span) };
        match elements {
            Some(elements) => {
                let array = self.array_of(elements, element, *rank);
                for (size, actual) in sizes.iter().zip([elements.items.len()]) {
                    let size = self.value_as(size, &Ty::INT);
                    match size.as_const() {
                        Some(crate::value::Const::Int(given)) if *given as usize == actual => {}
                        Some(_) => self.error(
                            "CS0847",
                            format!("An array initializer of length '{actual}' is expected"),
                            elements.span,
                        ),
                        None => self.error("CS0150", "A constant value is expected", size.span),
                    }
                }
                Expr { span, ..array }
            }
            None => {
                let mut lengths = Vec::new();
                for size in sizes {
                    let operand = self.operand(size);
                    lengths.push(self.array_index(operand, size.span));
                }
                for length in &lengths {
                    if matches!(length.as_const(), Some(crate::value::Const::Int(..0))) {
                        self.error("CS0248", "Cannot create an array with a negative size", length.span);
                    }
                }
                Expr::new(Kind::NewArray { element: (**element).clone(), lengths }, target.clone(), span)
            }
        }
    }

    /// `{ 1, 2 }` as an array of `element`s.
    pub(super) fn array_of(&mut self, elements: &'a ArrayElements, element: &Ty, rank: u8) -> Expr {
        let ty = Ty::Array(Arc::new(element.clone()), rank);
        let mut lengths = vec![0; rank as usize];
        let mut items = Vec::new();
        self.array_items(elements, element, 0, &mut lengths, &mut items);
        let lengths = (rank > 1).then(|| lengths.into_boxed_slice());
        Expr::new(Kind::ArrayOf { element: element.clone(), items, lengths }, ty, elements.span)
    }

    fn array_items(
        &mut self,
        elements: &'a ArrayElements,
        element: &Ty,
        depth: usize,
        lengths: &mut [usize],
        out: &mut Vec<Expr>,
    ) {
        if lengths[depth] == 0 {
            lengths[depth] = elements.items.len();
        } else if lengths[depth] != elements.items.len() {
            self.error(
                "CS0847",
                format!("An array initializer of length '{}' is expected", lengths[depth]),
                elements.span,
            );
        }
        for item in &elements.items {
            match &item.kind {
                ExprKind::ArrayElements(inner) if depth + 1 < lengths.len() => {
                    self.array_items(inner, element, depth + 1, lengths, out);
                }
                ExprKind::ArrayElements(inner) => {
                    self.error("CS0623", "Array initializers can only be used in a variable or field initializer. Try using a new expression instead.", inner.span);
                }
                _ if depth + 1 < lengths.len() => {
                    self.error("CS0846", "A nested array initializer is expected", item.span);
                }
                _ => out.push(self.value_as(item, element)),
            }
        }
    }

    /// `new[] { 1, 2 }`.
    pub(super) fn implicit_array(&mut self, elements: &'a ArrayElements, rank: u32, span: Span) -> Expr {
        let mut flat = Vec::new();
        flatten(elements, &mut flat);
        let (values, _) = self
            .on_trial(|binder| flat.iter().map(|item| binder.natural(item)).collect::<Vec<_>>())
            .unwrap_or_default();
        match self.best_common(&values) {
            Some(Ty::Error) => {
                // Bound again for its errors.
                flat.iter().for_each(|item| {
                    self.value(item);
                });
                Expr::error(span)
            }
            Some(element) => Expr { span, ..self.array_of(elements, &element, rank as u8) },
            None => {
                self.error("CS0826", "No best type found for implicitly-typed array", span);
                Expr::error(span)
            }
        }
    }

    /// An expression with the type it has of its own; a lambda has none.
    fn natural(&mut self, expr: &'a ast::Expr) -> Expr {
        match self.operand(expr) {
            Operand::Value(value) => value,
            Operand::Throw(_) | Operand::Default => Expr::new(Kind::Error, Ty::Null, expr.span),
            _ => Expr::new(Kind::Error, Ty::Void, expr.span),
        }
    }
}

fn flatten<'a>(elements: &'a ArrayElements, out: &mut Vec<&'a ast::Expr>) {
    for item in &elements.items {
        match &item.kind {
            ExprKind::ArrayElements(inner) => flatten(inner, out),
            _ => out.push(item),
        }
    }
}

/// The name an anonymous object's member takes from its value.
pub(super) fn last_name(expr: &ast::Expr) -> Option<&str> {
    match &expr.kind {
        ExprKind::Name(name) | ExprKind::Member { name, .. } | ExprKind::MemberBinding(name) => Some(&name.name.text),
        ExprKind::ConditionalAccess { chain, .. } => last_name(chain),
        _ => None,
    }
}
