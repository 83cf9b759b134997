//! The folder: one process, one user, one program version.

use std::path::Path;

use serde_json::json;
use store::{Batch, Error, Key, Put, Store};
use store_sqlite::Sqlite;

#[test]
fn a_folder_in_use_is_refused_until_it_is_free() {
    let folder = tempfile::tempdir().unwrap();
    let first = Sqlite::open(folder.path()).unwrap();
    let error = Sqlite::open(folder.path()).err().unwrap();
    assert!(matches!(error, Error::InUse(_)));
    assert!(error.to_string().contains("in use by another process"), "{error}");
    drop(first);
    Sqlite::open(folder.path()).unwrap();
}

#[tokio::test]
async fn a_successor_shares_the_lock_and_keeps_it_when_the_first_has_gone() {
    let folder = tempfile::tempdir().unwrap();
    let put = |id: &str| Batch::default().write(Put::new(id, "k", json!({})));
    let first = Sqlite::open(folder.path()).unwrap();
    let before = first.commit(put("/a")).await.unwrap();
    let second = Sqlite::open_beside(folder.path(), first.lock().unwrap()).unwrap();
    assert_eq!(second.position().await.unwrap(), before.position);
    assert!(first.get(&Key::new("/a")).await.unwrap().is_some());
    drop(first);
    assert!(matches!(Sqlite::open(folder.path()), Err(Error::InUse(_))));
    assert!(second.commit(put("/b")).await.unwrap().position > before.position);
    drop(second);
    Sqlite::open(folder.path()).unwrap();
}

#[tokio::test]
async fn nothing_is_written_to_a_database_that_was_taken_away() {
    let folder = tempfile::tempdir().unwrap();
    let put = |id: &str| Batch::default().write(Put::new(id, "k", json!({})));
    let store = Sqlite::open(folder.path()).unwrap();
    store.commit(put("/a")).await.unwrap();
    let (there, away) = (folder.path().join("tollgate.db"), folder.path().join("away"));
    std::fs::rename(&there, &away).unwrap();
    let error = store.commit(put("/b")).await.unwrap_err();
    assert!(matches!(error, Error::Unavailable { .. }) && error.to_string().contains("removed or replaced"), "{error}");
    std::fs::rename(&away, &there).unwrap();
    store.commit(put("/b")).await.unwrap();
}

#[tokio::test]
async fn a_database_that_another_program_locks_is_unavailable_until_it_is_free() {
    let folder = tempfile::tempdir().unwrap();
    let put = || Batch::default().write(Put::new("/a", "k", json!({})));
    let store = Sqlite::open(folder.path()).unwrap();
    let other = rusqlite::Connection::open(folder.path().join("tollgate.db")).unwrap();
    other.execute_batch("BEGIN IMMEDIATE").unwrap();
    let error = store.commit(put()).await.unwrap_err();
    assert!(matches!(error, Error::Unavailable { reason: "another program has locked it", .. }), "{error}");
    other.execute_batch("ROLLBACK").unwrap();
    store.commit(put()).await.unwrap();
}

#[test]
fn a_lock_of_another_folder_is_refused() {
    let (folder, other) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let store = Sqlite::open(other.path()).unwrap();
    assert!(matches!(Sqlite::open_beside(folder.path(), store.lock().unwrap()), Err(Error::InUse(_))));
}

#[tokio::test]
async fn what_was_written_is_there_after_reopening_and_the_feed_goes_on() {
    let folder = tempfile::tempdir().unwrap();
    let put = || Batch::default().write(Put::new("/A", "k", json!({})));
    let first = Sqlite::open(folder.path()).unwrap().commit(put()).await.unwrap();
    let store = Sqlite::open(folder.path()).unwrap();
    assert_eq!(store.get(&Key::new("/a")).await.unwrap().unwrap().id, "/A");
    assert_eq!(store.position().await.unwrap(), first.position);
    assert!(store.commit(put()).await.unwrap().position > first.position);
}

#[test]
fn a_database_of_a_newer_program_is_refused_and_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    drop(Sqlite::open(folder.path()).unwrap());
    raw(folder.path(), "PRAGMA user_version = 999");
    let error = Sqlite::open(folder.path()).err().unwrap();
    assert!(matches!(error, Error::Newer { what: "schema", found: 999, .. }), "{error}");
}

#[test]
fn a_foreign_database_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    raw(folder.path(), "CREATE TABLE theirs (x)");
    let error = Sqlite::open(folder.path()).err().unwrap();
    assert!(error.to_string().contains("not a Tollgate database"), "{error}");
}

#[test]
fn a_file_that_is_no_database_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(
        folder.path().join("tollgate.db"),
        "nothing of the kind, and long enough to look like a header of one",
    )
    .unwrap();
    let error = Sqlite::open(folder.path()).err().unwrap();
    assert!(matches!(error, Error::Unavailable { reason: "its file is damaged", .. }), "{error}");
}

#[cfg(unix)]
#[tokio::test]
async fn only_the_owner_can_read_the_files() {
    use std::os::unix::fs::PermissionsExt;

    let parent = tempfile::tempdir().unwrap();
    let folder = parent.path().join("data");
    let store = Sqlite::open(&folder).unwrap();
    store.commit(Batch::default().write(Put::new("/a", "k", json!({})))).await.unwrap();
    let mode = |path: &Path| path.metadata().unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(&folder), 0o700);
    let mut files: Vec<_> = std::fs::read_dir(&folder).unwrap().map(|file| file.unwrap().path()).collect();
    files.sort();
    let names: Vec<_> = files.iter().map(|file| file.file_name().unwrap().to_str().unwrap()).collect();
    assert_eq!(names, ["tollgate.db", "tollgate.db-shm", "tollgate.db-wal", "tollgate.lock"]);
    assert!(files.iter().all(|file| mode(file) == 0o600));
}

fn raw(folder: &Path, sql: &str) {
    rusqlite::Connection::open(folder.join("tollgate.db")).unwrap().execute_batch(sql).unwrap();
}
