//! What every driver must do, as one function for its tests: `store::conformance::run(open).await`.
//!
//! The cases panic where a driver differs, as tests do.

use std::{future::Future, sync::Arc, time::Duration};

use base::Timestamp;
use serde_json::json;

use crate::{
    Batch, Commit, Delete, Document, Error, Etag, IndexEntry, Key, Order, Position, Precondition, Put, Query, Store,
};

/// Runs all cases, each on a store of its own that `open` makes: empty, and shared with nobody.
pub async fn run<Opening: Future<Output = Arc<dyn Store>>>(open: impl Fn() -> Opening) {
    documents_come_back_as_they_were_put(&*open().await).await;
    a_rewrite_keeps_id_and_creation_and_changes_the_etag(&*open().await).await;
    preconditions_hold_or_refuse(&*open().await).await;
    a_batch_applies_whole_or_not_at_all(&*open().await).await;
    an_expectation_that_is_stale_refuses_the_batch(&*open().await).await;
    what_a_batch_must_not_leave_refuses_it(&*open().await).await;
    unique_indexes_name_the_other_document(&*open().await).await;
    lists_select_and_page(&*open().await).await;
    deletes_take_children_only_when_told(&*open().await).await;
    the_feed_tells_every_change_once_and_in_order(&*open().await).await;
    what_happened_since_is_one_state(&*open().await).await;
    waiting_ends_with_the_next_change(open().await).await;
    concurrent_writers_lose_nothing(open().await).await;
}

async fn documents_come_back_as_they_were_put(store: &dyn Store) {
    let body = json!({ "properties": { "zebra": 1, "Apple": null, "pi": 3.5, "text": "ü\u{1F600}\"'" }, "tags": {} });
    let put = Put { shape: 7, ..Put::new("/A/Echo", "service/apis", body.clone()) };
    let put = put.index(IndexEntry::unique("path", "x")).index(IndexEntry::new("tag", "y"));
    let commit = write(store, 10, put.clone()).await;
    let document = read(store, "/a/echo").await.expect("the document is there");
    assert_eq!(
        serde_json::to_string(&document.body).ok(),
        serde_json::to_string(&body).ok(),
        "the order of members stays"
    );
    let etag = commit.etags[0].expect("a put has an ETag");
    let expected = Document {
        key: Key::new("/a/echo"),
        id: "/A/Echo".into(),
        kind: "service/apis".into(),
        body,
        etag,
        shape: 7,
        created: Timestamp(10),
        modified: Timestamp(10),
        indexes: put.indexes,
    };
    assert_eq!(document, expected);
    assert!(read(store, "/a").await.is_none());
}

async fn a_rewrite_keeps_id_and_creation_and_changes_the_etag(store: &dyn Store) {
    let first = write(store, 1, put("/A/Echo", 1)).await;
    let second = write(store, 2, put("/a/ECHO", 2)).await;
    let document = read(store, "/a/echo").await.expect("the document is there");
    assert_eq!((document.id.as_str(), &document.body), ("/A/Echo", &json!({ "n": 2 })));
    assert_eq!((document.created, document.modified), (Timestamp(1), Timestamp(2)));
    assert_ne!(first.etags, second.etags);
    assert_eq!(Some(document.etag), second.etags[0]);
}

async fn preconditions_hold_or_refuse(store: &dyn Store) {
    let refused = |put: Put| async move {
        match store.commit(Batch::new(Timestamp(2)).write(put)).await {
            Err(Error::Precondition { key, found }) => (key, found),
            other => panic!("expected a refused precondition, got {other:?}"),
        }
    };
    assert_eq!(refused(put("/a", 1).when(Precondition::Exists)).await, (Key::new("/a"), None));
    assert_eq!(refused(put("/a", 1).when(Precondition::Etag(Etag(1)))).await.1, None);
    let etag = write(store, 1, put("/a", 1).when(Precondition::Absent)).await.etags[0];
    assert_eq!(refused(put("/a", 2).when(Precondition::Absent)).await.1, etag);
    let newer = write(store, 1, put("/a", 2).when(Precondition::Etag(etag.expect("a put has an ETag")))).await.etags[0];
    assert_eq!(refused(put("/a", 3).when(Precondition::Etag(etag.expect("a put has an ETag")))).await.1, newer);
    write(store, 1, put("/a", 3).when(Precondition::Exists)).await;

    let stale = Delete::one(Key::new("/a")).when(Precondition::Etag(Etag(0)));
    assert!(matches!(store.commit(Batch::default().write(stale)).await, Err(Error::Precondition { .. })));
    let absent = Delete::one(Key::new("/b")).when(Precondition::Exists);
    assert!(matches!(store.commit(Batch::default().write(absent)).await, Err(Error::Precondition { found: None, .. })));
}

async fn a_batch_applies_whole_or_not_at_all(store: &dyn Store) {
    let before = write(store, 1, put("/a", 1)).await.position;
    let batch = Batch::new(Timestamp(2))
        .write(put("/a", 2))
        .write(put("/b", 1))
        .write(Delete::one(Key::new("/a")))
        .write(put("/c", 1).when(Precondition::Exists));
    assert!(matches!(store.commit(batch).await, Err(Error::Precondition { .. })));
    assert_eq!(read(store, "/a").await.expect("still there").body, json!({ "n": 1 }));
    assert!(read(store, "/b").await.is_none());
    assert_eq!(store.position().await.expect("a position"), before);

    let batch = Batch::new(Timestamp(3)).write(put("/a", 2)).write(put("/b", 1).when(Precondition::Absent));
    let commit = store
        .commit(batch.write(put("/b", 2).when(Precondition::Exists)))
        .await
        .expect("a later write sees the earlier");
    assert_eq!(commit.etags.len(), 3);
    assert_eq!(read(store, "/b").await.expect("there").body, json!({ "n": 2 }));
}

async fn what_a_batch_must_not_leave_refuses_it(store: &dyn Store) {
    let referring = |id: &str| put(id, 1).index(IndexEntry::new("target", "t"));
    write(store, 1, put("/t", 1)).await;
    write(store, 1, referring("/a")).await;
    let delete = || {
        let batch = Batch::default().write(Delete::one(Key::new("/t"))).write(Delete::one(Key::new("/a")));
        batch.leave_none(Query::default().index("target", "t"))
    };
    write(store, 1, referring("/b")).await;
    assert!(matches!(store.commit(delete()).await, Err(Error::Stale { key, .. }) if key == Key::new("/b")));
    assert!(read(store, "/t").await.is_some() && read(store, "/a").await.is_some(), "nothing of it is written");
    assert!(store.commit(delete().write(Delete::one(Key::new("/b")))).await.is_ok());
    assert!(read(store, "/t").await.is_none());
}

async fn an_expectation_that_is_stale_refuses_the_batch(store: &dyn Store) {
    let etag = write(store, 1, put("/parent", 1)).await.etags[0];
    let child = |etag| Batch::new(Timestamp(1)).write(put("/parent/child", 1)).expect(Key::new("/parent"), etag);
    store.commit(child(etag)).await.expect("the parent is as it was read");
    write(store, 1, put("/parent", 2)).await;
    assert!(matches!(store.commit(child(etag)).await, Err(Error::Stale { .. })));
    assert!(matches!(store.commit(child(None)).await, Err(Error::Stale { .. })));
}

async fn unique_indexes_name_the_other_document(store: &dyn Store) {
    let with_path =
        |id: &str, path: &str| put(id, 1).index(IndexEntry::unique("path", path)).index(IndexEntry::new("t", "1"));
    write(store, 1, with_path("/a", "x")).await;
    write(store, 1, with_path("/a", "x")).await;
    write(store, 1, put("/loose", 1).index(IndexEntry::new("path", "x"))).await;
    match store.commit(Batch::default().write(with_path("/b", "x"))).await {
        Err(Error::Duplicate { index, value, key, other }) => {
            assert_eq!((index.as_str(), value.as_str(), key.as_str(), other.as_str()), ("path", "x", "/b", "/a"));
        }
        other => panic!("expected a duplicate, got {other:?}"),
    }
    write(store, 1, with_path("/a", "y")).await;
    write(store, 1, with_path("/b", "x")).await;
    write(store, 1, Delete::one(Key::new("/b"))).await;
    write(store, 1, with_path("/c", "x")).await;
}

async fn lists_select_and_page(store: &dyn Store) {
    for (at, id) in
        [(3, "/s/n/apis/b"), (1, "/s/n/apis/c"), (2, "/s/n/apis/a"), (4, "/s/n-2/apis/d"), (5, "/s/n0/apis/e")]
    {
        let tag = if id.ends_with('b') { "no" } else { "yes" };
        let put = Put::new(id, "apis", json!({})).index(IndexEntry::new("tag", tag)).index(IndexEntry::new("all", "1"));
        write(store, at, put).await;
    }
    write(store, 6, Put { shape: 2, ..Put::new("/s/n/products/a", "products", json!({})) }).await;

    let service = Key::new("/S/N");
    let apis = || Query::kind("apis").under(&service);
    assert_eq!(names(store, apis()).await, ["a", "b", "c"]);
    assert_eq!(names(store, apis().skip(1).top(1)).await, ["b"]);
    assert_eq!(names(store, apis().skip(5)).await, [""; 0]);
    assert_eq!(names(store, apis().top(0)).await, [""; 0]);
    let after = |name: &str| Order::Key { after: Some(service.child(&format!("apis/{name}"))) };
    assert_eq!(names(store, Query { order: after("a"), ..apis() }).await, ["b", "c"]);
    assert_eq!(names(store, Query { order: Order::Created, ..apis() }).await, ["c", "a", "b"]);
    assert_eq!(names(store, apis().index("tag", "yes").index("all", "1")).await, ["a", "c"]);
    assert_eq!(names(store, apis().index("tag", "YES")).await, [""; 0]);
    assert_eq!(names(store, Query { shape_other_than: Some(1), ..Query::default() }).await, ["a"]);
    assert_eq!(names(store, Query::default()).await, ["d", "a", "b", "c", "a", "e"]);
    assert_eq!(store.count(&apis().skip(1).top(1)).await.expect("a count"), 3);
}

async fn deletes_take_children_only_when_told(store: &dyn Store) {
    for id in ["/a", "/a/b", "/a/b/c", "/ab", "/d", "/d/e"] {
        write(store, 1, put(id, 1)).await;
    }
    write(store, 2, Delete::tree(Key::new("/a"))).await;
    write(store, 2, Delete::one(Key::new("/d"))).await;
    assert_eq!(names(store, Query::default()).await, ["ab", "e"]);
    let before = store.position().await.expect("a position");
    let nothing = write(store, 3, Delete::tree(Key::new("/a"))).await;
    assert_eq!((nothing.position, nothing.etags), (before, vec![None]));
    write(store, 4, Delete::tree(Key::new("/d"))).await;
    assert_eq!(names(store, Query::default()).await, ["ab"], "children of what is gone already go too");
}

async fn the_feed_tells_every_change_once_and_in_order(store: &dyn Store) {
    assert_eq!(store.position().await.expect("a position"), Position(0));
    write(store, 1, put("/a", 1)).await;
    store.commit(Batch::default().write(put("/a/b", 1)).write(put("/a", 2))).await.expect("a commit");
    let last = write(store, 1, Delete::tree(Key::new("/a"))).await;
    let feed = store.changes(Position(0), 100).await.expect("the feed");
    let told: Vec<_> = feed.iter().map(|change| (change.key.as_str(), change.kind.as_str(), change.deleted)).collect();
    let expected =
        [("/a", "k", false), ("/a/b", "k", false), ("/a", "k", false), ("/a", "k", true), ("/a/b", "k", true)];
    assert_eq!(told, expected);
    assert!(feed.is_sorted_by(|one, next| one.position < next.position));
    assert_eq!(feed[4].position, last.position);
    assert_eq!(store.position().await.expect("a position"), last.position);
    assert_eq!(store.changes(feed[1].position, 2).await.expect("the feed"), feed[2..4]);
    assert_eq!(store.changes(last.position, 2).await.expect("the feed"), []);
}

async fn what_happened_since_is_one_state(store: &dyn Store) {
    for id in ["/a", "/b", "/c", "/d"] {
        write(store, 1, put(id, 1)).await;
    }
    let told = |after| async move {
        let since = store.since(after).await.expect("the changes");
        let written: Vec<_> = since.written.iter().map(|document| document.key.to_string()).collect();
        let deleted: Vec<_> = since.deleted.iter().map(|(key, kind)| format!("{key} {kind}")).collect();
        (since.position, written.join(","), deleted.join(","))
    };
    let before = store.position().await.expect("a position");
    assert_eq!(told(Position(0)).await, (before, "/a,/b,/c,/d".into(), String::new()));
    write(store, 2, put("/b", 2)).await;
    write(store, 2, put("/a", 2)).await;
    write(store, 2, put("/e", 2)).await;
    for key in ["/e", "/d"] {
        write(store, 2, Delete::one(Key::new(key))).await;
    }
    let newest = store.position().await.expect("a position");
    assert_eq!(told(before).await, (newest, "/b,/a".into(), "/d k,/e k".into()));
    assert_eq!(told(newest).await, (newest, String::new(), String::new()));
    write(store, 3, put("/d", 3)).await;
    assert_eq!(told(newest).await.1, "/d", "what came back is not gone");
    assert_eq!(told(before).await.2, "/e k");
    assert_eq!(told(Position(0)).await.2, "", "from the beginning on nothing is gone");
}

async fn waiting_ends_with_the_next_change(store: Arc<dyn Store>) {
    let first = write(&*store, 1, put("/a", 1)).await.position;
    assert_eq!(store.changed(Position(0)).await.expect("a position"), first, "what is there already needs no wait");
    let waiting = {
        let store = Arc::clone(&store);
        tokio::spawn(async move { store.changed(first).await.expect("a position") })
    };
    let second = write(&*store, 1, put("/b", 1)).await.position;
    let woken = tokio::time::timeout(Duration::from_secs(30), waiting).await.expect("woken").expect("no panic");
    assert_eq!(woken, second);
}

async fn concurrent_writers_lose_nothing(store: Arc<dyn Store>) {
    let writers: Vec<_> = (0..16)
        .map(|writer| {
            let store = Arc::clone(&store);
            tokio::spawn(async move {
                for n in 0..10 {
                    write(&*store, n, put(&format!("/{writer}/{n}"), n)).await;
                    // Every second batch fails, and must not take its neighbours along.
                    let refused =
                        Batch::default().write(put("/never", n)).write(put("/nor", n).when(Precondition::Exists));
                    assert!(store.commit(refused).await.is_err());
                }
            })
        })
        .collect();
    for writer in writers {
        writer.await.expect("no panic");
    }
    let feed = store.changes(Position(0), 1000).await.expect("the feed");
    assert_eq!((feed.len(), store.count(&Query::default()).await.expect("a count")), (160, 160));
    assert!(feed.is_sorted_by(|one, next| one.position < next.position));
}

fn put(id: &str, n: i64) -> Put {
    Put::new(id, "k", json!({ "n": n }))
}

async fn write(store: &dyn Store, at: i64, write: impl Into<crate::Write>) -> Commit {
    store.commit(Batch::new(Timestamp(at)).write(write)).await.expect("the batch is accepted")
}

async fn read(store: &dyn Store, key: &str) -> Option<Document> {
    store.get(&Key::new(key)).await.expect("a read")
}

async fn names(store: &dyn Store, query: Query) -> Vec<String> {
    let documents = store.list(&query).await.expect("a list");
    documents.iter().map(|document| document.name().to_owned()).collect()
}
