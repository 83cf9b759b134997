//! Counters of one process: sharded, exact, bounded.

use std::{
    collections::{HashMap, VecDeque, hash_map::RandomState},
    hash::BuildHasher,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use base::Clock;
use smallvec::SmallVec;

use crate::{Answer, Count, Counters, Take};

/// Enough that the workers of a large machine seldom wait for one another.
const SHARDS: usize = 64;
/// A window is kept in at most this many slots, so a counter's memory does not grow with its limit.
const SLOTS: u64 = 1024;
/// Counters per shard before idle ones are looked for.
const SWEEP_AT: usize = 1024;

/// Sliding windows in memory.
///
/// A take leaves the window when its whole slot (window / 1024) has left, a little later than it could: so no
/// window ever holds more than the limit, and a refused caller waits at most a thousandth of the window longer.
pub struct MemoryCounters {
    clock: Arc<dyn Clock>,
    hasher: RandomState,
    shards: Box<[Mutex<Shard>]>,
}

struct Shard {
    windows: HashMap<Box<[u8]>, Window>,
    sweep_at: usize,
}

#[derive(Default)]
struct Window {
    /// Nanoseconds per slot; a changed policy changes it.
    slot: u64,
    /// Length in nanoseconds.
    length: u64,
    used: u64,
    /// (slot number, what was taken in it), oldest first.
    taken: VecDeque<(u64, u64)>,
}

impl MemoryCounters {
    /// Empty counters that tell time by `clock`.
    pub fn new(clock: Arc<dyn Clock>) -> Self {
        let shard = || Mutex::new(Shard { windows: HashMap::new(), sweep_at: SWEEP_AT });
        Self { clock, hasher: RandomState::new(), shards: (0..SHARDS).map(|_| shard()).collect() }
    }

    /// How many counters are held: for metrics and tests.
    pub fn len(&self) -> usize {
        self.shards.iter().map(|shard| shard.lock().unwrap_or_else(PoisonError::into_inner).windows.len()).sum()
    }

    /// Whether nothing has been counted lately.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

impl Counters for MemoryCounters {
    fn take(&self, take: Take<'_>) -> Answer {
        // The length keeps ("ab", "c") and ("a", "bc") apart.
        let mut key = SmallVec::<[u8; 128]>::new();
        key.extend_from_slice(&(take.key.space.len() as u32).to_le_bytes());
        key.extend_from_slice(take.key.space.as_bytes());
        key.extend_from_slice(take.key.subject.as_bytes());

        let now = nanos(self.clock.monotonic());
        let at = self.hasher.hash_one(&key[..]) as usize % SHARDS;
        let mut shard = self.shards[at].lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(window) = shard.windows.get_mut(&key[..]) {
            return Answer::Now(window.take(now, &take));
        }
        shard.sweep(now);
        let mut window = Window::default();
        let count = window.take(now, &take);
        shard.windows.insert(key.into_vec().into_boxed_slice(), window);
        Answer::Now(count)
    }
}

impl Shard {
    /// Forgets counters whose window is empty. Runs when the shard has doubled, so its cost is spread evenly.
    fn sweep(&mut self, now: u64) {
        if self.windows.len() < self.sweep_at {
            return;
        }
        self.windows.retain(|_, window| {
            window.expire(now);
            window.used > 0
        });
        self.sweep_at = (self.windows.len() * 2).max(SWEEP_AT);
    }
}

impl Window {
    fn take(&mut self, now: u64, take: &Take<'_>) -> Count {
        self.resize(nanos(take.window));
        self.expire(now);
        let free = take.limit.saturating_sub(self.used);
        if take.cost > free {
            return Count { admitted: false, remaining: free, reset: self.until_free(now, take.cost - free) };
        }
        if take.cost > 0 {
            let slot = now / self.slot;
            match self.taken.back_mut() {
                Some((last, sum)) if *last == slot => *sum += take.cost,
                _ => self.taken.push_back((slot, take.cost)),
            }
            self.used += take.cost;
        }
        Count { admitted: true, remaining: free - take.cost, reset: self.until_free(now, 1) }
    }

    /// Follows a policy whose period changed: what was taken keeps its time.
    fn resize(&mut self, length: u64) {
        let slot = (length / SLOTS).max(1);
        if slot == self.slot {
            return;
        }
        let old = std::mem::replace(&mut self.slot, slot);
        self.length = length;
        let mut merged: VecDeque<(u64, u64)> = VecDeque::new();
        for (number, sum) in self.taken.drain(..) {
            // The end of the old slot: never earlier than the take was.
            let number = (number.saturating_mul(old).saturating_add(old - 1)) / slot;
            match merged.back_mut() {
                Some((last, all)) if *last == number => *all += sum,
                _ => merged.push_back((number, sum)),
            }
        }
        self.taken = merged;
    }

    fn expire(&mut self, now: u64) {
        while let Some((slot, sum)) = self.taken.front().copied() {
            if self.leaves(slot) > now {
                break;
            }
            self.used = self.used.saturating_sub(sum);
            self.taken.pop_front();
        }
    }

    /// When the last moment of `slot` has left the window.
    fn leaves(&self, slot: u64) -> u64 {
        (slot + 1).saturating_mul(self.slot).saturating_add(self.length)
    }

    /// How long until `amount` has left the window; a whole window if so much is not in it.
    fn until_free(&self, now: u64, amount: u64) -> Duration {
        let mut freed = 0;
        for (slot, sum) in &self.taken {
            freed += sum;
            if freed >= amount {
                return Duration::from_nanos(self.leaves(*slot).saturating_sub(now));
            }
        }
        Duration::from_nanos(self.length)
    }
}

fn nanos(duration: Duration) -> u64 {
    u64::try_from(duration.as_nanos()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use std::{
        collections::VecDeque,
        sync::{
            Arc,
            atomic::{AtomicU64, Ordering},
        },
        time::Duration,
    };

    use base::{Clock, Sleep, Timestamp};
    use proptest::prelude::*;

    use super::*;
    use crate::Key;

    #[derive(Default)]
    struct Hand(AtomicU64);

    impl Clock for Hand {
        fn now(&self) -> Timestamp {
            Timestamp(self.0.load(Ordering::SeqCst) as i64)
        }
        fn monotonic(&self) -> Duration {
            Duration::from_nanos(self.0.load(Ordering::SeqCst))
        }
        fn sleep(&self, _: Duration) -> Sleep {
            Box::pin(std::future::ready(()))
        }
    }

    fn counters() -> (Arc<Hand>, MemoryCounters) {
        let hand = Arc::new(Hand::default());
        (hand.clone(), MemoryCounters::new(hand))
    }

    fn take(counters: &MemoryCounters, space: &str, subject: &str, cost: u64, limit: u64) -> Count {
        let key = Key { space, subject };
        match counters.take(Take { key, window: Duration::from_secs(10), cost, limit }) {
            Answer::Now(count) => count,
            Answer::Later(_) => unreachable!("memory answers at once"),
        }
    }

    #[test]
    fn the_call_after_the_limit_is_refused_until_the_first_leaves_the_window() {
        let (hand, counters) = counters();
        assert_eq!(take(&counters, "s", "a", 1, 2).remaining, 1);
        hand.0.store(4_000_000_000, Ordering::SeqCst);
        assert_eq!(take(&counters, "s", "a", 1, 2).remaining, 0);
        let refused = take(&counters, "s", "a", 1, 2);
        assert!(!refused.admitted);
        assert_eq!(refused.reset.as_secs_f64().round() as u64, 6);
        hand.0.store(10_020_000_000, Ordering::SeqCst);
        assert!(take(&counters, "s", "a", 1, 2).admitted);
        assert!(!take(&counters, "s", "a", 1, 2).admitted);
    }

    #[test]
    fn counters_of_two_spaces_or_subjects_never_meet() {
        let (_, counters) = counters();
        assert!(take(&counters, "ab", "c", 1, 1).admitted);
        assert!(take(&counters, "a", "bc", 1, 1).admitted);
        assert!(take(&counters, "ab", "d", 1, 1).admitted);
        assert!(!take(&counters, "ab", "c", 1, 1).admitted);
    }

    #[test]
    fn threads_together_never_take_more_than_the_limit() {
        let (_, counters) = counters();
        let admitted = AtomicU64::new(0);
        std::thread::scope(|scope| {
            for _ in 0..4 {
                scope.spawn(|| {
                    for _ in 0..500 {
                        if take(&counters, "s", "a", 1, 777).admitted {
                            admitted.fetch_add(1, Ordering::SeqCst);
                        }
                    }
                });
            }
        });
        assert_eq!(admitted.load(Ordering::SeqCst), 777);
    }

    #[test]
    fn idle_counters_are_forgotten() {
        let (hand, counters) = counters();
        for round in 0..8u64 {
            hand.0.store(round * 30_000_000_000, Ordering::SeqCst);
            for number in 0..40_000 {
                take(&counters, "s", &format!("{round}-{number}"), 1, 5);
            }
        }
        assert!(counters.len() <= SHARDS * SWEEP_AT + 80_000, "{}", counters.len());
    }

    proptest! {
        #[test]
        fn no_window_ever_holds_more_than_the_limit(
            steps in prop::collection::vec((0u64..3_000_000_000, 1u64..4), 1..200), limit in 1u64..12
        ) {
            let (hand, counters) = counters();
            let mut log = VecDeque::<(u64, u64)>::new();
            let mut now = 0;
            for (wait, cost) in steps {
                now += wait;
                hand.0.store(now, Ordering::SeqCst);
                let count = take(&counters, "s", "a", cost, limit);
                while log.front().is_some_and(|(at, _)| now - at >= 10_000_000_000) {
                    log.pop_front();
                }
                if count.admitted {
                    log.push_back((now, cost));
                }
                prop_assert!(log.iter().map(|(_, cost)| cost).sum::<u64>() <= limit);
            }
        }
    }
}
