//! What exchanges leave behind on a worker: calls that nobody waits for.

use std::{cell::Cell, rc::Rc};

use policy::{LocalFuture, exchange::Tasks};
use tokio::sync::Notify;

/// Tasks of one worker at a time. Past it new ones do not begin: a server that takes a minute for each call must not fill
/// the memory.
const MOST: usize = 4096;

/// The tasks of one worker. Clones count together.
#[derive(Clone, Default)]
pub(crate) struct WorkerTasks(Rc<Running>);

#[derive(Default)]
struct Running {
    count: Cell<usize>,
    ended: Notify,
}

impl WorkerTasks {
    /// How many are under way.
    pub(crate) fn count(&self) -> usize {
        self.0.count.get()
    }

    /// Completes when one ends.
    pub(crate) async fn ended(&self) {
        self.0.ended.notified().await;
    }
}

impl Tasks for WorkerTasks {
    fn spawn(&self, task: LocalFuture<'static, ()>) -> bool {
        if self.count() >= MOST {
            return false;
        }
        self.0.count.set(self.count() + 1);
        let counted = Counted(Rc::clone(&self.0));
        tokio::task::spawn_local(async move {
            let _counted = counted;
            task.await;
        });
        true
    }
}

/// A task, counted for as long as this lives.
struct Counted(Rc<Running>);

impl Drop for Counted {
    fn drop(&mut self) {
        self.0.count.set(self.0.count.get() - 1);
        self.0.ended.notify_one();
    }
}
