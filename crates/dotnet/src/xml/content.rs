//! Content: what may be given to constructors and `Add`, from nodes and plain values to sequences of both.

use csharp::{Cx, Result, Str, Value, exception};
use dom::XObject;

use super::{exceptions::checked, node::Node};

/// `container.Add(content)`. Null adds nothing; plain values become text.
pub(super) fn add(cx: &mut Cx<'_>, container: &XObject, content: &Value) -> Result<()> {
    cx.meter.step()?;
    if let Some(items) = items(cx, content)? {
        cx.meter.enter()?;
        let done = items.iter().try_for_each(|item| add(cx, container, item));
        cx.meter.leave();
        return done;
    }
    match content.downcast::<Node>() {
        Some(Node(node)) => checked(container.add(node)),
        None if content.is_null() => Ok(()),
        None => checked(container.add_text(&text(cx, content)?.to_text())),
    }
}

/// What `content` stands for, as nodes and attributes; neighbouring texts stay apart.
pub(super) fn objects(cx: &mut Cx<'_>, content: &Value) -> Result<Vec<XObject>> {
    cx.meter.step()?;
    if let Some(items) = items(cx, content)? {
        let mut out = Vec::new();
        cx.meter.enter()?;
        let done = items.iter().try_for_each(|item| {
            out.extend(objects(cx, item)?);
            Ok(())
        });
        cx.meter.leave();
        return done.map(|()| out);
    }
    Ok(match content.downcast::<Node>() {
        Some(Node(node)) => vec![node.clone()],
        None if content.is_null() => Vec::new(),
        None => vec![XObject::text(&text(cx, content)?.to_text())],
    })
}

/// The items of a sequence; `None` for everything else.
fn items(cx: &mut Cx<'_>, content: &Value) -> Result<Option<Vec<Value>>> {
    match content {
        Value::Object(object) if object.clone().iterate().is_some() => cx.collect(content).map(Some),
        _ => Ok(None),
    }
}

/// A plain value as `XmlConvert` writes it.
pub(super) fn text(cx: &mut Cx<'_>, value: &Value) -> Result<Str> {
    Ok(match value {
        Value::Bool(value) => if *value { "true" } else { "false" }.into(),
        Value::Double(value) if value.is_infinite() => if *value > 0.0 { "INF" } else { "-INF" }.into(),
        Value::Float(value) if value.is_infinite() => if *value > 0.0 { "INF" } else { "-INF" }.into(),
        Value::Object(_) if value.downcast::<Node>().is_some() => {
            return Err(exception::argument("An XObject cannot be used as a value.", ""));
        }
        Value::Word(..) | Value::Object(_) => match value.ty().def().map(|def| def.name) {
            Some("System.DateTime") => cx.format(value, "yyyy'-'MM'-'dd'T'HH':'mm':'ss.FFFFFFFK")?,
            Some("System.DateTimeOffset") => {
                let text = cx.format(value, "yyyy'-'MM'-'dd'T'HH':'mm':'ss.FFFFFFFzzz")?;
                text.to_text().replace("+00:00", "Z").into()
            }
            Some("System.TimeSpan") => duration(value).into(),
            _ => cx.text(value)?,
        },
        _ => cx.text(value)?,
    })
}

/// A `TimeSpan` as `-P1DT2H3M4.5S`.
fn duration(span: &Value) -> String {
    let Value::Word(_, bits) = span else { return String::new() };
    let (ticks, mut out) = (*bits as i64, String::new());
    if ticks < 0 {
        out.push('-');
    }
    out.push('P');
    let ticks = ticks.unsigned_abs();
    let (seconds, fraction) = (ticks / 10_000_000, ticks % 10_000_000);
    let days = seconds / 86_400;
    if days > 0 {
        out.push_str(&format!("{days}D"));
    }
    let (hours, minutes, seconds) = (seconds / 3600 % 24, seconds / 60 % 60, seconds % 60);
    if ticks == 0 {
        return out + "T0S";
    }
    if hours + minutes + seconds + fraction > 0 {
        out.push('T');
    }
    for (count, unit) in [(hours, 'H'), (minutes, 'M')] {
        if count > 0 {
            out.push_str(&format!("{count}{unit}"));
        }
    }
    if fraction > 0 {
        let digits = format!("{fraction:07}");
        out.push_str(&format!("{seconds}.{}S", digits.trim_end_matches('0')));
    } else if seconds > 0 {
        out.push_str(&format!("{seconds}S"));
    }
    out
}
