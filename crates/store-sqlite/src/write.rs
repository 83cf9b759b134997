//! The statements that write. They run on the writer's thread, inside its transaction.

use base::Timestamp;
use rusqlite::{Connection, OptionalExtension};
use store::{Batch, Commit, Delete, Error, Etag, IndexEntry, Key, Put, Result, Write};

use crate::{failure, read};

/// Applies a batch. On an error the caller rolls back to where it began.
pub(crate) fn apply(connection: &Connection, batch: &Batch) -> Result<Commit> {
    for expect in &batch.expects {
        let found = etag(connection, &expect.key)?;
        if found != expect.etag {
            return Err(Error::Stale { key: expect.key.clone(), found });
        }
    }
    let mut etags = Vec::with_capacity(batch.writes.len());
    for write in &batch.writes {
        etags.push(match write {
            Write::Put(put) => Some(self::put(connection, put, batch.at)?),
            Write::Delete(delete) => {
                self::delete(connection, delete)?;
                None
            }
        });
    }
    for query in &batch.leaves_none {
        if let Some(left) = read::list(connection, &query.clone().top(1))?.into_iter().next() {
            return Err(Error::Stale { key: left.key, found: Some(left.etag) });
        }
    }
    Ok(Commit { position: read::position(connection)?, etags })
}

fn put(connection: &Connection, put: &Put, at: Timestamp) -> Result<Etag> {
    let key = put.key();
    let failed = |error| failure::failed(format!("writing `{key}`"), error);
    let found = etag(connection, &key)?;
    if !put.precondition.holds(found) {
        return Err(Error::Precondition { key, found });
    }
    let etag = record(connection, &key, &put.kind, false).map_err(failed)?;
    let body = put.body.to_string();
    connection
        .prepare_cached(
            "INSERT INTO documents (key, id, kind, body, etag, shape, created, modified)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?7)
             ON CONFLICT (key) DO UPDATE SET
                kind = excluded.kind, body = excluded.body, etag = excluded.etag,
                shape = excluded.shape, modified = excluded.modified",
        )
        .and_then(|mut sql| sql.execute((key.as_str(), &put.id, &put.kind, &body, etag.0 as i64, put.shape, at.0)))
        .map_err(failed)?;
    if found.is_some() {
        forget_entries(connection, &key).map_err(failed)?;
    }
    for (place, entry) in put.indexes.iter().enumerate() {
        enter(connection, &key, place, entry)?;
    }
    Ok(etag)
}

fn enter(connection: &Connection, key: &Key, place: usize, entry: &IndexEntry) -> Result<()> {
    let failed = |error| failure::failed(format!("indexing `{key}`"), error);
    let IndexEntry { name, value, unique } = entry;
    if *unique {
        let other = connection
            .prepare_cached("SELECT key FROM entries WHERE name = ?1 AND value = ?2 AND sole AND key <> ?3")
            .and_then(|mut sql| sql.query_row((name, value, key.as_str()), |row| row.get::<_, String>(0)).optional())
            .map_err(failed)?;
        if let Some(other) = other {
            let (index, value) = (name.clone(), value.clone());
            return Err(Error::Duplicate { index, value, key: key.clone(), other: Key::new(&other) });
        }
    }
    connection
        .prepare_cached("INSERT INTO entries (key, place, name, value, sole) VALUES (?1, ?2, ?3, ?4, ?5)")
        .and_then(|mut sql| sql.execute((key.as_str(), place as i64, name, value, unique)))
        .map_err(failed)?;
    Ok(())
}

fn delete(connection: &Connection, delete: &Delete) -> Result<()> {
    let key = &delete.key;
    let failed = |error| failure::failed(format!("deleting `{key}`"), error);
    let found = etag(connection, key)?;
    if !delete.precondition.holds(found) {
        return Err(Error::Precondition { key: key.clone(), found });
    }
    // Bounds that hold nothing where the children stay.
    let (from, to) = if delete.with_children { read::below(key) } else { (String::new(), String::new()) };
    let gone = connection
        .prepare_cached("SELECT key, kind FROM documents WHERE key = ?1 OR (key > ?2 AND key < ?3) ORDER BY key")
        .and_then(|mut sql| {
            sql.query_map((key.as_str(), &from, &to), |row| Ok((row.get(0)?, row.get(1)?)))?
                .collect::<rusqlite::Result<Vec<(String, String)>>>()
        })
        .map_err(failed)?;
    for (gone, kind) in gone {
        let gone = Key::new(&gone);
        forget_entries(connection, &gone).map_err(failed)?;
        connection
            .prepare_cached("DELETE FROM documents WHERE key = ?1")
            .and_then(|mut sql| sql.execute([gone.as_str()]))
            .map_err(failed)?;
        record(connection, &gone, &kind, true).map_err(failed)?;
    }
    Ok(())
}

fn etag(connection: &Connection, key: &Key) -> Result<Option<Etag>> {
    connection
        .prepare_cached("SELECT etag FROM documents WHERE key = ?1")
        .and_then(|mut sql| sql.query_row([key.as_str()], |row| row.get::<_, i64>(0)).optional())
        .map(|etag| etag.map(|etag| Etag(etag as u64)))
        .map_err(|error| failure::failed(format!("reading `{key}`"), error))
}

fn forget_entries(connection: &Connection, key: &Key) -> rusqlite::Result<usize> {
    connection.prepare_cached("DELETE FROM entries WHERE key = ?1")?.execute([key.as_str()])
}

/// Appends to the feed. The position is the document's new version too.
fn record(connection: &Connection, key: &Key, kind: &str, deleted: bool) -> rusqlite::Result<Etag> {
    let mut sql = connection.prepare_cached("INSERT INTO changes (key, kind, deleted) VALUES (?1, ?2, ?3)")?;
    sql.insert((key.as_str(), kind, deleted)).map(|position| Etag(position as u64))
}
