//! `System.Array`: what arrays have beyond their indices and the interfaces of collections.

use std::cmp::Ordering;

use csharp::{
    Args, Cx, Result, Ty, Value, exception,
    surface::{TypeDef, acts, pure, reads},
    value::{Array, Collection, Items},
};

pub(crate) static DEF: TypeDef = TypeDef {
    name: "System.Array",
    bases: &["System.Collections.IEnumerable"],
    members: &[
        reads("int Length { get; }", |_, args| Ok(Value::Int(args.this::<Array>()?.count() as i32)), "How many items."),
        reads(
            "long LongLength { get; }",
            |_, args| Ok(Value::Long(args.this::<Array>()?.count() as i64)),
            "How many items.",
        ),
        pure("int Rank { get; }", |_, args| Ok(Value::Int(rank(args.this::<Array>()?))), "How many dimensions."),
        reads("int GetLength(int dimension)", |_, args| Ok(Value::Int(length(&args)?)), "The length of a dimension."),
        pure(
            "int GetLowerBound(int dimension)",
            |_, args| length(&args).map(|_| Value::Int(0)),
            "The first index of a dimension: 0.",
        ),
        reads(
            "int GetUpperBound(int dimension)",
            |_, args| Ok(Value::Int(length(&args)? - 1)),
            "The last index of a dimension.",
        ),
        reads(
            "object GetValue(int index)",
            |_, args| item(args.this::<Array>()?, args.int(1)),
            "The item at an index.",
        ),
        acts("void SetValue(object value, int index)", set_value, "Sets the item at an index."),
        reads("object Clone()", |_, args| Ok(copy(args.this::<Array>()?)), "A copy."),
        acts(
            "void CopyTo(Array array, int index)",
            |_, args| copy_into(&args, (0, 0), (1, args.int(2)), args.this::<Array>()?.count() as i32),
            "Copies everything.",
        ),
        pure("static T[] Empty<T>()", |_, args| Ok(Value::array(args.ty(0).clone(), Vec::new())), "No items."),
        acts(
            "static void Copy(Array sourceArray, Array destinationArray, int length)",
            |_, args| copy_into(&args, (0, 0), (1, 0), args.int(2)),
            "Copies items.",
        ),
        acts(
            "static void Copy(Array sourceArray, int sourceIndex, Array destinationArray, int destinationIndex, int length)",
            |_, args| copy_into(&args, (0, args.int(1)), (2, args.int(3)), args.int(4)),
            "Copies items.",
        ),
        acts("static void Clear(Array array, int index, int length)", clear, "Sets items to the default."),
        acts("static void Fill<T>(T[] array, T value)", fill, "Sets all items."),
        acts(
            "static void Resize<T>(ref T[] array, int newSize)",
            resize,
            "Replaces the array by a longer or shorter copy.",
        ),
        acts("static void Reverse(Array array)", reverse, "Turns the order round."),
        acts("static void Reverse(Array array, int index, int length)", reverse, "Turns the order of a part round."),
        acts("static void Sort<T>(T[] array)", sort, "Sorts by the items' own order."),
        acts("static void Sort(Array array)", sort, "Sorts by the items' own order."),
        acts("static void Sort<T>(T[] array, IComparer<T> comparer)", sort_comparing, "Sorts as a comparer says."),
        acts("static void Sort<T>(T[] array, Comparison<T> comparison)", sort_by, "Sorts by a comparison."),
        acts("static void Sort<TKey, TValue>(TKey[] keys, TValue[] items)", sort_pairs, "Sorts both by the keys."),
        reads(
            "static int IndexOf<T>(T[] array, T value)",
            |_, args| index_of(&args, false),
            "Where an item is, or -1.",
        ),
        reads(
            "static int IndexOf<T>(T[] array, T value, int startIndex)",
            |_, args| index_of(&args, false),
            "Where an item is from an index on, or -1.",
        ),
        reads(
            "static int IndexOf(Array array, object value)",
            |_, args| index_of(&args, false),
            "Where an item is, or -1.",
        ),
        reads(
            "static int LastIndexOf<T>(T[] array, T value)",
            |_, args| index_of(&args, true),
            "Where an item is last, or -1.",
        ),
        reads(
            "static int BinarySearch<T>(T[] array, T value)",
            binary_search,
            "Where an item is in a sorted array; the complement of where it would be.",
        ),
        acts(
            "static bool Exists<T>(T[] array, Predicate<T> match)",
            |cx, args| Ok(Value::Bool(first(cx, &args, false)?.is_some())),
            "Whether an item matches.",
        ),
        acts("static bool TrueForAll<T>(T[] array, Predicate<T> match)", true_for_all, "Whether all items match."),
        acts(
            "static T Find<T>(T[] array, Predicate<T> match)",
            |cx, args| found(&args, first(cx, &args, false)?),
            "The first item that matches, or the default.",
        ),
        acts(
            "static T FindLast<T>(T[] array, Predicate<T> match)",
            |cx, args| found(&args, first(cx, &args, true)?),
            "The last item that matches, or the default.",
        ),
        acts(
            "static int FindIndex<T>(T[] array, Predicate<T> match)",
            |cx, args| Ok(position(first(cx, &args, false)?)),
            "Where the first item is that matches, or -1.",
        ),
        acts(
            "static int FindLastIndex<T>(T[] array, Predicate<T> match)",
            |cx, args| Ok(position(first(cx, &args, true)?)),
            "Where the last item is that matches, or -1.",
        ),
        reads(
            "static System.Collections.ObjectModel.ReadOnlyCollection<T> AsReadOnly<T>(T[] array)",
            as_read_only,
            "A face that does not let it change.",
        ),
        acts("static T[] FindAll<T>(T[] array, Predicate<T> match)", find_all, "The items that match."),
        acts("static void ForEach<T>(T[] array, Action<T> action)", for_each, "Calls a delegate with each item."),
        acts(
            "static TOutput[] ConvertAll<TInput, TOutput>(TInput[] array, Converter<TInput, TOutput> converter)",
            convert_all,
            "Each item converted.",
        ),
    ],
    doc: "The base of all arrays.",
    ..TypeDef::CLASS
};

fn rank(array: &Array) -> i32 {
    array.lengths.as_ref().map_or(1, |lengths| lengths.len() as i32)
}

fn length(args: &Args<'_>) -> Result<i32> {
    let array = args.this::<Array>()?;
    let one = [array.count()];
    let lengths = array.lengths.as_deref().unwrap_or(&one);
    let found = usize::try_from(args.int(1)).ok().and_then(|dimension| lengths.get(dimension));
    found.map(|length| *length as i32).ok_or_else(exception::index_out_of_range)
}

fn item(array: &Array, index: i32) -> Result<Value> {
    usize::try_from(index).ok().and_then(|index| array.item(index)).ok_or_else(exception::index_out_of_range)
}

fn set_value(_cx: &mut Cx<'_>, mut args: Args<'_>) -> Result<Value> {
    let (value, index) = (args.take(1), usize::try_from(args.int(2)).unwrap_or(usize::MAX));
    let array = args.this::<Array>()?;
    let fits =
        value.is_null() || array.element == Ty::OBJECT || value.ty() == array.element || !array.element.is_value_type();
    if !fits {
        return Err(exception::invalid_cast("Object cannot be stored in an array of this type."));
    }
    if array.set_item(index, value)? { Ok(Value::Null) } else { Err(exception::index_out_of_range()) }
}

fn copy(array: &Array) -> Value {
    let items = match &*array.items.borrow() {
        Items::Bytes(bytes) => Items::Bytes(bytes.clone()),
        Items::Values(values) => Items::Values(values.clone()),
    };
    Value::object(Array { element: array.element.clone(), lengths: array.lengths.clone(), items: items.into() })
}

/// Copies `count` items between the arrays at argument and index.
fn copy_into(args: &Args<'_>, from: (usize, i32), to: (usize, i32), count: i32) -> Result<Value> {
    let source = args.object_or::<Array>(from.0, "sourceArray")?;
    let target = args.object_or::<Array>(to.0, "destinationArray")?;
    let number = |number: i32, param: &str| {
        usize::try_from(number).map_err(|_| exception::out_of_range("Non-negative number required.", param))
    };
    let (start, place) = (number(from.1, "sourceIndex")?, number(to.1, "destinationIndex")?);
    let count = number(count, "length")?;
    if start.saturating_add(count) > source.count() {
        let message = "Source array was not long enough. Check the source index, length, and the array's lower bounds.";
        return Err(exception::argument(message, "sourceArray"));
    }
    if place.saturating_add(count) > target.count() {
        let message =
            "Destination array was not long enough. Check the destination index, length, and the array's lower bounds.";
        return Err(exception::argument(message, "destinationArray"));
    }
    if source.element != target.element && source.element.is_value_type() && target.element.is_value_type() {
        let message = "Source array type cannot be assigned to destination array type.";
        return Err(exception::raise(&exception::ARRAY_TYPE_MISMATCH, message));
    }
    let items: Vec<Value> = (start..start + count).filter_map(|at| source.item(at)).collect();
    for (offset, item) in items.into_iter().enumerate() {
        target.set_item(place + offset, item)?;
    }
    Ok(Value::Null)
}

/// The items of an array argument, which must not be null.
fn items(args: &Args<'_>) -> Result<Vec<Value>> {
    Ok(args.object_or::<Array>(0, "array")?.values())
}

fn put(args: &Args<'_>, index: usize, items: Vec<Value>) -> Result<Value> {
    let array = args.object_or::<Array>(index, "array")?;
    for (at, item) in items.into_iter().enumerate() {
        array.set_item(at, item)?;
    }
    Ok(Value::Null)
}

fn span(args: &Args<'_>, count: usize) -> Result<std::ops::Range<usize>> {
    let (start, length) = (usize::try_from(args.int(1)), usize::try_from(args.int(2)));
    let start = start.map_err(|_| exception::out_of_range("Non-negative number required.", "index"))?;
    let length = length.map_err(|_| exception::out_of_range("Non-negative number required.", "length"))?;
    let end = start.saturating_add(length);
    if end > count {
        return Err(exception::argument(
            "Offset and length were out of bounds for the array or count is greater than the number of elements from index to the end of the source collection.",
            "",
        ));
    }
    Ok(start..end)
}

fn clear(_cx: &mut Cx<'_>, args: Args<'_>) -> Result<Value> {
    let array = args.object_or::<Array>(0, "array")?;
    for at in span(&args, array.count()).map_err(|_| exception::index_out_of_range())? {
        array.set_item(at, Value::default_of(&array.element))?;
    }
    Ok(Value::Null)
}

fn fill(_cx: &mut Cx<'_>, args: Args<'_>) -> Result<Value> {
    let count = items(&args)?.len();
    put(&args, 0, vec![args.value(1).clone(); count])
}

fn resize(cx: &mut Cx<'_>, mut args: Args<'_>) -> Result<Value> {
    let Ok(size) = usize::try_from(args.int(1)) else {
        return Err(exception::out_of_range("Non-negative number required.", "newSize"));
    };
    cx.meter.allocate(size.saturating_mul(size_of::<Value>()))?;
    let mut items = args.items(0);
    items.resize(size, Value::default_of(args.ty(0)));
    let resized = Value::array(args.ty(0).clone(), items);
    args.set(0, resized);
    Ok(Value::Null)
}

fn reverse(_cx: &mut Cx<'_>, args: Args<'_>) -> Result<Value> {
    let mut items = items(&args)?;
    let part = if args.len() > 1 { span(&args, items.len())? } else { 0..items.len() };
    if let Some(part) = items.get_mut(part) {
        part.reverse();
    }
    put(&args, 0, items)
}

fn sort(cx: &mut Cx<'_>, args: Args<'_>) -> Result<Value> {
    let items = items(&args)?;
    let sorted = crate::linq::sort(cx, items, |_, left, right| crate::linq::default_order(left, right))?;
    put(&args, 0, sorted)
}

fn sort_by(cx: &mut Cx<'_>, args: Args<'_>) -> Result<Value> {
    let (items, comparison) = (items(&args)?, args.some(1, "comparison")?.clone());
    let sorted = crate::linq::sort(cx, items, |cx, left, right| {
        Ok(match cx.call(&comparison, &mut [left.clone(), right.clone()])? {
            Value::Int(order) => order.cmp(&0),
            _ => Ordering::Equal,
        })
    })?;
    put(&args, 0, sorted)
}

fn sort_comparing(cx: &mut Cx<'_>, args: Args<'_>) -> Result<Value> {
    let (items, comparer) = (items(&args)?, args.value(1));
    let sorted = crate::linq::sort(cx, items, |_, left, right| {
        super::compared_by(comparer, left, right).map_or_else(|| crate::linq::default_order(left, right), Ok)
    })?;
    put(&args, 0, sorted)
}

fn sort_pairs(cx: &mut Cx<'_>, args: Args<'_>) -> Result<Value> {
    let keys = args.object_or::<Array>(0, "keys")?.values();
    let values = args.items(1);
    if !args.value(1).is_null() && values.len() < keys.len() {
        return Err(exception::argument(
            "Destination array is not long enough to copy all the items in the collection. Check array index and length.",
            "",
        ));
    }
    let places: Vec<Value> = (0..keys.len() as i32).map(Value::Int).collect();
    let key = |place: &Value| {
        keys.get(if let Value::Int(at) = place { *at as usize } else { 0 }).cloned().unwrap_or_default()
    };
    let sorted = crate::linq::sort(cx, places, |_, left, right| crate::linq::default_order(&key(left), &key(right)))?;
    let value = |place: &Value| {
        values.get(if let Value::Int(at) = place { *at as usize } else { 0 }).cloned().unwrap_or_default()
    };
    put(&args, 0, sorted.iter().map(key).collect())?;
    if args.value(1).is_null() { Ok(Value::Null) } else { put(&args, 1, sorted.iter().map(value).collect()) }
}

fn index_of(args: &Args<'_>, last: bool) -> Result<Value> {
    let items = items(args)?;
    let start = if args.len() > 2 { args.int(2) } else { 0 };
    let start = usize::try_from(start).ok().filter(|start| *start <= items.len());
    let start = start.ok_or_else(|| {
        exception::out_of_range(
            "Index was out of range. Must be non-negative and less than the size of the collection.",
            "startIndex",
        )
    })?;
    let wanted = |item: &Value| item.equals(args.value(1));
    let found = if last {
        items.iter().rposition(wanted)
    } else {
        items.iter().skip(start).position(wanted).map(|at| at + start)
    };
    Ok(Value::Int(found.map_or(-1, |at| at as i32)))
}

fn binary_search(_cx: &mut Cx<'_>, args: Args<'_>) -> Result<Value> {
    let items = items(&args)?;
    let found = items.binary_search_by(|item| item.compare(args.value(1)).unwrap_or(Ordering::Equal));
    Ok(Value::Int(found.map_or_else(|at| !(at as i32), |at| at as i32)))
}

/// The first item that matches, or the last, with its index.
fn first(cx: &mut Cx<'_>, args: &Args<'_>, last: bool) -> Result<Option<(usize, Value)>> {
    let items = items(args)?;
    let predicate = args.some(1, "match")?;
    let mut places: Vec<(usize, Value)> = items.into_iter().enumerate().collect();
    if last {
        places.reverse();
    }
    for (at, item) in places {
        cx.meter.step()?;
        if cx.test(predicate, &mut [item.clone()])? {
            return Ok(Some((at, item)));
        }
    }
    Ok(None)
}

fn found(args: &Args<'_>, item: Option<(usize, Value)>) -> Result<Value> {
    Ok(item.map_or_else(|| Value::default_of(args.ty(0)), |(_, item)| item))
}

fn position(item: Option<(usize, Value)>) -> Value {
    Value::Int(item.map_or(-1, |(at, _)| at as i32))
}

fn true_for_all(cx: &mut Cx<'_>, args: Args<'_>) -> Result<Value> {
    for item in items(&args)? {
        cx.meter.step()?;
        if !cx.test(args.some(1, "match")?, &mut [item])? {
            return Ok(Value::Bool(false));
        }
    }
    Ok(Value::Bool(true))
}

fn find_all(cx: &mut Cx<'_>, args: Args<'_>) -> Result<Value> {
    let mut out = Vec::new();
    for item in items(&args)? {
        cx.meter.step()?;
        if cx.test(args.some(1, "match")?, &mut [item.clone()])? {
            out.push(item);
        }
    }
    Ok(Value::array(args.ty(0).clone(), out))
}

fn for_each(cx: &mut Cx<'_>, args: Args<'_>) -> Result<Value> {
    for item in items(&args)? {
        cx.meter.step()?;
        cx.call(args.some(1, "action")?, &mut [item])?;
    }
    Ok(Value::Null)
}

fn convert_all(cx: &mut Cx<'_>, args: Args<'_>) -> Result<Value> {
    let mut out = Vec::new();
    for item in items(&args)? {
        cx.meter.step()?;
        out.push(cx.call(args.some(1, "converter")?, &mut [item])?);
    }
    Ok(Value::array(args.ty(1).clone(), out))
}

fn as_read_only(_cx: &mut Cx<'_>, mut args: Args<'_>) -> Result<Value> {
    args.some(0, "array")?;
    let element = args.ty(0).clone();
    Ok(crate::collections::read_only(element, args.take(0)))
}
