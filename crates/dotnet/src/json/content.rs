//! Content: what may be given to constructors and `Add`, from tokens and plain values to sequences of both.

use csharp::{Cx, Result, Value, exception};
use json::JToken;

use super::{exceptions::checked, foreign, token::Token};

/// `value` as one token: itself, or a new `JValue`.
pub(super) fn token_of(cx: &mut Cx<'_>, value: &Value) -> Result<JToken> {
    match value.downcast::<Token>() {
        Some(token) => Ok(token.0.clone()),
        None => new_value(cx, value),
    }
}

/// `new JValue(value)`.
pub(super) fn new_value(cx: &mut Cx<'_>, value: &Value) -> Result<JToken> {
    match foreign::to_json(cx, value)? {
        Some(value) => Ok(value.into()),
        None => {
            let name = value.ty().clr_name();
            Err(exception::argument(&format!("Could not determine JSON object type for type {name}."), ""))
        }
    }
}

/// Whether `content` stands for its items: every sequence but strings, bytes and tokens.
pub(super) fn is_many(cx: &mut Cx<'_>, content: &Value) -> Result<bool> {
    let Value::Object(object) = content else { return Ok(false) };
    let is_sequence = object.clone().iterate().is_some();
    Ok(is_sequence && content.downcast::<Token>().is_none() && foreign::to_json(cx, content)?.is_none())
}

/// What `content` stands for, one by one.
pub(super) fn items(cx: &mut Cx<'_>, content: &Value) -> Result<Vec<Value>> {
    if is_many(cx, content)? { cx.collect(content) } else { Ok(vec![content.clone()]) }
}

/// `container.Add(content)`: sequences within sequences are taken apart too.
pub(super) fn add(cx: &mut Cx<'_>, container: &JToken, content: &Value) -> Result<()> {
    cx.meter.step()?;
    if !is_many(cx, content)? {
        let token = token_of(cx, content)?;
        cx.meter.allocate(size_of::<Value>())?;
        return checked(container.add(&token));
    }
    let items = cx.collect(content)?;
    cx.meter.enter()?;
    let done = items.iter().try_for_each(|item| add(cx, container, item));
    cx.meter.leave();
    done
}
