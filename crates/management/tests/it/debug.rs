//! Debug credentials and traces, as clients ask for them.

use serde_json::{Value, json};

use crate::world::World;

async fn ask(world: &World, body: Value) -> crate::world::Reply {
    world.call("POST", "/gateways/managed/listDebugCredentials", body).await
}

fn api(world_path: &str) -> String {
    format!(
        "/subscriptions/{}/resourceGroups/g/providers/Microsoft.ApiManagement/service/s{world_path}",
        crate::world::SUBSCRIPTION
    )
}

async fn world() -> World {
    let world = World::with_service().await;
    let api = json!({ "properties": { "displayName": "Echo", "path": "echo", "protocols": ["https"] } });
    world.put("/apis/echo", api).await.expect(201);
    world
}

#[tokio::test]
async fn a_credential_is_for_one_api_and_an_hour_at_most() {
    let world = world().await;
    let echo = api("/apis/echo");
    let whole = ask(&world, json!({ "apiId": echo, "purposes": ["tracing"] })).await.expect(200);
    assert_eq!(whole.body, json!({ "token": "s/-/echo/3600" }));
    let short = json!({ "apiId": echo, "purposes": ["tracing"], "credentialsExpireAfter": "PT5M" });
    assert_eq!(ask(&world, short).await.expect(200).body["token"], "s/-/echo/300");
    for (body, target) in [
        (json!({ "apiId": echo, "purposes": [] }), "purposes"),
        (json!({ "apiId": echo, "purposes": ["tracing"], "credentialsExpireAfter": "PT2H" }), "credentialsExpireAfter"),
        (json!({ "apiId": api("/apis/none"), "purposes": ["tracing"] }), "apiId"),
        (json!({ "purposes": ["tracing"] }), "apiId"),
    ] {
        let refused = ask(&world, body).await.expect(400);
        assert!(refused.why().contains(&format!("{target}: ")), "{}", refused.why());
    }
}

#[tokio::test]
async fn a_trace_is_listed_by_its_id() {
    let world = world().await;
    let list = |id: &'static str| world.call("POST", "/gateways/managed/listTrace", json!({ "traceId": id }));
    let found = list("t1").await.expect(200);
    assert_eq!(found.body, json!({ "serviceName": "s", "traceId": "t1", "traceEntries": {} }));
    list("t2").await.expect(404);
    world.call("POST", "/gateways/managed/invalidateDebugCredentials", Value::Null).await.expect(204);
    world.call("POST", "/gateways/mine/listTrace", json!({ "traceId": "t1" })).await.expect(404);
}
