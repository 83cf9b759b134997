//! What a gateway keeps and how it follows: changes in, documents and files out.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]
#![allow(clippy::disallowed_methods, reason = "the tests look at the files that are written")]

mod follow;
mod kept;

use std::{path::Path, sync::Arc};

use base::Secret;
use replication::{Changes, Found, Place, Replica, Sent, Version};
use serde_json::json;
use store::{Query, Store};
use testkit::FixedEntropy;

/// A change of the database `d` that leads to `position`: `a=1` writes a document, `-a` deletes it.
pub(crate) fn change(position: u64, what: &str) -> Changes {
    let mut changes = Changes { place: Place { database: "d".into(), position }, ..Changes::default() };
    for word in what.split_whitespace() {
        match word.split_once('=') {
            Some((name, value)) => changes.written.push(Sent {
                id: format!("/S/{name}"),
                kind: "service/things".into(),
                body: json!({ "properties": { "value": value } }),
                version: Version(position, 7),
                shape: 1,
                created: 5,
            }),
            None => changes.deleted.push(format!("/s/{}", word.trim_start_matches('-'))),
        }
    }
    changes
}

pub(crate) fn open(path: &Path, secret: &str) -> (Replica, Found) {
    // Two processes never draw the same numbers.
    let seed = path.metadata().map_or(1, |about| about.len() + 2);
    Replica::open(path, Secret::new(secret.as_bytes().to_vec()), Arc::new(FixedEntropy::new(seed)))
}

/// Everything in it: `a=1 b=2`.
pub(crate) async fn content(replica: &Replica) -> String {
    let all = replica.list(&Query::default()).await.unwrap();
    let all = all.iter().map(|document| {
        let value = document.properties()["value"].as_str().unwrap();
        format!("{}={value}", document.name())
    });
    all.collect::<Vec<_>>().join(" ")
}
