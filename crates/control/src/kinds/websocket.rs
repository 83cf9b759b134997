//! WebSocket APIs: their one operation, which nobody writes.

use arm::{Error, ResourceId, Result};
use serde_json::json;
use store::Batch;

use crate::{Control, commit::missing, crud::Draft};

/// The operation of every WebSocket API. Its policies run at the handshake.
const HANDSHAKE: &str = "onHandshake";

/// Whether an API is one.
pub(super) fn is_one(api: &Draft) -> bool {
    let kind = [api.text("apiType"), api.text("type")].into_iter().find(|kind| !kind.is_empty());
    kind.is_some_and(|kind| kind.eq_ignore_ascii_case("websocket"))
}

/// What a new one has: its protocol and its operation.
pub(super) async fn prepare(control: &Control, api: &mut Draft, batch: &mut Batch, is_empty: bool) -> Result<()> {
    if api.get("protocols").is_null() {
        api.set("protocols", json!(["wss"]));
    }
    if !is_empty {
        return Ok(());
    }
    let id = api.id.child("operations", HANDSHAKE);
    let def = resources::def(&id.kind()).ok_or_else(|| missing(&id))?;
    let properties = json!({ "displayName": HANDSHAKE, "method": "GET", "urlTemplate": "/*" });
    let mut operation = Draft::new(def, id, json!({ "properties": properties }), None)?;
    let write = Box::pin(control.admit(&mut operation, batch)).await?;
    api.with.push(write.into());
    Ok(())
}

/// Refuses to write or delete an operation of one.
pub(super) async fn guard(control: &Control, operation: &ResourceId, batch: &mut Batch) -> Result<()> {
    let Some(api) = operation.parent() else { return Ok(()) };
    let api = control.require(&api, batch).await?;
    if api.properties()["type"] != "websocket" {
        return Ok(());
    }
    let message = format!("A WebSocket API has the operation '{HANDSHAKE}', which cannot be changed, and no other.");
    Err(Error::invalid("name", message))
}
