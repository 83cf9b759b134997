//! The bounded queue between one worker and the reader.

use std::{
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
        mpsc::{Receiver, SyncSender, sync_channel},
    },
    time::Duration,
};

use policy::{
    ExchangeRecord, Status,
    metrics::{Emitted, Metrics},
};

use crate::tally::{Board, Names, Number, SeriesId, Tally};

/// Records that wait for the reader, at most. The reader comes every few milliseconds.
const CAPACITY: usize = 4096;

/// The writing end. It stays on its worker.
pub struct Recorder {
    records: SyncSender<Told>,
    numbers: Arc<Numbers>,
    tally: Tally,
    logs: bool,
}

/// What a worker tells.
pub(crate) enum Told {
    /// An exchange is over.
    Exchange(Box<ExchangeRecord>),
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
    board: Board,
}

/// Written by one worker only, so no core waits for another.
#[derive(Default)]
struct Numbers {
    began: Number,
    ended: Number,
    connections: AtomicI64,
    dropped: AtomicI64,
}

pub(crate) fn pair(logs: bool) -> (Recorder, Queue) {
    let (send, receive) = sync_channel(CAPACITY);
    let numbers = Arc::<Numbers>::default();
    let tally = Tally::default();
    let queue = Queue { records: receive, numbers: Arc::clone(&numbers), board: tally.board() };
    (Recorder { records: send, numbers, tally, logs }, queue)
}

impl Recorder {
    /// Whether someone reads records. If not, they need not be made.
    pub fn wants_records(&self) -> bool {
        self.logs
    }

    /// An exchange began.
    pub fn began(&self) {
        self.numbers.began.add(1);
    }

    /// Where exchanges with these names and that status are counted.
    pub fn series(&self, names: Names<'_>, status: Status) -> SeriesId {
        self.tally.find(names, status)
    }

    /// An exchange is over, which took `whole`, and waited for backends so long if it called one. To be called once for each
    /// [`Recorder::began`].
    pub fn ended(
        &self,
        series: SeriesId,
        whole: Duration,
        backend: Option<Duration>,
        record: Option<Box<ExchangeRecord>>,
    ) {
        self.numbers.ended.add(1);
        self.tally.count(series, whole, backend);
        if let Some(record) = record {
            tell(&self.records, &self.numbers, Told::Exchange(record));
        }
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

    pub(crate) fn board(&self) -> &Board {
        &self.board
    }

    pub(crate) fn in_flight(&self) -> i64 {
        // In this order nothing has ended that had not begun.
        let ended = self.numbers.ended.read();
        self.numbers.began.read().wrapping_sub(ended) as i64
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
        let (recorder, queue) = pair(true);
        let series = recorder.series(Names::default(), Status::OK);
        for _ in 0..CAPACITY + 3 {
            recorder.began();
            recorder.ended(series, Duration::ZERO, None, Some(Box::default()));
        }
        let mut read = 0;
        queue.drain(|_| read += 1);
        assert_eq!((read, queue.dropped(), queue.in_flight()), (CAPACITY, 3, 0));
    }
}
