//! `reconnect`: new connections to a backend.

use std::time::Duration;

use arm::{Error, Result, parse_duration};
use serde_json::Value;

use crate::{Answer, Control, commit::missing, control::Context};

/// The least that a caller may ask for.
const LEAST: Duration = Duration::from_mins(2);

pub(super) async fn reconnect(control: &Control, cx: &Context<'_>) -> Result<Answer> {
    // The body is optional, and so is what it says.
    let body = if cx.call.body.iter().all(u8::is_ascii_whitespace) { Value::Null } else { cx.call.json()? };
    let after = match &body["properties"]["after"] {
        Value::Null => Duration::ZERO,
        value => {
            let after = value.as_str().and_then(parse_duration).filter(|after| *after >= LEAST);
            let wrong = "'after' must be an ISO 8601 duration of at least PT2M.";
            after.ok_or_else(|| Error::invalid("properties.after", wrong))?
        }
    };
    if control.read(&cx.id).await?.is_none() {
        return Err(missing(&cx.id));
    }
    control.parts.connections.reconnect(&cx.id.to_string(), after);
    Ok(Answer::status(202))
}
