//! PUT and PATCH of one resource.

use arm::{Condition, ETag, Error, ResourceId, Result};
use resources::ResourceDef;
use serde_json::{Map, Value};
use store::{Document, Etag, Precondition, Put, Write};

use crate::{Answer, Control, commit::missing, control::Context, kinds};

use super::Draft;

impl Control {
    pub(crate) async fn put_resource(&self, cx: &Context<'_>, def: &'static ResourceDef) -> Result<Answer> {
        let existing = self.read(&cx.id).await?;
        check(&cx.call.condition, existing.as_ref())?;
        let body = if def.link.is_some() { Map::new().into() } else { cx.call.json()? };
        let mut draft = Draft::new(def, cx.id.clone(), body, existing)?;
        if let Some(existing) = &draft.existing {
            self.keep_hidden(def, existing, &mut draft.body)?;
        }
        self.write(draft).await
    }

    pub(crate) async fn patch_resource(&self, cx: &Context<'_>, def: &'static ResourceDef) -> Result<Answer> {
        if cx.operation.requires_match && cx.call.condition == Condition::None {
            let message = "The If-Match header is required for this operation. Give the resource's ETag, or * for any.";
            return Err(Error::invalid("If-Match", message));
        }
        let existing = self.read(&cx.id).await?.ok_or_else(|| missing(&cx.id))?;
        check(&cx.call.condition, Some(&existing))?;
        let merged = arm::patched(&self.opened(def, &existing)?, &cx.call.json()?);
        let draft = Draft::new(def, cx.id.clone(), merged, Some(existing))?;
        self.write(draft).await
    }

    /// The second half of every write: kind, rules, commit, answer.
    pub(crate) async fn write(&self, mut draft: Draft) -> Result<Answer> {
        let _sealing = self.sealing.read().await;
        let mut batch = self.batch();
        if draft.existing.is_none() {
            self.require_parent(&draft.id, &mut batch).await?;
        }
        kinds::prepare(self, &mut draft, &mut batch).await?;
        let write = self.admit(&mut draft, &mut batch).await?;
        let precondition = match &draft.existing {
            Some(existing) => Precondition::Etag(existing.etag),
            None => Precondition::Absent,
        };
        let at = batch.writes.len();
        let mut batch = batch.write(write.clone().when(precondition));
        batch.writes.extend(draft.with.iter().cloned());
        let created = draft.existing.is_none();
        let document = document(&draft, write, batch.at);
        let answer = self
            .commit(batch, |commit| {
                let etag = commit.etags.get(at).copied().flatten().unwrap_or(Etag(commit.position.0));
                Answer::status(if created { 201 } else { 200 }).etag(etag)
            })
            .await
            .map_err(|error| in_words(error, &draft))?;
        let etag = answer.etag.as_ref().and_then(|etag| etag.0.parse().ok()).unwrap_or(document.etag);
        let shown = self.linked(draft.def, &Document { etag, ..document }).await?;
        Ok(Answer { body: Some(shown.into()), ..answer })
    }
}

/// The document as it is after this write, but for its version.
fn document(draft: &Draft, put: Put, now: base::Timestamp) -> Document {
    let existing = draft.existing.as_ref();
    Document {
        key: put.key(),
        id: existing.map_or_else(|| put.id.clone(), |document| document.id.clone()),
        kind: put.kind,
        body: put.body,
        etag: Etag(0),
        shape: put.shape,
        created: existing.map_or(now, |document| document.created),
        modified: now,
        indexes: put.indexes,
    }
}

/// A duplicate is told in the words of its kind. It may be one of the resources that go with the written one.
fn in_words(error: Error, draft: &Draft) -> Error {
    let cause = error.cause.as_ref().and_then(|cause| cause.downcast_ref::<store::Error>());
    let Some(store::Error::Duplicate { key, other, .. }) = cause else { return error };
    let (Some(id), Some(other)) = (ResourceId::parse(key.as_str()), ResourceId::parse(other.as_str())) else {
        return error;
    };
    if id.key() == draft.id.key() {
        return (draft.def.duplicate)(&draft.id, &draft.body, &other);
    }
    let written = draft.with.iter().find_map(|write| match write {
        Write::Put(put) if put.key() == *key => Some(&put.body),
        _ => None,
    });
    match resources::def(&id.kind()) {
        Some(def) => (def.duplicate)(&id, written.unwrap_or(&Value::Null), &other),
        None => error,
    }
}

fn check(condition: &Condition, existing: Option<&Document>) -> Result<()> {
    let etag = existing.map(|document| ETag(document.etag.to_string()));
    condition.check(etag.as_ref())
}
