//! Names: locals, types, namespaces, members.

use std::{rc::Rc, sync::Arc};

use base::Span;

use super::{Binder, Candidate, MethodGroup, Operand, Symbol, Target};
use crate::{
    ast,
    ir::{Arg, Expr, Kind},
    surface::{Kind as TypeKind, MemberId, MemberInfo, Mode, Role},
    ty::{Def, Prim, Ty},
    value::Const,
};

impl<'a> Binder<'a> {
    /// `x`, `Foo<int>`.
    pub(super) fn simple_name(&mut self, name: &'a ast::SimpleName, span: Span) -> Operand<'a> {
        let text = &*name.name.text;
        if text.is_empty() || text.starts_with(crate::UNKNOWN) {
            return Operand::Value(Expr::error(span));
        }
        let args = self.type_args_of(name);
        match self.lookup(text).cloned() {
            Some(Symbol::Var(var)) => return Operand::Value(self.var(var, span)),
            Some(Symbol::Const(value, ty)) => return Operand::Value(Expr::constant(value, ty, span)),
            Some(Symbol::Range(expr)) => {
                let expr = Expr { span, ..expr };
                return Operand::Value(self.reach(expr));
            }
            Some(Symbol::Function(at)) => {
                let candidate = self.locals[at].candidate.clone();
                return Operand::Methods(Rc::new(MethodGroup {
                    name: text,
                    receiver: None,
                    owner: None,
                    candidates: vec![candidate],
                    type_args: args,
                    span,
                    name_span: name.name.span,
                }));
            }
            Some(Symbol::Type(ty)) => return Operand::Type(ty),
            None => {}
        }
        if let Some(ty) = self.simple_type(text, &args) {
            return Operand::Type(ty);
        }
        if args.is_empty() && self.surface.is_namespace(text) {
            return Operand::Namespace(text.into());
        }
        if self.scopes.iter().any(|scope| scope.later.iter().any(|later| **later == *text)) {
            self.error("CS0841", format!("Cannot use local variable '{text}' before it is declared"), name.name.span);
        } else if let Some(arity) = self.other_arity(text, args.len()) {
            self.wrong_arity(text, arity, args.len(), span);
        } else if text == "nameof" || text == "await" {
            self.error("CS0103", format!("The name '{text}' does not exist in the current context"), span);
        } else {
            self.error("CS0103", format!("The name '{text}' does not exist in the current context"), name.name.span);
        }
        Operand::Value(Expr::error(span))
    }

    /// A range variable's path starts at a parameter, which may belong to an outer lambda.
    fn reach(&mut self, mut expr: Expr) -> Expr {
        let mut inner = &mut expr;
        loop {
            match &mut inner.kind {
                Kind::Var(var) => {
                    let var = *var;
                    self.touch(var);
                    return expr;
                }
                Kind::Field(target, _) => inner = target,
                _ => return expr,
            }
        }
    }

    /// `target.name`.
    pub(super) fn member(&mut self, target: Operand<'a>, name: &'a ast::SimpleName, span: Span) -> Operand<'a> {
        let text = &*name.name.text;
        let args = self.type_args_of(name);
        if text.is_empty() {
            return Operand::Value(Expr::error(span));
        }
        match target {
            Operand::Namespace(namespace) => {
                if let Some(ty) = self.type_in(&namespace, text, &args) {
                    return Operand::Type(ty);
                }
                let longer = format!("{namespace}.{text}");
                if args.is_empty() && self.surface.is_namespace(&longer) {
                    return Operand::Namespace(longer);
                }
                self.error(
                    "CS0234",
                    format!("The type or namespace name '{text}' does not exist in the namespace '{namespace}' (are you missing an assembly reference?)"),
                    name.name.span,
                );
                Operand::Value(Expr::error(span))
            }
            Operand::Type(ty) => self.static_member(&ty, name, args, span),
            Operand::Value(expr) => self.value_member(expr, name, args, span),
            Operand::Methods(group) => {
                let text = format!(
                    "'{}' is a method, which is not valid in the given context",
                    group.candidates.first().map_or("?".into(), |c| c.shown.clone())
                );
                self.error("CS0119", text, group.name_span);
                Operand::Value(Expr::error(span))
            }
            Operand::Lambda(_) => {
                self.error("CS0023", "Operator '.' cannot be applied to operand of type 'lambda expression'", span);
                Operand::Value(Expr::error(span))
            }
            Operand::Default => {
                self.error("CS8716", "There is no target type for the default literal.", span);
                Operand::Value(Expr::error(span))
            }
            Operand::Throw(_) => {
                self.error("CS8115", "A throw expression is not allowed in this context.", span);
                Operand::Value(Expr::error(span))
            }
        }
    }

    fn static_member(&mut self, ty: &Ty, name: &'a ast::SimpleName, args: Vec<Ty>, span: Span) -> Operand<'a> {
        let text = &*name.name.text;
        if let Some(def) = ty.def()
            && let TypeKind::Enum(values) = &def.kind
            && let Some((_, value)) = values.values.iter().find(|(known, _)| *known == text)
        {
            return Operand::Value(Expr::constant(Const::Word(Def(def), *value as u64), ty.clone(), span));
        }
        let found = self.members(ty, text);
        let first = found.first().map(|(id, ..)| self.surface.member(*id).role);
        match first {
            Some(Role::Method) => {
                let candidates = found.into_iter().map(|(id, outer, depth)| self.candidate(id, outer, depth)).collect();
                Operand::Methods(Rc::new(MethodGroup {
                    name: text,
                    receiver: None,
                    owner: Some(ty.clone()),
                    candidates,
                    type_args: args,
                    span,
                    name_span: name.name.span,
                }))
            }
            Some(_) => {
                let (id, outer, _) = &found[0];
                let member = self.surface.member(*id);
                if !member.is_static {
                    let text = format!(
                        "An object reference is required for the non-static field, method, or property '{}.{}'",
                        shown_type(ty),
                        member.name
                    );
                    self.error("CS0120", text, span);
                    return Operand::Value(Expr::error(span));
                }
                Operand::Value(self.read(*id, Vec::new(), outer.clone(), span))
            }
            None => {
                if let Some(nested) = self.nested_type(ty, text, &args) {
                    return Operand::Type(nested);
                }
                self.error("CS0117", format!("'{ty}' does not contain a definition for '{text}'"), name.name.span);
                Operand::Value(Expr::error(span))
            }
        }
    }

    fn value_member(&mut self, expr: Expr, name: &'a ast::SimpleName, args: Vec<Ty>, span: Span) -> Operand<'a> {
        let text = &*name.name.text;
        if expr.is_error() {
            return Operand::Value(Expr::error(span));
        }
        match &expr.ty {
            Ty::Void => {
                self.error("CS0023", "Operator '.' cannot be applied to operand of type 'void'", span);
                return Operand::Value(Expr::error(span));
            }
            Ty::Null => {
                self.error("CS0023", "Operator '.' cannot be applied to operand of type '<null>'", span);
                return Operand::Value(Expr::error(span));
            }
            Ty::Tuple(tuple) => {
                let by_name = tuple.names.iter().position(|known| known.as_deref() == Some(text));
                let by_number = text.strip_prefix("Item").and_then(|number| number.parse::<usize>().ok());
                let index = by_name.or(by_number.and_then(|number| number.checked_sub(1)));
                if let Some(item) = index.and_then(|index| tuple.items.get(index)).cloned() {
                    return Operand::Value(Expr::new(
                        Kind::Field(Box::new(expr), index.unwrap_or_default()),
                        item,
                        span,
                    ));
                }
            }
            Ty::Anonymous(anonymous) => {
                if let Some(index) = anonymous.fields.iter().position(|(known, _)| **known == *text) {
                    let ty = anonymous.fields[index].1.clone();
                    return Operand::Value(Expr::new(Kind::Field(Box::new(expr), index), ty, span));
                }
            }
            Ty::Array(_, 1) if text == "Length" => {
                return Operand::Value(Expr::new(Kind::ArrayLength(Box::new(expr)), Ty::INT, span));
            }
            _ => {}
        }
        let mut found = self.members(&expr.ty, text);
        found.retain(|(id, ..)| !self.surface.member(*id).is_extension);
        match found.first().map(|(id, ..)| self.surface.member(*id).role) {
            Some(Role::Method) => {
                let candidates = found.into_iter().map(|(id, outer, depth)| self.candidate(id, outer, depth)).collect();
                Operand::Methods(Rc::new(MethodGroup {
                    name: text,
                    receiver: Some(expr),
                    owner: None,
                    candidates,
                    type_args: args,
                    span,
                    name_span: name.name.span,
                }))
            }
            Some(_) => {
                let (id, outer, _) = &found[0];
                let member = self.surface.member(*id);
                if member.is_static {
                    let text = format!(
                        "Member '{}.{}' cannot be accessed with an instance reference; qualify it with a type name instead",
                        shown_type(&expr.ty),
                        member.name
                    );
                    self.error("CS0176", text, span);
                    return Operand::Value(Expr::error(span));
                }
                let (id, outer) = (*id, outer.clone());
                Operand::Value(self.read(id, vec![Arg::Value(expr)], outer, span))
            }
            None if !self.surface.extensions(text).is_empty() => Operand::Methods(Rc::new(MethodGroup {
                name: text,
                receiver: Some(expr),
                owner: None,
                candidates: Vec::new(),
                type_args: args,
                span,
                name_span: name.name.span,
            })),
            None => {
                self.no_member(&expr.ty, text, name.name.span);
                Operand::Value(Expr::error(span))
            }
        }
    }

    /// CS1061.
    pub(super) fn no_member(&mut self, ty: &Ty, name: &str, span: Span) {
        let text = format!(
            "'{ty}' does not contain a definition for '{name}' and no accessible extension method '{name}' accepting a first argument of type '{ty}' could be found (are you missing a using directive or an assembly reference?)"
        );
        self.error("CS1061", text, span);
    }

    /// The value of a property, field or constant.
    pub(super) fn read(&mut self, id: MemberId, args: Vec<Arg>, outer: Vec<Ty>, span: Span) -> Expr {
        let member = self.surface.member(id);
        self.note_use(id, span);
        let ty = member.returns.substitute(&outer);
        if member.role == Role::Const
            && let Some(value) = self.run_constant(member)
        {
            return Expr::constant(value, ty, span);
        }
        if !member.readable {
            let text = format!(
                "The property or indexer '{}.{}' cannot be used in this context because it lacks the get accessor",
                member.owner.simple_name(),
                member.name
            );
            self.error("CS0154", text, span);
        }
        Expr::new(Kind::Call { member: id, args, types: outer.into(), created: None }, ty, span)
    }

    fn run_constant(&self, member: &MemberInfo) -> Option<Const> {
        let mut host = crate::host::NoHost;
        let mut cx =
            crate::call::Cx::new(&mut host, self.surface, crate::limits::Meter::new(&crate::limits::Limits::default()));
        let value = (member.row.run)(&mut cx, crate::call::Args::new(&mut [], &[])).ok()?;
        Const::of(&value)
    }

    /// The members of `ty` called `name`, nearest first, with the type arguments of the type that declares each.
    pub(super) fn members(&self, ty: &Ty, name: &str) -> Vec<(MemberId, Vec<Ty>, u32)> {
        let mut out: Vec<(MemberId, Vec<Ty>, u32)> = Vec::new();
        let add = |ty: &Ty, depth: u32, out: &mut Vec<(MemberId, Vec<Ty>, u32)>| {
            let Some(info) = self.surface.info_of(ty) else { return };
            let outer = self.surface.type_args(ty);
            for id in info.by_name.get(name).into_iter().flatten() {
                if !out.iter().any(|(known, ..)| known == id) {
                    out.push((*id, outer.to_vec(), depth));
                }
            }
        };
        if ty.is_delegate() && name == "Invoke" {
            if let Some(id) = self.surface.info_of(ty).and_then(|info| info.invoke) {
                out.push((id, ty.args().to_vec(), 0));
            }
            return out;
        }
        let mut depth = 0;
        let mut class = Some(ty.clone());
        while let Some(current) = class {
            add(&current, depth, &mut out);
            depth += 1;
            class = self.surface.base(&current);
        }
        if ty.is_interface() {
            for interface in self.surface.interfaces(ty) {
                add(&interface, 1, &mut out);
            }
            add(&Ty::OBJECT, 2, &mut out);
        } else if matches!(ty, Ty::Array(..)) {
            // Arrays implement list interfaces explicitly: their members are not the array's own.
        } else if matches!(ty, Ty::Param(..)) {
            add(&Ty::OBJECT, 1, &mut out);
        }
        out
    }

    /// A member as something to call.
    pub(super) fn candidate(&self, id: MemberId, outer: Vec<Ty>, depth: u32) -> Candidate {
        let member = self.surface.member(id);
        let params = member
            .params
            .iter()
            .map(|param| crate::surface::Param { ty: param.ty.substitute(&outer), ..param.clone() })
            .collect();
        Candidate {
            target: Target::Member(id),
            params,
            type_params: member.type_params.clone(),
            returns: member.returns.substitute(&outer),
            depth,
            is_static: member.is_static,
            is_extension: member.is_extension,
            shown: shown(member, &outer),
            base: outer.len() as u16,
            outer,
        }
    }
}

/// A method as messages name it: `string.Substring(int)`.
pub(super) fn shown(member: &MemberInfo, outer: &[Ty]) -> Arc<str> {
    let params: Vec<String> = member
        .params
        .iter()
        .skip(usize::from(member.is_extension))
        .map(|param| {
            let mode = match param.mode {
                Mode::Out => "out ",
                Mode::Ref => "ref ",
                Mode::In => "in ",
                Mode::Params => "params ",
                Mode::Value => "",
            };
            format!("{mode}{}", param.ty.substitute(outer))
        })
        .collect();
    let owner = match Prim::from_full_name(member.owner.name) {
        Some(prim) => prim.keyword().to_owned(),
        None => Ty::generic(member.owner, outer.to_vec()).to_string(),
    };
    let name = match member.role {
        Role::Constructor => member.owner.simple_name().to_owned(),
        Role::Indexer => return format!("{owner}.this[{}]", params.join(", ")).into(),
        Role::Property | Role::Field | Role::Const => return format!("{owner}.{}", member.name).into(),
        _ => member.name.to_owned(),
    };
    let generics: Vec<&str> = member.type_params.iter().map(|param| param.name).collect();
    let generics = if generics.is_empty() { String::new() } else { format!("<{}>", generics.join(", ")) };
    format!("{owner}.{name}{generics}({})", params.join(", ")).into()
}

fn shown_type(ty: &Ty) -> String {
    ty.to_string()
}
