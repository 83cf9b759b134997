//! [`Kept`]: what another server gives for a time, kept for the whole process until shortly before its end.

use std::{
    collections::HashMap,
    future::Future,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use policy::base::Clock;
use tokio::sync::Mutex as Turn;

/// How long before its end something is fetched anew; of a short life only the second half is given up.
const EARLY: Duration = Duration::from_mins(3);
/// After a failure nobody asks again for this long.
const PATIENCE: Duration = Duration::from_secs(5);
/// Names may come from requests; past this many, what nobody uses at the moment is forgotten.
const MOST: usize = 1000;

/// What was fetched, by name. `W` is what it is fetched with: after a change of that, what is kept is worth nothing.
pub(crate) struct Kept<W, T>(Mutex<Slots<W, T>>);

type Slots<W, T> = HashMap<Box<str>, Arc<Slot<W, T>>>;

/// What was fetched, and how long it lasts from when it was asked for.
#[derive(Debug)]
pub(crate) struct Lease<T> {
    pub(crate) value: T,
    pub(crate) life: Duration,
}

struct Slot<W, T> {
    held: Mutex<Option<Held<W, T>>>,
    /// Whose turn it is to fetch. Who gives up passes it on.
    turn: Turn<()>,
}

struct Held<W, T> {
    with: W,
    outcome: Result<T, String>,
    /// When it is to be replaced.
    renew: Duration,
    /// When it ends.
    end: Duration,
}

impl<W: Clone + PartialEq, T: Clone> Kept<W, T> {
    /// What has this name; `fetch` runs only if nothing good is there, and one at a time. A failure is told to all who ask shortly after
    /// it, unless what was there before still holds.
    pub(crate) async fn get<F>(&self, name: &str, with: &W, clock: &dyn Clock, fetch: F) -> Result<T, String>
    where
        F: Future<Output = Result<Lease<T>, String>>,
    {
        let slot = self.slot(name);
        if let Some(known) = slot.fresh(with, clock.monotonic()) {
            return known;
        }
        let _turn = slot.turn.lock().await;
        // Whoever had the turn before may have fetched it.
        let asked = clock.monotonic();
        if let Some(known) = slot.fresh(with, asked) {
            return known;
        }
        let fetched = fetch.await;
        slot.hold(with, asked, clock.monotonic(), fetched)
    }

    fn slot(&self, name: &str) -> Arc<Slot<W, T>> {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(slot) = all.get(name) {
            return Arc::clone(slot);
        }
        if all.len() >= MOST {
            all.retain(|_, slot| Arc::strong_count(slot) > 1);
        }
        Arc::clone(all.entry(name.into()).or_default())
    }
}

impl<W: Clone + PartialEq, T: Clone> Slot<W, T> {
    fn fresh(&self, with: &W, now: Duration) -> Option<Result<T, String>> {
        let held = self.held.lock().unwrap_or_else(PoisonError::into_inner);
        let held = held.as_ref().filter(|held| held.with == *with && now < held.renew)?;
        Some(held.outcome.clone())
    }

    fn hold(&self, with: &W, asked: Duration, now: Duration, fetched: Result<Lease<T>, String>) -> Result<T, String> {
        let mut held = self.held.lock().unwrap_or_else(PoisonError::into_inner);
        let old = held.take().filter(|held| held.with == *with && held.outcome.is_ok() && now < held.end);
        let new = match (fetched, old) {
            (Ok(Lease { value, life }), _) => {
                let renew = asked + life.saturating_sub(EARLY).max(life / 2);
                Held { with: with.clone(), outcome: Ok(value), renew, end: asked + life }
            }
            // What still holds is better than nothing.
            (Err(_), Some(old)) => Held { renew: (now + PATIENCE).min(old.end), ..old },
            (Err(why), None) => {
                Held { with: with.clone(), outcome: Err(why), renew: now + PATIENCE, end: now + PATIENCE }
            }
        };
        held.insert(new).outcome.clone()
    }
}

impl<W, T> Default for Kept<W, T> {
    fn default() -> Self {
        Self(Mutex::default())
    }
}

impl<W, T> Default for Slot<W, T> {
    fn default() -> Self {
        Self { held: Mutex::default(), turn: Turn::default() }
    }
}

#[cfg(test)]
mod tests {
    use std::{
        cell::Cell,
        future::{pending, poll_fn},
        pin::{Pin, pin},
        task::{Context, Poll, Waker},
    };

    use testkit::ManualClock;

    use super::*;

    type Texts = Kept<&'static str, &'static str>;

    fn lease(value: &'static str, secs: u64) -> Result<Lease<&'static str>, String> {
        Ok(Lease { value, life: Duration::from_secs(secs) })
    }

    fn polled<F: Future>(future: Pin<&mut F>) -> Poll<F::Output> {
        future.poll(&mut Context::from_waker(Waker::noop()))
    }

    /// What a fetch that does not wait gives.
    fn get(
        kept: &Texts,
        clock: &ManualClock,
        with: &'static str,
        answer: Result<Lease<&'static str>, String>,
    ) -> String {
        match polled(pin!(kept.get("a", &with, clock, async { answer }))) {
            Poll::Ready(Ok(value)) => value.to_owned(),
            Poll::Ready(Err(why)) => format!("failed: {why}"),
            Poll::Pending => "waits".to_owned(),
        }
    }

    #[test]
    fn it_is_fetched_once_and_again_shortly_before_its_end() {
        let (kept, clock) = (Texts::default(), ManualClock::default());
        assert_eq!(get(&kept, &clock, "", lease("first", 3600)), "first");
        clock.advance(Duration::from_secs(3419));
        assert_eq!(get(&kept, &clock, "", lease("second", 3600)), "first");
        clock.advance(Duration::from_secs(1));
        assert_eq!(get(&kept, &clock, "", lease("second", 8)), "second");
        clock.advance(Duration::from_secs(4));
        assert_eq!(get(&kept, &clock, "", lease("third", 8)), "third");
    }

    #[test]
    fn what_it_is_fetched_with_counts() {
        let (kept, clock) = (Texts::default(), ManualClock::default());
        assert_eq!(get(&kept, &clock, "old secret", lease("first", 3600)), "first");
        assert_eq!(get(&kept, &clock, "new secret", Err("refused".into())), "failed: refused");
        assert_eq!(get(&kept, &clock, "right secret", lease("second", 3600)), "second");
    }

    #[test]
    fn after_a_failure_what_still_holds_is_given_out() {
        let (kept, clock) = (Texts::default(), ManualClock::default());
        get(&kept, &clock, "", lease("first", 3600));
        clock.advance(Duration::from_secs(3500));
        assert_eq!(get(&kept, &clock, "", Err("down".into())), "first");
        clock.advance(Duration::from_secs(100));
        assert_eq!(get(&kept, &clock, "", Err("down".into())), "failed: down");
        // Nobody asks again at once.
        assert_eq!(get(&kept, &clock, "", lease("second", 60)), "failed: down");
        clock.advance(PATIENCE);
        assert_eq!(get(&kept, &clock, "", lease("second", 60)), "second");
    }

    #[test]
    fn who_asks_while_it_is_fetched_waits_and_learns_of_a_failure() {
        let (kept, clock) = (Texts::default(), ManualClock::default());
        let answer = Cell::new(None);
        let mut first = pin!(kept.get("a", &"", &clock, poll_fn(|_| answer.take().map_or(Poll::Pending, Poll::Ready))));
        let mut second = pin!(kept.get("a", &"", &clock, async { panic!("a second fetch") }));
        assert!(polled(first.as_mut()).is_pending() && polled(second.as_mut()).is_pending());
        answer.set(Some(Err("down".to_owned())));
        assert_eq!(polled(first), Poll::Ready(Err("down".to_owned())));
        assert_eq!(polled(second), Poll::Ready(Err("down".to_owned())));
    }

    #[test]
    fn a_fetch_that_is_given_up_is_taken_over() {
        let (kept, clock) = (Texts::default(), ManualClock::default());
        let mut first = Box::pin(kept.get("a", &"", &clock, pending()));
        assert!(polled(first.as_mut()).is_pending());
        let mut second = pin!(kept.get("a", &"", &clock, async { lease("t", 60) }));
        assert!(polled(second.as_mut()).is_pending());
        drop(first);
        assert_eq!(polled(second), Poll::Ready(Ok("t")));
    }

    #[test]
    fn many_names_do_not_pile_up() {
        let (kept, clock) = (Texts::default(), ManualClock::default());
        for number in 0..3 * MOST {
            let name = number.to_string();
            let _ = polled(pin!(kept.get(&name, &"", &clock, async { lease("t", 60) })));
        }
        assert!(kept.0.lock().unwrap().len() <= MOST);
    }
}
