//! The statements that read.

use base::Timestamp;
use rusqlite::{Connection, OptionalExtension, Row, ToSql, params_from_iter, types::Type};
use serde_json::Value;
use store::{Change, Document, Etag, IndexEntry, Key, Order, Position, Query, Result, Since};

use crate::failure;

/// One row of `documents` with its index entries as a JSON array of `[name, value, sole]`.
const COLUMNS: &str = "id, kind, body, etag, shape, created, modified,
    (SELECT json_group_array(json_array(name, value, sole) ORDER BY place) FROM entries WHERE entries.key = documents.key)";

pub(crate) fn get(connection: &Connection, key: &Key) -> Result<Option<Document>> {
    let failed = |error| failure::failed(format!("reading `{key}`"), error);
    let sql = format!("SELECT {COLUMNS} FROM documents WHERE key = ?1");
    let mut statement = connection.prepare_cached(&sql).map_err(failed)?;
    statement.query_row([key.as_str()], document).optional().map_err(failed)
}

pub(crate) fn list(connection: &Connection, query: &Query) -> Result<Vec<Document>> {
    let failed = |error| failure::failed("listing documents", error);
    let (mut conditions, mut values) = conditions(query);
    let order = match &query.order {
        Order::Key { after: None } => "key",
        Order::Key { after: Some(after) } => {
            conditions.push_str(" AND key > ?");
            values.push(Box::new(after.as_str().to_owned()));
            "key"
        }
        Order::Created => "created, key",
    };
    // To SQLite, -1 is no limit.
    let top = query.top.map_or(-1, |top| i64::try_from(top).unwrap_or(i64::MAX));
    let skip = i64::try_from(query.skip).unwrap_or(i64::MAX);
    values.extend([Box::new(top) as Box<dyn ToSql>, Box::new(skip)]);
    let sql = format!("SELECT {COLUMNS} FROM documents WHERE {conditions} ORDER BY {order} LIMIT ? OFFSET ?");
    let mut statement = connection.prepare_cached(&sql).map_err(failed)?;
    let rows = statement.query_map(params_from_iter(values), document).map_err(failed)?;
    rows.collect::<rusqlite::Result<_>>().map_err(failed)
}

pub(crate) fn count(connection: &Connection, query: &Query) -> Result<u64> {
    let failed = |error| failure::failed("counting documents", error);
    let (conditions, values) = conditions(query);
    let sql = format!("SELECT count(*) FROM documents WHERE {conditions}");
    let mut statement = connection.prepare_cached(&sql).map_err(failed)?;
    statement.query_row(params_from_iter(values), |row| row.get::<_, i64>(0)).map(|count| count as u64).map_err(failed)
}

pub(crate) fn changes(connection: &Connection, after: Position, limit: usize) -> Result<Vec<Change>> {
    let failed = |error| failure::failed("reading the change feed", error);
    let sql = "SELECT position, key, kind, deleted FROM changes WHERE position > ?1 ORDER BY position LIMIT ?2";
    let mut statement = connection.prepare_cached(sql).map_err(failed)?;
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    let rows = statement.query_map((after.0 as i64, limit), |row| {
        Ok(Change {
            position: Position(row.get::<_, i64>(0)? as u64),
            key: Key::new(&row.get::<_, String>(1)?),
            kind: row.get(2)?,
            deleted: row.get(3)?,
        })
    });
    rows.map_err(failed)?.collect::<rusqlite::Result<_>>().map_err(failed)
}

pub(crate) fn since(connection: &Connection, after: Position) -> Result<Since> {
    let failed = |error| failure::failed("reading what changed", error);
    // One transaction is one state of the database.
    let transaction = connection.unchecked_transaction().map_err(failed)?;
    let position = position(&transaction)?;
    let sql = format!("SELECT {COLUMNS} FROM documents WHERE etag > ?1 ORDER BY etag");
    let written = transaction
        .prepare_cached(&sql)
        .and_then(|mut sql| sql.query_map([after.0 as i64], document)?.collect::<rusqlite::Result<_>>())
        .map_err(failed)?;
    // The condition on ?1 itself keeps the first look from walking the whole feed.
    let sql = "SELECT DISTINCT key, kind FROM changes WHERE ?1 > 0 AND position > ?1 AND deleted
               AND NOT EXISTS (SELECT 1 FROM documents WHERE documents.key = changes.key) ORDER BY key";
    let deleted = transaction
        .prepare_cached(sql)
        .and_then(|mut sql| {
            sql.query_map([after.0 as i64], |row| Ok((Key::new(&row.get::<_, String>(0)?), row.get(1)?)))?
                .collect::<rusqlite::Result<_>>()
        })
        .map_err(failed)?;
    Ok(Since { position, written, deleted })
}

pub(crate) fn position(connection: &Connection) -> Result<Position> {
    let newest = connection.query_row("SELECT coalesce(max(position), 0) FROM changes", (), |row| row.get::<_, i64>(0));
    newest.map(|newest| Position(newest as u64)).map_err(|error| failure::failed("reading the change feed", error))
}

/// The bounds between which all keys below `key` lie: `0` follows `/` in byte order.
pub(crate) fn below(key: &Key) -> (String, String) {
    (format!("{key}/"), format!("{key}0"))
}

/// What follows `WHERE`, and its values.
fn conditions(query: &Query) -> (String, Vec<Box<dyn ToSql>>) {
    let mut sql = String::from("1");
    let mut values: Vec<Box<dyn ToSql>> = Vec::new();
    if let Some(under) = &query.under {
        sql.push_str(" AND key > ? AND key < ?");
        let (from, to) = below(under);
        values.extend([Box::new(from) as Box<dyn ToSql>, Box::new(to)]);
    }
    if let Some(kind) = &query.kind {
        sql.push_str(" AND kind = ?");
        values.push(Box::new(kind.clone()));
    }
    if let Some(shape) = query.shape_other_than {
        sql.push_str(" AND (shape < ? OR shape > ?)");
        values.extend([Box::new(shape) as Box<dyn ToSql>, Box::new(shape)]);
    }
    for (name, value) in &query.indexes {
        sql.push_str(" AND key IN (SELECT key FROM entries WHERE name = ? AND value = ?)");
        values.extend([Box::new(name.clone()) as Box<dyn ToSql>, Box::new(value.clone())]);
    }
    (sql, values)
}

fn document(row: &Row<'_>) -> rusqlite::Result<Document> {
    let id: String = row.get(0)?;
    let body: Value = json(row, 2)?;
    let entries: Vec<(String, String, u8)> = json(row, 7)?;
    Ok(Document {
        key: Key::new(&id),
        id,
        kind: row.get(1)?,
        body,
        etag: Etag(row.get::<_, i64>(3)? as u64),
        shape: row.get(4)?,
        created: Timestamp(row.get(5)?),
        modified: Timestamp(row.get(6)?),
        indexes: entries.into_iter().map(|(name, value, sole)| IndexEntry { name, value, unique: sole != 0 }).collect(),
    })
}

fn json<T: serde::de::DeserializeOwned>(row: &Row<'_>, column: usize) -> rusqlite::Result<T> {
    let text = row.get_ref(column)?.as_str()?;
    serde_json::from_str(text)
        .map_err(|error| rusqlite::Error::FromSqlConversionFailure(column, Type::Text, Box::new(error)))
}
