//! What objects of the .NET world, their enumerations and collections can do.

use std::{any::Any, cmp::Ordering, rc::Rc};

use super::Value;
use crate::{
    call::{Cx, Result},
    parcel::{Packed, Packer},
    text::Str,
    ty::Ty,
};

/// An object of the .NET world. Identity is that of its `Rc`.
pub trait Object: Any {
    /// Its run-time type.
    fn ty(&self) -> Ty;

    /// `ToString()`: the type's name unless the type says otherwise.
    fn text(&self, _cx: &mut Cx<'_>) -> Result<Str> {
        Ok(self.ty().clr_name().into())
    }

    /// `Equals(other)` for another object; identity has been tried before.
    fn equals(&self, _other: &Value) -> bool {
        false
    }

    /// A hash that agrees with [`Object::equals`]; `None` for identity.
    fn hash(&self) -> Option<u64> {
        None
    }

    /// `IComparable.CompareTo`; `None` where the type has no order.
    fn compare(&self, _other: &Value) -> Option<Ordering> {
        None
    }

    /// `GetEnumerator()`; `None` where it is no `IEnumerable`.
    fn iterate(self: Rc<Self>) -> Option<Box<dyn Iter>> {
        None
    }

    /// The face of lists, arrays and dictionaries.
    fn collection(&self) -> Option<&dyn Collection> {
        None
    }

    /// The value under `key` in a dictionary that the host holds; the outer `None` where it is no such dictionary.
    fn host_lookup(&self, _cx: &Cx<'_>, _key: &Value) -> Option<Option<Value>> {
        None
    }

    /// How many pairs a dictionary has that the host holds.
    fn host_count(&self, _cx: &Cx<'_>) -> Option<usize> {
        None
    }

    /// Calls it, if it is a delegate. Changed arguments (`ref`, `out`) are left in `args`.
    fn invoke(&self, _cx: &mut Cx<'_>, _args: &mut [Value]) -> Option<Result<Value>> {
        None
    }

    /// A deep copy of a mutable object, so that an evaluation which is given up can be undone.
    fn snapshot(&self) -> Option<Value> {
        None
    }

    /// What it is known by besides its `Rc`: handles on one node of a tree are one thing when they travel.
    fn identity(&self) -> Option<(usize, u64)> {
        None
    }

    /// Takes it apart for another thread; `None` where it cannot leave this one.
    fn pack(&self, _packer: &mut Packer) -> Option<Packed> {
        None
    }
}

/// A running enumeration.
pub trait Iter {
    /// The next item, or `None` at the end.
    fn next(&mut self, cx: &mut Cx<'_>) -> Result<Option<Value>>;
}

/// What `ICollection<T>`, `IList<T>`, `IDictionary<K, V>` and their read-only twins need of an object.
pub trait Collection {
    /// `Count`.
    fn count(&self) -> usize;
    /// The item at `index`.
    fn item(&self, index: usize) -> Option<Value>;
    /// `this[index] = value`; false where `index` does not exist.
    fn set_item(&self, _index: usize, _value: Value) -> Result<bool> {
        Err(crate::exception::not_supported("Collection is read-only."))
    }
    /// `Insert(index, value)`; at `count()` it is `Add`.
    fn insert(&self, _index: usize, _value: Value) -> Result<()> {
        Err(crate::exception::not_supported("Collection was of a fixed size."))
    }
    /// `RemoveAt(index)`.
    fn remove(&self, _index: usize) -> Result<()> {
        Err(crate::exception::not_supported("Collection was of a fixed size."))
    }
    /// `Clear()`.
    fn clear(&self) -> Result<()> {
        Err(crate::exception::not_supported("Collection was of a fixed size."))
    }
    /// `IsReadOnly`.
    fn is_read_only(&self) -> bool {
        false
    }
    /// The value under `key`, in a dictionary.
    fn lookup(&self, _key: &Value) -> Option<Value> {
        None
    }
    /// Sets the value under `key`, in a dictionary.
    fn set_key(&self, _key: Value, _value: Value) -> Result<()> {
        Err(crate::exception::not_supported("Collection is read-only."))
    }
    /// Removes `key` from a dictionary; whether it was there.
    fn remove_key(&self, _key: &Value) -> Result<bool> {
        Err(crate::exception::not_supported("Collection is read-only."))
    }
}

/// An iteration from a function, for [`Object::iterate`].
pub fn from_fn(next: impl FnMut(&mut Cx<'_>) -> Result<Option<Value>>) -> impl Iter {
    struct FromFn<F>(F);
    impl<F: FnMut(&mut Cx<'_>) -> Result<Option<Value>>> Iter for FromFn<F> {
        fn next(&mut self, cx: &mut Cx<'_>) -> Result<Option<Value>> {
            self.0(cx)
        }
    }
    FromFn(next)
}

/// A deep copy of what can change in `value`; the value itself where nothing can.
pub fn snapshot(value: &Value) -> Value {
    match value {
        Value::Object(object) => object.snapshot().unwrap_or_else(|| value.clone()),
        _ => value.clone(),
    }
}
