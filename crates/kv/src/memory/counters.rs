//! Counters of one process: sharded, exact, bounded.

use std::{
    collections::{HashMap, hash_map::RandomState},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use base::Clock;

use super::window::{Counter, Moment};
use crate::{
    Answer, Count, Counters, Key, Settle, Standing, Take, Window,
    key::{Whole, parts, shard},
};

/// Enough that the workers of a large machine seldom wait for one another.
const SHARDS: usize = 64;
/// Counters per shard before idle ones are looked for.
const SWEEP_AT: usize = 1024;

/// Counters in memory.
///
/// Of a busy counter, takes that lie within a thousandth of the window leave it together, when the last of them does: so no
/// window ever holds more than the limit, and a refused caller waits at most that thousandth longer.
pub struct MemoryCounters {
    clock: Arc<dyn Clock>,
    hasher: RandomState,
    shards: Box<[Mutex<Shard>]>,
}

struct Shard {
    counters: HashMap<Box<[u8]>, Counter>,
    sweep_at: usize,
}

impl MemoryCounters {
    /// Empty counters that tell time by `clock`.
    pub fn new(clock: Arc<dyn Clock>) -> Self {
        let shard = || Mutex::new(Shard { counters: HashMap::new(), sweep_at: SWEEP_AT });
        Self { clock, hasher: RandomState::new(), shards: (0..SHARDS).map(|_| shard()).collect() }
    }

    /// How many counters are held: for metrics and tests.
    pub fn len(&self) -> usize {
        self.shards.iter().map(|shard| shard.lock().unwrap_or_else(PoisonError::into_inner).counters.len()).sum()
    }

    /// Whether nothing has been counted lately.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The shard of `key`, and what time it is there.
    fn open(&self, key: Key<'_>) -> (MutexGuard<'_, Shard>, Whole, Moment) {
        let whole = key.whole();
        let shard = self.shards[shard(&self.hasher, &whole, SHARDS)].lock().unwrap_or_else(PoisonError::into_inner);
        // Read behind the lock: no counter ever sees time go back.
        (shard, whole, Moment::of(&*self.clock))
    }
}

impl Counters for MemoryCounters {
    fn take(&self, take: Take<'_>) -> Answer<Count> {
        let (mut shard, key, now) = self.open(take.key);
        Answer::Now(shard.with(&key, now, &take.window, |counter| counter.take(now, &take)))
    }

    fn settle(&self, settle: Settle<'_>) {
        let (mut shard, key, now) = self.open(settle.key);
        shard.with(&key, now, &settle.window, |counter| counter.settle(now, &settle));
    }

    fn standing(&self, prefix: &str, subject: &[u8]) -> Answer<Vec<Standing>> {
        let mut found = Vec::new();
        for shard in &self.shards {
            let mut shard = shard.lock().unwrap_or_else(PoisonError::into_inner);
            let now = Moment::of(&*self.clock);
            for (key, counter) in &mut shard.counters {
                let Some((space, _)) = parts(key).filter(|(_, of)| *of == subject) else { continue };
                if space.starts_with(prefix) {
                    found.push(Standing { space: space.to_owned(), used: counter.used(now) });
                }
            }
        }
        found.sort_by(|a, b| a.space.cmp(&b.space));
        Answer::Now(found)
    }
}

impl Shard {
    /// Does something with the counter of `key`.
    fn with<T>(&mut self, key: &[u8], now: Moment, window: &Window, work: impl FnOnce(&mut Counter) -> T) -> T {
        if let Some(counter) = self.counters.get_mut(key) {
            counter.follow(window);
            return work(counter);
        }
        self.sweep(now);
        let mut counter = Counter::new(window);
        let outcome = work(&mut counter);
        self.counters.insert(key.into(), counter);
        outcome
    }

    /// Forgets counters whose window is empty. Runs when the shard has doubled, so its cost is spread evenly.
    fn sweep(&mut self, now: Moment) {
        if self.counters.len() < self.sweep_at {
            return;
        }
        self.counters.retain(|_, counter| !counter.is_empty(now));
        self.sweep_at = (self.counters.len() * 2).max(SWEEP_AT);
    }
}

#[cfg(test)]
mod tests {
    use std::{
        collections::VecDeque,
        sync::atomic::{AtomicU64, Ordering},
        time::Duration,
    };

    use base::Timestamp;
    use proptest::prelude::*;

    use super::*;
    use crate::memory::tests::Hand;

    const SLIDING: Window = Window::Sliding(Duration::from_secs(10));
    /// Ten seconds, from the fifth on.
    const FIXED: Window = Window::Fixed { anchor: Timestamp::from_secs(1_000_005), period: Duration::from_secs(10) };
    const ENDLESS: Window = Window::Fixed { anchor: Timestamp(0), period: Duration::ZERO };

    fn counters() -> (Arc<Hand>, MemoryCounters) {
        let hand = Arc::new(Hand::default());
        (hand.clone(), MemoryCounters::new(hand))
    }

    fn take_in(counters: &MemoryCounters, window: Window, cost: u64, limit: u64) -> Count {
        let key = Key { space: "s", subject: b"a" };
        match counters.take(Take { key, window, cost, limit }) {
            Answer::Now(count) => count,
            Answer::Later(_) => unreachable!("memory answers at once"),
        }
    }

    fn settle_in(counters: &MemoryCounters, window: Window, cost: i64) {
        counters.settle(Settle { key: Key { space: "s", subject: b"a" }, window, cost });
    }

    fn take(counters: &MemoryCounters, space: &str, subject: &str, limit: u64) -> bool {
        let key = Key { space, subject: subject.as_bytes() };
        match counters.take(Take { key, window: SLIDING, cost: 1, limit }) {
            Answer::Now(count) => count.admitted,
            Answer::Later(_) => unreachable!("memory answers at once"),
        }
    }

    #[test]
    fn the_call_after_the_limit_is_refused_until_the_first_leaves_the_window() {
        let (hand, counters) = counters();
        assert_eq!(take_in(&counters, SLIDING, 1, 2).remaining, 1);
        hand.turn(4);
        assert_eq!(take_in(&counters, SLIDING, 1, 2).remaining, 0);
        let refused = take_in(&counters, SLIDING, 1, 2);
        assert!(!refused.admitted);
        assert_eq!(refused.reset.as_secs_f64().round() as u64, 6);
        hand.set(10_020_000_000);
        assert!(take_in(&counters, SLIDING, 1, 2).admitted);
        assert!(!take_in(&counters, SLIDING, 1, 2).admitted);
    }

    #[test]
    fn a_fixed_window_begins_anew_as_its_anchor_says() {
        let (hand, counters) = counters();
        hand.turn(2);
        assert!(take_in(&counters, FIXED, 2, 2).admitted);
        let refused = take_in(&counters, FIXED, 1, 2);
        assert_eq!((refused.admitted, refused.remaining, refused.reset), (false, 0, Duration::from_secs(3)));
        hand.turn(3);
        let admitted = take_in(&counters, FIXED, 1, 2);
        assert_eq!((admitted.admitted, admitted.remaining, admitted.reset), (true, 1, Duration::from_secs(10)));
    }

    #[test]
    fn a_window_without_an_end_never_begins_anew() {
        let (hand, counters) = counters();
        assert_eq!(take_in(&counters, ENDLESS, 2, 2).reset, Duration::MAX);
        hand.turn(1_000_000_000);
        assert_eq!(take_in(&counters, ENDLESS, 1, 2), Count { admitted: false, remaining: 0, reset: Duration::MAX });
    }

    #[test]
    fn counters_are_found_by_subject_and_by_how_their_spaces_begin() {
        let (hand, counters) = counters();
        for (space, subject, cost) in [("s/1", "a", 2), ("s/2", "a", 3), ("s/1", "ab", 5), ("t/1", "a", 7)] {
            let key = Key { space, subject: subject.as_bytes() };
            counters.settle(Settle { key, window: FIXED, cost });
        }
        let standing = || match counters.standing("s/", b"a") {
            Answer::Now(found) => found.into_iter().map(|one| (one.space, one.used)).collect::<Vec<_>>(),
            Answer::Later(_) => unreachable!("memory answers at once"),
        };
        assert_eq!(standing(), [("s/1".to_owned(), 2), ("s/2".to_owned(), 3)]);
        hand.turn(30);
        assert_eq!(standing(), [("s/1".to_owned(), 0), ("s/2".to_owned(), 0)]);
    }

    #[test]
    fn a_look_takes_nothing_and_tells_whether_anything_is_left() {
        for window in [SLIDING, FIXED, ENDLESS] {
            let (_, counters) = counters();
            let (first, second) = (take_in(&counters, window, 0, 1), take_in(&counters, window, 0, 1));
            assert_eq!((first.admitted, first.remaining, second.admitted), (true, 1, true));
            assert!(take_in(&counters, window, 1, 1).admitted);
            assert!(!take_in(&counters, window, 0, 1).admitted);
        }
    }

    #[test]
    fn what_is_settled_counts_beyond_the_limit_and_can_be_given_back() {
        for window in [SLIDING, FIXED] {
            let (hand, counters) = counters();
            assert!(take_in(&counters, window, 1, 10).admitted);
            hand.turn(1);
            settle_in(&counters, window, 14);
            assert_eq!(take_in(&counters, window, 0, 10).remaining, 0);
            assert_eq!(take_in(&counters, window, 0, 20).remaining, 5);
            settle_in(&counters, window, -12);
            assert_eq!(take_in(&counters, window, 0, 10).remaining, 7);
            settle_in(&counters, window, -100);
            assert_eq!(take_in(&counters, window, 0, 10).remaining, 10);
            hand.turn(30);
            assert_eq!(take_in(&counters, window, 0, 10).remaining, 10);
        }
    }

    #[test]
    fn a_changed_window_keeps_what_was_taken() {
        let (hand, counters) = counters();
        let of = |seconds| Window::Sliding(Duration::from_secs(seconds));
        take_in(&counters, of(10), 3, 5);
        assert_eq!(take_in(&counters, of(20), 0, 5).remaining, 2);
        hand.turn(15);
        assert_eq!(take_in(&counters, of(20), 0, 5).remaining, 2);
        assert_eq!(take_in(&counters, of(10), 0, 5).remaining, 5);
    }

    #[test]
    fn counters_of_two_spaces_or_subjects_never_meet() {
        let (_, counters) = counters();
        assert!(take(&counters, "ab", "c", 1));
        assert!(take(&counters, "a", "bc", 1));
        assert!(take(&counters, "ab", "d", 1));
        assert!(!take(&counters, "ab", "c", 1));
    }

    #[test]
    fn threads_together_never_take_more_than_the_limit() {
        let (_, counters) = counters();
        let admitted = AtomicU64::new(0);
        std::thread::scope(|scope| {
            for _ in 0..4 {
                scope.spawn(|| {
                    for _ in 0..500 {
                        if take(&counters, "s", "a", 777) {
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
        for _ in 0..8u64 {
            hand.turn(30);
            for number in 0..40_000 {
                take(&counters, "s", &format!("{:?}-{number}", hand.monotonic()), 5);
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
                hand.set(now);
                let count = take_in(&counters, SLIDING, cost, limit);
                while log.front().is_some_and(|(at, _)| now - at >= 10_000_000_000) {
                    log.pop_front();
                }
                if count.admitted {
                    log.push_back((now, cost));
                }
                prop_assert!(log.iter().map(|(_, cost)| cost).sum::<u64>() <= limit);
            }
        }

        #[test]
        fn no_window_of_a_busy_counter_ever_holds_more_than_the_limit(
            steps in prop::collection::vec((0u64..20_000_000, 1u64..4), 1000..2000), limit in 400u64..800
        ) {
            let (hand, counters) = counters();
            let mut log = VecDeque::<(u64, u64)>::new();
            let (mut now, mut held) = (0, 0);
            for (wait, cost) in steps {
                now += wait;
                hand.set(now);
                while let Some((_, cost)) = log.pop_front_if(|(at, _)| now - *at >= 10_000_000_000) {
                    held -= cost;
                }
                if take_in(&counters, SLIDING, cost, limit).admitted {
                    log.push_back((now, cost));
                    held += cost;
                }
                prop_assert!(held <= limit);
            }
        }

        #[test]
        fn no_fixed_window_ever_holds_more_than_the_limit(
            steps in prop::collection::vec((0u64..9_000_000_000, 1u64..4), 1..200), limit in 1u64..12
        ) {
            let (hand, counters) = counters();
            let (mut now, mut window, mut held) = (0, 0, 0);
            for (wait, cost) in steps {
                now += wait;
                hand.set(now);
                // The test's day begins at second 1,000,000; windows end at its seconds 5, 15, 25…
                let current = (now + 5_000_000_000) / 10_000_000_000;
                if current != window {
                    (window, held) = (current, 0);
                }
                let count = take_in(&counters, FIXED, cost, limit);
                prop_assert_eq!(count.admitted, held + cost <= limit);
                held += if count.admitted { cost } else { 0 };
            }
        }
    }
}
