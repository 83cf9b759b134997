//! `JEnumerable<T>`, and sequences whose items are known.

use std::rc::Rc;

use csharp::{
    Cx, Result, Ty, Value,
    surface::{Kind, TypeDef, reads},
    value::{Iter, Object, from_fn},
};

use super::{
    exceptions::checked,
    token::{Token, at_key, wrap},
};

pub(super) static DEF: TypeDef = TypeDef {
    name: "Newtonsoft.Json.Linq.JEnumerable",
    params: &["T"],
    kind: Kind::Struct,
    bases: &["IEnumerable<T>"],
    members: &[reads(
        "IEnumerable<JToken> this[object key] { get; }",
        |cx, args| {
            let (mut found, key) = (Vec::new(), args.value(1).clone());
            for item in cx.collect(args.value(0))? {
                let Some(Token(token)) = item.downcast() else { continue };
                found.extend(at_key(token, &key)?.map(wrap));
            }
            sequence(cx, Ty::named(&super::token::DEF), found)
        },
        "What stands under a key of each token.",
    )],
    doc: "A sequence of tokens.",
    ..TypeDef::CLASS
};

/// An `IEnumerable<element>` of these items.
pub(super) fn sequence(cx: &mut Cx<'_>, element: Ty, items: Vec<Value>) -> Result<Value> {
    cx.meter.allocate(items.len() * size_of::<Value>())?;
    Ok(crate::linq::sequence(element, items))
}

/// The children of a token as a `JEnumerable<element>`. It looks again at each step, as .NET's does: a change of the
/// container ends it.
pub(super) fn children(token: json::JToken, element: Ty) -> Value {
    Value::object(Children { token, element })
}

struct Children {
    token: json::JToken,
    element: Ty,
}

impl Object for Children {
    fn ty(&self) -> Ty {
        Ty::generic(&DEF, vec![self.element.clone()])
    }

    fn iterate(self: Rc<Self>) -> Option<Box<dyn Iter>> {
        let (mut walk, element) = (Walk::new(self.token.clone()), self.element.clone());
        Some(Box::new(from_fn(move |cx| {
            loop {
                let Some(child) = walk.next()? else { return Ok(None) };
                let value = wrap(child);
                if cx.surface.is_a(&value.ty(), &element) {
                    return Ok(Some(value));
                }
            }
        })))
    }
}

/// A walk over the children of a token.
pub(super) struct Walk {
    token: json::JToken,
    at: usize,
    count: usize,
}

impl Walk {
    pub(super) fn new(token: json::JToken) -> Self {
        let count = token.count();
        Self { token, at: 0, count }
    }

    pub(super) fn next(&mut self) -> Result<Option<json::JToken>> {
        if self.token.count() != self.count {
            let message = "Collection was modified; enumeration operation may not execute.";
            return checked(Err(json::Error::new(json::ErrorKind::InvalidOperation, message)));
        }
        self.at += 1;
        Ok(self.token.child(self.at - 1))
    }
}
