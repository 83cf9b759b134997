//! Definite assignment and reachability: which locals have a value where, which ends are reached.
//!
//! It walks the syntax tree alone. Of the binder it needs one thing: which conditions are constant. So it reports
//! CS0165, CS0269, CS0177 (unassigned), CS0161, CS1643 (missing return), CS0163, CS8070 (falling through) and warns of
//! code that is never reached (CS0162).

mod expression;
mod state;
mod statement;

use std::collections::HashMap;

use base::{Diagnostic, Span};

use crate::ast::{Block, Expr, ExprKind, LambdaBody, Literal, Name, UnaryOp};
use state::{Slot, State};

/// The value of an expression that is a constant `bool`; the binder knows.
pub type Constant<'a> = &'a dyn Fn(&Expr) -> Option<bool>;

/// Checks the statements of a whole text, which must return a value. `source` is the text that `body` was parsed from.
pub fn check_block(source: &str, body: &Block, constant: Constant<'_>) -> Vec<Diagnostic> {
    let mut flow = Flow::new(source, constant);
    let method = Method { needs_value: Need::Value, name: "@{ … }", at: Span::new(0, 0) };
    flow.function(&method, |flow| flow.block(body));
    flow.diagnostics
}

/// Checks a single expression.
pub fn check_expression(source: &str, value: &Expr, constant: Constant<'_>) -> Vec<Diagnostic> {
    let mut flow = Flow::new(source, constant);
    flow.expr(value);
    flow.diagnostics
}

/// Whether the end of `body` can be reached: a lambda for which that holds gives no value.
pub fn completes(body: &Block, constant: Constant<'_>) -> bool {
    let mut flow = Flow::new("", constant);
    flow.muted = 1;
    let method = Method { needs_value: Need::Nothing, name: "", at: body.span };
    flow.function(&method, |flow| flow.block(body))
}

/// What is constant in the grammar itself; enough where no binder is at hand.
pub fn literal_condition(value: &Expr) -> Option<bool> {
    match &value.kind {
        ExprKind::Literal(Literal::Bool(value)) => Some(*value),
        ExprKind::Parenthesized(inner) => literal_condition(inner),
        ExprKind::Unary { op: UnaryOp::Not, operand, .. } => literal_condition(operand).map(|value| !value),
        _ => None,
    }
}

/// Whether a function must not reach its end.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Need {
    Nothing,
    /// A method: CS0161.
    Value,
    /// A lambda, as soon as one `return` in it gives a value: CS1643.
    ValueIfGiven,
}

/// A function as its end is judged.
struct Method<'a> {
    needs_value: Need,
    name: &'a str,
    /// Where a missing return is reported.
    at: Span,
}

/// A local or a parameter.
struct Variable {
    name: Box<str>,
    /// An `out` parameter: it must be assigned where its function ends.
    out: bool,
    /// How deep in functions it is declared.
    depth: usize,
    /// Each variable is reported once.
    reported: bool,
}

/// What a name means.
#[derive(Clone)]
enum Meaning {
    Variable(Slot),
    Function(usize),
}

/// What calling a local function does to the variables around it.
#[derive(Clone, Default)]
struct Effect {
    reads: Vec<Slot>,
    writes: Vec<Slot>,
}

/// What is open in the function being walked.
struct Frame {
    /// Where `break` goes, innermost last.
    breaks: Vec<State>,
    /// Where `continue` goes, innermost last.
    continues: Vec<State>,
    /// By label, what jumps there brought.
    labels: HashMap<Box<str>, State>,
    /// The labels that are behind.
    passed: Vec<Box<str>>,
    /// Whether a jump brought something new to one of them.
    labels_changed: bool,
    outs: Vec<Slot>,
    gives_value: bool,
    yields: bool,
    /// For a local function: what it reads of the variables around it before it assigns them.
    reads: Option<Vec<Slot>>,
    /// What is assigned wherever it returns.
    returned: State,
}

struct Flow<'a> {
    source: &'a str,
    constant: Constant<'a>,
    state: State,
    variables: Vec<Variable>,
    names: Vec<(Box<str>, Meaning)>,
    effects: Vec<Effect>,
    frames: Vec<Frame>,
    /// Whether the code at hand was already reported as unreachable.
    reported_unreachable: bool,
    /// How many callers want no reports.
    muted: u32,
    /// How often a function may still be walked again: nested ones multiply.
    rounds: u32,
    diagnostics: Vec<Diagnostic>,
}

impl<'a> Flow<'a> {
    fn new(source: &'a str, constant: Constant<'a>) -> Self {
        let mut flow = Self {
            source,
            constant,
            state: State::start(),
            variables: Vec::new(),
            names: Vec::new(),
            effects: Vec::new(),
            frames: Vec::new(),
            reported_unreachable: false,
            muted: 0,
            rounds: 64,
            diagnostics: Vec::new(),
        };
        flow.frames.push(Frame::new());
        flow
    }

    /// Walks a function: `walk` its parameters and body. True if its end is reached.
    fn function(&mut self, method: &Method<'_>, walk: impl Fn(&mut Self)) -> bool {
        let before = (self.state.clone(), self.reported_unreachable);
        let (names, variables, effects) = (self.names.len(), self.variables.len(), self.effects.len());
        let mut labels = HashMap::new();
        let (frame, end) = loop {
            let mut frame = Frame::new();
            frame.labels = labels;
            frame.reads = self.frames.last().and_then(|outer| outer.reads.as_ref().map(|_| Vec::new()));
            self.frames.push(frame);
            let found = self.diagnostics.len();
            walk(self);
            let end = std::mem::replace(&mut self.state, before.0.clone());
            self.reported_unreachable = before.1;
            let Some(frame) = self.frames.pop() else { return end.is_reachable() };
            self.names.truncate(names);
            if !frame.labels_changed || self.rounds == 0 {
                break (frame, end);
            }
            // A jump backwards: once more, with what it brings.
            self.rounds -= 1;
            // Its variables get the same slots again.
            labels = frame.labels;
            self.variables.truncate(variables);
            self.effects.truncate(effects);
            self.diagnostics.truncate(found);
            self.variables.iter_mut().for_each(|variable| variable.reported = false);
        };
        let missing = end.is_reachable() && !frame.yields;
        match method.needs_value {
            Need::Value if missing => {
                let message = format!("'{}': not all code paths return a value", method.name);
                self.error("CS0161", message, method.at);
            }
            Need::ValueIfGiven if missing && frame.gives_value => {
                self.error("CS1643", "Not all code paths return a value in lambda expression", method.at);
            }
            _ => {}
        }
        if let (Some(outer), Some(reads)) = (self.frames.last_mut().and_then(|outer| outer.reads.as_mut()), frame.reads)
        {
            outer.extend(reads);
        }
        end.is_reachable()
    }

    fn frame(&mut self) -> Option<&mut Frame> {
        self.frames.last_mut()
    }

    // Names.

    fn declare(&mut self, name: &Name) -> Slot {
        let slot = Slot(self.variables.len());
        let depth = self.frames.len();
        self.variables.push(Variable { name: name.text.clone(), out: false, depth, reported: false });
        self.names.push((name.text.clone(), Meaning::Variable(slot)));
        self.state.unassign(slot);
        slot
    }

    fn declare_assigned(&mut self, name: &Name) -> Slot {
        let slot = self.declare(name);
        self.state.assign(slot);
        slot
    }

    fn meaning(&self, name: &str) -> Option<Meaning> {
        self.names.iter().rev().find(|(known, _)| **known == *name).map(|(_, meaning)| meaning.clone())
    }

    fn slot(&self, name: &str) -> Option<Slot> {
        match self.meaning(name)? {
            Meaning::Variable(slot) => Some(slot),
            Meaning::Function(_) => None,
        }
    }

    /// Runs `walk` in a scope of its own.
    fn scope<T>(&mut self, walk: impl FnOnce(&mut Self) -> T) -> T {
        let names = self.names.len();
        let walked = walk(self);
        self.names.truncate(names);
        walked
    }

    /// The variable of `slot` is read at `span`.
    fn read(&mut self, slot: Slot, span: Span) {
        if self.state.is_assigned(slot) {
            return;
        }
        let depth = self.frames.len();
        let Some(variable) = self.variables.get_mut(slot.0) else { return };
        // Inside a local function the variables around it are judged where it is called.
        if variable.depth < depth
            && let Some(reads) = self.frames.last_mut().and_then(|frame| frame.reads.as_mut())
        {
            reads.push(slot);
            return;
        }
        if variable.reported {
            return;
        }
        variable.reported = true;
        let (code, kind) = if variable.out { ("CS0269", "out parameter") } else { ("CS0165", "local variable") };
        let message = format!("Use of unassigned {kind} '{}'", variable.name);
        self.error(code, message, span);
    }

    /// The function around is left at `span`: its `out` parameters must be assigned.
    fn leave(&mut self, span: Span) {
        if !self.state.is_reachable() {
            return;
        }
        let state = self.state.clone();
        let Some(frame) = self.frame() else { return };
        frame.returned.join(&state);
        for slot in frame.outs.clone() {
            if !self.state.is_assigned(slot) {
                let name = self.variables.get(slot.0).map(|variable| variable.name.clone()).unwrap_or_default();
                let message =
                    format!("The out parameter '{name}' must be assigned to before control leaves the current method");
                self.error("CS0177", message, span);
            }
        }
    }

    fn error(&mut self, code: &'static str, message: impl Into<String>, span: Span) {
        self.report(Diagnostic::error(code, message, span));
    }

    fn report(&mut self, diagnostic: Diagnostic) {
        if self.muted == 0 {
            self.diagnostics.push(diagnostic);
        }
    }

    fn body(&mut self, body: &LambdaBody) {
        match body {
            LambdaBody::Block(block) => {
                self.block(block);
                let end = Span::new(block.span.end.saturating_sub(1), block.span.end);
                self.leave(end);
            }
            LambdaBody::Expr(value) => {
                self.expr(value);
                self.leave(value.span);
                self.state = State::unreachable();
            }
        }
    }
}

impl Frame {
    fn new() -> Self {
        Self {
            breaks: Vec::new(),
            continues: Vec::new(),
            labels: HashMap::new(),
            passed: Vec::new(),
            labels_changed: false,
            outs: Vec::new(),
            gives_value: false,
            yields: false,
            reads: None,
            returned: State::unreachable(),
        }
    }
}

#[cfg(test)]
mod tests;
