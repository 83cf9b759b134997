//! APIs: revisions, imports, inline version sets, and the path that no two of them share.

use arm::{Error, ResourceId, Result};
use resources::{Index, base_name, revision_of};
use serde_json::{Value, json};
use store::{Batch, Document, Precondition, Query};

use crate::{
    Control,
    commit::{id_of, key, missing},
    control::Context,
    crud::Draft,
};

use super::{
    api_import, in_use,
    revision::{placed, revisions_of},
    websocket,
};

pub(super) async fn prepare(control: &Control, draft: &mut Draft, batch: &mut Batch) -> Result<()> {
    match revision_of(draft.id.name()).map(str::to_owned) {
        Some(revision) => prepare_revision(control, draft, batch, &revision).await?,
        None => {
            let known = draft.existing.as_ref().map(|existing| existing.properties()["apiRevision"].clone());
            if let Some(known) = known.filter(Value::is_string) {
                draft.set("apiRevision", known);
            }
        }
    }
    let source = draft.text("sourceApiId").to_owned();
    if !source.is_empty() && draft.existing.is_none() {
        copy(control, draft, batch, &source).await?;
    }
    if draft.get("format").is_string() || draft.get("value").is_string() {
        api_import::run(control, draft, batch).await?;
    }
    if websocket::is_one(draft) && draft.existing.is_none() {
        // A copy has the operation of its source.
        websocket::prepare(control, draft, batch, source.is_empty()).await?;
    }
    inline_version_set(control, draft, batch).await?;
    if revision_of(draft.id.name()).is_none() {
        refuse_shared_path(control, draft).await?;
        share(control, draft).await?;
    }
    Ok(())
}

/// What all revisions of an API have in common: where it answers, and what it is.
const SHARED: [&str; 4] = ["path", "apiVersion", "apiVersionSetId", "type"];

/// The other revisions follow what is written of the current one, so that releasing one of them does not bring an old
/// address back.
async fn share(control: &Control, draft: &mut Draft) -> Result<()> {
    if draft.existing.is_none() {
        return Ok(());
    }
    let scope = draft.id.scope().ok_or_else(|| missing(&draft.id))?;
    let mut common = SHARED.map(|name| (name, draft.get(name).clone()));
    for (name, value) in &mut common {
        let set = value.as_str().filter(|_| *name == "apiVersionSetId").and_then(|id| scope.refer(id));
        if let Some(set) = set {
            *value = set.to_string().into();
        }
    }
    for other in control.revisions(&draft.id).await? {
        let id = id_of(&other)?;
        let differs = |(name, value): &(&str, Value)| !value.is_null() && other.properties()[*name] != *value;
        if revision_of(id.name()).is_some() && common.iter().any(differs) {
            let mut body = other.body.clone();
            for (name, value) in common.iter().filter(|common| differs(common)) {
                body["properties"][*name] = value.clone();
            }
            draft.with.push(placed(&id, body)?.when(Precondition::Etag(other.etag)).into());
        }
    }
    Ok(())
}

/// What a revision shares with the API comes from it.
async fn prepare_revision(control: &Control, draft: &mut Draft, batch: &mut Batch, revision: &str) -> Result<()> {
    let scope = draft.id.scope().ok_or_else(|| missing(&draft.id))?;
    let base = scope.child("apis", base_name(draft.id.name()));
    if control.read(&base).await?.is_none() {
        // The first revision is the API itself, whatever number it gets.
        draft.id = base;
        draft.set("apiRevision", revision);
        return Ok(());
    }
    let current = control.require(&base, batch).await?;
    for shared in SHARED {
        let value = current.properties()[shared].clone();
        if !value.is_null() {
            draft.set(shared, value);
        }
    }
    for inherited in ["displayName", "serviceUrl", "protocols", "subscriptionRequired", "subscriptionKeyParameterNames"]
    {
        let value = current.properties()[inherited].clone();
        if draft.get(inherited).is_null() && !value.is_null() {
            draft.set(inherited, value);
        }
    }
    Ok(())
}

/// A new API or revision starts as a copy of its source: operations, schemas, policies.
async fn copy(control: &Control, draft: &mut Draft, batch: &mut Batch, source: &str) -> Result<()> {
    let wrong = || Error::invalid("sourceApiId", format!("'{source}' does not name an existing API."));
    let scope = draft.id.scope().ok_or_else(|| missing(&draft.id))?;
    let source =
        scope.refer(source).filter(|id| id.kind() == draft.id.kind() && scope.contains(id)).ok_or_else(wrong)?;
    let source = control.current_revision(source).await?;
    let document = control.require(&source, batch).await.map_err(|_| wrong())?;
    for name in ["displayName", "serviceUrl", "description", "subscriptionRequired", "protocols", "type"] {
        let value = document.properties()[name].clone();
        if draft.get(name).is_null() && !value.is_null() {
            draft.set(name, value);
        }
    }
    let copies = control.copies(&source, &draft.id).await?;
    draft.with.extend(copies);
    Ok(())
}

/// `apiVersionSet` in the body names a set, or describes one that is made with the API.
async fn inline_version_set(control: &Control, draft: &mut Draft, batch: &mut Batch) -> Result<()> {
    let set = draft.get("apiVersionSet").clone();
    if !draft.text("apiVersionSetId").is_empty() || !set.is_object() {
        return Ok(());
    }
    if let Some(id) = set["id"].as_str() {
        draft.set("apiVersionSetId", id);
        return Ok(());
    }
    let scope = draft.id.scope().ok_or_else(|| missing(&draft.id))?;
    let id = scope.child("apiVersionSets", &crypto::random::uuid(&*control.parts.entropy));
    let def = resources::def(&id.kind()).ok_or_else(|| missing(&id))?;
    let properties = json!({
        "displayName": set["name"], "description": set["description"], "versioningScheme": set["versioningScheme"],
        "versionQueryName": set["versionQueryName"], "versionHeaderName": set["versionHeaderName"],
    });
    let mut new = Draft::new(def, id.clone(), json!({ "properties": properties }), None)?;
    let write = Box::pin(control.admit(&mut new, batch)).await?;
    batch.writes.push(write.into());
    draft.take("apiVersionSet");
    draft.set("apiVersionSetId", id.to_string());
    Ok(())
}

/// Two APIs share a path only as versions of one set.
async fn refuse_shared_path(control: &Control, draft: &Draft) -> Result<()> {
    let Some(path) = draft.get("path").as_str() else { return Ok(()) };
    let scope = draft.id.scope().ok_or_else(|| missing(&draft.id))?;
    let class = if websocket::is_one(draft) { "ws" } else { "http" };
    // Whatever workspace they lie in: a service and its workspaces share one gateway.
    let service = draft.id.service().ok_or_else(|| missing(&draft.id))?;
    let value = Index::scoped(&service, &format!("{class}|{}", path.trim_matches('/')));
    let set = |id: &str| scope.refer(id).map(|id| id.key());
    let mine = set(draft.text("apiVersionSetId"));
    let query = Query::default().under(&key(&service)).index("api-path", value);
    for other in control.list(query).await? {
        let theirs = other.properties()["apiVersionSetId"].as_str().and_then(set);
        if other.key != key(&draft.id) && (mine.is_none() || mine != theirs) {
            // The service's own words, two blanks included.
            let message = format!(
                "Cannot create API '{}' with the same Path '{path}' as API '{}'  unless it's a part of the same version set",
                draft.id.name(),
                other.name()
            );
            return Err(Error::invalid("path", message));
        }
    }
    Ok(())
}

pub(super) async fn before_delete(
    control: &Control,
    cx: &Context<'_>,
    document: &Document,
    batch: &mut Batch,
) -> Result<()> {
    let id: ResourceId = id_of(document)?;
    if revision_of(id.name()).is_none() {
        let others: Vec<Document> = in_use::found(control, revisions_of(&id)?, batch)
            .await?
            .into_iter()
            .filter(|other| other.key != document.key)
            .collect();
        if !others.is_empty() && !cx.call.flag("deleteRevisions") {
            return Err(Error::invalid(
                "deleteRevisions",
                format!("API '{}' has other revisions. Delete them first, or pass deleteRevisions=true.", id.name()),
            ));
        }
        in_use::remove(batch, others);
        let subscriptions = in_use::subscriptions(control, document, "subscription-scope", batch).await?;
        in_use::remove(batch, subscriptions);
    }
    in_use::unlink(control, document, batch).await
}
