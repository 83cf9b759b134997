//! Makes the executable form of expressions: variables resolved to places in the frame, constants prepared, `int` and
//! `bool` in representations of their own.

use std::{
    cell::RefCell,
    collections::{BTreeMap, HashMap},
    sync::Arc,
};

use base::Span;

use super::{
    ask::Decision,
    capture::{Captures, captures},
    code::*,
    join::Piece,
};
use crate::{
    call::{Cx, Native},
    host::NoHost,
    ir::{self, BinOp, Conversion, Expr, FnId, Kind, NumKind, Pattern, Unit, VarId},
    limits::{Limits, Meter},
    surface::{MemberId, MemberInfo, Prepare, Purity, Role, Surface},
    text::Str,
    ty::{Prim, Ty},
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

    pub(super) fn int(&mut self, expr: &Expr) -> IntNode {
        match self.try_int(expr) {
            Some(int) => int,
            None => IntNode::Value(Box::new(self.general(expr))),
        }
    }

    pub(super) fn bool(&mut self, expr: &Expr) -> BoolNode {
        match self.try_bool(expr) {
            Some(bool) => bool,
            None => BoolNode::Value(Box::new(self.general(expr))),
        }
    }

    /// A condition that an observer hears of.
    pub(super) fn condition(&mut self, expr: &Expr) -> BoolNode {
        let condition = self.bool(expr);
        if !self.shared.observe {
            return condition;
        }
        self.shared.conditions.borrow_mut().push(expr.span);
        BoolNode::Watch(Box::new(condition), expr.span)
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

    fn try_int(&mut self, expr: &Expr) -> Option<IntNode> {
        Some(match &expr.kind {
            Kind::Const(Const::Int(value)) => IntNode::Const(*value),
            Kind::Var(var) => IntNode::Local(self.int_slot(*var)?),
            Kind::Assign(place, value) => {
                let ir::Place::Var(var) = &**place else { return None };
                let slot = self.int_slot(*var).filter(|_| self.watched(*var).is_none())?;
                IntNode::Set(slot, Box::new(self.int(value)))
            }
            Kind::Update { place, old, new, gives_old } => {
                let ir::Place::Var(var) = &**place else { return None };
                let slot = self.int_slot(*var).filter(|_| self.watched(*var).is_none())?;
                self.update_int(slot, *old, new, *gives_old)?
            }
            Kind::Binary { op, kind: NumKind::Int, checked, left, right } => {
                let (left, right) = (self.int(left), self.int(right));
                match (op, right) {
                    (BinOp::Add, IntNode::Const(by)) if !checked => IntNode::AddConst(Box::new(left), by),
                    (BinOp::Sub, IntNode::Const(by)) if !checked => {
                        IntNode::AddConst(Box::new(left), by.wrapping_neg())
                    }
                    (BinOp::Mul, IntNode::Const(by)) if !checked => IntNode::MulConst(Box::new(left), by),
                    (BinOp::Rem, IntNode::Const(by)) if by != 0 && by != -1 => IntNode::RemConst(Box::new(left), by),
                    (BinOp::Add, right) if !checked => IntNode::Add(Box::new((left, right))),
                    (BinOp::Shl | BinOp::Shr, right) => {
                        IntNode::Shift { left: *op == BinOp::Shl, pair: Box::new((left, right)) }
                    }
                    (_, right) => IntNode::Binary { op: *op, checked: *checked, pair: Box::new((left, right)) },
                }
            }
            Kind::Conditional(condition, then, otherwise) => {
                let condition = self.condition(condition);
                IntNode::Conditional(Box::new((condition, self.int(then), self.int(otherwise))))
            }
            Kind::ArrayLength(array) => IntNode::ArrayLength(Box::new(self.enumerated(array))),
            Kind::Convert(Conversion::Same | Conversion::Numeric { .. }, inner) if inner.ty == Ty::INT => {
                self.int(inner)
            }
            Kind::Convert(Conversion::Cast, inner) => match self.node(inner) {
                Node::Lookup(lookup) => IntNode::Unbox(lookup),
                node => IntNode::Value(Box::new(Node::Cast(Box::new((node, Ty::INT))))),
            },
            _ => return None,
        })
    }

    /// `x++` and `x += y` of an unboxed local. The old value needs no place of its own where the new one is computed
    /// from it at once.
    fn update_int(&mut self, slot: usize, old: VarId, new: &Expr, gives_old: bool) -> Option<IntNode> {
        let Kind::Binary { op, kind: NumKind::Int, checked: false, left, right } = &new.kind else { return None };
        if !matches!(left.kind, Kind::Var(var) if var == old) {
            return None;
        }
        let right = self.int(right);
        Some(match (op, right) {
            (BinOp::Add, IntNode::Const(by)) if gives_old => IntNode::PostAdd(slot, by),
            (BinOp::Sub, IntNode::Const(by)) if gives_old => IntNode::PostAdd(slot, by.wrapping_neg()),
            _ if gives_old => return None,
            (BinOp::Add, right) => IntNode::AddTo(slot, Box::new(right)),
            (BinOp::Sub, IntNode::Const(by)) => IntNode::AddTo(slot, Box::new(IntNode::Const(by.wrapping_neg()))),
            (BinOp::Shl | BinOp::Shr, right) => {
                let pair = Box::new((IntNode::Local(slot), right));
                IntNode::Set(slot, Box::new(IntNode::Shift { left: *op == BinOp::Shl, pair }))
            }
            (_, right) => {
                let pair = Box::new((IntNode::Local(slot), right));
                IntNode::Set(slot, Box::new(IntNode::Binary { op: *op, checked: false, pair }))
            }
        })
    }

    fn try_bool(&mut self, expr: &Expr) -> Option<BoolNode> {
        Some(match &expr.kind {
            Kind::Const(Const::Bool(value)) => BoolNode::Const(*value),
            Kind::Not(inner) => match self.bool(inner) {
                BoolNode::Facts(decision) => BoolNode::Facts(Box::new(Decision::Not(decision))),
                inner => BoolNode::Not(Box::new(inner)),
            },
            Kind::And(left, right) => match (self.bool(left), self.bool(right)) {
                (BoolNode::Facts(left), BoolNode::Facts(right)) => {
                    BoolNode::Facts(Box::new(Decision::And(Box::new((*left, *right)))))
                }
                pair => BoolNode::And(Box::new(pair)),
            },
            Kind::Or(left, right) => match (self.bool(left), self.bool(right)) {
                (BoolNode::Facts(left), BoolNode::Facts(right)) => {
                    BoolNode::Facts(Box::new(Decision::Or(Box::new((*left, *right)))))
                }
                pair => BoolNode::Or(Box::new(pair)),
            },
            Kind::Binary { op, kind: NumKind::Int, left, right, .. } => {
                BoolNode::CompareInt(*op, Box::new((self.int(left), self.int(right))))
            }
            Kind::Binary { op, kind, checked, left, right } => {
                let (left, right) = (self.node(left), self.node(right));
                BoolNode::Compare(Box::new(Binary { op: *op, kind: *kind, checked: *checked, left, right }))
            }
            Kind::Equal { left, right, negated } => self.equal(left, right, *negated),
            Kind::Same { left, right, negated } => match (left.as_const(), right.as_const()) {
                (_, Some(Const::Null)) => self.is_null(left, *negated),
                (Some(Const::Null), _) => self.is_null(right, *negated),
                _ => BoolNode::Same { pair: Box::new((self.uncopied(left), self.uncopied(right))), negated: *negated },
            },
            Kind::IsType(value, ty) => BoolNode::Is(Box::new((self.uncopied(value), Test::Type(ty.clone(), None)))),
            Kind::IsPattern(value, pattern) => {
                let value = self.node(value);
                BoolNode::Is(Box::new((value, self.test(pattern))))
            }
            Kind::Convert(Conversion::Same, inner) if inner.ty == Ty::BOOL => self.bool(inner),
            Kind::Convert(Conversion::Cast, inner) => match self.node(inner) {
                Node::Lookup(lookup) => BoolNode::Unbox(lookup),
                node => BoolNode::Value(Box::new(Node::Cast(Box::new((node, Ty::BOOL))))),
            },
            _ => return None,
        })
    }

    fn equal(&mut self, left: &Expr, right: &Expr, negated: bool) -> BoolNode {
        match (left.as_const(), right.as_const()) {
            (_, Some(Const::Null)) => self.is_null(left, negated),
            (Some(Const::Null), _) => self.is_null(right, negated),
            (None, Some(Const::Str(text))) => self.equal_text(left, text, negated),
            (Some(Const::Str(text)), None) => self.equal_text(right, text, negated),
            _ => BoolNode::Equal { pair: Box::new((self.uncopied(left), self.uncopied(right))), negated },
        }
    }

    fn is_null(&mut self, expr: &Expr, negated: bool) -> BoolNode {
        match self.uncopied(expr) {
            Node::Fact(fact) => BoolNode::Facts(Box::new(Decision::IsNull { fact: *fact, negated })),
            node => BoolNode::IsNull { node: Box::new(node), negated },
        }
    }

    fn equal_text(&mut self, expr: &Expr, text: &Str, negated: bool) -> BoolNode {
        match (self.uncopied(expr), text.as_str()) {
            (Node::Fact(fact), Some(text)) => {
                BoolNode::Facts(Box::new(Decision::Is { fact: *fact, text: text.into(), negated }))
            }
            (node, _) => BoolNode::EqualText { node: Box::new(node), text: text.clone(), negated },
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

    fn convert(&mut self, conversion: &Conversion, inner: &Expr, to: &Ty) -> Node {
        let node = self.node(inner);
        match conversion {
            Conversion::Same | Conversion::Retype => node,
            Conversion::Numeric { checked } => Node::Numeric(Box::new((node, to.clone(), *checked))),
            Conversion::Cast => Node::Cast(Box::new((node, to.clone()))),
            Conversion::Unwrap => Node::Unwrap(Box::new(node)),
        }
    }

    /// Without alignments and formats, interpolation is concatenation.
    fn interpolate(&mut self, parts: &[ir::Part]) -> Node {
        let mut formats = Vec::new();
        let mut nodes = Vec::new();
        let mut is_plain = true;
        for part in parts {
            let (node, format) = match part {
                ir::Part::Text(text) => (Node::Const(Const::Str(text.clone())), (0, Str::EMPTY)),
                ir::Part::Hole { value, alignment, format } => {
                    is_plain &= keeps_its_text(value);
                    match self.formatted(value, format) {
                        Some(node) => (node, (*alignment, Str::EMPTY)),
                        None => (self.node(value), (*alignment, format.clone())),
                    }
                }
            };
            nodes.push(node);
            formats.push(format);
        }
        if formats.iter().all(|(alignment, format)| *alignment == 0 && format.is_empty()) {
            return if is_plain {
                Node::Join(nodes.into_iter().map(Piece::of).collect())
            } else {
                Node::Concat(nodes.into())
            };
        }
        Node::Interpolate(Box::new((nodes.into(), formats.into())))
    }

    /// A hole with a format, of a struct that has a `ToString(string)`: a call like any other, which may read the format
    /// now.
    fn formatted(&mut self, value: &Expr, format: &Str) -> Option<Node> {
        let Ty::Named(def, _) = &value.ty else { return None };
        let is_struct = matches!(def.0.kind, crate::surface::Kind::Struct) && !format.is_empty();
        let surface = self.shared.surface;
        let members = surface.info(def.0).filter(|_| is_struct)?.by_name.get("ToString")?;
        let row = members.iter().map(|id| surface.member(*id)).find_map(|member| match member.params.as_slice() {
            [param] if !member.is_static && param.ty == Ty::STRING => Some(member.row),
            _ => None,
        })?;
        let args: Box<[Node]> = [self.node(value), Node::Const(Const::Str(format.clone()))].into();
        let prepared = row.prepare.and_then(|prepare| prepare(&[None, Some(Const::Str(format.clone()))]));
        let is_pure = row.purity == Purity::Pure;
        let target = Target { run: row.run, types: Arc::default(), created: None, prepared, check: false, is_pure };
        Some(Node::Call(Box::new(Call { target, args })))
    }

    pub(super) fn captured(&mut self, function: FnId) -> Box<[usize]> {
        let shared = self.shared;
        let vars = shared.captures.of.get(&function).map(Vec::as_slice).unwrap_or_default();
        vars.iter().map(|var| self.cell(*var)).collect()
    }

    fn target(
        &self,
        member: MemberId,
        receiver: Option<&ir::Arg>,
        types: Arc<[Ty]>,
        created: Option<&'static crate::surface::TypeDef>,
    ) -> Target {
        let info = self.shared.surface.member(member);
        let receiver = receiver.and_then(|arg| if let ir::Arg::Value(value) = arg { Some(value) } else { None });
        let is_pure = info.row.purity == Purity::Pure;
        let check = needs_receiver(info, receiver);
        Target { run: info.row.run, types, created, prepared: None, check, is_pure }
    }

    /// What a pure member gives for constants, unless it raises or gives an object.
    fn computed(&self, target: &Target, args: &[Node]) -> Option<Const> {
        let value = |node| constant(node).map(|value| value.value());
        let mut values = args.iter().map(value).collect::<Option<Vec<_>>>().filter(|_| target.is_pure)?;
        let limits = Limits { steps: 10_000, depth: 10, memory: 1 << 16, output: 1 << 14 };
        let mut host = NoHost;
        let mut cx = Cx::new(&mut host, self.shared.surface, Meter::new(&limits));
        Const::of(&target.call(&mut values, &mut cx).ok()?)
    }

    fn call(&mut self, callee: Callee, prepare: Option<Prepare>, args: &[ir::Arg]) -> Node {
        if args.iter().any(|arg| matches!(arg, ir::Arg::Place(..))) {
            let args = args.iter().map(|arg| self.ref_arg(arg)).collect();
            return Node::CallByRef(Box::new((callee, args)));
        }
        let args = args.iter().filter_map(|arg| if let ir::Arg::Value(value) = arg { Some(value) } else { None });
        let args = self.nodes(args);
        match callee {
            Callee::Member(target) if let Some(value) = self.computed(&target, &args) => Node::Const(value),
            Callee::Member(mut target) => {
                target.prepared = prepare.and_then(|prepare| {
                    let constants: Vec<_> = args.iter().map(constant).collect();
                    prepare(&constants)
                });
                Node::Call(Box::new(Call { target, args }))
            }
            Callee::Function { function, cells } => Node::Function(Box::new(FunctionCall { function, cells, args })),
            Callee::Delegate(delegate) => Node::Invoke(Box::new((delegate, args))),
        }
    }

    fn ref_arg(&mut self, arg: &ir::Arg) -> RefArg {
        match arg {
            ir::Arg::Value(value) => RefArg { input: Some(self.node(value)), place: None },
            ir::Arg::Place(place, input) => {
                let place = self.place(place);
                RefArg { input: input.as_ref().map(|input| self.node(input)), place: Some(place) }
            }
        }
    }

    pub(super) fn place(&mut self, place: &ir::Place) -> Place {
        match place {
            ir::Place::Var(var) => Place::Var(self.loc(*var)),
            ir::Place::Member { member, args, types } => {
                let info = self.shared.surface.member(*member);
                let (read, write): (Native, Option<Native>) = (info.row.run, info.row.set);
                let check = needs_receiver(info, args.first());
                Place::Member(Box::new(MemberPlace {
                    read,
                    write,
                    args: self.nodes(args),
                    types: types.clone(),
                    check,
                }))
            }
            ir::Place::Element(array, indices) => {
                let element = if let Ty::Array(element, _) = &array.ty { (**element).clone() } else { Ty::OBJECT };
                Place::Element(Box::new((self.node(array), self.nodes(indices), element)))
            }
            ir::Place::TupleItem(inner, at) => Place::TupleItem(Box::new(self.place(inner)), *at),
            ir::Place::Discard => Place::Discard,
        }
    }
}

/// Whether nothing that is evaluated later can change how the value prints: it is a string, a number or the like.
fn keeps_its_text(expr: &Expr) -> bool {
    let is_plain = |ty: &Ty| match ty.unwrap_nullable() {
        Ty::Prim(prim) => *prim != Prim::Object,
        Ty::Named(def, _) => matches!(def.0.kind, crate::surface::Kind::Struct | crate::surface::Kind::Enum(_)),
        _ => false,
    };
    match &expr.kind {
        _ if is_plain(&expr.ty) => true,
        Kind::Convert(Conversion::Same | Conversion::Retype, inner) => is_plain(&inner.ty),
        Kind::Const(_) => true,
        _ => false,
    }
}

/// Whether the first thing that `new` does is to read `old`: then the variable itself can be read instead of a copy.
fn leads_with(new: &Expr, old: VarId) -> bool {
    match &new.kind {
        Kind::Var(var) => *var == old,
        Kind::Binary { left, .. } => leads_with(left, old),
        Kind::Concat(items) => items.first().is_some_and(|first| leads_with(first, old)),
        Kind::Convert(_, inner) => leads_with(inner, old),
        _ => false,
    }
}

/// Whether calling a member on `null` raises. A `T?` without a value is a receiver like any other.
fn needs_receiver(info: &MemberInfo, receiver: Option<&Expr>) -> bool {
    let is_instance = !info.is_static && !info.is_extension && info.role != Role::Constructor;
    let is_operator = matches!(info.role, Role::Operator | Role::Implicit | Role::Explicit);
    let never_null = |ty: &Ty| match ty {
        Ty::Nullable(_) => true,
        Ty::Prim(prim) => !matches!(prim, Prim::Object | Prim::String),
        _ => false,
    };
    is_instance && !is_operator && receiver.is_none_or(|receiver| !never_null(&receiver.ty))
}

pub(super) fn next(count: &mut usize) -> usize {
    *count += 1;
    *count - 1
}
