//! String concatenation and interpolation.

use super::{code::Node, eval::gather, frame::Frame};
use crate::{
    call::{Cx, Result},
    text::{Str, StrBuilder},
    value::{Const, Value},
};

/// Text that is put together: in place as long as a [`Str`] holds it in place.
struct Joined {
    short: [u8; SHORT],
    length: usize,
    /// All of it, once it is longer or is not UTF-8.
    long: Option<StrBuilder>,
}

const SHORT: usize = 22;

impl Joined {
    fn new() -> Self {
        Self { short: [0; SHORT], length: 0, long: None }
    }

    /// Whether the bytes found room on the stack.
    #[inline]
    fn fits(&mut self, bytes: &[u8]) -> bool {
        let end = self.length + bytes.len();
        match self.short.get_mut(self.length..end) {
            Some(place) if self.long.is_none() => {
                place.copy_from_slice(bytes);
                self.length = end;
                true
            }
            _ => false,
        }
    }

    fn push_str(&mut self, text: &str) {
        if !self.fits(text.as_bytes()) {
            self.spilled(text.len()).push_str(text);
        }
    }

    fn push(&mut self, text: &Str) {
        match text.as_ascii() {
            Some(bytes) if self.fits(bytes) => {}
            _ => self.spilled(text.byte_len()).push(text),
        }
    }

    fn spilled(&mut self, more: usize) -> &mut StrBuilder {
        let Self { short, length, long } = self;
        long.get_or_insert_with(|| {
            let mut all = StrBuilder::with_capacity(*length + more + 64);
            all.push_str(std::str::from_utf8(&short[..*length]).unwrap_or_default());
            all
        })
    }

    fn finish(self, cx: &mut Cx<'_>) -> Result<Value> {
        let text = match self.long {
            None => std::str::from_utf8(&self.short[..self.length]).unwrap_or_default().into(),
            Some(long) => long.finish(),
        };
        cx.meter.text(text.byte_len())?;
        Ok(Value::Str(text))
    }
}

/// Parts whose text nothing can change between their evaluation and the end: each is written as it comes.
#[inline(never)]
pub(super) fn join(parts: &[Node], f: &mut Frame<'_>, cx: &mut Cx<'_>) -> Result<Value> {
    let mut joined = Joined::new();
    for part in parts {
        match part {
            Node::Const(Const::Str(text)) => joined.push(text),
            Node::Fact(fact) => joined.push_str(&fact.ask(cx)?.unwrap_or_default()),
            part => match part.eval(f, cx)? {
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
