//! Makes the executable form of expressions: variables resolved to places in the frame, constants prepared, `int` and
//! `bool` in representations of their own.

mod call;
mod scalar;

use std::{
    cell::RefCell,
    collections::{BTreeMap, HashMap},
    sync::Arc,
};

use base::Span;

use self::{call::keeps_its_text, scalar::leads_with};
use super::{
    capture::{Captures, captures},
    code::*,
    join::Piece,
};
use crate::{
    ir::{self, Conversion, Expr, FnId, Kind, Pattern, Unit, VarId},
    surface::Surface,
    ty::Ty,
    value::Const,
};

/// Makes a program executable. With `observe` it tells an observer what it does.
pub(crate) fn lower(unit: &Unit, surface: &Surface, observe: bool) -> Code {
    let shared = Shared { unit, surface, captures: captures(unit), observe, conditions: RefCell::default() };
    let mut functions: Vec<Func> = unit.functions.iter().map(|_| Func::default()).collect();
    for id in shared.captures.of.keys() {
        if let (Some(function), Some(place)) = (unit.functions.get(id.0 as usize), functions.get_mut(id.0 as usize)) {
            *place = Lowerer::new(&shared, *id).function(function);
        }
    }
    let conditions = shared.conditions.into_inner();
    Code { functions, conditions }
}

pub(super) struct Shared<'u> {
    pub(super) unit: &'u Unit,
    pub(super) surface: &'u Surface,
    captures: Captures,
    pub(super) observe: bool,
    conditions: RefCell<Vec<Span>>,
}

/// Lowers one function.
pub(super) struct Lowerer<'u> {
    pub(super) shared: &'u Shared<'u>,
    pub(super) func: Func,
    locs: HashMap<VarId, Loc>,
    /// Where each label is. Jumps name labels until the end.
    pub(super) labels: Vec<Option<usize>>,
    pub(super) named: BTreeMap<u32, (usize, Vec<usize>)>,
    /// Jumps to named labels: first placeholder, what surrounds it, the label.
    pub(super) gotos: Vec<(usize, Vec<usize>, u32)>,
    /// The `finally` blocks that a jump out of here runs, outermost first.
    pub(super) tries: Vec<usize>,
    /// What `break` and `continue` mean.
    pub(super) exits: Vec<Exits>,
    /// The section labels of the switches around.
    pub(super) switches: Vec<(Vec<usize>, usize)>,
    /// Slots of the exceptions that are being handled.
    pub(super) caught: Vec<usize>,
    /// How many `finally` blocks this is inside of.
    pub(super) depth: usize,
}

pub(super) struct Exits {
    pub(super) on_break: usize,
    pub(super) on_continue: Option<usize>,
    /// How many `finally` blocks are outside.
    pub(super) tries: usize,
}

impl<'u> Lowerer<'u> {
    fn new(shared: &'u Shared<'u>, id: FnId) -> Self {
        let captured = shared.captures.of.get(&id).map(Vec::as_slice).unwrap_or_default();
        let locs: HashMap<_, _> = captured.iter().enumerate().map(|(at, var)| (*var, Loc::Cell(at))).collect();
        Self {
            shared,
            func: Func { cells: locs.len(), ..Func::default() },
            locs,
            labels: Vec::new(),
            named: BTreeMap::new(),
            gotos: Vec::new(),
            tries: Vec::new(),
            exits: Vec::new(),
            switches: Vec::new(),
            caught: Vec::new(),
            depth: 0,
        }
    }

    pub(super) fn loc(&mut self, var: VarId) -> Loc {
        if let Some(loc) = self.locs.get(&var) {
            return *loc;
        }
        let is_int = self.shared.unit.vars.get(var.0 as usize).is_some_and(|var| var.ty == Ty::INT);
        let loc = if self.shared.captures.celled.contains(&var) {
            Loc::Cell(next(&mut self.func.cells))
        } else if is_int {
            Loc::Int(next(&mut self.func.ints))
        } else {
            Loc::Slot(next(&mut self.func.slots))
        };
        self.locs.insert(var, loc);
        loc
    }

    pub(super) fn cell(&mut self, var: VarId) -> usize {
        match self.loc(var) {
            Loc::Cell(cell) => cell,
            // Only variables that live in cells are asked for; another would get a cell that nobody shares.
            _ => next(&mut self.func.cells),
        }
    }

    fn int_slot(&mut self, var: VarId) -> Option<usize> {
        match self.loc(var) {
            Loc::Int(slot) => Some(slot),
            _ => None,
        }
    }

    /// The name under which an observer sees a variable.
    fn watched(&self, var: VarId) -> Option<Arc<str>> {
        let var = self.shared.unit.vars.get(var.0 as usize).filter(|var| var.named && self.shared.observe)?;
        Some(var.name.clone())
    }

    pub(super) fn watch(&self, var: VarId, node: Node) -> Node {
        match self.watched(var) {
            Some(name) => Node::Watch(Box::new((name, node))),
            None => node,
        }
    }

    pub(super) fn nodes<'e>(&mut self, exprs: impl IntoIterator<Item = &'e Expr>) -> Box<[Node]> {
        exprs.into_iter().map(|expr| self.node(expr)).collect()
    }

    fn boxed(&mut self, expr: &Expr) -> Box<Node> {
        Box::new(self.node(expr))
    }

    /// An expression. A tuple that something else holds is copied: a variable of tuple type holds its own.
    pub(super) fn node(&mut self, expr: &Expr) -> Node {
        let node = self.uncopied(expr);
        let is_held = matches!(
            expr.kind,
            Kind::Var(_)
                | Kind::Field(..)
                | Kind::Element(..)
                | Kind::Call { .. }
                | Kind::Assign(..)
                | Kind::Convert(Conversion::Cast | Conversion::Unwrap, _)
        );
        if is_held && matches!(expr.ty.unwrap_nullable(), Ty::Tuple(_)) { Node::Copy(Box::new(node)) } else { node }
    }

    fn uncopied(&mut self, expr: &Expr) -> Node {
        if expr.ty == Ty::INT
            && let Some(int) = self.try_int(expr)
        {
            return Node::Int(Box::new(int));
        }
        if expr.ty == Ty::BOOL
            && let Some(bool) = self.try_bool(expr)
        {
            return Node::Bool(Box::new(bool));
        }
        self.general(expr)
    }

    /// An expression whose value nobody wants.
    pub(super) fn effect(&mut self, expr: &Expr) -> Op {
        if let Kind::Update { place, old, new, gives_old: true } = &expr.kind {
            let kind = Kind::Update { place: place.clone(), old: *old, new: new.clone(), gives_old: false };
            return self.effect(&Expr { kind, ty: expr.ty.clone(), span: expr.span });
        }
        match self.node(expr) {
            Node::Int(int) => Op::IntEffect(*int),
            Node::Store(parts) => match *parts {
                (Place::Var(loc), value) => Op::Assign(loc, value),
                parts => Op::Effect(Node::Store(Box::new(parts))),
            },
            node => Op::Effect(node),
        }
    }

    pub(super) fn test(&mut self, pattern: &Pattern) -> Test {
        match pattern {
            Pattern::Type(ty, var) => Test::Type(ty.clone(), var.map(|var| self.loc(var))),
            Pattern::Any(var) => Test::Any(var.map(|var| self.loc(var))),
            Pattern::Const(value) => Test::Const(value.clone()),
        }
    }

    fn general(&mut self, expr: &Expr) -> Node {
        match &expr.kind {
            Kind::Error => Node::Const(Const::Null),
            Kind::Const(value) => Node::Const(value.clone()),
            Kind::Default => Node::Default(expr.ty.clone()),
            Kind::Var(var) => match self.loc(*var) {
                Loc::Int(slot) => Node::Int(Box::new(IntNode::Local(slot))),
                Loc::Slot(slot) => Node::Slot(slot),
                Loc::Cell(cell) => Node::Cell(cell),
            },
            Kind::Assign(place, value) => {
                let target = self.place(place);
                let value = self.node(value);
                let value = if let ir::Place::Var(var) = &**place { self.watch(*var, value) } else { value };
                Node::Store(Box::new((target, value)))
            }
            Kind::Update { place, old, new, gives_old: false }
                if let ir::Place::Var(var) = **place
                    && leads_with(new, *old) =>
            {
                let loc = self.loc(var);
                self.locs.insert(*old, loc);
                let new = self.node(new);
                Node::Store(Box::new((Place::Var(loc), self.watch(var, new))))
            }
            Kind::Update { place, old, new, gives_old } => {
                let (target, old) = (self.place(place), self.loc(*old));
                let new = self.node(new);
                let new = if let ir::Place::Var(var) = &**place { self.watch(*var, new) } else { new };
                Node::Update(Box::new(Update { place: target, old, new, gives_old: *gives_old }))
            }
            Kind::Let { var, value, body } => {
                let value = self.node(value);
                Node::Let(Box::new((self.loc(*var), value, self.node(body))))
            }
            Kind::Then(first, second) => Node::Then(Box::new((self.node(first), self.node(second)))),
            Kind::Call { member, args, types, created } => {
                if let Some(node) = self.asked(*member, args, types) {
                    return node;
                }
                if let Some(pipeline) = self.pipeline(*member, args, types) {
                    return Node::Pipeline(Box::new(pipeline));
                }
                let target = self.target(*member, args.first(), types.clone(), *created);
                let row = self.shared.surface.member(*member).row;
                let mut node = self.call(Callee::Member(target), row.prepare, args);
                if let (true, Node::Call(call), Some(ir::Arg::Value(source))) =
                    (row.enumerates, &mut node, args.first())
                    && let Some(first) = call.args.first_mut()
                {
                    self.give_lazily(source, first);
                }
                node
            }
            Kind::CallFunction { function, args } => {
                let (function, cells) = (function.0 as usize, self.captured(*function));
                self.call(Callee::Function { function, cells }, None, args)
            }
            Kind::Invoke { delegate, args } => {
                let delegate = self.node(delegate);
                self.call(Callee::Delegate(delegate), None, args)
            }
            Kind::Lambda(id) => {
                let (function, cells) = (id.0 as usize, self.captured(*id));
                Node::Lambda(Box::new(Lambda { function, cells, ty: expr.ty.clone() }))
            }
            Kind::Binary { op, kind, checked, left, right } => {
                let (left, right) = (self.node(left), self.node(right));
                Node::Binary(Box::new(Binary { op: *op, kind: *kind, checked: *checked, left, right }))
            }
            Kind::Negate { kind, checked, operand } => Node::Negate(*kind, *checked, self.boxed(operand)),
            Kind::Complement { operand, .. } => Node::Complement(self.boxed(operand)),
            Kind::Not(_)
            | Kind::And(..)
            | Kind::Or(..)
            | Kind::Equal { .. }
            | Kind::Same { .. }
            | Kind::IsType(..)
            | Kind::IsPattern(..) => match self.try_bool(expr) {
                Some(bool) => Node::Bool(Box::new(bool)),
                None => Node::Const(Const::Null),
            },
            Kind::Lifted { operands, body, null } => {
                let operands = operands
                    .iter()
                    .map(|(var, operand)| {
                        let operand = self.node(operand);
                        (self.loc(*var), operand)
                    })
                    .collect();
                Node::Lifted(Box::new(Lifted { operands, body: self.node(body), null: null.clone() }))
            }
            Kind::ThreeValued { or, left, right } => {
                Node::ThreeValued { or: *or, pair: Box::new((self.node(left), self.node(right))) }
            }
            Kind::Concat(items) => {
                let is_plain = items.iter().all(keeps_its_text);
                let nodes = self.nodes(items);
                if is_plain { Node::Join(nodes.into_iter().map(Piece::of).collect()) } else { Node::Concat(nodes) }
            }
            Kind::Interpolate(parts) => self.interpolate(parts),
            Kind::Convert(conversion, inner) => self.convert(conversion, inner, &expr.ty),
            Kind::As(value, ty) => Node::As(Box::new((self.node(value), ty.clone()))),
            Kind::Conditional(condition, then, otherwise) => {
                let condition = self.condition(condition);
                Node::Conditional(Box::new((condition, self.node(then), self.node(otherwise))))
            }
            Kind::Coalesce(left, var, present, absent) => {
                let (left, loc) = (self.node(left), self.loc(*var));
                Node::Coalesce(Box::new((left, loc, self.node(present), self.node(absent))))
            }
            Kind::NullConditional { target, var, access } => {
                let (target, loc) = (self.node(target), self.loc(*var));
                Node::NullConditional(Box::new((target, loc, self.node(access))))
            }
            Kind::NewArray { element, lengths } => Node::NewArray(Box::new((element.clone(), self.nodes(lengths)))),
            Kind::ArrayOf { element, items, lengths } => {
                let (element, lengths) = (element.clone(), lengths.clone());
                Node::ArrayOf(Box::new(ArrayOf { element, items: self.nodes(items), lengths }))
            }
            Kind::Element(array, indices) => Node::Element(Box::new((self.enumerated(array), self.nodes(indices)))),
            Kind::ArrayLength(array) => Node::Int(Box::new(IntNode::ArrayLength(Box::new(self.enumerated(array))))),
            Kind::Tuple(ty, items) => Node::Tuple(ty.clone(), self.nodes(items)),
            Kind::Anonymous(ty, items) => Node::Anonymous(ty.clone(), self.nodes(items)),
            Kind::Field(inner, at) => Node::Field(Box::new(self.uncopied(inner)), *at),
            Kind::Throw(value) => Node::Throw(self.boxed(value)),
            Kind::TypeOf(ty, def) => Node::TypeOf(Box::new((ty.clone(), def))),
        }
    }
}

pub(super) fn next(count: &mut usize) -> usize {
    *count += 1;
    *count - 1
}
