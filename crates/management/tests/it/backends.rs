//! What clients may do with backends besides writing them.

use std::time::Duration;

use serde_json::{Value, json};

use crate::world::World;

#[tokio::test]
async fn a_backend_is_reconnected_at_once_or_after_a_while() {
    let world = World::with_service().await;
    let backend = json!({ "properties": { "url": "http://b", "protocol": "http" } });
    world.put("/backends/B", backend).await.expect(201);
    let reconnect = |body: Value| world.call("POST", "/backends/B/reconnect", body);
    reconnect(Value::Null).await.expect(202);
    reconnect(json!({ "properties": { "after": "PT3M" } })).await.expect(202);
    let early = reconnect(json!({ "properties": { "after": "PT1M" } })).await.expect(400);
    assert!(early.why().contains("at least PT2M"), "{}", early.why());
    world.call("POST", "/backends/none/reconnect", Value::Null).await.expect(404);
    let asked = std::mem::take(&mut *world.reconnects.0.lock().unwrap());
    assert!(asked.iter().all(|(id, _)| id.to_ascii_lowercase().ends_with("/service/s/backends/b")), "{asked:?}");
    assert_eq!(asked.iter().map(|(_, after)| *after).collect::<Vec<_>>(), [Duration::ZERO, Duration::from_mins(3)]);
}

#[tokio::test]
async fn breakers_and_pools_keep_what_the_contract_has() {
    let world = World::with_service().await;
    let rule = |condition: Value| {
        json!({ "properties": { "url": "http://b", "protocol": "http", "circuitBreaker": { "rules": [{
        "name": "r", "tripDuration": "PT1H", "acceptRetryAfter": true, "failureResponse": { "statusCode": 429 }, "failureCondition": condition,
    }] } } })
    };
    let condition = json!({
        "count": "3", "interval": "P1D", "errorReasons": ["Server errors"], "statusCodeRanges": [{ "min": "500", "max": 599 }],
    });
    let kept = world.put("/backends/b", rule(condition)).await.expect(201).body;
    let kept = &kept["properties"]["circuitBreaker"]["rules"][0];
    assert_eq!((&kept["failureCondition"]["count"], &kept["failureResponse"]["statusCode"]), (&json!(3), &json!(429)));
    let refused = world.put("/backends/c", rule(json!({ "interval": "P1D" }))).await.expect(400);
    assert!(refused.why().contains("needs a 'count' or a 'percentage'"), "{}", refused.why());
    let pool = json!({ "properties": { "type": "Pool", "pool": {
        "services": [{ "id": "/backends/b", "priority": 1, "weight": 50 }],
        "sessionAffinity": { "sessionId": { "source": "Cookie", "name": "SessionId" } },
    } } });
    let pool = world.put("/backends/p", pool).await.expect(201).body;
    assert_eq!(pool["properties"]["pool"]["sessionAffinity"]["sessionId"]["name"], "SessionId");
}
