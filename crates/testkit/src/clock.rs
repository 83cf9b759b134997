//! Clocks for tests: one that a test turns by hand, and the machine's own.

use std::{
    sync::{Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant, SystemTime, UNIX_EPOCH},
};

use base::{Clock, Sleep, Timestamp};
use tokio::sync::oneshot;

/// A clock that stands still until [`ManualClock::advance`].
#[derive(Debug, Default)]
pub struct ManualClock(Mutex<State>);

#[derive(Debug, Default)]
struct State {
    start: Timestamp,
    passed: Duration,
    sleepers: Vec<(Duration, oneshot::Sender<()>)>,
}

impl ManualClock {
    /// Stands at `start`.
    pub fn at(start: Timestamp) -> Self {
        Self(Mutex::new(State { start, ..State::default() }))
    }

    /// Lets `by` pass and wakes every sleeper whose time has come.
    pub fn advance(&self, by: Duration) {
        let mut state = self.state();
        state.passed += by;
        let passed = state.passed;
        let (due, waiting) = std::mem::take(&mut state.sleepers).into_iter().partition(|(at, _)| *at <= passed);
        state.sleepers = waiting;
        let due: Vec<_> = due;
        drop(state);
        for (_, wake) in due {
            // A sleeper that is gone needs no call.
            let _ = wake.send(());
        }
    }

    /// How many sleeps are under way: a test that waits for one before it turns the clock does not race.
    pub fn sleepers(&self) -> usize {
        self.state().sleepers.iter().filter(|(_, wake)| !wake.is_closed()).count()
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Clock for ManualClock {
    fn now(&self) -> Timestamp {
        let state = self.state();
        state.start.plus(state.passed)
    }

    fn monotonic(&self) -> Duration {
        self.state().passed
    }

    fn sleep(&self, duration: Duration) -> Sleep {
        let (wake, woken) = oneshot::channel();
        let mut state = self.state();
        let at = state.passed + duration;
        state.sleepers.push((at, wake));
        Box::pin(async move {
            let _ = woken.await;
        })
    }
}

/// The machine's clock, for tests over real sockets.
#[derive(Debug)]
pub struct RealClock(Instant);

impl Default for RealClock {
    fn default() -> Self {
        Self(Instant::now())
    }
}

impl Clock for RealClock {
    fn now(&self) -> Timestamp {
        let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        Timestamp::default().plus(since)
    }

    fn monotonic(&self) -> Duration {
        self.0.elapsed()
    }

    fn sleep(&self, duration: Duration) -> Sleep {
        Box::pin(tokio::time::sleep(duration))
    }
}
