//! Local variables, constants and functions.

use super::{Binder, Candidate, LocalFn, Operand, Returns, Symbol, Target};
use crate::{
    ast::{self, LocalMode, TypeKind},
    ir::{Expr, Function, Kind, Stmt, StmtKind},
    surface::{Constraint, Mode, Param, TypeParam},
    ty::Ty,
    value::Const,
};

impl<'a> Binder<'a> {
    pub(super) fn local(&mut self, local: &'a ast::LocalDeclaration) -> Vec<Stmt> {
        let declared = match &local.ty.kind {
            TypeKind::Var => None,
            _ => Some(self.ty(&local.ty)),
        };
        if let Some(ty) = &declared
            && is_static(ty)
        {
            self.error("CS0723", format!("Cannot declare a variable of static type '{ty}'"), local.ty.span);
        }
        if declared.is_none() && local.mode == LocalMode::Const {
            self.error("CS0822", "Implicitly-typed variables cannot be constant", local.locals[0].span);
        }
        if declared.is_none() && local.locals.len() > 1 {
            self.error("CS0819", "Implicitly-typed variables cannot have multiple declarators", local.locals[0].span);
        }
        let mut out = Vec::new();
        for one in &local.locals {
            out.push(self.declarator(one, declared.as_ref(), local.mode));
        }
        out
    }

    fn declarator(&mut self, one: &'a ast::Declarator, declared: Option<&Ty>, mode: LocalMode) -> Stmt {
        let span = one.span;
        if let (LocalMode::Ref | LocalMode::RefReadonly, Some(value)) = (mode, &one.value) {
            return self.ref_local(one, declared, value);
        }
        if let (Some(ty), Some(value), true) = (declared, &one.value, mode != LocalMode::Const) {
            // The name is in scope in its own initializer.
            let var = self.declare_local(&one.name, ty.clone());
            let value = self.value_as(value, ty);
            return Stmt { kind: StmtKind::Local(var, Some(value)), span };
        }
        let (ty, value) = match (declared, &one.value) {
            (Some(ty), None) => (ty.clone(), None),
            (Some(ty), Some(value)) => {
                let value = self.value_as(value, ty);
                (ty.clone(), Some(value))
            }
            (None, None) => {
                self.error("CS0818", "Implicitly-typed variables must be initialized", one.name.span);
                (Ty::Error, None)
            }
            (None, Some(value)) => {
                let operand = if let ast::ExprKind::ArrayElements(_) = &value.kind {
                    self.error(
                        "CS0820",
                        "Cannot initialize an implicitly-typed variable with an array initializer",
                        span,
                    );
                    Operand::Value(Expr::error(span))
                } else {
                    self.operand(value)
                };
                let refused = match &operand {
                    Operand::Value(value) if value.ty == Ty::Null => Some("<null>"),
                    Operand::Value(value) if value.ty == Ty::Void => Some("void"),
                    Operand::Lambda(_) => Some("lambda expression"),
                    Operand::Methods(_) => Some("method group"),
                    _ => None,
                };
                let value = match refused {
                    Some(what) => {
                        self.error("CS0815", format!("Cannot assign {what} to an implicitly-typed variable"), span);
                        Expr::error(span)
                    }
                    None => self.value_of(operand, value.span),
                };
                (value.ty.clone(), Some(value))
            }
        };
        if mode == LocalMode::Const {
            let constant = value.as_ref().and_then(Expr::bare_const).cloned();
            self.check_name(&one.name.text, one.name.span);
            let may_be_const = ty.is_reference_type() || ty.prim().is_some() || ty.is_enum() || ty == Ty::Error;
            if !may_be_const {
                self.error("CS0283", format!("The type '{ty}' cannot be declared const"), span);
            } else if ty.is_reference_type()
                && ty != Ty::STRING
                && constant.as_ref().is_some_and(|it| *it != Const::Null)
            {
                let text = format!(
                    "'{}' is of type '{ty}'. A const field of a reference type other than string can only be initialized with null.",
                    one.name.text
                );
                self.error("CS0134", text, value.as_ref().map_or(span, |value| value.span));
            }
            match constant {
                Some(constant) => self.declare(&one.name.text, Symbol::Const(constant, ty)),
                None => {
                    if value.as_ref().is_some_and(|value| !value.is_error() && !matches!(value.kind, Kind::Error)) {
                        self.error(
                            "CS0133",
                            format!("The expression being assigned to '{}' must be constant", one.name.text),
                            value.map_or(span, |value| value.span),
                        );
                    } else if value.is_none() {
                        self.error("CS0145", "A const field requires a value to be provided", one.name.span);
                    }
                    let var = self.new_var(&one.name.text, ty, true);
                    self.declare(&one.name.text, Symbol::Var(var));
                }
            }
            return Stmt { kind: StmtKind::Empty, span };
        }
        let var = self.declare_local(&one.name, ty);
        Stmt { kind: StmtKind::Local(var, value), span }
    }

    fn ref_local(&mut self, one: &'a ast::Declarator, declared: Option<&Ty>, value: &'a ast::Expr) -> Stmt {
        let span = one.span;
        let inner = match &value.kind {
            ast::ExprKind::Ref(inner) => self.value(inner),
            _ => {
                self.error("CS8172", "Cannot initialize a by-reference variable with a value", span);
                Expr::error(span)
            }
        };
        let ty = declared.cloned().unwrap_or_else(|| inner.ty.clone());
        let var = self.declare_local(&one.name, ty);
        match inner.kind {
            Kind::Var(target) => {
                self.vars[target.0 as usize].captured = true;
                self.vars[var.0 as usize].captured = true;
                self.vars[var.0 as usize].by_ref = true;
                Stmt { kind: StmtKind::RefLocal(var, target), span }
            }
            Kind::Error => Stmt { kind: StmtKind::Empty, span },
            _ => {
                self.error(
                    "CS8370",
                    "References to elements of arrays and objects are not available in policy expressions",
                    value.span,
                );
                Stmt { kind: StmtKind::Empty, span }
            }
        }
    }

    pub(super) fn declare_function(&mut self, source: &'a ast::LocalFunction) {
        self.check_name(&source.name.text, source.name.span);
        let id = self.new_function();
        self.scopes.push(super::Scope::default());
        // Their indices lie beyond those of any type of the table, so that both kinds never meet.
        let base = 1000 + 16 * self.locals.len() as u16;
        let mut type_params = Vec::new();
        for (at, name) in source.type_params.iter().enumerate() {
            let constraint = match source.constraints.iter().find(|known| known.name.text == name.text) {
                Some(known) if known.class => Constraint::Class,
                Some(known) if known.structure => Constraint::Struct,
                _ => Constraint::None,
            };
            // The names of type parameters outlive the binder only in messages of this text.
            type_params.push(TypeParam { name: "T", constraint });
            self.declare(&name.text, Symbol::Type(Ty::Param(base + at as u16, "T")));
        }
        let mut params = Vec::new();
        for param in &source.params {
            let ty = self.ty(&param.ty);
            let mode = match param.passing {
                ast::Passing::Ref => Mode::Ref,
                ast::Passing::Out => Mode::Out,
                ast::Passing::In => Mode::In,
                ast::Passing::Value if param.is_params => Mode::Params,
                ast::Passing::Value => Mode::Value,
            };
            let default = param.default.as_ref().map(|default| {
                let value = self.value_as(default, &ty);
                value.as_const().cloned().unwrap_or_else(|| Const::default_of(&ty))
            });
            params.push(Param { name: known_name(&param.name.text), ty, mode, default });
        }
        let returns = self.ty(&source.result);
        if source.is_async && returns != Ty::Void {
            self.error(
                "CS1983",
                "The return type of an async method must be void, Task, Task<T>, a task-like type, IAsyncEnumerable<T>, or IAsyncEnumerator<T>",
                source.name.span,
            );
        }
        self.scopes.pop();
        let shown: Vec<String> = params.iter().map(|param| param.ty.to_string()).collect();
        let candidate = Candidate {
            target: Target::Function(id),
            params: params.clone(),
            type_params,
            outer: Vec::new(),
            base,
            returns,
            depth: 0,
            is_static: true,
            is_extension: false,
            shown: format!("{}({})", source.name.text, shown.join(", ")).into(),
        };
        self.locals.push(LocalFn { id, candidate, source, params, is_bound: false });
        let at = self.locals.len() - 1;
        self.declare(&source.name.text, Symbol::Function(at));
    }

    pub(super) fn bind_function(&mut self, source: &'a ast::LocalFunction) {
        let Some(at) = self.locals.iter().rposition(|local| std::ptr::eq(local.source, source)) else { return };
        self.locals[at].is_bound = true;
        let (id, candidate, params) =
            (self.locals[at].id, self.locals[at].candidate.clone(), self.locals[at].params.clone());
        let returns = candidate.returns.clone();
        let _parent = self.current();
        let checked = self.checked.take();
        self.enter(id, Returns::Typed(returns.clone()));
        for (at, name) in source.type_params.iter().enumerate() {
            self.declare(&name.text, Symbol::Type(Ty::Param(candidate.base + at as u16, "T")));
        }
        let mut bound = Vec::new();
        for (param, written) in params.iter().zip(&source.params) {
            let var = self.declare_local(&written.name, param.ty.clone());
            bound.push(Self::parameter(var, matches!(param.mode, Mode::Ref | Mode::Out)));
        }
        let body = match &source.body {
            ast::LambdaBody::Expr(expr) => {
                let kind = if returns == Ty::Void {
                    StmtKind::Expr(self.statement_expression(expr))
                } else {
                    let operand = self.operand(expr);
                    StmtKind::Return(Some(self.coerce(operand, &returns, expr.span)))
                };
                Stmt { kind, span: expr.span }
            }
            ast::LambdaBody::Block(block) => self.block(block),
        };
        let frame = self.leave();
        self.checked = checked;
        let iterator = frame.and_then(|frame| frame.iterator);
        let function = Function { params: bound, body, returns, iterator };
        self.add_function(id, function);
    }
}

/// Whether no value can have this type.
pub(super) fn is_static(ty: &Ty) -> bool {
    ty.def().is_some_and(|def| matches!(def.kind, crate::surface::Kind::Static))
}

/// Parameter names of the table are `'static`; those of local functions matter only for named arguments, by position.
fn known_name(name: &str) -> &'static str {
    const LETTERS: [&str; 26] = [
        "a", "b", "c", "d", "e", "f", "g", "h", "i", "j", "k", "l", "m", "n", "o", "p", "q", "r", "s", "t", "u", "v",
        "w", "x", "y", "z",
    ];
    LETTERS.iter().find(|letter| **letter == name).copied().unwrap_or("")
}
