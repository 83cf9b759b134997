//! [`Offload`]: threads for work that would keep a worker from its other connections.
//!
//! A worker is one thread with many connections. What may take longer than its turn runs here instead, on threads that
//! serve nobody, while the exchange that needs it waits as it would for a backend.

use std::{
    collections::VecDeque,
    future::Future,
    num::NonZero,
    panic::{AssertUnwindSafe, catch_unwind},
    pin::Pin,
    sync::{
        Arc, Condvar, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, AtomicU64, Ordering::Relaxed},
    },
    task::{Context, Poll, Waker},
    thread,
    time::Duration,
};

/// How long work may take, and where.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Budget {
    /// How long a worker works on one thing while its other connections wait. Zero: what may take long never runs on a
    /// worker. `None`: it always does.
    pub turn: Option<Duration>,
    /// How long an evaluation may take in all; past it, it is a fault.
    pub most: Duration,
    /// How many threads there are for what takes longer than its turn.
    pub threads: usize,
    /// How much of it may wait for a thread; beyond, it is refused.
    pub waiting: usize,
}

impl Default for Budget {
    /// A turn of 2 ms, 5 s in all, a thread for each core, 256 in the queue.
    fn default() -> Self {
        Self {
            turn: Some(Duration::from_millis(2)),
            most: Duration::from_secs(5),
            threads: thread::available_parallelism().map_or(1, NonZero::get),
            waiting: 256,
        }
    }
}

/// The threads, which all workers share. They start when they are first needed, and end with this.
pub struct Offload {
    budget: Budget,
    queue: Arc<Queue>,
    begin: fn(),
    moved: AtomicU64,
    refused: AtomicU64,
}

/// What has happened since the start.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Moved {
    /// How much work left its worker.
    pub moved: u64,
    /// How much was refused, because too much was waiting.
    pub refused: u64,
    /// How much waits for a thread now.
    pub waiting: usize,
}

impl Moved {
    /// Appends it as metrics in the OpenMetrics text format.
    pub fn render(&self, text: &mut String) {
        let Self { moved, refused, waiting } = self;
        text.push_str(&format!(
            "# HELP tollgate_long_work Work that took longer than its turn on a worker.\n\
             # TYPE tollgate_long_work counter\n\
             tollgate_long_work_total{{outcome=\"moved\"}} {moved}\n\
             tollgate_long_work_total{{outcome=\"refused\"}} {refused}\n\
             # HELP tollgate_long_work_waiting Work that waits for a thread.\n\
             # TYPE tollgate_long_work_waiting gauge\n\
             tollgate_long_work_waiting {waiting}\n"
        ));
    }
}

/// Too much waits already.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Full;

/// Says whether somebody still waits for what is being done.
#[derive(Clone, Debug, Default)]
pub struct Wanted(Arc<AtomicBool>);

impl Wanted {
    /// Whether nobody does.
    pub fn is_abandoned(&self) -> bool {
        self.0.load(Relaxed)
    }
}

type Job = Box<dyn FnOnce() + Send>;

#[derive(Default)]
struct Queue {
    state: Mutex<State>,
    more: Condvar,
}

#[derive(Default)]
struct State {
    jobs: VecDeque<Job>,
    threads: usize,
    idle: usize,
    closed: bool,
}

impl Offload {
    /// No thread runs yet. Each calls `begin` first, which may make it one of low priority.
    pub fn new(budget: Budget, begin: fn()) -> Self {
        Self { budget, queue: Arc::default(), begin, moved: AtomicU64::new(0), refused: AtomicU64::new(0) }
    }

    /// How long work may take.
    pub fn budget(&self) -> &Budget {
        &self.budget
    }

    /// What has happened since the start.
    pub fn moved(&self) -> Moved {
        Moved {
            moved: self.moved.load(Relaxed),
            refused: self.refused.load(Relaxed),
            waiting: self.queue.lock().jobs.len(),
        }
    }

    /// Does `work` on one of the threads. The answer is `None` if it panicked.
    pub fn run<T: Send + 'static>(&self, work: impl FnOnce(&Wanted) -> T + Send + 'static) -> Result<Answer<T>, Full> {
        let slot = Arc::new(Slot(Mutex::default()));
        let wanted = Wanted::default();
        let (giver, asked) = (Giver(Arc::clone(&slot)), wanted.clone());
        let job = Box::new(move || {
            if !asked.is_abandoned() {
                let value = work(&asked);
                giver.give(value);
            }
        });
        let mut state = self.queue.lock();
        if state.jobs.len() >= self.budget.waiting.saturating_add(state.idle) {
            self.refused.fetch_add(1, Relaxed);
            return Err(Full);
        }
        state.jobs.push_back(job);
        if state.idle < state.jobs.len() && state.threads < self.budget.threads.max(1) {
            let (queue, begin) = (Arc::clone(&self.queue), self.begin);
            let started = thread::Builder::new().name("tollgate-long".to_owned()).spawn(move || {
                begin();
                queue.serve();
            });
            match started {
                Ok(_) => state.threads += 1,
                Err(_) if state.threads == 0 => {
                    state.jobs.pop_back();
                    return Err(Full);
                }
                // The other threads do it, later.
                Err(_) => {}
            }
        }
        drop(state);
        self.moved.fetch_add(1, Relaxed);
        self.queue.more.notify_one();
        Ok(Answer { slot, wanted })
    }
}

impl Drop for Offload {
    fn drop(&mut self) {
        self.queue.lock().closed = true;
        self.queue.more.notify_all();
    }
}

impl std::fmt::Debug for Offload {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Offload").field("budget", &self.budget).finish_non_exhaustive()
    }
}

impl Queue {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn serve(&self) {
        while let Some(job) = self.next() {
            // Whoever waits for it learns of the panic: the giver is dropped without having given.
            let _ = catch_unwind(AssertUnwindSafe(job));
        }
    }

    fn next(&self) -> Option<Job> {
        let mut state = self.lock();
        loop {
            if state.closed {
                return None;
            }
            if let Some(job) = state.jobs.pop_front() {
                return Some(job);
            }
            state.idle += 1;
            state = self.more.wait(state).unwrap_or_else(PoisonError::into_inner);
            state.idle -= 1;
        }
    }
}

/// What work on another thread gives; `None` if it panicked. Whoever drops it gives the work up.
pub struct Answer<T> {
    slot: Arc<Slot<T>>,
    wanted: Wanted,
}

struct Slot<T>(Mutex<Given<T>>);

struct Given<T> {
    value: Option<T>,
    is_over: bool,
    waker: Option<Waker>,
}

impl<T> Default for Given<T> {
    fn default() -> Self {
        Self { value: None, is_over: false, waker: None }
    }
}

impl<T> Slot<T> {
    fn lock(&self) -> MutexGuard<'_, Given<T>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<T> Future for Answer<T> {
    type Output = Option<T>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<T>> {
        let mut given = self.slot.lock();
        if given.is_over {
            return Poll::Ready(given.value.take());
        }
        given.waker = Some(cx.waker().clone());
        Poll::Pending
    }
}

impl<T> Drop for Answer<T> {
    fn drop(&mut self) {
        self.wanted.0.store(true, Relaxed);
    }
}

/// The other end of an [`Answer`].
struct Giver<T>(Arc<Slot<T>>);

impl<T> Giver<T> {
    fn give(self, value: T) {
        self.0.lock().value = Some(value);
    }
}

impl<T> Drop for Giver<T> {
    fn drop(&mut self) {
        let mut given = self.0.lock();
        given.is_over = true;
        let waker = given.waker.take();
        drop(given);
        waker.into_iter().for_each(Waker::wake);
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc;

    use super::*;
    use crate::test::block_on;

    fn offload(threads: usize, waiting: usize) -> Offload {
        Offload::new(Budget { threads, waiting, ..Budget::default() }, || {})
    }

    #[test]
    fn work_gives_what_it_gives_and_a_panic_gives_nothing() {
        let offload = offload(1, 10);
        let (panics, works) = (offload.run(|_| panic!("on purpose")), offload.run(|_| 7));
        assert_eq!(block_on(panics.unwrap()), None::<()>);
        assert_eq!(block_on(works.unwrap()), Some(7));
    }

    #[test]
    fn a_full_queue_refuses() {
        let offload = offload(1, 1);
        let (open, gate) = mpsc::channel::<()>();
        let (started, begun) = mpsc::channel();
        let first = offload.run(move |_| {
            started.send(()).unwrap();
            gate.recv().is_ok()
        });
        begun.recv().unwrap();
        let second = offload.run(|_| 2).unwrap();
        assert!(matches!(offload.run(|_| 3), Err(Full)));
        open.send(()).unwrap();
        assert_eq!((block_on(first.unwrap()), block_on(second)), (Some(true), Some(2)));
        assert_eq!(offload.moved(), Moved { moved: 2, refused: 1, waiting: 0 });
    }

    #[test]
    fn work_that_nobody_waits_for_learns_of_it() {
        let offload = offload(1, 10);
        let (open, gate) = mpsc::channel::<()>();
        let (told, heard) = mpsc::channel();
        let answer = offload.run(move |wanted| {
            gate.recv().unwrap();
            told.send(wanted.is_abandoned()).unwrap();
        });
        drop(answer);
        open.send(()).unwrap();
        // It may not have begun at all.
        assert!(heard.recv().unwrap_or(true));
    }
}
