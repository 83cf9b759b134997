//! What a self-hosted gateway is told: the documents of its APIs and nothing else, and what follows.

use std::time::Duration;

use replication::{Changes, Held, Place, Version};
use serde_json::{Value, json};

use crate::world::{Reply, World};

const SERVICE: &str =
    "/subscriptions/22222222-2222-2222-2222-222222222222/resourcegroups/g/providers/microsoft.apimanagement/service/s";

/// A gateway with a token, and what it holds.
struct Edge<'w> {
    world: &'w World,
    token: String,
    held: Held,
    place: Place,
}

impl<'w> Edge<'w> {
    async fn of(world: &'w World) -> Self {
        let ask = json!({ "keyType": "primary", "expiry": "2026-10-01T00:00:00Z" });
        let reply = world.call("POST", "/gateways/edge/generateToken", ask).await.expect(200);
        let token = reply.body["value"].as_str().unwrap().to_owned();
        Self { world, token, held: Held::default(), place: Place::default() }
    }

    async fn ask(&self, head: &str, body: &str) -> Reply {
        self.world.raw(&format!("{head}\nAuthorization: GatewayKey {}", self.token), body).await
    }

    /// Takes changes over; the keys below the service that were written, and those that were deleted after a `-`.
    fn take(&mut self, changes: Changes) -> Vec<String> {
        let short = |key: &str| key.to_lowercase().strip_prefix(SERVICE).unwrap().trim_start_matches('/').to_owned();
        let mut told = Vec::new();
        for sent in changes.written {
            told.push(short(&sent.id));
            self.held.documents.insert(sent.id.to_lowercase(), sent.version);
        }
        for key in changes.deleted {
            told.push(format!("-{}", short(&key)));
            self.held.documents.remove(&key).unwrap();
        }
        self.place = changes.place;
        told.sort();
        told
    }

    /// Tells what it holds.
    async fn sync(&mut self) -> Vec<String> {
        let reply =
            self.ask("POST /gateway/v1/documents", &serde_json::to_string(&self.held).unwrap()).await.expect(200);
        self.take(serde_json::from_value(reply.body).unwrap())
    }

    async fn next(&self, wait: u64) -> Reply {
        let Place { database, position } = &self.place;
        self.ask(&format!("GET /gateway/v1/changes?database={database}&position={position}&wait={wait}"), "").await
    }

    /// What follows.
    async fn follow(&mut self) -> Vec<String> {
        let reply = self.next(30).await.expect(200);
        self.take(serde_json::from_value(reply.body).unwrap())
    }
}

fn properties(fields: Value) -> Value {
    json!({ "properties": fields })
}

fn policy(text: &str) -> Value {
    properties(json!({ "format": "rawxml", "value": format!("<policies><inbound>{text}</inbound></policies>") }))
}

/// Two APIs with everything around them; `edge` has one of them.
async fn world() -> World {
    let world = World::with_service().await;
    let put = async |path: &str, body: Value| drop(world.put(path, body).await.expect(201));
    put("/namedValues/mine", properties(json!({ "displayName": "Mine", "value": "hush-mine", "secret": true }))).await;
    put("/namedValues/other", properties(json!({ "displayName": "other", "value": "hush-other", "secret": true })))
        .await;
    put("/policyFragments/f", properties(json!({ "value": "<fragment><x a=\"{{Mine}}\"/></fragment>" }))).await;
    let url = |host: &str| properties(json!({ "url": format!("http://{host}/"), "protocol": "http" }));
    for (name, host) in [
        ("named", "named.example"),
        ("pooled", "pooled.example"),
        ("by-url", "shop.example"),
        ("other", "other.example"),
    ] {
        put(&format!("/backends/{name}"), url(host)).await;
    }
    let pool = json!({ "type": "Pool", "pool": { "services": [{ "id": "/backends/pooled" }] } });
    put("/backends/pool", properties(pool)).await;
    for (name, version) in [("shop", "v1"), ("other", "")] {
        let mut api = json!({ "displayName": name, "path": name, "serviceUrl": format!("http://{name}.example/api") });
        if !version.is_empty() {
            put("/apiVersionSets/set", properties(json!({ "displayName": "V", "versioningScheme": "Segment" }))).await;
            api["apiVersion"] = version.into();
            api["apiVersionSetId"] = "/apiVersionSets/set".into();
        }
        put(&format!("/apis/{name}"), properties(api)).await;
        // No gateway puts a named value into a description, so none gets it for that.
        let operation =
            json!({ "displayName": "O", "method": "GET", "urlTemplate": "/", "description": "Send {{other}}." });
        put(&format!("/apis/{name}/operations/get"), properties(operation)).await;
        put(&format!("/products/{name}"), properties(json!({ "displayName": name, "state": "published" }))).await;
        put(&format!("/products/{name}/apis/{name}"), Value::Null).await;
        let user =
            json!({ "email": format!("{name}@x"), "firstName": "F", "lastName": "L", "password": "pa55word-hush" });
        put(&format!("/users/{name}"), properties(user)).await;
        let scope =
            json!({ "displayName": "S", "scope": format!("/products/{name}"), "ownerId": format!("/users/{name}") });
        put(&format!("/subscriptions/{name}"), properties(scope)).await;
    }
    put("/products/shop/policies/policy", policy("<base />")).await;
    put(
        "/apis/shop/policies/policy",
        policy(r#"<include-fragment fragment-id="f" /><y backend-id="named" /><z backend-id="pool" />"#),
    )
    .await;
    put("/apis/other/policies/policy", policy(r#"<x a="{{other}}" /><y backend-id="other" />"#)).await;
    put("/gateways/edge", properties(json!({ "locationData": { "name": "here" } }))).await;
    put("/gateways/else", properties(json!({ "locationData": { "name": "there" } }))).await;
    put("/gateways/edge/apis/shop", Value::Null).await;
    put("/gateways/else/apis/other", Value::Null).await;
    world
}

const SHOP: [&str; 20] = [
    "",
    "apis/shop",
    "apis/shop/operations/get",
    "apis/shop/policies/policy",
    "apiversionsets/set",
    "backends/by-url",
    "backends/named",
    "backends/pool",
    "backends/pooled",
    "gateways/edge",
    "gateways/edge/apis/shop",
    "namedvalues/mine",
    "policies/policy",
    "policyfragments/f",
    "products/shop",
    "products/shop/apis/shop",
    "products/shop/policies/policy",
    "subscriptions/master",
    "subscriptions/shop",
    "users/shop",
];

#[tokio::test]
async fn a_gateway_is_told_what_its_apis_need_and_nothing_else() {
    let world = world().await;
    let mut edge = Edge::of(&world).await;
    let told = edge.sync().await;
    // The administrator owns the subscription that opens everything, and belongs to groups.
    let told: Vec<&str> =
        told.iter().map(String::as_str).filter(|key| !key.starts_with("groups/") && *key != "users/1").collect();
    assert_eq!(told, SHOP);
}

#[tokio::test]
async fn secrets_are_open_for_the_gateway_and_what_is_none_of_its_business_is_left_out() {
    let world = world().await;
    let edge = Edge::of(&world).await;
    let reply = edge.ask("POST /gateway/v1/documents", r#"{"documents":{}}"#).await.expect(200);
    assert_eq!(reply.headers["cache-control"], "no-store");
    let text = reply.body.to_string();
    let secrets = world.call("POST", "/subscriptions/shop/listSecrets", Value::Null).await.expect(200);
    assert!(text.contains("hush-mine") && text.contains(secrets.body["primaryKey"].as_str().unwrap()));
    let keys = world.call("POST", "/gateways/edge/listKeys", Value::Null).await.expect(200);
    for hidden in ["hush-other", "pa55word-hush", "passwordHash", "sealed:v1:", keys.body["primary"].as_str().unwrap()]
    {
        assert!(!text.contains(hidden), "{hidden}");
    }
}

#[tokio::test]
async fn changes_follow_as_documents_that_come_change_and_go() {
    let world = world().await;
    let mut edge = Edge::of(&world).await;
    edge.sync().await;
    world.put("/apis/shop/policies/policy", policy(r#"<y backend-id="other" />"#)).await.expect(200);
    let told = edge.follow().await;
    let gone = ["-backends/named", "-backends/pool", "-backends/pooled", "-namedvalues/mine", "-policyfragments/f"];
    assert_eq!(told, [&gone[..], &["apis/shop/policies/policy", "backends/other"]].concat());
    world.put("/gateways/edge/apis/other", Value::Null).await.expect(201);
    let told = edge.follow().await;
    for key in ["apis/other", "apis/other/operations/get", "subscriptions/other", "namedvalues/other", "users/other"] {
        assert!(told.iter().any(|known| known == key), "{key} is not among {told:?}");
    }
    world.delete("/gateways/edge/apis/shop").await.expect(200);
    let told = edge.follow().await;
    for key in
        ["-apis/shop", "-apis/shop/operations/get", "-products/shop", "-subscriptions/shop", "-gateways/edge/apis/shop"]
    {
        assert!(told.iter().any(|known| known == key), "{key} is not among {told:?}");
    }
    let mut suspended = properties(json!({ "displayName": "S", "scope": "/products/other", "state": "suspended" }));
    suspended["properties"]["ownerId"] = "/users/other".into();
    world.put("/subscriptions/other", suspended).await.expect(200);
    let told = edge.follow().await;
    assert!(told.contains(&"-subscriptions/other".to_owned()) && told.contains(&"-users/other".to_owned()), "{told:?}");
}

#[tokio::test]
async fn what_does_not_concern_a_gateway_moves_its_place_and_tells_nothing() {
    let world = world().await;
    let mut edge = Edge::of(&world).await;
    edge.sync().await;
    let before = edge.place.position;
    world.put("/apis/other/policies/policy", policy("<base />")).await.expect(200);
    assert_eq!(edge.next(0).await.expect(200).body["written"], json!([]));
    let mut waiting = Box::pin(edge.next(20));
    while world.clock.sleepers() == 0 {
        tokio::select! {
            biased;
            reply = &mut waiting => panic!("it waits for what concerns it, and is told {}", reply.body),
            () = tokio::task::yield_now() => {}
        }
    }
    world.clock.advance(Duration::from_secs(21));
    let told = waiting.await.expect(200);
    edge.take(serde_json::from_value(told.body).unwrap());
    assert!(edge.place.position > before);
    world.put("/apis/shop/policies/policy", policy("<z />")).await.expect(200);
    assert!(edge.follow().await.contains(&"apis/shop/policies/policy".to_owned()));
}

#[tokio::test]
async fn whoever_waits_is_let_go_when_the_node_stops() {
    let world = world().await;
    let mut edge = Edge::of(&world).await;
    edge.sync().await;
    world.control.release_gateways(true);
    assert_eq!(edge.next(30).await.expect(200).body["written"], json!([]));
}

#[tokio::test]
async fn a_place_that_the_node_does_not_know_starts_again_with_what_is_held() {
    let world = world().await;
    let mut edge = Edge::of(&world).await;
    edge.sync().await;
    assert_eq!(edge.sync().await, [""; 0], "it holds everything");
    let place = edge.place.clone();
    for wrong in [Place { database: "another".into(), ..place.clone() }, Place { position: 1, ..place.clone() }] {
        edge.place = wrong;
        assert_eq!(edge.next(0).await.expect(409).code(), "PositionUnknown");
    }
    edge.held.documents.insert(format!("{SERVICE}/apis/stale"), Version(1, 1));
    edge.held.documents.insert(format!("{SERVICE}/apis/shop"), Version(1, 1));
    edge.held.documents.remove(&format!("{SERVICE}/users/shop"));
    assert_eq!(edge.sync().await, ["-apis/stale", "apis/shop", "users/shop"]);
}

#[tokio::test]
async fn only_a_good_token_is_told_anything() {
    let world = world().await;
    let mut edge = Edge::of(&world).await;
    let refused = async |edge: &Edge<'_>| {
        for head in [
            "POST /gateway/v1/documents",
            "GET /gateway/v1/changes?database=x&position=1&wait=0",
            "POST /gateway/v1/heartbeat",
        ] {
            assert!(edge.ask(head, "{}").await.expect(401).why().contains("token"));
        }
    };
    let good = edge.token.clone();
    for bad in
        ["", "edge", "edge&202610010000&AAAA", &good.replace("edge", "else"), &good.replace("20261001", "20261002")]
    {
        edge.token = bad.to_owned();
        refused(&edge).await;
    }
    world.raw("GET /gateway/v1/changes?database=x&position=1&wait=0", "").await.expect(401);
    edge.token = good;
    edge.ask("GET /gateway/v2/changes", "").await.expect(404);
    edge.sync().await;
    world.call("POST", "/gateways/edge/regenerateKey", json!({ "keyType": "secondary" })).await.expect(204);
    edge.sync().await;
    world.call("POST", "/gateways/edge/regenerateKey", json!({ "keyType": "primary" })).await.expect(204);
    refused(&edge).await;
    let mut edge = Edge::of(&world).await;
    edge.sync().await;
    world.clock.advance(Duration::from_hours(24 * 30));
    let ended = edge.ask("POST /gateway/v1/documents", "{}").await.expect(401);
    assert_eq!(ended.code(), "ExpiredAuthenticationToken");
}

#[tokio::test]
async fn heartbeats_show_which_processes_there_are() {
    let world = world().await;
    let edge = Edge::of(&world).await;
    let beat = r#"{"instance":"a","version":"0.1.0","position":7,"uptimeSeconds":60,"openConnections":3,"new":true}"#;
    edge.ask("POST /gateway/v1/heartbeat", beat).await.expect(204);
    world.clock.advance(Duration::from_secs(5));
    let seen = world.control.gateways_seen();
    assert_eq!(seen.len(), 1);
    assert_eq!(
        (seen[0].gateway.as_str(), seen[0].ago, seen[0].heartbeat.position),
        ("edge", Duration::from_secs(5), 7)
    );
    world.clock.advance(Duration::from_hours(1));
    assert!(world.control.gateways_seen().is_empty());
}
