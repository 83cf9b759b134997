//! The interfaces of collections. Their members work on every object that shows itself as a [`Collection`] or a sequence.

use std::cmp::Ordering;

use csharp::{
    Args, Cx, Result, Str, Value, exception,
    host::Find,
    surface::{Kind, TypeDef, acts, reads},
    value::Collection,
};

use super::{enumerator, key_value_pair};

const INTERFACE: TypeDef = TypeDef { kind: Kind::Interface, doc: "An interface of collections.", ..TypeDef::CLASS };

pub(crate) static ENUMERABLE: TypeDef = TypeDef {
    name: "System.Collections.IEnumerable",
    members: &[acts("System.Collections.IEnumerator GetEnumerator()", enumerator, "The items, one after the other.")],
    ..INTERFACE
};

pub(crate) static ENUMERABLE_OF: TypeDef = TypeDef {
    name: "System.Collections.Generic.IEnumerable",
    params: &["out T"],
    bases: &["System.Collections.IEnumerable"],
    members: &[acts("IEnumerator<T> GetEnumerator()", enumerator, "The items, one after the other.")],
    ..INTERFACE
};

pub(crate) static COLLECTION: TypeDef = TypeDef {
    name: "System.Collections.Generic.ICollection",
    params: &["T"],
    bases: &["IEnumerable<T>"],
    members: &[
        reads("int Count { get; }", count, "How many items."),
        reads("bool IsReadOnly { get; }", is_read_only, "Whether it cannot be changed."),
        acts("void Add(T item)", add, "Adds an item."),
        acts("void Clear()", clear, "Removes everything."),
        reads("bool Contains(T item)", contains, "Whether an item is there."),
        acts("bool Remove(T item)", remove, "Removes the first such item."),
        acts("void CopyTo(T[] array, int arrayIndex)", copy_to, "Copies all items into an array."),
    ],
    ..INTERFACE
};

pub(crate) static READ_ONLY_COLLECTION: TypeDef = TypeDef {
    name: "System.Collections.Generic.IReadOnlyCollection",
    params: &["out T"],
    bases: &["IEnumerable<T>"],
    members: &[reads("int Count { get; }", count, "How many items.")],
    ..INTERFACE
};

pub(crate) static LIST: TypeDef = TypeDef {
    name: "System.Collections.Generic.IList",
    params: &["T"],
    bases: &["ICollection<T>"],
    members: &[
        reads("T this[int index] { get; }", item, "The item at an index.").with_set(set_item),
        reads("int IndexOf(T item)", index_of, "Where an item is, or -1."),
        acts("void Insert(int index, T item)", insert, "Inserts an item."),
        acts("void RemoveAt(int index)", remove_at, "Removes the item at an index."),
    ],
    ..INTERFACE
};

pub(crate) static READ_ONLY_LIST: TypeDef = TypeDef {
    name: "System.Collections.Generic.IReadOnlyList",
    params: &["out T"],
    bases: &["IReadOnlyCollection<T>"],
    members: &[reads("T this[int index] { get; }", item, "The item at an index.")],
    ..INTERFACE
};

pub(crate) static DICTIONARY: TypeDef = TypeDef {
    name: "System.Collections.Generic.IDictionary",
    params: &["TKey", "TValue"],
    bases: &["ICollection<KeyValuePair<TKey, TValue>>"],
    members: &[
        reads("TValue this[TKey key] { get; }", value, "The value under a key.").with_set(set_value),
        reads("ICollection<TKey> Keys { get; }", keys, "All keys."),
        reads("ICollection<TValue> Values { get; }", values, "All values."),
        reads("bool ContainsKey(TKey key)", contains_key, "Whether a key is there."),
        reads("bool TryGetValue(TKey key, out TValue value)", try_get_value, "The value under a key, if it is there."),
        acts("void Add(TKey key, TValue value)", add_key, "Adds a key; ArgumentException if it is there."),
        acts("bool Remove(TKey key)", remove_key, "Removes a key."),
    ],
    ..INTERFACE
};

pub(crate) static READ_ONLY_DICTIONARY: TypeDef = TypeDef {
    name: "System.Collections.Generic.IReadOnlyDictionary",
    params: &["TKey", "TValue"],
    bases: &["IReadOnlyCollection<KeyValuePair<TKey, TValue>>"],
    members: &[
        reads("TValue this[TKey key] { get; }", value, "The value under a key.").finds(Find::Item),
        reads("IEnumerable<TKey> Keys { get; }", keys, "All keys."),
        reads("IEnumerable<TValue> Values { get; }", values, "All values."),
        reads("bool ContainsKey(TKey key)", contains_key, "Whether a key is there."),
        reads("bool TryGetValue(TKey key, out TValue value)", try_get_value, "The value under a key, if it is there."),
    ],
    ..INTERFACE
};

pub(crate) static EQUALITY_COMPARER: TypeDef = TypeDef {
    name: "System.Collections.Generic.IEqualityComparer",
    params: &["in T"],
    members: &[reads("bool Equals(T x, T y)", same_key, "Whether both count as equal.")],
    ..INTERFACE
};

pub(crate) static COMPARER: TypeDef = TypeDef {
    name: "System.Collections.Generic.IComparer",
    params: &["in T"],
    members: &[reads("int Compare(T x, T y)", compare, "Which comes first.")],
    ..INTERFACE
};

fn same_key(_cx: &mut Cx<'_>, args: Args<'_>) -> Result<Value> {
    let key = |at| crate::linq::key_by(args.value(0), args.value(at));
    Ok(Value::Bool(key(1) == key(2)))
}

fn compare(_cx: &mut Cx<'_>, args: Args<'_>) -> Result<Value> {
    let order = match (args.value(1), args.value(2)) {
        (Value::Null, Value::Null) => Ordering::Equal,
        (Value::Null, _) => Ordering::Less,
        (_, Value::Null) => Ordering::Greater,
        (left, right) => match crate::system::compared_by(args.value(0), left, right) {
            Some(order) => order,
            None => crate::linq::default_order(left, right)?,
        },
    };
    Ok(Value::Int(order as i32))
}

/// The receiver as a collection.
fn this<'a>(args: &'a Args<'_>) -> Result<&'a dyn Collection> {
    args.collection(0).ok_or_else(|| exception::not_supported("Specified method is not supported."))
}

/// `CopyTo(array)` and `CopyTo(array, index)`.
pub(super) fn copy_to(cx: &mut Cx<'_>, args: Args<'_>) -> Result<Value> {
    let items = cx.collect(args.value(0))?;
    let array = args.object_or::<csharp::value::Array>(1, "array")?;
    let start = if args.len() > 2 { args.int(2) } else { 0 };
    let start =
        usize::try_from(start).map_err(|_| exception::out_of_range("Non-negative number required.", "arrayIndex"))?;
    if start.saturating_add(items.len()) > array.count() {
        let text =
            "Destination array was not long enough. Check the destination index, length, and the array's lower bounds.";
        return Err(exception::argument(text, "destinationArray"));
    }
    for (at, item) in items.into_iter().enumerate() {
        array.set_item(start + at, item)?;
    }
    Ok(Value::Null)
}

fn index(args: &Args<'_>) -> usize {
    usize::try_from(args.int(1)).unwrap_or(usize::MAX)
}

pub(super) fn bad_index() -> csharp::Raise {
    exception::out_of_range(
        "Index was out of range. Must be non-negative and less than the size of the collection.",
        "index",
    )
}

pub(super) fn count(cx: &mut Cx<'_>, args: Args<'_>) -> Result<Value> {
    if let Value::Object(object) = args.value(0)
        && let Some(count) = object.host_count(cx)
    {
        return Ok(Value::Int(count as i32));
    }
    Ok(Value::Int(this(&args)?.count() as i32))
}

fn is_read_only(_cx: &mut Cx<'_>, args: Args<'_>) -> Result<Value> {
    Ok(Value::Bool(this(&args)?.is_read_only()))
}

pub(super) fn add(cx: &mut Cx<'_>, mut args: Args<'_>) -> Result<Value> {
    cx.meter.allocate(size_of::<Value>())?;
    let item = args.take(1);
    let list = this(&args)?;
    list.insert(list.count(), item)?;
    Ok(Value::Null)
}

pub(super) fn clear(_cx: &mut Cx<'_>, args: Args<'_>) -> Result<Value> {
    this(&args)?.clear()?;
    Ok(Value::Null)
}

fn position(args: &Args<'_>) -> Result<Option<usize>> {
    let list = this(args)?;
    Ok((0..list.count()).find(|at| list.item(*at).is_some_and(|item| item.equals(args.value(1)))))
}

pub(super) fn contains(_cx: &mut Cx<'_>, args: Args<'_>) -> Result<Value> {
    Ok(Value::Bool(position(&args)?.is_some()))
}

pub(super) fn index_of(_cx: &mut Cx<'_>, args: Args<'_>) -> Result<Value> {
    Ok(Value::Int(position(&args)?.map_or(-1, |at| at as i32)))
}

pub(super) fn remove(_cx: &mut Cx<'_>, args: Args<'_>) -> Result<Value> {
    let found = position(&args)?;
    if let Some(at) = found {
        this(&args)?.remove(at)?;
    }
    Ok(Value::Bool(found.is_some()))
}

pub(super) fn item(_cx: &mut Cx<'_>, args: Args<'_>) -> Result<Value> {
    this(&args)?.item(index(&args)).ok_or_else(bad_index)
}

pub(super) fn set_item(_cx: &mut Cx<'_>, mut args: Args<'_>) -> Result<Value> {
    let value = args.take(2);
    if this(&args)?.set_item(index(&args), value)? { Ok(Value::Null) } else { Err(bad_index()) }
}

pub(super) fn insert(_cx: &mut Cx<'_>, mut args: Args<'_>) -> Result<Value> {
    let item = args.take(2);
    let (list, at) = (this(&args)?, index(&args));
    if at > list.count() {
        return Err(exception::out_of_range("Index must be within the bounds of the List.", "index"));
    }
    list.insert(at, item)?;
    Ok(Value::Null)
}

pub(super) fn remove_at(_cx: &mut Cx<'_>, args: Args<'_>) -> Result<Value> {
    let (list, at) = (this(&args)?, index(&args));
    if at >= list.count() {
        return Err(bad_index());
    }
    list.remove(at)?;
    Ok(Value::Null)
}

fn key<'a>(args: &'a Args<'_>) -> Result<&'a Value> {
    args.some(1, "key")
}

/// The value under the key, in a dictionary of ours or of the host.
pub(super) fn lookup(cx: &Cx<'_>, args: &Args<'_>) -> Result<Option<Value>> {
    let key = key(args)?;
    if let Value::Object(object) = args.value(0)
        && let Some(found) = object.host_lookup(cx, key)
    {
        return Ok(found);
    }
    Ok(this(args)?.lookup(key))
}

pub(super) fn value(cx: &mut Cx<'_>, args: Args<'_>) -> Result<Value> {
    match lookup(cx, &args)? {
        Some(value) => Ok(value),
        None => Err(exception::key_not_found(&cx.text(key(&args)?)?)),
    }
}

pub(super) fn set_value(_cx: &mut Cx<'_>, mut args: Args<'_>) -> Result<Value> {
    let (value, key) = (args.take(2), key(&args)?.clone());
    this(&args)?.set_key(key, value)?;
    Ok(Value::Null)
}

/// One half of each pair.
fn halves(cx: &mut Cx<'_>, args: &Args<'_>, values: bool) -> Result<Vec<Value>> {
    let items = cx.collect(args.value(0))?;
    Ok(items.iter().filter_map(key_value_pair::parts).map(|(key, value)| if values { value } else { key }).collect())
}

pub(super) fn keys(cx: &mut Cx<'_>, args: Args<'_>) -> Result<Value> {
    if args.object::<super::Dictionary>(0).is_some() {
        return super::dictionary_parts::of(args, false);
    }
    let items = halves(cx, &args, false)?;
    Ok(super::list::List::value(args.ty(0).clone(), items))
}

pub(super) fn values(cx: &mut Cx<'_>, args: Args<'_>) -> Result<Value> {
    if args.object::<super::Dictionary>(0).is_some() {
        return super::dictionary_parts::of(args, true);
    }
    let items = halves(cx, &args, true)?;
    Ok(super::list::List::value(args.ty(1).clone(), items))
}

pub(super) fn contains_key(cx: &mut Cx<'_>, args: Args<'_>) -> Result<Value> {
    Ok(Value::Bool(lookup(cx, &args)?.is_some()))
}

pub(super) fn try_get_value(cx: &mut Cx<'_>, mut args: Args<'_>) -> Result<Value> {
    let found = lookup(cx, &args)?;
    let is_there = found.is_some();
    let value = found.unwrap_or_else(|| Value::default_of(args.ty(1)));
    args.set(2, value);
    Ok(Value::Bool(is_there))
}

pub(super) fn add_key(cx: &mut Cx<'_>, mut args: Args<'_>) -> Result<Value> {
    let (value, key) = (args.take(2), key(&args)?.clone());
    let map = this(&args)?;
    if map.lookup(&key).is_some() {
        let text: Str = cx.text(&key)?;
        return Err(exception::argument(&format!("An item with the same key has already been added. Key: {text}"), ""));
    }
    cx.meter.allocate(4 * size_of::<Value>())?;
    map.set_key(key, value)?;
    Ok(Value::Null)
}

pub(super) fn remove_key(_cx: &mut Cx<'_>, args: Args<'_>) -> Result<Value> {
    Ok(Value::Bool(this(&args)?.remove_key(key(&args)?)?))
}
