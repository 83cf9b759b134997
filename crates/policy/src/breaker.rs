//! [`BreakerRule`]: when a backend is left alone, and for how long.

use std::{ops::RangeInclusive, time::Duration};

use crate::{Status, outbound::OutboundErrorKind};

/// The rule of a backend's circuit breaker, as its entity states it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BreakerRule {
    /// Trips at this many failures within [`Self::interval`].
    pub count: Option<u32>,
    /// Trips once this share of the calls within [`Self::interval`], in per cent, are failures.
    pub percentage: Option<u32>,
    /// How far back calls count.
    pub interval: Duration,
    /// Statuses that are failures.
    pub statuses: Box<[RangeInclusive<u16>]>,
    /// Whether an answer that does not come in time is a failure.
    pub timeouts: bool,
    /// Whether no connection, or one that breaks, is a failure.
    pub connections: bool,
    /// How long the breaker stays open.
    pub trip: Duration,
    /// Whether `Retry-After` of the answer that trips it goes before [`Self::trip`].
    pub accept_retry_after: bool,
    /// What callers read while it is open, instead of 503.
    pub failure_status: Option<Status>,
}

impl BreakerRule {
    /// Whether a call failed; `None` if it says nothing about the backend.
    pub fn judge(&self, outcome: Result<Status, OutboundErrorKind>) -> Option<bool> {
        match outcome {
            Ok(status) => Some(self.statuses.iter().any(|range| range.contains(&status.code()))),
            Err(OutboundErrorKind::Timeout) => Some(self.timeouts),
            Err(OutboundErrorKind::Connection | OutboundErrorKind::Protocol) => Some(self.connections),
            Err(
                OutboundErrorKind::Address | OutboundErrorKind::RequestBody | OutboundErrorKind::Unavailable { .. },
            ) => None,
        }
    }
}
