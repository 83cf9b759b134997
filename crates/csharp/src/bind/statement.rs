//! Statements.

use base::Span;

use super::{
    Binder, Candidate, Frame, LocalFn, Operand, Returns, SwitchInfo, Symbol, Target, argument::Argument,
    convert::qualified, lambda::is_statement, overload::Called,
};
use crate::{
    ast::{self, ForInit, ForeachVariable, LocalMode, StmtKind as Ast, TypeKind},
    ir::{Arg, Catch, Expr, Function, Kind, Section, Stmt, StmtKind, VarId},
    surface::{Constraint, Mode, Param, TypeParam},
    ty::Ty,
    value::Const,
};

impl<'a> Binder<'a> {
    /// A block with a scope of its own.
    pub(super) fn block(&mut self, block: &'a ast::Block) -> Stmt {
        let statements = self.scoped(|binder| binder.statements(&block.statements));
        Stmt { kind: StmtKind::Block(statements), span: block.span }
    }

    fn statements(&mut self, statements: &'a [ast::Stmt]) -> Vec<Stmt> {
        let first = self.locals.len();
        for statement in statements {
            match &statement.kind {
                Ast::Function(function) => self.declare_function(function),
                Ast::Labeled { label, .. } => self.declare_label(label),
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

    fn frame(&mut self) -> Option<&mut Frame> {
        self.frames.last_mut()
    }

    /// A statement that stands where a block could: it has a scope of its own.
    fn embedded(&mut self, statement: &'a ast::Stmt) -> Stmt {
        if let Ast::Local(_) | Ast::Function(_) | Ast::Labeled { .. } = &statement.kind {
            self.error("CS1023", "Embedded statement cannot be a declaration or labeled statement", statement.span);
        }
        self.scoped(|binder| binder.statement(statement))
    }

    fn body(&mut self, statement: &'a ast::Stmt) -> Stmt {
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

    fn local(&mut self, local: &'a ast::LocalDeclaration) -> Vec<Stmt> {
        let declared = match &local.ty.kind {
            TypeKind::Var => None,
            _ => Some(self.ty(&local.ty)),
        };
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
        let (ty, value) = match (declared, &one.value) {
            (Some(ty), None) => (ty.clone(), None),
            (Some(ty), Some(value)) => {
                // The name is in scope in its own initializer.
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
            let constant = value.as_ref().and_then(Expr::as_const).cloned();
            self.check_name(&one.name.text, one.name.span);
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

    fn return_statement(&mut self, value: Option<&'a ast::Expr>, span: Span) -> StmtKind {
        let Some(frame) = self.frames.last_mut() else { return StmtKind::Empty };
        frame.has_return = true;
        match (frame.returns.clone(), value) {
            (Returns::Typed(Ty::Void), None) => StmtKind::Return(None),
            (Returns::Typed(Ty::Void), Some(value)) => {
                self.operand(value);
                self.error(
                    "CS8030",
                    "Anonymous function converted to a void returning delegate cannot return a value",
                    span,
                );
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

    fn for_loop(&mut self, source: &'a ast::For) -> StmtKind {
        let init = match &source.init {
            ForInit::Local(local) => self.local(local),
            ForInit::Exprs(exprs) => {
                let effects = exprs
                    .iter()
                    .map(|expr| Stmt { kind: StmtKind::Expr(self.statement_expression(expr)), span: expr.span });
                effects.collect()
            }
        };
        let condition = source.condition.as_ref().map(|condition| self.condition(condition));
        let body = Box::new(self.body(&source.body));
        let step = source.step.iter().map(|step| self.statement_expression(step)).collect();
        StmtKind::For { init, condition, step, body }
    }

    /// A class that says itself how it is enumerated is asked: a `JObject` is a sequence of tokens to those who know it
    /// as a `JToken`, and one of pairs to `foreach`. All others are their interface.
    fn enumerator(&self, sequence: Expr) -> Expr {
        let own =
            self.surface.info_of(&sequence.ty).and_then(|info| info.by_name.get("GetEnumerator")?.first().copied());
        let Some(member) = own else { return sequence };
        let types = self.surface.type_args(&sequence.ty);
        let ty = self.surface.member(member).returns.substitute(types);
        if self.surface.element_type(&ty).is_none() {
            return sequence;
        }
        let (types, span) = (types.into(), sequence.span);
        Expr::new(Kind::Call { member, args: vec![Arg::Value(sequence)], types, created: None }, ty, span)
    }

    fn foreach(&mut self, source: &'a ast::Foreach, span: Span) -> StmtKind {
        let sequence = self.value(&source.source);
        let sequence = self.enumerator(sequence);
        let element = match &sequence.ty {
            Ty::Error => Ty::Error,
            _ if is_null(&sequence) => {
                self.error("CS0186", "Use of null is not valid in this context", sequence.span);
                Ty::Error
            }
            ty => match self.surface.element_type(ty) {
                Some(element) => element,
                None if self
                    .surface
                    .interfaces(ty)
                    .iter()
                    .chain([ty])
                    .any(|known| known.def().is_some_and(|def| def.name == "System.Collections.IEnumerable")) =>
                {
                    Ty::OBJECT
                }
                None => {
                    let text = format!(
                        "foreach statement cannot operate on variables of type '{ty}' because '{ty}' does not contain a public instance or extension definition for 'GetEnumerator'"
                    );
                    self.error("CS1579", text, sequence.span);
                    Ty::Error
                }
            },
        };
        // `MatchCollection` and its like say through their indexer what they hold.
        let item = self.temp(element.clone());
        let value = self.var(item, span);
        let mut statements = Vec::new();
        match &source.variable {
            ForeachVariable::Local { ty, name } => {
                let declared = match &ty.kind {
                    TypeKind::Var => element.clone(),
                    _ => self.ty(ty),
                };
                let converted = if self.implicit_of(&value, &declared).is_some() {
                    self.coerce_value(value, &declared)
                } else if self.explicit(&element, &declared).is_some() {
                    self.cast(Operand::Value(value), &declared, source.keyword)
                } else {
                    self.error(
                        "CS0030",
                        format!("Cannot convert type '{}' to '{}'", qualified(&element), qualified(&declared)),
                        source.keyword,
                    );
                    Expr::error(span)
                };
                let var = self.declare_local(name, declared);
                self.read_only.push((var, "foreach iteration variable"));
                statements.push(Stmt { kind: StmtKind::Local(var, Some(converted)), span: name.span });
            }
            ForeachVariable::Deconstruction(target) => {
                let assigned = self.deconstruct_into(target, value, span);
                statements.push(Stmt { kind: StmtKind::Expr(assigned), span: target.span });
            }
        }
        statements.push(self.body(&source.body));
        let body = Stmt { kind: StmtKind::Block(statements), span };
        StmtKind::Foreach { source: sequence, item, body: Box::new(body) }
    }

    fn switch(&mut self, value: &'a ast::Expr, sections: &'a [ast::SwitchSection]) -> StmtKind {
        let value = self.value(value);
        let ty = value.ty.clone();
        // Constants first, so that `goto case` knows every label.
        let mut info = SwitchInfo { labels: Vec::new(), default: None, ty: ty.clone() };
        for (at, section) in sections.iter().enumerate() {
            for label in &section.labels {
                match &label.kind {
                    ast::SwitchLabelKind::Default => info.default = Some(at),
                    ast::SwitchLabelKind::Case { pattern, .. } => {
                        let trial = self.on_trial(|binder| binder.scoped(|binder| binder.pattern(pattern, &ty)));
                        if let Some((Some(bound), _)) = trial
                            && let Some(constant) = Self::label_constant(&bound)
                        {
                            if info.labels.iter().any(|(known, _)| known == constant) {
                                let text = format!(
                                    "The switch statement contains multiple cases with the label value '{}'",
                                    self.constant_text(constant)
                                );
                                self.error("CS0152", text, label.span);
                            }
                            info.labels.push((constant.clone(), at));
                        }
                    }
                }
            }
        }
        let default = info.default;
        if let Some(frame) = self.frame() {
            frame.switches.push(info);
        }
        let mut out = Vec::new();
        for section in sections {
            let bound = self.scoped(|binder| {
                let mut labels = Vec::new();
                for label in &section.labels {
                    if let ast::SwitchLabelKind::Case { pattern, guard } = &label.kind {
                        let pattern = binder.pattern(pattern, &ty);
                        let guard = guard.as_ref().map(|guard| binder.condition(guard));
                        labels.extend(pattern.map(|pattern| (pattern, guard)));
                    }
                }
                Section { labels, body: binder.statements(&section.statements) }
            });
            out.push(bound);
        }
        if let Some(frame) = self.frame() {
            frame.switches.pop();
        }
        StmtKind::Switch { value, sections: out, default }
    }

    fn goto_case(&mut self, value: &'a ast::Expr, span: Span) -> StmtKind {
        let Some(ty) = self.frames.last().and_then(|frame| frame.switches.last()).map(|info| info.ty.clone()) else {
            self.error("CS0153", "A goto case is only valid inside a switch statement", span);
            return StmtKind::Empty;
        };
        let value = self.value_as(value, &ty);
        let Some(constant) = value.as_const().cloned() else {
            if !value.is_error() {
                self.error("CS0150", "A constant value is expected", span);
            }
            return StmtKind::Empty;
        };
        let info = self.frames.last().and_then(|frame| frame.switches.last());
        match info.and_then(|info| info.labels.iter().find(|(known, _)| *known == constant)).map(|(_, at)| *at) {
            Some(section) => StmtKind::GotoSection(section),
            None => {
                let text = format!(
                    "No such label 'case {}:' within the scope of the goto statement",
                    self.constant_text(&constant)
                );
                self.error("CS0159", text, span);
                StmtKind::Empty
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

    // --- local functions

    fn declare_function(&mut self, source: &'a ast::LocalFunction) {
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

    fn bind_function(&mut self, source: &'a ast::LocalFunction) {
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

    /// Calls a method by name on a value, for what the language rewrites: query clauses.
    pub(super) fn call_named(
        &mut self,
        receiver: Expr,
        name: &'static str,
        args: Vec<Argument<'a>>,
        span: Span,
    ) -> Expr {
        if receiver.is_error() {
            return Expr::error(span);
        }
        let candidates = self
            .members(&receiver.ty, name)
            .into_iter()
            .map(|(id, outer, depth)| self.candidate(id, outer, depth))
            .collect();
        let group = super::MethodGroup {
            name,
            receiver: Some(receiver.clone()),
            owner: None,
            candidates,
            type_args: Vec::new(),
            span,
            name_span: span,
        };
        self.call_methods(&group, Some(receiver), args, Called::Method(name), span)
    }
}

/// Whether it is `null`, cast or not.
fn is_null(expr: &Expr) -> bool {
    match &expr.kind {
        Kind::Const(Const::Null) => true,
        Kind::Convert(crate::ir::Conversion::Same, inner) => is_null(inner),
        _ => false,
    }
}

/// Parameter names of the table are `'static`; those of local functions matter only for named arguments, by position.
fn known_name(name: &str) -> &'static str {
    const LETTERS: [&str; 26] = [
        "a", "b", "c", "d", "e", "f", "g", "h", "i", "j", "k", "l", "m", "n", "o", "p", "q", "r", "s", "t", "u", "v",
        "w", "x", "y", "z",
    ];
    LETTERS.iter().find(|letter| **letter == name).copied().unwrap_or("")
}
