//! [`Backends`]: what the process knows of its backends, whatever worker asks and however often they are published.

mod breaker;
mod cap;
mod choose;
mod reconnect;
mod render;

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock},
    time::Duration,
};

use policy::entity::Backend;

use crate::fabric::Partitions;

use breaker::Breaker;
pub(crate) use breaker::Call;
pub(crate) use cap::{Cap, Permit};
use choose::Rotation;
pub(crate) use choose::choose;
use reconnect::Reconnects;

/// Open breakers, the turn of each pool, connections to be closed, by the backends' ids; and how many connections there are to each
/// host and port. All of it holds for all workers.
#[derive(Default)]
pub struct Backends {
    breakers: Known<Breaker>,
    rotations: Known<Rotation>,
    reconnects: Reconnects,
    /// By host and port.
    caps: Known<Cap>,
    pub(crate) partitions: Partitions,
}

type Known<T> = RwLock<HashMap<Arc<str>, Arc<T>>>;

impl Backends {
    /// The breaker of a backend, if it has one. Its state stays for as long as its rule does.
    pub(crate) fn breaker<'a>(&self, backend: &'a Backend) -> Option<&'a Arc<Breaker>> {
        let rule = backend.breaker.as_ref()?;
        let fits = |known: &Breaker| known.is_of(rule);
        backend.known.of(|| shared(&self.breakers, &backend.key, fits, || Breaker::new(Arc::clone(rule))))
    }

    /// How long a backend is left alone from now on; `None` if it may be called.
    pub(crate) fn closed_for(&self, backend: &Backend, now: Duration) -> Option<Duration> {
        self.breaker(backend)?.left(now)
    }

    /// The ids of the backends that are left alone, and for how long from now on.
    pub fn open(&self, now: Duration) -> Vec<(Arc<str>, Duration)> {
        let breakers = self.breakers.read().unwrap_or_else(PoisonError::into_inner);
        let open = breakers.iter().filter_map(|(key, breaker)| Some((Arc::clone(key), breaker.left(now)?)));
        let mut open: Vec<_> = open.collect();
        open.sort();
        open
    }

    fn rotation<'a>(&self, pool: &'a Backend) -> Option<&'a Arc<Rotation>> {
        pool.known.of(|| shared(&self.rotations, &pool.key, |_| true, Rotation::default))
    }

    /// The bounds of the connections to `host:port`; the first who asks says what they are.
    pub(crate) fn cap(&self, host: &str, port: u16, most: usize, longest_line: usize) -> Arc<Cap> {
        let place = format!("{}:{port}", host.to_ascii_lowercase());
        shared(&self.caps, &Arc::from(&*place), |_| true, || Cap::new(&place, most, longest_line))
    }

    /// Forgets what belongs to backends that are no more, `is_there` says which are, and to places that nobody calls.
    pub fn keep(&self, is_there: impl Fn(&str) -> bool) {
        self.breakers.write().unwrap_or_else(PoisonError::into_inner).retain(|key, _| is_there(key));
        self.rotations.write().unwrap_or_else(PoisonError::into_inner).retain(|key, _| is_there(key));
        self.caps.write().unwrap_or_else(PoisonError::into_inner).retain(|_, cap| Arc::strong_count(cap) > 1);
    }

    /// Closes the kept connections to the host of `url` at `at`, on the host's monotonic clock. What is under way ends first.
    pub fn reconnect(&self, url: &policy::Url, at: Duration) {
        self.reconnects.add(url, at);
    }
}

impl std::fmt::Debug for Backends {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Backends")
    }
}

fn shared<T>(all: &Known<T>, key: &Arc<str>, fits: impl Fn(&T) -> bool, make: impl FnOnce() -> T) -> Arc<T> {
    if let Some(known) = all.read().unwrap_or_else(PoisonError::into_inner).get(key).filter(|known| fits(known)) {
        return Arc::clone(known);
    }
    let mut all = all.write().unwrap_or_else(PoisonError::into_inner);
    if let Some(known) = all.get(key).filter(|known| fits(known)) {
        return Arc::clone(known);
    }
    let made = Arc::new(make());
    all.insert(Arc::clone(key), Arc::clone(&made));
    made
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
