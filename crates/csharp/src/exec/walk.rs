//! Walks the IR of one function and reports what it uses, and whether every run reaches it.

use crate::{
    ir::{Arg, Expr, FnId, Kind, Part, Pattern, Place, Stmt, StmtKind, VarId},
    surface::MemberId,
};

/// Something that a piece of IR uses.
pub(crate) enum Use {
    /// A variable: declared, read or written.
    Var(VarId),
    /// Two variables that are one: a `ref` local and what it stands for.
    Alias(VarId, VarId),
    /// A lambda or a local function that becomes a delegate.
    Lambda(FnId),
    /// A local function that is called.
    Called(FnId),
    /// A member of the table.
    Member(MemberId),
    /// A member or an element that is written.
    Change,
    /// A way back: what follows may run again.
    Loop,
}

/// Calls `sink` for everything in `statement`, with whether only some runs reach it.
pub(crate) fn uses(statement: &Stmt, sink: &mut dyn FnMut(Use, bool)) {
    Walker { sink, branch: false, ended: false }.statement(statement);
}

struct Walker<'s> {
    sink: &'s mut dyn FnMut(Use, bool),
    /// Inside something that may be left out.
    branch: bool,
    /// A jump was met: what follows may be left out.
    ended: bool,
}

impl Walker<'_> {
    fn report(&mut self, what: Use) {
        (self.sink)(what, self.branch);
    }

    fn optional(&mut self, walk: impl FnOnce(&mut Self)) {
        let outer = std::mem::replace(&mut self.branch, true);
        walk(self);
        self.branch = outer || self.ended;
    }

    fn var(&mut self, var: VarId) {
        self.report(Use::Var(var));
    }

    fn exprs<'e>(&mut self, exprs: impl IntoIterator<Item = &'e Expr>) {
        exprs.into_iter().for_each(|expr| self.expr(expr));
    }

    fn args(&mut self, args: &[Arg]) {
        for arg in args {
            match arg {
                Arg::Value(value) => self.expr(value),
                Arg::Place(place, input) => {
                    self.target(place);
                    self.exprs(input.as_deref());
                }
            }
        }
    }

    /// A place that is written.
    fn target(&mut self, place: &Place) {
        let mut inner = place;
        while let Place::TupleItem(outer, _) = inner {
            inner = outer;
        }
        if matches!(inner, Place::Member { .. } | Place::Element(..)) {
            self.report(Use::Change);
        }
        self.place(place);
    }

    fn place(&mut self, place: &Place) {
        match place {
            Place::Var(var) => self.var(*var),
            Place::Member { member, args, .. } => {
                self.exprs(args);
                self.report(Use::Member(*member));
            }
            Place::Element(array, indices) => {
                self.expr(array);
                self.exprs(indices);
            }
            Place::TupleItem(inner, _) => self.place(inner),
            Place::Discard => {}
        }
    }

    fn pattern(&mut self, pattern: &Pattern) {
        if let Pattern::Type(_, Some(var)) | Pattern::Any(Some(var)) = pattern {
            self.var(*var);
        }
    }

    fn expr(&mut self, expr: &Expr) {
        match &expr.kind {
            Kind::Error | Kind::Const(_) | Kind::Default | Kind::TypeOf(..) => {}
            Kind::Var(var) => self.var(*var),
            Kind::Assign(place, value) => {
                self.target(place);
                self.expr(value);
            }
            Kind::Update { place, old, new, .. } => {
                self.target(place);
                self.var(*old);
                self.expr(new);
            }
            Kind::Let { var, value, body } => {
                self.expr(value);
                self.var(*var);
                self.expr(body);
            }
            Kind::Call { member, args, .. } => {
                self.args(args);
                self.report(Use::Member(*member));
            }
            Kind::CallFunction { function, args } => {
                self.args(args);
                self.report(Use::Called(*function));
            }
            Kind::Invoke { delegate, args } => {
                self.expr(delegate);
                self.args(args);
            }
            Kind::Lambda(function) => self.report(Use::Lambda(*function)),
            Kind::Then(left, right)
            | Kind::Binary { left, right, .. }
            | Kind::Equal { left, right, .. }
            | Kind::Same { left, right, .. }
            | Kind::ThreeValued { left, right, .. } => {
                self.expr(left);
                self.expr(right);
            }
            Kind::And(left, right) | Kind::Or(left, right) => {
                self.expr(left);
                self.optional(|walker| walker.expr(right));
            }
            Kind::Negate { operand, .. }
            | Kind::Complement { operand, .. }
            | Kind::Not(operand)
            | Kind::Convert(_, operand)
            | Kind::IsType(operand, _)
            | Kind::As(operand, _)
            | Kind::ArrayLength(operand)
            | Kind::Field(operand, _)
            | Kind::Throw(operand) => self.expr(operand),
            Kind::Lifted { operands, body, .. } => {
                for (var, operand) in operands {
                    self.expr(operand);
                    self.var(*var);
                }
                self.optional(|walker| walker.expr(body));
            }
            Kind::Concat(items) | Kind::Tuple(_, items) | Kind::Anonymous(_, items) => self.exprs(items),
            Kind::ArrayOf { items, .. } => self.exprs(items),
            Kind::NewArray { lengths, .. } => self.exprs(lengths),
            Kind::Interpolate(parts) => {
                for part in parts {
                    if let Part::Hole { value, .. } = part {
                        self.expr(value);
                    }
                }
            }
            Kind::IsPattern(value, pattern) => {
                self.expr(value);
                self.pattern(pattern);
            }
            Kind::Conditional(condition, then, otherwise) => {
                self.expr(condition);
                self.optional(|walker| {
                    walker.expr(then);
                    walker.expr(otherwise);
                });
            }
            Kind::Coalesce(left, var, present, absent) => {
                self.expr(left);
                self.var(*var);
                self.optional(|walker| {
                    walker.expr(present);
                    walker.expr(absent);
                });
            }
            Kind::NullConditional { target, var, access } => {
                self.expr(target);
                self.var(*var);
                self.optional(|walker| walker.expr(access));
            }
            Kind::Element(array, indices) => {
                self.expr(array);
                self.exprs(indices);
            }
        }
    }

    fn statements(&mut self, statements: &[Stmt]) {
        statements.iter().for_each(|statement| self.statement(statement));
    }

    fn statement(&mut self, statement: &Stmt) {
        match &statement.kind {
            StmtKind::Empty | StmtKind::Label(_) => {}
            StmtKind::Goto(_) | StmtKind::GotoSection(_) => {
                self.report(Use::Loop);
                self.end();
            }
            StmtKind::Break | StmtKind::Continue | StmtKind::Rethrow | StmtKind::YieldBreak => self.end(),
            StmtKind::Expr(expr) | StmtKind::Yield(expr) => self.expr(expr),
            StmtKind::Local(var, value) => {
                self.exprs(value);
                self.var(*var);
            }
            StmtKind::RefLocal(var, target) => {
                self.var(*var);
                self.var(*target);
                self.report(Use::Alias(*var, *target));
            }
            StmtKind::Block(statements) => self.statements(statements),
            StmtKind::If(condition, then, otherwise) => {
                self.expr(condition);
                self.optional(|walker| {
                    walker.statement(then);
                    if let Some(otherwise) = otherwise {
                        walker.statement(otherwise);
                    }
                });
            }
            StmtKind::While { condition, body, first } => {
                self.report(Use::Loop);
                if *first {
                    self.statement(body);
                    self.expr(condition);
                } else {
                    self.expr(condition);
                    self.optional(|walker| walker.statement(body));
                }
            }
            StmtKind::For { init, condition, step, body } => {
                self.report(Use::Loop);
                self.statements(init);
                self.exprs(condition);
                self.optional(|walker| {
                    walker.statement(body);
                    walker.exprs(step);
                });
            }
            StmtKind::Foreach { source, item, body } => {
                self.report(Use::Loop);
                self.expr(source);
                self.var(*item);
                self.optional(|walker| walker.statement(body));
            }
            StmtKind::Switch { value, sections, .. } => {
                self.expr(value);
                self.optional(|walker| {
                    for section in sections {
                        for (pattern, guard) in &section.labels {
                            walker.pattern(pattern);
                            walker.exprs(guard);
                        }
                        walker.statements(&section.body);
                    }
                });
            }
            StmtKind::Return(value) => {
                self.exprs(value);
                self.end();
            }
            StmtKind::Throw(value) => {
                self.expr(value);
                self.end();
            }
            StmtKind::Try { body, catches, finally } => {
                self.statement(body);
                self.optional(|walker| {
                    for catch in catches {
                        if let Some(var) = catch.var {
                            walker.var(var);
                        }
                        walker.exprs(&catch.filter);
                        walker.statement(&catch.body);
                    }
                });
                if let Some(finally) = finally {
                    self.statement(finally);
                }
            }
        }
    }

    /// A jump away: what follows here does not run.
    fn end(&mut self) {
        self.ended = true;
        self.branch = true;
    }
}
