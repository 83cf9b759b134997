//! A change redoes what depends on it and nothing else; what runs keeps its snapshot.

use std::sync::Arc;

use policy::Headers;
use proptest::prelude::*;
use serde_json::json;
use store::{Batch, Delete, Key, Store};

use crate::{
    bed::{Bed, SERVICE, policy, put_at},
    routing::{api, operation},
};

#[tokio::test]
async fn a_policy_edit_touches_its_own_api_alone() {
    let bed = Bed::with(&[
        ("apis/a", api("a")),
        ("apis/a/operations/get", operation("GET", "/")),
        ("apis/b", api("b")),
        ("apis/b/operations/get", operation("GET", "/")),
    ])
    .await;
    let before = bed.service();
    bed.put("apis/a/policies/policy", policy("a")).await;
    let after = bed.service();
    assert!(!Arc::ptr_eq(&before.apis()[0], &after.apis()[0]));
    assert!(Arc::ptr_eq(&before.apis()[1], &after.apis()[1]));
    assert!(Arc::ptr_eq(&before.apis()[0].entity, &after.apis()[0].entity));
}

#[tokio::test]
async fn a_change_of_one_service_leaves_the_other_as_it_is() {
    const OTHER: &str = "/subscriptions/s/resourceGroups/g/providers/Microsoft.ApiManagement/service/Other";
    let bed = Bed::new().await;
    bed.write(put_at(OTHER, "", json!({}))).await;
    let before = bed.snapshot();
    bed.put("apis/a", api("a")).await;
    let after = bed.snapshot();
    let service = |snapshot: &snapshot::Snapshot, key: &str| Arc::clone(snapshot.service(&Key::new(key)).unwrap());
    assert!(Arc::ptr_eq(&service(&before, OTHER), &service(&after, OTHER)));
    assert!(!Arc::ptr_eq(&service(&before, SERVICE), &service(&after, SERVICE)));
}

#[tokio::test]
async fn a_pinned_snapshot_stays_as_it_is() {
    let bed = Bed::with(&[("apis/a", api("a")), ("apis/a/operations/get", operation("GET", "/"))]).await;
    let pinned = bed.service();
    bed.delete("apis/a").await;
    assert!(pinned.route("GET", "/a", "", &Headers::new(), false).is_ok());
    assert_eq!(bed.route("GET /a", &[]), "no api");
}

#[tokio::test]
async fn a_batch_is_published_whole_and_its_position_reached() {
    let bed = Bed::new().await;
    let batch = Batch::default().write(put_at(SERVICE, "apis/a", api("a")));
    let batch = batch.write(put_at(SERVICE, "apis/a/operations/get", operation("GET", "/")));
    let commit = bed.store.commit(batch).await.unwrap();
    bed.publisher.published(commit.position).await;
    assert!(bed.snapshot().position >= commit.position);
    assert_eq!(bed.route("GET /a", &[]), "a/get");
}

/// The documents that the steps of a history write or remove.
const PATHS: [&str; 13] = [
    "apis/a",
    "apis/a;rev=2",
    "apis/a/operations/get",
    "apis/a;rev=2/operations/get",
    "apis/a/policies/policy",
    "apis/a/operations/get/policies/policy",
    "apis/a;rev=2/policies/policy",
    "policyFragments/f",
    "policies/policy",
    "products/p",
    "products/p/apis/a",
    "products/p/policies/policy",
    "namedValues/nv",
];

fn properties(path: &str, variant: u8) -> serde_json::Value {
    let one_of = |words: [&'static str; 2]| words[usize::from(variant % 2)];
    match path.rsplit('/').nth(1).unwrap_or_default() {
        "apis" if path.starts_with("apis/") => api(one_of(["x", "y"])),
        "operations" => operation(one_of(["GET", "*"]), "/{id}"),
        "policies" if path.contains("rev=2") => {
            json!({ "value": "<policies><inbound><include fragment=\"F\" /><base /></inbound></policies>" })
        }
        "policies" => policy(one_of(["one", "{{nv}}"])),
        "products" => json!({ "subscriptionRequired": false, "state": one_of(["published", "notPublished"]) }),
        "policyFragments" => json!({ "value": one_of(["<fragment />", "<fragment><nope /></fragment>"]) }),
        "namedValues" => json!({ "displayName": "nv", "value": one_of(["good", "bad"]) }),
        _ => json!({}),
    }
}

/// All that the histories can change, as a request sees it.
fn seen(bed: &Bed) -> Vec<String> {
    let requests = ["GET /x/1", "GET /y/1", "POST /y/1", "GET /x;rev=2/1", "GET /y;rev=2/1", "GET /x;rev=1/1"];
    let mut seen: Vec<String> = requests
        .iter()
        .map(|request| {
            let route = bed.route(request, &[]);
            if route.ends_with("/get") {
                format!("{route} {} {}", bed.access(request, &[]), bed.inbound(request, &[]))
            } else {
                route
            }
        })
        .collect();
    seen.extend(bed.problems());
    seen
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    /// Following the feed leads to what building from scratch gives.
    #[test]
    fn following_changes_equals_starting_anew(history in prop::collection::vec((0..PATHS.len(), 0_u8..3), 1..40)) {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        runtime.block_on(async {
            let bed = Bed::new().await;
            let mut left = std::collections::BTreeMap::new();
            for (path, variant) in history {
                let path = PATHS[path];
                if variant == 2 {
                    bed.write(Delete::one(Key::new(&format!("{SERVICE}/{path}")))).await;
                    left.remove(path);
                } else {
                    bed.put(path, properties(path, variant)).await;
                    left.insert(path, properties(path, variant));
                }
            }
            let anew = Bed::with(&left.into_iter().collect::<Vec<_>>()).await;
            prop_assert_eq!(seen(&bed), seen(&anew));
            Ok(())
        })?;
    }
}
