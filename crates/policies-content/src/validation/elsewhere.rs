//! Work that would keep a worker busy is done on threads of its own, so that other requests need not wait for it.

use std::{
    future::poll_fn,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{
        Arc, LazyLock, Mutex, PoisonError,
        mpsc::{self, Receiver, SyncSender},
    },
    task::{Poll, Waker},
    thread,
};

/// So much may wait for a thread; more is done where it comes up.
const QUEUE: usize = 256;

/// At most so many threads.
const THREADS: usize = 4;

type Job = Box<dyn FnOnce() + Send>;

static POOL: LazyLock<SyncSender<Job>> = LazyLock::new(|| {
    let (sender, receiver) = mpsc::sync_channel(QUEUE);
    let receiver = Arc::new(Mutex::new(receiver));
    let threads = thread::available_parallelism().map_or(1, |count| count.get().min(THREADS));
    for number in 0..threads {
        let receiver = Arc::clone(&receiver);
        let name = format!("content-{number}");
        // Without threads the queue has no other end, and work is done where it comes up.
        let _ = thread::Builder::new().name(name).spawn(move || work(&receiver));
    }
    sender
});

fn work(jobs: &Mutex<Receiver<Job>>) {
    loop {
        let job = jobs.lock().unwrap_or_else(PoisonError::into_inner).recv();
        let Ok(job) = job else { return };
        job();
    }
}

/// Where a result is left, and who waits for it.
struct Slot<T> {
    result: Option<Result<T, ()>>,
    waiting: Option<Waker>,
}

/// Does `task` on another thread. `None`: it panicked.
pub(crate) async fn elsewhere<T: Send + 'static>(task: impl FnOnce() -> T + Send + 'static) -> Option<T> {
    let slot = Arc::new(Mutex::new(Slot { result: None, waiting: None }));
    let left = Arc::clone(&slot);
    let job: Job = Box::new(move || {
        let result = catch_unwind(AssertUnwindSafe(task)).map_err(drop);
        let mut slot = left.lock().unwrap_or_else(PoisonError::into_inner);
        slot.result = Some(result);
        if let Some(waiting) = slot.waiting.take() {
            waiting.wake();
        }
    });
    if let Err(mpsc::TrySendError::Full(job) | mpsc::TrySendError::Disconnected(job)) = POOL.try_send(job) {
        job();
    }
    let result = poll_fn(|cx| {
        let mut slot = slot.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(result) = slot.result.take() {
            return Poll::Ready(result);
        }
        slot.waiting = Some(cx.waker().clone());
        Poll::Pending
    });
    result.await.ok()
}

#[cfg(test)]
mod tests {
    use std::{
        pin::pin,
        task::{Context, Wake},
    };

    use super::*;

    struct Unpark(thread::Thread);

    impl Wake for Unpark {
        fn wake(self: Arc<Self>) {
            self.0.unpark();
        }
    }

    fn wait<T>(future: impl Future<Output = T>) -> T {
        let waker = Arc::new(Unpark(thread::current())).into();
        let mut future = pin!(future);
        loop {
            match future.as_mut().poll(&mut Context::from_waker(&waker)) {
                Poll::Ready(value) => return value,
                Poll::Pending => thread::park(),
            }
        }
    }

    #[test]
    fn work_is_done_on_another_thread_and_a_panic_is_told() {
        let here = thread::current().id();
        assert!(wait(elsewhere(move || thread::current().id() != here)).unwrap());
        assert_eq!(wait(elsewhere(|| -> u8 { panic!("a test wants it") })), None);
        assert_eq!(wait(elsewhere(|| 7)), Some(7));
    }
}
