//! Closing the kept connections of a backend when its owner asks for it.

use std::{
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use policy::Url;

use super::{Backends, lock};
use crate::TICK;

/// Requests are kept until every worker has ticked since.
const KEPT: Duration = Duration::from_mins(1);

/// What is to be closed.
#[derive(Default)]
pub(super) struct Reconnects {
    /// So that a worker that ticks meets no lock.
    any: AtomicBool,
    requests: Mutex<Vec<Reconnect>>,
}

/// Connections to `host:port` that were opened before `at` take no request from then on.
#[derive(Clone)]
pub(crate) struct Reconnect {
    pub(crate) host: Arc<str>,
    pub(crate) port: u16,
    pub(crate) at: Duration,
}

impl Reconnects {
    pub(super) fn add(&self, url: &Url, at: Duration) {
        // A worker may be in the middle of a tick.
        let at = at.saturating_add(2 * TICK);
        lock(&self.requests).push(Reconnect { host: Arc::clone(&url.host), port: url.port, at });
        self.any.store(true, Ordering::Release);
    }
}

impl Backends {
    /// The requests whose time came after `last`, the previous tick of a worker, and by `now`.
    pub(crate) fn reconnects(&self, last: Duration, now: Duration) -> Vec<Reconnect> {
        let Reconnects { any, requests } = &self.reconnects;
        if !any.load(Ordering::Acquire) {
            return Vec::new();
        }
        let mut requests = lock(requests);
        requests.retain(|request| request.at.saturating_add(KEPT) > last);
        any.store(!requests.is_empty(), Ordering::Release);
        requests.iter().filter(|request| last < request.at && request.at <= now).cloned().collect()
    }
}
