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
pub(crate) fn sequence(element: Ty, items: Vec<Value>) -> Value {
    let items: Rc<[Value]> = items.into();
    lazy(element, move |_| Ok(boxed(items.clone())))
}

fn boxed(items: Rc<[Value]>) -> Box<dyn Iter> {
    let mut at = 0;
    Box::new(from_fn(move |_| {
        at += 1;
        Ok(items.get(at - 1).cloned())
    }))
}

/// An iteration over items that are there already.
pub(crate) fn items(items: Vec<Value>) -> Box<dyn Iter> {
    boxed(items.into())
}
