//! `System.Collections.Generic.HashSet<T>` and `ISet<T>`.

use std::{
    cell::{Cell, RefCell},
    collections::HashMap,
    rc::Rc,
};

use csharp::{
    Args, Cx, Result, Ty, Value, exception,
    parcel::{Packed, Packer},
    surface::{Kind, TypeDef, acts, reads},
    value::{Collection, Iter, Key, Object, from_fn, snapshot},
};

use super::interfaces::{clear, count};

macro_rules! set_members {
    ($($more:expr),* $(,)?) => { &[
        acts("bool Add(T item)", add, "Adds an item; whether it was new."),
        acts("void UnionWith(IEnumerable<T> other)", union_with, "Adds items."),
        acts("void IntersectWith(IEnumerable<T> other)", intersect_with, "Keeps what is in both."),
        acts("void ExceptWith(IEnumerable<T> other)", except_with, "Removes items."),
        acts("void SymmetricExceptWith(IEnumerable<T> other)", symmetric_except_with, "Keeps what is in one of both only."),
        acts("bool IsSubsetOf(IEnumerable<T> other)", |cx, args| compared(cx, &args, |own, other, both| own == both && own <= other), "Whether the other has all of these."),
        acts("bool IsSupersetOf(IEnumerable<T> other)", |cx, args| compared(cx, &args, |_, other, both| other == both), "Whether it has all of the other's."),
        acts("bool IsProperSubsetOf(IEnumerable<T> other)", |cx, args| compared(cx, &args, |own, other, both| own == both && own < other), "Whether the other has all of these and more."),
        acts("bool IsProperSupersetOf(IEnumerable<T> other)", |cx, args| compared(cx, &args, |own, other, both| other == both && own > other), "Whether it has all of the other's and more."),
        acts("bool Overlaps(IEnumerable<T> other)", |cx, args| compared(cx, &args, |_, _, both| both > 0), "Whether an item is in both."),
        acts("bool SetEquals(IEnumerable<T> other)", |cx, args| compared(cx, &args, |own, other, both| own == both && other == both), "Whether both have the same items."),
        $($more),*
    ] };
}

pub(crate) static ISET: TypeDef = TypeDef {
    name: "System.Collections.Generic.ISet",
    params: &["T"],
    kind: Kind::Interface,
    bases: &["ICollection<T>"],
    members: set_members!(),
    doc: "An interface of sets.",
    ..TypeDef::CLASS
};

pub(crate) static DEF: TypeDef = TypeDef {
    name: "System.Collections.Generic.HashSet",
    params: &["T"],
    bases: &["ISet<T>", "IReadOnlyCollection<T>"],
    members: set_members! {
        reads("HashSet()", new, "An empty set."),
        reads("HashSet(int capacity)", new, "An empty set; the capacity is a hint."),
        acts("HashSet(IEnumerable<T> collection)", from_sequence, "A set of these items."),
        reads("HashSet(IEqualityComparer<T> comparer)", new_comparing, "An empty set that compares in its own way."),
        acts("HashSet(IEnumerable<T> collection, IEqualityComparer<T> comparer)", from_sequence, "A set of these items that compares in its own way."),
        reads("int Count { get; }", count, "How many items."),
        reads("bool Contains(T item)", contains, "Whether an item is there."),
        acts("bool Remove(T item)", remove, "Removes an item; whether it was there."),
        acts("int RemoveWhere(Predicate<T> match)", remove_where, "Removes what matches; how many."),
        acts("void Clear()", clear, "Removes everything."),
        acts("IEnumerator<T> GetEnumerator()", super::enumerator, "The items, one after the other."),
        reads("bool TryGetValue(T equalValue, out T actualValue)", try_get, "The item that is equal."),
        reads("void CopyTo(T[] array)", copy_to, "Copies the items."),
    },
    doc: "A set.",
    ..TypeDef::CLASS
};

/// Items in the order they came, and where each one is.
#[derive(Default)]
struct Slots {
    items: Vec<Option<Value>>,
    places: HashMap<Key, usize>,
    free: Vec<usize>,
}

struct Set {
    element: Ty,
    ignores_case: bool,
    slots: RefCell<Slots>,
    version: Cell<u32>,
}

impl Set {
    fn new(element: Ty, ignores_case: bool) -> Self {
        Self { element, ignores_case, slots: RefCell::default(), version: Cell::new(0) }
    }

    fn key(&self, item: &Value) -> Key {
        match item {
            Value::Str(text) if self.ignores_case => Key(Value::str(dotformat::to_upper_invariant(&text.to_text()))),
            _ => Key(item.clone()),
        }
    }

    fn has(&self, item: &Value) -> bool {
        self.slots.borrow().places.contains_key(&self.key(item))
    }

    fn put(&self, item: Value) -> bool {
        let key = self.key(&item);
        let mut slots = self.slots.borrow_mut();
        if slots.places.contains_key(&key) {
            return false;
        }
        // As in the runtime, the place of what was removed last is used first.
        let place = slots.free.pop().unwrap_or(slots.items.len());
        match slots.items.get_mut(place) {
            Some(slot) => *slot = Some(item),
            None => slots.items.push(Some(item)),
        }
        slots.places.insert(key, place);
        self.version.set(self.version.get().wrapping_add(1));
        true
    }

    fn take(&self, item: &Value) -> bool {
        let mut slots = self.slots.borrow_mut();
        let Some(place) = slots.places.remove(&self.key(item)) else { return false };
        if let Some(slot) = slots.items.get_mut(place) {
            *slot = None;
        }
        slots.free.push(place);
        self.version.set(self.version.get().wrapping_add(1));
        true
    }

    fn values(&self) -> Vec<Value> {
        self.slots.borrow().items.iter().flatten().cloned().collect()
    }
}

impl Object for Set {
    fn ty(&self) -> Ty {
        Ty::generic(&DEF, vec![self.element.clone()])
    }

    fn pack(&self, packer: &mut Packer) -> Option<Packed> {
        let (element, ignores_case, items) = (self.element.clone(), self.ignores_case, packer.values(&self.values())?);
        Some(Packed::new(move |unpacked| {
            let copy = Set::new(element, ignores_case);
            unpacked.values(&items).into_iter().for_each(|item| {
                copy.put(item);
            });
            Value::object(copy)
        }))
    }

    fn iterate(self: Rc<Self>) -> Option<Box<dyn Iter>> {
        let (mut at, version) = (0, self.version.get());
        Some(Box::new(from_fn(move |_| {
            if self.version.get() != version {
                return Err(exception::invalid_operation(
                    "Collection was modified; enumeration operation may not execute.",
                ));
            }
            let slots = self.slots.borrow();
            while let Some(slot) = slots.items.get(at) {
                at += 1;
                if let Some(item) = slot {
                    return Ok(Some(item.clone()));
                }
            }
            Ok(None)
        })))
    }

    fn collection(&self) -> Option<&dyn Collection> {
        Some(self)
    }

    fn snapshot(&self) -> Option<Value> {
        let copy = Set::new(self.element.clone(), self.ignores_case);
        self.values().iter().for_each(|item| {
            copy.put(snapshot(item));
        });
        Some(Value::object(copy))
    }
}

impl Collection for Set {
    fn count(&self) -> usize {
        self.slots.borrow().places.len()
    }

    fn item(&self, index: usize) -> Option<Value> {
        self.slots.borrow().items.iter().flatten().nth(index).cloned()
    }

    fn insert(&self, _index: usize, value: Value) -> Result<()> {
        self.put(value);
        Ok(())
    }

    fn remove(&self, index: usize) -> Result<()> {
        if let Some(item) = self.item(index) {
            self.take(&item);
        }
        Ok(())
    }

    fn clear(&self) -> Result<()> {
        *self.slots.borrow_mut() = Slots::default();
        self.version.set(self.version.get().wrapping_add(1));
        Ok(())
    }
}

/// Whether the comparer argument ignores case. The other comparers there are compare as `Equals` does.
fn ignores_case(args: &Args<'_>, index: usize) -> bool {
    crate::system::ignores_case(args.value(index))
}

fn new(_cx: &mut Cx<'_>, args: Args<'_>) -> Result<Value> {
    Ok(Value::object(Set::new(args.ty(0).clone(), false)))
}

fn new_comparing(_cx: &mut Cx<'_>, args: Args<'_>) -> Result<Value> {
    Ok(Value::object(Set::new(args.ty(0).clone(), ignores_case(&args, 0))))
}

fn from_sequence(cx: &mut Cx<'_>, args: Args<'_>) -> Result<Value> {
    let set = Set::new(args.ty(0).clone(), ignores_case(&args, 1));
    for item in cx.collect(args.some(0, "collection")?)? {
        set.put(item);
    }
    Ok(Value::object(set))
}

/// A set of these items.
pub(crate) fn set_of(element: Ty, items: Vec<Value>, comparer: &Value) -> Value {
    let set = Set::new(element, crate::system::ignores_case(comparer));
    for item in items {
        set.put(item);
    }
    Value::object(set)
}

fn this<'a>(args: &'a Args<'_>) -> Result<&'a Set> {
    args.this()
}

fn add(cx: &mut Cx<'_>, mut args: Args<'_>) -> Result<Value> {
    cx.meter.allocate(4 * size_of::<Value>())?;
    let item = args.take(1);
    Ok(Value::Bool(this(&args)?.put(item)))
}

fn contains(_cx: &mut Cx<'_>, args: Args<'_>) -> Result<Value> {
    Ok(Value::Bool(this(&args)?.has(args.value(1))))
}

fn remove(_cx: &mut Cx<'_>, args: Args<'_>) -> Result<Value> {
    Ok(Value::Bool(this(&args)?.take(args.value(1))))
}

fn remove_where(cx: &mut Cx<'_>, args: Args<'_>) -> Result<Value> {
    let mut removed = 0;
    for item in this(&args)?.values() {
        cx.meter.step()?;
        if cx.test(args.some(1, "match")?, &mut [item.clone()])? {
            removed += i32::from(this(&args)?.take(&item));
        }
    }
    Ok(Value::Int(removed))
}

fn try_get(_cx: &mut Cx<'_>, mut args: Args<'_>) -> Result<Value> {
    let set = this(&args)?;
    let place = set.slots.borrow().places.get(&set.key(args.value(1))).copied();
    let found = place.and_then(|place| set.slots.borrow().items.get(place).cloned().flatten());
    let is_there = found.is_some();
    let value = found.unwrap_or_else(|| Value::default_of(args.ty(0)));
    args.set(2, value);
    Ok(Value::Bool(is_there))
}

fn copy_to(_cx: &mut Cx<'_>, args: Args<'_>) -> Result<Value> {
    let array = args.object_or::<csharp::value::Array>(1, "array")?;
    for (at, item) in this(&args)?.values().into_iter().enumerate() {
        if !array.set_item(at, item)? {
            return Err(exception::argument(
                "Destination array is not long enough to copy all the items in the collection. Check array index and length.",
                "",
            ));
        }
    }
    Ok(Value::Null)
}

/// The other's items.
fn other(cx: &mut Cx<'_>, args: &Args<'_>) -> Result<Vec<Value>> {
    cx.collect(args.some(1, "other")?)
}

fn union_with(cx: &mut Cx<'_>, args: Args<'_>) -> Result<Value> {
    for item in other(cx, &args)? {
        cx.meter.allocate(4 * size_of::<Value>())?;
        this(&args)?.put(item);
    }
    Ok(Value::Null)
}

/// The other's items as a set that compares as this one does.
fn other_set(cx: &mut Cx<'_>, args: &Args<'_>) -> Result<Set> {
    let own = this(args)?;
    let set = Set::new(own.element.clone(), own.ignores_case);
    for item in other(cx, args)? {
        set.put(item);
    }
    Ok(set)
}

fn intersect_with(cx: &mut Cx<'_>, args: Args<'_>) -> Result<Value> {
    let (other, set) = (other_set(cx, &args)?, this(&args)?);
    set.values().iter().filter(|item| !other.has(item)).for_each(|item| {
        set.take(item);
    });
    Ok(Value::Null)
}

fn except_with(cx: &mut Cx<'_>, args: Args<'_>) -> Result<Value> {
    for item in other(cx, &args)? {
        this(&args)?.take(&item);
    }
    Ok(Value::Null)
}

fn symmetric_except_with(cx: &mut Cx<'_>, args: Args<'_>) -> Result<Value> {
    let (other, set) = (other_set(cx, &args)?, this(&args)?);
    for item in other.values() {
        if !set.take(&item) {
            set.put(item);
        }
    }
    Ok(Value::Null)
}

/// Compares by three counts: own items, the other's, and those in both.
fn compared(cx: &mut Cx<'_>, args: &Args<'_>, test: fn(usize, usize, usize) -> bool) -> Result<Value> {
    let (other, set) = (other_set(cx, args)?, this(args)?);
    let both = set.values().iter().filter(|item| other.has(item)).count();
    Ok(Value::Bool(test(set.count(), other.count(), both)))
}
