//! Types as they are written.

use std::sync::Arc;

use base::Span;

use super::{Binder, Symbol, declaration::is_static};
use crate::{
    ast::{self, Predefined, TypeKind},
    surface::TypeInfo,
    ty::{Def, Prim, TupleTy, Ty},
};

pub(super) fn predefined(keyword: Predefined) -> Ty {
    Prim::from_keyword(keyword.keyword()).map_or(Ty::Void, Ty::Prim)
}

impl<'a> Binder<'a> {
    /// A type; reports one that does not exist.
    pub(super) fn ty(&mut self, ty: &'a ast::Type) -> Ty {
        match &ty.kind {
            TypeKind::Error => Ty::Error,
            TypeKind::Predefined(keyword) => predefined(*keyword),
            TypeKind::Named(name) => self.named_type(name, ty.span),
            TypeKind::Var => {
                self.error("CS0825", "The contextual keyword 'var' may only appear within a local variable declaration or in script code", ty.span);
                Ty::Error
            }
            TypeKind::Nullable(inner) => {
                let inner = self.ty(inner);
                if inner.is_reference_type() {
                    self.error(
                        "CS8370",
                        "Feature 'nullable reference types' is not available in C# 7.3. Please use language version 8.0 or greater.",
                        Span::new(ty.span.end.saturating_sub(1), ty.span.end),
                    );
                    return inner;
                }
                if inner == Ty::Error { inner } else { Ty::nullable(inner) }
            }
            TypeKind::Array { element, rank } => match self.ty(element) {
                Ty::Error => Ty::Error,
                element if is_static(&element) => {
                    self.error("CS0719", format!("'{element}': array elements cannot be of static type"), ty.span);
                    Ty::Error
                }
                element => Ty::Array(Arc::new(element), *rank as u8),
            },
            TypeKind::Tuple(elements) => {
                let items = elements.iter().map(|element| self.ty(&element.ty)).collect();
                let names = elements
                    .iter()
                    .map(|element| element.name.as_ref().map(|name| name.text.to_string().into()))
                    .collect();
                Ty::Tuple(Arc::new(TupleTy { items, names }))
            }
            TypeKind::Omitted => {
                if !self.unbound {
                    self.error("CS0305", "Using the generic method requires its type arguments", ty.span);
                }
                Ty::Error
            }
        }
    }

    fn named_type(&mut self, name: &'a ast::TypeName, span: Span) -> Ty {
        let omits =
            |part: &ast::SimpleName| part.type_args.iter().flatten().any(|arg| matches!(arg.kind, TypeKind::Omitted));
        if !self.unbound && name.parts.iter().any(omits) {
            self.error("CS7003", "Unexpected use of an unbound generic name", span);
            return Ty::Error;
        }
        let parts: Vec<(&str, Vec<Ty>)> =
            name.parts.iter().map(|part| (&*part.name.text, self.type_args_of(part))).collect();
        if parts.iter().any(|(text, args)| text.is_empty() || args.contains(&Ty::Error))
            && name.parts.iter().all(|part| part.type_args.is_none())
        {
            return Ty::Error;
        }
        if let Some(found) = self.find_type(&parts) {
            return found;
        }
        let [.., (last, args)] = parts.as_slice() else { return Ty::Error };
        let last_span = name.parts.last().map_or(span, |part| part.span());
        if let Some(arity) = self.other_arity(last, args.len()) {
            self.wrong_arity(last, arity, args.len(), last_span);
        } else if parts.len() == 1 && *last == "dynamic" {
            self.error(
                "CS0656",
                "Missing compiler required member: 'dynamic' is not available in policy expressions",
                span,
            );
        } else if parts.len() == 1 {
            let shown = if args.is_empty() { (*last).to_owned() } else { format!("{last}<>") };
            self.error(
                "CS0246",
                format!("The type or namespace name '{shown}' could not be found (are you missing a using directive or an assembly reference?)"),
                last_span,
            );
        } else {
            let namespace = parts[..parts.len() - 1].iter().map(|(text, _)| *text).collect::<Vec<_>>().join(".");
            self.error(
                "CS0234",
                format!(
                    "The type or namespace name '{last}' does not exist in the namespace '{namespace}' (are you missing an assembly reference?)"
                ),
                last_span,
            );
        }
        Ty::Error
    }

    /// The type arguments written behind a name.
    pub(super) fn type_args_of(&mut self, name: &'a ast::SimpleName) -> Vec<Ty> {
        let args = name.type_args.iter().flatten().map(|written| {
            let ty = self.ty(written);
            if is_static(&ty) {
                self.error("CS0718", format!("'{ty}': static types cannot be used as type arguments"), written.span);
            }
            ty
        });
        args.collect()
    }

    fn find_type(&self, parts: &[(&str, Vec<Ty>)]) -> Option<Ty> {
        let (first, rest) = parts.split_first()?;
        if rest.is_empty()
            && first.1.is_empty()
            && let Some(Symbol::Type(ty)) = self.lookup(first.0)
        {
            return Some(ty.clone());
        }
        // The longest prefix that is a namespace, then a type, then types nested in it.
        for split in (0..parts.len()).rev() {
            if parts[..split].iter().any(|(_, args)| !args.is_empty()) {
                continue;
            }
            let namespace = parts[..split].iter().map(|(text, _)| *text).collect::<Vec<_>>().join(".");
            if split > 0 && !self.surface.is_namespace(&namespace) {
                continue;
            }
            let (name, args) = &parts[split];
            let mut found =
                if split == 0 { self.simple_type(name, args) } else { self.type_in(&namespace, name, args) };
            for (nested, more) in &parts[split + 1..] {
                found = found.and_then(|outer| self.nested_type(&outer, nested, more));
            }
            if found.is_some() {
                return found;
            }
        }
        None
    }

    /// A type in one of the namespaces that need not be written. The platform's own namespace comes first.
    pub(super) fn simple_type(&self, name: &str, args: &[Ty]) -> Option<Ty> {
        let usings = self.surface.usings();
        let info = self
            .surface
            .types_named(name, args.len())
            .filter_map(|info| Some((usings.iter().position(|using| *using == info.def.namespace())?, info)))
            .min_by_key(|(at, _)| *at)?
            .1;
        Some(instance(info, args))
    }

    pub(super) fn type_in(&self, namespace: &str, name: &str, args: &[Ty]) -> Option<Ty> {
        let info = self.surface.types_named(name, args.len()).find(|info| info.def.namespace() == namespace)?;
        Some(instance(info, args))
    }

    pub(super) fn nested_type(&self, outer: &Ty, name: &str, args: &[Ty]) -> Option<Ty> {
        let def = outer.def()?;
        let full = format!("{}+{name}", def.simple_name());
        let all: Vec<Ty> = outer.args().iter().chain(args).cloned().collect();
        let info = self.surface.types_named(&full, all.len()).find(|info| info.def.namespace() == def.namespace())?;
        Some(instance(info, &all))
    }

    pub(super) fn other_arity(&self, name: &str, arity: usize) -> Option<usize> {
        let usings = self.surface.usings();
        (0..=8)
            .filter(|other| *other != arity)
            .find(|other| self.surface.types_named(name, *other).any(|info| usings.contains(&info.def.namespace())))
    }

    pub(super) fn wrong_arity(&mut self, name: &str, arity: usize, given: usize, span: Span) {
        let Some(info) = self.surface.types_named(name, arity).next() else { return };
        let shown = if arity == 0 { name.to_owned() } else { format!("{name}<{}>", info.params.join(", ")) };
        if arity == 0 && given > 0 {
            self.error("CS0308", format!("The non-generic type '{shown}' cannot be used with type arguments"), span);
        } else {
            self.error("CS0305", format!("Using the generic type '{shown}' requires {arity} type arguments"), span);
        }
    }
}

fn instance(info: &TypeInfo, args: &[Ty]) -> Ty {
    match Prim::from_full_name(info.def.name) {
        Some(prim) => Ty::Prim(prim),
        None if info.def.name == "System.Nullable" && args.len() == 1 => Ty::nullable(args[0].clone()),
        None if info.def.name == "System.ValueTuple" => {
            Ty::Tuple(Arc::new(TupleTy { items: args.to_vec(), names: vec![None; args.len()] }))
        }
        None => Ty::Named(Def(info.def), args.to_vec().into()),
    }
}
