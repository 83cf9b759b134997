//! A clock whose time passes only while everybody sleeps, and an entropy that always gives the same.

use std::{
    future::Future,
    pin::{Pin, pin},
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    task::{Context, Poll, Wake, Waker},
    time::Duration,
};

use base::{Clock, Entropy, Sleep, Timestamp};

/// Time that stands still until the only task sleeps; then it jumps to the end of the shortest sleep.
#[derive(Debug, Default)]
pub struct FakeClock(Arc<Mutex<State>>);

#[derive(Debug, Default)]
struct State {
    start: Timestamp,
    passed: Duration,
    next: u64,
    /// Sleeps under way: number, and when they end.
    sleeps: Vec<(u64, Duration)>,
}

impl FakeClock {
    /// Begins at `start`.
    pub fn at(start: Timestamp) -> Self {
        Self(Arc::new(Mutex::new(State { start, ..State::default() })))
    }

    /// Lets time pass.
    pub fn advance(&self, by: Duration) {
        self.state().passed += by;
    }

    /// Goes to the end of the shortest sleep; false where nobody sleeps.
    fn jump(&self) -> bool {
        let mut state = self.state();
        let next = state.sleeps.iter().map(|(_, until)| *until).min();
        if let Some(until) = next {
            state.passed = state.passed.max(until);
        }
        next.is_some()
    }

    fn state(&self) -> MutexGuard<'_, State> {
        lock(&self.0)
    }

    /// Runs `work` to its end; waits take no real time. `None` where it waits for something that never comes.
    pub fn run<T>(&self, work: impl Future<Output = T>) -> Option<T> {
        let mut work = pin!(work);
        let woken = Arc::new(Woken(AtomicBool::new(true)));
        let waker = Waker::from(Arc::clone(&woken));
        loop {
            woken.0.store(false, Ordering::Relaxed);
            if let Poll::Ready(value) = work.as_mut().poll(&mut Context::from_waker(&waker)) {
                return Some(value);
            }
            if !woken.0.load(Ordering::Relaxed) && !self.jump() {
                return None;
            }
        }
    }
}

fn lock(state: &Mutex<State>) -> MutexGuard<'_, State> {
    state.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Clock for FakeClock {
    fn now(&self) -> Timestamp {
        let state = self.state();
        state.start.plus(state.passed)
    }

    fn monotonic(&self) -> Duration {
        self.state().passed
    }

    fn sleep(&self, duration: Duration) -> Sleep {
        let mut state = self.state();
        let (number, until) = (state.next, state.passed.saturating_add(duration));
        state.next += 1;
        state.sleeps.push((number, until));
        drop(state);
        Box::pin(Sleeping { state: Arc::clone(&self.0), number, until })
    }
}

struct Sleeping {
    state: Arc<Mutex<State>>,
    number: u64,
    until: Duration,
}

impl Future for Sleeping {
    type Output = ();

    fn poll(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<()> {
        // Whoever jumps polls again, so nobody needs to be woken.
        if lock(&self.state).passed >= self.until { Poll::Ready(()) } else { Poll::Pending }
    }
}

impl Drop for Sleeping {
    fn drop(&mut self) {
        lock(&self.state).sleeps.retain(|(number, _)| *number != self.number);
    }
}

struct Woken(AtomicBool);

impl Wake for Woken {
    fn wake(self: Arc<Self>) {
        self.0.store(true, Ordering::Relaxed);
    }
}

/// Randomness that a test can rely on: the same sequence each time.
#[derive(Debug, Default)]
pub struct FakeEntropy(AtomicU64);

impl Entropy for FakeEntropy {
    fn fill(&self, bytes: &mut [u8]) {
        for chunk in bytes.chunks_mut(8) {
            // SplitMix64: well mixed from the first value on.
            let mut value =
                self.0.fetch_add(0x9e37_79b9_7f4a_7c15, Ordering::Relaxed).wrapping_add(0x9e37_79b9_7f4a_7c15);
            value = (value ^ (value >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
            value = (value ^ (value >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
            value ^= value >> 31;
            chunk.copy_from_slice(&value.to_le_bytes()[..chunk.len()]);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_shortest_sleep_ends_first_and_takes_no_time() {
        let clock = FakeClock::at(Timestamp::from_secs(100));
        let order = clock.run(async {
            let (long, short) = (clock.sleep(Duration::from_hours(2)), clock.sleep(Duration::from_secs(5)));
            short.await;
            let first = clock.now().secs();
            long.await;
            (first, clock.now().secs())
        });
        assert_eq!(order, Some((105, 7300)));
    }

    #[test]
    fn what_waits_for_nothing_is_given_up() {
        assert_eq!(FakeClock::default().run(std::future::pending::<()>()), None);
    }
}
