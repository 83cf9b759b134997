//! What `az` does on its way from nothing to a published API, request by request.

use serde_json::{Value, json};

use crate::world::{ORIGIN, SUBSCRIPTION, TENANT, World, service};

const POLICY: &str = r#"<policies><inbound><base /><set-header name="X-Key"><value>{{backend-key}}</value></set-header></inbound></policies>"#;

#[tokio::test]
async fn az_publishes_an_api() {
    let world = World::empty().await;

    // az cloud register, az login
    let metadata = world.raw("GET /metadata/endpoints?api-version=2022-09-01", "").await.expect(200).body;
    assert_eq!(metadata["authentication"]["loginEndpoint"], ORIGIN);
    assert_eq!(metadata["authentication"]["audiences"][0], format!("{ORIGIN}/"));
    let discovery =
        world.raw(&format!("GET /{TENANT}/v2.0/.well-known/openid-configuration"), "").await.expect(200).body;
    assert_eq!(discovery["token_endpoint"], format!("{ORIGIN}/{TENANT}/oauth2/v2.0/token"));
    let subscriptions = world.send("GET /subscriptions?api-version=2022-12-01", Value::Null).await.expect(200).body;
    assert_eq!(subscriptions["value"][0]["subscriptionId"], SUBSCRIPTION);
    assert_eq!(subscriptions["value"][0]["state"], "Enabled");

    // az group create, az apim create
    let group = world
        .send("PUT /subscriptions/{sub}/resourcegroups/g?api-version=2024-11-01", json!({ "location": "westus" }))
        .await;
    assert_eq!(group.expect(201).body["properties"]["provisioningState"], "Succeeded");
    let made = world.put("?api-version=2022-08-01", service()).await.expect(201).body;
    assert_eq!(made["properties"]["provisioningState"], "Succeeded");
    assert_eq!(made["properties"]["gatewayUrl"], "http://s.localhost:8080");
    let shown = world.get("?api-version=2022-08-01").await.expect(200).body;
    assert_eq!(shown, made);
    assert_eq!(shown["properties"]["publisherName"], "pub");
    assert_eq!(shown["properties"].get("restore"), None);

    // az apim update sends back what it read; the SDKs patch.
    let mut sent = shown.clone();
    sent["properties"]["publisherName"] = "pub2".into();
    let updated = world.put("?api-version=2022-08-01", sent.clone()).await.expect(200).body;
    assert_eq!(updated["properties"], sent["properties"]);
    let patch = json!({ "tags": { "a": "b" } });
    let patched = world.call("PATCH", "?api-version=2022-08-01", patch.clone()).await.expect(200).body;
    assert_eq!((&patched["tags"], &patched["properties"]["publisherName"]), (&patch["tags"], &json!("pub2")));

    // az apim nv create
    let nv =
        json!({ "properties": { "tags": ["t1"], "secret": true, "displayName": "backend-key", "value": "hush-hush" } });
    let made = world.put("/namedValues/nv1?api-version=2022-08-01\nIf-Match: *", nv).await.expect(201).body;
    assert_eq!(made["properties"], json!({ "tags": ["t1"], "secret": true, "displayName": "backend-key" }));
    let value =
        world.call("POST", "/namedValues/nv1/listValue?api-version=2022-08-01", Value::Null).await.expect(200).body;
    assert_eq!(value, json!({ "value": "hush-hush" }));

    // az apim api import
    let import = json!({ "properties": { "path": "imp", "value": crate::apis::PETSTORE, "format": "openapi+json" } });
    let made = world.put("/apis/imp?api-version=2022-08-01", import).await.expect(201).body;
    assert_eq!(made["properties"]["displayName"], "Petstore");
    assert_eq!(made["properties"]["serviceUrl"], "https://pets.example/v1");
    assert_eq!(world.get("/apis/imp?api-version=2022-08-01").await.expect(200).body, made);
    let operations = world.get("/apis/imp/operations?api-version=2022-08-01").await.expect(200).body;
    assert_eq!(operations["count"], 2);

    // az rest: policies in both formats
    for format in ["xml", "rawxml"] {
        let body = json!({ "properties": { "format": format, "value": POLICY } });
        let status = if format == "xml" { 201 } else { 200 };
        let put = world.put("/apis/imp/policies/policy", body.clone()).await.expect(status).body;
        assert_eq!(put["properties"], body["properties"]);
    }

    // az apim product create, az apim product api add
    let product = json!({ "properties": { "description": "d", "subscriptionRequired": true, "approvalRequired": false, "state": "published", "displayName": "P1" } });
    world.put("/products/p1?api-version=2022-08-01", product).await.expect(201);
    world.put("/products/p1/apis/imp?api-version=2022-08-01", Value::Null).await.expect(201);
    world.call("HEAD", "/products/p1/apis/imp?api-version=2022-08-01", Value::Null).await.expect(204);
    let apis = world.get("/products/p1/apis").await.expect(200).body;
    assert_eq!(apis["value"][0]["properties"]["displayName"], "Petstore");

    // az rest: a subscription and its keys
    let subscription = json!({ "properties": { "scope": "/products/p1", "displayName": "Mine", "state": "active" } });
    let made = world.put("/subscriptions/mine", subscription).await.expect(201).body;
    assert!(made["properties"]["scope"].as_str().unwrap().ends_with("/service/s/products/p1"));
    assert_eq!(made["properties"].get("primaryKey"), None);
    let keys = world.call("POST", "/subscriptions/mine/listSecrets", Value::Null).await.expect(200).body;
    assert_eq!(keys["primaryKey"].as_str().unwrap().len(), 32);
    assert_ne!(keys["primaryKey"], keys["secondaryKey"]);
    world.call("POST", "/subscriptions/mine/regeneratePrimaryKey", Value::Null).await.expect(204);
    let new = world.call("POST", "/subscriptions/mine/listSecrets", Value::Null).await.expect(200).body;
    assert_ne!(new["primaryKey"], keys["primaryKey"]);
    assert_eq!(new["secondaryKey"], keys["secondaryKey"]);

    // Nothing of it lies open in the store.
    let dump = world.dump().await;
    for secret in ["hush-hush", new["primaryKey"].as_str().unwrap(), &world.secret] {
        assert!(!dump.contains(secret), "{secret}");
    }

    // az apim delete
    world.delete("?api-version=2022-08-01").await.expect(200);
    world.get("").await.expect(404);
    assert!(!world.dump().await.contains("/service/s"));
}

#[tokio::test]
async fn a_new_service_has_what_the_cloud_gives_it() {
    let world = World::with_service().await;
    let names = |reply: crate::world::Reply| -> Vec<String> {
        reply.body["value"].as_array().unwrap().iter().map(|one| one["name"].as_str().unwrap().to_owned()).collect()
    };
    assert_eq!(names(world.get("/groups").await.expect(200)), ["administrators", "developers", "guests"]);
    assert_eq!(names(world.get("/users").await.expect(200)), ["1"]);
    assert_eq!(names(world.get("/groups/administrators/users").await.expect(200)), ["1"]);
    assert_eq!(names(world.get("/users/1/groups").await.expect(200)), ["administrators", "developers"]);
    assert_eq!(names(world.get("/subscriptions").await.expect(200)), ["master"]);
    let policy = world.get("/policies/policy").await.expect(200).body;
    assert!(policy["properties"]["value"].as_str().unwrap().contains("<forward-request />"));
    assert_eq!(world.delete("/users/1").await.expect(400).code(), "ValidationError");
    assert_eq!(world.delete("/groups/guests").await.expect(400).code(), "ValidationError");
    assert_eq!(world.delete("/subscriptions/master").await.expect(400).code(), "ValidationError");
}
