//! `String.Split`: an array, or for those who only enumerate or index it, pieces that are made when they are asked for.

use std::{borrow::Cow, rc::Rc};

use csharp::{
    Args, Cx, Result, Str, Ty, Value, exception,
    value::{Array, Collection, Iter, Object, from_fn},
};

use super::string::is_white;

/// The only separator, and whether empty pieces are left out: nearly every `Split`.
fn plain_separator(args: &Args<'_>) -> Option<(Value, bool)> {
    let options = match (args.len(), args.value(2)) {
        (2, _) => 0,
        (3, Value::Word(_, options)) => *options,
        _ => return None,
    };
    let only = |array: &Array| if array.count() == 1 { array.item(0) } else { None };
    let separator = match args.value(1) {
        Value::Object(_) => args.object(1).and_then(only)?,
        other => other.clone(),
    };
    Some((separator, options & 1 == 1))
}

/// The pieces between one separator, all of them. Text that is not UTF-8 has no short way.
fn split_plainly(args: &Args<'_>) -> Option<Vec<Value>> {
    let (separator, remove_empty) = plain_separator(args)?;
    let kept = |part: &&str| !remove_empty || !part.is_empty();
    match &separator {
        Value::Char(unit) if let (0..128, Some(bytes), false) = (*unit, args.text().as_ascii(), remove_empty) => {
            let separator = *unit as u8;
            let separators: usize = bytes.iter().map(|byte| usize::from(*byte == separator)).sum();
            let mut parts = Vec::with_capacity(separators + 1);
            for part in bytes.split(|byte| *byte == separator) {
                parts.push(Value::Str(Str::of_ascii(part)));
            }
            Some(parts)
        }
        Value::Char(unit) => {
            let separator = char::from_u32(u32::from(*unit))?;
            Some(args.text().as_str()?.split(separator).filter(kept).map(Value::str).collect())
        }
        Value::Str(separator) if !separator.is_empty() => {
            Some(args.text().as_str()?.split(separator.as_str()?).filter(kept).map(Value::str).collect())
        }
        _ => None,
    }
}

/// The same for those who only enumerate or index the pieces.
pub(super) fn split_lazily(cx: &mut Cx<'_>, args: Args<'_>) -> Result<Value> {
    match plain_separator(&args).and_then(|(separator, remove_empty)| Pieces::new(args.text(), separator, remove_empty))
    {
        Some(pieces) => Ok(Value::object(pieces)),
        None => split(cx, args),
    }
}

pub(super) fn split(cx: &mut Cx<'_>, args: Args<'_>) -> Result<Value> {
    if let Some(parts) = split_plainly(&args) {
        cx.meter.allocate(parts.len() * size_of::<Value>())?;
        return Ok(Value::array(Ty::STRING, parts));
    }
    let mut separators: Vec<Cow<'_, [u16]>> = match args.value(1) {
        Value::Char(unit) => vec![vec![*unit].into()],
        Value::Str(text) => vec![text.units().into()],
        _ => args
            .items(1)
            .iter()
            .filter_map(|item| match item {
                Value::Char(unit) => Some(vec![*unit].into()),
                Value::Str(text) => Some(text.units().into()),
                _ => None,
            })
            .collect(),
    };
    separators.retain(|separator| !separator.is_empty());
    let by_white = args.items(1).is_empty() && !matches!(args.value(1), Value::Char(_) | Value::Str(_));
    let (mut limit, mut remove_empty) = (usize::MAX, false);
    for at in 2..args.len() {
        match args.value(at) {
            Value::Int(count) => {
                limit = usize::try_from(*count)
                    .map_err(|_| exception::out_of_range("Count cannot be less than zero.", "count"))?;
            }
            Value::Word(_, options) => remove_empty = options & 1 == 1,
            _ => {}
        }
    }
    let units = args.text().units();
    let (mut parts, mut start, mut at): (Vec<&[u16]>, usize, usize) = (Vec::new(), 0, 0);
    let hit = |at: usize| {
        let rest = units.get(at..).unwrap_or_default();
        if by_white {
            return rest.first().is_some_and(|unit| is_white(*unit)).then_some(1);
        }
        separators.iter().find(|separator| rest.starts_with(separator)).map(|separator| separator.len())
    };
    while at < units.len() && parts.len() + 1 < limit {
        let Some(width) = hit(at) else {
            at += 1;
            continue;
        };
        if !(remove_empty && at == start) {
            parts.push(&units[start..at]);
        }
        at += width;
        start = at;
    }
    // What is left is the last part; with empty parts removed it starts behind the separators that come first.
    if remove_empty && limit > 1 && parts.len() + 1 == limit {
        while let Some(width) = hit(start) {
            start += width;
        }
    }
    let rest = &units[start.min(units.len())..];
    if limit > 0 && !(remove_empty && rest.is_empty()) {
        parts.push(rest);
    }
    cx.meter.allocate(parts.len() * size_of::<Value>())?;
    Ok(Value::strings(parts.into_iter().map(Str::from_units)))
}

/// The pieces of an ASCII text between ASCII separators.
pub(crate) struct Pieces {
    text: Str,
    separator: Separator,
    remove_empty: bool,
}

enum Separator {
    Byte(u8),
    Text(Str),
}

impl Pieces {
    /// `None` where text or separator is not ASCII, or there is no separator.
    fn new(text: &Str, separator: Value, remove_empty: bool) -> Option<Self> {
        let separator = match separator {
            Value::Char(unit @ 0..128) => Separator::Byte(unit as u8),
            Value::Str(separator) if !separator.is_empty() && separator.as_ascii().is_some() => {
                Separator::Text(separator)
            }
            _ => return None,
        };
        text.as_ascii()?;
        Some(Self { text: text.clone(), separator, remove_empty })
    }

    fn bytes(&self) -> &[u8] {
        self.text.as_ascii().unwrap_or_default()
    }

    fn piece(&self, start: usize, end: usize) -> Option<Value> {
        self.text.substring(start, end.checked_sub(start)?).map(Value::Str)
    }

    /// Where the next piece from `at` starts and ends; `at` moves on behind its separator.
    fn next(&self, at: &mut usize) -> Option<(usize, usize)> {
        let text = self.bytes();
        let byte;
        let separator = match &self.separator {
            Separator::Byte(only) => {
                byte = [*only];
                &byte[..]
            }
            Separator::Text(separator) => separator.as_ascii()?,
        };
        loop {
            let start = *at;
            let rest = text.get(start..)?;
            let width = match separator {
                [only] => rest.iter().position(|byte| byte == only),
                _ => rest.windows(separator.len()).position(|window| window == separator),
            };
            let end = width.map_or(text.len(), |width| start + width);
            // Behind the end of the last piece there is nothing.
            *at = if width.is_some() { end + separator.len() } else { usize::MAX };
            if !(self.remove_empty && start == end) {
                return Some((start, end));
            }
        }
    }

    fn spans(&self) -> impl Iterator<Item = (usize, usize)> {
        let mut at = 0;
        std::iter::from_fn(move || self.next(&mut at))
    }

    /// The last one.
    pub(crate) fn last(&self) -> Option<Value> {
        let (start, end) = match (&self.separator, self.bytes()) {
            (Separator::Byte(only), text) if !self.remove_empty => {
                (text.iter().rposition(|byte| byte == only).map_or(0, |at| at + 1), text.len())
            }
            _ => self.spans().last()?,
        };
        self.piece(start, end)
    }
}

impl Object for Pieces {
    fn ty(&self) -> Ty {
        Ty::Array(Ty::STRING.into(), 1)
    }

    fn iterate(self: Rc<Self>) -> Option<Box<dyn Iter>> {
        let mut at = 0;
        Some(Box::new(from_fn(move |cx| -> Result<Option<Value>> {
            cx.meter.allocate(size_of::<Value>())?;
            Ok(self.next(&mut at).and_then(|(start, end)| self.piece(start, end)))
        })))
    }

    fn collection(&self) -> Option<&dyn Collection> {
        Some(self)
    }
}

impl Collection for Pieces {
    fn count(&self) -> usize {
        self.spans().count()
    }

    fn item(&self, index: usize) -> Option<Value> {
        let (start, end) = self.spans().nth(index)?;
        self.piece(start, end)
    }
}
