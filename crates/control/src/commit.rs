//! Writing: one batch, its refusals in the contract's words, and the wait for its publication.

use arm::{Code, Error, ResourceId, Result};
use resources::{Index, ResourceDef, USES};
use serde_json::Value;
use store::{Batch, Commit, Document, IndexEntry, Key, Put, Query};

use crate::{Answer, Control};

/// The layout version of the documents that this room writes.
pub(crate) const SHAPE: u32 = 1;

impl Control {
    /// An empty batch of now.
    pub(crate) fn batch(&self) -> Batch {
        Batch::new(self.parts.clock.now())
    }

    /// Reads a document.
    pub(crate) async fn read(&self, id: &ResourceId) -> Result<Option<Document>> {
        self.parts.store.get(&key(id)).await.map_err(refusal)
    }

    /// Lists documents.
    pub(crate) async fn list(&self, query: Query) -> Result<Vec<Document>> {
        self.parts.store.list(&query).await.map_err(refusal)
    }

    /// Reads a document that must be there, and makes the batch rely on it.
    pub(crate) async fn require(&self, id: &ResourceId, batch: &mut Batch) -> Result<Document> {
        let document = self.read(id).await?.ok_or_else(|| missing(id))?;
        rely(batch, &document);
        Ok(document)
    }

    /// Writes a batch and waits, for a bounded time, until the gateway serves it. The answer gets a header if that
    /// time was too short.
    pub(crate) async fn commit(&self, batch: Batch, answer: impl FnOnce(Commit) -> Answer) -> Result<Answer> {
        let commit = self.parts.store.commit(batch).await.map_err(refusal)?;
        let position = commit.position;
        let answer = answer(commit);
        tokio::select! {
            biased;
            () = self.parts.publication.published(position) => Ok(answer),
            () = self.parts.clock.sleep(self.parts.settings.publish_wait) => {
                Ok(answer.header("warning", "199 tollgate \"stored; the gateway does not serve it yet\""))
            }
        }
    }
}

/// The key of an id.
pub(crate) fn key(id: &ResourceId) -> Key {
    Key::new(id.as_str())
}

/// Makes a batch rely on a document as it was read.
pub(crate) fn rely(batch: &mut Batch, document: &Document) {
    let expect = store::Expect { key: document.key.clone(), etag: Some(document.etag) };
    if !batch.expects.contains(&expect) {
        batch.expects.push(expect);
    }
}

/// The id of a document. Ids in the store were ids when they were written.
pub(crate) fn id_of(document: &Document) -> Result<ResourceId> {
    ResourceId::parse(&document.id).ok_or_else(|| Error::internal(format!("'{}' is no id", document.id)))
}

/// That a resource does not exist.
pub(crate) fn missing(id: &ResourceId) -> Error {
    if id.kind() == "resourcegroups" {
        return Error::new(Code::ResourceGroupNotFound, format!("Resource group '{}' could not be found.", id.name()));
    }
    let title = resources::def(&id.kind()).map_or("Resource", |def| def.title);
    if id.kind() == "service" {
        let message = format!("The Resource 'Microsoft.ApiManagement/service/{}' was not found.", id.name());
        return Error::new(Code::ResourceNotFound, message);
    }
    Error::not_found(format_args!("{title} '{}'", id.name()))
}

/// A document of a kind, with everything under which it can be found. Secrets in `body` must be sealed already, and
/// `plain` is the same body before that.
pub(crate) fn put(def: &ResourceDef, id: &ResourceId, plain: &Value, body: Value) -> Put {
    let indexes = indexes(def, id, plain);
    Put { shape: SHAPE, indexes, ..Put::new(id.as_str(), id.kind(), body) }
}

/// Everything under which a resource can be found.
pub(crate) fn indexes(def: &ResourceDef, id: &ResourceId, body: &Value) -> Vec<IndexEntry> {
    let mut all = (def.indexes)(id, body);
    all.extend(resources::uses(id, body));
    for reference in def.references {
        for pointer in resources::pointers(body, reference.path) {
            let target = body.pointer(&pointer).and_then(Value::as_str).filter(|target| !target.is_empty());
            all.extend(target.map(|target| Index::many(reference.index, target.to_ascii_lowercase())));
        }
    }
    if let Some(link) = &def.link {
        all.extend(link_target(id, link.to).map(|target| Index::many("target", target.key())));
    }
    let entry = |index: Index| IndexEntry { name: index.name.to_owned(), value: index.value, unique: index.unique };
    all.into_iter().map(entry).collect()
}

/// What a link document links: the resource of its name in its scope.
pub(crate) fn link_target(link: &ResourceId, to: &str) -> Option<ResourceId> {
    // Users belong to the service, whatever workspace a group lies in.
    let scope = if to == "users" { link.service() } else { link.scope() };
    scope.map(|scope| scope.child(to, link.name()))
}

/// The documents whose text mentions a thing of this index value, in the scope of `id` itself.
pub(crate) fn users_of(id: &ResourceId, value: String) -> Query {
    let scope = id.scope().unwrap_or_else(|| id.clone());
    Query { indexes: vec![(USES.to_owned(), value)], ..Query::default() }.under(&key(&scope))
}

/// A refusal of the store in the contract's words.
pub(crate) fn refusal(error: store::Error) -> Error {
    match error {
        // The caller's own condition was checked before, so that somebody else was faster here.
        store::Error::Stale { .. } | store::Error::Precondition { .. } => {
            Error::new(Code::ConcurrentUpdate, "Others keep changing this resource. Try again.")
        }
        store::Error::Duplicate { ref key, ref other, .. } => {
            let message = format!("'{key}' conflicts with '{other}'.");
            Error { cause: Some(Box::new(error)), ..Error::new(Code::Conflict, message) }
        }
        other => Error::internal(other),
    }
}

/// A refusal as its caller is told it: a store that cannot be used at the moment is no defect, and trying again may help.
pub fn told(error: Error) -> Error {
    let cause = error.cause.as_deref().and_then(|cause| cause.downcast_ref::<store::Error>());
    let Some(store::Error::Unavailable { reason, .. }) = cause else { return error };
    let message = format!("The management database cannot be used: {reason}. Nothing was changed; try again later.");
    Error { cause: error.cause, ..Error::new(Code::ServiceUnavailable, message) }
}
