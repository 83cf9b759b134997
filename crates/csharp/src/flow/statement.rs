//! The flow through statements.

use base::{Diagnostic, Span};

use super::state::{Slot, State};
use super::{Effect, Flow, Meaning, Method, Need};
use crate::ast::{
    Block, Expr, For, ForInit, Foreach, ForeachVariable, LocalDeclaration, LocalFunction, Passing, Predefined, Stmt,
    StmtKind, SwitchLabelKind, SwitchSection, Try, TypeKind, UsingResource,
};

impl Flow<'_> {
    pub(super) fn block(&mut self, block: &Block) {
        self.scope(|flow| flow.statements(&block.statements));
    }

    /// Statements of one scope. Its locals and functions are known in all of it.
    fn statements(&mut self, statements: &[Stmt]) {
        let mut locals = Vec::new();
        for statement in statements {
            if let StmtKind::Local(declaration) = &unlabeled(statement).kind {
                for local in &declaration.locals {
                    locals.push(self.declare(&local.name));
                }
            }
        }
        let functions: Vec<_> = statements
            .iter()
            .filter_map(|statement| match &unlabeled(statement).kind {
                StmtKind::Function(function) => Some(&**function),
                _ => None,
            })
            .collect();
        let first = self.effects.len();
        for (index, function) in functions.iter().enumerate() {
            self.effects.push(Effect::default());
            self.names.push((function.name.text.clone(), Meaning::Function(first + index)));
        }
        // Functions may call each other: a first walk learns what they do, the second reports. Within a first walk one
        // is enough, lest nesting doubles the work at each level.
        if self.muted == 0 {
            self.muted = 1;
            for (index, function) in functions.iter().enumerate() {
                self.local_function(function, first + index);
            }
            self.muted = 0;
        }
        for (index, function) in functions.iter().enumerate() {
            self.local_function(function, first + index);
        }
        for statement in statements {
            self.statement(statement);
        }
    }

    fn statement(&mut self, statement: &Stmt) {
        let silent = matches!(
            statement.kind,
            StmtKind::Block(_) | StmtKind::Empty | StmtKind::Function(_) | StmtKind::Labeled { .. }
        );
        if self.state.is_reachable() {
            self.reported_unreachable = false;
        } else if !silent && !self.reported_unreachable {
            self.reported_unreachable = true;
            let first_word = Span::new(statement.span.start, (statement.span.start + 1).min(statement.span.end));
            self.report(Diagnostic::warning("CS0162", "Unreachable code detected", first_word));
        }
        match &statement.kind {
            StmtKind::Error | StmtKind::Empty | StmtKind::Function(_) => {}
            StmtKind::Block(block) | StmtKind::Checked(block) | StmtKind::Unchecked(block) => self.block(block),
            StmtKind::Local(declaration) => self.locals(declaration),
            StmtKind::Expr(value) => self.expr(value),
            StmtKind::If { condition, then, otherwise } => {
                let (held, failed) = self.condition(condition);
                self.state = held;
                self.embedded(then);
                let end = std::mem::replace(&mut self.state, failed);
                if let Some(otherwise) = otherwise {
                    self.embedded(otherwise);
                }
                self.state.join(&end);
            }
            StmtKind::While { condition, body } => {
                let names = self.names.len();
                let (held, failed) = self.condition(condition);
                self.state = held;
                self.looped(body);
                self.names.truncate(names);
                self.end_loop(failed);
            }
            StmtKind::Do { body, condition } => {
                self.looped(body);
                let (_, failed) = self.scope(|flow| flow.condition(condition));
                self.end_loop(failed);
            }
            StmtKind::For(statement) => self.scope(|flow| flow.for_loop(statement)),
            StmtKind::Foreach(statement) => self.scope(|flow| flow.foreach(statement)),
            StmtKind::Switch { value, sections } => self.switch(value, sections),
            StmtKind::Break => self.jump(|frame| frame.breaks.last_mut()),
            StmtKind::Continue => self.jump(|frame| frame.continues.last_mut()),
            StmtKind::Goto(label) => self.goto(&label.text),
            StmtKind::GotoCase(value) => {
                self.expr(value);
                self.state = State::unreachable();
            }
            StmtKind::GotoDefault => self.state = State::unreachable(),
            StmtKind::Return(value) => {
                if let Some(value) = value {
                    self.expr(value);
                    if let Some(frame) = self.frame() {
                        frame.gives_value = true;
                    }
                }
                self.leave(statement.span);
                self.state = State::unreachable();
            }
            StmtKind::Throw(value) => {
                if let Some(value) = value {
                    self.expr(value);
                }
                self.state = State::unreachable();
            }
            StmtKind::Try(statement) => self.try_statement(statement),
            StmtKind::Using { resource, body } => self.scope(|flow| {
                match resource {
                    UsingResource::Local(declaration) => flow.declared(declaration),
                    UsingResource::Expr(value) => flow.expr(value),
                }
                flow.embedded(body);
            }),
            StmtKind::Lock { target, body } => {
                self.expr(target);
                self.embedded(body);
            }
            StmtKind::Labeled { label, body } => {
                let brought = self.frame().and_then(|frame| {
                    frame.passed.push(label.text.clone());
                    frame.labels.get(&label.text).cloned()
                });
                if let Some(brought) = brought {
                    self.state.join(&brought);
                }
                self.statement(body);
            }
            StmtKind::YieldReturn(value) => {
                self.yields();
                self.expr(value);
            }
            StmtKind::YieldBreak => {
                self.yields();
                self.state = State::unreachable();
            }
        }
    }

    fn embedded(&mut self, statement: &Stmt) {
        self.scope(|flow| flow.statements(std::slice::from_ref(statement)));
    }

    /// The locals of a statement whose scope knows them already.
    fn locals(&mut self, declaration: &LocalDeclaration) {
        for local in &declaration.locals {
            let slot = self.slot(&local.name.text);
            if let Some(slot) = slot {
                self.state.unassign(slot);
            }
            if let Some(value) = &local.value {
                self.expr(value);
            }
            // `var x;` has no type, which is said once (CS0818) and not again at each use.
            let untyped = matches!(declaration.ty.kind, TypeKind::Var);
            if let Some(slot) = slot.filter(|_| untyped || local.value.is_some()) {
                self.state.assign(slot);
            }
        }
    }

    /// The locals of `for` and `using`.
    fn declared(&mut self, declaration: &LocalDeclaration) {
        for local in &declaration.locals {
            self.declare(&local.name);
        }
        self.locals(declaration);
    }

    // Loops. Nothing is ever unassigned on the way round, so the state at the head is the one before the loop.

    /// The body, with places for `break` and `continue`; ends where the next round begins.
    fn looped(&mut self, body: &Stmt) {
        if let Some(frame) = self.frame() {
            frame.breaks.push(State::unreachable());
            frame.continues.push(State::unreachable());
        }
        self.embedded(body);
        if let Some(continued) = self.frame().and_then(|frame| frame.continues.pop()) {
            self.state.join(&continued);
        }
    }

    /// Behind a loop whose condition failed, or that was broken off.
    fn end_loop(&mut self, failed: State) {
        self.state = failed;
        if let Some(broken) = self.frame().and_then(|frame| frame.breaks.pop()) {
            self.state.join(&broken);
        }
    }

    fn for_loop(&mut self, statement: &For) {
        match &statement.init {
            ForInit::Local(declaration) => self.declared(declaration),
            ForInit::Exprs(all) => all.iter().for_each(|value| self.expr(value)),
        }
        let (held, failed) = match &statement.condition {
            Some(condition) => self.condition(condition),
            None => (self.state.clone(), State::unreachable()),
        };
        self.state = held;
        self.looped(&statement.body);
        statement.step.iter().for_each(|step| self.expr(step));
        self.end_loop(failed);
    }

    fn foreach(&mut self, statement: &Foreach) {
        self.expr(&statement.source);
        let done = self.state.clone();
        match &statement.variable {
            ForeachVariable::Local { name, .. } => {
                self.declare_assigned(name);
            }
            ForeachVariable::Deconstruction(value) => {
                let first = self.variables.len();
                self.expr(value);
                (first..self.variables.len()).for_each(|index| self.state.assign(Slot(index)));
            }
        }
        self.looped(&statement.body);
        self.end_loop(done);
    }

    // Jumps.

    fn jump(&mut self, target: impl FnOnce(&mut super::Frame) -> Option<&mut State>) {
        let state = std::mem::replace(&mut self.state, State::unreachable());
        if let Some(target) = self.frame().and_then(target) {
            target.join(&state);
        }
    }

    fn goto(&mut self, label: &str) {
        let state = std::mem::replace(&mut self.state, State::unreachable());
        let Some(frame) = self.frame() else { return };
        let known = frame.labels.entry(label.into()).or_insert_with(State::unreachable);
        let mut joined = known.clone();
        joined.join(&state);
        if joined != *known {
            *known = joined;
            frame.labels_changed |= frame.passed.iter().any(|passed| **passed == *label);
        }
    }

    fn yields(&mut self) {
        if let Some(frame) = self.frame() {
            frame.yields = true;
        }
    }

    // Statements with parts of their own.

    fn switch(&mut self, value: &Expr, sections: &[SwitchSection]) {
        self.expr(value);
        let head = self.state.clone();
        if let Some(frame) = self.frame() {
            frame.breaks.push(State::unreachable());
        }
        let mut has_default = false;
        for (index, section) in sections.iter().enumerate() {
            self.state = head.clone();
            self.scope(|flow| {
                has_default |= flow.labels(section);
                flow.statements(&section.statements);
            });
            if self.state.is_reachable() {
                self.falls_out(section, index + 1 == sections.len());
                self.jump(|frame| frame.breaks.last_mut());
            }
        }
        self.state = if has_default { State::unreachable() } else { head };
        if let Some(broken) = self.frame().and_then(|frame| frame.breaks.pop()) {
            self.state.join(&broken);
        }
    }

    /// The labels of a section; true if one of them takes every value.
    fn labels(&mut self, section: &SwitchSection) -> bool {
        let head = self.state.clone();
        let mut entered = State::unreachable();
        let mut has_default = false;
        for label in &section.labels {
            self.state = head.clone();
            match &label.kind {
                SwitchLabelKind::Default => has_default = true,
                SwitchLabelKind::Case { pattern, guard } => {
                    let (matched, _) = self.pattern(pattern);
                    self.state = matched;
                    if let Some(guard) = guard {
                        let (held, _) = self.condition(guard);
                        self.state = held;
                    }
                }
            }
            entered.join(&self.state);
        }
        self.state = entered;
        has_default
    }

    fn falls_out(&mut self, section: &SwitchSection, last: bool) {
        let Some(label) = section.labels.last() else { return };
        let text = label.span.of(self.source);
        let (code, message) = if last {
            ("CS8070", format!("Control cannot fall out of switch from final case label ('{text}')"))
        } else {
            ("CS0163", format!("Control cannot fall through from one case label ('{text}') to another"))
        };
        self.error(code, message, label.span);
    }

    /// An exception may come at any point of the body, so handlers start with what was assigned before it.
    fn try_statement(&mut self, statement: &Try) {
        let before = self.state.clone();
        let jumps = self.frame().map(|frame| frame.take_jumps());
        self.block(&statement.body);
        let mut end = std::mem::replace(&mut self.state, State::unreachable());
        for catch in &statement.catches {
            self.state = before.clone();
            self.scope(|flow| {
                if let Some(name) = &catch.name {
                    flow.declare_assigned(name);
                }
                if let Some(filter) = &catch.filter {
                    let (held, _) = flow.condition(filter);
                    flow.state = held;
                }
                flow.block(&catch.body);
            });
            end.join(&self.state);
        }
        if let Some(finally) = &statement.finally {
            self.state = before;
            self.block(finally);
            // Whatever leaves the statement passes through here.
            end.pass_through(&self.state);
            let through = self.state.clone();
            if let Some(frame) = self.frame() {
                frame.pass_jumps_through(&through);
            }
        }
        if let (Some(frame), Some(jumps)) = (self.frame(), jumps) {
            frame.give_back(jumps);
        }
        self.state = end;
    }

    /// Learns what a local function does, and reports on its inside.
    fn local_function(&mut self, function: &LocalFunction, index: usize) {
        let is_void = matches!(function.result.kind, TypeKind::Predefined(Predefined::Void));
        let needs_value = if is_void || function.is_async { Need::Nothing } else { Need::Value };
        let name = format!("{}({})", function.name.text, self.parameter_types(function));
        let method = Method { needs_value, name: &name, at: function.name.span };
        let around = self.variables.len();
        let mut effect = Effect::default();
        let outer_state = std::mem::replace(&mut self.state, State::start());
        // The frame of the function hands its reads to this one.
        let mut collecting = super::Frame::new();
        collecting.reads = Some(Vec::new());
        self.frames.push(collecting);
        let returned = std::cell::RefCell::new(State::unreachable());
        self.function(&method, |flow| {
            for param in &function.params {
                let slot = flow.declare_assigned(&param.name);
                if param.passing == Passing::Out {
                    flow.out_parameter(slot);
                }
                if let Some(default) = &param.default {
                    flow.expr(default);
                }
            }
            flow.body(&function.body);
            if let Some(frame) = flow.frame() {
                returned.replace(frame.returned.clone());
            }
        });
        if let Some(collecting) = self.frames.pop() {
            effect.reads = collecting.reads.unwrap_or_default();
        }
        self.state = outer_state;
        effect.reads.retain(|slot| slot.0 < around);
        let returned = returned.into_inner();
        // One that never returns assigns everything; so it is not said to.
        if returned.is_reachable() {
            effect.writes = (0..around).map(Slot).filter(|slot| returned.is_assigned(*slot)).collect();
        }
        if let Some(known) = self.effects.get_mut(index) {
            *known = effect;
        }
    }

    fn parameter_types(&self, function: &LocalFunction) -> String {
        let types: Vec<_> = function.params.iter().map(|param| param.ty.span.of(self.source)).collect();
        types.join(", ")
    }
}

impl super::Frame {
    /// Puts the jumps so far aside, so that those of a `try` stand alone.
    fn take_jumps(&mut self) -> Jumps {
        let fresh = |states: &mut Vec<State>| {
            let empty = vec![State::unreachable(); states.len()];
            std::mem::replace(states, empty)
        };
        Jumps {
            breaks: fresh(&mut self.breaks),
            continues: fresh(&mut self.continues),
            returned: std::mem::replace(&mut self.returned, State::unreachable()),
        }
    }

    fn pass_jumps_through(&mut self, through: &State) {
        let returned = std::iter::once(&mut self.returned);
        self.breaks.iter_mut().chain(&mut self.continues).chain(returned).for_each(|state| state.pass_through(through));
    }

    fn give_back(&mut self, jumps: Jumps) {
        let join = |states: &mut Vec<State>, before: &[State]| {
            states.iter_mut().zip(before).for_each(|(state, before)| state.join(before));
        };
        join(&mut self.breaks, &jumps.breaks);
        join(&mut self.continues, &jumps.continues);
        self.returned.join(&jumps.returned);
    }
}

/// Jumps out of a statement, by where they go.
struct Jumps {
    breaks: Vec<State>,
    continues: Vec<State>,
    returned: State,
}

fn unlabeled(statement: &Stmt) -> &Stmt {
    let mut statement = statement;
    while let StmtKind::Labeled { body, .. } = &statement.kind {
        statement = body;
    }
    statement
}
