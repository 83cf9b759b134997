//! Facts of `context` that a text names in full: the host is asked at once, and nothing is made of what leads to them.

use std::borrow::Cow;

use super::{
    code::{BoolNode, Code, Node, Op, constant},
    lower::Lowerer,
    types::is_instance,
};
use crate::{
    call::Result,
    exception,
    host::{Ask, Find, Host, Listing, Pairs, Part, Text},
    ir::{self, Expr, Kind},
    limits::{Limits, Meter},
    program::Failure,
    surface::{MemberId, Purity, Surface},
    text::Str,
    ty::Ty,
    value::{Const, Value},
};

/// A text of the host.
#[derive(Clone)]
pub(super) struct Fact {
    text: Text,
    /// The part that it belongs to, which must be there.
    of: Option<Part>,
}

/// What facts alone decide.
#[derive(Clone)]
pub(super) enum Decision {
    Is { fact: Fact, text: Box<str>, negated: bool },
    IsNull { fact: Fact, negated: bool },
    Not(Box<Decision>),
    And(Box<(Decision, Decision)>),
    Or(Box<(Decision, Decision)>),
}

/// A list of the host.
pub(super) struct List {
    pub(super) listing: &'static Listing,
    /// The part that it belongs to, which must be there.
    of: Option<Part>,
}

/// A name in a dictionary of the host.
#[derive(Clone)]
pub(super) struct Lookup {
    name: Box<str>,
    place: Dictionary,
    /// The dictionary's owner, which must be there.
    of: Option<Part>,
    missing: Missing,
}

#[derive(Clone)]
enum Dictionary {
    Pairs(Pairs),
    /// Of this type, if the text says so.
    Variables(Option<Ty>),
}

#[derive(Clone)]
enum Missing {
    Raise,
    Default(Const),
}

impl Lowerer<'_> {
    /// A call that asks the host for a fact or a name of a dictionary, if it is one.
    pub(super) fn asked(&mut self, member: MemberId, args: &[ir::Arg], types: &[Ty]) -> Option<Node> {
        let row = self.shared.surface.member(member).row;
        if let Some(find) = row.finds {
            return self.lookup(find, args, types).map(|lookup| Node::Lookup(Box::new(lookup)));
        }
        match self.way(member, args)? {
            (Ask::Text(text), of) => Some(Node::Fact(Box::new(Fact { text, of }))),
            _ => None,
        }
    }

    /// A list of the host that the text names in full.
    pub(super) fn listed(&mut self, expr: &Expr) -> Option<List> {
        let Kind::Call { member, args, .. } = &expr.kind else { return None };
        match self.way(*member, args)? {
            (Ask::List(listing), of) => Some(List { listing, of }),
            _ => None,
        }
    }

    fn lookup(&mut self, find: Find, args: &[ir::Arg], types: &[Ty]) -> Option<Lookup> {
        let [ir::Arg::Value(dictionary), ir::Arg::Value(name), rest @ ..] = args else { return None };
        let Kind::Call { member, args, .. } = &dictionary.kind else { return None };
        let (ask, of) = self.way(*member, args)?;
        let Const::Str(name) = constant(&self.node(name))? else { return None };
        let name = name.as_str()?.into();
        let missing = match (find, rest) {
            (Find::Item, []) => Missing::Raise,
            (Find::ItemOr | Find::Joined, []) => Missing::Default(Const::Null),
            (Find::ItemOr | Find::Joined, [ir::Arg::Value(default)]) => {
                Missing::Default(constant(&self.node(default))?)
            }
            _ => return None,
        };
        let place = match (find, ask) {
            (Find::Joined, Ask::Pairs(pairs)) => Dictionary::Pairs(pairs),
            (Find::Item, Ask::Variables) => Dictionary::Variables(None),
            (Find::ItemOr, Ask::Variables) => Dictionary::Variables(types.last().cloned()),
            _ => return None,
        };
        Some(Lookup { name, place, of, missing })
    }

    /// Where a member leads, if its receiver is known now or is a part of `context`.
    fn way(&mut self, member: MemberId, args: &[ir::Arg]) -> Option<(Ask, Option<Part>)> {
        let asks = self.shared.surface.member(member).row.asks?;
        let [ir::Arg::Value(receiver)] = args else { return None };
        match &receiver.kind {
            Kind::Call { member, args, .. } if self.is_pure(*member) => {
                let [ir::Arg::Value(_)] = args.as_slice() else { return None };
                self.handle(receiver).map(|word| (asks(word), None))
            }
            Kind::Call { member, args, .. } => match self.way(*member, args)? {
                (Ask::Part(part), None) => Some((asks(0), Some(part))),
                _ => None,
            },
            _ => self.handle(receiver).map(|word| (asks(word), None)),
        }
    }

    fn is_pure(&self, member: MemberId) -> bool {
        self.shared.surface.member(member).row.purity == Purity::Pure
    }

    fn handle(&mut self, receiver: &Expr) -> Option<u64> {
        match &receiver.kind {
            Kind::Const(Const::Word(_, word)) => Some(*word),
            Kind::Call { .. } => match self.node(receiver) {
                Node::Const(Const::Word(_, word)) => Some(word),
                _ => None,
            },
            _ => None,
        }
    }
}

fn require(of: Option<Part>, host: &dyn Host) -> Result<()> {
    match of {
        Some(part) if !host.has(part) => Err(exception::null_reference()),
        _ => Ok(()),
    }
}

impl Fact {
    /// The text; none is `null`.
    #[inline]
    pub(super) fn ask<'h>(&self, host: &'h dyn Host, meter: &mut Meter<'_>) -> Result<Option<Cow<'h, str>>> {
        meter.step()?;
        require(self.of, host)?;
        Ok(host.text(self.text))
    }
}

impl Decision {
    #[inline]
    pub(super) fn decide(&self, host: &dyn Host, meter: &mut Meter<'_>) -> Result<bool> {
        match self {
            Self::Is { fact, text, negated } => {
                Ok(fact.ask(host, meter)?.is_some_and(|found| *found == **text) != *negated)
            }
            other => other.decide_more(host, meter),
        }
    }

    #[inline(never)]
    fn decide_more(&self, host: &dyn Host, meter: &mut Meter<'_>) -> Result<bool> {
        Ok(match self {
            Self::Is { .. } => self.decide(host, meter)?,
            Self::IsNull { fact, negated } => fact.ask(host, meter)?.is_none() != *negated,
            Self::Not(inner) => !inner.decide(host, meter)?,
            Self::And(pair) => pair.0.decide(host, meter)? && pair.1.decide(host, meter)?,
            Self::Or(pair) => pair.0.decide(host, meter)? || pair.1.decide(host, meter)?,
        })
    }
}

impl List {
    /// Raises where there is nothing that could have the list.
    pub(super) fn require(&self, host: &dyn Host) -> Result<()> {
        require(self.of, host)
    }
}

/// A text that only asks for facts and strings: it runs without a frame, and what it gives needs nothing else to be printed.
pub(crate) struct Plain {
    cost: u64,
    what: What,
}

enum What {
    Decision(Decision),
    Fact(Fact),
    /// In a dictionary of strings.
    Lookup(Lookup),
}

impl Plain {
    /// The text as such a one, if it is.
    pub(crate) fn of(code: &Code) -> Option<Self> {
        let func = code.functions.first().filter(|func| func.is_expression && func.is_bare())?;
        let Op::Return(Some(node)) = func.ops.first()? else { return None };
        let what = match node {
            Node::Fact(fact) => What::Fact((**fact).clone()),
            Node::Lookup(lookup) if let Dictionary::Pairs(_) = lookup.place => What::Lookup((**lookup).clone()),
            Node::Bool(node) if let BoolNode::Facts(decision) = &**node => What::Decision((**decision).clone()),
            _ => return None,
        };
        Some(Self { cost: func.cost, what })
    }

    /// A `bool`, a string or `null`.
    #[inline]
    pub(crate) fn run(
        &self,
        host: &dyn Host,
        surface: &Surface,
        limits: &Limits,
    ) -> std::result::Result<Value, Failure> {
        let mut meter = Meter::new(limits);
        if let Err(raise) = meter.steps(self.cost) {
            return Err(raise.into());
        }
        // Each result is made where it leaves: moving a value that was just written in pieces takes longer than to find it.
        match &self.what {
            What::Decision(decision) => match decision.decide(host, &mut meter) {
                Ok(value) => Ok(Value::Bool(value)),
                Err(raise) => Err(raise.into()),
            },
            What::Fact(fact) => match fact.ask(host, &mut meter) {
                Ok(Some(text)) => Ok(Value::str(text)),
                Ok(None) => Ok(Value::Null),
                Err(raise) => Err(raise.into()),
            },
            What::Lookup(lookup) => lookup.find(host, surface, &mut meter).map_err(Failure::from),
        }
    }
}

impl Lookup {
    #[inline(never)]
    pub(super) fn find(&self, host: &dyn Host, surface: &Surface, meter: &mut Meter<'_>) -> Result<Value> {
        meter.step()?;
        require(self.of, host)?;
        let found = match &self.place {
            Dictionary::Pairs(pairs) => host.pair(*pairs, &self.name).map(Value::str),
            Dictionary::Variables(_) => host.variable(&self.name),
        };
        let Some(value) = found else {
            return match &self.missing {
                Missing::Raise => Err(exception::key_not_found(&Str::from(&*self.name))),
                Missing::Default(default) => Ok(default.value()),
            };
        };
        if let Dictionary::Variables(Some(ty)) = &self.place {
            check(&value, ty, surface)?;
        }
        Ok(value)
    }
}

/// What a variable of another type than the text says does.
fn check(value: &Value, ty: &Ty, surface: &Surface) -> Result<()> {
    if value.is_null() {
        let takes_null = !ty.is_value_type() || ty.is_nullable();
        return if takes_null { Ok(()) } else { Err(exception::null_reference()) };
    }
    let fits = is_instance(value, ty.unwrap_nullable(), surface);
    if fits { Ok(()) } else { Err(exception::cannot_cast(&value.ty(), ty)) }
}
