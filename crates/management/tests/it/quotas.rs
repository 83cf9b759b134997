//! Counters of `quota-by-key`, as clients look at them and reset them.

use std::time::Duration;

use base::Timestamp;
use kv::{
    Counters, Key, Settle, Window,
    quota::{Counted, space},
};
use serde_json::json;

use crate::world::{SUBSCRIPTION, World};

const PERIOD: Duration = Duration::from_hours(1);

/// Counts for `subject` in the service `s`, as the gateway does.
fn count(world: &World, subject: &str, counted: Counted, cost: i64) {
    let owner = format!("/subscriptions/{SUBSCRIPTION}/resourcegroups/g/providers/microsoft.apimanagement/service/s");
    let anchor = Timestamp::from_secs(0);
    let space = space(&owner, anchor, PERIOD, counted);
    let key = Key { space: &space, subject: subject.as_bytes() };
    world.counters.settle(Settle { key, window: Window::Fixed { anchor, period: PERIOD }, cost });
}

#[tokio::test]
async fn the_counters_of_a_key_are_listed_and_can_be_reset() {
    let world = World::with_service().await;
    count(&world, "a:b", Counted::Calls, 7);
    count(&world, "a:b", Counted::Bytes, 1536);
    count(&world, "other", Counted::Calls, 1);
    let listed = world.call("GET", "/quotas/a:b", json!(null)).await.expect(200).body;
    assert_eq!(listed["count"], 1);
    let counter = &listed["value"][0];
    assert_eq!(counter["counterKey"], "a:b");
    assert_eq!(counter["value"], json!({ "callsCount": 7, "kbTransferred": 1.5 }));
    let name = counter["periodKey"].as_str().unwrap();
    assert!(name.ends_with("_PT1H"), "{name}");

    let period = format!("/quotas/a:b/periods/{name}");
    assert_eq!(world.call("GET", &period, json!(null)).await.expect(200).body, *counter);
    let less = json!({ "properties": { "callsCount": 2 } });
    let changed = world.call("PATCH", &period, less).await.expect(200).body;
    assert_eq!(changed["value"], json!({ "callsCount": 2, "kbTransferred": 1.5 }));
    let reset = json!({ "properties": { "callsCount": 0, "kbTransferred": 0 } });
    let changed = world.call("PATCH", "/quotas/a:b", reset).await.expect(200).body;
    assert_eq!(changed["value"][0]["value"], json!({ "callsCount": 0, "kbTransferred": 0.0 }));

    let other = world.call("GET", "/quotas/other", json!(null)).await.expect(200).body;
    assert_eq!(other["value"][0]["value"]["callsCount"], 1);
}

#[tokio::test]
async fn a_key_that_nobody_used_has_no_counters_and_no_periods() {
    let world = World::with_service().await;
    let listed = world.call("GET", "/quotas/nobody", json!(null)).await.expect(200).body;
    assert_eq!(listed, json!({ "count": 0, "value": [] }));
    world.call("GET", "/quotas/nobody/periods/0_PT1H", json!(null)).await.expect(404);
    for wrong in
        [json!({}), json!({ "properties": { "callsCount": -1 } }), json!({ "properties": { "kbTransferred": "1" } })]
    {
        world.call("PATCH", "/quotas/nobody", wrong).await.expect(400);
    }
}
