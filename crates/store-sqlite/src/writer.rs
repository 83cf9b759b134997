//! The one thread that writes: many batches, one transaction, one `fsync`.

use std::{
    sync::mpsc::{self, Receiver, Sender},
    thread::{self, JoinHandle},
};

use rusqlite::{Connection, TransactionBehavior};
use store::{Answer, Batch, Commit, Error, Position, Result};
use tokio::sync::{oneshot, watch};

use crate::{failure, folder::Watched, write};

/// The most batches that share a transaction. It bounds how long the first of them waits for the others.
const GROUP: usize = 256;

pub(crate) struct Writer {
    jobs: Option<Sender<Job>>,
    thread: Option<JoinHandle<()>>,
}

struct Job {
    batch: Batch,
    answer: oneshot::Sender<Result<Commit>>,
}

impl Writer {
    /// Starts the thread. It announces the newest position after each transaction.
    pub(crate) fn start(mut connection: Connection, file: Watched, newest: watch::Sender<Position>) -> Result<Self> {
        let (sender, jobs) = mpsc::channel();
        let run = move || {
            while let Some(group) = next_group(&jobs) {
                write_group(&mut connection, &file, group, &newest);
            }
        };
        let thread = thread::Builder::new().name("store-writer".into()).spawn(run);
        let thread = thread.map_err(|error| Error::failed("starting the writer's thread", error))?;
        Ok(Self { jobs: Some(sender), thread: Some(thread) })
    }

    /// Hands a batch to the thread. Once handed over it is written even if the caller no longer waits.
    pub(crate) fn commit(&self, batch: Batch) -> Answer<'_, Commit> {
        let (answer, answered) = oneshot::channel();
        let sent = self.jobs.as_ref().is_some_and(|jobs| jobs.send(Job { batch, answer }).is_ok());
        Box::pin(async move {
            let stopped = || Error::Failed { message: "the writer's thread has stopped".into(), source: None };
            if !sent {
                return Err(stopped());
            }
            answered.await.map_err(|_| stopped())?
        })
    }
}

impl Drop for Writer {
    fn drop(&mut self) {
        // Without senders the thread finishes what waits, closes its connection and ends.
        drop(self.jobs.take());
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

/// Waits for a batch and takes all that wait behind it; `None` once nobody can send any more.
fn next_group(jobs: &Receiver<Job>) -> Option<Vec<Job>> {
    let first = jobs.recv().ok()?;
    Some(std::iter::once(first).chain(jobs.try_iter().take(GROUP - 1)).collect())
}

fn write_group(connection: &mut Connection, file: &Watched, group: Vec<Job>, newest: &watch::Sender<Position>) {
    let (batches, answers): (Vec<_>, Vec<_>) = group.into_iter().map(|job| (job.batch, job.answer)).unzip();
    let results = commit_group(connection, file, &batches).unwrap_or_else(|error| {
        // Nothing of the group is on disk: nobody may believe that it is.
        batches.iter().map(|_| Err(failure::again(&error))).collect()
    });
    let position = results.iter().filter_map(|result| Some(result.as_ref().ok()?.position)).max();
    if let Some(position) = position {
        newest.send_if_modified(|newest| std::mem::replace(newest, position.max(*newest)) < position);
    }
    for (answer, result) in answers.into_iter().zip(results) {
        // Whoever no longer waits needs no answer.
        let _ = answer.send(result);
    }
}

/// Each batch in a savepoint, all in one transaction that is on disk when this returns.
fn commit_group(connection: &mut Connection, file: &Watched, batches: &[Batch]) -> Result<Vec<Result<Commit>>> {
    let failed = |error| failure::failed("committing", error);
    if !file.is_there() {
        return Err(Error::Unavailable { reason: failure::REPLACED, message: "committing".into() });
    }
    let mut transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate).map_err(failed)?;
    let mut results = Vec::with_capacity(batches.len());
    for batch in batches {
        // A savepoint that is not committed rolls back when it is dropped.
        let savepoint = transaction.savepoint().map_err(failed)?;
        let result = write::apply(&savepoint, batch);
        if result.is_ok() {
            savepoint.commit().map_err(failed)?;
        } else {
            drop(savepoint);
        }
        // Where the disk is full, SQLite itself rolls all of it back.
        if let Err(error) = &result
            && transaction.is_autocommit()
        {
            return Err(failure::again(error));
        }
        results.push(result);
    }
    transaction.commit().map_err(failed)?;
    Ok(results)
}
