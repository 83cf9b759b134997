//! Texts put together: `String.Join` and `String.Concat`.

use csharp::{Args, Cx, Result, Str, StrBuilder, Value, exception};

fn joined(cx: &mut Cx<'_>, separator: &Str, items: &[Value]) -> Result<Value> {
    let mut out = StrBuilder::default();
    for (at, item) in items.iter().enumerate() {
        if at > 0 {
            out.push(separator);
        }
        let text = cx.text(item)?;
        cx.meter.text(text.byte_len() + separator.byte_len())?;
        out.push(&text);
    }
    Ok(Value::Str(out.finish()))
}

/// The first argument, a text or a character; null separates with nothing.
fn separator(args: &Args<'_>) -> Str {
    match args.value(0) {
        Value::Char(unit) => Str::from_unit(*unit),
        _ => args.opt_str(0).cloned().unwrap_or_default(),
    }
}

pub(super) fn join(cx: &mut Cx<'_>, args: Args<'_>) -> Result<Value> {
    args.some(1, "value")?;
    joined(cx, &separator(&args), &args.items(1))
}

pub(super) fn join_sequence(cx: &mut Cx<'_>, args: Args<'_>) -> Result<Value> {
    let items = cx.collect(args.some(1, "values")?)?;
    joined(cx, &separator(&args), &items)
}

pub(super) fn concat(cx: &mut Cx<'_>, args: Args<'_>) -> Result<Value> {
    let mut out = StrBuilder::default();
    for text in (0..args.len()).filter_map(|at| args.opt_str(at)) {
        cx.meter.text(text.byte_len())?;
        out.push(text);
    }
    Ok(Value::Str(out.finish()))
}

pub(super) fn concat_all(cx: &mut Cx<'_>, args: Args<'_>) -> Result<Value> {
    args.some(0, "values")?;
    joined(cx, &Str::EMPTY, &args.items(0))
}

pub(super) fn concat_sequence(cx: &mut Cx<'_>, args: Args<'_>) -> Result<Value> {
    let items = cx.collect(args.some(0, "values")?)?;
    joined(cx, &Str::EMPTY, &items)
}

pub(super) fn join_part(cx: &mut Cx<'_>, args: Args<'_>) -> Result<Value> {
    args.some(1, "value")?;
    let items = args.items(1);
    let range = usize::try_from(args.int(2)).ok().zip(usize::try_from(args.int(3)).ok());
    let chosen = range.and_then(|(start, count)| items.get(start..start.checked_add(count)?));
    let chosen = chosen.ok_or_else(|| exception::out_of_range("", "startIndex"))?;
    joined(cx, &separator(&args), chosen)
}
