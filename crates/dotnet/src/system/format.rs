//! How values print: the hooks of the language, and composite formats.

use csharp::{Cx, Prim, Result, Str, StrBuilder, Value, exception, surface::Kind, ty::Def};
use dotformat::{IntType, format_decimal, format_double, format_integer, format_single};

/// An error of the formatting room as an exception.
pub(crate) fn raise(error: dotformat::Error) -> csharp::Raise {
    super::exceptions::of_format_error(&error)
}

/// `ToString()` of a built-in type.
pub(crate) fn text_of(value: &Value) -> Str {
    match value {
        Value::Bool(value) => if *value { "True" } else { "False" }.into(),
        Value::Char(unit) => Str::from_unit(*unit),
        Value::SByte(value) => value.to_string().into(),
        Value::Byte(value) => value.to_string().into(),
        Value::Short(value) => value.to_string().into(),
        Value::UShort(value) => value.to_string().into(),
        Value::Int(value) => value.to_string().into(),
        Value::UInt(value) => value.to_string().into(),
        Value::Long(value) => value.to_string().into(),
        Value::ULong(value) => value.to_string().into(),
        Value::Float(value) => dotformat::single_to_string(*value).into(),
        Value::Double(value) => dotformat::double_to_string(*value).into(),
        Value::Decimal(value) => format_decimal(*value, "").unwrap_or_default().into(),
        Value::Str(text) => text.clone(),
        Value::Null | Value::Word(..) | Value::Object(_) => Str::EMPTY,
    }
}

/// `ToString(format)`, as one item of a composite format prints. Types without formats print as ever.
pub(crate) fn format_of(cx: &mut Cx<'_>, value: &Value, format: &str) -> Result<Str> {
    let integer = |value: i128, ty| format_integer(value, ty, format);
    let text = match value {
        Value::SByte(value) => integer((*value).into(), IntType::SByte),
        Value::Byte(value) => integer((*value).into(), IntType::Byte),
        Value::Short(value) => integer((*value).into(), IntType::Int16),
        Value::UShort(value) => integer((*value).into(), IntType::UInt16),
        Value::Int(value) => integer((*value).into(), IntType::Int32),
        Value::UInt(value) => integer((*value).into(), IntType::UInt32),
        Value::Long(value) => integer((*value).into(), IntType::Int64),
        Value::ULong(value) => integer((*value).into(), IntType::UInt64),
        Value::Float(value) => format_single(*value, format),
        Value::Double(value) => format_double(*value, format),
        Value::Decimal(value) => format_decimal(*value, format),
        Value::Word(Def(def), _) if matches!(def.kind, Kind::Enum(_)) => {
            return super::object::format_enum(cx, value, format).map(Str::from);
        }
        Value::Word(..) | Value::Object(_) => return format_object(cx, value, format),
        _ => return cx.text(value),
    };
    let text = text.map_err(raise)?;
    cx.meter.text(text.len())?;
    Ok(text.into())
}

/// Calls the type's own `ToString(string)`, if it has one.
fn format_object(cx: &mut Cx<'_>, value: &Value, format: &str) -> Result<Str> {
    let surface = cx.surface;
    let mut ty = Some(value.ty());
    while let Some(current) = ty {
        let named = surface.info_of(&current).and_then(|info| info.by_name.get("ToString"));
        let formatter = named.into_iter().flatten().map(|id| surface.member(*id)).find(|member| {
            !member.is_static && member.params.len() == 1 && member.params[0].ty.prim() == Some(Prim::String)
        });
        if let Some(member) = formatter {
            let mut args = [value.clone(), Value::str(format)];
            let text = (member.row.run)(cx, csharp::Args::new(&mut args, &[]))?;
            return Ok(text.as_str().cloned().unwrap_or_default());
        }
        ty = surface.base(&current);
    }
    cx.text(value)
}

/// `string.Format(format, args)`.
pub(crate) fn composite(cx: &mut Cx<'_>, format: &Str, args: &[Value]) -> Result<Str> {
    let bad = || exception::format("Input string was not in a correct format.");
    let text = format.to_text();
    let mut out = StrBuilder::with_capacity(text.len());
    let mut rest = &*text;
    while let Some(at) = rest.find(['{', '}']) {
        let (before, brace) = rest.split_at(at);
        out.push_str(before);
        if brace.starts_with("{{") || brace.starts_with("}}") {
            out.push_str(&brace[..1]);
            rest = &brace[2..];
            continue;
        }
        let inside = brace.strip_prefix('{').ok_or_else(bad)?;
        let (hole, after) = hole(inside).ok_or_else(bad)?;
        let value = args.get(hole.index).ok_or_else(missing)?;
        let item = cx.format(value, &hole.format)?;
        push_aligned(cx, &mut out, &item, hole.alignment)?;
        rest = after;
    }
    out.push_str(rest);
    Ok(out.finish())
}

/// A piece of a composite format that was read once.
pub(crate) enum Segment {
    Text(String),
    Hole(Hole),
}

/// Reads a composite format; `None` where something is wrong with it.
pub(crate) fn segments(format: &str) -> Option<Vec<Segment>> {
    let (mut segments, mut text, mut rest) = (Vec::new(), String::new(), format);
    while let Some(at) = rest.find(['{', '}']) {
        let (before, brace) = rest.split_at(at);
        text.push_str(before);
        if brace.starts_with("{{") || brace.starts_with("}}") {
            text.push_str(&brace[..1]);
            rest = &brace[2..];
            continue;
        }
        let (hole, after) = hole(brace.strip_prefix('{')?)?;
        segments.extend([Segment::Text(std::mem::take(&mut text)), Segment::Hole(hole)]);
        rest = after;
    }
    text.push_str(rest);
    segments.push(Segment::Text(text));
    Some(segments)
}

/// `string.Format` with a format that was read once.
pub(crate) fn fill(cx: &mut Cx<'_>, segments: &[Segment], args: &[Value]) -> Result<Str> {
    let mut out = StrBuilder::default();
    for segment in segments {
        match segment {
            Segment::Text(text) => out.push_str(text),
            Segment::Hole(hole) => {
                let item = cx.format(args.get(hole.index).ok_or_else(missing)?, &hole.format)?;
                push_aligned(cx, &mut out, &item, hole.alignment)?;
            }
        }
    }
    Ok(out.finish())
}

fn missing() -> csharp::Raise {
    exception::format(
        "Index (zero based) must be greater than or equal to zero and less than the size of the argument list.",
    )
}

/// Appends `item`, padded with blanks on the left (positive) or right (negative).
pub(crate) fn push_aligned(cx: &mut Cx<'_>, out: &mut StrBuilder, item: &Str, alignment: i32) -> Result<()> {
    let width = alignment.unsigned_abs() as usize;
    cx.meter.text(item.byte_len().max(width))?;
    let padding = " ".repeat(width.saturating_sub(item.len()));
    if alignment > 0 {
        out.push_str(&padding);
    }
    out.push(item);
    if alignment < 0 {
        out.push_str(&padding);
    }
    Ok(())
}

pub(crate) struct Hole {
    index: usize,
    alignment: i32,
    format: String,
}

/// `0,-5:format}`: the hole and what follows it.
fn hole(text: &str) -> Option<(Hole, &str)> {
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    let index = text[..digits].parse().ok().filter(|index| *index < 1_000_000)?;
    let mut rest = text[digits..].trim_start_matches(' ');
    let mut alignment = 0;
    if let Some(after) = rest.strip_prefix(',') {
        let after = after.trim_start_matches(' ');
        let end = after.find(|c: char| c != '-' && !c.is_ascii_digit())?;
        alignment = after[..end].parse().ok().filter(|width: &i32| width.abs() < 1_000_000)?;
        rest = after[end..].trim_start_matches(' ');
    }
    let mut format = String::new();
    if let Some(after) = rest.strip_prefix(':') {
        rest = after;
        loop {
            let at = rest.find(['{', '}'])?;
            format.push_str(&rest[..at]);
            let brace = &rest[at..];
            if !(brace.starts_with("{{") || brace.starts_with("}}")) {
                rest = brace;
                break;
            }
            format.push_str(&brace[..1]);
            rest = &brace[2..];
        }
    }
    Some((Hole { index, alignment, format }, rest.strip_prefix('}')?))
}
