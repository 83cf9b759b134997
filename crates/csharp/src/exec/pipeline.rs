//! `source.Where(…).Select(…).Any(…)` in one loop: no delegate, no sequence and no iterator is made of what the items only
//! pass through.

use super::{
    ask::List,
    code::Node,
    eval::cells,
    frame::{Cell, Frame},
    lower::Lowerer,
    run::call,
};
use crate::{
    call::{Cx, Result},
    exception,
    ir::{Arg, Conversion, Expr, FnId, Kind},
    surface::{MemberId, Pass},
    ty::Ty,
    value::{Array, Collection, Iter, Value},
};

/// A chain of LINQ methods that ends with a value.
pub(super) struct Pipeline {
    source: Source,
    stages: Box<[Stage]>,
    end: End,
    /// The steps of the calls that the loop stands for.
    cost: u64,
    /// Whether a stage captures variables.
    captures: bool,
}

enum Source {
    List(List),
    Other(Node),
}

/// A lambda of one parameter that each item goes through.
struct Stage {
    kind: StageKind,
    function: usize,
    cells: Box<[usize]>,
}

enum StageKind {
    Select,
    /// Hands on what the predicate says `true` of, or `false`.
    Where(bool),
}

enum End {
    Any,
    All,
    Count,
    Contains(Node),
    /// The exception's text where there is no item.
    First(&'static str),
    FirstOrDefault(Ty),
}

impl Lowerer<'_> {
    /// A call that ends a chain of stages with lambdas, if it is one.
    pub(super) fn pipeline(&mut self, member: MemberId, args: &[Arg], types: &[Ty]) -> Option<Pipeline> {
        let pass = self.shared.surface.member(member).row.passes?;
        let [Arg::Value(source), rest @ ..] = args else { return None };
        let (mut stages, mut sought) = (Vec::new(), None);
        match (pass, rest) {
            (Pass::Select | Pass::Where, _) => return None,
            (Pass::Contains, [Arg::Value(value)]) => sought = Some(value),
            (Pass::Any | Pass::Count | Pass::First | Pass::FirstOrDefault, []) => {}
            (Pass::Any | Pass::Count | Pass::First | Pass::FirstOrDefault, [Arg::Value(predicate)]) => {
                stages.push((StageKind::Where(true), self.lambda(predicate)?));
            }
            (Pass::All, [Arg::Value(predicate)]) => stages.push((StageKind::Where(false), self.lambda(predicate)?)),
            _ => return None,
        }
        let has_predicate = !stages.is_empty();
        let mut source = peeled(source);
        let mut cost = 1;
        while let Some((kind, function, inner)) = self.stage(source) {
            stages.push((kind, function));
            source = peeled(inner);
            cost += 1;
        }
        if stages.is_empty() {
            return None;
        }
        let source = match self.listed(source) {
            Some(list) => Source::List(list),
            None => Source::Other(self.enumerated(source)),
        };
        let stages: Box<[Stage]> = stages
            .into_iter()
            .rev()
            .map(|(kind, id)| Stage { kind, function: id.0 as usize, cells: self.captured(id) })
            .collect();
        let end = match pass {
            Pass::Any => End::Any,
            Pass::All => End::All,
            Pass::Count => End::Count,
            Pass::First if has_predicate => End::First("Sequence contains no matching element"),
            Pass::First => End::First("Sequence contains no elements"),
            Pass::FirstOrDefault => End::FirstOrDefault(types.first().cloned().unwrap_or(Ty::OBJECT)),
            Pass::Contains => End::Contains(self.node(sought?)),
            Pass::Select | Pass::Where => return None,
        };
        let captures = stages.iter().any(|stage| !stage.cells.is_empty());
        Some(Pipeline { source, stages, end, cost, captures })
    }

    /// A list that is only enumerated or indexed, by the one who asks for it here.
    pub(super) fn enumerated(&mut self, expr: &Expr) -> Node {
        let mut node = self.node(expr);
        self.give_lazily(expr, &mut node);
        node
    }

    /// Lets the call that makes a list give the items as they are asked for, if it can.
    pub(super) fn give_lazily(&self, expr: &Expr, node: &mut Node) {
        if let (Node::Call(call), Kind::Call { member, .. }) = (node, &peeled(expr).kind)
            && let Some(lazy) = self.shared.surface.member(*member).row.lazy
        {
            call.target.run = lazy;
        }
    }

    /// `Select` or `Where` with a lambda, and what it is called on.
    fn stage<'e>(&self, expr: &'e Expr) -> Option<(StageKind, FnId, &'e Expr)> {
        let Kind::Call { member, args, .. } = &expr.kind else { return None };
        let kind = match self.shared.surface.member(*member).row.passes? {
            Pass::Select => StageKind::Select,
            Pass::Where => StageKind::Where(true),
            _ => return None,
        };
        let [Arg::Value(source), Arg::Value(delegate)] = args.as_slice() else { return None };
        Some((kind, self.lambda(delegate)?, source))
    }

    /// A lambda of one parameter.
    fn lambda(&self, expr: &Expr) -> Option<FnId> {
        let Kind::Lambda(id) = &peeled(expr).kind else { return None };
        let function = self.shared.unit.functions.get(id.0 as usize)?;
        let is_plain = function.iterator.is_none() && matches!(function.params.as_slice(), [param] if !param.by_ref);
        is_plain.then_some(*id)
    }
}

/// An expression without what changes its static type only.
fn peeled(expr: &Expr) -> &Expr {
    match &expr.kind {
        Kind::Convert(Conversion::Same | Conversion::Retype, inner) => peeled(inner),
        _ => expr,
    }
}

/// Where the items come from while the loop runs.
enum Items<'p> {
    List(&'p List, usize),
    Array(Value, usize),
    Iter(Box<dyn Iter>),
}

impl Items<'_> {
    #[inline]
    fn next(&mut self, cx: &mut Cx<'_>) -> Result<Option<Value>> {
        match self {
            Self::List(list, at) => {
                *at += 1;
                Ok(list.listing.item(&*cx.host, *at - 1))
            }
            Self::Array(array, at) => {
                *at += 1;
                Ok(array.downcast::<Array>().and_then(|array| array.item(*at - 1)))
            }
            Self::Iter(iter) => iter.next(cx),
        }
    }
}

impl Pipeline {
    #[inline(never)]
    pub(super) fn eval(&self, f: &mut Frame<'_>, cx: &mut Cx<'_>) -> Result<Value> {
        let source = match &self.source {
            Source::List(list) => {
                list.require(&*cx.host)?;
                Value::Null
            }
            Source::Other(node) => match node.eval(f, cx)? {
                Value::Null => return Err(exception::argument_null("source")),
                source => source,
            },
        };
        // The arguments of the last call come before the first item.
        let sought = if let End::Contains(node) = &self.end { node.eval(f, cx)? } else { Value::Null };
        let mut items = match &self.source {
            Source::List(list) => Items::List(list, 0),
            Source::Other(_) if source.downcast::<Array>().is_some() => Items::Array(source, 0),
            Source::Other(_) => Items::Iter(cx.iterate(&source)?),
        };
        cx.meter.steps(self.cost)?;
        let held: Vec<Vec<Cell>> =
            if self.captures { self.stages.iter().map(|stage| cells(&stage.cells, f)).collect() } else { Vec::new() };
        let mut count = 0_i64;
        while let Some(mut item) = items.next(cx)? {
            if !self.passes(&mut item, &held, f, cx)? {
                continue;
            }
            cx.meter.step()?;
            match &self.end {
                End::Any => return Ok(Value::Bool(true)),
                End::All => return Ok(Value::Bool(false)),
                End::Count => count += 1,
                End::Contains(_) if item.equals(&sought) => return Ok(Value::Bool(true)),
                End::Contains(_) => {}
                End::First(_) | End::FirstOrDefault(_) => return Ok(item),
            }
        }
        match &self.end {
            End::Any | End::Contains(_) => Ok(Value::Bool(false)),
            End::All => Ok(Value::Bool(true)),
            End::Count => Ok(Value::Int(count as i32)),
            End::First(missing) => Err(exception::invalid_operation(*missing)),
            End::FirstOrDefault(ty) => Ok(Value::default_of(ty)),
        }
    }

    /// Sends an item through all stages; whether it comes out.
    fn passes(&self, item: &mut Value, held: &[Vec<Cell>], f: &mut Frame<'_>, cx: &mut Cx<'_>) -> Result<bool> {
        for (at, stage) in self.stages.iter().enumerate() {
            cx.meter.step()?;
            let cells = held.get(at).map_or(&[][..], Vec::as_slice);
            let mut out = Value::Null;
            match stage.kind {
                StageKind::Select => {
                    call(f.code, stage.function, cells, cx, std::slice::from_mut(item), &mut out)?;
                    *item = out;
                }
                StageKind::Where(wanted) => {
                    call(f.code, stage.function, cells, cx, &mut [item.clone()], &mut out)?;
                    if matches!(out, Value::Bool(true)) != wanted {
                        return Ok(false);
                    }
                }
            }
        }
        Ok(true)
    }
}
