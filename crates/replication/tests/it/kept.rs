//! Documents in memory and in the file.

use std::{fs, os::unix::fs::PermissionsExt};

use proptest::prelude::*;
use replication::{Found, Place};
use store::{Batch, Position, Store};

use crate::{change, content, open};

fn place(position: u64) -> Option<Place> {
    Some(Place { database: "d".into(), position })
}

#[tokio::test]
async fn changes_show_as_one_and_in_order() {
    let folder = tempfile::tempdir().unwrap();
    let (replica, found) = open(&folder.path().join("documents"), "secret");
    assert_eq!((found, replica.place(), replica.is_empty()), (Found::Nothing, None, true));
    let first = replica.apply(change(40, "a=1 b=1"));
    let second = replica.apply(change(50, "b=2 c=1 -a"));
    assert_eq!(replica.apply(change(60, "")), second, "a place that moves is no change here");
    assert_eq!((content(&replica).await.as_str(), replica.place()), ("b=2 c=1", place(60)));
    let since = replica.since(first).await.unwrap();
    let written: Vec<&str> = since.written.iter().map(|document| document.name()).collect();
    let deleted: Vec<&str> = since.deleted.iter().map(|(key, _)| key.as_str()).collect();
    assert_eq!((since.position, written, deleted), (second, vec!["b", "c"], vec!["/s/a"]));
    assert_eq!(replica.since(Position(0)).await.unwrap().deleted, []);
    assert_eq!(replica.changed(first).await.unwrap(), second);
    let feed = replica.changes(first, 10).await.unwrap();
    assert_eq!(feed.iter().filter(|change| change.deleted).count(), 1);
    // A document that begins to concern the gateway is new here, however old its version is.
    let mut late = change(70, "old=1");
    late.written[0].version.0 = 3;
    replica.apply(late);
    assert_eq!(replica.since(second).await.unwrap().written.len(), 1);
    assert_eq!(replica.held().documents["/s/old"].0, 3);
}

#[tokio::test]
async fn nobody_else_writes_it() {
    let folder = tempfile::tempdir().unwrap();
    let (replica, _) = open(&folder.path().join("documents"), "secret");
    let refused = replica.commit(Batch::default()).await.unwrap_err();
    assert!(refused.to_string().contains("only the management node"), "{refused}");
}

#[tokio::test]
async fn what_was_applied_is_there_after_a_restart_and_goes_on() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("documents");
    let (replica, _) = open(&path, "secret");
    replica.apply(change(1, "a=1 b=1"));
    replica.apply(change(2, "a=2 -b"));
    drop(replica);
    let (replica, found) = open(&path, "secret");
    assert_eq!((found, content(&replica).await.as_str(), replica.place()), (Found::Documents(1), "a=2", place(2)));
    replica.apply(change(3, "c=1"));
    drop(replica);
    let (replica, _) = open(&path, "secret");
    assert_eq!((content(&replica).await.as_str(), replica.place()), ("a=2 c=1", place(3)));
}

#[tokio::test]
async fn the_file_shows_nothing_to_others_and_nothing_plain() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("documents");
    let (replica, _) = open(&path, "secret");
    replica.apply(change(1, "name=hush-hush"));
    replica.apply(change(2, "other=hush-hush"));
    let bytes = fs::read(&path).unwrap();
    for word in ["hush", "name", "properties", "secret"] {
        assert!(!bytes.windows(word.len()).any(|window| window == word.as_bytes()), "{word}");
    }
    assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
}

#[tokio::test]
async fn another_secret_opens_nothing_and_harms_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("documents");
    let (replica, _) = open(&path, "secret");
    replica.apply(change(1, "a=1"));
    let (other, found) = open(&path, "another");
    assert!(matches!(found, Found::Unusable(why) if why.contains("another token or key")));
    assert!(other.is_empty());
    assert_eq!(content(&open(&path, "secret").0).await, "a=1", "it stays until the node tells something");
    other.apply(change(2, "b=1"));
    assert_eq!(content(&open(&path, "another").0).await, "b=1");
}

#[tokio::test]
async fn it_can_be_sealed_anew() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("documents");
    let (replica, _) = open(&path, "secret");
    replica.apply(change(1, "a=1"));
    replica.reseal(base::Secret::new(b"renewed".to_vec()));
    assert!(open(&path, "secret").0.is_empty());
    assert_eq!(content(&open(&path, "renewed").0).await, "a=1");
    replica.apply(change(2, "b=1"));
    assert_eq!(content(&open(&path, "renewed").0).await, "a=1 b=1");
}

#[tokio::test]
async fn a_disk_that_takes_nothing_hinders_nobody_and_is_tried_again() {
    let folder = tempfile::tempdir().unwrap();
    let gone = folder.path().join("gone");
    fs::create_dir(&gone).unwrap();
    let (replica, _) = open(&gone.join("documents"), "secret");
    replica.apply(change(1, "a=1"));
    assert_eq!(replica.unsaved(), None);
    // The file that is open can still be added to; only writing it anew fails, which sealing anew does.
    fs::remove_dir_all(&gone).unwrap();
    replica.reseal(base::Secret::new(b"renewed".to_vec()));
    assert!(replica.unsaved().is_some());
    replica.apply(change(2, "b=1"));
    assert_eq!(content(&replica).await, "a=1 b=1");
    assert!(replica.unsaved().is_some());
    fs::create_dir(&gone).unwrap();
    replica.apply(change(3, "c=1"));
    assert_eq!(replica.unsaved(), None);
    assert_eq!(content(&open(&gone.join("documents"), "renewed").0).await, "a=1 b=1 c=1");
}

#[tokio::test]
async fn the_file_does_not_grow_for_ever() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("documents");
    let (replica, _) = open(&path, "secret");
    let large = "x".repeat(100_000);
    for position in 1..60 {
        replica.apply(change(position, &format!("a={large}{position}")));
    }
    assert!(fs::metadata(&path).unwrap().len() < 1_500_000);
    assert!(content(&open(&path, "secret").0).await.ends_with("x59"));
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 40, ..ProptestConfig::default() })]

    /// Whatever a crash or a bad disk leaves, a state that was is read, or none; and the next change is kept.
    #[test]
    fn a_broken_file_gives_a_state_that_was(cut in 0usize..1200, at in 0usize..1200, byte in any::<u8>(), cuts in any::<bool>()) {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        runtime.block_on(async {
            let folder = tempfile::tempdir().unwrap();
            let path = folder.path().join("documents");
            let (replica, _) = open(&path, "secret");
            let states = ["", "a=1", "a=1 b=2", "b=2 c=3"];
            replica.apply(change(1, "a=1"));
            replica.apply(change(2, "b=2"));
            replica.apply(change(3, "c=3 -a"));
            drop(replica);
            let mut bytes = fs::read(&path).unwrap();
            if cuts {
                bytes.truncate(cut.min(bytes.len()));
            } else {
                let at = at % bytes.len();
                bytes[at] = byte;
            }
            fs::write(&path, &bytes).unwrap();
            let (replica, _) = open(&path, "secret");
            let read = content(&replica).await;
            assert!(states.contains(&read.as_str()), "{read}");
            replica.apply(change(4, "d=4"));
            let expected = format!("{read} d=4").trim().to_owned();
            assert_eq!(content(&open(&path, "secret").0).await, expected);
        });
    }
}
