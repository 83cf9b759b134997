//! Readers of the exchange record: access log and metrics.
//!
//! A worker counts its exchanges itself. For the access log it puts each record into a bounded queue of its own and goes
//! on; one thread reads all queues. A full queue drops the record and counts it: telemetry never slows a request down.

mod access_log;
mod emitted;
mod metrics;
mod queue;
mod redact;
mod tally;
mod trace;
mod trace_store;

use std::{
    io::Write,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, AtomicU64, Ordering},
        mpsc,
    },
    thread::{self, JoinHandle},
    time::Duration,
};

pub use access_log::Format;
pub use queue::{Emitter, Recorder};
pub use redact::redact;
pub use tally::{Names, SeriesId};
pub use trace::{instant, instant_text, trace_json};
pub use trace_store::{DebugApi, TRACE_LIFETIME, TraceStore, Verdict};

use crate::{
    access_log::AccessLog,
    emitted::Sums,
    queue::{Queue, Told},
};

/// How often the queues are looked at. Workers never wake the reader: that would cost each request a system call.
const INTERVAL: Duration = Duration::from_millis(20);

/// Where the access log goes.
pub struct AccessLogSettings {
    /// How a line looks.
    pub format: Format,
    /// Standard output, or a file that the composition root opened.
    pub output: Box<dyn Write + Send>,
}

/// Appends metric families in the OpenMetrics text format, without the end mark.
type Families = Box<dyn Fn(&mut String) + Send + Sync>;

/// The reading side, and the numbers that are not of one exchange.
pub struct Telemetry {
    shared: Arc<Shared>,
    reader: Mutex<Option<JoinHandle<()>>>,
    logs: bool,
}

struct Shared {
    queues: Mutex<Vec<Queue>>,
    emitted: Sums,
    /// Families that others keep.
    others: Mutex<Vec<Families>>,
    snapshot_position: AtomicU64,
    publish_failures: AtomicU64,
    stop: AtomicBool,
    /// Whoever waits for everything recorded so far to be read.
    waiting: Mutex<Vec<mpsc::Sender<()>>>,
}

impl Telemetry {
    /// Starts the reader. Without an access log only metrics are kept.
    pub fn start(access_log: Option<AccessLogSettings>) -> Self {
        let shared = Arc::new(Shared {
            queues: Mutex::default(),
            emitted: Sums::default(),
            others: Mutex::default(),
            snapshot_position: AtomicU64::new(0),
            publish_failures: AtomicU64::new(0),
            stop: AtomicBool::new(false),
            waiting: Mutex::default(),
        });
        let logs = access_log.is_some();
        let log = access_log.map(|AccessLogSettings { format, output }| AccessLog::new(format, output));
        let reading = Arc::clone(&shared);
        let reader = thread::Builder::new().name("telemetry".into()).spawn(move || read(&reading, log));
        // Without the thread the queues fill up, drop and count: the metrics say what is wrong.
        let reader = reader.inspect_err(|error| tracing::error!(%error, "telemetry cannot start its thread")).ok();
        Self { shared, reader: Mutex::new(reader), logs }
    }

    /// A queue for one worker.
    pub fn recorder(&self) -> Recorder {
        let (recorder, queue) = queue::pair(self.logs);
        lock(&self.shared.queues).push(queue);
        recorder
    }

    /// From now on [`Telemetry::render`] has the families that `render` appends in the OpenMetrics text format, without an end mark.
    pub fn add(&self, render: impl Fn(&mut String) + Send + Sync + 'static) {
        lock(&self.shared.others).push(Box::new(render));
    }

    /// The local snapshot has reached `position` of the store's feed.
    pub fn snapshot_published(&self, position: u64) {
        self.shared.snapshot_position.store(position, Ordering::Relaxed);
    }

    /// Open connections of clients.
    pub fn connections(&self) -> u64 {
        lock(&self.shared.queues).iter().map(Queue::connections).sum::<i64>().unsigned_abs()
    }

    /// A change could not be published.
    pub fn publish_failed(&self) {
        self.shared.publish_failures.fetch_add(1, Ordering::Relaxed);
    }

    /// All metrics as Prometheus reads them (OpenMetrics text), up to date. It waits for the reader: do not call it on a worker.
    pub fn render(&self) -> String {
        self.flush();
        let shared = &self.shared;
        let queues = lock(&shared.queues);
        let sum = |of: fn(&Queue) -> i64| queues.iter().map(of).sum::<i64>();
        let process = metrics::Process {
            in_flight: sum(Queue::in_flight),
            connections: sum(Queue::connections),
            dropped: sum(Queue::dropped).unsigned_abs(),
            snapshot_position: shared.snapshot_position.load(Ordering::Relaxed),
            publish_failures: shared.publish_failures.load(Ordering::Relaxed),
        };
        metrics::render(&process, queues.iter().map(Queue::board), |text| {
            shared.emitted.render(text);
            lock(&shared.others).iter().for_each(|render| render(text));
        })
    }

    /// The content type of [`Telemetry::render`].
    pub const CONTENT_TYPE: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

    /// Waits until everything recorded before this call is in the log and in the metrics.
    pub fn flush(&self) {
        let (done, wait) = mpsc::channel();
        lock(&self.shared.waiting).push(done);
        self.wake();
        // An error says that the reader is gone: there is nothing to wait for.
        let _ = wait.recv();
    }

    fn wake(&self) {
        match lock(&self.reader).as_ref() {
            Some(reader) => reader.thread().unpark(),
            None => lock(&self.shared.waiting).clear(),
        }
    }
}

impl Drop for Telemetry {
    fn drop(&mut self) {
        self.shared.stop.store(true, Ordering::Relaxed);
        self.wake();
        if let Some(reader) = lock(&self.reader).take() {
            let _ = reader.join();
        }
    }
}

fn read(shared: &Shared, mut log: Option<AccessLog>) {
    loop {
        // Read before the queues: whoever asks now is answered after what was recorded before.
        let stopping = shared.stop.load(Ordering::Relaxed);
        let waiting = std::mem::take(&mut *lock(&shared.waiting));
        let queues = lock(&shared.queues);
        for queue in queues.iter() {
            queue.drain(|told| match told {
                Told::Exchange(record) => {
                    if let Some(log) = &mut log {
                        log.write(&record);
                    }
                }
                Told::Emitted(metric) => shared.emitted.add(metric),
            });
        }
        drop(queues);
        if let Some(log) = &mut log {
            log.flush();
        }
        for done in waiting {
            let _ = done.send(());
        }
        if stopping {
            return;
        }
        thread::park_timeout(INTERVAL);
    }
}

/// Nothing here can leave its data half changed, so a panic elsewhere does not matter.
fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
