//! `listKeys`, `regenerateKey`, `generateToken` of self-hosted gateways.

use std::time::Duration;

use arm::{Error, Result};
use replication::Token;
use serde_json::{Value, json};

use super::keys::opened;
use crate::{Answer, Control, commit::missing, control::Context, crud::Draft, kinds::gateway::KEYS};

/// The longest that a token is good for.
const LONGEST: Duration = Duration::from_hours(30 * 24);

pub(super) async fn list_keys(control: &Control, cx: &Context<'_>) -> Result<Answer> {
    let (document, body) = opened(control, cx).await?;
    let [primary, secondary] = KEYS.map(|name| &body["properties"][name]);
    Ok(Answer::json(200, json!({ "primary": primary, "secondary": secondary })).etag(document.etag))
}

pub(super) async fn regenerate_key(control: &Control, cx: &Context<'_>) -> Result<Answer> {
    let name = key_name(&cx.call.json()?)?;
    let (document, body) = opened(control, cx).await?;
    let def = resources::def(&document.kind).ok_or_else(|| missing(&cx.id))?;
    let mut draft = Draft::new(def, cx.id.clone(), body, Some(document))?;
    draft.set(name, crypto::random::gateway_key(&*control.parts.entropy));
    let answer = control.write(draft).await?;
    Ok(Answer { status: 204, body: None, etag: None, ..answer })
}

pub(super) async fn generate_token(control: &Control, cx: &Context<'_>) -> Result<Answer> {
    let request = cx.call.json()?;
    let name = key_name(&request)?;
    let wrong = |why: &str| Error::invalid("expiry", format!("'expiry' {why}"));
    let expiry = request["expiry"].as_str().and_then(arm::parse_time);
    let expiry = expiry.ok_or_else(|| wrong("is required: an instant such as 2026-01-31T00:00:00Z."))?;
    let now = control.parts.clock.now();
    if expiry <= now {
        return Err(wrong("must lie in the future."));
    }
    if expiry > now.plus(LONGEST) {
        return Err(wrong("must be at most 30 days away."));
    }
    let (document, body) = opened(control, cx).await?;
    let key = body["properties"][name].as_str().unwrap_or_default();
    let token = Token::issue(document.name(), expiry, key);
    Ok(Answer::json(200, json!({ "value": token.expose() })))
}

/// The property that holds the key which a request names.
fn key_name(request: &Value) -> Result<&'static str> {
    let [primary, secondary] = KEYS;
    match request["keyType"].as_str() {
        Some(word) if word.eq_ignore_ascii_case("primary") => Ok(primary),
        Some(word) if word.eq_ignore_ascii_case("secondary") => Ok(secondary),
        _ => Err(Error::invalid("keyType", "'keyType' must be 'primary' or 'secondary'.")),
    }
}
