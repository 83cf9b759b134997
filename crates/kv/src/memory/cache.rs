//! A cache of one process: sharded, bounded by bytes, timed by the host's clock.

use std::{sync::Arc, time::Duration};

use base::Clock;
use bytes::Bytes;
use quick_cache::{DefaultHashBuilder, OptionsBuilder, Weighter, sync};

use crate::{Answer, Cache, Key, cache::ENTRY_LIMIT};

/// What an entry costs besides its bytes, roughly.
const OVERHEAD: u64 = 128;
/// What an entry has on average, for the size of the tables.
const USUAL: u64 = 4096;
/// A shard holds at least this much, so that the largest entry fits into it with others beside.
const SHARD: u64 = 4 * ENTRY_LIMIT as u64;
/// Enough that the workers of a large machine seldom wait for one another.
const MOST_SHARDS: u64 = 64;

/// Keeps what is used, forgets what is not, and never more than so many bytes.
///
/// The library's own clock is not used: an entry carries the moment at which the host's clock ends it.
pub struct MemoryCache {
    clock: Arc<dyn Clock>,
    entries: sync::Cache<Box<[u8]>, Entry, Size>,
}

#[derive(Clone)]
struct Entry {
    value: Bytes,
    /// On the monotonic clock.
    ends: Duration,
}

#[derive(Clone)]
struct Size;

impl Weighter<Box<[u8]>, Entry> for Size {
    fn weight(&self, key: &Box<[u8]>, entry: &Entry) -> u64 {
        (key.len() + entry.value.len()) as u64 + OVERHEAD
    }
}

impl MemoryCache {
    /// An empty cache for `capacity` bytes, that tells time by `clock`. For 0 bytes it keeps nothing.
    pub fn new(clock: Arc<dyn Clock>, capacity: u64) -> Self {
        let shards = (capacity / SHARD).clamp(1, MOST_SHARDS);
        let items = (capacity / USUAL).max(32 * shards);
        let mut options = OptionsBuilder::new();
        // The library doubles odd numbers of shards up, and the shards would be too small.
        options.shards((shards + 1).next_power_of_two() as usize / 2);
        options.estimated_items_capacity(usize::try_from(items).unwrap_or(usize::MAX)).weight_capacity(capacity);
        let options = options.build().expect("all that options need is there");
        let entries =
            sync::Cache::with_options(options, Size, DefaultHashBuilder::default(), sync::DefaultLifecycle::default());
        Self { clock, entries }
    }

    /// How many bytes are held: for metrics and tests.
    pub fn size(&self) -> u64 {
        self.entries.weight()
    }
}

impl Cache for MemoryCache {
    fn get(&self, key: Key<'_>) -> Answer<Option<Bytes>> {
        let key = key.whole();
        let Some(entry) = self.entries.get(&key[..]) else { return Answer::Now(None) };
        let now = self.clock.monotonic();
        if entry.ends > now {
            return Answer::Now(Some(entry.value));
        }
        // Unless somebody has put a new one there meanwhile.
        self.entries.remove_if(&key[..], |entry| entry.ends <= now);
        Answer::Now(None)
    }

    fn put(&self, key: Key<'_>, value: Bytes, ttl: Duration) {
        let key = key.whole();
        if ttl.is_zero() || value.len() > ENTRY_LIMIT {
            // What was there before is out of date all the same.
            self.entries.remove(&key[..]);
            return;
        }
        let ends = self.clock.monotonic().saturating_add(ttl);
        self.entries.insert(key.into_vec().into_boxed_slice(), Entry { value, ends });
    }

    fn remove(&self, key: Key<'_>) -> Answer<bool> {
        let now = self.clock.monotonic();
        Answer::Now(self.entries.remove(&key.whole()[..]).is_some_and(|(_, entry)| entry.ends > now))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::memory::tests::Hand;

    fn cache(capacity: u64) -> (Arc<Hand>, MemoryCache) {
        let hand = Arc::new(Hand::default());
        (Arc::clone(&hand), MemoryCache::new(hand, capacity))
    }

    fn get(cache: &MemoryCache, space: &str, subject: &str) -> Option<Bytes> {
        match cache.get(Key { space, subject: subject.as_bytes() }) {
            Answer::Now(value) => value,
            Answer::Later(_) => unreachable!("memory answers at once"),
        }
    }

    fn put(cache: &MemoryCache, space: &str, subject: &str, value: impl Into<Bytes>, seconds: u64) {
        cache.put(Key { space, subject: subject.as_bytes() }, value.into(), Duration::from_secs(seconds));
    }

    #[test]
    fn an_entry_is_there_until_its_time_is_over() {
        let (hand, cache) = cache(1 << 20);
        put(&cache, "s", "a", "1", 10);
        hand.turn(9);
        assert_eq!(get(&cache, "s", "a").as_deref(), Some(&b"1"[..]));
        hand.turn(1);
        assert_eq!(get(&cache, "s", "a"), None);
        assert_eq!(cache.size(), 0);
        put(&cache, "s", "a", "2", 10);
        put(&cache, "s", "a", "3", 0);
        assert_eq!(get(&cache, "s", "a"), None);
    }

    #[test]
    fn entries_of_two_spaces_never_meet() {
        let (_, cache) = cache(1 << 20);
        put(&cache, "ab", "c", "1", 10);
        assert_eq!(get(&cache, "a", "bc"), None);
        assert!(matches!(cache.remove(Key { space: "a", subject: b"bc" }), Answer::Now(false)));
        assert!(matches!(cache.remove(Key { space: "ab", subject: b"c" }), Answer::Now(true)));
        assert_eq!(get(&cache, "ab", "c"), None);
    }

    #[test]
    fn the_cache_never_holds_more_than_it_may() {
        for capacity in [0, 1 << 20, 32 << 20] {
            let (_, cache) = cache(capacity);
            for number in 0..2000 {
                put(&cache, "s", &number.to_string(), vec![0; 40_000], 10);
                assert!(cache.size() <= capacity, "{} of {capacity}", cache.size());
            }
        }
    }

    #[test]
    fn the_largest_entry_fits_and_a_larger_one_is_not_kept() {
        let (_, cache) = cache(64 << 20);
        put(&cache, "s", "a", vec![0; ENTRY_LIMIT], 10);
        assert_eq!(get(&cache, "s", "a").map(|value| value.len()), Some(ENTRY_LIMIT));
        put(&cache, "s", "a", vec![0; ENTRY_LIMIT + 1], 10);
        assert_eq!(get(&cache, "s", "a"), None);
    }
}
