//! Forgetting what the process knows of backends that are not published any more.

use std::{cell::Cell, collections::HashSet, sync::Arc, time::Duration};

use arc_swap::ArcSwap;
use outbound::Backends;
use snapshot::Snapshot;

/// How far apart looks are.
const EVERY: Duration = Duration::from_mins(1);

/// One worker does it for all.
pub(crate) struct Pruning {
    snapshot: Arc<ArcSwap<Snapshot>>,
    backends: Arc<Backends>,
    last: Cell<Duration>,
}

impl Pruning {
    pub(crate) fn new(snapshot: Arc<ArcSwap<Snapshot>>, backends: Arc<Backends>, now: Duration) -> Self {
        Self { snapshot, backends, last: Cell::new(now) }
    }

    pub(crate) fn tick(&self, now: Duration) {
        if now.saturating_sub(self.last.get()) < EVERY {
            return;
        }
        self.last.set(now);
        let snapshot = self.snapshot.load();
        let mut keys = HashSet::new();
        for service in snapshot.services() {
            // Many APIs share one.
            let mut seen = HashSet::new();
            let workspaces = service.apis().iter().filter_map(|api| api.workspace.as_ref());
            let workspaces = workspaces.filter(|workspace| seen.insert(Arc::as_ptr(workspace)));
            let directories = workspaces.map(|workspace| &workspace.directory);
            for directory in directories.chain([&service.entity.directory]) {
                keys.extend(directory.backends.values().map(|backend| &*backend.key));
            }
        }
        self.backends.keep(|key| keys.contains(key));
    }
}
