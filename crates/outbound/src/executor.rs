//! Runs what hyper spawns for HTTP/2 on this worker, so that nothing of an exchange needs to be `Send`.

use std::future::Future;

/// Spawns onto the current worker's runtime.
#[derive(Clone, Copy, Debug)]
pub struct LocalExecutor;

impl<F: Future + 'static> hyper::rt::Executor<F> for LocalExecutor
where
    F::Output: 'static,
{
    fn execute(&self, future: F) {
        tokio::task::spawn_local(future);
    }
}
