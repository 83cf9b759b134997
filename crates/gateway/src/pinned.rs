//! The snapshot that a worker serves from.

use std::{cell::RefCell, ops::Deref, rc::Rc, sync::Arc};

use arc_swap::{ArcSwap, cache::Cache};
use snapshot::Snapshot;

/// Finds the current snapshot at the price of one relaxed load.
pub(crate) struct Pinned(RefCell<Parts>);

struct Parts {
    cache: Cache<Arc<ArcSwap<Snapshot>>, Arc<Snapshot>>,
    pin: Pin,
}

/// A snapshot for the whole life of a request.
///
/// Requests count their references on the worker: an `Arc` that every core counts on for each request would be a lock in disguise.
#[derive(Clone)]
pub(crate) struct Pin(Rc<Shared>);

struct Shared(Arc<Snapshot>);

impl Deref for Pin {
    type Target = Snapshot;

    fn deref(&self) -> &Snapshot {
        &self.0.0
    }
}

impl Pinned {
    pub(crate) fn new(source: Arc<ArcSwap<Snapshot>>) -> Self {
        let pin = Pin(Rc::new(Shared(source.load_full())));
        Self(RefCell::new(Parts { cache: Cache::new(source), pin }))
    }

    /// The current snapshot.
    pub(crate) fn pin(&self) -> Pin {
        let Parts { cache, pin } = &mut *self.0.borrow_mut();
        let current = cache.load();
        if !Arc::ptr_eq(current, &pin.0.0) {
            *pin = Pin(Rc::new(Shared(Arc::clone(current))));
        }
        pin.clone()
    }
}
