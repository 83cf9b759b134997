//! The connections that read, lent to blocking threads.

use std::sync::{Arc, Mutex, PoisonError};

use rusqlite::Connection;
use store::{Answer, Error, Result};
use tokio::sync::Semaphore;

use crate::folder::Folder;

/// SQLite reads are short and mostly from memory: a few connections are enough, and more only wait for cores.
const CONNECTIONS: usize = 4;

pub(crate) struct Readers {
    idle: Mutex<Vec<Connection>>,
    permits: Arc<Semaphore>,
}

impl Readers {
    pub(crate) fn open(folder: &Folder) -> Result<Self> {
        let idle = (0..CONNECTIONS).map(|_| folder.connect_to_read()).collect::<Result<_>>()?;
        Ok(Self { idle: Mutex::new(idle), permits: Arc::new(Semaphore::new(CONNECTIONS)) })
    }

    /// Runs `read` on a blocking thread with a connection of its own.
    pub(crate) fn run<T: Send + 'static>(
        self: &Arc<Self>,
        read: impl FnOnce(&Connection) -> Result<T> + Send + 'static,
    ) -> Answer<'static, T> {
        let readers = Arc::clone(self);
        Box::pin(async move {
            let permits = Arc::clone(&readers.permits);
            let permit = permits.acquire_owned().await.map_err(|error| Error::failed("reading", error))?;
            let reading = tokio::task::spawn_blocking(move || {
                // The permit goes back with the connection, even where the caller has given up.
                let _permit = permit;
                let Some(connection) = readers.idle().pop() else {
                    return Err(Error::Failed { message: "no connection is left to read with".into(), source: None });
                };
                let result = read(&connection);
                readers.idle().push(connection);
                result
            });
            reading.await.map_err(|error| Error::failed("reading", error))?
        })
    }

    fn idle(&self) -> std::sync::MutexGuard<'_, Vec<Connection>> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
