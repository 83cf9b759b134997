//! Where management and gateway meet about connections to backends.

use std::{sync::Arc, time::Duration};

use base::Clock;
use control::Connections;
use outbound::Backends;
use policy::entity::Backend;
use snapshot::Publisher;
use store::Key;

/// The connections of this process.
pub(crate) struct Kept {
    pub(crate) publisher: Arc<Publisher>,
    pub(crate) backends: Arc<Backends>,
    pub(crate) clock: Arc<dyn Clock>,
}

impl Connections for Kept {
    fn reconnect(&self, backend: &str, after: Duration) {
        let key = Key::new(backend);
        let snapshot = self.publisher.current();
        // What is not published has no connections.
        let service = key.up(2).and_then(|service| snapshot.service(&service).cloned());
        let Some(service) = service else { return };
        let Some(backend) = service.entity.directory.backends.get(key.name()) else { return };
        let at = self.clock.monotonic().saturating_add(after);
        let reconnect = |backend: &Backend| backend.url.iter().for_each(|url| self.backends.reconnect(url, at));
        match &backend.pool {
            Some(pool) => pool.members.iter().for_each(|member| reconnect(&member.backend)),
            None => reconnect(backend),
        }
    }
}
