//! Coarse timeouts: one tick wakes every wait of a worker that has run out, so that a request arms no timer.

use std::{
    cell::{Cell, RefCell},
    future::Future,
    pin::{Pin, pin},
    rc::Rc,
    sync::Arc,
    task::{Context, Poll, Waker},
    time::Duration,
};

pub use base::Elapsed;
use base::{Clock, within};

/// How far apart ticks are. A limit is exceeded by up to this much; limits shorter than a few ticks use the clock's own sleep.
pub const TICK: Duration = Duration::from_millis(250);

/// Below this a limit deserves an exact timer.
const EXACT_BELOW: Duration = Duration::from_secs(2);

/// The waits of one worker.
pub struct Deadlines {
    clock: Arc<dyn Clock>,
    now: Cell<Duration>,
    waits: RefCell<Waits>,
}

#[derive(Default)]
struct Waits {
    slots: Vec<Option<(Duration, Waker)>>,
    free: Vec<usize>,
}

impl Deadlines {
    /// No waits yet. Someone must call [`Deadlines::run`].
    pub fn new(clock: Arc<dyn Clock>) -> Rc<Self> {
        let now = Cell::new(clock.monotonic());
        Rc::new(Self { clock, now, waits: RefCell::default() })
    }

    /// Ticks for as long as it is polled; `each` runs after every tick.
    pub async fn run(self: Rc<Self>, each: impl Fn(Duration)) {
        loop {
            self.clock.sleep(TICK).await;
            let now = self.clock.monotonic();
            self.now.set(now);
            for (due, waker) in self.waits.borrow().slots.iter().flatten() {
                if *due <= now {
                    waker.wake_by_ref();
                }
            }
            each(now);
        }
    }

    /// The clock itself, for waits of their own.
    pub(crate) fn clock(&self) -> &Arc<dyn Clock> {
        &self.clock
    }

    /// Monotonic time as of the last tick: free to read.
    pub fn now(&self) -> Duration {
        self.now.get()
    }

    /// `work`, or [`Elapsed`] once `limit` has passed.
    pub async fn within<F: Future>(&self, limit: Duration, work: F) -> Result<F::Output, Elapsed> {
        if limit < EXACT_BELOW {
            return within(&*self.clock, limit, work).await;
        }
        // The tick may lie almost one period back.
        let wait = Wait { deadlines: self, due: self.now.get() + limit + TICK, slot: None };
        Within { work: pin!(work), wait }.await
    }
}

struct Within<'a, F> {
    work: Pin<&'a mut F>,
    wait: Wait<'a>,
}

struct Wait<'a> {
    deadlines: &'a Deadlines,
    due: Duration,
    slot: Option<usize>,
}

impl<F: Future> Future for Within<'_, F> {
    type Output = Result<F::Output, Elapsed>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        if let Poll::Ready(output) = self.work.as_mut().poll(cx) {
            return Poll::Ready(Ok(output));
        }
        if self.wait.due <= self.wait.deadlines.now.get() {
            return Poll::Ready(Err(Elapsed));
        }
        self.wait.register(cx.waker());
        Poll::Pending
    }
}

impl Wait<'_> {
    fn register(&mut self, waker: &Waker) {
        let mut waits = self.deadlines.waits.borrow_mut();
        let slot = *self.slot.get_or_insert_with(|| {
            waits.free.pop().unwrap_or_else(|| {
                waits.slots.push(None);
                waits.slots.len() - 1
            })
        });
        match waits.slots.get_mut(slot) {
            Some(Some((_, known))) => known.clone_from(waker),
            Some(empty) => *empty = Some((self.due, waker.clone())),
            None => {}
        }
    }
}

impl Drop for Wait<'_> {
    fn drop(&mut self) {
        let Some(slot) = self.slot else { return };
        let mut waits = self.deadlines.waits.borrow_mut();
        if let Some(place) = waits.slots.get_mut(slot) {
            *place = None;
            waits.free.push(slot);
        }
    }
}

#[cfg(test)]
mod tests {
    use testkit::ManualClock;

    use super::*;

    fn polled<F: Future>(future: Pin<&mut F>) -> Poll<F::Output> {
        future.poll(&mut Context::from_waker(Waker::noop()))
    }

    #[test]
    fn work_past_its_limit_is_given_up_at_a_tick() {
        let clock = Arc::new(ManualClock::default());
        let deadlines = Deadlines::new(Arc::<ManualClock>::clone(&clock));
        let mut ticks = Box::pin(Rc::clone(&deadlines).run(|_| ()));
        let mut work = Box::pin(deadlines.within(Duration::from_secs(5), std::future::pending::<()>()));
        for passed in [0, 4, 2] {
            clock.advance(Duration::from_secs(passed));
            assert!(polled(ticks.as_mut()).is_pending());
            if passed < 2 || passed == 4 {
                assert_eq!(polled(work.as_mut()), Poll::Pending);
            }
        }
        assert_eq!(polled(work.as_mut()), Poll::Ready(Err(Elapsed)));
        drop(work);
        assert!(deadlines.waits.borrow().slots.iter().all(Option::is_none));
    }

    #[test]
    fn a_short_limit_does_not_wait_for_the_tick() {
        let clock = Arc::new(ManualClock::default());
        let deadlines = Deadlines::new(Arc::<ManualClock>::clone(&clock));
        let mut work = Box::pin(deadlines.within(Duration::from_millis(10), std::future::pending::<()>()));
        assert_eq!(polled(work.as_mut()), Poll::Pending);
        clock.advance(Duration::from_millis(10));
        assert_eq!(polled(work.as_mut()), Poll::Ready(Err(Elapsed)));
    }
}
