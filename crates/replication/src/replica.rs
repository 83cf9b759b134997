//! The store of a self-hosted gateway: what it was sent, in memory and in a sealed file.

use std::{
    collections::BTreeMap,
    path::Path,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use base::{Entropy, Secret};
use store::{Answer, Batch, Change, Commit, Document, Error, Etag, Key, Order, Position, Query, Result, Since, Store};
use tokio::sync::watch;

use crate::{
    journal::Journal,
    message::{Changes, Held, Place, Sent, Version},
};

/// How many deletions are remembered for followers that are behind.
const REMEMBERED: usize = 10_000;

/// Documents that only a management node changes.
///
/// Its positions are its own: a document that begins to concern the gateway is new here, however old it is there. [`Replica::place`]
/// says where the gateway stands in the feed of the node.
pub struct Replica {
    state: Mutex<State>,
    journal: Mutex<Journal>,
    entropy: Arc<dyn Entropy>,
    newest: watch::Sender<Position>,
}

#[derive(Default)]
struct State {
    place: Option<Place>,
    documents: BTreeMap<Key, Arc<Kept>>,
    deleted: Vec<(Position, Key, String)>,
    /// Deletions up to here are forgotten.
    forgotten: Position,
    position: u64,
    /// Why the file does not hold what is in memory.
    unsaved: Option<String>,
}

struct Kept {
    document: Document,
    version: Version,
}

/// What was found at the start.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Found {
    /// No file.
    Nothing,
    /// This many documents.
    Documents(usize),
    /// A file that cannot be used, or not to its end, and why.
    Unusable(String),
}

impl Replica {
    /// Opens the file at `path`, which is sealed under `secret`; nothing is written yet. A file that cannot be used stays until the
    /// first changes come.
    pub fn open(path: &Path, secret: Secret<Vec<u8>>, entropy: Arc<dyn Entropy>) -> (Self, Found) {
        let (journal, kept) = Journal::open(path, secret);
        let mut state = State::default();
        let found = match kept {
            Ok(kept) => {
                for changes in kept.changes {
                    state.apply(changes);
                }
                match (kept.damage, state.documents.len()) {
                    (Some(damage), _) => Found::Unusable(damage),
                    (None, 0) => Found::Nothing,
                    (None, count) => Found::Documents(count),
                }
            }
            Err(why) => Found::Unusable(why),
        };
        let newest = watch::Sender::new(Position(state.position));
        (Self { state: Mutex::new(state), journal: Mutex::new(journal), entropy, newest }, found)
    }

    /// Where it stands; nowhere before the first changes.
    pub fn place(&self) -> Option<Place> {
        self.state().place.clone()
    }

    /// Its newest position here, and the place that this is in the feed of the node.
    pub fn newest(&self) -> (Position, Option<Place>) {
        let state = self.state();
        (Position(state.position), state.place.clone())
    }

    /// What it holds.
    pub fn held(&self) -> Held {
        let state = self.state();
        let documents = state.documents.iter().map(|(key, kept)| (key.to_string(), kept.version));
        Held { documents: documents.collect() }
    }

    /// How many documents it holds.
    pub fn len(&self) -> usize {
        self.state().documents.len()
    }

    /// Whether it holds none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Why the file does not hold what is in memory; `None` while it does.
    pub fn unsaved(&self) -> Option<String> {
        self.state().unsaved.clone()
    }

    /// Takes changes over: first in memory, then in the file. It blocks on the disk. The position, here, from which on they show.
    ///
    /// A disk that takes nothing hinders nobody: [`Replica::unsaved`] tells, and the next changes try again.
    pub fn apply(&self, changes: Changes) -> Position {
        // One at a time, so that the file has changes in their order.
        let mut journal = self.journal.lock().unwrap_or_else(PoisonError::into_inner);
        let is_news = !changes.written.is_empty() || !changes.deleted.is_empty();
        let position = self.state().apply(changes.clone());
        self.newest.send_if_modified(|newest| std::mem::replace(newest, position) != position);
        let everything = journal.wants_all().then(|| self.state().everything());
        let saved = match everything {
            Some(all) => journal.write(&all, &*self.entropy),
            // A position that moved without changes is worth no write: the node tells again what came after the old one.
            None if !is_news => return position,
            None => journal.append(&changes, &*self.entropy),
        };
        // After an append that failed everything is written anew, which may fit: deletions make room.
        let saved = saved.or_else(|_| journal.write(&self.state().everything(), &*self.entropy));
        self.state().unsaved = saved.err().map(|error| error.to_string());
        position
    }

    /// Tries again to save what could not be saved. It blocks on the disk.
    pub fn save(&self) {
        let mut journal = self.journal.lock().unwrap_or_else(PoisonError::into_inner);
        let all = self.state().everything();
        let saved = journal.write(&all, &*self.entropy);
        self.state().unsaved = saved.err().map(|error| error.to_string());
    }

    /// Seals the file under another secret, now. It blocks on the disk.
    pub fn reseal(&self, secret: Secret<Vec<u8>>) {
        self.journal.lock().unwrap_or_else(PoisonError::into_inner).reseal(secret);
        if self.place().is_some() {
            self.save();
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        // Nothing that changes the state can panic half-way.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn apply(&mut self, changes: Changes) -> Position {
        self.place = Some(changes.place);
        if changes.written.is_empty() && changes.deleted.is_empty() {
            return Position(self.position);
        }
        self.position += 1;
        let position = Position(self.position);
        for key in changes.deleted {
            if let Some(kept) = self.documents.remove(&Key::new(&key)) {
                self.deleted.push((position, kept.document.key.clone(), kept.document.kind.clone()));
            }
        }
        for sent in changes.written {
            let version = sent.version;
            let document = sent.document(Etag(position.0));
            self.documents.insert(document.key.clone(), Arc::new(Kept { document, version }));
        }
        if self.deleted.len() > REMEMBERED {
            // The newest change must stay whole: whoever follows has not seen it yet.
            let older = self.deleted.partition_point(|(at, ..)| *at < position);
            let surplus = (self.deleted.len() - REMEMBERED / 2).min(older);
            let gone = self.deleted.drain(..surplus).map(|(position, ..)| position).max();
            self.forgotten = gone.unwrap_or(self.forgotten);
        }
        position
    }

    /// One change that leads from nothing to here.
    fn everything(&self) -> Changes {
        let written = self.documents.values().map(|kept| {
            let document = &kept.document;
            let mut sent = Sent::new(document, document.body.clone());
            sent.version = kept.version;
            sent
        });
        Changes { place: self.place.clone().unwrap_or_default(), written: written.collect(), deleted: Vec::new() }
    }

    fn list(&self, query: &Query) -> Vec<Document> {
        let mut found: Vec<&Document> =
            self.documents.values().map(|kept| &kept.document).filter(|document| query.selects(document)).collect();
        match &query.order {
            Order::Key { after } => found.retain(|document| after.as_ref().is_none_or(|after| document.key > *after)),
            Order::Created => found.sort_by_key(|document| document.created),
        }
        found.into_iter().skip(query.skip).take(query.top.unwrap_or(usize::MAX)).cloned().collect()
    }

    fn since(&self, after: Position) -> Result<Since> {
        if after > Position(0) && after < self.forgotten {
            return Err(Error::Failed { message: "deletions this old are forgotten".into(), source: None });
        }
        let documents = self.documents.values().map(|kept| &kept.document);
        let mut written: Vec<Document> = documents.filter(|document| document.etag.0 > after.0).cloned().collect();
        written.sort_by_key(|document| document.etag.0);
        let known = self
            .deleted
            .iter()
            .filter(|(position, key, _)| after > Position(0) && *position > after && !self.documents.contains_key(key));
        let deleted: BTreeMap<Key, String> = known.map(|(_, key, kind)| (key.clone(), kind.clone())).collect();
        Ok(Since { position: Position(self.position), written, deleted: deleted.into_iter().collect() })
    }
}

impl Store for Replica {
    fn get<'a>(&'a self, key: &'a Key) -> Answer<'a, Option<Document>> {
        Box::pin(async move { Ok(self.state().documents.get(key).map(|kept| kept.document.clone())) })
    }

    fn list<'a>(&'a self, query: &'a Query) -> Answer<'a, Vec<Document>> {
        Box::pin(async move { Ok(self.state().list(query)) })
    }

    fn count<'a>(&'a self, query: &'a Query) -> Answer<'a, u64> {
        Box::pin(async move {
            let state = self.state();
            Ok(state.documents.values().filter(|kept| query.selects(&kept.document)).count() as u64)
        })
    }

    fn commit(&self, _: Batch) -> Answer<'_, Commit> {
        Box::pin(async {
            let message = "only the management node changes the documents of a self-hosted gateway".into();
            Err(Error::Failed { message, source: None })
        })
    }

    fn changes(&self, after: Position, limit: usize) -> Answer<'_, Vec<Change>> {
        Box::pin(async move {
            let since = self.state().since(after)?;
            let written = since.written.into_iter().map(|document| Change {
                position: Position(document.etag.0),
                key: document.key,
                kind: document.kind,
                deleted: false,
            });
            let state = self.state();
            let deleted =
                state.deleted.iter().filter(|(position, ..)| *position > after).map(|(position, key, kind)| Change {
                    position: *position,
                    key: key.clone(),
                    kind: kind.clone(),
                    deleted: true,
                });
            let mut all: Vec<Change> = written.chain(deleted).collect();
            all.sort_by_key(|change| change.position);
            all.truncate(limit);
            Ok(all)
        })
    }

    fn since(&self, after: Position) -> Answer<'_, Since> {
        Box::pin(async move { self.state().since(after) })
    }

    fn position(&self) -> Answer<'_, Position> {
        Box::pin(async move { Ok(Position(self.state().position)) })
    }

    fn changed(&self, after: Position) -> Answer<'_, Position> {
        Box::pin(async move {
            let mut newest = self.newest.subscribe();
            let newest = newest.wait_for(|newest| *newest > after).await;
            newest.map(|newest| *newest).map_err(|error| Error::failed("waiting for a change", error))
        })
    }
}
