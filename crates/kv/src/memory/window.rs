//! What one counter remembers: a sliding window in slots, or the sum of a fixed one.

use std::{collections::VecDeque, time::Duration};

use base::Clock;

use crate::{Count, Settle, Take, Window};

/// So many takes keep their own time. Only a busier counter puts takes together that lie close to each other, so that its
/// memory does not grow with its limit.
const EXACT: usize = 256;
/// How many parts of a window such takes are put together in.
const SLOTS: u64 = 1024;

/// The time on both clocks, in nanoseconds.
#[derive(Clone, Copy)]
pub(super) struct Moment {
    /// Sliding windows follow the clock that never goes back.
    monotonic: u64,
    /// Fixed ones begin at times of the calendar.
    wall: i64,
}

impl Moment {
    pub(super) fn of(clock: &dyn Clock) -> Self {
        Self { monotonic: nanos(clock.monotonic()), wall: clock.now().0 }
    }
}

pub(super) enum Counter {
    Sliding(Sliding),
    Fixed(Fixed),
}

impl Counter {
    pub(super) fn new(window: &Window) -> Self {
        match window {
            Window::Sliding(length) => Self::Sliding(Sliding::new(nanos(*length))),
            Window::Fixed { anchor, period } => {
                Self::Fixed(Fixed { anchor: anchor.0, period: nanos(*period), ..Fixed::default() })
            }
        }
    }

    /// Follows a policy whose window changed: what was taken keeps its time.
    pub(super) fn follow(&mut self, window: &Window) {
        match (self, window) {
            (Self::Sliding(sliding), Window::Sliding(length)) => sliding.length = nanos(*length),
            (Self::Fixed(fixed), Window::Fixed { anchor, period }) => {
                (fixed.anchor, fixed.period) = (anchor.0, nanos(*period));
            }
            (counter, window) => *counter = Self::new(window),
        }
    }

    pub(super) fn take(&mut self, now: Moment, take: &Take<'_>) -> Count {
        let used = self.used(now);
        let free = take.limit.saturating_sub(used);
        if take.cost.max(1) > free {
            return Count { admitted: false, remaining: free, reset: self.until_free(now, take.cost.max(1) - free) };
        }
        self.add(now, take.cost);
        Count { admitted: true, remaining: free - take.cost, reset: self.until_free(now, 1) }
    }

    pub(super) fn settle(&mut self, now: Moment, settle: &Settle<'_>) {
        self.used(now);
        match u64::try_from(settle.cost) {
            Ok(cost) => self.add(now, cost),
            Err(_) => self.give_back(settle.cost.unsigned_abs()),
        }
    }

    pub(super) fn is_empty(&mut self, now: Moment) -> bool {
        self.used(now) == 0
    }

    /// What the window holds now.
    pub(super) fn used(&mut self, now: Moment) -> u64 {
        match self {
            Self::Sliding(sliding) => {
                sliding.expire(now.monotonic);
                sliding.used
            }
            Self::Fixed(fixed) => {
                fixed.expire(now.wall);
                fixed.used
            }
        }
    }

    fn add(&mut self, now: Moment, cost: u64) {
        match self {
            _ if cost == 0 => {}
            Self::Sliding(sliding) => sliding.add(now.monotonic, cost),
            Self::Fixed(fixed) => {
                fixed.used = fixed.used.saturating_add(cost);
                fixed.last = now.wall;
            }
        }
    }

    fn give_back(&mut self, amount: u64) {
        match self {
            Self::Sliding(sliding) => sliding.give_back(amount),
            Self::Fixed(fixed) => fixed.used = fixed.used.saturating_sub(amount),
        }
    }

    fn until_free(&self, now: Moment, amount: u64) -> Duration {
        match self {
            Self::Sliding(sliding) => sliding.until_free(now.monotonic, amount),
            Self::Fixed(fixed) => fixed.until_end(now.wall),
        }
    }
}

pub(super) struct Sliding {
    /// Length in nanoseconds.
    length: u64,
    used: u64,
    /// (time of the last take, what was taken), oldest first.
    taken: VecDeque<(u64, u64)>,
}

impl Sliding {
    fn new(length: u64) -> Self {
        Self { length, used: 0, taken: VecDeque::new() }
    }

    fn expire(&mut self, now: u64) {
        while let Some((time, sum)) = self.taken.front().copied() {
            if time.saturating_add(self.length) > now {
                break;
            }
            self.used = self.used.saturating_sub(sum);
            self.taken.pop_front();
        }
    }

    fn add(&mut self, now: u64, cost: u64) {
        let slot = (self.length / SLOTS).max(1);
        let is_full = self.taken.len() >= EXACT;
        match self.taken.back_mut() {
            Some((time, sum)) if *time >= now || (is_full && *time / slot == now / slot) => {
                // Never earlier than a take was.
                *time = now.max(*time);
                *sum = sum.saturating_add(cost);
            }
            _ => self.taken.push_back((now, cost)),
        }
        self.used = self.used.saturating_add(cost);
    }

    /// What is given back was most likely taken last.
    fn give_back(&mut self, mut amount: u64) {
        while let Some((_, sum)) = self.taken.back_mut() {
            let part = amount.min(*sum);
            *sum -= part;
            self.used = self.used.saturating_sub(part);
            amount -= part;
            if *sum > 0 {
                break;
            }
            self.taken.pop_back();
        }
    }

    /// How long until `amount` has left the window; a whole window if so much is not in it.
    fn until_free(&self, now: u64, amount: u64) -> Duration {
        let mut freed = 0u64;
        for (time, sum) in &self.taken {
            freed = freed.saturating_add(*sum);
            if freed >= amount {
                return Duration::from_nanos(time.saturating_add(self.length).saturating_sub(now));
            }
        }
        Duration::from_nanos(self.length)
    }
}

#[derive(Default)]
pub(super) struct Fixed {
    anchor: i64,
    /// 0 for a window without an end.
    period: u64,
    used: u64,
    /// When something was last taken.
    last: i64,
}

impl Fixed {
    /// When the window around `now` began; `None` if it always has.
    fn start(&self, now: i64) -> Option<i128> {
        let period = i128::from(self.period);
        (period > 0).then(|| {
            let (now, anchor) = (i128::from(now), i128::from(self.anchor));
            now - (now - anchor).rem_euclid(period)
        })
    }

    /// Everything goes at once when a window begins. A clock that is set back, or a policy that is changed, forgets nothing
    /// that was taken since the window began.
    fn expire(&mut self, now: i64) {
        if self.start(now).is_some_and(|start| i128::from(self.last) < start) {
            self.used = 0;
        }
    }

    fn until_end(&self, now: i64) -> Duration {
        let Some(start) = self.start(now) else { return Duration::MAX };
        let left = start + i128::from(self.period) - i128::from(now);
        Duration::from_nanos(u64::try_from(left).unwrap_or(u64::MAX))
    }
}

fn nanos(duration: Duration) -> u64 {
    u64::try_from(duration.as_nanos()).unwrap_or(u64::MAX)
}
