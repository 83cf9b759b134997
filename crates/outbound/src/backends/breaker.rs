//! A circuit breaker: counts failures of the last interval, and leaves the backend alone once there are too many.

use std::{
    sync::{
        Arc, Mutex,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, SystemTime},
};

use base::Clock;
use policy::{
    OutboundError, OutboundResponse, Status, breaker::BreakerRule, entity::Backend, outbound::OutboundErrorKind,
};

use super::{Backends, lock};

/// The interval slides in steps of this share.
const SLICES: usize = 32;
/// A share of fewer calls says nothing.
const FEWEST_CALLS: u32 = 10;
/// A backend cannot ask to be left alone for longer than this, or the rule's own duration.
const LONGEST: Duration = Duration::from_hours(24);

/// The state of one backend.
pub(crate) struct Breaker {
    rule: Arc<BreakerRule>,
    /// Until when it is open, in nanoseconds of the monotonic clock.
    open_until: AtomicU64,
    trips: AtomicU64,
    window: Mutex<[Slice; SLICES]>,
}

/// What ended in a part of the interval.
#[derive(Clone, Copy, Default)]
struct Slice {
    /// Its place in time, so that an old one is not taken for a new one.
    index: u64,
    calls: u32,
    failures: u32,
}

impl Breaker {
    pub(crate) fn new(rule: Arc<BreakerRule>) -> Self {
        Self { rule, open_until: AtomicU64::new(0), trips: AtomicU64::new(0), window: Mutex::default() }
    }

    pub(crate) fn is_of(&self, rule: &Arc<BreakerRule>) -> bool {
        Arc::ptr_eq(&self.rule, rule) || self.rule == *rule
    }

    /// How long it stays open; `None` if it is closed. Once the time is over it is as if nothing had happened.
    pub(crate) fn left(&self, now: Duration) -> Option<Duration> {
        let until = Duration::from_nanos(self.open_until.load(Ordering::Acquire));
        until.checked_sub(now).filter(|left| !left.is_zero())
    }

    /// How often it has opened.
    pub(crate) fn trips(&self) -> u64 {
        self.trips.load(Ordering::Relaxed)
    }

    fn record(&self, failed: bool, now: Duration, retry_after: impl FnOnce() -> Option<Duration>) {
        if !failed && self.rule.percentage.is_none() {
            return;
        }
        let length = nanos(self.rule.interval).div_ceil(SLICES as u64).max(1);
        // Numbered from one, so that what was never used is of no time.
        let index = nanos(now) / length + SLICES as u64;
        let mut window = lock(&self.window);
        // Calls that began before it opened end when it is open.
        if self.left(now).is_some() {
            return;
        }
        if let Some(slice) = window.get_mut((index % SLICES as u64) as usize) {
            if slice.index != index {
                *slice = Slice { index, ..Slice::default() };
            }
            slice.calls = slice.calls.saturating_add(1);
            slice.failures = slice.failures.saturating_add(u32::from(failed));
        }
        if !failed {
            return;
        }
        let recent = window.iter().filter(|slice| slice.index + SLICES as u64 > index);
        let (calls, failures) = recent.fold((0_u32, 0_u32), |(calls, failures), slice| {
            (calls.saturating_add(slice.calls), failures.saturating_add(slice.failures))
        });
        let is_share =
            |percentage| calls >= FEWEST_CALLS && u64::from(failures) * 100 >= u64::from(calls) * u64::from(percentage);
        if self.rule.count.is_some_and(|count| failures >= count) || self.rule.percentage.is_some_and(is_share) {
            let wanted = if self.rule.accept_retry_after { retry_after() } else { None };
            let open = wanted.map_or(self.rule.trip, |wanted| wanted.min(LONGEST.max(self.rule.trip)));
            self.open_until.store(nanos(now.saturating_add(open)), Ordering::Release);
            self.trips.fetch_add(1, Ordering::Relaxed);
            *window = Default::default();
        }
    }
}

fn nanos(duration: Duration) -> u64 {
    u64::try_from(duration.as_nanos()).unwrap_or(u64::MAX)
}

/// A call under way of a backend that has a breaker.
pub(crate) struct Call {
    breaker: Arc<Breaker>,
    clock: Arc<dyn Clock>,
    /// When whoever waits for the answer will have waited long enough.
    due: Duration,
    is_over: bool,
}

impl Call {
    /// Begins one, unless the breaker is open. `None` without a breaker.
    pub(crate) fn begin(
        backends: &Backends,
        backend: &Backend,
        clock: &Arc<dyn Clock>,
        limit: Duration,
    ) -> Result<Option<Self>, OutboundError> {
        let Some(breaker) = backends.breaker(backend) else { return Ok(None) };
        let now = clock.monotonic();
        if let Some(left) = breaker.left(now) {
            let message = format!("The circuit breaker of the backend \"{}\" is open.", backend.id);
            return Err(unavailable(breaker.rule.failure_status, left, message));
        }
        let breaker = Arc::clone(breaker);
        Ok(Some(Self { breaker, clock: Arc::clone(clock), due: now.saturating_add(limit), is_over: false }))
    }

    /// Tells the breaker how the call ended.
    pub(crate) fn end(mut self, outcome: &Result<OutboundResponse, OutboundError>) {
        self.is_over = true;
        let said = outcome.as_ref().map(|response| response.status).map_err(|error| error.kind);
        let Some(failed) = self.breaker.rule.judge(said) else { return };
        let wanted = || retry_after(outcome.as_ref().ok()?, &*self.clock);
        self.breaker.record(failed, self.clock.monotonic(), wanted);
    }
}

impl Drop for Call {
    /// Whoever waited for the answer has gone. That says something about the backend only if the time was over.
    fn drop(&mut self) {
        let now = self.clock.monotonic();
        if !self.is_over && now >= self.due && self.breaker.rule.judge(Err(OutboundErrorKind::Timeout)) == Some(true) {
            self.breaker.record(true, now, || None);
        }
    }
}

/// `Retry-After` of a response: seconds, or a date.
fn retry_after(response: &OutboundResponse, clock: &dyn Clock) -> Option<Duration> {
    let value = response.headers.first("retry-after")?.text().into_owned();
    if let Ok(seconds) = value.trim().parse() {
        return Some(Duration::from_secs(seconds));
    }
    let date = httpdate::parse_http_date(value.trim()).ok()?.duration_since(SystemTime::UNIX_EPOCH).ok()?;
    let now = Duration::from_secs(u64::try_from(clock.now().secs()).ok()?);
    Some(date.saturating_sub(now))
}

/// The answer to a call that is not made.
pub(super) fn unavailable(status: Option<Status>, left: Duration, message: String) -> OutboundError {
    let seconds = left.as_secs() + u64::from(left.subsec_nanos() > 0);
    let kind = OutboundErrorKind::Unavailable {
        retry_after: Some(Duration::from_secs(seconds)),
        status: status.unwrap_or(Status::SERVICE_UNAVAILABLE),
    };
    OutboundError { kind, message }
}
