//! The bounded queue between one worker and the reader.

use std::sync::{
    Arc,
    atomic::{AtomicI64, Ordering},
    mpsc::{Receiver, SyncSender, sync_channel},
};

use policy::{
    ExchangeRecord,
    metrics::{Emitted, Metrics},
};

/// Records that wait for the reader, at most. The reader comes every few milliseconds.
const CAPACITY: usize = 4096;

/// The writing end. It stays on its worker.
pub struct Recorder {
    records: SyncSender<Told>,
    numbers: Arc<Numbers>,
    logs: bool,
}

/// What a worker tells.
#[expect(clippy::large_enum_variant, reason = "nearly all are exchanges, and a box would cost each an allocation")]
pub(crate) enum Told {
    /// An exchange is over.
    Exchange(ExchangeRecord),
    /// A policy emitted a number.
    Emitted(Emitted),
}

/// The writing end for what policies emit.
pub struct Emitter {
    records: SyncSender<Told>,
    numbers: Arc<Numbers>,
}

/// The reading end.
pub(crate) struct Queue {
    records: Receiver<Told>,
    numbers: Arc<Numbers>,
}

/// Written by one worker only, so no core waits for another.
#[derive(Default)]
struct Numbers {
    in_flight: AtomicI64,
    connections: AtomicI64,
    dropped: AtomicI64,
}

pub(crate) fn pair(logs: bool) -> (Recorder, Queue) {
    let (send, receive) = sync_channel(CAPACITY);
    let numbers = Arc::<Numbers>::default();
    (Recorder { records: send, numbers: Arc::clone(&numbers), logs }, Queue { records: receive, numbers })
}

impl Recorder {
    /// Whether someone reads more of a record than its numbers and names. If not, its texts need not be made.
    pub fn wants_texts(&self) -> bool {
        self.logs
    }

    /// An exchange began.
    pub fn began(&self) {
        self.numbers.in_flight.fetch_add(1, Ordering::Relaxed);
    }

    /// An exchange is over. To be called once for each [`Recorder::began`].
    pub fn ended(&self, record: ExchangeRecord) {
        self.numbers.in_flight.fetch_sub(1, Ordering::Relaxed);
        tell(&self.records, &self.numbers, Told::Exchange(record));
    }

    /// For what policies of this worker emit.
    pub fn emitter(&self) -> Emitter {
        Emitter { records: self.records.clone(), numbers: Arc::clone(&self.numbers) }
    }

    /// A connection was accepted.
    pub fn connected(&self) {
        self.numbers.connections.fetch_add(1, Ordering::Relaxed);
    }

    /// A connection is closed.
    pub fn disconnected(&self) {
        self.numbers.connections.fetch_sub(1, Ordering::Relaxed);
    }
}

impl Metrics for Emitter {
    fn emit(&self, metric: Emitted) {
        tell(&self.records, &self.numbers, Told::Emitted(metric));
    }
}

fn tell(records: &SyncSender<Told>, numbers: &Numbers, told: Told) {
    if records.try_send(told).is_err() {
        numbers.dropped.fetch_add(1, Ordering::Relaxed);
    }
}

impl Queue {
    pub(crate) fn drain(&self, each: impl FnMut(Told)) {
        // One full queue at a time, so that a busy worker does not keep the reader from the others.
        self.records.try_iter().take(CAPACITY).for_each(each);
    }

    pub(crate) fn in_flight(&self) -> i64 {
        self.numbers.in_flight.load(Ordering::Relaxed)
    }

    pub(crate) fn connections(&self) -> i64 {
        self.numbers.connections.load(Ordering::Relaxed)
    }

    pub(crate) fn dropped(&self) -> i64 {
        self.numbers.dropped.load(Ordering::Relaxed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_full_queue_drops_and_counts() {
        let (recorder, queue) = pair(false);
        for _ in 0..CAPACITY + 3 {
            recorder.began();
            recorder.ended(ExchangeRecord::default());
        }
        let mut read = 0;
        queue.drain(|_| read += 1);
        assert_eq!((read, queue.dropped(), queue.in_flight()), (CAPACITY, 3, 0));
    }
}
