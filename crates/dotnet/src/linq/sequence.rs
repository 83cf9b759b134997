//! Lazy sequences: what LINQ methods return.

use std::rc::Rc;

use csharp::{
    Cx, Result, Ty, Value,
    value::{Iter, Object, from_fn},
};

type Start = dyn Fn(&mut Cx<'_>) -> Result<Box<dyn Iter>>;

/// An `IEnumerable<T>` that starts anew for each enumeration.
struct Sequence {
    element: Ty,
    start: Box<Start>,
}

impl Object for Sequence {
    fn ty(&self) -> Ty {
        Ty::generic(&crate::collections::ENUMERABLE_OF, vec![self.element.clone()])
    }

    fn iterate(self: Rc<Self>) -> Option<Box<dyn Iter>> {
        let mut running: Option<Box<dyn Iter>> = None;
        Some(Box::new(from_fn(move |cx| {
            // Sequences over sequences nest as deep as a loop has piled them up.
            cx.meter.enter()?;
            let next = self.advance(&mut running, cx);
            cx.meter.leave();
            next
        })))
    }
}

impl Sequence {
    fn advance(&self, running: &mut Option<Box<dyn Iter>>, cx: &mut Cx<'_>) -> Result<Option<Value>> {
        let iter = match running {
            Some(iter) => iter,
            None => running.insert((self.start)(cx)?),
        };
        iter.next(cx)
    }
}

/// A sequence that begins with `start` whenever it is enumerated, and not before.
pub(crate) fn lazy(element: Ty, start: impl Fn(&mut Cx<'_>) -> Result<Box<dyn Iter>> + 'static) -> Value {
    Value::object(Sequence { element, start: Box::new(start) })
}

/// A sequence of items that are there already.
struct Listed {
    element: Ty,
    items: Vec<Value>,
}

impl Object for Listed {
    fn ty(&self) -> Ty {
        Ty::generic(&crate::collections::ENUMERABLE_OF, vec![self.element.clone()])
    }

    fn iterate(self: Rc<Self>) -> Option<Box<dyn Iter>> {
        let mut at = 0;
        Some(Box::new(from_fn(move |_| {
            at += 1;
            Ok(self.items.get(at - 1).cloned())
        })))
    }
}

/// A sequence of items that are there already.
pub(crate) fn sequence(element: Ty, items: Vec<Value>) -> Value {
    Value::object(Listed { element, items })
}

/// An iteration over items that are there already.
pub(crate) fn items(items: Vec<Value>) -> Box<dyn Iter> {
    let mut items = items.into_iter();
    Box::new(from_fn(move |_| Ok(items.next())))
}

/// What `Select` gives.
struct Mapped {
    element: Ty,
    source: Value,
    selector: Value,
    indexed: bool,
}

struct Mapping {
    of: Rc<Mapped>,
    inner: Option<Box<dyn Iter>>,
    index: i32,
}

/// A sequence of what a delegate makes of each item.
pub(super) fn mapped(element: Ty, source: Value, selector: Value, indexed: bool) -> Value {
    Value::object(Mapped { element, source, selector, indexed })
}

impl Object for Mapped {
    fn ty(&self) -> Ty {
        Ty::generic(&crate::collections::ENUMERABLE_OF, vec![self.element.clone()])
    }

    fn iterate(self: Rc<Self>) -> Option<Box<dyn Iter>> {
        Some(Box::new(Mapping { of: self, inner: None, index: 0 }))
    }
}

impl Iter for Mapping {
    fn next(&mut self, cx: &mut Cx<'_>) -> Result<Option<Value>> {
        cx.meter.enter()?;
        let next = self.advance(cx);
        cx.meter.leave();
        next
    }
}

impl Mapping {
    fn advance(&mut self, cx: &mut Cx<'_>) -> Result<Option<Value>> {
        let inner = match &mut self.inner {
            Some(inner) => inner,
            None => self.inner.insert(cx.iterate(&self.of.source)?),
        };
        let Some(item) = inner.next(cx)? else { return Ok(None) };
        cx.meter.step()?;
        let at = self.index;
        self.index = at.wrapping_add(1);
        let mapped = if self.of.indexed {
            cx.call(&self.of.selector, &mut [item, Value::Int(at)])
        } else {
            cx.call(&self.of.selector, &mut [item])
        };
        mapped.map(Some)
    }
}
