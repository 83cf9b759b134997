//! The binder: syntax tree to typed IR, with the errors a C# compiler gives.

mod argument;
mod assign;
mod call;
mod convert;
mod create;
mod declaration;
mod expression;
mod infer;
mod initializer;
mod iteration;
mod lambda;
mod name;
mod operator;
mod overload;
mod pattern;
mod query;
mod statement;
mod switch;
mod types;

use std::{rc::Rc, sync::Arc};

use base::{Diagnostic, Span};

use crate::{
    ast,
    ir::{Expr, FnId, Function, Kind, Parameter, Stmt, StmtKind, Unit, Var, VarId},
    surface::{MemberId, Surface, TypeParam},
    ty::Ty,
    value::Const,
};

/// A bound text: its IR, what it gives, and what was found.
pub(crate) struct Bound {
    pub(crate) unit: Unit,
    /// The static type of an expression, or the type that all returns of a block share; `object` otherwise.
    pub(crate) ty: Ty,
    pub(crate) diagnostics: Vec<Diagnostic>,
    /// Members used, in order of first use.
    pub(crate) uses: Vec<MemberId>,
}

/// Binds the expression of `@( )`, whose value is returned as an `object`.
pub(crate) fn expression(surface: &Surface, source: &ast::Expr) -> Bound {
    let mut binder = Binder::new(surface);
    binder.enter(FnId(0), Returns::Typed(Ty::OBJECT));
    let operand = binder.operand(source);
    let mut ty = match &operand {
        Operand::Value(expr) => expr.ty.clone(),
        _ => Ty::OBJECT,
    };
    if let Operand::Throw(_) = operand {
        binder.error("CS8115", "A throw expression is not allowed in this context.", source.span);
        ty = Ty::Error;
    }
    let value = binder.coerce(operand, &Ty::OBJECT, source.span);
    let body = Stmt { kind: StmtKind::Return(Some(value)), span: source.span };
    binder.leave();
    binder.finish(body, source.span, ty)
}

/// Binds the block of `@{ }`.
pub(crate) fn block(surface: &Surface, source: &ast::Block) -> Bound {
    let mut binder = Binder::new(surface);
    binder.enter(FnId(0), Returns::Typed(Ty::OBJECT));
    let body = binder.block(source);
    let types = binder.leave().map(|frame| frame.found).unwrap_or_default();
    let ty = match types.as_slice() {
        [first, rest @ ..] if rest.iter().all(|ty| ty == first) => first.clone(),
        _ => Ty::OBJECT,
    };
    binder.finish(body, source.span, ty)
}

/// What a piece of syntax stands for before it is known what is wanted of it.
#[derive(Clone)]
pub(super) enum Operand<'a> {
    Value(Expr),
    Type(Ty),
    Namespace(String),
    Methods(Rc<MethodGroup<'a>>),
    Lambda(LambdaSource<'a>),
    /// `default` alone.
    Default,
    Throw(Box<Expr>),
}

/// Methods of one name, before a call chooses among them.
pub(super) struct MethodGroup<'a> {
    name: &'a str,
    /// The receiver; none for static methods and local functions.
    receiver: Option<Expr>,
    /// The type whose static methods they are.
    owner: Option<Ty>,
    candidates: Vec<Candidate>,
    type_args: Vec<Ty>,
    span: Span,
    /// The name alone, where errors about it go.
    name_span: Span,
}

/// One method that a call may mean.
#[derive(Clone, Debug)]
pub(super) struct Candidate {
    target: Target,
    params: Vec<crate::surface::Param>,
    type_params: Vec<TypeParam>,
    /// The arguments of the declaring type: type parameters before these are already substituted.
    outer: Vec<Ty>,
    /// The index of the first own type parameter.
    base: u16,
    returns: Ty,
    /// How far up the hierarchy it was found: an applicable method hides those further up.
    depth: u32,
    is_static: bool,
    is_extension: bool,
    /// How messages name it: `string.Substring(int)`.
    shown: Arc<str>,
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Target {
    Member(MemberId),
    Function(FnId),
    Delegate,
}

/// A lambda as it was written, or one that the binder makes up (query clauses, method groups).
#[derive(Clone)]
pub(super) struct LambdaSource<'a> {
    params: Option<Vec<LambdaParam<'a>>>,
    body: LambdaBody<'a>,
    span: Span,
    arrow: Span,
}

#[derive(Clone)]
pub(super) struct LambdaParam<'a> {
    name: &'a str,
    ty: Option<Ty>,
    by_ref: bool,
    span: Span,
}

#[derive(Clone)]
pub(super) enum LambdaBody<'a> {
    Expr(&'a ast::Expr),
    Block(&'a ast::Block),
    Made(Rc<dyn Fn(&mut Binder<'a>, &[VarId]) -> Expr + 'a>),
}

/// What a name in scope means.
#[derive(Clone)]
pub(super) enum Symbol {
    Var(VarId),
    Const(Const, Ty),
    Function(usize),
    /// A range variable of a query: how to reach it.
    Range(Expr),
    Type(Ty),
}

#[derive(Default)]
struct Scope {
    names: Vec<(Box<str>, Symbol)>,
    /// Locals that the statements of the block declare somewhere: before that they are there, but no use.
    later: Vec<Box<str>>,
}

/// What `return` means in the function being bound.
#[derive(Clone, PartialEq)]
pub(super) enum Returns {
    Typed(Ty),
    /// A lambda whose result type is being found out.
    Infer,
}

/// A function being bound.
struct Frame {
    id: FnId,
    returns: Returns,
    /// The types of its `return`s so far.
    found: Vec<Ty>,
    /// The first constant-like return expressions, for inference of constants.
    found_exprs: Vec<Expr>,
    loops: u32,
    switches: Vec<SwitchInfo>,
    labels: Vec<(Box<str>, u32)>,
    iterator: Option<Ty>,
    has_return: bool,
    scopes_below: usize,
    catches: u32,
}

struct SwitchInfo {
    labels: Vec<(Const, usize)>,
    default: Option<usize>,
    ty: Ty,
}

/// A local function, known from the start of its block.
struct LocalFn<'a> {
    id: FnId,
    candidate: Candidate,
    source: &'a ast::LocalFunction,
    params: Vec<crate::surface::Param>,
    is_bound: bool,
}

pub(super) struct Binder<'a> {
    surface: &'a Surface,
    diagnostics: Vec<Diagnostic>,
    vars: Vec<Var>,
    functions: Vec<Option<Function>>,
    scopes: Vec<Scope>,
    frames: Vec<Frame>,
    locals: Vec<LocalFn<'a>>,
    /// `checked` and `unchecked`, where written.
    checked: Option<bool>,
    uses: Vec<MemberId>,
    next_label: u32,
    /// How deep lambdas are bound on trial: nested overloads would multiply without a bound.
    trial_budget: u32,
    trials: u32,
    /// What `.x` and `[i]` at the start of a conditional chain apply to.
    chain: Vec<Expr>,
    /// Whether the next expression stands as a statement: only there may an assignment declare locals.
    is_statement: bool,
    /// Whether type arguments may be left out: in `typeof(List<>)`.
    unbound: bool,
    /// Variables that cannot be assigned to, and what they are.
    read_only: Vec<(VarId, &'static str)>,
}

impl<'a> Binder<'a> {
    fn new(surface: &'a Surface) -> Self {
        let mut binder = Self {
            surface,
            diagnostics: Vec::new(),
            vars: Vec::new(),
            functions: vec![None],
            scopes: vec![Scope::default()],
            frames: Vec::new(),
            locals: Vec::new(),
            checked: None,
            uses: Vec::new(),
            next_label: 0,
            trial_budget: 20_000,
            trials: 0,
            chain: Vec::new(),
            is_statement: false,
            unbound: false,
            read_only: Vec::new(),
        };
        for (name, ty, value) in surface.globals() {
            binder.declare(name, Symbol::Const(value.clone(), ty.clone()));
        }
        binder
    }

    fn finish(mut self, body: Stmt, span: Span, ty: Ty) -> Bound {
        let main = Function { params: Vec::new(), body, returns: Ty::OBJECT, iterator: None };
        self.functions[0] = Some(main);
        let empty = || Function {
            params: Vec::new(),
            body: Stmt { kind: StmtKind::Empty, span },
            returns: Ty::Void,
            iterator: None,
        };
        let functions = self.functions.into_iter().map(|function| function.unwrap_or_else(empty)).collect();
        self.diagnostics.sort_by_key(|diagnostic| diagnostic.span.start);
        Bound { unit: Unit { vars: self.vars, functions }, ty, diagnostics: self.diagnostics, uses: self.uses }
    }

    // --- diagnostics

    fn error(&mut self, code: &'static str, message: impl Into<String>, span: Span) {
        self.diagnostics.push(Diagnostic::error(code, message, span));
    }

    /// Counts a member as used; one that the platform does not list gets a warning.
    fn note_use(&mut self, member: MemberId, span: Span) {
        if self.uses.contains(&member) {
            return;
        }
        self.uses.push(member);
        let info = self.surface.member(member);
        if !info.listed && !self.is_platform_own(info.owner.name) {
            let text = format!("'{}.{}' is not on the platform's list of allowed members", info.owner.name, info.name);
            self.diagnostics.push(Diagnostic::warning("PX0001", text, span));
        }
    }

    /// `context` and its types are the platform's own: they need no listing. Interfaces that listed types implement
    /// neither.
    fn is_platform_own(&self, name: &str) -> bool {
        name.starts_with("PolicyExpressions.")
            || matches!(name, "System.Object" | "System.IDisposable" | "System.Delegate")
    }

    // --- scopes and variables

    fn enter(&mut self, id: FnId, returns: Returns) {
        self.frames.push(Frame {
            id,
            returns,
            found: Vec::new(),
            found_exprs: Vec::new(),
            loops: 0,
            switches: Vec::new(),
            labels: Vec::new(),
            iterator: None,
            has_return: false,
            scopes_below: self.scopes.len(),
            catches: 0,
        });
        self.scopes.push(Scope::default());
    }

    fn leave(&mut self) -> Option<Frame> {
        self.scopes.pop();
        self.frames.pop()
    }

    fn current(&self) -> FnId {
        self.frames.last().map_or(FnId(0), |frame| frame.id)
    }

    fn new_function(&mut self) -> FnId {
        self.functions.push(None);
        FnId(self.functions.len() as u32 - 1)
    }

    fn scoped<T>(&mut self, bind: impl FnOnce(&mut Self) -> T) -> T {
        self.scopes.push(Scope::default());
        let out = bind(self);
        self.scopes.pop();
        out
    }

    fn declare(&mut self, name: &str, symbol: Symbol) {
        if let Some(scope) = self.scopes.last_mut() {
            scope.names.push((name.into(), symbol));
        }
    }

    fn lookup(&self, name: &str) -> Option<&Symbol> {
        let mut scopes = self.scopes.iter().rev();
        scopes.find_map(|scope| scope.names.iter().rev().find(|(known, _)| **known == *name)).map(|(_, symbol)| symbol)
    }

    fn new_var(&mut self, name: &str, ty: Ty, named: bool) -> VarId {
        let owner = self.current();
        self.vars.push(Var { name: name.into(), ty, owner, captured: false, by_ref: false, named });
        VarId(self.vars.len() as u32 - 1)
    }

    fn temp(&mut self, ty: Ty) -> VarId {
        self.new_var("", ty, false)
    }

    /// Declares a local; one of the same name in a scope of this function is an error.
    fn declare_local(&mut self, name: &ast::Name, ty: Ty) -> VarId {
        self.check_name(&name.text, name.span);
        let var = self.new_var(&name.text, ty, true);
        self.declare(&name.text, Symbol::Var(var));
        var
    }

    fn check_name(&mut self, name: &str, span: Span) {
        let below = self.frames.last().map_or(0, |frame| frame.scopes_below);
        let last = self.scopes.len() - 1;
        for (at, scope) in self.scopes.iter().enumerate().skip(below).rev() {
            if scope.names.iter().any(|(known, _)| **known == *name) {
                let (code, text) = if at == last {
                    ("CS0128", format!("A local variable or function named '{name}' is already defined in this scope"))
                } else {
                    (
                        "CS0136",
                        format!(
                            "A local or parameter named '{name}' cannot be declared in this scope because that name is used in an enclosing local scope to define a local or parameter"
                        ),
                    )
                };
                return self.error(code, text, span);
            }
        }
        // In C# 7.3 a lambda's names may not hide those of the functions around it either.
        let outer =
            self.scopes[1.min(below)..below].iter().any(|scope| scope.names.iter().any(|(known, _)| **known == *name));
        if outer && self.frames.len() > 1 {
            self.error(
                "CS0136",
                format!(
                    "A local or parameter named '{name}' cannot be declared in this scope because that name is used in an enclosing local scope to define a local or parameter"
                ),
                span,
            );
        }
    }

    /// A use of a variable.
    fn var(&mut self, var: VarId, span: Span) -> Expr {
        self.touch(var);
        Expr::new(Kind::Var(var), self.vars[var.0 as usize].ty.clone(), span)
    }

    /// A variable of an outer function is captured.
    fn touch(&mut self, var: VarId) {
        let current = self.current();
        if self.vars[var.0 as usize].owner != current {
            self.vars[var.0 as usize].captured = true;
        }
    }

    /// Binds something on trial: what it reports is forgotten. `None` when too much has been tried already.
    fn on_trial<T>(&mut self, bind: impl FnOnce(&mut Self) -> T) -> Option<(T, bool)> {
        if self.trial_budget == 0 {
            return None;
        }
        self.trial_budget -= 1;
        self.trials += 1;
        let (reported, used, checked) = (self.diagnostics.len(), self.uses.len(), self.checked);
        let out = bind(self);
        let clean = !base::has_errors(&self.diagnostics[reported..]);
        self.diagnostics.truncate(reported);
        self.uses.truncate(used);
        self.checked = checked;
        self.trials -= 1;
        Some((out, clean))
    }

    fn add_function(&mut self, id: FnId, function: Function) {
        if let Some(place) = self.functions.get_mut(id.0 as usize) {
            *place = Some(function);
        }
    }

    fn parameter(var: VarId, by_ref: bool) -> Parameter {
        Parameter { var, by_ref }
    }
}
