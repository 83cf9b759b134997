//! `System.Text.StringBuilder`.

use std::{cell::RefCell, rc::Rc};

use csharp::{
    Args, Cx, Result, Str, StrBuilder, Ty, Value, exception,
    surface::{TypeDef, acts, pure, reads},
    value::Object,
};

pub(crate) static DEF: TypeDef = TypeDef {
    name: "System.Text.StringBuilder",
    members: &[
        pure("StringBuilder()", new, "An empty builder."),
        pure("StringBuilder(int capacity)", new, "An empty builder; the capacity is a hint."),
        pure("StringBuilder(string value)", new, "A builder that starts with a text."),
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
struct Builder(RefCell<StrBuilder>);

impl Object for Builder {
    fn ty(&self) -> Ty {
        Ty::named(&DEF)
    }

    fn text(&self, _cx: &mut Cx<'_>) -> Result<Str> {
        Ok(self.now())
    }

    fn snapshot(&self) -> Option<Value> {
        Some(Value::object(Builder(self.0.clone())))
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
    let builder = Builder(RefCell::default());
    if let Some(text) = args.opt_str(0) {
        builder.put(text);
    }
    Ok(Value::Object(Rc::new(builder)))
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
    push(cx, args, &Str::from_units(&units))
}

fn append_join(cx: &mut Cx<'_>, args: Args<'_>) -> Result<Value> {
    let separator = args.opt_str(1).cloned().unwrap_or_default();
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
