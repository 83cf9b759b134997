//! Statements as closures.

use std::rc::Rc;

use super::{Action, Flow, Frame, Loc, Lower, Node, expression::Matcher, number::BoolNode};
use crate::{
    call::{Cx, Raise, Result},
    exception::{self, Exception},
    ir::{Catch, Expr, Section, Stmt, StmtKind},
    ty::Ty,
    value::Value,
};

/// What `throw value` raises.
pub(super) fn thrown(value: &Value) -> Raise {
    match value {
        Value::Object(object) => match Rc::downcast::<Exception>(object.clone() as Rc<dyn std::any::Any>) {
            Ok(exception) => Raise::Exception(exception),
            Err(_) => exception::null_reference(),
        },
        _ => exception::null_reference(),
    }
}

impl Lower<'_> {
    pub(super) fn statement(&self, statement: &Stmt) -> Action {
        let span = statement.span;
        let action = self.bare(statement);
        if matches!(statement.kind, StmtKind::Block(_) | StmtKind::Empty | StmtKind::Label(_)) {
            return action;
        }
        Box::new(move |frame, cx| {
            cx.meter.step()?;
            if let Some(observer) = &mut cx.observer {
                observer.statement(span);
            }
            action(frame, cx)
        })
    }

    fn bare(&self, statement: &Stmt) -> Action {
        match &statement.kind {
            StmtKind::Empty | StmtKind::Label(_) => Box::new(|_, _| Ok(Flow::Next)),
            StmtKind::Expr(expr) => {
                let node = self.expression(expr);
                Box::new(move |frame, cx| node(frame, cx).map(|_| Flow::Next))
            }
            StmtKind::Local(var, value) => {
                let (loc, name) = (self.loc(*var), self.watched(*var));
                let value = value.as_ref().map(|value| self.expression(value));
                Box::new(move |frame, cx| {
                    let value = match &value {
                        Some(value) => value(frame, cx)?,
                        None => Value::Null,
                    };
                    if let (Some(observer), Some(name)) = (&mut cx.observer, &name) {
                        observer.local(name, &value);
                    }
                    frame.declare(loc, value);
                    Ok(Flow::Next)
                })
            }
            StmtKind::RefLocal(var, target) => {
                let (to, from) = (self.loc(*var), self.loc(*target));
                Box::new(move |frame, _| {
                    if let (Loc::Cell(to), Loc::Cell(from)) = (to, from)
                        && let Some(cell) = frame.cells.get(from).cloned()
                        && let Some(place) = frame.cells.get_mut(to)
                    {
                        *place = cell;
                    }
                    Ok(Flow::Next)
                })
            }
            StmtKind::Block(statements) => self.block(statements),
            StmtKind::If(test, then, otherwise) => {
                let (test, then) = (self.test(test), self.statement(then));
                let otherwise = otherwise.as_ref().map(|other| self.statement(other));
                Box::new(move |frame, cx| match (test(frame, cx)?, &otherwise) {
                    (true, _) => then(frame, cx),
                    (false, Some(otherwise)) => otherwise(frame, cx),
                    (false, None) => Ok(Flow::Next),
                })
            }
            StmtKind::While { condition, body, first } => {
                let (test, body, runs_first) = (self.test(condition), self.statement(body), *first);
                Box::new(move |frame, cx| {
                    let mut first = runs_first;
                    while first || test(frame, cx)? {
                        first = false;
                        cx.meter.step()?;
                        match body(frame, cx)? {
                            Flow::Next | Flow::Continue => {}
                            Flow::Break => break,
                            out => return Ok(out),
                        }
                    }
                    Ok(Flow::Next)
                })
            }
            StmtKind::For { init, condition, step, body } => {
                let init: Vec<Action> = init.iter().map(|init| self.statement(init)).collect();
                let test: Option<BoolNode> = condition.as_ref().map(|condition| self.test(condition));
                let step: Vec<Node> = step.iter().map(|step| self.expression(step)).collect();
                let body = self.statement(body);
                Box::new(move |frame, cx| {
                    for init in &init {
                        init(frame, cx)?;
                    }
                    loop {
                        if let Some(test) = &test
                            && !test(frame, cx)?
                        {
                            return Ok(Flow::Next);
                        }
                        cx.meter.step()?;
                        match body(frame, cx)? {
                            Flow::Next | Flow::Continue => {}
                            Flow::Break => return Ok(Flow::Next),
                            out => return Ok(out),
                        }
                        for step in &step {
                            step(frame, cx)?;
                        }
                    }
                })
            }
            StmtKind::Foreach { source, item, body } => {
                let (source, loc, body) = (self.expression(source), self.loc(*item), self.statement(body));
                Box::new(move |frame, cx| {
                    let source = source(frame, cx)?;
                    let mut items = cx.iterate(&source)?;
                    while let Some(item) = items.next(cx)? {
                        cx.meter.step()?;
                        frame.declare(loc, item);
                        match body(frame, cx)? {
                            Flow::Next | Flow::Continue => {}
                            Flow::Break => break,
                            out => return Ok(out),
                        }
                    }
                    Ok(Flow::Next)
                })
            }
            StmtKind::Switch { value, sections, default } => self.switch(value, sections, *default),
            StmtKind::Return(None) | StmtKind::YieldBreak => Box::new(|_, _| Ok(Flow::Return)),
            StmtKind::Return(Some(value)) => {
                let value = self.expression(value);
                Box::new(move |frame, cx| {
                    frame.result = value(frame, cx)?;
                    Ok(Flow::Return)
                })
            }
            StmtKind::Break => Box::new(|_, _| Ok(Flow::Break)),
            StmtKind::Continue => Box::new(|_, _| Ok(Flow::Continue)),
            StmtKind::Goto(label) => {
                let label = *label;
                Box::new(move |_, _| Ok(Flow::Goto(label)))
            }
            StmtKind::GotoSection(section) => {
                let section = *section;
                Box::new(move |_, _| Ok(Flow::Section(section)))
            }
            StmtKind::Throw(value) => {
                let value = self.expression(value);
                Box::new(move |frame, cx| Err(thrown(&value(frame, cx)?)))
            }
            StmtKind::Rethrow => Box::new(|frame, _| match &frame.caught {
                Some(exception) => Err(Raise::Exception(exception.clone())),
                None => Err(exception::null_reference()),
            }),
            StmtKind::Try { body, catches, finally } => self.attempt(body, catches, finally.as_deref()),
            StmtKind::Yield(value) => {
                let value = self.expression(value);
                Box::new(move |frame, cx| {
                    let value = value(frame, cx)?;
                    cx.meter.allocate(size_of::<Value>())?;
                    frame.yielded.push(value);
                    Ok(Flow::Next)
                })
            }
        }
    }

    fn block(&self, statements: &[Stmt]) -> Action {
        let labels: Vec<(u32, usize)> =
            statements.iter().enumerate().filter_map(|(at, statement)| Some((label_of(statement)?, at))).collect();
        let mut actions: Vec<Action> = statements.iter().map(|statement| self.statement(statement)).collect();
        if labels.is_empty() && actions.len() == 1 {
            return actions.remove(0);
        }
        Box::new(move |frame, cx| {
            let mut at = 0;
            while let Some(action) = actions.get(at) {
                match action(frame, cx)? {
                    Flow::Next => at += 1,
                    Flow::Goto(label) => match labels.iter().find(|(known, _)| *known == label) {
                        Some((_, target)) => {
                            cx.meter.step()?;
                            at = *target;
                        }
                        None => return Ok(Flow::Goto(label)),
                    },
                    out => return Ok(out),
                }
            }
            Ok(Flow::Next)
        })
    }

    fn switch(&self, value: &Expr, sections: &[Section], default: Option<usize>) -> Action {
        let value = self.expression(value);
        let mut labels: Vec<(Matcher, Option<BoolNode>, usize)> = Vec::new();
        let mut bodies: Vec<Action> = Vec::new();
        for (at, section) in sections.iter().enumerate() {
            for (pattern, guard) in &section.labels {
                labels.push((self.pattern(pattern), guard.as_ref().map(|guard| self.test(guard)), at));
            }
            bodies.push(self.block(&section.body));
        }
        Box::new(move |frame, cx| {
            let value = value(frame, cx)?;
            let mut chosen = default;
            for (pattern, guard, section) in &labels {
                let holds = pattern(frame, cx, &value)
                    && match guard {
                        Some(guard) => guard(frame, cx)?,
                        None => true,
                    };
                if holds {
                    chosen = Some(*section);
                    break;
                }
            }
            while let Some(body) = chosen.and_then(|at| bodies.get(at)) {
                cx.meter.step()?;
                match body(frame, cx)? {
                    Flow::Section(next) => chosen = Some(next),
                    Flow::Next | Flow::Break => return Ok(Flow::Next),
                    out => return Ok(out),
                }
            }
            Ok(Flow::Next)
        })
    }

    fn attempt(&self, body: &Stmt, catches: &[Catch], finally: Option<&Stmt>) -> Action {
        struct Handler {
            ty: Ty,
            loc: Option<Loc>,
            filter: Option<BoolNode>,
            body: Action,
        }
        let body = self.statement(body);
        let handlers: Vec<Handler> = catches
            .iter()
            .map(|catch| Handler {
                ty: catch.ty.clone(),
                loc: catch.var.map(|var| self.loc(var)),
                filter: catch.filter.as_ref().map(|filter| self.test(filter)),
                body: self.statement(&catch.body),
            })
            .collect();
        let guarded = move |frame: &mut Frame<'_>, cx: &mut Cx<'_>| -> Result<Flow> {
            let raised = match body(frame, cx) {
                Err(Raise::Exception(exception)) => exception,
                done => return done,
            };
            for handler in &handlers {
                if !cx.surface.is_a(&Ty::named(raised.def), &handler.ty) {
                    continue;
                }
                if let Some(loc) = handler.loc {
                    frame.declare(loc, Value::Object(raised.clone()));
                }
                let holds = match &handler.filter {
                    None => true,
                    // An exception in a filter counts as false.
                    Some(filter) => match filter(frame, cx) {
                        Err(Raise::Exception(_)) => false,
                        done => done?,
                    },
                };
                if holds {
                    let before = frame.caught.replace(raised);
                    let done = (handler.body)(frame, cx);
                    frame.caught = before;
                    return done;
                }
            }
            Err(Raise::Exception(raised))
        };
        match finally.map(|finally| self.statement(finally)) {
            None => Box::new(guarded),
            Some(finally) => Box::new(move |frame, cx| {
                let done = guarded(frame, cx);
                if matches!(done, Err(Raise::Limit(_) | Raise::Body(_))) {
                    return done; // the evaluation is over: nothing of it may run on
                }
                let result = std::mem::take(&mut frame.result);
                finally(frame, cx)?;
                frame.result = result;
                done
            }),
        }
    }
}

/// The label that a statement starts with.
fn label_of(statement: &Stmt) -> Option<u32> {
    match &statement.kind {
        StmtKind::Label(label) => Some(*label),
        StmtKind::Block(inner) => inner.first().and_then(label_of),
        _ => None,
    }
}
