//! `listValue`, `listSecrets`, `regeneratePrimaryKey`, `regenerateSecondaryKey`: what no GET shows.

use arm::{ETag, Error, Result};
use serde_json::{Value, json};
use store::Document;

use crate::{Answer, Control, commit::missing, control::Context, crud::Draft};

pub(super) async fn list_value(control: &Control, cx: &Context<'_>) -> Result<Answer> {
    let (document, body) = opened(control, cx).await?;
    Ok(Answer::json(200, json!({ "value": body["properties"]["value"] })).etag(document.etag))
}

pub(super) async fn list_secrets(control: &Control, cx: &Context<'_>) -> Result<Answer> {
    let (document, body) = opened(control, cx).await?;
    let properties = &body["properties"];
    let keys = json!({ "primaryKey": properties["primaryKey"], "secondaryKey": properties["secondaryKey"] });
    Ok(Answer::json(200, keys).etag(document.etag))
}

pub(super) async fn regenerate(control: &Control, cx: &Context<'_>, name: &str) -> Result<Answer> {
    let (document, body) = opened(control, cx).await?;
    cx.call.condition.check(Some(&ETag(document.etag.to_string())))?;
    let def = resources::def(&document.kind).ok_or_else(|| missing(&cx.id))?;
    let mut draft = Draft::new(def, cx.id.clone(), body, Some(document))?;
    draft.set(name, crypto::random::subscription_key(&*control.parts.entropy));
    let answer = control.write(draft).await?;
    Ok(Answer { status: 204, body: None, etag: None, ..answer })
}

pub(super) async fn opened(control: &Control, cx: &Context<'_>) -> Result<(Document, Value)> {
    let document = control.read(&cx.id).await?.ok_or_else(|| missing(&cx.id))?;
    let def = resources::def(&document.kind).ok_or_else(|| Error::internal(format!("no kind '{}'", document.kind)))?;
    let body = control.opened(def, &document)?;
    Ok((document, body))
}
