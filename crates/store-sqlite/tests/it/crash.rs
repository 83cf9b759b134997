//! A process that writes is killed hard; every write that it acknowledged must be there afterwards.

use std::{
    io::{BufRead, BufReader, Write as _},
    path::Path,
    process::{Command, Stdio},
    sync::Arc,
};

use base::Timestamp;
use serde_json::json;
use store::{Batch, Key, Position, Put, Query, Store};
use store_sqlite::Sqlite;

/// Names the folder to write in: [`acknowledged_writes_survive_a_kill`] starts this binary again with it, as the process to kill.
const FOLDER: &str = "STORE_SQLITE_CRASH_FOLDER";

#[tokio::test]
async fn acknowledged_writes_survive_a_kill() {
    if let Some(folder) = std::env::var_os(FOLDER) {
        return write_for_ever(Path::new(&folder)).await;
    }
    let folder = tempfile::tempdir().unwrap();
    for acknowledged in [1, 40, 400] {
        let written = write_until_killed(folder.path(), acknowledged);
        assert!(written.len() >= acknowledged);
        let store = Sqlite::open(folder.path()).unwrap();
        for key in written {
            let pair = [key.clone(), format!("{key}/child")];
            for key in pair {
                assert!(store.get(&Key::new(&key)).await.unwrap().is_some(), "{key} was acknowledged and is lost");
            }
        }
        // Batches are whole: no document without its child, and the feed has one change for each of both.
        let all = store.count(&Query::default()).await.unwrap();
        assert_eq!(all, 2 * store.count(&Query::kind("child")).await.unwrap());
        assert_eq!(all as usize, store.changes(Position(0), usize::MAX).await.unwrap().len());
    }
}

/// Starts a child that writes as fast as it can, kills it after so many acknowledged writes, and gives their keys.
fn write_until_killed(folder: &Path, acknowledged: usize) -> Vec<String> {
    let mut child = Command::new(std::env::current_exe().unwrap())
        .args(["crash::acknowledged_writes_survive_a_kill", "--exact", "--nocapture"])
        .env(FOLDER, folder)
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines().map_while(Result::ok);
    let keys = lines.by_ref().filter(|line| line.starts_with('/'));
    let mut written: Vec<String> = keys.take(acknowledged).collect();
    child.kill().unwrap();
    child.wait().unwrap();
    // What it acknowledged before it died counts too; a last line may be cut short.
    written.extend(lines.filter(|line| line.starts_with('/') && line.ends_with(';')));
    written.iter().map(|line| line.trim_end_matches(';').to_owned()).collect()
}

/// The child: writes, and says so on standard output, until it is killed.
async fn write_for_ever(folder: &Path) {
    let store = Arc::new(Sqlite::open(folder).unwrap());
    let start = store.position().await.unwrap().0;
    let writers: Vec<_> = (0..8)
        .map(|writer| {
            let store = Arc::clone(&store);
            tokio::spawn(async move {
                for n in 0.. {
                    let id = format!("/{start}-{writer}-{n}");
                    let batch =
                        Batch::new(Timestamp(n)).write(Put::new(&id, "parent", json!({ "text": "x".repeat(500) })));
                    store.commit(batch.write(Put::new(format!("{id}/child"), "child", json!({})))).await.unwrap();
                    let mut out = std::io::stdout().lock();
                    writeln!(out, "{id};").and_then(|()| out.flush()).unwrap();
                }
            })
        })
        .collect();
    for writer in writers {
        writer.await.unwrap();
    }
}
