//! Statements.

use base::Span;

use super::{Binder, Frame, Operand, Returns, convert::qualified, lambda::is_statement};
use crate::{
    ast::{self, StmtKind as Ast},
    ir::{Catch, Expr, Kind, Stmt, StmtKind, VarId},
    ty::Ty,
    value::Const,
};

impl<'a> Binder<'a> {
    /// A block with a scope of its own.
    pub(super) fn block(&mut self, block: &'a ast::Block) -> Stmt {
        let statements = self.scoped(|binder| binder.statements(&block.statements));
        Stmt { kind: StmtKind::Block(statements), span: block.span }
    }

    pub(super) fn statements(&mut self, statements: &'a [ast::Stmt]) -> Vec<Stmt> {
        let first = self.locals.len();
        for statement in statements {
            match &statement.kind {
                Ast::Function(function) => self.declare_function(function),
                Ast::Labeled { label, .. } => self.declare_label(label),
                Ast::Local(local) => {
                    let names = local.locals.iter().map(|one| one.name.text.clone());
                    if let Some(scope) = self.scopes.last_mut() {
                        scope.later.extend(names);
                    }
                }
                _ => {}
            }
        }
        let mut out = Vec::new();
        for statement in statements {
            let bound = self.statement(statement);
            out.push(bound);
        }
        for at in first..self.locals.len() {
            if !self.locals[at].is_bound && self.locals[at].candidate.shown.is_empty() {
                self.locals[at].is_bound = true;
            }
        }
        out
    }

    fn declare_label(&mut self, label: &ast::Name) {
        let id = self.next_label;
        self.next_label += 1;
        if let Some(frame) = self.frames.last_mut() {
            frame.labels.push((label.text.clone(), id));
        }
    }

    pub(super) fn frame(&mut self) -> Option<&mut Frame> {
        self.frames.last_mut()
    }

    /// A statement that stands where a block could: it has a scope of its own.
    pub(super) fn embedded(&mut self, statement: &'a ast::Stmt) -> Stmt {
        if let Ast::Local(_) | Ast::Function(_) | Ast::Labeled { .. } = &statement.kind {
            self.error("CS1023", "Embedded statement cannot be a declaration or labeled statement", statement.span);
        }
        self.scoped(|binder| binder.statement(statement))
    }

    pub(super) fn body(&mut self, statement: &'a ast::Stmt) -> Stmt {
        if let Some(frame) = self.frame() {
            frame.loops += 1;
        }
        let body = self.embedded(statement);
        if let Some(frame) = self.frame() {
            frame.loops -= 1;
        }
        body
    }

    fn statement(&mut self, statement: &'a ast::Stmt) -> Stmt {
        let span = statement.span;
        let kind = match &statement.kind {
            Ast::Error | Ast::Empty => StmtKind::Empty,
            Ast::Block(block) => return self.block(block),
            Ast::Local(local) => {
                let mut declared = self.local(local);
                match declared.len() {
                    1 => return declared.remove(0),
                    _ => StmtKind::Block(declared),
                }
            }
            Ast::Function(function) => {
                self.bind_function(function);
                StmtKind::Empty
            }
            Ast::Expr(expr) => StmtKind::Expr(self.statement_expression(expr)),
            Ast::If { condition, then, otherwise } => {
                let condition = self.condition(condition);
                let then = self.embedded(then);
                let otherwise = otherwise.as_ref().map(|other| Box::new(self.embedded(other)));
                StmtKind::If(condition, Box::new(then), otherwise)
            }
            Ast::While { condition, body } => self.scoped(|binder| {
                let condition = binder.condition(condition);
                StmtKind::While { condition, body: Box::new(binder.body(body)), first: false }
            }),
            Ast::Do { body, condition } => {
                let body = Box::new(self.body(body));
                let condition = self.condition(condition);
                StmtKind::While { condition, body, first: true }
            }
            Ast::For(source) => self.scoped(|binder| binder.for_loop(source)),
            Ast::Foreach(source) => self.scoped(|binder| binder.foreach(source, span)),
            Ast::Switch { value, sections } => self.scoped(|binder| binder.switch(value, sections)),
            Ast::Break => {
                let inside = self.frame().is_some_and(|frame| frame.loops > 0 || !frame.switches.is_empty());
                if !inside {
                    self.error("CS0139", "No enclosing loop out of which to break or continue", span);
                }
                StmtKind::Break
            }
            Ast::Continue => {
                if self.frame().is_none_or(|frame| frame.loops == 0) {
                    self.error("CS0139", "No enclosing loop out of which to break or continue", span);
                }
                StmtKind::Continue
            }
            Ast::Goto(label) => {
                let found = self
                    .frames
                    .last()
                    .and_then(|frame| frame.labels.iter().rev().find(|(name, _)| *name == label.text));
                match found.map(|(_, id)| *id) {
                    Some(id) => StmtKind::Goto(id),
                    None => {
                        self.error(
                            "CS0159",
                            format!("No such label '{}' within the scope of the goto statement", label.text),
                            label.span,
                        );
                        StmtKind::Empty
                    }
                }
            }
            Ast::GotoCase(value) => self.goto_case(value, span),
            Ast::GotoDefault => {
                match self.frames.last().and_then(|frame| frame.switches.last()).map(|info| info.default) {
                    Some(Some(section)) => StmtKind::GotoSection(section),
                    Some(None) => {
                        self.error("CS0159", "No such label 'default:' within the scope of the goto statement", span);
                        StmtKind::Empty
                    }
                    None => {
                        self.error("CS0153", "A goto case is only valid inside a switch statement", span);
                        StmtKind::Empty
                    }
                }
            }
            Ast::Return(value) => self.return_statement(value.as_ref(), span),
            Ast::Throw(Some(value)) => StmtKind::Throw(self.exception(value)),
            Ast::Throw(None) => {
                if self.frame().is_none_or(|frame| frame.catches == 0) {
                    self.error(
                        "CS0156",
                        "A throw statement with no arguments is not allowed outside of a catch clause",
                        span,
                    );
                }
                StmtKind::Rethrow
            }
            Ast::Try(source) => self.try_statement(source),
            Ast::Using { resource, body } => return self.scoped(|binder| binder.using(resource, body, span)),
            Ast::Lock { target, body } => {
                let target = self.value(target);
                if target.ty.is_value_type() {
                    self.error(
                        "CS0185",
                        format!("'{}' is not a reference type as required by the lock statement", target.ty),
                        target.span,
                    );
                }
                let body = self.embedded(body);
                StmtKind::Block(vec![Stmt { kind: StmtKind::Expr(target), span }, body])
            }
            Ast::Checked(block) | Ast::Unchecked(block) => {
                let before = self.checked.replace(matches!(&statement.kind, Ast::Checked(_)));
                let bound = self.block(block);
                self.checked = before;
                return bound;
            }
            Ast::Labeled { label, body } => {
                let id = self
                    .frames
                    .last()
                    .and_then(|frame| frame.labels.iter().rev().find(|(name, _)| *name == label.text))
                    .map(|(_, id)| *id);
                let body = self.statement(body);
                let label = Stmt { kind: id.map_or(StmtKind::Empty, StmtKind::Label), span: label.span };
                return Stmt { kind: StmtKind::Block(vec![label, body]), span };
            }
            Ast::YieldReturn(value) => {
                let element = self.iterator_element(span);
                let value = match element {
                    Some(element) => self.value_as(value, &element),
                    None => {
                        self.operand(value);
                        Expr::error(span)
                    }
                };
                StmtKind::Yield(value)
            }
            Ast::YieldBreak => {
                self.iterator_element(span);
                StmtKind::YieldBreak
            }
        };
        Stmt { kind, span }
    }

    /// What `yield return` gives; reports where it cannot be.
    fn iterator_element(&mut self, span: Span) -> Option<Ty> {
        let frame = self.frames.last()?;
        if let Some(element) = &frame.iterator {
            return Some(element.clone());
        }
        let (returns, is_main) = (frame.returns.clone(), frame.id.0 == 0);
        let Returns::Typed(ty) = returns else { return None };
        let is_interface = ty.def().is_some_and(|def| {
            matches!(
                def.name,
                "System.Collections.Generic.IEnumerable"
                    | "System.Collections.Generic.IEnumerator"
                    | "System.Collections.IEnumerable"
            )
        });
        if is_interface {
            let element = ty.args().first().cloned().unwrap_or(Ty::OBJECT);
            if let Some(frame) = self.frame() {
                frame.iterator = Some(element.clone());
            }
            return Some(element);
        }
        let name = if is_main { "Eval(IContext)" } else { "lambda" };
        if !self.diagnostics.iter().any(|found| found.code == "CS1624") {
            self.error(
                "CS1624",
                format!(
                    "The body of '{name}' cannot be an iterator block because '{ty}' is not an iterator interface type"
                ),
                span,
            );
        }
        None
    }

    /// An expression as a statement.
    pub(super) fn statement_expression(&mut self, expr: &'a ast::Expr) -> Expr {
        if let ast::ExprKind::Await(inner) = &expr.kind
            && let ast::ExprKind::Name(_) = &inner.kind
        {
            // Outside of an async method `await x;` declares an `x`.
            let text = "The type or namespace name 'await' could not be found (are you missing a using directive or an assembly reference?)";
            self.error("CS0246", text, expr.span);
            return Expr::error(expr.span);
        }
        if !is_statement(expr) {
            let before = self.diagnostics.len();
            self.operand(expr);
            let reported = self.diagnostics[before..].iter().any(|found| found.span.start <= expr.span.start);
            if !reported {
                self.error("CS0201", "Only assignment, call, increment, decrement, await, and new object expressions can be used as a statement", expr.span);
            }
            return Expr::error(expr.span);
        }
        self.is_statement = matches!(expr.kind, ast::ExprKind::Assign { .. });
        match self.operand(expr) {
            Operand::Throw(inner) => Expr::new(Kind::Throw(inner), Ty::Void, expr.span),
            operand => self.value_of(operand, expr.span),
        }
    }

    fn return_statement(&mut self, value: Option<&'a ast::Expr>, span: Span) -> StmtKind {
        let Some(frame) = self.frames.last_mut() else { return StmtKind::Empty };
        frame.has_return = true;
        match (frame.returns.clone(), value) {
            (Returns::Typed(Ty::Void), None) => StmtKind::Return(None),
            (Returns::Typed(Ty::Void), Some(value)) => {
                let id = self.current();
                self.operand(value);
                match self.locals.iter().find(|local| local.id == id).map(|local| local.candidate.shown.clone()) {
                    Some(name) => {
                        let text = format!(
                            "Since '{name}' returns void, a return keyword must not be followed by an object expression"
                        );
                        self.error("CS0127", text, Span::new(span.start, span.end.min(span.start + 6)));
                    }
                    None => self.error(
                        "CS8030",
                        "Anonymous function converted to a void returning delegate cannot return a value",
                        span,
                    ),
                }
                StmtKind::Return(None)
            }
            (Returns::Typed(ty), None) => {
                self.error(
                    "CS0126",
                    format!("An object of a type convertible to '{ty}' is required"),
                    Span::new(span.start, span.end.min(span.start + 6)),
                );
                StmtKind::Return(None)
            }
            (Returns::Typed(ty), Some(value)) => {
                let operand = self.operand(value);
                let own = match &operand {
                    Operand::Value(value) => value.ty.clone(),
                    _ => Ty::OBJECT,
                };
                if let Some(frame) = self.frames.last_mut() {
                    frame.found.push(own);
                }
                if let Operand::Throw(_) = operand {
                    self.error("CS8115", "A throw expression is not allowed in this context.", value.span);
                }
                StmtKind::Return(Some(self.coerce(operand, &ty, value.span)))
            }
            (Returns::Infer, None) => StmtKind::Return(None),
            (Returns::Infer, Some(value)) => {
                let operand = self.operand(value);
                let expr = match operand {
                    Operand::Value(expr) => expr,
                    other => self.value_of(other, value.span),
                };
                if let Some(frame) = self.frames.last_mut() {
                    frame.found_exprs.push(expr);
                }
                StmtKind::Return(None)
            }
        }
    }

    fn try_statement(&mut self, source: &'a ast::Try) -> StmtKind {
        let body = Box::new(self.block(&source.body));
        let exception = Ty::named(&crate::exception::EXCEPTION);
        let mut catches: Vec<Catch> = Vec::new();
        for catch in &source.catches {
            let bound = self.scoped(|binder| {
                let ty = match &catch.ty {
                    None => exception.clone(),
                    Some(written) => {
                        let ty = binder.ty(written);
                        if ty != Ty::Error && !binder.surface.is_a(&ty, &exception) {
                            binder.error("CS0155", "The type caught or thrown must be derived from System.Exception", written.span);
                        }
                        let earlier = catches.iter().find(|known| known.filter.is_none() && binder.surface.is_a(&ty, &known.ty));
                        if let Some(earlier) = earlier.filter(|_| ty != Ty::Error) {
                            let text = format!("A previous catch clause already catches all exceptions of this or of a super type ('{}')", qualified(&earlier.ty));
                            binder.error("CS0160", text, written.span);
                        }
                        ty
                    }
                };
                let var = catch.name.as_ref().map(|name| binder.declare_local(name, ty.clone()));
                let filter = catch.filter.as_ref().map(|filter| binder.condition(filter));
                if let Some(frame) = binder.frame() {
                    frame.catches += 1;
                }
                let body = binder.block(&catch.body);
                if let Some(frame) = binder.frame() {
                    frame.catches -= 1;
                }
                Catch { ty, var, filter, body }
            });
            catches.push(bound);
        }
        let finally = source.finally.as_ref().map(|block| Box::new(self.block(block)));
        StmtKind::Try { body, catches, finally }
    }

    /// `using`: the resource, then its use, then `Dispose` in any case.
    fn using(&mut self, resource: &'a ast::UsingResource, body: &'a ast::Stmt, span: Span) -> Stmt {
        let mut declared: Vec<(VarId, Stmt)> = Vec::new();
        match resource {
            ast::UsingResource::Local(local) => {
                for statement in self.local(local) {
                    if let StmtKind::Local(var, _) = statement.kind {
                        self.read_only.push((var, "using variable"));
                        declared.push((var, statement));
                    }
                }
            }
            ast::UsingResource::Expr(expr) => {
                let value = self.value(expr);
                let var = self.temp(value.ty.clone());
                declared.push((var, Stmt { kind: StmtKind::Local(var, Some(value)), span: expr.span }));
            }
        }
        let disposable = self.surface.def_named("System.IDisposable").map(Ty::named);
        let mut inner = self.embedded(body);
        for (var, statement) in declared.into_iter().rev() {
            let ty = self.vars[var.0 as usize].ty.clone();
            let fits = disposable.as_ref().is_some_and(|disposable| self.surface.is_a(&ty, disposable));
            if !fits && ty != Ty::Error && ty != Ty::Null {
                self.error(
                    "CS1674",
                    format!(
                        "'{ty}': type used in a using statement must be implicitly convertible to 'System.IDisposable'"
                    ),
                    statement.span,
                );
            }
            let mut dispose = Stmt { kind: StmtKind::Empty, span };
            let found =
                self.members(&ty, "Dispose").into_iter().find(|(id, ..)| self.surface.member(*id).params.is_empty());
            let found =
                found.or_else(|| disposable.as_ref().and_then(|ty| self.members(ty, "Dispose").into_iter().next()));
            if let Some((member, outer, _)) = found {
                let receiver = self.var(var, span);
                let call = Expr::new(
                    Kind::Call {
                        member,
                        args: vec![crate::ir::Arg::Value(receiver)],
                        types: outer.into(),
                        created: None,
                    },
                    Ty::Void,
                    span,
                );
                let tested = self.var(var, span);
                let null = Expr::constant(Const::Null, Ty::Null, span);
                let present = Expr::new(
                    Kind::Same { left: Box::new(tested), right: Box::new(null), negated: true },
                    Ty::BOOL,
                    span,
                );
                let call = Stmt { kind: StmtKind::Expr(call), span };
                dispose = Stmt { kind: StmtKind::If(present, Box::new(call), None), span };
            }
            let guarded = Stmt {
                kind: StmtKind::Try { body: Box::new(inner), catches: Vec::new(), finally: Some(Box::new(dispose)) },
                span,
            };
            inner = Stmt { kind: StmtKind::Block(vec![statement, guarded]), span };
        }
        inner
    }
}
