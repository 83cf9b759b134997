//! [`Slots`]: how many are inside of something at the same time, over all workers of the process.

use std::{
    collections::{HashMap, hash_map::RandomState},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use crate::{Key, key::shard};

const SHARDS: usize = 64;

/// How many are inside, by key.
type Inside = HashMap<Box<[u8]>, u64>;

/// Counts who is inside.
pub struct Slots {
    hasher: RandomState,
    shards: Box<[Mutex<Inside>]>,
}

/// A place inside. Dropping it leaves, however that comes about.
pub struct Slot {
    slots: Arc<Slots>,
    key: Box<[u8]>,
}

impl Default for Slots {
    fn default() -> Self {
        Self { hasher: RandomState::new(), shards: (0..SHARDS).map(|_| Mutex::default()).collect() }
    }
}

impl Slots {
    /// Goes inside, if fewer than `most` are.
    pub fn enter(self: &Arc<Self>, key: Key<'_>, most: u64) -> Option<Slot> {
        let key = key.whole();
        let mut shard = self.shard(&key);
        let inside = shard.get(&key[..]).copied().unwrap_or_default();
        if inside >= most {
            return None;
        }
        let key: Box<[u8]> = key[..].into();
        shard.insert(key.clone(), inside + 1);
        drop(shard);
        Some(Slot { slots: Arc::clone(self), key })
    }

    fn shard(&self, key: &[u8]) -> MutexGuard<'_, Inside> {
        self.shards[shard(&self.hasher, key, SHARDS)].lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Slot {
    fn drop(&mut self) {
        let mut shard = self.slots.shard(&self.key);
        if let Some(inside) = shard.get_mut(&self.key) {
            *inside -= 1;
            if *inside == 0 {
                shard.remove(&self.key);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slot_is_free_again_once_it_is_dropped() {
        let slots = Arc::new(Slots::default());
        let enter = |space, most| slots.enter(Key { space, subject: b"a" }, most);
        let (first, second) = (enter("s", 2), enter("s", 2));
        assert!(first.is_some() && second.is_some());
        assert!(enter("s", 2).is_none());
        assert!(enter("other", 2).is_some());
        drop(first);
        assert!(enter("s", 2).is_some());
        drop(second);
        assert_eq!(slots.shards.iter().map(|shard| shard.lock().unwrap().len()).sum::<usize>(), 0);
    }
}
