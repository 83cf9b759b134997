//! The tables, as the list of steps that lead to them. A released step never changes: add another.

use rusqlite::{Connection, TransactionBehavior};
use store::{Error, Result};

use crate::failure;

/// Marks the file as ours: "Toll" in ASCII. `file(1)` shows it, and a foreign database is not touched.
const APPLICATION: i32 = 0x546f_6c6c;

/// What brings the schema from version `n` to `n + 1`, at place `n`.
const STEPS: &[&str] = &[
    // 1: documents, their index entries, the change feed.
    "
    CREATE TABLE documents (
        key      TEXT NOT NULL PRIMARY KEY,
        id       TEXT NOT NULL,
        kind     TEXT NOT NULL,
        body     TEXT NOT NULL,
        etag     INTEGER NOT NULL,
        shape    INTEGER NOT NULL,
        created  INTEGER NOT NULL,
        modified INTEGER NOT NULL
    ) STRICT;
    CREATE INDEX documents_by_kind ON documents (kind, key);
    CREATE UNIQUE INDEX documents_by_etag ON documents (etag);
    CREATE INDEX documents_by_shape ON documents (shape);

    CREATE TABLE entries (
        key      TEXT NOT NULL,
        place    INTEGER NOT NULL,
        name     TEXT NOT NULL,
        value    TEXT NOT NULL,
        sole     INTEGER NOT NULL,
        PRIMARY KEY (key, place)
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX entries_by_value ON entries (name, value, key);
    CREATE UNIQUE INDEX sole_entries ON entries (name, value) WHERE sole;

    CREATE TABLE changes (
        position INTEGER PRIMARY KEY AUTOINCREMENT,
        key      TEXT NOT NULL,
        kind     TEXT NOT NULL,
        deleted  INTEGER NOT NULL
    ) STRICT;
    ",
];

/// Applies the steps that are missing, each in a transaction with its version number.
pub(crate) fn migrate(connection: &mut Connection) -> Result<()> {
    let failed = |error| failure::failed("preparing the schema", error);
    let pragma = |connection: &Connection, name| connection.pragma_query_value(None, name, |row| row.get::<_, i32>(0));
    let mut version = pragma(connection, "user_version").map_err(failed)?.unsigned_abs();
    let known = STEPS.len() as u32;
    match pragma(connection, "application_id").map_err(failed)? {
        APPLICATION if version > known => return Err(Error::Newer { what: "schema", found: version, known }),
        APPLICATION => {}
        0 if is_empty(connection).map_err(failed)? => {}
        _ => return Err(Error::Failed { message: "the file is not a Tollgate database".into(), source: None }),
    }
    for step in STEPS.iter().skip(version as usize) {
        version += 1;
        let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate).map_err(failed)?;
        transaction.execute_batch(step).map_err(failed)?;
        transaction.pragma_update(None, "application_id", APPLICATION).map_err(failed)?;
        transaction.pragma_update(None, "user_version", version).map_err(failed)?;
        transaction.commit().map_err(failed)?;
    }
    Ok(())
}

fn is_empty(connection: &Connection) -> rusqlite::Result<bool> {
    connection.query_row("SELECT NOT EXISTS (SELECT 1 FROM sqlite_schema)", (), |row| row.get(0))
}
