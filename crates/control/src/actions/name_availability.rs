//! `checkNameAvailability`: whether a service may have a name.

use arm::{Error, Result};
use serde_json::{Value, json};
use store::Query;

use crate::{Answer, Control, control::Context};

pub(super) async fn run(control: &Control, cx: &Context<'_>) -> Result<Answer> {
    let body = cx.call.json()?;
    let Some(name) = body["name"].as_str() else { return Err(Error::invalid("name", "'name' is required.")) };
    let answer = |available: bool, reason: &str, message: Value| {
        Answer::json(200, json!({ "nameAvailable": available, "reason": reason, "message": message }))
    };
    if let Some(Err(error)) = resources::def("service").map(|def| def.name.check(name, def.title)) {
        let why = error.details.first().map(|detail| detail.message.clone());
        return Ok(answer(false, "Invalid", why.into()));
    }
    let taken = Query::default().index("service-name", name.to_lowercase()).top(1);
    if control.list(taken).await?.is_empty() {
        return Ok(answer(true, "Valid", Value::String(String::new())));
    }
    let message = format!("{name} is already in use. Please select a different name.");
    Ok(answer(false, "AlreadyExists", message.into()))
}
