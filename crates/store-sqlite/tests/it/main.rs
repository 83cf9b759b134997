//! The driver through its door: conformance, crashes, the lock, foreign and newer databases.

#![allow(clippy::unwrap_used, reason = "a helper of tests may panic as they do")]

mod crash;
mod folder;

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

use store::Store;
use store_sqlite::Sqlite;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn sqlite_conforms() {
    let folder = tempfile::tempdir().unwrap();
    let opened = AtomicUsize::new(0);
    store::conformance::run(|| async {
        let name = opened.fetch_add(1, Ordering::Relaxed).to_string();
        Arc::new(Sqlite::open(&folder.path().join(name)).unwrap()) as Arc<dyn Store>
    })
    .await;
}

#[tokio::test]
async fn sqlite_conforms_on_a_runtime_of_one_thread() {
    let folder = tempfile::tempdir().unwrap();
    let opened = AtomicUsize::new(0);
    store::conformance::run(|| async {
        let name = opened.fetch_add(1, Ordering::Relaxed).to_string();
        Arc::new(Sqlite::open(&folder.path().join(name)).unwrap()) as Arc<dyn Store>
    })
    .await;
}
