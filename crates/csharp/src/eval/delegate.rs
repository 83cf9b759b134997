//! Delegates made by lambdas and local functions, and the sequences that iterators give.

use std::{rc::Rc, sync::Arc};

use super::{Cell, Code, call};
use crate::{
    call::{Cx, Result},
    surface::Surface,
    ty::Ty,
    value::{Array, Iter, Object, Value, from_fn},
};

/// A function with the variables it has captured.
pub(crate) struct Delegate {
    pub(super) ty: Ty,
    pub(super) code: Arc<Code>,
    pub(super) function: usize,
    pub(super) captured: Box<[Cell]>,
}

impl Object for Delegate {
    fn ty(&self) -> Ty {
        self.ty.clone()
    }

    fn invoke(&self, cx: &mut Cx<'_>, args: &mut [Value]) -> Option<Result<Value>> {
        Some(call(&self.code, self.function, &self.captured, args, cx))
    }
}

/// What an iterator has given, as an `IEnumerable<T>`.
struct Sequence {
    ty: Ty,
    items: Vec<Value>,
}

impl Object for Sequence {
    fn ty(&self) -> Ty {
        self.ty.clone()
    }

    fn iterate(self: Rc<Self>) -> Option<Box<dyn Iter>> {
        let mut at = 0;
        Some(Box::new(from_fn(move |_| {
            at += 1;
            Ok(self.items.get(at - 1).cloned())
        })))
    }
}

pub(super) fn sequence(surface: &Surface, element: &Ty, items: Vec<Value>) -> Value {
    match surface.type_named("System.Collections.Generic.IEnumerable", 1) {
        Some(info) => Value::object(Sequence { ty: Ty::generic(info.def, vec![element.clone()]), items }),
        None => Value::object(Array::new(element.clone(), items)),
    }
}
