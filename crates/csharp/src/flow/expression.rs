//! The flow through expressions.

use super::state::{Slot, State};
use super::{Flow, Meaning, Method, Need};
use crate::ast::{
    Argument, BinaryOp, Designation, Expr, ExprKind, Initializer, InitializerKind, InitializerTarget, InitializerValue,
    InterpolationPart, Lambda, LambdaBody, Name, Passing, Pattern, PatternKind, Query, QueryBody, QueryClause,
    QueryFinish, UnaryOp,
};

impl Flow<'_> {
    /// A value is computed.
    pub(super) fn expr(&mut self, e: &Expr) {
        match &e.kind {
            ExprKind::Error
            | ExprKind::Literal(_)
            | ExprKind::Default(_)
            | ExprKind::Alias { .. }
            | ExprKind::Predefined(_)
            | ExprKind::Type(_)
            | ExprKind::This
            | ExprKind::Base
            | ExprKind::MemberBinding(_)
            | ExprKind::TypeOf(_)
            | ExprKind::SizeOf(_)
            // Only the name counts.
            | ExprKind::NameOf(_) => {}
            ExprKind::Name(name) => self.name(&name.name),
            ExprKind::Interpolated(parts) => {
                for part in parts {
                    if let InterpolationPart::Hole(hole) = part {
                        self.expr(&hole.value);
                    }
                }
            }
            ExprKind::Tuple(elements) => elements.iter().for_each(|element| self.expr(&element.value)),
            ExprKind::Call { target, args } => self.call(target, args),
            ExprKind::Index { target, args } => {
                self.expr(target);
                self.arguments(args);
            }
            ExprKind::IndexBinding(args) => self.arguments(args),
            ExprKind::ConditionalAccess { target, chain } => {
                self.expr(target);
                let skipped = self.state.clone();
                self.expr(chain);
                self.state.join(&skipped);
            }
            ExprKind::Assign { op, target, value, .. } => self.assignment(op.is_some(), target, value),
            ExprKind::Parenthesized(inner)
            | ExprKind::Cast { operand: inner, .. }
            | ExprKind::As { operand: inner, .. }
            | ExprKind::Postfix { operand: inner, .. }
            | ExprKind::Checked(inner)
            | ExprKind::Unchecked(inner)
            | ExprKind::Ref(inner)
            | ExprKind::Await(inner)
            | ExprKind::Member { target: inner, .. } => self.expr(inner),
            ExprKind::Throw(value) => {
                self.expr(value);
                self.state = State::unreachable();
            }
            ExprKind::Binary { op: BinaryOp::Coalesce, left, right, .. } => {
                self.expr(left);
                let kept = self.state.clone();
                self.expr(right);
                self.state.join(&kept);
            }
            ExprKind::Unary { op: UnaryOp::Not, .. }
            | ExprKind::Binary { op: BinaryOp::AndAlso | BinaryOp::OrElse, .. }
            | ExprKind::Is { .. } => {
                let (held, failed) = self.condition(e);
                self.state = held;
                self.state.join(&failed);
            }
            ExprKind::Unary { operand, .. } => self.expr(operand),
            ExprKind::Binary { left, right, .. } => {
                self.expr(left);
                self.expr(right);
            }
            ExprKind::Conditional { condition, then, otherwise } => {
                let (held, failed) = self.condition(condition);
                self.state = held;
                self.expr(then);
                let end = std::mem::replace(&mut self.state, failed);
                self.expr(otherwise);
                self.state.join(&end);
            }
            ExprKind::Lambda(lambda) => self.lambda(lambda),
            ExprKind::New { args, initializer, .. } => {
                self.arguments(args.as_deref().unwrap_or_default());
                if let Some(initializer) = initializer {
                    self.initializer(initializer);
                }
            }
            ExprKind::Anonymous(members) => members.iter().for_each(|member| self.expr(&member.value)),
            ExprKind::NewArray { sizes, elements, .. } => {
                for size in sizes {
                    self.expr(size);
                }
                elements.iter().flat_map(|elements| &elements.items).for_each(|item| self.expr(item));
            }
            ExprKind::ImplicitArray { elements, .. } | ExprKind::ArrayElements(elements) => {
                elements.items.iter().for_each(|item| self.expr(item));
            }
            ExprKind::Query(query) => self.query(query),
            ExprKind::Declaration { designation, .. } => {
                self.designate(designation);
            }
        }
    }

    /// A condition is computed: the states where it holds and where it does not.
    pub(super) fn condition(&mut self, e: &Expr) -> (State, State) {
        match (self.constant)(e) {
            Some(true) => return (self.state.clone(), State::unreachable()),
            Some(false) => return (State::unreachable(), self.state.clone()),
            None => {}
        }
        match &e.kind {
            ExprKind::Parenthesized(inner) => self.condition(inner),
            ExprKind::Unary { op: UnaryOp::Not, operand, .. } => {
                let (held, failed) = self.condition(operand);
                (failed, held)
            }
            ExprKind::Binary { op: BinaryOp::AndAlso, left, right, .. } => {
                let (held, mut failed) = self.condition(left);
                self.state = held;
                let (both, second_failed) = self.condition(right);
                failed.join(&second_failed);
                (both, failed)
            }
            ExprKind::Binary { op: BinaryOp::OrElse, left, right, .. } => {
                let (mut held, failed) = self.condition(left);
                self.state = failed;
                let (second_held, neither) = self.condition(right);
                held.join(&second_held);
                (held, neither)
            }
            ExprKind::Conditional { condition, then, otherwise } => {
                let (first, second) = self.condition(condition);
                self.state = first;
                let (mut held, mut failed) = self.condition(then);
                self.state = second;
                let (other_held, other_failed) = self.condition(otherwise);
                held.join(&other_held);
                failed.join(&other_failed);
                (held, failed)
            }
            ExprKind::Is { operand, pattern } => {
                self.expr(operand);
                self.pattern(pattern)
            }
            _ => {
                self.expr(e);
                (self.state.clone(), self.state.clone())
            }
        }
    }

    /// A pattern is tried: the states where it matches and where it does not.
    pub(super) fn pattern(&mut self, pattern: &Pattern) -> (State, State) {
        match &pattern.kind {
            PatternKind::Error | PatternKind::Type(_) => {}
            PatternKind::Constant(value) => self.expr(value),
            PatternKind::Declaration { designation, .. } | PatternKind::Var(designation) => {
                let slots = self.designate(designation);
                let failed = self.state.clone();
                for slot in slots {
                    self.state.assign(slot);
                }
                return (self.state.clone(), failed);
            }
        }
        (self.state.clone(), self.state.clone())
    }

    fn name(&mut self, name: &Name) {
        match self.meaning(&name.text) {
            Some(Meaning::Variable(slot)) => self.read(slot, name.span),
            Some(Meaning::Function(function)) => self.function_named(function, name),
            None => {}
        }
    }

    /// A local function is called or made a delegate: what it reads must be there.
    fn function_named(&mut self, function: usize, name: &Name) {
        let reads = self.effects.get(function).map(|effect| effect.reads.clone()).unwrap_or_default();
        for slot in reads {
            self.read(slot, name.span);
        }
    }

    fn call(&mut self, target: &Expr, args: &[Argument]) {
        self.expr(target);
        self.arguments(args);
        if let ExprKind::Name(name) = &target.kind
            && let Some(Meaning::Function(function)) = self.meaning(&name.name.text)
        {
            let writes = self.effects.get(function).map(|effect| effect.writes.clone()).unwrap_or_default();
            for slot in writes {
                self.state.assign(slot);
            }
        }
    }

    fn arguments(&mut self, args: &[Argument]) {
        let mut assigned = Vec::new();
        for argument in args {
            if argument.passing == Passing::Out {
                assigned.extend(self.target(&argument.value));
            } else {
                self.expr(&argument.value);
            }
        }
        for slot in assigned {
            self.state.assign(slot);
        }
    }

    fn assignment(&mut self, compound: bool, target: &Expr, value: &Expr) {
        if compound {
            self.expr(target);
            return self.expr(value);
        }
        let slots = self.target(target);
        self.expr(value);
        for slot in slots {
            self.state.assign(slot);
        }
    }

    /// The variables that an assignment to `target` sets. What the target itself computes is computed.
    fn target(&mut self, target: &Expr) -> Vec<Slot> {
        match &target.kind {
            ExprKind::Name(name) => match self.meaning(&name.name.text) {
                Some(Meaning::Variable(slot)) => vec![slot],
                _ => Vec::new(),
            },
            ExprKind::Parenthesized(inner) => self.target(inner),
            ExprKind::Tuple(elements) => elements.iter().flat_map(|element| self.target(&element.value)).collect(),
            ExprKind::Declaration { designation, .. } => self.designate(designation),
            _ => {
                self.expr(target);
                Vec::new()
            }
        }
    }

    /// Declares what `designation` names, still without a value.
    pub(super) fn designate(&mut self, designation: &Designation) -> Vec<Slot> {
        match designation {
            Designation::Name(name) => vec![self.declare(name)],
            Designation::Discard(_) => Vec::new(),
            Designation::Tuple { parts, .. } => parts.iter().flat_map(|part| self.designate(part)).collect(),
        }
    }

    fn initializer(&mut self, initializer: &Initializer) {
        match &initializer.kind {
            InitializerKind::Collection(elements) => {
                elements.iter().flat_map(|element| &element.args).for_each(|value| self.expr(value));
            }
            InitializerKind::Object(members) => {
                for member in members {
                    if let InitializerTarget::Index(args) = &member.target {
                        self.arguments(args);
                    }
                    match &member.value {
                        InitializerValue::Expr(value) => self.expr(value),
                        InitializerValue::Nested(nested) => self.initializer(nested),
                    }
                }
            }
        }
    }

    /// What a lambda reads must be there when it is made; what it assigns counts only within it.
    fn lambda(&mut self, lambda: &Lambda) {
        let needs_value = match lambda.body {
            LambdaBody::Block(_) => Need::ValueIfGiven,
            LambdaBody::Expr(_) => Need::Nothing,
        };
        let method = Method { needs_value, name: "", at: lambda.arrow };
        self.function(&method, |flow| {
            for param in lambda.params.iter().flatten() {
                let slot = flow.declare_assigned(&param.name);
                if param.passing == Passing::Out {
                    flow.out_parameter(slot);
                }
            }
            flow.body(&lambda.body);
        });
    }

    /// `slot` is an `out` parameter of the function being walked.
    pub(super) fn out_parameter(&mut self, slot: Slot) {
        self.state.unassign(slot);
        if let Some(variable) = self.variables.get_mut(slot.0) {
            variable.out = true;
        }
        if let Some(frame) = self.frame() {
            frame.outs.push(slot);
        }
    }

    fn query(&mut self, query: &Query) {
        self.expr(&query.from.source);
        self.scope(|flow| {
            flow.declare_assigned(&query.from.name);
            flow.query_body(&query.body);
        });
    }

    fn query_body(&mut self, body: &QueryBody) {
        for clause in &body.clauses {
            match clause {
                QueryClause::From(from) => {
                    self.deferred(&from.source);
                    self.declare_assigned(&from.name);
                }
                QueryClause::Let { name, value } => {
                    self.deferred(value);
                    self.declare_assigned(name);
                }
                QueryClause::Where(condition) => self.deferred(condition),
                QueryClause::Join(join) => {
                    // A source that is joined is computed when the query is made.
                    self.expr(&join.source);
                    self.deferred(&join.left);
                    self.declare_assigned(&join.name);
                    self.deferred(&join.right);
                    if let Some(into) = &join.into {
                        self.declare_assigned(into);
                    }
                }
                QueryClause::OrderBy(keys) => keys.iter().for_each(|key| self.deferred(&key.key)),
            }
        }
        match &body.finish {
            QueryFinish::Select(value) => self.deferred(value),
            QueryFinish::Group { value, key } => {
                self.deferred(value);
                self.deferred(key);
            }
            QueryFinish::Missing(_) => {}
        }
        if let Some(next) = &body.continuation {
            self.declare_assigned(&next.name);
            self.query_body(&next.body);
        }
    }

    /// A part of a query becomes a lambda.
    fn deferred(&mut self, value: &Expr) {
        let state = self.state.clone();
        self.expr(value);
        self.state = state;
    }
}
