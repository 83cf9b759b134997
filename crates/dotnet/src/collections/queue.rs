//! `System.Collections.Generic.Queue<T>`, `Stack<T>` and `System.Collections.ObjectModel.ReadOnlyCollection<T>`.

use std::{
    cell::{Cell, RefCell},
    rc::Rc,
};

use csharp::{
    Args, Cx, Result, Ty, Value, exception,
    parcel::{Packed, Packer},
    surface::{TypeDef, acts, reads},
    ty::Def,
    value::{Collection, Iter, Object, from_fn, snapshot},
};

use super::interfaces::{clear, contains, count, index_of, item};

pub(crate) static QUEUE: TypeDef = TypeDef {
    name: "System.Collections.Generic.Queue",
    params: &["T"],
    bases: &["IReadOnlyCollection<T>"],
    members: &[
        reads("Queue()", |_, args| Ok(new(&QUEUE, &args, Vec::new())), "An empty queue."),
        reads(
            "Queue(int capacity)",
            |_, args| Ok(new(&QUEUE, &args, Vec::new())),
            "An empty queue; the capacity is a hint.",
        ),
        acts(
            "Queue(IEnumerable<T> collection)",
            |cx, args| from_sequence(cx, &QUEUE, &args),
            "A queue of these items.",
        ),
        reads("int Count { get; }", count, "How many items."),
        acts("IEnumerator<T> GetEnumerator()", super::enumerator, "The items, one after the other."),
        acts("void CopyTo(T[] array, int arrayIndex)", super::interfaces::copy_to, "Copies all items into an array."),
        acts("void Enqueue(T item)", |_, args| push(args, false), "Adds an item at the end."),
        acts("T Dequeue()", |_, args| take(&args, "Queue empty."), "Takes the first item."),
        reads("T Peek()", |_, args| peek(&args, "Queue empty."), "The first item."),
        acts(
            "bool TryDequeue(out T result)",
            |_, args| try_first(args, true),
            "Takes the first item, if there is one.",
        ),
        reads("bool TryPeek(out T result)", |_, args| try_first(args, false), "The first item, if there is one."),
        reads("bool Contains(T item)", contains, "Whether an item is there."),
        acts("void Clear()", clear, "Removes everything."),
        reads("T[] ToArray()", to_array, "The items as an array."),
    ],
    doc: "A queue: first in, first out.",
    ..TypeDef::CLASS
};

pub(crate) static STACK: TypeDef = TypeDef {
    name: "System.Collections.Generic.Stack",
    params: &["T"],
    bases: &["IReadOnlyCollection<T>"],
    members: &[
        reads("Stack()", |_, args| Ok(new(&STACK, &args, Vec::new())), "An empty stack."),
        reads(
            "Stack(int capacity)",
            |_, args| Ok(new(&STACK, &args, Vec::new())),
            "An empty stack; the capacity is a hint.",
        ),
        acts(
            "Stack(IEnumerable<T> collection)",
            |cx, args| from_sequence(cx, &STACK, &args),
            "A stack of these items, the last on top.",
        ),
        reads("int Count { get; }", count, "How many items."),
        acts("IEnumerator<T> GetEnumerator()", super::enumerator, "The items, one after the other."),
        acts("void CopyTo(T[] array, int arrayIndex)", super::interfaces::copy_to, "Copies all items into an array."),
        acts("void Push(T item)", |_, args| push(args, true), "Puts an item on top."),
        acts("T Pop()", |_, args| take(&args, "Stack empty."), "Takes the item on top."),
        reads("T Peek()", |_, args| peek(&args, "Stack empty."), "The item on top."),
        acts("bool TryPop(out T result)", |_, args| try_first(args, true), "Takes the item on top, if there is one."),
        reads("bool TryPeek(out T result)", |_, args| try_first(args, false), "The item on top, if there is one."),
        reads("bool Contains(T item)", contains, "Whether an item is there."),
        acts("void Clear()", clear, "Removes everything."),
        reads("T[] ToArray()", to_array, "The items as an array, the top first."),
    ],
    doc: "A stack: last in, first out.",
    ..TypeDef::CLASS
};

pub(crate) static READ_ONLY: TypeDef = TypeDef {
    name: "System.Collections.ObjectModel.ReadOnlyCollection",
    params: &["T"],
    bases: &["IList<T>", "IReadOnlyList<T>"],
    members: &[
        reads("int Count { get; }", count, "How many items."),
        acts("IEnumerator<T> GetEnumerator()", super::enumerator, "The items, one after the other."),
        acts("void CopyTo(T[] array, int arrayIndex)", super::interfaces::copy_to, "Copies all items into an array."),
        reads("T this[int index] { get; }", item, "The item at an index."),
        reads("bool Contains(T value)", contains, "Whether an item is there."),
        reads("int IndexOf(T value)", index_of, "Where an item is, or -1."),
    ],
    doc: "A face of a list that cannot be changed.",
    ..TypeDef::CLASS
};

/// Items in the order they are taken and enumerated: what is on top of a stack comes first.
struct Line {
    def: &'static TypeDef,
    element: Ty,
    items: RefCell<std::collections::VecDeque<Value>>,
    version: Cell<u32>,
}

impl Line {
    fn changed(&self) {
        self.version.set(self.version.get().wrapping_add(1));
    }
}

impl Object for Line {
    fn ty(&self) -> Ty {
        Ty::generic(self.def, vec![self.element.clone()])
    }

    fn pack(&self, packer: &mut Packer) -> Option<Packed> {
        let (def, element, items) = (self.def, self.element.clone(), packer.values(&*self.items.borrow())?);
        Some(Packed::new(move |unpacked| {
            let items = RefCell::new(unpacked.values(&items).into());
            Value::object(Line { def, element, items, version: Cell::new(0) })
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
            at += 1;
            Ok(self.item(at - 1))
        })))
    }

    fn collection(&self) -> Option<&dyn Collection> {
        Some(self)
    }

    fn snapshot(&self) -> Option<Value> {
        let items = self.items.borrow().iter().map(snapshot).collect();
        Some(Value::object(Line {
            def: self.def,
            element: self.element.clone(),
            items: RefCell::new(items),
            version: Cell::new(0),
        }))
    }
}

impl Collection for Line {
    fn count(&self) -> usize {
        self.items.borrow().len()
    }

    fn item(&self, index: usize) -> Option<Value> {
        self.items.borrow().get(index).cloned()
    }

    fn clear(&self) -> Result<()> {
        self.changed();
        self.items.borrow_mut().clear();
        Ok(())
    }
}

/// A face of `list`: it shows later changes of it.
struct ReadOnly {
    element: Ty,
    list: Value,
}

impl ReadOnly {
    fn inner(&self) -> Option<&dyn Collection> {
        match &self.list {
            Value::Object(list) => list.collection(),
            _ => None,
        }
    }
}

impl Object for ReadOnly {
    fn ty(&self) -> Ty {
        Ty::generic(&READ_ONLY, vec![self.element.clone()])
    }

    fn iterate(self: Rc<Self>) -> Option<Box<dyn Iter>> {
        match &self.list {
            Value::Object(list) => list.clone().iterate(),
            _ => None,
        }
    }

    fn collection(&self) -> Option<&dyn Collection> {
        Some(self)
    }
}

impl Collection for ReadOnly {
    fn count(&self) -> usize {
        self.inner().map_or(0, Collection::count)
    }

    fn item(&self, index: usize) -> Option<Value> {
        self.inner()?.item(index)
    }

    fn set_item(&self, _index: usize, _value: Value) -> Result<bool> {
        Err(exception::not_supported("Collection is read-only."))
    }

    fn insert(&self, _index: usize, _value: Value) -> Result<()> {
        Err(exception::not_supported("Collection is read-only."))
    }

    fn remove(&self, _index: usize) -> Result<()> {
        Err(exception::not_supported("Collection is read-only."))
    }

    fn clear(&self) -> Result<()> {
        Err(exception::not_supported("Collection is read-only."))
    }

    fn is_read_only(&self) -> bool {
        true
    }
}

/// A `ReadOnlyCollection` over a list or array.
pub(crate) fn read_only(element: Ty, list: Value) -> Value {
    Value::object(ReadOnly { element, list })
}

fn new(def: &'static TypeDef, args: &Args<'_>, items: Vec<Value>) -> Value {
    Value::object(Line { def, element: args.ty(0).clone(), items: RefCell::new(items.into()), version: Cell::new(0) })
}

fn from_sequence(cx: &mut Cx<'_>, def: &'static TypeDef, args: &Args<'_>) -> Result<Value> {
    let mut items = cx.collect(args.some(0, "collection")?)?;
    if Def(def) == Def(&STACK) {
        items.reverse();
    }
    Ok(new(def, args, items))
}

fn push(mut args: Args<'_>, on_top: bool) -> Result<Value> {
    let item = args.take(1);
    let line = args.this::<Line>()?;
    line.changed();
    let mut items = line.items.borrow_mut();
    if on_top {
        items.push_front(item);
    } else {
        items.push_back(item);
    }
    Ok(Value::Null)
}

fn take(args: &Args<'_>, empty: &str) -> Result<Value> {
    let line = args.this::<Line>()?;
    line.changed();
    let first = line.items.borrow_mut().pop_front();
    first.ok_or_else(|| exception::invalid_operation(empty))
}

fn peek(args: &Args<'_>, empty: &str) -> Result<Value> {
    args.this::<Line>()?.item(0).ok_or_else(|| exception::invalid_operation(empty))
}

fn try_first(mut args: Args<'_>, takes: bool) -> Result<Value> {
    let first = if takes { take(&args, "").ok() } else { peek(&args, "").ok() };
    let is_there = first.is_some();
    let value = first.unwrap_or_else(|| Value::default_of(args.ty(0)));
    args.set(1, value);
    Ok(Value::Bool(is_there))
}

fn to_array(_cx: &mut Cx<'_>, args: Args<'_>) -> Result<Value> {
    let items = args.this::<Line>()?.items.borrow().iter().cloned().collect();
    Ok(Value::array(args.ty(0).clone(), items))
}
