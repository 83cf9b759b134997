//! Self-hosted gateways as resources: their APIs, host names, authorities, keys and tokens.

use base::Timestamp;
use replication::Token;
use serde_json::{Value, json};

use crate::world::World;

fn gateway() -> Value {
    json!({ "properties": { "description": "on the shop floor", "locationData": { "name": "Berlin" } } })
}

fn api(path: &str) -> Value {
    json!({ "properties": { "displayName": path, "path": path, "protocols": ["https"] } })
}

/// With the gateway `edge` and the API `echo`.
async fn world() -> World {
    let world = World::with_service().await;
    world.put("/gateways/edge", gateway()).await.expect(201);
    world.put("/apis/echo", api("echo")).await.expect(201);
    world
}

async fn keys(world: &World) -> [String; 2] {
    let reply = world.call("POST", "/gateways/edge/listKeys", Value::Null).await.expect(200);
    ["primary", "secondary"].map(|name| reply.body[name].as_str().unwrap().to_owned())
}

async fn names(world: &World, path: &str) -> Vec<String> {
    let reply = world.get(path).await.expect(200);
    let all = reply.body["value"].as_array().unwrap();
    all.iter().map(|one| one["name"].as_str().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn a_gateway_is_written_read_patched_and_deleted_and_never_shows_its_keys() {
    let world = world().await;
    let read = world.get("/gateways/edge").await.expect(200);
    assert_eq!(read.body["properties"], gateway()["properties"]);
    assert_eq!(read.body["type"], "Microsoft.ApiManagement/service/gateways");
    let before = keys(&world).await;
    assert!(before.iter().all(|key| crypto::text::from_base64(key).unwrap().len() == 64) && before[0] != before[1]);
    world.call("PATCH", "/gateways/edge", json!({ "properties": { "description": "x" } })).await.expect(400);
    let patch = json!({ "properties": { "description": "in the cellar" } });
    let patched = world.call("PATCH", "/gateways/edge\nIf-Match: *", patch).await.expect(200);
    assert_eq!(patched.body["properties"]["description"], "in the cellar");
    assert_eq!(patched.body["properties"]["locationData"]["name"], "Berlin");
    world.put("/gateways/edge", gateway()).await.expect(200);
    assert_eq!(keys(&world).await, before, "a write that says nothing of keys keeps them");
    assert!(!world.dump().await.contains(&before[0]), "keys are sealed at rest");
    assert_eq!(names(&world, "/gateways").await, ["edge"]);
    world.delete("/gateways/edge").await.expect(200);
    world.delete("/gateways/edge").await.expect(204);
    world.get("/gateways/edge").await.expect(404);
}

#[tokio::test]
async fn wrong_gateways_are_refused() {
    let world = world().await;
    for (path, body, target) in [
        ("/gateways/managed", gateway(), "name"),
        ("/gateways/a&b", gateway(), "name"),
        ("/gateways/g", json!({ "properties": { "locationData": {} } }), "locationData.name"),
        ("/gateways/g", json!({ "properties": { "primaryKey": "short" } }), "primaryKey"),
    ] {
        let refused = world.put(path, body).await.expect(400);
        assert!(refused.why().contains(&format!("{target}: ")), "{}", refused.why());
    }
}

#[tokio::test]
async fn apis_are_assigned_with_all_their_revisions_and_go_with_the_api() {
    let world = world().await;
    let assign = json!({ "properties": { "provisioningState": "created" } });
    world.put("/gateways/edge/apis/none", assign.clone()).await.expect(404);
    let made = world.put("/gateways/edge/apis/echo", assign.clone()).await.expect(201);
    assert_eq!(made.body["properties"]["path"], "echo");
    assert!(made.body["id"].as_str().unwrap().ends_with("/gateways/edge/apis/echo"));
    world.put("/gateways/edge/apis/echo;rev=1", assign).await.expect(200);
    assert_eq!(names(&world, "/gateways/edge/apis").await, ["echo"]);
    world.call("HEAD", "/gateways/edge/apis/echo", Value::Null).await.expect(200);
    world.delete("/gateways/edge/apis/echo").await.expect(200);
    world.call("HEAD", "/gateways/edge/apis/echo", Value::Null).await.expect(404);
    world.put("/gateways/edge/apis/echo", Value::Null).await.expect(201);
    world.delete("/apis/echo\nIf-Match: *").await;
    assert_eq!(names(&world, "/gateways/edge/apis").await, [""; 0]);
}

#[tokio::test]
async fn host_names_and_authorities_hold_certificates_of_the_service() {
    let world = world().await;
    let data = crypto::text::base64(&crate::resources::pfx("p"));
    world.put("/certificates/c", json!({ "properties": { "data": data, "password": "p" } })).await.expect(201);
    let host = |id: &str| json!({ "properties": { "hostname": "edge.example", "certificateId": id } });
    let refused = world.put("/gateways/edge/hostnameConfigurations/h", host("/certificates/none")).await.expect(400);
    assert!(refused.why().contains("certificateId: "), "{}", refused.why());
    let made = world.put("/gateways/edge/hostnameConfigurations/h", host("/certificates/c")).await.expect(201);
    assert!(made.body["properties"]["certificateId"].as_str().unwrap().ends_with("/service/s/certificates/c"));
    let mut old = host("/certificates/c");
    old["properties"]["tls10Enabled"] = true.into();
    world.put("/gateways/edge/hostnameConfigurations/h", old).await.expect(400);
    let trusted = json!({ "properties": { "isTrusted": true } });
    world.put("/gateways/edge/certificateAuthorities/none", trusted.clone()).await.expect(400);
    world.put("/gateways/edge/certificateAuthorities/c", trusted).await.expect(201);
    let refused = world.delete("/certificates/c\nIf-Match: *").await.expect(400);
    for user in ["/gateways/edge/hostnameConfigurations/h", "/gateways/edge/certificateAuthorities/c"] {
        assert!(refused.why().contains(user), "{}", refused.why());
    }
    world.delete("/gateways/edge").await.expect(200);
    world.delete("/certificates/c\nIf-Match: *").await.expect(200);
}

#[tokio::test]
async fn a_token_is_good_until_it_ends_or_its_key_is_made_anew() {
    let world = world().await;
    let ask = |body: Value| world.call("POST", "/gateways/edge/generateToken", body);
    // The clock of the world stands at 2026-09-21T14:13:20Z.
    let now = Timestamp::from_secs(1_790_000_000);
    for (body, target) in [
        (json!({ "expiry": "2026-09-22T00:00:00Z" }), "keyType"),
        (json!({ "keyType": "primary" }), "expiry"),
        (json!({ "keyType": "primary", "expiry": "2026-09-21T14:00:00Z" }), "expiry"),
        (json!({ "keyType": "primary", "expiry": "2026-10-21T14:14:00Z" }), "expiry"),
    ] {
        let refused = ask(body).await.expect(400);
        assert!(refused.why().contains(&format!("{target}: ")), "{}", refused.why());
    }
    let longest = json!({ "keyType": "secondary", "expiry": "2026-10-21T14:13:20.0000000Z" });
    let value = ask(longest).await.expect(200).body["value"].as_str().unwrap().to_owned();
    assert!(value.starts_with("edge&202610211413&"), "{value}");
    let token = Token::parse(&value).unwrap();
    let good = async || {
        let [primary, secondary] = keys(&world).await;
        token.is_good(&[&primary, &secondary], now)
    };
    assert!(good().await);
    world.call("POST", "/gateways/edge/regenerateKey", json!({ "keyType": "primary" })).await.expect(204);
    assert!(good().await, "the other key signed it");
    world.call("POST", "/gateways/edge/regenerateKey", json!({ "keyType": "secondary" })).await.expect(204);
    assert!(!good().await);
    world.call("POST", "/gateways/edge/regenerateKey", json!({})).await.expect(400);
    world.call("POST", "/gateways/none/listKeys", Value::Null).await.expect(404);
}
