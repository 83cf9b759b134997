//! Object and collection initializers.

use base::Span;

use super::{Binder, MethodGroup, argument::Argument, overload::Called};
use crate::{
    ast::{Initializer, InitializerKind, InitializerTarget, InitializerValue, Name},
    ir::{Expr, Kind},
    ty::Ty,
};

impl<'a> Binder<'a> {
    /// `value` with what stands in braces behind it.
    pub(super) fn initialized(&mut self, value: Expr, initializer: Option<&'a Initializer>, span: Span) -> Expr {
        let Some(initializer) = initializer else { return value };
        let ty = value.ty.clone();
        let var = self.temp(ty.clone());
        let effects = self.effects(var, initializer);
        let mut body = self.var(var, span);
        for effect in effects.into_iter().rev() {
            body = Expr::new(Kind::Then(Box::new(effect), Box::new(body)), ty.clone(), span);
        }
        Expr::new(Kind::Let { var, value: Box::new(value), body: Box::new(body) }, ty, span)
    }

    fn effects(&mut self, var: crate::ir::VarId, initializer: &'a Initializer) -> Vec<Expr> {
        let mut out = Vec::new();
        match &initializer.kind {
            InitializerKind::Object(members) => {
                for member in members {
                    let object = self.var(var, member.span);
                    let target = match &member.target {
                        InitializerTarget::Member(name) => self.initialized_member(object, name),
                        InitializerTarget::Index(args) => self.index(object, args, member.span),
                    };
                    match &member.value {
                        InitializerValue::Expr(value) => {
                            let value = self.value_as(value, &target.ty.clone());
                            out.push(self.assign_to(target, value, member.span));
                        }
                        InitializerValue::Nested(inner) => {
                            let ty = target.ty.clone();
                            let nested = self.temp(ty.clone());
                            let mut body = self.var(nested, member.span);
                            for effect in self.effects(nested, inner).into_iter().rev() {
                                body = Expr::new(Kind::Then(Box::new(effect), Box::new(body)), ty.clone(), member.span);
                            }
                            out.push(Expr::new(
                                Kind::Let { var: nested, value: Box::new(target), body: Box::new(body) },
                                ty,
                                member.span,
                            ));
                        }
                    }
                }
            }
            InitializerKind::Collection(elements) => {
                let ty = self.vars[var.0 as usize].ty.clone();
                if ty != Ty::Error && self.surface.element_type(&ty).is_none() && !elements.is_empty() {
                    let text = format!(
                        "Cannot initialize type '{ty}' with a collection initializer because it does not implement 'System.Collections.IEnumerable'"
                    );
                    self.error("CS1922", text, initializer.span);
                    return out;
                }
                for element in elements {
                    let args = element.args.iter().map(|arg| Argument::operand(self.operand(arg), arg.span)).collect();
                    let object = self.var(var, element.span);
                    let candidates = self
                        .members(&ty, "Add")
                        .into_iter()
                        .map(|(id, outer, depth)| self.candidate(id, outer, depth))
                        .collect();
                    let group = MethodGroup {
                        name: "Add",
                        receiver: Some(object.clone()),
                        owner: None,
                        candidates,
                        type_args: Vec::new(),
                        span: element.span,
                        name_span: element.span,
                    };
                    if ty != Ty::Error {
                        let before = self.diagnostics.len();
                        let only = group.candidates.first().map(|candidate| candidate.shown.clone());
                        out.push(self.call_methods(&group, Some(object), args, Called::Method("Add"), element.span));
                        let misfit = self.diagnostics.get(before).is_some_and(|found| found.code == "CS1503");
                        if let (true, Some(shown)) = (misfit, only) {
                            let text = format!(
                                "The best overloaded Add method '{shown}' for the collection initializer has some invalid arguments"
                            );
                            self.diagnostics.insert(before, base::Diagnostic::error("CS1950", text, element.span));
                        }
                    }
                }
            }
        }
        out
    }

    fn initialized_member(&mut self, object: Expr, name: &'a Name) -> Expr {
        let ty = object.ty.clone();
        if ty == Ty::Error {
            return Expr::error(name.span);
        }
        let found = self.members(&ty, &name.text).into_iter().next();
        match found {
            Some((id, outer, _)) if self.surface.member(id).role != crate::surface::Role::Method => {
                self.read(id, vec![crate::ir::Arg::Value(object)], outer, name.span)
            }
            _ => {
                self.error("CS0117", format!("'{ty}' does not contain a definition for '{}'", name.text), name.span);
                Expr::error(name.span)
            }
        }
    }
}
