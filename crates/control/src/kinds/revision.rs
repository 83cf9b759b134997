//! Revisions: `echo` is the current one, `echo;rev=N` are the others, each a document with children of its own.

use arm::{Error, ResourceId, Result};
use resources::{base_name, revision_of};
use serde_json::Value;
use store::{Delete, Document, Put, Query, Write};

use crate::{
    Control,
    commit::{SHAPE, id_of, indexes, key},
};

impl Control {
    /// The id with `;rev=N` removed from the API's name where N is its current revision.
    pub(crate) async fn current_revision(&self, id: ResourceId) -> Result<ResourceId> {
        let Some(name) = id.name_of("apis").filter(|name| name.contains(';')) else { return Ok(id) };
        let (base, revision) = (base_name(name).to_owned(), revision_of(name).unwrap_or_default().to_owned());
        let text = id.as_str();
        let Some(at) = text.find(&format!("/{name}")) else { return Ok(id) };
        let (before, after) = (&text[..at], &text[at + 1 + name.len()..]);
        let Some(api) = ResourceId::parse(&format!("{before}/{base}")) else { return Ok(id) };
        let current = self.read(&api).await?;
        let is_current = current.is_some_and(|api| api.properties()["apiRevision"].as_str() == Some(&revision));
        let plain = ResourceId::parse(&format!("{api}{after}")).filter(|_| is_current);
        Ok(plain.unwrap_or(id))
    }

    /// Every revision of an API, the current one included.
    pub(crate) async fn revisions(&self, api: &ResourceId) -> Result<Vec<Document>> {
        self.list(revisions_of(api)?).await
    }

    /// Writes that make copies of everything below one API below another.
    pub(crate) async fn copies(&self, from: &ResourceId, to: &ResourceId) -> Result<Vec<Write>> {
        let children = self.below(from).await?;
        children.iter().map(|child| moved(child, from, to).map(Write::from)).collect()
    }

    /// Writes that make `next` the current revision of the API that `current` is the current one of.
    pub(crate) async fn swapped(&self, current: &Document, next: &Document) -> Result<Vec<Write>> {
        let (base, other) = (id_of(current)?, id_of(next)?);
        let number = current.properties()["apiRevision"].as_str().unwrap_or("1");
        let scope = base.scope().ok_or_else(|| Error::internal("an API outside of a service"))?;
        let former = scope.child("apis", &format!("{};rev={number}", base_name(base.name())));
        let (old, new) = (self.below(&base).await?, self.below(&other).await?);
        let mut writes: Vec<Write> = old.iter().map(|child| Delete::one(child.key.clone()).into()).collect();
        writes.push(Delete::tree(next.key.clone()).into());
        writes.push(api(&base, &next.body, true)?.into());
        writes.push(api(&former, &current.body, false)?.into());
        for child in &old {
            writes.push(moved(child, &base, &former)?.into());
        }
        for child in &new {
            writes.push(moved(child, &other, &base)?.into());
        }
        Ok(writes)
    }

    /// What belongs to one revision: everything below but releases and tags, which belong to the API.
    async fn below(&self, api: &ResourceId) -> Result<Vec<Document>> {
        let mut all = self.list(Query::default().under(&key(api))).await?;
        let shared = [format!("{}/releases", api.kind()), format!("{}/tags", api.kind())];
        all.retain(|child| !shared.contains(&child.kind));
        Ok(all)
    }
}

/// What finds every revision of an API, the current one included.
pub(super) fn revisions_of(api: &ResourceId) -> Result<Query> {
    let scope = api.scope().ok_or_else(|| Error::internal("an API outside of a service"))?;
    let base = resources::Index::scoped(api, base_name(api.name()));
    let kind = format!("{}/apis", scope.kind());
    Ok(Query::kind(kind).under(&key(&scope)).index("api-base", base))
}

fn api(id: &ResourceId, body: &Value, current: bool) -> Result<Put> {
    let mut body = body.clone();
    body["properties"]["isCurrent"] = current.into();
    placed(id, body)
}

fn moved(child: &Document, from: &ResourceId, to: &ResourceId) -> Result<Put> {
    let rest = child.id.get(from.as_str().len()..).unwrap_or_default();
    let id =
        ResourceId::parse(&format!("{to}{rest}")).ok_or_else(|| Error::internal(format!("'{to}{rest}' is no id")))?;
    // Nothing below an API is sealed, so the body can stand elsewhere as it is.
    placed(&id, child.body.clone())
}

/// The write of a body at an id, with everything under which it can be found.
pub(super) fn placed(id: &ResourceId, body: Value) -> Result<Put> {
    let kind = id.kind();
    let def = resources::def(&kind).ok_or_else(|| Error::internal(format!("no kind '{kind}'")))?;
    let indexes = indexes(def, id, &body);
    Ok(Put { shape: SHAPE, indexes, ..Put::new(id.as_str(), kind, body) })
}
