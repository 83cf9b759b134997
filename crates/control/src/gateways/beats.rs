//! Heartbeats: which processes of which gateways there are, and how they are.

use std::{
    collections::BTreeMap,
    sync::{Mutex, PoisonError},
    time::Duration,
};

use replication::Heartbeat;
use store::Key;

use crate::{Control, GatewayCaller};

/// How long a process is remembered that is not heard of.
const REMEMBERED: Duration = Duration::from_hours(1);

/// How many processes are remembered, over all gateways.
const MOST: usize = 1000;

/// A process of a gateway, as it was heard of last.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Seen {
    /// The gateway's key in the store.
    pub key: Key,
    /// The gateway's name.
    pub gateway: String,
    /// How long ago it was heard of.
    pub ago: Duration,
    /// What it said.
    pub heartbeat: Heartbeat,
}

#[derive(Default)]
pub(super) struct Beats(Mutex<BTreeMap<(Key, String), (Duration, Seen)>>);

impl Control {
    /// Notes how a process of a gateway is.
    pub fn gateway_heartbeat(&self, caller: &GatewayCaller, heartbeat: Heartbeat) {
        let now = self.parts.clock.monotonic();
        let seen = Seen { key: caller.key.clone(), gateway: caller.name.clone(), ago: Duration::ZERO, heartbeat };
        let mut beats = self.gateways.beats.0.lock().unwrap_or_else(PoisonError::into_inner);
        beats.retain(|_, (at, _)| now.saturating_sub(*at) < REMEMBERED);
        let place = (caller.key.clone(), seen.heartbeat.instance.clone());
        if beats.len() < MOST || beats.contains_key(&place) {
            beats.insert(place, (now, seen));
        }
    }

    /// The processes of gateways that were heard of within the last hour.
    pub fn gateways_seen(&self) -> Vec<Seen> {
        let now = self.parts.clock.monotonic();
        let beats = self.gateways.beats.0.lock().unwrap_or_else(PoisonError::into_inner);
        let ago = beats.values().map(|(at, seen)| Seen { ago: now.saturating_sub(*at), ..seen.clone() });
        ago.filter(|seen| seen.ago < REMEMBERED).collect()
    }
}
