//! `context.Variables`: the variables of the exchange, which the host holds.

use std::rc::Rc;

use csharp::{
    Str, Ty, Value,
    value::{Collection, Iter, Object, from_fn},
};

use crate::collections::{READ_ONLY_DICTIONARY, pair};

pub(super) struct Variables;

/// One object serves all: it holds nothing.
pub(super) fn value() -> Value {
    thread_local!(static SHARED: Rc<dyn Object> = Rc::new(Variables));
    Value::Object(SHARED.with(Rc::clone))
}

impl Object for Variables {
    fn ty(&self) -> Ty {
        Ty::generic(&READ_ONLY_DICTIONARY, vec![Ty::STRING, Ty::OBJECT])
    }

    fn iterate(self: Rc<Self>) -> Option<Box<dyn Iter>> {
        let mut names: Option<std::vec::IntoIter<Str>> = None;
        Some(Box::new(from_fn(move |cx| {
            let names = names.get_or_insert_with(|| cx.host.variable_names().into_iter());
            Ok(names.next().map(|name| {
                let value = cx.host.variable(&name.to_text()).unwrap_or_default();
                pair(&Ty::STRING, &Ty::OBJECT, Value::Str(name), value)
            }))
        })))
    }

    fn collection(&self) -> Option<&dyn Collection> {
        Some(self)
    }

    fn host_lookup(&self, cx: &csharp::Cx<'_>, key: &Value) -> Option<Option<Value>> {
        Some(key.as_str().and_then(|name| cx.host.variable(&name.to_text())))
    }

    fn host_count(&self, cx: &csharp::Cx<'_>) -> Option<usize> {
        Some(cx.host.variable_names().len())
    }
}

impl Collection for Variables {
    fn count(&self) -> usize {
        0
    }

    fn item(&self, _index: usize) -> Option<Value> {
        None
    }

    fn is_read_only(&self) -> bool {
        true
    }
}
