//! The embedded store: one SQLite database in WAL mode in one folder.
//!
//! One thread writes. It takes all the batches that wait and commits them with one `fsync`, each in a savepoint of its own,
//! so that many writers share the cost of the disk and a refused batch harms nobody. Reads run on a few connections of
//! their own and never wait for the writer.

use std::{fs::File, io, path::Path, sync::Arc};

use store::{Answer, Batch, Change, Commit, Document, Error, Key, Position, Query, Result, Since, Store};
use tokio::sync::watch;

mod failure;
mod folder;
mod read;
mod readers;
mod schema;
mod write;
mod writer;

use folder::Folder;
use readers::Readers;
use writer::Writer;

/// The store in one folder. It holds the folder's lock for as long as it lives.
pub struct Sqlite {
    // Dropped in this order: the connections close before the lock goes.
    writer: Writer,
    readers: Arc<Readers>,
    newest: watch::Receiver<Position>,
    folder: Folder,
}

impl Sqlite {
    /// Opens the database in `folder`, makes both if they are missing, and brings its schema up to date. It blocks.
    ///
    /// A folder that another process uses and a database of a newer program are errors.
    pub fn open(folder: &Path) -> Result<Self> {
        Self::prepare(Folder::lock(folder, None)?)
    }

    /// Opens it as [`Sqlite::open`] does, beside a process that gave its `lock` away. Both can read; that only one of them writes is
    /// for them to agree on, because neither hears of what the other writes.
    pub fn open_beside(folder: &Path, lock: File) -> Result<Self> {
        Self::prepare(Folder::lock(folder, Some(lock))?)
    }

    /// The lock of the folder, for a process that opens it beside this one.
    ///
    /// # Errors
    /// Too many files are open.
    pub fn lock(&self) -> io::Result<File> {
        self.folder.shared_lock()
    }

    fn prepare(folder: Folder) -> Result<Self> {
        let mut connection = folder.connect()?;
        schema::migrate(&mut connection)?;
        let newest = read::position(&connection)?;
        let (sender, newest) = watch::channel(newest);
        let writer = Writer::start(connection, folder.watched()?, sender)?;
        let readers = Arc::new(Readers::open(&folder)?);
        Ok(Self { writer, readers, newest, folder })
    }
}

impl Store for Sqlite {
    fn get<'a>(&'a self, key: &'a Key) -> Answer<'a, Option<Document>> {
        let key = key.clone();
        self.readers.run(move |connection| read::get(connection, &key))
    }

    fn list<'a>(&'a self, query: &'a Query) -> Answer<'a, Vec<Document>> {
        let query = query.clone();
        self.readers.run(move |connection| read::list(connection, &query))
    }

    fn count<'a>(&'a self, query: &'a Query) -> Answer<'a, u64> {
        let query = query.clone();
        self.readers.run(move |connection| read::count(connection, &query))
    }

    fn commit(&self, batch: Batch) -> Answer<'_, Commit> {
        self.writer.commit(batch)
    }

    fn changes(&self, after: Position, limit: usize) -> Answer<'_, Vec<Change>> {
        self.readers.run(move |connection| read::changes(connection, after, limit))
    }

    fn since(&self, after: Position) -> Answer<'_, Since> {
        self.readers.run(move |connection| read::since(connection, after))
    }

    fn position(&self) -> Answer<'_, Position> {
        Box::pin(async move { Ok(*self.newest.borrow()) })
    }

    fn changed(&self, after: Position) -> Answer<'_, Position> {
        let mut newest = self.newest.clone();
        Box::pin(async move {
            let newest = newest.wait_for(|newest| *newest > after).await;
            newest.map(|newest| *newest).map_err(|error| Error::failed("waiting for a change", error))
        })
    }
}
