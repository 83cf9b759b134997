//! `System.Collections.Generic.IEnumerator<T>`: an enumeration that the policy drives itself.

use std::cell::RefCell;

use csharp::{
    Args, Cx, Result, Ty, Value, exception,
    surface::{Kind, TypeDef, acts, reads},
    value::{Iter, Object},
};

pub(crate) static PLAIN: TypeDef = TypeDef {
    name: "System.Collections.IEnumerator",
    kind: Kind::Interface,
    members: &[
        reads("object Current { get; }", current, "The item at hand."),
        acts("bool MoveNext()", move_next, "Goes to the next item; false at the end."),
        acts("void Reset()", reset, "Goes back before the first item."),
    ],
    doc: "A running enumeration.",
    ..TypeDef::CLASS
};

pub(crate) static OF: TypeDef = TypeDef {
    name: "System.Collections.Generic.IEnumerator",
    params: &["out T"],
    kind: Kind::Interface,
    bases: &["System.Collections.IEnumerator", "IDisposable"],
    members: &[reads("T Current { get; }", current, "The item at hand.")],
    doc: "A running enumeration.",
    ..TypeDef::CLASS
};

/// Where an enumeration is.
struct Enumerator {
    element: Ty,
    source: Value,
    running: RefCell<Option<Box<dyn Iter>>>,
    current: RefCell<Option<Value>>,
}

impl Object for Enumerator {
    fn ty(&self) -> Ty {
        Ty::generic(&OF, vec![self.element.clone()])
    }
}

/// `GetEnumerator()` of any sequence.
pub(crate) fn enumerator(cx: &mut Cx<'_>, mut args: Args<'_>) -> Result<Value> {
    let source = args.take(0);
    let element = cx.surface.element_type(&source.ty()).unwrap_or(Ty::OBJECT);
    let (running, current) = (RefCell::new(Some(cx.iterate(&source)?)), RefCell::default());
    Ok(Value::object(Enumerator { element, source, running, current }))
}

/// Before the first item and behind the last it is the type's default, as with the runtime's own collections.
fn current(_cx: &mut Cx<'_>, args: Args<'_>) -> Result<Value> {
    let this = args.this::<Enumerator>()?;
    let current = this.current.borrow().clone();
    Ok(current.unwrap_or_else(|| Value::default_of(&this.element)))
}

fn move_next(cx: &mut Cx<'_>, args: Args<'_>) -> Result<Value> {
    cx.meter.step()?;
    let this = args.this::<Enumerator>()?;
    // Taken out while it runs: what it runs may ask for the enumerator again.
    let Some(mut running) = this.running.take() else {
        return Err(exception::invalid_operation("The enumeration is already running."));
    };
    let next = running.next(cx);
    *this.running.borrow_mut() = Some(running);
    let next = next?;
    let found = next.is_some();
    *this.current.borrow_mut() = next;
    Ok(Value::Bool(found))
}

fn reset(cx: &mut Cx<'_>, args: Args<'_>) -> Result<Value> {
    let this = args.this::<Enumerator>()?;
    *this.running.borrow_mut() = Some(cx.iterate(&this.source)?);
    *this.current.borrow_mut() = None;
    Ok(Value::Null)
}
