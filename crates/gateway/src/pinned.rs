//! The snapshot that a worker serves from.

use std::{cell::RefCell, rc::Rc, sync::Arc};

use arc_swap::{ArcSwap, cache::Cache};
use snapshot::Snapshot;

/// Finds the current snapshot at the price of one relaxed load.
///
/// Requests count their references on the worker: an `Arc` that every core counts on for each request would be a lock in disguise.
pub(crate) struct Pinned(RefCell<(Cache<Arc<ArcSwap<Snapshot>>, Arc<Snapshot>>, Rc<Arc<Snapshot>>)>);

impl Pinned {
    pub(crate) fn new(source: Arc<ArcSwap<Snapshot>>) -> Self {
        let first = Rc::new(source.load_full());
        Self(RefCell::new((Cache::new(source), first)))
    }

    /// The current snapshot, for the whole life of a request.
    pub(crate) fn pin(&self) -> Rc<Arc<Snapshot>> {
        let (cache, pinned) = &mut *self.0.borrow_mut();
        let current = cache.load();
        if !Arc::ptr_eq(current, pinned) {
            *pinned = Rc::new(Arc::clone(current));
        }
        Rc::clone(pinned)
    }
}
