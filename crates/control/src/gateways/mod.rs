//! Self-hosted gateways from the node's side: who they are, what they may see, what follows, how they are.

mod atlas;
mod beats;
mod caller;
mod view;

use std::{
    collections::{BTreeMap, BTreeSet, VecDeque},
    sync::{Arc, Mutex as Lock, PoisonError},
    time::Duration,
};

use arm::{Code, Error, Result};
use replication::{Changes, Held, Place, Sent};
use store::{Document, Key, Position, Query};
use tokio::sync::{Mutex, watch};

use crate::{Control, commit::refusal, secrets::PRIVATE};
use atlas::Atlas;
use beats::Beats;
use view::View;

pub use beats::Seen;
pub use caller::GatewayCaller;

/// How many views of one gateway are remembered, for its processes that stand at different positions.
const REMEMBERED: usize = 16;

/// How often reading is repeated when others write meanwhile.
const ATTEMPTS: usize = 4;

/// Up to how many documents are read one by one; more are read as a whole.
const SINGLY: usize = 200;

/// What a gateway saw at some positions, oldest first.
type Views = VecDeque<(Position, Arc<View>)>;

/// What the node remembers of its gateways. Nothing of it outlives the process: a gateway that is not remembered is asked what it holds.
#[derive(Default)]
pub(crate) struct Gateways {
    atlas: Mutex<Atlas>,
    views: Lock<BTreeMap<Key, Views>>,
    beats: Beats,
    /// Whether the process ends: whoever waits for a change is answered then.
    closing: watch::Sender<bool>,
}

impl Control {
    /// What differs for a gateway from what it holds.
    ///
    /// # Errors
    /// The gateway is not there any more, or the store failed.
    pub async fn gateway_documents(&self, caller: &GatewayCaller, held: &Held) -> Result<Changes> {
        let held = held.documents.iter().map(|(key, version)| (Key::new(key), *version)).collect();
        let mut attempts = 0;
        loop {
            let (position, view) = self.view(&caller.key).await?;
            let changes = self.differences(position, &held, &view).await?;
            attempts += 1;
            // What was written while this was read could be half of something.
            if attempts == ATTEMPTS || self.parts.store.position().await.map_err(refusal)? == position {
                self.gateways.remember(&caller.key, position, view);
                return Ok(changes);
            }
        }
    }

    /// What follows `place` for a gateway, as soon as something does, or nothing when `wait` is over. `None`: this node does not know
    /// what the gateway has there.
    ///
    /// # Errors
    /// The gateway is not there any more, or the store failed.
    pub async fn gateway_changes(
        &self,
        caller: &GatewayCaller,
        place: &Place,
        wait: Duration,
    ) -> Result<Option<Changes>> {
        let known = self.gateways.remembered(&caller.key, Position(place.position));
        let Some(known) = known.filter(|_| place.database == self.settings().tenant) else { return Ok(None) };
        let mut over = std::pin::pin!(self.parts.clock.sleep(wait));
        let mut closing = self.gateways.closing.subscribe();
        let mut attempts = 0;
        loop {
            let (position, view) = self.view(&caller.key).await?;
            if *view != *known {
                let changes = self.differences(position, &known, &view).await?;
                attempts += 1;
                // As above. What was read too new is sent once more with the next changes, since the view that is remembered is older.
                if attempts < ATTEMPTS && self.parts.store.position().await.map_err(refusal)? != position {
                    continue;
                }
                self.gateways.remember(&caller.key, position, view);
                return Ok(Some(changes));
            }
            self.gateways.remember(&caller.key, position, view);
            if wait.is_zero() {
                return Ok(Some(self.nothing(position)));
            }
            tokio::select! {
                changed = self.parts.store.changed(position) => drop(changed.map_err(refusal)?),
                () = &mut over => return Ok(Some(self.nothing(position))),
                _ = closing.wait_for(|closing| *closing) => return Ok(Some(self.nothing(position))),
            }
        }
    }

    /// Whether nobody may wait for a change: whoever does is answered at once, and so is whoever comes.
    pub fn release_gateways(&self, released: bool) {
        self.gateways.closing.send_replace(released);
    }

    fn nothing(&self, position: Position) -> Changes {
        Changes { place: self.place(position), ..Changes::default() }
    }

    fn place(&self, position: Position) -> Place {
        Place { database: self.settings().tenant.clone(), position: position.0 }
    }

    /// What a gateway sees, now.
    async fn view(&self, gateway: &Key) -> Result<(Position, Arc<View>)> {
        let mut atlas = self.gateways.atlas.lock().await;
        if self.parts.store.position().await.map_err(refusal)? != atlas.position() {
            let since = self.parts.store.since(atlas.position()).await.map_err(refusal)?;
            atlas.apply(since);
        }
        let gone = || Error::new(Code::AuthorizationFailed, "The gateway of this token is not there any more.");
        let view = view::of(&atlas, gateway).ok_or_else(gone)?;
        Ok((atlas.position(), Arc::new(view)))
    }

    async fn differences(&self, position: Position, held: &View, view: &View) -> Result<Changes> {
        let new = view.iter().filter(|(key, version)| held.get(key) != Some(version));
        let new: BTreeSet<Key> = new.map(|(key, _)| key.clone()).collect();
        let deleted = held.keys().filter(|key| !view.contains_key(key)).map(Key::to_string).collect();
        let mut written = Vec::with_capacity(new.len());
        for document in self.read_all(&new).await? {
            written.push(self.sent(&document)?);
        }
        Ok(Changes { place: self.place(position), written, deleted })
    }

    async fn read_all(&self, keys: &BTreeSet<Key>) -> Result<Vec<Document>> {
        if keys.len() <= SINGLY {
            let mut found = Vec::with_capacity(keys.len());
            for key in keys {
                found.extend(self.parts.store.get(key).await.map_err(refusal)?);
            }
            return Ok(found);
        }
        // The shortest key is that of the service, which all others lie below.
        let Some(service) = keys.first() else { return Ok(Vec::new()) };
        let mut all = self.list(Query::default().under(service)).await?;
        all.retain(|document| keys.contains(&document.key));
        all.extend(self.parts.store.get(service).await.map_err(refusal)?);
        Ok(all)
    }

    /// A document as gateways get it: with its secrets, and without what is none of their business.
    fn sent(&self, document: &Document) -> Result<Sent> {
        let mut body = match resources::def(&document.kind) {
            Some(def) => self.opened(def, document)?,
            None => document.body.clone(),
        };
        if let Some(fields) = body.as_object_mut() {
            // Hashes of passwords.
            fields.shift_remove(PRIVATE);
        }
        let hidden: &[&str] = match document.kind.as_str() {
            // Host names and authorities of the service's own gateway.
            "service" => &["hostnameConfigurations", "certificates"],
            "service/gateways" => &crate::kinds::gateway::KEYS,
            _ => &[],
        };
        if let Some(properties) = body["properties"].as_object_mut() {
            for name in hidden {
                properties.shift_remove(*name);
            }
        }
        Ok(Sent::new(document, body))
    }
}

impl Gateways {
    fn remember(&self, gateway: &Key, position: Position, view: Arc<View>) {
        // Entries are replaced whole, so that a panic elsewhere does not matter.
        let mut views = self.views.lock().unwrap_or_else(PoisonError::into_inner);
        let views = views.entry(gateway.clone()).or_default();
        if views.back().is_some_and(|(newest, _)| *newest == position) {
            return;
        }
        // Equal views share their memory.
        let view = views.back().filter(|(_, newest)| **newest == *view).map_or(view, |(_, newest)| Arc::clone(newest));
        views.push_back((position, view));
        if views.len() > REMEMBERED {
            views.pop_front();
        }
    }

    fn remembered(&self, gateway: &Key, position: Position) -> Option<Arc<View>> {
        let views = self.views.lock().unwrap_or_else(PoisonError::into_inner);
        let (_, view) = views.get(gateway)?.iter().find(|(known, _)| *known == position)?;
        Some(Arc::clone(view))
    }
}
