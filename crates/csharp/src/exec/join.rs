//! String concatenation and interpolation.

use std::cell::Cell;

use super::{ask::Fact, code::Node, eval::gather, frame::Frame};
use crate::{
    call::{Cx, Result},
    text::{Str, StrBuilder},
    value::{Const, Value},
};

/// A part of a text whose parts are written as they come.
pub(super) enum Piece {
    Text(Box<str>),
    Fact(Fact),
    Other(Node),
}

impl Piece {
    pub(super) fn of(node: Node) -> Self {
        match node {
            Node::Fact(fact) => Self::Fact(*fact),
            Node::Const(Const::Str(text)) => match text.as_str() {
                Some(text) => Self::Text(text.into()),
                None => Self::Other(Node::Const(Const::Str(text))),
            },
            node => Self::Other(node),
        }
    }
}

thread_local! {
    /// Room for a text that is put together: whoever does so takes it along, and leaves it to the next.
    static ROOM: Cell<String> = const { Cell::new(String::new()) };
}

/// Room beyond this is not kept.
const KEPT: usize = 4096;

/// Text that is put together: in room that is there already, so that the result alone is allocated.
struct Joined {
    text: String,
    /// All of it, once it is not UTF-8.
    wide: Option<StrBuilder>,
}

impl Joined {
    #[inline]
    fn new() -> Self {
        let mut text = ROOM.take();
        text.clear();
        Self { text, wide: None }
    }

    #[inline]
    fn push_str(&mut self, text: &str) {
        match &mut self.wide {
            None => self.text.push_str(text),
            Some(wide) => wide.push_str(text),
        }
    }

    fn push(&mut self, text: &Str) {
        match text.as_str() {
            Some(text) => self.push_str(text),
            None => {
                let Self { text: before, wide } = self;
                let start = || {
                    let mut all = StrBuilder::with_capacity(before.len() + text.byte_len());
                    all.push_str(before);
                    all
                };
                wide.get_or_insert_with(start).push(text);
            }
        }
    }

    fn finish(self, cx: &mut Cx<'_>) -> Result<Value> {
        let Self { text: room, wide } = self;
        let text = match wide {
            None => Str::from(room.as_str()),
            Some(wide) => wide.finish(),
        };
        if room.capacity() <= KEPT {
            ROOM.set(room);
        }
        cx.meter.text(text.byte_len())?;
        Ok(Value::Str(text))
    }
}

/// Parts whose text nothing can change between their evaluation and the end: each is written as it comes.
#[inline(never)]
pub(super) fn join(pieces: &[Piece], f: &mut Frame<'_>, cx: &mut Cx<'_>) -> Result<Value> {
    let mut joined = Joined::new();
    for piece in pieces {
        match piece {
            Piece::Text(text) => joined.push_str(text),
            Piece::Fact(fact) => joined.push_str(&fact.ask(&*cx.host, &mut cx.meter)?.unwrap_or_default()),
            Piece::Other(node) => match node.eval(f, cx)? {
                Value::Str(text) => joined.push(&text),
                value => joined.push(&cx.text(&value)?),
            },
        }
    }
    joined.finish(cx)
}

/// Any parts: each is evaluated before the text of the first is asked for.
#[inline(never)]
pub(super) fn concat(parts: &[Node], f: &mut Frame<'_>, cx: &mut Cx<'_>) -> Result<Value> {
    gather(parts, f, cx, |values, _, cx| {
        let mut joined = Joined::new();
        for value in values.iter() {
            match value {
                Value::Str(text) => joined.push(text),
                value => joined.push(&cx.text(value)?),
            }
        }
        joined.finish(cx)
    })
}

/// Parts with alignments and formats.
#[inline(never)]
pub(super) fn interpolate(parts: &[Node], formats: &[(i32, Str)], f: &mut Frame<'_>, cx: &mut Cx<'_>) -> Result<Value> {
    gather(parts, f, cx, |values, _, cx| {
        let mut joined = Joined::new();
        for (value, (alignment, format)) in values.iter().zip(formats) {
            let text = match (value, format.as_str()) {
                (Value::Str(text), _) => text.clone(),
                (Value::Null, _) => Str::EMPTY,
                (value, Some(format)) if !format.is_empty() => cx.format(value, format)?,
                (value, _) => cx.text(value)?,
            };
            joined.push(&align(text, *alignment, cx)?);
        }
        joined.finish(cx)
    })
}

fn align(text: Str, alignment: i32, cx: &mut Cx<'_>) -> Result<Str> {
    let width = alignment.unsigned_abs() as usize;
    let Some(missing) = width.checked_sub(text.len()).filter(|missing| *missing > 0) else { return Ok(text) };
    cx.meter.text(width)?;
    let padding = Str::from(" ".repeat(missing));
    Ok(if alignment < 0 { text.concat(&padding) } else { padding.concat(&text) })
}
