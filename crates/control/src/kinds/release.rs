//! Releases: writing one makes its revision the current one.

use arm::{Error, Result};
use resources::{base_name, revision_of};
use store::Batch;

use crate::{
    Control,
    commit::{missing, rely},
    crud::Draft,
};

pub(super) async fn prepare(control: &Control, draft: &mut Draft, batch: &mut Batch) -> Result<()> {
    let wrong = |message: String| Err(Error::invalid("apiId", message));
    let base = draft.id.parent().ok_or_else(|| missing(&draft.id))?;
    let scope = draft.id.scope().ok_or_else(|| missing(&draft.id))?;
    let asked = draft.text("apiId").to_owned();
    let Some(named) = scope.refer(&asked).filter(|id| id.segment().eq_ignore_ascii_case("apis")) else {
        return wrong("'apiId' is required and must name a revision, such as '/apis/echo;rev=2'.".to_owned());
    };
    if !base_name(named.name()).eq_ignore_ascii_case(base_name(base.name())) {
        return wrong(format!("'{asked}' is not a revision of the API '{}'.", base.name()));
    }
    let current = control.require(&base, batch).await?;
    let number = match revision_of(named.name()) {
        Some(number) => number.to_owned(),
        None => current.properties()["apiRevision"].as_str().unwrap_or("1").to_owned(),
    };
    let full = scope.child("apis", &format!("{};rev={number}", base_name(base.name())));
    let target = control.current_revision(full.clone()).await?;
    let Some(next) = control.read(&target).await? else {
        return wrong(format!("The API '{}' has no revision {number}.", base.name()));
    };
    let old = draft.existing.as_ref().and_then(|existing| existing.properties()["apiId"].as_str().map(str::to_owned));
    let is_new = old.is_none_or(|old| !old.eq_ignore_ascii_case(full.as_str()));
    if is_new && next.key != current.key {
        rely(batch, &next);
        batch.writes.extend(control.swapped(&current, &next).await?);
    }
    let now = arm::rfc3339(batch.at);
    draft.set("apiId", full.to_string());
    release_dates(draft, &now);
    Ok(())
}

/// The dates are the server's own.
fn release_dates(draft: &mut Draft, now: &str) {
    let created = draft.existing.as_ref().map(|existing| existing.properties()["createdDateTime"].clone());
    draft.set("createdDateTime", created.filter(|created| !created.is_null()).unwrap_or_else(|| now.into()));
    draft.set("updatedDateTime", now);
}
