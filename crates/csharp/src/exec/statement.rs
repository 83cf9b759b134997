//! Makes the executable form of statements: a flat list of operations.

use super::{
    code::*,
    lower::{Exits, Lowerer, next},
    spin::Spin,
};
use crate::ir::{BinOp, Catch, Expr, Function, Section, Stmt, StmtKind};

impl Lowerer<'_> {
    pub(super) fn function(mut self, function: &Function) -> Func {
        self.func.iterator = function.iterator.as_ref().map(|_| function.returns.clone());
        for param in &function.params {
            let param = Param { loc: self.loc(param.var), by_ref: param.by_ref };
            self.func.params.push(param);
        }
        self.statement(&function.body);
        self.emit(Op::Return(None));
        self.resolve_gotos();
        self.resolve_labels();
        // A `return` in a `try` is no such thing: its exceptions are handled here.
        let returns = matches!(self.func.ops.first(), Some(Op::Return(Some(_))));
        self.func.is_expression = returns && self.func.regions.is_empty() && self.func.iterator.is_none();
        let only = (self.func.slots, self.func.ints, self.func.cells) == (1, 0, 0);
        let is_param = matches!(self.func.params.as_slice(), [Param { loc: Loc::Slot(0), by_ref: false }]);
        self.func.takes_one = self.func.is_expression && only && is_param;
        self.func
    }

    fn emit(&mut self, op: Op) {
        self.func.ops.push(op);
    }

    fn here(&self) -> usize {
        self.func.ops.len()
    }

    fn label(&mut self) -> usize {
        self.labels.push(None);
        self.labels.len() - 1
    }

    fn set(&mut self, label: usize) {
        let here = self.here();
        if let Some(place) = self.labels.get_mut(label) {
            *place = Some(here);
        }
    }

    fn slot(&mut self) -> usize {
        next(&mut self.func.slots)
    }

    /// Steps of the statements lowered since `before`.
    fn cost_since(&self, before: u64) -> u64 {
        (self.func.cost - before).max(1)
    }

    fn statements(&mut self, statements: &[Stmt]) {
        statements.iter().for_each(|statement| self.statement(statement));
    }

    fn statement(&mut self, statement: &Stmt) {
        if !matches!(statement.kind, StmtKind::Block(_) | StmtKind::Empty | StmtKind::Label(_)) {
            self.func.cost += 1;
            if self.shared.observe {
                self.emit(Op::Statement(statement.span));
            }
        }
        match &statement.kind {
            StmtKind::Empty => {}
            StmtKind::Expr(expr) => {
                let op = self.effect(expr);
                self.emit(op);
            }
            StmtKind::Local(var, value) => {
                let value = value.as_ref().map(|value| self.node(value));
                let value = value.map(|value| self.watch(*var, value));
                let loc = self.loc(*var);
                if value.is_some() || matches!(loc, Loc::Cell(_)) {
                    self.emit(Op::Declare(loc, value));
                }
            }
            StmtKind::RefLocal(var, target) => {
                let (cell, target) = (self.cell(*var), self.cell(*target));
                self.emit(Op::Alias { cell, target });
            }
            StmtKind::Block(statements) => self.statements(statements),
            StmtKind::If(condition, then, otherwise) => {
                let (no, end) = (self.label(), self.label());
                let condition = self.condition(condition);
                self.emit(Op::JumpUnless(condition, no));
                self.statement(then);
                if otherwise.is_some() {
                    self.emit(Op::Jump(end));
                }
                self.set(no);
                if let Some(otherwise) = otherwise {
                    self.statement(otherwise);
                }
                self.set(end);
            }
            StmtKind::While { condition, body, first } => self.while_loop(condition, body, *first),
            StmtKind::For { init, condition, step, body } => {
                self.statements(init);
                self.for_loop(condition.as_ref(), step, body);
            }
            StmtKind::Foreach { source, item, body } => {
                let source = self.enumerated(source);
                let (walk, item) = (next(&mut self.func.walks), self.loc(*item));
                let (top, end) = (self.label(), self.label());
                self.emit(Op::Walk { source, walk });
                self.set(top);
                self.emit(Op::WalkNext { walk, item, end });
                let before = self.func.cost;
                self.body(body, end, top);
                let cost = self.cost_since(before);
                self.emit(Op::Loop { target: top, cost });
                self.set(end);
            }
            StmtKind::Switch { value, sections, default } => self.switch(value, sections, *default),
            StmtKind::Return(value) => self.return_value(value.as_ref()),
            StmtKind::YieldBreak => self.return_value(None),
            StmtKind::Yield(value) => {
                let value = self.node(value);
                self.emit(Op::Yield(value));
            }
            StmtKind::Break => {
                if let Some(exits) = self.exits.last() {
                    let (label, tries) = (exits.on_break, exits.tries);
                    self.leave(tries, label);
                }
            }
            StmtKind::Continue => {
                let found =
                    self.exits.iter().rev().find_map(|exits| exits.on_continue.map(|label| (label, exits.tries)));
                if let Some((label, tries)) = found {
                    self.leave(tries, label);
                }
            }
            StmtKind::Goto(name) => {
                // How many `finally` blocks the jump leaves is known once the label has been seen.
                self.gotos.push((self.here(), self.tries.clone(), *name));
                for _ in 0..=self.tries.len() {
                    self.emit(Op::Nop);
                }
            }
            StmtKind::Label(name) => {
                let label = self.label();
                self.set(label);
                self.named.insert(*name, (label, self.tries.clone()));
            }
            StmtKind::GotoSection(section) => {
                let found = self.switches.last().and_then(|(labels, tries)| Some((*labels.get(*section)?, *tries)));
                if let Some((label, tries)) = found {
                    self.leave_backwards(tries, label);
                }
            }
            StmtKind::Throw(value) => {
                let value = self.node(value);
                self.emit(Op::Throw(value));
            }
            StmtKind::Rethrow => {
                if let Some(slot) = self.caught.last() {
                    self.emit(Op::Rethrow(*slot));
                }
            }
            StmtKind::Try { body, catches, finally } => self.try_statement(body, catches, finally.as_deref()),
        }
    }

    /// Runs the `finally` blocks inside of the outer `tries` and jumps.
    fn leave(&mut self, tries: usize, label: usize) {
        self.call_finallys(tries);
        self.emit(Op::Jump(label));
    }

    /// The same for a jump that may go back: it takes a step, so that no program runs for ever.
    fn leave_backwards(&mut self, tries: usize, label: usize) {
        self.call_finallys(tries);
        self.emit(Op::Loop { target: label, cost: 1 });
    }

    fn call_finallys(&mut self, tries: usize) {
        let inner: Vec<_> = self.tries.iter().skip(tries).rev().copied().collect();
        inner.into_iter().for_each(|finally| self.emit(Op::CallFinally(finally)));
    }

    fn return_value(&mut self, value: Option<&Expr>) {
        let value = value.map(|value| self.node(value));
        if self.tries.is_empty() {
            return self.emit(Op::Return(value));
        }
        if let Some(value) = value {
            self.emit(Op::Result(value));
        }
        self.call_finallys(0);
        self.emit(Op::End);
    }

    fn body(&mut self, body: &Stmt, on_break: usize, on_continue: usize) {
        self.exits.push(Exits { on_break, on_continue: Some(on_continue), tries: self.tries.len() });
        self.statement(body);
        self.exits.pop();
    }

    fn while_loop(&mut self, condition: &Expr, body: &Stmt, first: bool) {
        let (top, test, end) = (self.label(), self.label(), self.label());
        if !first {
            self.emit(Op::Jump(test));
        }
        let before = self.func.cost;
        self.set(top);
        self.body(body, end, test);
        self.set(test);
        let condition = self.condition(condition);
        let cost = self.cost_since(before);
        self.emit(Op::LoopIf { condition, target: top, cost });
        self.set(end);
    }

    fn for_loop(&mut self, condition: Option<&Expr>, step: &[Expr], body: &Stmt) {
        let (top, next, test, end) = (self.label(), self.label(), self.label(), self.label());
        if condition.is_some() {
            self.emit(Op::Jump(test));
        }
        let before = self.func.cost;
        let start = self.here();
        self.set(top);
        self.body(body, end, next);
        self.set(next);
        let steps: Vec<_> = step.iter().map(|step| self.effect(step)).collect();
        let condition = condition.map(|condition| self.condition(condition));
        let cost = self.cost_since(before);
        if let Some((slot, by, limit)) = counts(&steps, condition.as_ref()) {
            match Spin::of(self.func.ops.get(start..).unwrap_or_default(), slot, by, &limit, cost) {
                Some(spin) => {
                    self.func.ops.truncate(start);
                    self.emit(Op::Spin(Box::new(spin)));
                }
                None => self.emit(Op::Count { slot, by, limit, target: top, cost }),
            }
            let over = self.label();
            self.emit(Op::Jump(over));
            // The first test comes without a step before it.
            self.set(test);
            if let Some(condition) = condition {
                self.emit(Op::JumpIf(condition, top));
            }
            self.set(over);
        } else {
            steps.into_iter().for_each(|step| self.emit(step));
            self.set(test);
            self.emit(match condition {
                Some(condition) => Op::LoopIf { condition, target: top, cost },
                None => Op::Loop { target: top, cost },
            });
        }
        self.set(end);
    }

    fn switch(&mut self, value: &Expr, sections: &[Section], default: Option<usize>) {
        let value = self.node(value);
        let (slot, end) = (self.slot(), self.label());
        self.emit(Op::Declare(Loc::Slot(slot), Some(value)));
        let labels: Vec<_> = sections.iter().map(|_| self.label()).collect();
        for (section, target) in sections.iter().zip(&labels) {
            for (pattern, guard) in &section.labels {
                let test = self.test(pattern);
                let guard = guard.as_ref().map(|guard| self.condition(guard));
                self.emit(Op::Match(Box::new(MatchOp { slot, test, guard, target: *target })));
            }
        }
        self.emit(Op::Jump(default.and_then(|at| labels.get(at).copied()).unwrap_or(end)));
        self.exits.push(Exits { on_break: end, on_continue: None, tries: self.tries.len() });
        self.switches.push((labels.clone(), self.tries.len()));
        for (section, label) in sections.iter().zip(labels) {
            self.set(label);
            self.statements(&section.body);
            self.emit(Op::Jump(end)); // sections end in a jump of their own
        }
        self.switches.pop();
        self.exits.pop();
        self.set(end);
    }

    fn try_statement(&mut self, body: &Stmt, catches: &[Catch], finally: Option<&Stmt>) {
        let (after, end) = (self.label(), self.label());
        let finally_id = finally.map(|_| {
            self.func.finallys.push(0);
            self.func.finallys.len() - 1
        });
        self.tries.extend(finally_id);
        let start = self.here();
        self.statement(body);
        let body_end = self.here();
        self.emit(Op::Jump(after));
        let mut clauses = Vec::new();
        for catch in catches {
            let (slot, var) = (self.slot(), catch.var.map(|var| self.loc(var)));
            let filter = catch.filter.as_ref().map(|filter| self.condition(filter));
            clauses.push(Clause { ty: catch.ty.clone(), slot, var, filter, target: self.here() });
            self.caught.push(slot);
            self.statement(&catch.body);
            self.caught.pop();
            self.emit(Op::Jump(after));
        }
        if !catches.is_empty() {
            let handler = Handler::Catch(clauses);
            self.func.regions.push(Region { start, end: body_end, depth: self.depth, handler });
        }
        let protected = self.here();
        self.set(after);
        if let (Some(id), Some(finally)) = (finally_id, finally) {
            self.tries.pop();
            self.emit(Op::CallFinally(id));
            self.emit(Op::Jump(end));
            let handler = Handler::Finally(self.here());
            if let Some(place) = self.func.finallys.get_mut(id) {
                *place = self.func.ops.len();
            }
            let depth = self.depth;
            self.depth += 1;
            // A jump inside a `finally` never leaves it.
            let tries = std::mem::take(&mut self.tries);
            self.statement(finally);
            self.tries = tries;
            self.depth -= 1;
            self.emit(Op::EndFinally);
            self.func.regions.push(Region { start, end: protected, depth, handler });
        }
        self.set(end);
    }

    fn resolve_gotos(&mut self) {
        for (at, tries, name) in std::mem::take(&mut self.gotos) {
            let Some((label, outer)) = self.named.get(&name).cloned() else { continue };
            let left = tries.iter().skip(outer.len()).rev().map(|finally| Op::CallFinally(*finally));
            let ops = left.chain([Op::Loop { target: label, cost: 1 }]);
            for (place, op) in self.func.ops.iter_mut().skip(at).zip(ops) {
                *place = op;
            }
        }
    }

    fn resolve_labels(&mut self) {
        let end = self.here().saturating_sub(1);
        let place = |label: &mut usize| *label = self.labels.get(*label).copied().flatten().unwrap_or(end);
        for op in &mut self.func.ops {
            match op {
                Op::Jump(target)
                | Op::Loop { target, .. }
                | Op::JumpIf(_, target)
                | Op::JumpUnless(_, target)
                | Op::LoopIf { target, .. }
                | Op::Count { target, .. }
                | Op::WalkNext { end: target, .. } => place(target),
                Op::Match(matching) => place(&mut matching.target),
                _ => {}
            }
        }
    }
}

/// `i++` or `i += 2`, and `i < limit` where the limit is cheap to compute.
fn counts(steps: &[Op], condition: Option<&BoolNode>) -> Option<(usize, i32, IntNode)> {
    let (slot, by) = match steps {
        [Op::IntEffect(IntNode::AddTo(slot, by))] => match **by {
            IntNode::Const(by) => (*slot, by),
            _ => return None,
        },
        _ => return None,
    };
    let Some(BoolNode::CompareInt(BinOp::Lt, pair)) = condition else { return None };
    match &**pair {
        (IntNode::Local(tested), IntNode::Const(limit)) if *tested == slot => Some((slot, by, IntNode::Const(*limit))),
        (IntNode::Local(tested), IntNode::Local(limit)) if *tested == slot => Some((slot, by, IntNode::Local(*limit))),
        _ => None,
    }
}
