//! The driver that forgets: everything in one map. For tests, and as the plainest statement of what a driver does.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use base::Timestamp;
use tokio::sync::watch;

use crate::{
    Answer, Batch, Change, Commit, Delete, Document, Error, Etag, Key, Order, Position, Put, Query, Result, Since,
    Store, Write,
};

/// A store in memory.
#[derive(Debug)]
pub struct Memory {
    state: Mutex<State>,
    newest: watch::Sender<Position>,
}

#[derive(Clone, Debug, Default)]
struct State {
    documents: BTreeMap<Key, Arc<Document>>,
    unique: BTreeMap<(String, String), Key>,
    changes: Vec<Change>,
}

impl Default for Memory {
    fn default() -> Self {
        Self::new()
    }
}

impl Memory {
    /// An empty store.
    pub fn new() -> Self {
        Self { state: Mutex::default(), newest: watch::Sender::new(Position(0)) }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        // A panic cannot leave the state half written: `commit` replaces it as a whole.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Store for Memory {
    fn get<'a>(&'a self, key: &'a Key) -> Answer<'a, Option<Document>> {
        Box::pin(async move { Ok(self.state().documents.get(key).map(|document| (**document).clone())) })
    }

    fn list<'a>(&'a self, query: &'a Query) -> Answer<'a, Vec<Document>> {
        Box::pin(async move { Ok(self.state().list(query)) })
    }

    fn count<'a>(&'a self, query: &'a Query) -> Answer<'a, u64> {
        Box::pin(async move {
            Ok(self.state().documents.values().filter(|document| query.selects(document)).count() as u64)
        })
    }

    fn commit(&self, batch: Batch) -> Answer<'_, Commit> {
        Box::pin(async move {
            let mut state = self.state();
            let mut next = state.clone();
            let commit = next.apply(batch)?;
            *state = next;
            self.newest.send_replace(commit.position);
            Ok(commit)
        })
    }

    fn changes(&self, after: Position, limit: usize) -> Answer<'_, Vec<Change>> {
        Box::pin(async move {
            let state = self.state();
            let newer = state.changes.iter().filter(|change| change.position > after);
            Ok(newer.take(limit).cloned().collect())
        })
    }

    fn since(&self, after: Position) -> Answer<'_, Since> {
        Box::pin(async move { Ok(self.state().since(after)) })
    }

    fn position(&self) -> Answer<'_, Position> {
        Box::pin(async move { Ok(self.state().position()) })
    }

    fn changed(&self, after: Position) -> Answer<'_, Position> {
        Box::pin(async move {
            let mut newest = self.newest.subscribe();
            let newest = newest.wait_for(|newest| *newest > after).await;
            newest.map(|newest| *newest).map_err(|error| Error::failed("waiting for a change", error))
        })
    }
}

impl State {
    fn list(&self, query: &Query) -> Vec<Document> {
        let mut found: Vec<_> = self.documents.values().filter(|document| query.selects(document)).collect();
        match &query.order {
            Order::Key { after } => found.retain(|document| after.as_ref().is_none_or(|after| document.key > *after)),
            Order::Created => found.sort_by_key(|document| document.created),
        }
        found
            .into_iter()
            .skip(query.skip)
            .take(query.top.unwrap_or(usize::MAX))
            .map(|document| (**document).clone())
            .collect()
    }

    fn since(&self, after: Position) -> Since {
        let newer = self.documents.values().filter(|document| document.etag.0 > after.0);
        let mut written: Vec<Document> = newer.map(|document| (**document).clone()).collect();
        written.sort_by_key(|document| document.etag.0);
        let known = self.changes.iter().filter(|_| after > Position(0));
        let gone = known.filter(|change| change.position > after && !self.documents.contains_key(&change.key));
        let deleted: BTreeMap<_, _> = gone.map(|change| (change.key.clone(), change.kind.clone())).collect();
        Since { position: self.position(), written, deleted: deleted.into_iter().collect() }
    }

    fn position(&self) -> Position {
        self.changes.last().map_or(Position(0), |change| change.position)
    }

    fn etag(&self, key: &Key) -> Option<Etag> {
        self.documents.get(key).map(|document| document.etag)
    }

    fn apply(&mut self, batch: Batch) -> Result<Commit> {
        for expect in &batch.expects {
            let found = self.etag(&expect.key);
            if found != expect.etag {
                return Err(Error::Stale { key: expect.key.clone(), found });
            }
        }
        let mut etags = Vec::with_capacity(batch.writes.len());
        for write in batch.writes {
            etags.push(match write {
                Write::Put(put) => Some(self.put(put, batch.at)?),
                Write::Delete(delete) => {
                    self.delete(&delete)?;
                    None
                }
            });
        }
        for query in &batch.leaves_none {
            if let Some(left) = self.documents.values().find(|document| query.selects(document)) {
                return Err(Error::Stale { key: left.key.clone(), found: Some(left.etag) });
            }
        }
        Ok(Commit { position: self.position(), etags })
    }

    fn put(&mut self, put: Put, at: Timestamp) -> Result<Etag> {
        let key = put.key();
        let found = self.etag(&key);
        if !put.precondition.holds(found) {
            return Err(Error::Precondition { key, found });
        }
        let before = self.remove(&key);
        for entry in put.indexes.iter().filter(|entry| entry.unique) {
            let slot = (entry.name.clone(), entry.value.clone());
            if let Some(other) = self.unique.insert(slot, key.clone()).filter(|other| *other != key) {
                let (index, value) = (entry.name.clone(), entry.value.clone());
                return Err(Error::Duplicate { index, value, key, other });
            }
        }
        let (id, created) = before.map_or((put.id, at), |before| (before.id.clone(), before.created));
        let etag = Etag(self.record(key.clone(), put.kind.clone(), false).0);
        let Put { kind, body, shape, indexes, .. } = put;
        let document = Document { key: key.clone(), id, kind, body, etag, shape, created, modified: at, indexes };
        self.documents.insert(key, Arc::new(document));
        Ok(etag)
    }

    fn delete(&mut self, delete: &Delete) -> Result<()> {
        let found = self.etag(&delete.key);
        if !delete.precondition.holds(found) {
            return Err(Error::Precondition { key: delete.key.clone(), found });
        }
        let mut gone = vec![delete.key.clone()];
        if delete.with_children {
            gone.extend(self.documents.keys().filter(|key| key.below(&delete.key).is_some()).cloned());
        }
        for key in gone {
            if let Some(document) = self.remove(&key) {
                self.record(key, document.kind.clone(), true);
            }
        }
        Ok(())
    }

    fn remove(&mut self, key: &Key) -> Option<Arc<Document>> {
        let document = self.documents.remove(key)?;
        self.unique.retain(|_, owner| owner != key);
        Some(document)
    }

    fn record(&mut self, key: Key, kind: String, deleted: bool) -> Position {
        let position = Position(self.position().0 + 1);
        self.changes.push(Change { position, key, kind, deleted });
        position
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;

    #[tokio::test]
    async fn the_memory_driver_conforms() {
        crate::conformance::run(|| async { Arc::new(Memory::new()) as Arc<dyn Store> }).await;
    }
}
