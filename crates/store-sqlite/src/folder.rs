//! The folder on disk: who may read it, and that only one process uses it.

use std::{
    fs::{DirBuilder, File, OpenOptions, TryLockError},
    io,
    path::{Path, PathBuf},
};

use rusqlite::{Connection, OpenFlags};
use store::{Error, Result};

use crate::failure;

/// A locked folder. The operating system frees the lock when all processes that hold it have ended, however they ended.
pub(crate) struct Folder {
    database: PathBuf,
    lock: File,
}

impl Folder {
    /// Makes the folder and an empty database if they are missing, for this user alone, and locks it; with the lock of a predecessor,
    /// together with that.
    pub(crate) fn lock(path: &Path, inherited: Option<File>) -> Result<Self> {
        let failed = |error: io::Error| Error::failed(format!("opening the folder {}", path.display()), error);
        private_folder().create(path).map_err(failed)?;
        let lock = private_file().open(path.join("tollgate.lock")).map_err(failed)?;
        let lock = match inherited {
            Some(inherited) if is_same(&inherited, &lock).map_err(failed)? => inherited,
            Some(_) => return Err(Error::InUse(format!("another folder than {}", path.display()))),
            None => lock,
        };
        match lock.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => return Err(Error::InUse(format!("the folder {}", path.display()))),
            Err(TryLockError::Error(error)) => return Err(failed(error)),
        }
        let database = path.join("tollgate.db");
        // SQLite gives its other files the permissions of this one.
        let file = private_file().open(&database).map_err(failed)?;
        make_private(&file).map_err(failed)?;
        drop(file);
        File::open(path).and_then(|folder| folder.sync_all()).map_err(failed)?;
        Ok(Self { database, lock })
    }

    /// The lock, to be held by a successor as well.
    pub(crate) fn shared_lock(&self) -> io::Result<File> {
        self.lock.try_clone()
    }

    /// The database file, to be looked at later.
    pub(crate) fn watched(&self) -> Result<Watched> {
        let failed = |error: io::Error| Error::failed(format!("looking at {}", self.database.display()), error);
        let opened = File::open(&self.database).map_err(failed)?;
        Ok(Watched { path: self.database.clone(), opened })
    }

    /// The connection that writes.
    pub(crate) fn connect(&self) -> Result<Connection> {
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let connection = self.open(flags)?;
        // FULL: the write-ahead log is on disk before a commit returns, so that it survives a power cut.
        connection
            .execute_batch("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;")
            .map_err(|error| failure::failed("preparing the database", error))?;
        Ok(connection)
    }

    /// A connection that reads. The writing one must have been there before.
    pub(crate) fn connect_to_read(&self) -> Result<Connection> {
        self.open(OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX)
    }

    fn open(&self, flags: OpenFlags) -> Result<Connection> {
        let connection = Connection::open_with_flags(&self.database, flags);
        let connection =
            connection.map_err(|error| failure::failed(format!("opening {}", self.database.display()), error))?;
        connection.set_prepared_statement_cache_capacity(32);
        Ok(connection)
    }
}

/// The database file that was opened. What is written to one that no longer lies in the folder is gone with the process.
pub(crate) struct Watched {
    path: PathBuf,
    opened: File,
}

impl Watched {
    /// Whether it is still the file in the folder.
    pub(crate) fn is_there(&self) -> bool {
        File::open(&self.path).and_then(|now| is_same(&self.opened, &now)).unwrap_or(false)
    }
}

#[cfg(unix)]
fn is_same(one: &File, other: &File) -> io::Result<bool> {
    use std::os::unix::fs::MetadataExt;
    let (one, other) = (one.metadata()?, other.metadata()?);
    Ok((one.dev(), one.ino()) == (other.dev(), other.ino()))
}

#[cfg(not(unix))]
fn is_same(_: &File, _: &File) -> io::Result<bool> {
    Ok(false)
}

fn private_folder() -> DirBuilder {
    let mut builder = DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder
}

fn private_file() -> OpenOptions {
    let mut options = OpenOptions::new();
    options.read(true).write(true).create(true).truncate(false);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options
}

#[cfg(unix)]
fn make_private(file: &File) -> io::Result<()> {
    file.set_permissions(std::os::unix::fs::PermissionsExt::from_mode(0o600))
}

#[cfg(not(unix))]
fn make_private(_: &File) -> io::Result<()> {
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn commits_wait_for_the_disk() {
        let folder = tempfile::tempdir().unwrap();
        let connection = Folder::lock(folder.path(), None).unwrap().connect().unwrap();
        let synchronous: i32 = connection.pragma_query_value(None, "synchronous", |row| row.get(0)).unwrap();
        let journal: String = connection.pragma_query_value(None, "journal_mode", |row| row.get(0)).unwrap();
        assert_eq!((synchronous, journal.as_str()), (2, "wal"), "2 is FULL");
    }
}
