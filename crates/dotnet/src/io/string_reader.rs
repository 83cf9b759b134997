//! `System.IO.StringReader`, `StringWriter` and the classes below them.

use std::cell::RefCell;

use csharp::{
    Args, Cx, Result, Str, StrBuilder, Ty, Value, exception,
    surface::{TypeDef, acts, pure, reads},
    value::Object,
};

pub(crate) static TEXT_READER: TypeDef = TypeDef {
    name: "System.IO.TextReader",
    bases: &["IDisposable"],
    members: &[
        reads("int Peek()", |_, args| unit(&args, false), "The next unit, or -1."),
        acts("int Read()", |_, args| unit(&args, true), "Takes the next unit; -1 at the end."),
        acts("string ReadLine()", read_line, "Takes the next line; null at the end."),
        acts("string ReadToEnd()", read_to_end, "Takes the rest."),
        acts("void Close()", |_, _| Ok(Value::Null), "Ends the use."),
        acts("void Dispose()", |_, _| Ok(Value::Null), "Ends the use."),
    ],
    doc: "Reads text.",
    ..TypeDef::CLASS
};

pub(crate) static STRING_READER: TypeDef = TypeDef {
    name: "System.IO.StringReader",
    bases: &["TextReader"],
    members: &[pure("StringReader(string s)", new_reader, "Reads a text.")],
    doc: "Reads a text.",
    ..TypeDef::CLASS
};

pub(crate) static TEXT_WRITER: TypeDef = TypeDef {
    name: "System.IO.TextWriter",
    bases: &["IDisposable"],
    members: &[
        acts("void Write(string value)", write, "Appends a text."),
        acts("void Write(char value)", write, "Appends a character."),
        acts("void Write(object value)", write, "Appends what `ToString` gives."),
        acts("void Write(string format, params object[] arg)", write_format, "Appends a composite format."),
        acts("void WriteLine()", write_line, "Appends a line break: `\\n`."),
        acts("void WriteLine(string value)", write_line, "Appends a text and a line break."),
        acts("void WriteLine(char value)", write_line, "Appends a character and a line break."),
        acts("void WriteLine(object value)", write_line, "Appends what `ToString` gives and a line break."),
        acts(
            "void WriteLine(string format, params object[] arg)",
            write_line_format,
            "Appends a composite format and a line break.",
        ),
        acts("void Flush()", |_, _| Ok(Value::Null), "Nothing waits to be written."),
        acts("void Close()", |_, _| Ok(Value::Null), "Ends the use."),
        acts("void Dispose()", |_, _| Ok(Value::Null), "Ends the use."),
    ],
    doc: "Writes text.",
    ..TypeDef::CLASS
};

pub(crate) static STRING_WRITER: TypeDef = TypeDef {
    name: "System.IO.StringWriter",
    bases: &["TextWriter"],
    members: &[
        reads("StringWriter()", |_, _| Ok(Value::object(Writer(RefCell::default()))), "Writes into a text."),
        reads(
            "StringWriter(IFormatProvider formatProvider)",
            |_, _| Ok(Value::object(Writer(RefCell::default()))),
            "Writes into a text.",
        ),
        reads("string ToString()", crate::system::to_string, "The text so far."),
    ],
    doc: "Writes into a text.",
    ..TypeDef::CLASS
};

/// The units and how many were read.
struct Reader(RefCell<(Vec<u16>, usize)>);

impl Object for Reader {
    fn ty(&self) -> Ty {
        Ty::named(&STRING_READER)
    }

    fn snapshot(&self) -> Option<Value> {
        Some(Value::object(Reader(self.0.clone())))
    }
}

struct Writer(RefCell<StrBuilder>);

impl Object for Writer {
    fn ty(&self) -> Ty {
        Ty::named(&STRING_WRITER)
    }

    fn text(&self, _cx: &mut Cx<'_>) -> Result<Str> {
        Ok(self.0.borrow().clone().finish())
    }

    fn snapshot(&self) -> Option<Value> {
        Some(Value::object(Writer(self.0.clone())))
    }
}

/// The text that a `TextReader` argument has left, taken from it.
pub(crate) fn rest(value: &Value) -> Option<Str> {
    let mut state = value.downcast::<Reader>()?.0.borrow_mut();
    let text = Str::from_units(state.0.get(state.1..).unwrap_or_default());
    state.1 = state.0.len();
    Some(text)
}

fn new_reader(_cx: &mut Cx<'_>, args: Args<'_>) -> Result<Value> {
    Ok(Value::object(Reader(RefCell::new((args.str(0, "s")?.units(), 0)))))
}

fn unit(args: &Args<'_>, takes: bool) -> Result<Value> {
    let mut state = args.this::<Reader>()?.0.borrow_mut();
    let found = state.0.get(state.1).copied();
    state.1 += usize::from(takes && found.is_some());
    Ok(Value::Int(found.map_or(-1, i32::from)))
}

fn read_line(_cx: &mut Cx<'_>, args: Args<'_>) -> Result<Value> {
    let mut state = args.this::<Reader>()?.0.borrow_mut();
    let (units, at) = &*state;
    let rest = units.get(*at..).unwrap_or_default();
    if rest.is_empty() {
        return Ok(Value::Null);
    }
    let (carriage, line) = (u16::from(b'\r'), u16::from(b'\n'));
    let end = rest.iter().position(|unit| *unit == carriage || *unit == line);
    let text = Str::from_units(rest.get(..end.unwrap_or(rest.len())).unwrap_or_default());
    let broken = match end {
        Some(end) if rest.get(end..end + 2) == Some(&[carriage, line]) => end + 2,
        Some(end) => end + 1,
        None => rest.len(),
    };
    state.1 += broken;
    Ok(Value::Str(text))
}

/// What a reader still has.
pub(crate) fn read_all(cx: &mut Cx<'_>, reader: &Value) -> Result<Str> {
    let rest = read_to_end(cx, Args::new(&mut [reader.clone()], &[]))?;
    Ok(rest.as_str().cloned().unwrap_or_default())
}

fn read_to_end(_cx: &mut Cx<'_>, args: Args<'_>) -> Result<Value> {
    rest(args.value(0)).map(Value::Str).ok_or_else(exception::null_reference)
}

fn push(cx: &mut Cx<'_>, args: &Args<'_>, text: &Str, ends_line: bool) -> Result<Value> {
    let writer = args.this::<Writer>()?;
    cx.meter.text(text.byte_len() + 1)?;
    writer.0.borrow_mut().push(text);
    if ends_line {
        writer.0.borrow_mut().push_str("\n");
    }
    Ok(Value::Null)
}

fn write(cx: &mut Cx<'_>, args: Args<'_>) -> Result<Value> {
    let text = cx.text(args.value(1))?;
    push(cx, &args, &text, false)
}

fn write_line(cx: &mut Cx<'_>, args: Args<'_>) -> Result<Value> {
    let text = cx.text(args.value(1))?;
    push(cx, &args, &text, true)
}

fn write_format(cx: &mut Cx<'_>, args: Args<'_>) -> Result<Value> {
    let text = crate::system::composite(cx, args.str(1, "format")?, &args.items(2))?;
    push(cx, &args, &text, false)
}

fn write_line_format(cx: &mut Cx<'_>, args: Args<'_>) -> Result<Value> {
    let text = crate::system::composite(cx, args.str(1, "format")?, &args.items(2))?;
    push(cx, &args, &text, true)
}
