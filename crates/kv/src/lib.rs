//! What the nodes of a cluster share: counters and a cache; and slots, which the workers of one process share. Traits and
//! the in-memory drivers.

mod answer;
pub mod cache;
pub mod counters;
mod key;
mod memory;
pub mod quota;
mod slots;

use std::sync::Arc;

use base::Clock;

pub use answer::{Answer, Unreachable};
pub use cache::Cache;
pub use counters::{Count, Counters, Settle, Standing, Take, Window};
pub use key::Key;
pub use memory::{MemoryCache, MemoryCounters};
pub use slots::{Slot, Slots};

/// How large an in-memory cache becomes where nobody says otherwise, in bytes.
pub const DEFAULT_CACHE_SIZE: u64 = 128 << 20;

/// All that workers share besides the configuration.
#[derive(Clone)]
pub struct Stores {
    /// Counted limits.
    pub counters: Arc<dyn Counters>,
    /// Responses and values that are kept for a while.
    pub cache: Arc<dyn Cache>,
    /// How many are inside of something at the same time.
    pub slots: Arc<Slots>,
}

impl Stores {
    /// Everything in this process's memory; the cache holds up to `cache_size` bytes.
    pub fn in_memory(clock: Arc<dyn Clock>, cache_size: u64) -> Self {
        Self {
            counters: Arc::new(MemoryCounters::new(Arc::clone(&clock))),
            cache: Arc::new(MemoryCache::new(clock, cache_size)),
            slots: Arc::default(),
        }
    }
}
