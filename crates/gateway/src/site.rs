//! The configuration that a worker serves from.

use std::sync::Arc;

use policy::Url;

pub type Snapshot = Url;

/// Where the current snapshot is found. Asked once per request, so it must not lock.
pub trait Snapshots: Send + Sync {
    /// The current one.
    fn current(&self) -> Arc<Snapshot>;
}

pub(crate) struct Sites {
    source: Arc<dyn Snapshots>,
}

impl Sites {
    pub(crate) fn new(source: Arc<dyn Snapshots>) -> Self {
        Self { source }
    }

    pub(crate) fn pin(&self) -> Arc<Snapshot> {
        self.source.current()
    }
}
