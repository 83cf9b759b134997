//! `System.Collections.Generic.Dictionary<TKey, TValue>`.

use std::{
    cell::{Cell, RefCell},
    collections::HashMap,
    rc::Rc,
};

use csharp::{
    Args, Cx, Result, Ty, Value, exception,
    parcel::{Packed, Packer},
    surface::{TypeDef, acts, pure, reads},
    value::{Collection, Iter, Key, Object, from_fn, snapshot},
};

use super::{
    dictionary_parts as parts,
    interfaces::{add_key, clear, contains_key, count, keys, remove_key, set_value, try_get_value, value, values},
    key_value_pair,
};

pub(crate) static DEF: TypeDef = TypeDef {
    name: "System.Collections.Generic.Dictionary",
    params: &["TKey", "TValue"],
    bases: &["IDictionary<TKey, TValue>", "IReadOnlyDictionary<TKey, TValue>"],
    members: &[
        reads(
            "Dictionary(IEqualityComparer<TKey> comparer)",
            new_comparing,
            "An empty dictionary that compares keys in its own way.",
        ),
        pure("Dictionary()", new, "An empty dictionary."),
        pure("Dictionary(int capacity)", new, "An empty dictionary; the capacity is a hint."),
        reads(
            "Dictionary(int capacity, IEqualityComparer<TKey> comparer)",
            new_comparing,
            "An empty dictionary that compares keys in its own way.",
        ),
        acts("Dictionary(IDictionary<TKey, TValue> dictionary)", from_pairs, "A copy."),
        acts(
            "Dictionary(IDictionary<TKey, TValue> dictionary, IEqualityComparer<TKey> comparer)",
            from_pairs,
            "A copy that compares keys in its own way.",
        ),
        acts(
            "Dictionary(IEnumerable<KeyValuePair<TKey, TValue>> collection)",
            from_pairs,
            "A dictionary of these pairs.",
        ),
        acts(
            "Dictionary(IEnumerable<KeyValuePair<TKey, TValue>> collection, IEqualityComparer<TKey> comparer)",
            from_pairs,
            "A dictionary of these pairs that compares keys in its own way.",
        ),
        reads("Dictionary<TKey, TValue>.KeyCollection Keys { get; }", |_, args| parts::of(args, false), "All keys."),
        reads(
            "Dictionary<TKey, TValue>.ValueCollection Values { get; }",
            |_, args| parts::of(args, true),
            "All values.",
        ),
        acts(
            "IEnumerator<KeyValuePair<TKey, TValue>> GetEnumerator()",
            super::enumerator,
            "The items, one after the other.",
        ),
        acts("bool TryAdd(TKey key, TValue value)", try_add, "Adds a key, if it is not there."),
        acts("bool Remove(TKey key, out TValue value)", remove_out, "Removes a key and gives its value."),
        reads("bool ContainsValue(TValue value)", contains_value, "Whether a value is there."),
        reads("ICollection<TKey> Keys { get; }", keys, "All keys."),
        reads("ICollection<TValue> Values { get; }", values, "All values."),
        reads("int Count { get; }", count, "How many pairs."),
        reads("TValue this[TKey key] { get; }", value, "The value under a key.").with_set(set_value),
        acts("void Add(TKey key, TValue value)", add_key, "Adds a key; ArgumentException if it is there."),
        acts("void Clear()", clear, "Removes everything."),
        reads("bool ContainsKey(TKey key)", contains_key, "Whether a key is there."),
        reads("bool TryGetValue(TKey key, out TValue value)", try_get_value, "The value under a key, if it is there."),
        acts("bool Remove(TKey key)", remove_key, "Removes a key."),
    ],
    doc: "Values under keys.",
    ..TypeDef::CLASS
};

/// Pairs in slots: enumeration follows the slots, and a freed slot is used again, last freed first, as in .NET.
pub(crate) struct Dictionary {
    key: Ty,
    value: Ty,
    pairs: RefCell<Slots>,
    version: Cell<u32>,
}

#[derive(Default, Clone)]
struct Slots {
    slots: Vec<Option<(Value, Value)>>,
    free: Vec<usize>,
    index: HashMap<Key, usize>,
    ignores_case: bool,
}

impl Slots {
    fn key(&self, key: &Value) -> Key {
        match key.as_str() {
            Some(text) if self.ignores_case => Key(Value::str(text.to_text().to_uppercase())),
            _ => Key(key.clone()),
        }
    }

    fn set(&mut self, key: Value, value: Value) {
        if let Some(at) = self.index.get(&self.key(&key)) {
            // The key that came first stays, though the new one may be spelled differently.
            if let Some(Some(pair)) = self.slots.get_mut(*at) {
                pair.1 = value;
            }
            return;
        }
        let at = self.free.pop().unwrap_or_else(|| {
            self.slots.push(None);
            self.slots.len() - 1
        });
        self.index.insert(self.key(&key), at);
        self.slots[at] = Some((key, value));
    }

    fn nth(&self, index: usize) -> Option<&(Value, Value)> {
        self.slots.iter().flatten().nth(index)
    }
}

impl Dictionary {
    /// A dictionary as a value.
    pub(crate) fn of(key: Ty, value: Ty, pairs: impl IntoIterator<Item = (Value, Value)>) -> Value {
        let mut slots = Slots::default();
        pairs.into_iter().for_each(|(key, value)| slots.set(key, value));
        Value::object(Dictionary { key, value, pairs: RefCell::new(slots), version: Cell::new(0) })
    }

    /// A dictionary whose string keys compare without case.
    pub(crate) fn ignoring_case(key: Ty, value: Ty, pairs: impl IntoIterator<Item = (Value, Value)>) -> Value {
        let mut slots = Slots { ignores_case: true, ..Slots::default() };
        pairs.into_iter().for_each(|(key, value)| slots.set(key, value));
        Value::object(Dictionary { key, value, pairs: RefCell::new(slots), version: Cell::new(0) })
    }

    fn changed(&self) {
        self.version.set(self.version.get().wrapping_add(1));
    }
}

impl Object for Dictionary {
    fn ty(&self) -> Ty {
        Ty::generic(&DEF, vec![self.key.clone(), self.value.clone()])
    }

    fn pack(&self, packer: &mut Packer) -> Option<Packed> {
        let slots = self.pairs.borrow();
        let pairs = slots.slots.iter().flatten().map(|(key, value)| Some((packer.value(key)?, packer.value(value)?)));
        let pairs = pairs.collect::<Option<Vec<_>>>()?;
        let make = if slots.ignores_case { Dictionary::ignoring_case } else { Dictionary::of };
        let (key_type, value_type) = (self.key.clone(), self.value.clone());
        Some(Packed::new(move |unpacked| {
            let pairs = pairs.iter().map(|(key, value)| (unpacked.value(key), unpacked.value(value)));
            make(key_type, value_type, pairs.collect::<Vec<_>>())
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
            let pairs = self.pairs.borrow();
            while let Some(slot) = pairs.slots.get(at) {
                at += 1;
                if let Some((key, value)) = slot {
                    return Ok(Some(key_value_pair::pair(&self.key, &self.value, key.clone(), value.clone())));
                }
            }
            Ok(None)
        })))
    }

    fn collection(&self) -> Option<&dyn Collection> {
        Some(self)
    }

    fn snapshot(&self) -> Option<Value> {
        let slots = self.pairs.borrow();
        let pairs = slots.slots.iter().flatten().map(|(key, value)| (key.clone(), snapshot(value)));
        let make = if slots.ignores_case { Dictionary::ignoring_case } else { Dictionary::of };
        Some(make(self.key.clone(), self.value.clone(), pairs.collect::<Vec<_>>()))
    }
}

impl Collection for Dictionary {
    fn count(&self) -> usize {
        self.pairs.borrow().index.len()
    }

    fn item(&self, index: usize) -> Option<Value> {
        let pairs = self.pairs.borrow();
        let (key, value) = pairs.nth(index)?;
        Some(key_value_pair::pair(&self.key, &self.value, key.clone(), value.clone()))
    }

    fn insert(&self, _index: usize, value: Value) -> Result<()> {
        let (key, value) = key_value_pair::parts(&value).unwrap_or_default();
        self.set_key(key, value)
    }

    fn clear(&self) -> Result<()> {
        self.changed();
        let mut pairs = self.pairs.borrow_mut();
        *pairs = Slots { ignores_case: pairs.ignores_case, ..Slots::default() };
        Ok(())
    }

    fn lookup(&self, key: &Value) -> Option<Value> {
        let pairs = self.pairs.borrow();
        let at = pairs.index.get(&pairs.key(key))?;
        pairs.slots.get(*at)?.as_ref().map(|(_, value)| value.clone())
    }

    fn set_key(&self, key: Value, value: Value) -> Result<()> {
        self.changed();
        self.pairs.borrow_mut().set(key, value);
        Ok(())
    }

    fn remove_key(&self, key: &Value) -> Result<bool> {
        let mut pairs = self.pairs.borrow_mut();
        let folded = pairs.key(key);
        let Some(at) = pairs.index.remove(&folded) else { return Ok(false) };
        pairs.slots[at] = None;
        pairs.free.push(at);
        Ok(true)
    }
}

fn new(_cx: &mut Cx<'_>, args: Args<'_>) -> Result<Value> {
    Ok(Dictionary::of(args.ty(0).clone(), args.ty(1).clone(), []))
}

fn from_pairs(cx: &mut Cx<'_>, args: Args<'_>) -> Result<Value> {
    let items = cx.collect(args.some(0, "dictionary")?)?;
    let slots = Slots { ignores_case: crate::system::ignores_case(args.value(1)), ..Slots::default() };
    let map = Dictionary {
        key: args.ty(0).clone(),
        value: args.ty(1).clone(),
        pairs: RefCell::new(slots),
        version: Cell::new(0),
    };
    for (key, value) in items.iter().filter_map(key_value_pair::parts) {
        if map.lookup(&key).is_some() {
            let text = cx.text(&key)?;
            let text = format!("An item with the same key has already been added. Key: {text}");
            return Err(exception::argument(&text, ""));
        }
        map.set_key(key, value)?;
    }
    Ok(Value::object(map))
}

fn try_add(cx: &mut Cx<'_>, mut args: Args<'_>) -> Result<Value> {
    let (value, key) = (args.take(2), args.some(1, "key")?.clone());
    let map = args.this::<Dictionary>()?;
    if map.lookup(&key).is_some() {
        return Ok(Value::Bool(false));
    }
    cx.meter.allocate(4 * size_of::<Value>())?;
    map.set_key(key, value)?;
    Ok(Value::Bool(true))
}

fn remove_out(_cx: &mut Cx<'_>, mut args: Args<'_>) -> Result<Value> {
    let map = args.this::<Dictionary>()?;
    let key = args.some(1, "key")?;
    let found = map.lookup(key);
    let is_there = map.remove_key(key)?;
    let value = found.unwrap_or_else(|| Value::default_of(args.ty(1)));
    args.set(2, value);
    Ok(Value::Bool(is_there))
}

fn contains_value(_cx: &mut Cx<'_>, args: Args<'_>) -> Result<Value> {
    let map = args.this::<Dictionary>()?;
    let pairs = map.pairs.borrow();
    Ok(Value::Bool(pairs.slots.iter().flatten().any(|(_, value)| value.equals(args.value(1)))))
}

fn new_comparing(_cx: &mut Cx<'_>, args: Args<'_>) -> Result<Value> {
    let (key, value) = (args.ty(0).clone(), args.ty(1).clone());
    Ok(if (0..args.len()).any(|at| crate::system::ignores_case(args.value(at))) {
        Dictionary::ignoring_case(key, value, [])
    } else {
        Dictionary::of(key, value, [])
    })
}
