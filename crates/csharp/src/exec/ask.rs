//! Facts of `context` that a text names in full: the host is asked at once, and nothing is made of what leads to them.

use std::borrow::Cow;

use super::{
    code::{Node, constant},
    lower::Lowerer,
    types::is_instance,
};
use crate::{
    call::{Cx, Result},
    exception,
    host::{Ask, Find, Pairs, Part, Text},
    ir::{self, Expr, Kind},
    surface::{MemberId, Purity},
    text::Str,
    ty::Ty,
    value::{Const, Value},
};

/// A text of the host.
pub(super) struct Fact {
    text: Text,
    /// The part that it belongs to, which must be there.
    of: Option<Part>,
}

/// A name in a dictionary of the host.
pub(super) struct Lookup {
    name: Box<str>,
    place: Dictionary,
    /// The dictionary's owner, which must be there.
    of: Option<Part>,
    missing: Missing,
}

enum Dictionary {
    Pairs(Pairs),
    /// Of this type, if the text says so.
    Variables(Option<Ty>),
}

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

fn require(of: Option<Part>, cx: &Cx<'_>) -> Result<()> {
    match of {
        Some(part) if !cx.host.has(part) => Err(exception::null_reference()),
        _ => Ok(()),
    }
}

impl Fact {
    /// The text; none is `null`.
    #[inline]
    pub(super) fn ask<'c>(&self, cx: &'c mut Cx<'_>) -> Result<Option<Cow<'c, str>>> {
        cx.meter.step()?;
        require(self.of, cx)?;
        Ok(cx.host.text(self.text))
    }
}

impl Lookup {
    #[inline(never)]
    pub(super) fn find(&self, cx: &mut Cx<'_>) -> Result<Value> {
        cx.meter.step()?;
        require(self.of, cx)?;
        let found = match &self.place {
            Dictionary::Pairs(pairs) => cx.host.pair(*pairs, &self.name).map(Value::str),
            Dictionary::Variables(_) => cx.host.variable(&self.name),
        };
        let Some(value) = found else {
            return match &self.missing {
                Missing::Raise => Err(exception::key_not_found(&Str::from(&*self.name))),
                Missing::Default(default) => Ok(default.value()),
            };
        };
        if let Dictionary::Variables(Some(ty)) = &self.place {
            check(&value, ty, cx)?;
        }
        Ok(value)
    }
}

/// What a variable of another type than the text says does.
fn check(value: &Value, ty: &Ty, cx: &Cx<'_>) -> Result<()> {
    if value.is_null() {
        let takes_null = !ty.is_value_type() || ty.is_nullable();
        return if takes_null { Ok(()) } else { Err(exception::null_reference()) };
    }
    let fits = is_instance(value, ty.unwrap_nullable(), cx.surface);
    if fits { Ok(()) } else { Err(exception::cannot_cast(&value.ty(), ty)) }
}
