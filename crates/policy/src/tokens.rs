//! [`TokenStore`]: access tokens that are fetched when first asked for and shared until shortly before they expire.

use std::{
    collections::HashMap,
    future::{Future, poll_fn},
    mem,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    task::{Poll, Waker},
    time::Duration,
};

use base::Secret;

use crate::Url;

/// Where tokens of the machine's own identity come from (`authentication-managed-identity`).
#[derive(Clone, Debug)]
pub enum TokenEndpoint {
    /// As on a virtual machine: whoever reaches it gets them.
    InstanceMetadata(Url),
    /// As in App Service, Functions and Container Apps: a header holds a secret.
    AppService {
        /// `IDENTITY_ENDPOINT`.
        url: Url,
        /// `IDENTITY_HEADER`.
        secret: Secret<Arc<str>>,
    },
}

/// A token is not given out in the last minutes of its life, so that it is still good when it arrives; of a short life
/// only the second half is given up.
const MARGIN: Duration = Duration::from_mins(5);

/// Names may come from requests; past this many the store forgets.
const MOST: usize = 1000;

/// An access token, as it was fetched.
#[derive(Clone, Debug)]
pub struct Token {
    /// What goes behind `Bearer`.
    pub text: Secret<Arc<str>>,
    /// How long it lives, from when it was asked for.
    pub life: Duration,
}

/// Tokens by name, for the whole process. Whoever asks while one is being fetched waits for that fetch.
#[derive(Default)]
pub struct TokenStore {
    slots: Mutex<HashMap<Box<str>, Arc<Slot>>>,
}

#[derive(Default)]
struct Slot(Mutex<State>);

#[derive(Default)]
struct State {
    /// The token, and the monotonic time until which it is given out.
    token: Option<(Secret<Arc<str>>, Duration)>,
    is_fetching: bool,
    /// How many fetches have ended badly, and why the last one did.
    failures: (u64, String),
    waiting: Vec<Waker>,
}

impl TokenStore {
    /// The token of this name; `fetch` is only run if none is there or under way. `now` is monotonic time. A failure is
    /// told to all who waited for it, and the next to ask tries again.
    pub async fn token<F>(&self, name: &str, now: Duration, fetch: F) -> Result<Secret<Arc<str>>, String>
    where
        F: Future<Output = Result<Token, String>>,
    {
        let slot = self.slot(name, now);
        let seen = slot.state().failures.0;
        let found = poll_fn(|cx| {
            let mut state = slot.state();
            match &state.token {
                Some((text, until)) if *until > now => return Poll::Ready(Some(Ok(text.clone()))),
                _ => {}
            }
            if state.failures.0 != seen {
                return Poll::Ready(Some(Err(state.failures.1.clone())));
            }
            if mem::replace(&mut state.is_fetching, true) {
                state.waiting.push(cx.waker().clone());
                return Poll::Pending;
            }
            Poll::Ready(None)
        });
        if let Some(found) = found.await {
            return found;
        }
        let turn = Turn(&slot);
        let outcome = fetch.await;
        let mut state = turn.0.state();
        match &outcome {
            Ok(token) => {
                let margin = MARGIN.min(token.life / 2);
                state.token = Some((token.text.clone(), now + token.life.saturating_sub(margin)));
            }
            Err(why) => state.failures = (seen + 1, why.clone()),
        }
        drop(state);
        outcome.map(|token| token.text)
    }

    fn slot(&self, name: &str, now: Duration) -> Arc<Slot> {
        let mut slots = lock(&self.slots);
        if let Some(slot) = slots.get(name) {
            return Arc::clone(slot);
        }
        if slots.len() >= MOST {
            slots.retain(|_, slot| slot.state().token.as_ref().is_some_and(|(_, until)| *until > now));
            if slots.len() >= MOST {
                slots.clear();
            }
        }
        Arc::clone(slots.entry(name.into()).or_default())
    }
}

impl Slot {
    fn state(&self) -> MutexGuard<'_, State> {
        lock(&self.0)
    }
}

/// Whoever fetches. However that ends, given up included, the others go on.
struct Turn<'a>(&'a Slot);

impl Drop for Turn<'_> {
    fn drop(&mut self) {
        let mut state = self.0.state();
        state.is_fetching = false;
        let waiting = mem::take(&mut state.waiting);
        drop(state);
        waiting.into_iter().for_each(Waker::wake);
    }
}

/// Nothing here can leave its data half changed, so a panic elsewhere does not matter.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use std::{
        cell::Cell,
        pin::{Pin, pin},
        task::Context,
    };

    use super::*;
    use crate::test::block_on;

    fn token(text: &str, secs: u64) -> Result<Token, String> {
        Ok(Token { text: Secret::new(text.into()), life: Duration::from_secs(secs) })
    }

    fn polled<F: Future>(future: Pin<&mut F>) -> Poll<F::Output> {
        future.poll(&mut Context::from_waker(Waker::noop()))
    }

    #[test]
    fn a_token_is_fetched_once_and_again_shortly_before_it_expires() {
        let (store, fetched) = (TokenStore::default(), Cell::new(0));
        let at = |secs| {
            let fetch = async {
                fetched.set(fetched.get() + 1);
                token("t", 3600)
            };
            block_on(store.token("a", Duration::from_secs(secs), fetch)).unwrap();
            fetched.get()
        };
        assert_eq!([at(0), at(3299), at(3300), at(3301)], [1, 1, 2, 2]);
    }

    #[test]
    fn who_asks_while_it_is_fetched_waits_for_the_same_fetch_and_learns_of_its_failure() {
        let store = TokenStore::default();
        let (answer, done) = (Cell::new(None), Duration::ZERO);
        let slow = || store.token("a", done, poll_fn(|_| answer.take().map_or(Poll::Pending, Poll::Ready)));
        let never = || store.token("a", done, async { panic!("a second fetch") });
        let (mut first, mut second) = (pin!(slow()), pin!(never()));
        assert!(polled(first.as_mut()).is_pending() && polled(second.as_mut()).is_pending());
        answer.set(Some(Err("down".to_owned())));
        assert!(matches!(polled(first), Poll::Ready(Err(why)) if why == "down"));
        assert!(matches!(polled(second), Poll::Ready(Err(why)) if why == "down"));
        // The next to ask tries again.
        answer.set(Some(token("t", 60)));
        assert_eq!(&**block_on(slow()).unwrap().expose(), "t");
    }

    #[test]
    fn a_fetch_that_is_given_up_is_taken_over() {
        let store = TokenStore::default();
        let mut first = Box::pin(store.token("a", Duration::ZERO, std::future::pending()));
        assert!(polled(first.as_mut()).is_pending());
        let mut second = pin!(store.token("a", Duration::ZERO, async { token("t", 60) }));
        assert!(polled(second.as_mut()).is_pending());
        drop(first);
        assert!(matches!(polled(second), Poll::Ready(Ok(_))));
    }
}
