//! `System.Text.StringBuilder`.

use std::{
    cell::{Cell, RefCell},
    rc::Rc,
};

use csharp::{
    Args, Cx, Result, Str, StrBuilder, Ty, Value, exception,
    parcel::{Packed, Packer},
    surface::{TypeDef, acts, pure, reads},
    value::{Collection, Object},
};

pub(crate) static DEF: TypeDef = TypeDef {
    name: "System.Text.StringBuilder",
    members: &[
        pure("StringBuilder()", new, "An empty builder."),
        pure("StringBuilder(int capacity)", new, "An empty builder; the capacity is a hint."),
        pure("StringBuilder(string value)", new, "A builder that starts with a text."),
        pure(
            "StringBuilder(string value, int capacity)",
            new,
            "A builder that starts with a text; the capacity is a hint.",
        ),
        pure("StringBuilder(int capacity, int maxCapacity)", new, "An empty builder; the capacity is a hint."),
        pure(
            "StringBuilder(string value, int startIndex, int length, int capacity)",
            new_slice,
            "A builder that starts with a part of a text.",
        ),
        reads("int Capacity { get; }", capacity, "The units it has room for."),
        pure("int MaxCapacity { get; }", |_, _| Ok(Value::Int(i32::MAX)), "The units it may ever hold."),
        acts("int EnsureCapacity(int capacity)", capacity, "Makes room."),
        reads("bool Equals(StringBuilder sb)", same_text, "Whether both hold the same text."),
        acts(
            "void CopyTo(int sourceIndex, char[] destination, int destinationIndex, int count)",
            copy_to,
            "Copies units.",
        ),
        acts(
            "StringBuilder Append(char[] value, int startIndex, int charCount)",
            append_units,
            "Appends some characters.",
        ),
        acts("StringBuilder Append(sbyte value)", append, "Appends a number."),
        acts("StringBuilder Append(ushort value)", append, "Appends a number."),
        acts("StringBuilder Append(StringBuilder value)", append, "Appends another builder's text."),
        acts(
            "StringBuilder AppendFormat(IFormatProvider provider, string format, params object[] args)",
            append_format_provider,
            "Appends a composite format.",
        ),
        acts(
            "StringBuilder AppendJoin(string separator, params string[] values)",
            append_join,
            "Appends items with a separator between them.",
        ),
        acts(
            "StringBuilder AppendJoin(string separator, params object[] values)",
            append_join,
            "Appends items with a separator between them.",
        ),
        acts(
            "StringBuilder AppendJoin<T>(char separator, IEnumerable<T> values)",
            append_join,
            "Appends items with a separator between them.",
        ),
        acts(
            "StringBuilder AppendJoin(char separator, params string[] values)",
            append_join,
            "Appends items with a separator between them.",
        ),
        acts(
            "StringBuilder AppendJoin(char separator, params object[] values)",
            append_join,
            "Appends items with a separator between them.",
        ),
        acts("StringBuilder Insert(int index, bool value)", insert, "Inserts `True` or `False`."),
        acts("StringBuilder Insert(int index, long value)", insert, "Inserts a number."),
        acts("StringBuilder Insert(int index, double value)", insert, "Inserts a number."),
        acts("StringBuilder Insert(int index, decimal value)", insert, "Inserts a number."),
        acts(
            "StringBuilder Insert(int index, string value, int count)",
            insert_repeated,
            "Inserts a text several times.",
        ),
        acts(
            "StringBuilder Replace(string oldValue, string newValue, int startIndex, int count)",
            replace_within,
            "Replaces each occurrence in a part.",
        ),
        acts(
            "StringBuilder Replace(char oldChar, char newChar, int startIndex, int count)",
            replace_within,
            "Replaces each occurrence in a part.",
        ),
        reads("int Length { get; }", length, "UTF-16 units so far.").with_set(set_length),
        reads("char this[int index] { get; }", unit, "The unit at an index.").with_set(set_unit),
        reads("string ToString()", to_string, "The text."),
        reads("string ToString(int startIndex, int length)", slice, "A part of the text."),
        acts("StringBuilder Append(string value)", append, "Appends a text; null appends nothing."),
        acts("StringBuilder Append(char value)", append, "Appends a character."),
        acts(
            "StringBuilder Append(char value, int repeatCount)",
            append_repeated,
            "Appends a character several times.",
        ),
        acts("StringBuilder Append(bool value)", append, "Appends `True` or `False`."),
        acts("StringBuilder Append(int value)", append, "Appends a number."),
        acts("StringBuilder Append(long value)", append, "Appends a number."),
        acts("StringBuilder Append(double value)", append, "Appends a number."),
        acts("StringBuilder Append(decimal value)", append, "Appends a number."),
        acts("StringBuilder Append(char[] value)", append_units, "Appends characters."),
        acts("StringBuilder Append(byte value)", append, "Appends a number."),
        acts("StringBuilder Append(short value)", append, "Appends a number."),
        acts("StringBuilder Append(uint value)", append, "Appends a number."),
        acts("StringBuilder Append(ulong value)", append, "Appends a number."),
        acts("StringBuilder Append(float value)", append, "Appends a number."),
        acts(
            "StringBuilder AppendJoin<T>(string separator, IEnumerable<T> values)",
            append_join,
            "Appends items with a separator between them.",
        ),
        acts("StringBuilder Insert(int index, char value)", insert, "Inserts a character."),
        acts("StringBuilder Insert(int index, int value)", insert, "Inserts a number."),
        acts("StringBuilder Insert(int index, object value)", insert, "Inserts what `ToString` gives."),
        acts("StringBuilder Replace(char oldChar, char newChar)", replace_unit, "Replaces each occurrence."),
        acts("StringBuilder Append(object value)", append, "Appends what `ToString` gives."),
        acts(
            "StringBuilder Append(string value, int startIndex, int count)",
            append_slice,
            "Appends a part of a text.",
        ),
        acts("StringBuilder AppendLine()", append_line, "Appends a line break: `\\n`."),
        acts("StringBuilder AppendLine(string value)", append_line, "Appends a text and a line break."),
        acts(
            "StringBuilder AppendFormat(string format, params object[] args)",
            append_format,
            "Appends a composite format.",
        ),
        acts("StringBuilder Insert(int index, string value)", insert, "Inserts a text."),
        acts("StringBuilder Remove(int startIndex, int length)", remove, "Removes units."),
        acts("StringBuilder Replace(string oldValue, string newValue)", replace, "Replaces each occurrence."),
        acts("StringBuilder Clear()", clear, "Removes everything."),
    ],
    doc: "A text under construction.",
    ..TypeDef::CLASS
};

/// The text so far.
struct Builder(RefCell<StrBuilder>, Cell<usize>);

impl Object for Builder {
    fn ty(&self) -> Ty {
        Ty::named(&DEF)
    }

    fn pack(&self, _packer: &mut Packer) -> Option<Packed> {
        let (text, room) = (self.0.clone(), self.1.clone());
        Some(Packed::new(move |_| Value::object(Builder(text, room))))
    }

    fn text(&self, _cx: &mut Cx<'_>) -> Result<Str> {
        Ok(self.now())
    }

    fn snapshot(&self) -> Option<Value> {
        Some(Value::object(Builder(self.0.clone(), self.1.clone())))
    }
}

impl Builder {
    fn now(&self) -> Str {
        self.0.borrow().clone().finish()
    }

    fn put(&self, text: &Str) {
        let mut builder = StrBuilder::with_capacity(text.byte_len());
        builder.push(text);
        *self.0.borrow_mut() = builder;
    }
}

fn new(_cx: &mut Cx<'_>, args: Args<'_>) -> Result<Value> {
    let text = args.opt_str(0).cloned().unwrap_or_default();
    let wanted =
        (0..args.len()).find_map(|at| if let Value::Int(number) = args.value(at) { Some(*number) } else { None });
    started(&text, wanted)
}

fn new_slice(_cx: &mut Cx<'_>, args: Args<'_>) -> Result<Value> {
    let text = args.opt_str(0).cloned().unwrap_or_default();
    started(&part(&text, args.int(1), args.int(2))?, Some(args.int(3)))
}

/// The least room a builder begins with.
const ROOM: usize = 16;

fn started(text: &Str, capacity: Option<i32>) -> Result<Value> {
    let capacity = usize::try_from(capacity.unwrap_or(0))
        .map_err(|_| exception::out_of_range("Capacity must be positive.", "capacity"))?;
    let capacity = if capacity == 0 { ROOM } else { capacity };
    let builder = Builder(RefCell::default(), Cell::new(capacity.max(text.len())));
    builder.put(text);
    Ok(Value::Object(Rc::new(builder)))
}

/// It grows by as much as it holds or as much as is needed, whichever is more.
fn capacity(_cx: &mut Cx<'_>, args: Args<'_>) -> Result<Value> {
    let builder = args.this::<Builder>()?;
    let (length, room) = (builder.now().len(), builder.1.get());
    if length > room {
        builder.1.set(room + (length - room).max(room.min(8000)));
    }
    if args.len() > 1 {
        let wanted = usize::try_from(args.int(1))
            .map_err(|_| exception::out_of_range("Capacity must be positive.", "capacity"))?;
        builder.1.set(builder.1.get().max(wanted));
    }
    Ok(Value::Int(builder.1.get() as i32))
}

fn same_text(_cx: &mut Cx<'_>, args: Args<'_>) -> Result<Value> {
    let own = args.this::<Builder>()?.now();
    Ok(Value::Bool(args.object::<Builder>(1).is_some_and(|other| other.now() == own)))
}

fn copy_to(_cx: &mut Cx<'_>, args: Args<'_>) -> Result<Value> {
    let chosen = part(&args.this::<Builder>()?.now(), args.int(1), args.int(4))?;
    let destination = args.object_or::<csharp::value::Array>(2, "destination")?;
    let start = usize::try_from(args.int(3)).ok().filter(|start| start + chosen.len() <= destination.count());
    let start = start.ok_or_else(|| exception::argument("Either offset did not refer to a position in the string, or there is an insufficient length of destination character array.", ""))?;
    for (at, unit) in chosen.units().into_iter().enumerate() {
        destination.set_item(start + at, Value::Char(unit))?;
    }
    Ok(Value::Null)
}

fn append_format_provider(cx: &mut Cx<'_>, args: Args<'_>) -> Result<Value> {
    let text = crate::system::composite(cx, args.str(2, "format")?, &args.items(3))?;
    push(cx, args, &text)
}

fn insert_repeated(cx: &mut Cx<'_>, mut args: Args<'_>) -> Result<Value> {
    let Ok(count) = usize::try_from(args.int(3)) else { return Err(exception::out_of_range("", "count")) };
    let (builder, one) = (args.this::<Builder>()?, args.opt_str(2).cloned().unwrap_or_default());
    let text = builder.now();
    cx.meter.text(one.byte_len().saturating_mul(count).saturating_add(text.byte_len()))?;
    let (at, mut joined) = (args.int(1), part(&text, 0, args.int(1))?);
    for _ in 0..count {
        joined = joined.concat(&one);
    }
    let joined = joined.concat(&part(&text, at, text.len() as i32 - at)?);
    builder.put(&joined);
    Ok(args.take(0))
}

fn replace_within(cx: &mut Cx<'_>, mut args: Args<'_>) -> Result<Value> {
    let builder = args.this::<Builder>()?;
    let text = builder.now();
    let (start, count) = (args.int(3), args.int(4));
    let middle = part(&text, start, count)?.to_text().into_owned();
    let word = |at: usize| match args.value(at) {
        Value::Char(unit) => Str::from_unit(*unit),
        _ => args.opt_str(at).cloned().unwrap_or_default(),
    };
    let (old, new) = (word(1), word(2));
    if old.is_empty() {
        return Err(exception::argument("Empty name is not legal.", "oldValue"));
    }
    let middle = middle.replace(&*old.to_text(), &new.to_text());
    cx.meter.text(text.byte_len() + middle.len())?;
    let end = start + count;
    let joined = part(&text, 0, start)?.concat(&middle.into()).concat(&part(&text, end, text.len() as i32 - end)?);
    builder.put(&joined);
    Ok(args.take(0))
}

fn length(_cx: &mut Cx<'_>, args: Args<'_>) -> Result<Value> {
    Ok(Value::Int(args.this::<Builder>()?.now().len() as i32))
}

fn set_length(_cx: &mut Cx<'_>, args: Args<'_>) -> Result<Value> {
    let (builder, wanted) = (args.this::<Builder>()?, args.int(1));
    let Ok(wanted) = usize::try_from(wanted) else { return Err(exception::out_of_range("", "value")) };
    let mut units = builder.now().units();
    units.resize(wanted, 0);
    builder.put(&Str::from_units(&units));
    Ok(Value::Null)
}

fn unit(_cx: &mut Cx<'_>, args: Args<'_>) -> Result<Value> {
    let unit = usize::try_from(args.int(1)).ok().and_then(|at| args.this::<Builder>().ok()?.now().unit(at));
    unit.map(Value::Char).ok_or_else(exception::index_out_of_range)
}

fn set_unit(_cx: &mut Cx<'_>, args: Args<'_>) -> Result<Value> {
    let builder = args.this::<Builder>()?;
    let mut units = builder.now().units();
    let place = usize::try_from(args.int(1)).ok().and_then(|at| units.get_mut(at));
    *place.ok_or_else(|| {
        exception::out_of_range(
            "Index was out of range. Must be non-negative and less than the size of the collection.",
            "index",
        )
    })? = args.char(2);
    builder.put(&Str::from_units(&units));
    Ok(Value::Null)
}

fn to_string(_cx: &mut Cx<'_>, args: Args<'_>) -> Result<Value> {
    Ok(Value::Str(args.this::<Builder>()?.now()))
}

fn part(text: &Str, start: i32, length: i32) -> Result<Str> {
    let (Ok(start), Ok(length)) = (usize::try_from(start), usize::try_from(length)) else {
        return Err(exception::out_of_range("", "startIndex"));
    };
    text.substring(start, length).ok_or_else(|| {
        exception::out_of_range(
            "Index was out of range. Must be non-negative and less than the size of the collection.",
            "length",
        )
    })
}

fn slice(_cx: &mut Cx<'_>, args: Args<'_>) -> Result<Value> {
    part(&args.this::<Builder>()?.now(), args.int(1), args.int(2)).map(Value::Str)
}

fn push(cx: &mut Cx<'_>, mut args: Args<'_>, text: &Str) -> Result<Value> {
    let builder = args.this::<Builder>()?;
    cx.meter.text(text.byte_len())?;
    builder.0.borrow_mut().push(text);
    Ok(args.take(0))
}

fn append(cx: &mut Cx<'_>, mut args: Args<'_>) -> Result<Value> {
    if let Value::Char(unit) = *args.value(1) {
        args.this::<Builder>()?.0.borrow_mut().push_unit(unit);
        return Ok(args.take(0));
    }
    let text = cx.text(args.value(1))?;
    push(cx, args, &text)
}

fn append_repeated(cx: &mut Cx<'_>, mut args: Args<'_>) -> Result<Value> {
    let Ok(count) = usize::try_from(args.int(2)) else { return Err(exception::out_of_range("", "repeatCount")) };
    cx.meter.text(count)?;
    let builder = args.this::<Builder>()?;
    (0..count).for_each(|_| builder.0.borrow_mut().push_unit(args.char(1)));
    Ok(args.take(0))
}

fn append_slice(cx: &mut Cx<'_>, args: Args<'_>) -> Result<Value> {
    let text = part(args.str(1, "value")?, args.int(2), args.int(3))?;
    push(cx, args, &text)
}

fn append_line(cx: &mut Cx<'_>, args: Args<'_>) -> Result<Value> {
    let text = args.opt_str(1).cloned().unwrap_or_default().concat(&"\n".into());
    push(cx, args, &text)
}

fn append_format(cx: &mut Cx<'_>, args: Args<'_>) -> Result<Value> {
    let text = crate::system::composite(cx, args.str(1, "format")?, &args.items(2))?;
    push(cx, args, &text)
}

fn insert(cx: &mut Cx<'_>, mut args: Args<'_>) -> Result<Value> {
    let builder = args.this::<Builder>()?;
    let (text, new) = (builder.now(), cx.text(args.value(2))?);
    cx.meter.text(text.byte_len() + new.byte_len())?;
    let at = args.int(1);
    let after = text.len() as i32 - at;
    let joined = part(&text, 0, at)?.concat(&new).concat(&part(&text, at, after)?);
    builder.put(&joined);
    Ok(args.take(0))
}

fn remove(_cx: &mut Cx<'_>, mut args: Args<'_>) -> Result<Value> {
    let builder = args.this::<Builder>()?;
    let text = builder.now();
    part(&text, args.int(1), args.int(2))?;
    let end = args.int(1) + args.int(2);
    let rest = part(&text, 0, args.int(1))?.concat(&part(&text, end, text.len() as i32 - end)?);
    builder.put(&rest);
    Ok(args.take(0))
}

fn replace(cx: &mut Cx<'_>, mut args: Args<'_>) -> Result<Value> {
    let builder = args.this::<Builder>()?;
    let (old, new) = (args.str(1, "oldValue")?, args.opt_str(2).cloned().unwrap_or_default());
    if old.is_empty() {
        return Err(exception::argument("Empty name is not legal.", "oldValue"));
    }
    let text = builder.now();
    let replaced = text.to_text().replace(&*old.to_text(), &new.to_text());
    cx.meter.text(replaced.len())?;
    builder.put(&replaced.into());
    Ok(args.take(0))
}

fn clear(_cx: &mut Cx<'_>, mut args: Args<'_>) -> Result<Value> {
    *args.this::<Builder>()?.0.borrow_mut() = StrBuilder::default();
    Ok(args.take(0))
}

fn append_units(cx: &mut Cx<'_>, args: Args<'_>) -> Result<Value> {
    let units = args.object::<csharp::value::Array>(1).map(crate::system::units).unwrap_or_default();
    let mut text = Str::from_units(&units);
    if args.len() > 2 {
        text = part(&text, args.int(2), args.int(3))?;
    }
    push(cx, args, &text)
}

fn append_join(cx: &mut Cx<'_>, args: Args<'_>) -> Result<Value> {
    let separator = match args.value(1) {
        Value::Char(unit) => Str::from_unit(*unit),
        _ => args.opt_str(1).cloned().unwrap_or_default(),
    };
    let mut out = StrBuilder::default();
    for (at, item) in cx.collect(args.some(2, "values")?)?.iter().enumerate() {
        if at > 0 {
            out.push(&separator);
        }
        let text = cx.text(item)?;
        cx.meter.text(text.byte_len() + separator.byte_len())?;
        out.push(&text);
    }
    push(cx, args, &out.finish())
}

fn replace_unit(_cx: &mut Cx<'_>, mut args: Args<'_>) -> Result<Value> {
    let builder = args.this::<Builder>()?;
    let mut units = builder.now().units();
    units.iter_mut().filter(|unit| **unit == args.char(1)).for_each(|unit| *unit = args.char(2));
    builder.put(&Str::from_units(&units));
    Ok(args.take(0))
}
