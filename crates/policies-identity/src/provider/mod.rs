//! OpenID providers: their key sets, kept for the whole process.
//!
//! A set holds for an hour. A token that names a key that is not in it may ask for a newer one, once in five minutes;
//! so long is a failed fetch not repeated either, and until one succeeds the old keys stay. Whoever needs a set while it is
//! fetched waits for that fetch and starts none.

mod document;

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock},
    time::Duration,
};

use arc_swap::ArcSwapOption;
use policy::{Url, exchange::HostParts};
use tokio::sync::Mutex as Turn;

pub(crate) use document::{Key, KeySet};

/// How long a key set holds.
const LIFETIME: Duration = Duration::from_hours(1);
/// How long after an extra or a failed fetch the next one is.
const PATIENCE: Duration = Duration::from_mins(5);
/// Expressions may name any number of tenants; past this the registry starts again.
const MOST: usize = 1000;

/// The providers by the URL of their configuration.
#[derive(Default)]
pub(crate) struct Providers(RwLock<HashMap<Box<str>, Arc<Provider>>>);

impl Providers {
    /// The provider whose configuration is at `url`.
    pub(crate) fn at(&self, url: &Url) -> Arc<Provider> {
        let name = url.to_string();
        let known = self.0.read().unwrap_or_else(PoisonError::into_inner).get(name.as_str()).cloned();
        known.unwrap_or_else(|| {
            let mut all = self.0.write().unwrap_or_else(PoisonError::into_inner);
            if all.len() >= MOST {
                all.clear();
            }
            Arc::clone(all.entry(name.into()).or_insert_with(|| Arc::new(Provider::new(url.clone()))))
        })
    }
}

/// One provider.
pub(crate) struct Provider {
    url: Url,
    keys: ArcSwapOption<KeySet>,
    times: Mutex<Times>,
    /// Whose turn it is to fetch.
    turn: Turn<()>,
}

/// On the clock that never goes back.
#[derive(Default)]
struct Times {
    fetched: Option<Duration>,
    failed: Option<Duration>,
    /// When a token last asked for newer keys.
    asked: Option<Duration>,
}

impl Provider {
    fn new(url: Url) -> Self {
        Self { url, keys: ArcSwapOption::empty(), times: Mutex::default(), turn: Turn::default() }
    }

    /// The key set, fetched where it must be, and whether that was now. None if there has never been one.
    pub(crate) async fn keys(&self, host: &HostParts) -> Option<(Arc<KeySet>, bool)> {
        let is_stale = self.is_stale(host);
        if is_stale {
            let _turn = self.turn.lock().await;
            // Whoever had the turn before may have fetched it.
            if self.is_stale(host) {
                self.fetch(host).await;
            }
        }
        Some((self.keys.load_full()?, is_stale))
    }

    /// A newer key set than `seen`, if there is one or one may be fetched now.
    pub(crate) async fn newer(&self, host: &HostParts, seen: &Arc<KeySet>) -> Option<Arc<KeySet>> {
        let newer = || self.keys.load_full().filter(|keys| !Arc::ptr_eq(keys, seen));
        if let Some(keys) = newer() {
            return Some(keys);
        }
        if self.may_ask(host) {
            let _turn = self.turn.lock().await;
            if newer().is_none() && self.may_ask(host) {
                self.times().asked = Some(host.clock.monotonic());
                self.fetch(host).await;
            }
        }
        newer()
    }

    /// Whether the set has to be fetched, and may be.
    fn is_stale(&self, host: &HostParts) -> bool {
        let times = self.times();
        is_over(times.fetched, LIFETIME, host) && is_over(times.failed, PATIENCE, host)
    }

    fn may_ask(&self, host: &HostParts) -> bool {
        let times = self.times();
        is_over(times.asked, PATIENCE, host) && is_over(times.failed, PATIENCE, host)
    }

    async fn fetch(&self, host: &HostParts) {
        let fetched = document::fetch(host, &self.url).await;
        let now = host.clock.monotonic();
        let mut times = self.times();
        match fetched {
            Ok(keys) => {
                times.fetched = Some(now);
                times.failed = None;
                self.keys.store(Some(Arc::new(keys)));
            }
            Err(why) => {
                times.failed = Some(now);
                let kept = self.keys.load().is_some();
                tracing::warn!(%why, kept, "the keys of an OpenID provider cannot be fetched");
            }
        }
    }

    fn times(&self) -> MutexGuard<'_, Times> {
        self.times.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn is_over(since: Option<Duration>, limit: Duration, host: &HostParts) -> bool {
    since.is_none_or(|since| host.clock.monotonic().saturating_sub(since) >= limit)
}
