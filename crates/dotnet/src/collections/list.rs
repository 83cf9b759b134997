//! `System.Collections.Generic.List<T>`.

use std::{
    cell::{Cell, RefCell},
    rc::Rc,
};

use csharp::{
    Args, Cx, Result, Ty, Value, exception,
    parcel::{Packed, Packer},
    surface::{TypeDef, acts, pure, reads},
    value::{Collection, Iter, Object, from_fn, snapshot},
};

use super::interfaces::{add, bad_index, clear, contains, count, index_of, insert, item, remove, remove_at, set_item};

pub(crate) static DEF: TypeDef = TypeDef {
    name: "System.Collections.Generic.List",
    params: &["T"],
    bases: &["IList<T>", "IReadOnlyList<T>"],
    members: &[
        pure("List()", new, "An empty list."),
        pure("List(int capacity)", new, "An empty list; the capacity is a hint."),
        acts("List(IEnumerable<T> collection)", from_sequence, "A list of these items."),
        reads("int Count { get; }", count, "How many items."),
        reads("T this[int index] { get; }", item, "The item at an index.").with_set(set_item),
        acts("void Add(T item)", add, "Adds an item."),
        acts("void AddRange(IEnumerable<T> collection)", add_range, "Adds items."),
        acts("void Insert(int index, T item)", insert, "Inserts an item."),
        acts("void Clear()", clear, "Removes everything."),
        reads("bool Contains(T item)", contains, "Whether an item is there."),
        reads("int IndexOf(T item)", index_of, "Where an item is, or -1."),
        acts("bool Remove(T item)", remove, "Removes the first such item."),
        acts("void RemoveAt(int index)", remove_at, "Removes the item at an index."),
        acts("void Reverse()", reverse, "Turns the order round."),
        acts("void Sort()", sort, "Sorts by the items' own order."),
        acts("void Sort(Comparison<T> comparison)", sort, "Sorts by a comparison."),
        acts("void ForEach(Action<T> action)", for_each, "Calls a delegate with each item."),
        acts("bool Exists(Predicate<T> match)", exists, "Whether an item matches."),
        acts("T Find(Predicate<T> match)", find, "The first item that matches, or the default."),
        acts("List<T> FindAll(Predicate<T> match)", find_all, "The items that match."),
        acts("int RemoveAll(Predicate<T> match)", remove_all, "Removes what matches; how many."),
        acts("IEnumerator<T> GetEnumerator()", super::enumerator, "The items, one after the other."),
        reads("T[] ToArray()", to_array, "The items as an array."),
        reads("int Capacity { get; }", capacity, "How many items it has room for.").with_set(set_capacity),
        reads("List<T> GetRange(int index, int count)", range, "Some of the items."),
        acts("void RemoveRange(int index, int count)", remove_range, "Removes some of the items."),
        acts("void InsertRange(int index, IEnumerable<T> collection)", insert_range, "Inserts items."),
        acts("bool TrueForAll(Predicate<T> match)", true_for_all, "Whether all items match."),
        acts("T FindLast(Predicate<T> match)", find_last, "The last item that matches, or the default."),
        acts(
            "int FindIndex(Predicate<T> match)",
            |cx, args| index_where(cx, &args, false),
            "Where the first item is that matches, or -1.",
        ),
        acts(
            "int FindLastIndex(Predicate<T> match)",
            |cx, args| index_where(cx, &args, true),
            "Where the last item is that matches, or -1.",
        ),
        reads("void CopyTo(T[] array)", super::interfaces::copy_to, "Copies all items into an array."),
        reads("void CopyTo(T[] array, int arrayIndex)", super::interfaces::copy_to, "Copies all items into an array."),
        reads("int IndexOf(T item, int index)", index_from, "Where an item is from an index on, or -1."),
        reads("int IndexOf(T item, int index, int count)", index_from, "Where an item is in a part, or -1."),
        acts("void Reverse(int index, int count)", reverse_part, "Turns the order of a part round."),
        acts("void Sort(IComparer<T> comparer)", sort_comparing, "Sorts as a comparer says."),
        reads(
            "int BinarySearch(T item)",
            binary_search,
            "Where an item is in a sorted list; the complement of where it would be.",
        ),
        acts("void TrimExcess()", |_, _| Ok(Value::Null), "Gives back room that it does not need."),
        acts(
            "int FindIndex(int startIndex, Predicate<T> match)",
            find_index_from,
            "Where the first item from an index on is that matches, or -1.",
        ),
        reads("int LastIndexOf(T item)", last_index_of, "Where an item is last, or -1."),
        acts("List<TOutput> ConvertAll<TOutput>(Converter<T, TOutput> converter)", convert_all, "Each item converted."),
        reads(
            "System.Collections.ObjectModel.ReadOnlyCollection<T> AsReadOnly()",
            |_, mut args| {
                let element = args.ty(0).clone();
                Ok(super::read_only(element, args.take(0)))
            },
            "A face that does not let it change.",
        ),
    ],
    doc: "A list.",
    ..TypeDef::CLASS
};

/// The items of a list.
pub(crate) struct List {
    element: Ty,
    items: RefCell<Vec<Value>>,
    /// Counts changes: an enumeration that sees one ends with InvalidOperationException.
    version: Cell<u32>,
    /// `Capacity`, as far as it was looked at or set.
    room: Cell<usize>,
}

impl List {
    /// A list as a value.
    pub(crate) fn value(element: Ty, items: Vec<Value>) -> Value {
        Value::object(List { element, room: Cell::new(items.len()), items: RefCell::new(items), version: Cell::new(0) })
    }

    fn changed(&self) {
        self.version.set(self.version.get().wrapping_add(1));
    }
}

impl Object for List {
    fn ty(&self) -> Ty {
        Ty::generic(&DEF, vec![self.element.clone()])
    }

    fn pack(&self, packer: &mut Packer) -> Option<Packed> {
        let (element, items) = (self.element.clone(), packer.values(&*self.items.borrow())?);
        Some(Packed::new(move |unpacked| List::value(element, unpacked.values(&items))))
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
            Ok(self.items.borrow().get(at - 1).cloned())
        })))
    }

    fn collection(&self) -> Option<&dyn Collection> {
        Some(self)
    }

    fn snapshot(&self) -> Option<Value> {
        Some(List::value(self.element.clone(), self.items.borrow().iter().map(snapshot).collect()))
    }
}

impl Collection for List {
    fn count(&self) -> usize {
        self.items.borrow().len()
    }

    fn item(&self, index: usize) -> Option<Value> {
        self.items.borrow().get(index).cloned()
    }

    fn set_item(&self, index: usize, value: Value) -> Result<bool> {
        self.changed();
        Ok(self.items.borrow_mut().get_mut(index).map(|item| *item = value).is_some())
    }

    fn insert(&self, index: usize, value: Value) -> Result<()> {
        self.changed();
        let mut items = self.items.borrow_mut();
        let index = index.min(items.len());
        items.insert(index, value);
        Ok(())
    }

    fn remove(&self, index: usize) -> Result<()> {
        self.changed();
        let mut items = self.items.borrow_mut();
        if index >= items.len() {
            return Err(bad_index());
        }
        items.remove(index);
        Ok(())
    }

    fn clear(&self) -> Result<()> {
        self.changed();
        self.items.borrow_mut().clear();
        Ok(())
    }
}

fn new(_cx: &mut Cx<'_>, args: Args<'_>) -> Result<Value> {
    if args.int(0) < 0 {
        return Err(exception::out_of_range("Non-negative number required.", "capacity"));
    }
    Ok(List::value(args.ty(0).clone(), Vec::new()))
}

fn from_sequence(cx: &mut Cx<'_>, args: Args<'_>) -> Result<Value> {
    let items = cx.collect(args.some(0, "collection")?)?;
    Ok(List::value(args.ty(0).clone(), items))
}

fn add_range(cx: &mut Cx<'_>, args: Args<'_>) -> Result<Value> {
    let new = cx.collect(args.some(1, "collection")?)?;
    let list = args.this::<List>()?;
    list.changed();
    list.items.borrow_mut().extend(new);
    Ok(Value::Null)
}

fn reverse(_cx: &mut Cx<'_>, args: Args<'_>) -> Result<Value> {
    let list = args.this::<List>()?;
    list.changed();
    list.items.borrow_mut().reverse();
    Ok(Value::Null)
}

fn sort(cx: &mut Cx<'_>, args: Args<'_>) -> Result<Value> {
    let list = args.this::<List>()?;
    let items = list.items.borrow().clone();
    let sorted = crate::linq::sort(cx, items, |cx, left, right| match args.value(1) {
        Value::Null => crate::linq::default_order(left, right),
        comparison => match cx.call(comparison, &mut [left.clone(), right.clone()])? {
            Value::Int(order) => Ok(order.cmp(&0)),
            _ => Ok(std::cmp::Ordering::Equal),
        },
    })?;
    *list.items.borrow_mut() = sorted;
    list.changed();
    Ok(Value::Null)
}

/// A copy: the delegate may change the list.
fn copy(args: &Args<'_>) -> Result<Vec<Value>> {
    Ok(args.this::<List>()?.items.borrow().clone())
}

fn for_each(cx: &mut Cx<'_>, args: Args<'_>) -> Result<Value> {
    for item in copy(&args)? {
        cx.meter.step()?;
        cx.call(args.some(1, "action")?, &mut [item])?;
    }
    Ok(Value::Null)
}

fn matching(cx: &mut Cx<'_>, args: &Args<'_>, wanted: bool, most: usize) -> Result<Vec<Value>> {
    let mut out = Vec::new();
    for item in copy(args)? {
        cx.meter.step()?;
        if out.len() < most && cx.test(args.some(1, "match")?, &mut [item.clone()])? == wanted {
            out.push(item);
        }
    }
    Ok(out)
}

fn exists(cx: &mut Cx<'_>, args: Args<'_>) -> Result<Value> {
    Ok(Value::Bool(!matching(cx, &args, true, 1)?.is_empty()))
}

fn find(cx: &mut Cx<'_>, args: Args<'_>) -> Result<Value> {
    let found = matching(cx, &args, true, 1)?.pop();
    Ok(found.unwrap_or_else(|| Value::default_of(args.ty(0))))
}

fn find_all(cx: &mut Cx<'_>, args: Args<'_>) -> Result<Value> {
    let found = matching(cx, &args, true, usize::MAX)?;
    Ok(List::value(args.ty(0).clone(), found))
}

fn remove_all(cx: &mut Cx<'_>, args: Args<'_>) -> Result<Value> {
    let kept = matching(cx, &args, false, usize::MAX)?;
    let list = args.this::<List>()?;
    let removed = list.count() - kept.len();
    *list.items.borrow_mut() = kept;
    list.changed();
    Ok(Value::Int(removed as i32))
}

fn to_array(_cx: &mut Cx<'_>, args: Args<'_>) -> Result<Value> {
    let items = copy(&args)?;
    Ok(Value::array(args.ty(0).clone(), items))
}

/// The places of `count` items from `index`.
fn places(args: &Args<'_>) -> Result<std::ops::Range<usize>> {
    let number = |at: usize, param: &str| {
        usize::try_from(args.int(at)).map_err(|_| exception::out_of_range("Non-negative number required.", param))
    };
    let (index, count) = (number(1, "index")?, number(2, "count")?);
    if index.saturating_add(count) > args.this::<List>()?.count() {
        return Err(exception::argument(
            "Offset and length were out of bounds for the array or count is greater than the number of elements from index to the end of the source collection.",
            "",
        ));
    }
    Ok(index..index + count)
}

fn range(_cx: &mut Cx<'_>, args: Args<'_>) -> Result<Value> {
    let items = copy(&args)?.get(places(&args)?).unwrap_or_default().to_vec();
    Ok(List::value(args.ty(0).clone(), items))
}

fn remove_range(_cx: &mut Cx<'_>, args: Args<'_>) -> Result<Value> {
    let (places, list) = (places(&args)?, args.this::<List>()?);
    list.changed();
    list.items.borrow_mut().drain(places);
    Ok(Value::Null)
}

fn insert_range(cx: &mut Cx<'_>, args: Args<'_>) -> Result<Value> {
    let new = cx.collect(args.some(2, "collection")?)?;
    let list = args.this::<List>()?;
    let at = usize::try_from(args.int(1)).ok().filter(|at| *at <= list.count());
    let at = at.ok_or_else(|| exception::out_of_range("Index must be within the bounds of the List.", "index"))?;
    list.changed();
    list.items.borrow_mut().splice(at..at, new);
    Ok(Value::Null)
}

fn true_for_all(cx: &mut Cx<'_>, args: Args<'_>) -> Result<Value> {
    Ok(Value::Bool(matching(cx, &args, false, 1)?.is_empty()))
}

fn find_last(cx: &mut Cx<'_>, args: Args<'_>) -> Result<Value> {
    let found = matching(cx, &args, true, usize::MAX)?.pop();
    Ok(found.unwrap_or_else(|| Value::default_of(args.ty(0))))
}

fn index_where(cx: &mut Cx<'_>, args: &Args<'_>, last: bool) -> Result<Value> {
    let mut found = -1;
    for (at, item) in copy(args)?.into_iter().enumerate() {
        cx.meter.step()?;
        if (last || found < 0) && cx.test(args.some(1, "match")?, &mut [item])? {
            found = at as i32;
        }
    }
    Ok(Value::Int(found))
}

fn last_index_of(_cx: &mut Cx<'_>, args: Args<'_>) -> Result<Value> {
    let found = copy(&args)?.iter().rposition(|item| item.equals(args.value(1)));
    Ok(Value::Int(found.map_or(-1, |at| at as i32)))
}

fn convert_all(cx: &mut Cx<'_>, args: Args<'_>) -> Result<Value> {
    let mut out = Vec::new();
    for item in copy(&args)? {
        cx.meter.step()?;
        out.push(cx.call(args.some(1, "converter")?, &mut [item])?);
    }
    Ok(List::value(args.ty(1).clone(), out))
}

/// The items of a part, given by index and count; without a count, the rest.
fn part(args: &Args<'_>, index: i32, count: Option<i32>) -> Result<(usize, usize)> {
    let total = args.this::<List>()?.items.borrow().len();
    let start = usize::try_from(index).ok().filter(|start| *start <= total).ok_or_else(bad_index)?;
    let count = count.map_or(Some(total - start), |count| usize::try_from(count).ok());
    let end = count.and_then(|count| start.checked_add(count)).filter(|end| *end <= total);
    end.map(|end| (start, end)).ok_or_else(|| {
        exception::out_of_range(
            "Count must be positive and count must refer to a location within the string/array/collection.",
            "count",
        )
    })
}

fn index_from(_cx: &mut Cx<'_>, args: Args<'_>) -> Result<Value> {
    let (start, end) = part(&args, args.int(2), (args.len() > 3).then(|| args.int(3)))?;
    let items = args.this::<List>()?.items.borrow();
    let found = items.iter().take(end).skip(start).position(|item| item.equals(args.value(1)));
    Ok(Value::Int(found.map_or(-1, |at| (start + at) as i32)))
}

fn reverse_part(_cx: &mut Cx<'_>, args: Args<'_>) -> Result<Value> {
    let (start, end) = part(&args, args.int(1), Some(args.int(2)))
        .map_err(|_| exception::argument("Offset and length were out of bounds for the array or count is greater than the number of elements from index to the end of the source collection.", ""))?;
    let list = args.this::<List>()?;
    list.changed();
    list.items.borrow_mut()[start..end].reverse();
    Ok(Value::Null)
}

fn sort_comparing(cx: &mut Cx<'_>, args: Args<'_>) -> Result<Value> {
    let (list, comparer) = (args.this::<List>()?, args.value(1));
    let items = list.items.borrow().clone();
    let sorted = crate::linq::sort(cx, items, |_, left, right| {
        crate::system::compared_by(comparer, left, right).map_or_else(|| crate::linq::default_order(left, right), Ok)
    })?;
    list.changed();
    *list.items.borrow_mut() = sorted;
    Ok(Value::Null)
}

fn binary_search(_cx: &mut Cx<'_>, args: Args<'_>) -> Result<Value> {
    let items = args.this::<List>()?.items.borrow();
    let (mut low, mut high) = (0, items.len());
    while low < high {
        let middle = low + (high - low - 1) / 2;
        let Some(item) = items.get(middle) else { break };
        match crate::linq::default_order(item, args.value(1))? {
            std::cmp::Ordering::Equal => return Ok(Value::Int(middle as i32)),
            std::cmp::Ordering::Less => low = middle + 1,
            std::cmp::Ordering::Greater => high = middle,
        }
    }
    Ok(Value::Int(!(low as i32)))
}

fn find_index_from(cx: &mut Cx<'_>, args: Args<'_>) -> Result<Value> {
    let (start, _) = part(&args, args.int(1), None)?;
    let items = args.this::<List>()?.items.borrow().clone();
    for (at, item) in items.into_iter().enumerate().skip(start) {
        cx.meter.step()?;
        if cx.test(args.some(2, "match")?, &mut [item])? {
            return Ok(Value::Int(at as i32));
        }
    }
    Ok(Value::Int(-1))
}

/// The room is as large as it was asked to be, or as the items need: four at first, then twice as much each time.
fn capacity(_cx: &mut Cx<'_>, args: Args<'_>) -> Result<Value> {
    let list = args.this::<List>()?;
    let (count, mut room) = (list.items.borrow().len(), list.room.get());
    while room < count {
        room = (room * 2).max(4);
    }
    list.room.set(room);
    Ok(Value::Int(room as i32))
}

fn set_capacity(_cx: &mut Cx<'_>, args: Args<'_>) -> Result<Value> {
    let list = args.this::<List>()?;
    let room = usize::try_from(args.int(1)).ok().filter(|room| *room >= list.items.borrow().len());
    let message = "capacity was less than the current size.";
    list.room.set(room.ok_or_else(|| exception::out_of_range(message, "value"))?);
    Ok(Value::Null)
}
