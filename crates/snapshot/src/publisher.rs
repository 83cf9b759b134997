//! Follows the change feed and publishes a new snapshot after each change.

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use arc_swap::ArcSwap;
use base::Clock;
use crypto::Keyring;
use store::{Key, Position, Since, Store};
use tokio::{sync::watch, task::JoinHandle};

use crate::{
    builder::ServiceBuilder,
    compile::Compiler,
    docs::{Doc, service_of},
    service::ServiceSnapshot,
    snapshot::Snapshot,
};

/// How long it waits before it asks a store again that failed.
const RETRY: Duration = Duration::from_millis(200);

/// What a publisher works with.
#[derive(Clone)]
pub struct Parts {
    /// Where the documents are.
    pub store: Arc<dyn Store>,
    /// What opens their secrets. A rotated keyring takes effect with the next change.
    pub keyring: Arc<ArcSwap<Keyring>>,
    /// What compiles their policies.
    pub compiler: Compiler,
    /// Time.
    pub clock: Arc<dyn Clock>,
    /// The service that answers for hosts that nobody has; without one the oldest does.
    pub default_service: Option<Key>,
    /// Whether this is a self-hosted gateway: the documents are those of one gateway, with their secrets open.
    pub self_hosted: bool,
}

/// Publishes snapshots. It stops when it is dropped.
pub struct Publisher {
    current: Arc<ArcSwap<Snapshot>>,
    published: watch::Receiver<Position>,
    following: JoinHandle<()>,
}

impl Publisher {
    /// Builds the first snapshot of what is in the store, and follows the feed from there.
    pub async fn start(parts: Parts) -> store::Result<Self> {
        let since = parts.store.since(Position(0)).await?;
        let (building, first) = Building::new(parts).apply(since).await?;
        let (sender, published) = watch::channel(first.position);
        let current = Arc::new(ArcSwap::from_pointee(first));
        let following = tokio::spawn(follow(building, Arc::clone(&current), sender));
        Ok(Self { current, published, following })
    }

    /// The newest snapshot.
    pub fn current(&self) -> Arc<Snapshot> {
        self.current.load_full()
    }

    /// The place where the newest snapshot is, for whoever looks at each request.
    pub fn shared(&self) -> Arc<ArcSwap<Snapshot>> {
        Arc::clone(&self.current)
    }

    /// Waits until everything up to `position` is in the newest snapshot. It never ends if the publisher stops before.
    pub async fn published(&self, position: Position) {
        let mut published = self.published.clone();
        if published.wait_for(|published| *published >= position).await.is_err() {
            std::future::pending::<()>().await;
        }
    }
}

impl Drop for Publisher {
    fn drop(&mut self) {
        self.following.abort();
    }
}

async fn follow(mut building: Building, current: Arc<ArcSwap<Snapshot>>, published: watch::Sender<Position>) {
    let parts = building.parts.clone();
    // Where `building` stands. It is lost when building panics, and begins anew.
    let mut position = *published.borrow();
    // A store that is broken stays so for long: each failure is told once.
    let mut told = None;
    loop {
        let applied = match next(&*parts.store, position).await {
            Ok(since) => building.apply(since).await,
            Err(error) => Err(error),
        };
        match applied {
            Ok((next, snapshot)) => {
                building = next;
                position = snapshot.position;
                current.store(Arc::new(snapshot));
                published.send_replace(position);
                if told.take().is_some() {
                    tracing::info!("the configuration can be made again");
                }
            }
            Err(error) => {
                let message = error.to_string();
                if told.as_ref() != Some(&message) {
                    tracing::error!(%error, "the new configuration cannot be made; what runs keeps running");
                    told = Some(message);
                }
                (building, position) = (Building::new(parts.clone()), Position(0));
                parts.clock.sleep(RETRY).await;
            }
        }
    }
}

/// What changed past `position`, once something did.
async fn next(store: &dyn Store, position: Position) -> store::Result<Since> {
    store.changed(position).await?;
    store.since(position).await
}

/// The builders of all services, between two publications.
struct Building {
    parts: Parts,
    services: BTreeMap<Key, Service>,
}

struct Service {
    builder: ServiceBuilder,
    snapshot: Option<Arc<ServiceSnapshot>>,
}

impl Building {
    fn new(parts: Parts) -> Self {
        Self { parts, services: BTreeMap::new() }
    }

    /// Takes changes in and makes the snapshot after them, on a thread that may block.
    async fn apply(self, since: Since) -> store::Result<(Self, Snapshot)> {
        let built = tokio::task::spawn_blocking(move || {
            let mut building = self;
            let snapshot = building.build(since);
            (building, snapshot)
        });
        built.await.map_err(|error| store::Error::failed("building the configuration", error))
    }

    fn build(&mut self, since: Since) -> Snapshot {
        let keyring = self.parts.keyring.load_full();
        for (key, kind) in since.deleted {
            let service = service_of(&key, &kind).and_then(|service| self.services.get_mut(&service));
            if let Some(service) = service {
                service.builder.remove(&key, &kind);
                service.snapshot = None;
            }
        }
        for document in since.written {
            let Some(key) = service_of(&document.key, &document.kind) else { continue };
            // A secret that is open may look like a sealed one.
            let keyring = (!self.parts.self_hosted).then_some(&*keyring);
            let Some(doc) = Doc::open(document, keyring) else { continue };
            let new = || Service {
                builder: ServiceBuilder::new(key.clone(), &self.parts.compiler, self.parts.self_hosted),
                snapshot: None,
            };
            let service = self.services.entry(key.clone()).or_insert_with(new);
            service.builder.put(doc);
            service.snapshot = None;
        }
        self.services.retain(|_, service| !service.builder.is_empty());
        let compiler = &self.parts.compiler;
        let mut services = Vec::new();
        for Service { builder, snapshot } in self.services.values_mut().filter(|service| service.builder.exists()) {
            let snapshot = snapshot.get_or_insert_with(|| Arc::new(builder.publish(compiler)));
            services.push((builder.created(), Arc::clone(snapshot)));
        }
        services.sort_by_key(|(created, _)| *created);
        let services = services.into_iter().map(|(_, service)| service).collect();
        Snapshot::new(since.position, services, self.parts.default_service.as_ref())
    }
}
