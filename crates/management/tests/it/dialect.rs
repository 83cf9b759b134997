//! The ARM dialect: casing, versions, conditions, paging, errors.

use serde_json::{Value, json};

use crate::world::World;

fn tag(name: &str) -> Value {
    json!({ "properties": { "displayName": name } })
}

#[tokio::test]
async fn paths_compare_without_case_and_keep_the_first_spelling() {
    let world = World::with_service().await;
    world.put("/tags/MyTag", tag("a")).await.expect(201);
    let path = "/SUBSCRIPTIONS/{sub}/RESOURCEGROUPS/G/providers/microsoft.apimanagement/SERVICE/S/TAGS/mytag?API-VERSION=2024-05-01";
    let shown = world.send(&format!("GET {path}"), Value::Null).await.expect(200).body;
    assert_eq!(shown["name"], "MyTag");
    assert!(
        shown["id"]
            .as_str()
            .unwrap()
            .ends_with("/resourceGroups/g/providers/Microsoft.ApiManagement/service/s/tags/MyTag")
    );
    assert_eq!(shown["type"], "Microsoft.ApiManagement/service/tags");
}

#[tokio::test]
async fn what_is_sent_comes_back_unknown_properties_included() {
    let world = World::with_service().await;
    let sent = json!({ "properties": { "url": "https://b", "protocol": "http", "description": null, "future": { "A": [1, null] },
        "circuitBreaker": { "rules": [{ "name": "r", "tripDuration": "PT1M", "failureCondition": { "count": 3, "interval": "PT60S" } }] },
        "proxy": { "url": "http://p", "password": "secret" }, "credentials": { "header": { "X": ["one,two"] } } } });
    world.put("/backends/B1", sent.clone()).await.expect(201);
    let mut shown = world.get("/backends/b1").await.expect(200).body;
    assert_eq!(shown["properties"]["type"].take(), "Single");
    shown["properties"].as_object_mut().unwrap().shift_remove("type");
    assert_eq!(shown["properties"], sent["properties"]);
    assert!(!world.dump().await.contains("one,two"));
}

#[tokio::test]
async fn versions_are_required_and_listed() {
    let world = World::with_service().await;
    let get = async |query: &str| world.send(&format!("GET {{svc}}/tags{query}"), Value::Null).await;
    assert_eq!(get("").await.expect(400).code(), "MissingApiVersionParameter");
    assert_eq!(get("?api-version=latest").await.expect(400).code(), "InvalidApiVersionParameter");
    let old = get("?api-version=2019-01-01").await.expect(400);
    assert_eq!(old.code(), "NoRegisteredProviderFound");
    assert!(
        old.why().contains("2022-08-01") && old.why().contains("Microsoft.ApiManagement/service/tags"),
        "{}",
        old.why()
    );
}

#[tokio::test]
async fn conditions_hold() {
    let world = World::with_service().await;
    let made = world.put("/tags/a\nIf-Match: *", tag("one")).await.expect(201);
    let etag = made.headers["etag"].clone();
    assert!(etag.starts_with('"') && etag.ends_with('"'));
    assert_eq!(world.call("HEAD", "/tags/a", Value::Null).await.expect(200).headers["etag"], etag);
    world.get(&format!("/tags/a\nIf-None-Match: {etag}")).await.expect(304);
    let changed = world.put(&format!("/tags/a\nIf-Match: {etag}"), tag("two")).await.expect(200);
    assert_ne!(changed.headers["etag"], etag);
    assert_eq!(
        world.put(&format!("/tags/a\nIf-Match: {etag}"), tag("three")).await.expect(412).code(),
        "PreconditionFailed"
    );
    world.put("/tags/a\nIf-None-Match: *", tag("three")).await.expect(412);
    world.put(&format!("/tags/new\nIf-Match: {etag}"), tag("x")).await.expect(412);
    world.call("DELETE", &format!("/tags/a\nIf-Match: {etag}"), Value::Null).await.expect(412);
    world.delete("/tags/a").await.expect(200);
    world.delete("/tags/a").await.expect(204);
    assert_eq!(world.call("HEAD", "/tags/a", Value::Null).await.status, 404);
}

#[tokio::test]
async fn a_patch_merges_and_needs_a_condition() {
    let world = World::with_service().await;
    let product = json!({ "properties": { "displayName": "P", "description": "d", "extra": 1 } });
    world.put("/products/p", product).await.expect(201);
    let patch = json!({ "properties": { "description": null, "state": "published" } });
    let without = world.call("PATCH", "/products/p", patch.clone()).await.expect(400);
    assert!(without.why().contains("If-Match"), "{}", without.why());
    let merged = world.call("PATCH", "/products/p\nIf-Match: *", patch).await.expect(200).body;
    assert_eq!(
        merged["properties"],
        json!({ "displayName": "P", "extra": 1, "subscriptionRequired": true, "state": "published", "approvalRequired": false })
    );
    world.call("PATCH", "/products/p\nIf-Match: \"stale\"", tag("x")).await.expect(412);
    world.call("PATCH", "/products/none\nIf-Match: *", tag("x")).await.expect(404);
}

#[tokio::test]
async fn lists_are_filtered_and_paged() {
    let world = World::with_service().await;
    for n in 0..5 {
        world.put(&format!("/tags/t{n}"), tag(&format!("Tag {n}"))).await.expect(201);
    }
    let page = world.get("/tags?$top=2&$filter=properties/displayName ne 'Tag 1'").await.expect(200).body;
    let names = |page: &Value| -> Vec<String> {
        page["value"].as_array().unwrap().iter().map(|one| one["name"].as_str().unwrap().to_owned()).collect()
    };
    assert_eq!((names(&page), &page["count"]), (vec!["t0".to_owned(), "t2".to_owned()], &json!(4)));
    // `$top` asks for two in all, so nothing follows.
    assert_eq!(page.get("nextLink"), None);
    for n in 0..105 {
        world.put(&format!("/groups/x{n}"), tag("G")).await.expect(201);
    }
    let first = world.get("/groups").await.expect(200).body;
    assert_eq!((names(&first).len(), &first["count"]), (100, &json!(108)));
    let next = first["nextLink"].as_str().unwrap().strip_prefix(crate::world::ORIGIN).unwrap().to_owned();
    let second = world.send(&format!("GET {next}"), Value::Null).await.expect(200).body;
    assert_eq!((names(&second).len(), second.get("nextLink")), (8, None));
    assert_eq!(world.get("/tags?$filter=displayName gt").await.expect(400).code(), "InvalidFilter");
    assert_eq!(world.get("/tags?$top=0").await.expect(400).code(), "InvalidParameters");
}

#[tokio::test]
async fn refusals_say_what_is_wrong() {
    let world = World::with_service().await;
    let broken = world
        .raw(
            &format!("PUT {{svc}}/tags/a?api-version=2024-05-01\nAuthorization: Bearer {}", world.token),
            "{\n \"properties\": x",
        )
        .await;
    assert_eq!(broken.status, 400);
    assert_eq!(broken.code(), "InvalidRequestContent");
    assert!(broken.why().contains("(line 2, column 16)"), "{}", broken.why());
    let empty = world.put("/tags/a", json!({ "properties": {} })).await.expect(400);
    assert_eq!(
        empty.why(),
        "One or more fields contain incorrect values:\ndisplayName: 'displayName' is required and must not be empty."
    );
    assert_eq!(world.put("/tags/a:b", tag("x")).await.expect(400).code(), "ValidationError");
    let big = world.put("/tags/a", json!({ "x": "y".repeat(500_000) })).await.expect(413);
    assert_eq!(big.code(), "RequestContentTooLarge");
    assert_eq!(world.get("/nonsense").await.expect(404).code(), "InvalidResourceType");
    assert_eq!(world.call("PATCH", "/policies/policy", tag("x")).await.expect(405).code(), "MethodNotAllowed");
    let later = world.get("/caches").await.expect(501);
    assert_eq!(later.code(), "OperationNotSupported");
    assert!(later.why().contains("Cache_ListByService"), "{}", later.why());
    assert_eq!(
        world.get("/apis/echo?export=True&format=openapi%2Bjson-link").await.expect(501).code(),
        "OperationNotSupported"
    );
    let missing = world.get("/tags/none").await.expect(404);
    assert_eq!((missing.code(), missing.why().as_str()), ("ResourceNotFound", "Tag 'none' not found."));
    assert!(
        missing.headers.contains_key("x-ms-request-id") && missing.headers.contains_key("x-ms-correlation-request-id")
    );
}

#[tokio::test]
async fn deletes_of_apis_are_long_running_from_2024_05_01_on() {
    let mut world = World::with_service().await;
    let api = json!({ "properties": { "displayName": "E", "path": "e" } });
    world.put("/apis/e", api.clone()).await.expect(201);
    world.delete("/apis/e?api-version=2022-08-01").await.expect(200);
    world.put("/apis/e", api).await.expect(201);
    let started = world.delete("/apis/e").await.expect(202);
    for (header, key) in [("azure-asyncoperation", "status"), ("location", "properties")] {
        let link = started.headers[header].strip_prefix(crate::world::ORIGIN).unwrap().to_owned();
        let answer = world.send(&format!("GET {link}"), Value::Null).await.expect(200).body;
        let status = if key == "status" { &answer["status"] } else { &answer["properties"]["status"] };
        assert_eq!(status, "Succeeded");
    }
    world.get("/apis/e").await.expect(404);
    // A day later nobody asks any more.
    world.clock.advance(std::time::Duration::from_hours(25));
    world.token = world.sign_in(&world.app, &world.secret).await;
    world.put("/apis/f", json!({ "properties": { "displayName": "F", "path": "f" } })).await.expect(201);
    world.delete("/apis/f").await.expect(202);
    assert_eq!(world.dump().await.matches("/operationresults/").count(), 1);
}

#[tokio::test]
async fn writers_who_meet_lose_nothing() {
    let world = World::with_service().await;
    world.put("/products/p", json!({ "properties": { "displayName": "P" } })).await.expect(201);
    let patch = async |name: &str| {
        let body = json!({ "properties": { name: true } });
        world.call("PATCH", "/products/p\nIf-Match: *", body).await.expect(200);
    };
    tokio::join!(patch("a"), patch("b"), patch("c"), patch("d"));
    let shown = world.get("/products/p").await.expect(200).body;
    for name in ["a", "b", "c", "d"] {
        assert_eq!(shown["properties"][name], true, "{name}");
    }
}

/// A gateway that never gets on.
struct Stuck;

impl control::Publication for Stuck {
    fn published(&self, _: store::Position) -> control::Later<'_, ()> {
        Box::pin(std::future::pending())
    }
}

#[tokio::test]
async fn a_write_says_so_when_the_gateway_does_not_get_on() {
    let world = World::behind(std::sync::Arc::new(Stuck)).await;
    let group =
        world.send("PUT /subscriptions/{sub}/resourcegroups/g?api-version=2024-11-01", json!({ "location": "x" }));
    let turn = async {
        while world.clock.sleepers() == 0 {
            tokio::task::yield_now().await;
        }
        world.clock.advance(world.control.settings().publish_wait);
    };
    let (reply, ()) = tokio::join!(group, turn);
    assert!(reply.expect(201).headers["warning"].contains("does not serve it yet"));
}

#[tokio::test]
async fn two_services_do_not_see_each_other() {
    let world = World::with_service().await;
    let other = "/subscriptions/{sub}/resourceGroups/g/providers/Microsoft.ApiManagement/service/other";
    world.send(&format!("PUT {other}?api-version=2024-05-01"), crate::world::service()).await.expect(201);
    let api = json!({ "properties": { "displayName": "E", "path": "e" } });
    world.put("/apis/e", api.clone()).await.expect(201);
    world.send(&format!("PUT {other}/apis/e?api-version=2024-05-01"), api).await.expect(201);
    let key =
        json!({ "properties": { "displayName": "k", "scope": "/apis", "primaryKey": "same", "secondaryKey": "pair" } });
    world.put("/subscriptions/k", key.clone()).await.expect(201);
    world.send(&format!("PUT {other}/subscriptions/k?api-version=2024-05-01"), key.clone()).await.expect(201);
    world.put("/subscriptions/k2", key).await.expect(400);
    let cross = json!({ "properties": { "displayName": "k", "scope": format!("{other}/apis/e").replace("{sub}", crate::world::SUBSCRIPTION) } });
    world.put("/subscriptions/k3", cross).await.expect(400);
    world.send(&format!("DELETE {other}?api-version=2024-05-01"), Value::Null).await.expect(200);
    world.get("/apis/e").await.expect(200);
    // Names are host names: one of each in the whole server.
    world
        .send("PUT /subscriptions/{sub}/resourcegroups/h?api-version=2024-11-01", json!({ "location": "x" }))
        .await
        .expect(201);
    let taken =
        "PUT /subscriptions/{sub}/resourceGroups/h/providers/Microsoft.ApiManagement/service/S?api-version=2024-05-01";
    world.send(taken, crate::world::service()).await.expect(400);
    let check =
        "POST /subscriptions/{sub}/providers/Microsoft.ApiManagement/checkNameAvailability?api-version=2022-08-01";
    let answer = async |name: &str| world.send(check, json!({ "name": name })).await.expect(200).body["reason"].clone();
    assert_eq!([answer("s").await, answer("free").await, answer("1bad").await], ["AlreadyExists", "Valid", "Invalid"]);
}
