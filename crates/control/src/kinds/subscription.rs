//! Subscriptions: keys are made where none are given, and no two subscriptions share one.

use arm::{Error, ResourceId, Result};
use resources::Index;
use serde_json::Value;
use store::{Document, IndexEntry};

use crate::{Control, crud::Draft};

/// The names of the two keys.
pub(crate) const KEYS: [&str; 2] = ["primaryKey", "secondaryKey"];

/// The built-in subscription that opens everything.
pub(crate) const MASTER: &str = "master";

pub(super) async fn prepare(control: &Control, draft: &mut Draft) -> Result<()> {
    for name in KEYS {
        if draft.text(name).is_empty() {
            draft.set(name, crypto::random::subscription_key(&*control.parts.entropy));
        }
    }
    let [primary, secondary] = KEYS.map(|name| draft.text(name));
    if primary == secondary {
        return Err(Error::invalid("secondaryKey", "The primary and the secondary key must not be equal."));
    }
    draft.indexes = key_indexes(&draft.id, [primary, secondary]);
    if draft.get("scope").is_null() && draft.get("productId").is_string() {
        // The name that older versions of the API have for it.
        let product = draft.take("productId");
        draft.set("scope", product);
    }
    if draft.text("state").is_empty() {
        let state = first_state(control, draft).await?;
        draft.set("state", state);
    }
    Ok(())
}

/// The state of a subscription that says nothing of it: what it had; else it waits where its product wants to approve,
/// and opens at once everywhere else.
///
/// The specification contradicts itself: `state` is `submitted` by default, and a product without `approvalRequired`
/// approves automatically. The second is what whoever puts a subscription means.
async fn first_state(control: &Control, draft: &Draft) -> Result<Value> {
    if let Some(existing) = &draft.existing {
        return Ok(existing.properties()["state"].clone());
    }
    let product = draft.id.scope().and_then(|scope| scope.refer(draft.text("scope")));
    let product = match product.filter(|id| id.segment().eq_ignore_ascii_case("products")) {
        Some(id) => control.read(&id).await?,
        None => None,
    };
    let waits = product.is_some_and(|product| product.properties()["approvalRequired"] == true);
    Ok(if waits { "submitted" } else { "active" }.into())
}

/// Both keys, by digest: a key opens one subscription of a service only.
pub(crate) fn key_indexes(id: &ResourceId, keys: [&str; 2]) -> Vec<IndexEntry> {
    let service = id.service().unwrap_or_else(|| id.clone());
    let digest = |key: &str| crypto::text::hex(&crypto::hash::sha256(key.as_bytes()));
    let index = |key: &str| IndexEntry::unique("subscription-key", Index::scoped(&service, &digest(key)));
    keys.map(index).to_vec()
}

pub(super) fn before_delete(document: &Document) -> Result<()> {
    if document.name().eq_ignore_ascii_case(MASTER) {
        return Err(Error::invalid("name", "The built-in all-access subscription cannot be deleted."));
    }
    Ok(())
}
