//! How many connections the process holds to one place: all workers share the count, and wait in line once it is reached.

use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use policy::{OutboundError, Status, outbound::OutboundErrorKind};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// When whoever finds no connection is told to come back.
const COME_BACK: Duration = Duration::from_secs(1);

/// The bounds of one host and port.
pub(crate) struct Cap {
    place: Box<str>,
    permits: Arc<Semaphore>,
    most: usize,
    longest_line: usize,
    waiting: AtomicUsize,
    /// How often somebody was sent away.
    refused: AtomicUsize,
}

/// The right to one connection. Its end lets the next in line open one.
pub(crate) struct Permit(#[expect(dead_code, reason = "it counts while it is held")] OwnedSemaphorePermit);

/// A place in the line.
pub(crate) struct Place<'a>(&'a Cap);

impl Cap {
    pub(super) fn new(place: &str, most: usize, longest_line: usize) -> Self {
        let most = most.clamp(1, Semaphore::MAX_PERMITS);
        Self {
            place: place.into(),
            permits: Arc::new(Semaphore::new(most)),
            most,
            longest_line,
            waiting: AtomicUsize::new(0),
            refused: AtomicUsize::new(0),
        }
    }

    /// A permit, if one is free and nobody waits for it.
    pub(crate) fn enter(&self) -> Option<Permit> {
        Arc::clone(&self.permits).try_acquire_owned().ok().map(Permit)
    }

    /// Joins the line, unless that is too long.
    pub(crate) fn line_up(&self) -> Result<Place<'_>, OutboundError> {
        if self.waiting.fetch_add(1, Ordering::Relaxed) >= self.longest_line {
            self.waiting.fetch_sub(1, Ordering::Relaxed);
            return Err(self.full("and the line is full"));
        }
        Ok(Place(self))
    }

    /// Whether somebody waits for a connection.
    pub(crate) fn is_wanted(&self) -> bool {
        self.waiting.load(Ordering::Relaxed) > 0
    }

    /// How many wait, on all workers.
    pub(crate) fn waiting(&self) -> usize {
        self.waiting.load(Ordering::Relaxed)
    }

    pub(super) fn open(&self) -> usize {
        self.most.saturating_sub(self.permits.available_permits())
    }

    pub(super) fn refused(&self) -> usize {
        self.refused.load(Ordering::Relaxed)
    }

    /// What a caller learns who gets no connection.
    pub(crate) fn full(&self, why: &str) -> OutboundError {
        self.refused.fetch_add(1, Ordering::Relaxed);
        let kind = OutboundErrorKind::Unavailable { retry_after: Some(COME_BACK), status: Status::SERVICE_UNAVAILABLE };
        let (most, place) = (self.most, &self.place);
        OutboundError { kind, message: format!("All {most} connections to the backend {place} are in use, {why}.") }
    }
}

impl Place<'_> {
    /// Waits for its turn.
    pub(crate) async fn permit(&self) -> Option<Permit> {
        // It is never closed.
        Arc::clone(&self.0.permits).acquire_owned().await.ok().map(Permit)
    }
}

impl Drop for Place<'_> {
    fn drop(&mut self) {
        self.0.waiting.fetch_sub(1, Ordering::Relaxed);
    }
}
