//! What exchanges leave behind: work that nobody waits for.

use std::{cell::RefCell, rc::Rc};

use crate::step::LocalFuture;

/// Runs what exchanges leave behind.
pub trait Tasks {
    /// Begins it; nobody waits for its end. Where too much is under way already, it does not begin: false.
    fn spawn(&self, task: LocalFuture<'static, ()>) -> bool;
}

/// Keeps it until somebody runs it, where documents are tried out without a server. Clones keep it together.
#[derive(Clone, Default)]
pub struct LeftBehind(Rc<RefCell<Vec<LocalFuture<'static, ()>>>>);

impl LeftBehind {
    /// Runs what there is, one after the other.
    pub async fn run(&self) {
        let tasks = self.0.take();
        for task in tasks {
            task.await;
        }
    }
}

impl Tasks for LeftBehind {
    fn spawn(&self, task: LocalFuture<'static, ()>) -> bool {
        self.0.borrow_mut().push(task);
        true
    }
}
