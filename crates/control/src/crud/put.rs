//! PUT and PATCH of one resource.

use arm::{Code, Condition, ETag, Error, Result};
use resources::ResourceDef;
use serde_json::Map;
use store::{Document, Etag, Precondition, Put};

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
        self.write(cx, draft).await
    }

    pub(crate) async fn patch_resource(&self, cx: &Context<'_>, def: &'static ResourceDef) -> Result<Answer> {
        if cx.operation.requires_match && cx.call.condition == Condition::None {
            let message = "The If-Match header is required for this operation. Give the resource's ETag, or * for any.";
            return Err(Error::new(Code::InvalidParameters, message).at("If-Match", "is missing."));
        }
        let existing = self.read(&cx.id).await?.ok_or_else(|| missing(&cx.id))?;
        check(&cx.call.condition, Some(&existing))?;
        let merged = arm::patched(&self.opened(def, &existing)?, &cx.call.json()?);
        let draft = Draft::new(def, cx.id.clone(), merged, Some(existing))?;
        self.write(cx, draft).await
    }

    /// The second half of every write: kind, rules, commit, answer.
    pub(crate) async fn write(&self, cx: &Context<'_>, mut draft: Draft) -> Result<Answer> {
        let mut batch = self.batch();
        if draft.existing.is_none() {
            self.require_parent(&draft.id, &mut batch).await?;
        }
        kinds::prepare(self, cx, &mut draft, &mut batch).await?;
        let write = self.admit(&mut draft, &mut batch).await?;
        let precondition = match &draft.existing {
            Some(existing) => Precondition::Etag(existing.etag),
            None => Precondition::Absent,
        };
        let at = batch.writes.len();
        let mut batch = batch.write(write.clone().when(precondition));
        batch.writes.append(&mut draft.with);
        let created = draft.existing.is_none();
        let document = document(&draft, write, batch.at);
        // What the store refuses here changed since it was read: prepare it again.
        let answer = self
            .commit(batch, |commit| {
                let etag = commit.etags.get(at).copied().flatten().unwrap_or(Etag(commit.position.0));
                Answer::status(if created { 201 } else { 200 }).etag(etag)
            })
            .await
            .map_err(|error| retried(error, &draft))?;
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

/// A duplicate is told in the words of the kind, which knows the body.
fn retried(error: Error, draft: &Draft) -> Error {
    let duplicate = error.cause.as_ref().and_then(|cause| cause.downcast_ref::<store::Error>());
    match duplicate {
        Some(store::Error::Precondition { .. }) => {
            Error::new(Code::ConcurrentUpdate, "Others keep changing this resource. Try again.")
        }
        Some(store::Error::Duplicate { other, .. }) => match arm::ResourceId::parse(other.as_str()) {
            Some(other) => (draft.def.duplicate)(&draft.id, &draft.body, &other),
            None => error,
        },
        _ => error,
    }
}

fn check(condition: &Condition, existing: Option<&Document>) -> Result<()> {
    let etag = existing.map(|document| ETag(document.etag.to_string()));
    condition.check(etag.as_ref())
}
