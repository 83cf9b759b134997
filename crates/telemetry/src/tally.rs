//! What a worker counts of its exchanges.
//!
//! A worker is the only one that writes its numbers: it reads one and writes the next, which takes neither a lock nor a locked
//! instruction. Whoever scrapes reads the numbers of all workers and adds them up.

use std::{
    cell::{Cell, RefCell},
    collections::HashMap,
    sync::{
        Arc, Mutex,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use foldhash::fast::RandomState;
use policy::Status;

use crate::lock;

/// The bounds of histograms: from a gateway that answers by itself to a backend that thinks for a minute.
pub(crate) const BOUNDS: [Duration; 14] = [
    Duration::from_micros(500),
    Duration::from_millis(1),
    Duration::from_micros(2500),
    Duration::from_millis(5),
    Duration::from_millis(10),
    Duration::from_millis(25),
    Duration::from_millis(50),
    Duration::from_millis(100),
    Duration::from_millis(250),
    Duration::from_millis(500),
    Duration::from_secs(1),
    Duration::from_secs(5),
    Duration::from_secs(15),
    Duration::from_mins(1),
];

/// Past this many remembered addresses the memory starts again: a new snapshot brings new names.
const MOST_KNOWN: usize = 100_000;

/// What an exchange is counted under, as far as it got.
#[derive(Clone, Copy, Default)]
#[expect(missing_docs, reason = "the names are those of the record")]
pub struct Names<'a> {
    pub service: Option<&'a Arc<str>>,
    pub workspace: Option<&'a Arc<str>>,
    pub api: Option<&'a Arc<str>>,
    pub operation: Option<&'a Arc<str>>,
}

/// A place in the tally of the worker that found it.
#[derive(Clone, Copy, Debug)]
pub struct SeriesId(usize);

/// What tells series apart.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct Labels {
    pub(crate) service: Arc<str>,
    pub(crate) workspace: Arc<str>,
    pub(crate) api: Arc<str>,
    pub(crate) operation: Arc<str>,
    pub(crate) status: &'static str,
}

/// The exchanges of one operation and status class.
pub(crate) struct Series {
    pub(crate) labels: Labels,
    pub(crate) requests: Number,
    /// Shared with the other operations of the API.
    pub(crate) times: Arc<Times>,
}

/// How long the exchanges of an API took.
#[derive(Default)]
pub(crate) struct Times {
    pub(crate) whole: Durations,
    pub(crate) backend: Durations,
}

/// A histogram.
#[derive(Default)]
pub(crate) struct Durations {
    /// How many lie between two bounds; the last ones lie past all of them.
    pub(crate) counts: [Number; BOUNDS.len() + 1],
    /// Their sum in nanoseconds.
    pub(crate) nanos: Number,
}

impl Durations {
    fn observe(&self, duration: Duration) {
        let at = BOUNDS.iter().position(|bound| duration <= *bound).unwrap_or(BOUNDS.len());
        if let Some(count) = self.counts.get(at) {
            count.add(1);
        }
        self.nanos.add(u64::try_from(duration.as_nanos()).unwrap_or(u64::MAX));
    }
}

/// A number that one thread writes.
#[derive(Default)]
pub(crate) struct Number(AtomicU64);

impl Number {
    pub(crate) fn add(&self, by: u64) {
        self.0.store(self.0.load(Ordering::Relaxed).wrapping_add(by), Ordering::Relaxed);
    }

    pub(crate) fn read(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }
}

/// All series of a worker, as others see them.
pub(crate) type Board = Arc<Mutex<Vec<Arc<Series>>>>;

/// The writing side.
#[derive(Default)]
pub(crate) struct Tally {
    /// What was asked for last: mostly it is asked for again.
    last: Cell<Option<(Key, SeriesId)>>,
    index: RefCell<Index>,
    board: Board,
}

/// Names by where they are in memory, and the class of the status.
type Key = [usize; 5];

struct Known {
    /// Kept, so that the addresses they are found by stay theirs.
    _names: [Option<Arc<str>>; 4],
    series: SeriesId,
}

#[derive(Default)]
struct Index {
    series: Vec<Arc<Series>>,
    by_address: HashMap<Key, Known, RandomState>,
    by_labels: HashMap<Labels, SeriesId>,
    times: HashMap<[Arc<str>; 3], Arc<Times>>,
}

impl Tally {
    pub(crate) fn board(&self) -> Board {
        Arc::clone(&self.board)
    }

    /// The series of exchanges with these names and that status.
    pub(crate) fn find(&self, names: Names<'_>, status: Status) -> SeriesId {
        let names = [names.service, names.workspace, names.api, names.operation];
        let [service, workspace, api, operation] =
            names.map(|name| name.map_or(0, |name| Arc::as_ptr(name).cast::<u8>() as usize));
        let key = [service, workspace, api, operation, usize::from(status.code() / 100)];
        if let Some((last, series)) = self.last.get()
            && last == key
        {
            return series;
        }
        let series = self.index.borrow_mut().find(key, names, status, &self.board);
        self.last.set(Some((key, series)));
        series
    }

    /// Counts an exchange that took `whole`, and waited for backends so long if it called one.
    pub(crate) fn count(&self, series: SeriesId, whole: Duration, backend: Option<Duration>) {
        let index = self.index.borrow();
        let Some(series) = index.series.get(series.0) else { return };
        series.requests.add(1);
        series.times.whole.observe(whole);
        if let Some(backend) = backend {
            series.times.backend.observe(backend);
        }
    }
}

impl Index {
    fn find(&mut self, key: Key, names: [Option<&Arc<str>>; 4], status: Status, board: &Board) -> SeriesId {
        if let Some(known) = self.by_address.get(&key) {
            return known.series;
        }
        let [service, workspace, api, operation] = names.map(|name| name.cloned().unwrap_or_default());
        let labels = Labels { service, workspace, api, operation, status: class(status.code()) };
        let series = match self.by_labels.get(&labels) {
            Some(series) => *series,
            None => self.add(labels, board),
        };
        if self.by_address.len() >= MOST_KNOWN {
            self.by_address.clear();
        }
        self.by_address.insert(key, Known { _names: names.map(Option::<&Arc<str>>::cloned), series });
        series
    }

    fn add(&mut self, labels: Labels, board: &Board) -> SeriesId {
        let api = [&labels.service, &labels.workspace, &labels.api].map(Arc::clone);
        let times = Arc::clone(self.times.entry(api).or_default());
        let id = SeriesId(self.series.len());
        self.by_labels.insert(labels.clone(), id);
        let series = Arc::new(Series { labels, requests: Number::default(), times });
        self.series.push(Arc::clone(&series));
        lock(board).push(series);
        id
    }
}

fn class(code: u16) -> &'static str {
    match code / 100 {
        1 => "1xx",
        2 => "2xx",
        3 => "3xx",
        4 => "4xx",
        5 => "5xx",
        _ => "other",
    }
}
