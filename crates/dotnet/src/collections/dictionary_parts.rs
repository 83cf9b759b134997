//! `Dictionary<TKey, TValue>.KeyCollection` and `.ValueCollection`: faces of a dictionary that show its later changes.

use std::rc::Rc;

use csharp::{
    Args, Cx, Result, Ty, Value, exception,
    surface::{TypeDef, reads},
    value::{Collection, Iter, Object, from_fn},
};

use super::{interfaces::count, key_value_pair};

pub(crate) static KEYS: TypeDef = TypeDef {
    name: "System.Collections.Generic.Dictionary+KeyCollection",
    params: &["TKey", "TValue"],
    bases: &["ICollection<TKey>", "IReadOnlyCollection<TKey>"],
    members: &[
        reads("int Count { get; }", count, "How many keys."),
        reads("void CopyTo(TKey[] array, int index)", copy_to, "Copies the keys."),
    ],
    doc: "The keys of a dictionary.",
    ..TypeDef::CLASS
};

pub(crate) static VALUES: TypeDef = TypeDef {
    name: "System.Collections.Generic.Dictionary+ValueCollection",
    params: &["TKey", "TValue"],
    bases: &["ICollection<TValue>", "IReadOnlyCollection<TValue>"],
    members: &[
        reads("int Count { get; }", count, "How many values."),
        reads("void CopyTo(TValue[] array, int index)", copy_to, "Copies the values."),
    ],
    doc: "The values of a dictionary.",
    ..TypeDef::CLASS
};

struct Parts {
    types: Vec<Ty>,
    map: Rc<dyn Object>,
    values: bool,
}

impl Parts {
    fn half(&self, pair: &Value) -> Option<Value> {
        let (key, value) = key_value_pair::parts(pair)?;
        Some(if self.values { value } else { key })
    }
}

/// The keys or the values of the receiver.
pub(super) fn of(mut args: Args<'_>, values: bool) -> Result<Value> {
    let types = args.types().to_vec();
    match args.take(0) {
        Value::Object(map) => Ok(Value::object(Parts { types, map, values })),
        _ => Err(exception::null_reference()),
    }
}

impl Object for Parts {
    fn ty(&self) -> Ty {
        Ty::generic(if self.values { &VALUES } else { &KEYS }, self.types.clone())
    }

    fn iterate(self: Rc<Self>) -> Option<Box<dyn Iter>> {
        let mut pairs = self.map.clone().iterate()?;
        Some(Box::new(from_fn(move |cx| Ok(pairs.next(cx)?.and_then(|pair| self.half(&pair))))))
    }

    fn collection(&self) -> Option<&dyn Collection> {
        Some(self)
    }
}

fn refused<T>() -> Result<T> {
    Err(exception::not_supported("Mutating a key or value collection derived from a dictionary is not allowed."))
}

impl Collection for Parts {
    fn count(&self) -> usize {
        self.map.collection().map_or(0, Collection::count)
    }

    fn item(&self, index: usize) -> Option<Value> {
        self.half(&self.map.collection()?.item(index)?)
    }

    fn set_item(&self, _index: usize, _value: Value) -> Result<bool> {
        refused()
    }

    fn insert(&self, _index: usize, _value: Value) -> Result<()> {
        refused()
    }

    fn remove(&self, _index: usize) -> Result<()> {
        refused()
    }

    fn clear(&self) -> Result<()> {
        refused()
    }

    fn is_read_only(&self) -> bool {
        true
    }
}

fn copy_to(cx: &mut Cx<'_>, args: Args<'_>) -> Result<Value> {
    let items = cx.collect(args.value(0))?;
    let array = args.object_or::<csharp::value::Array>(1, "array")?;
    let at =
        usize::try_from(args.int(2)).map_err(|_| exception::out_of_range("Non-negative number required.", "index"))?;
    if at.saturating_add(items.len()) > array.count() {
        let text = "Destination array is not long enough to copy all the items in the collection. Check array index and length.";
        return Err(exception::argument(text, ""));
    }
    for (offset, item) in items.into_iter().enumerate() {
        array.set_item(at + offset, item)?;
    }
    Ok(Value::Null)
}
