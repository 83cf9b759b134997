//! Backend entities as ARM and Terraform write them: they come back as they were put, and what could not be served is refused.

use serde_json::{Value, json};

use crate::{resources::pfx, world::World};

async fn certified() -> World {
    let world = World::with_service().await;
    let certificate = json!({ "data": crypto::text::base64(&pfx("p")), "password": "p" });
    world.put("/certificates/c", json!({ "properties": certificate })).await.expect(201);
    world
}

fn single() -> Value {
    json!({
        "title": "Orders", "description": "Where orders live", "url": "https://orders.example/v1", "protocol": "soap",
        "resourceId": "https://management.azure.com/subscriptions/s/resourceGroups/g/providers/Microsoft.Web/sites/orders",
        "credentials": {
            "authorization": { "scheme": "Basic", "parameter": "opensesame" }, "certificateIds": ["/certificates/c"],
            "header": { "x-my-1": ["val1", "val2"] }, "query": { "sv": ["xx", "bb"] },
        },
        "proxy": { "url": "http://proxy.example:8080", "username": "me", "password": "secret" },
        "tls": {
            "validateCertificateChain": true, "validateCertificateName": false, "serverCertificateThumbprints": ["AB:CD"],
            "serverX509Names": [{ "name": "orders.example", "issuerCertificateThumbprint": "00" }],
        },
        "circuitBreaker": { "rules": [{
            "name": "r", "tripDuration": "PT10S", "acceptRetryAfter": true, "failureResponse": { "statusCode": 429 },
            "failureCondition": { "count": 3, "interval": "PT1M", "errorReasons": ["Timeout"], "statusCodeRanges": [{ "min": 500, "max": 599 }] },
        }] },
        "type": "Single",
    })
}

fn fabric() -> Value {
    json!({
        "description": "A service of a cluster", "url": "fabric:/shop/orders", "protocol": "http", "type": "Single",
        "properties": { "serviceFabricCluster": {
            "managementEndpoints": ["https://cluster.example:19080"], "clientCertificateId": "/certificates/c",
            "maxPartitionResolutionRetries": 5, "serverCertificateThumbprints": ["AB"],
            "serverX509Names": [{ "name": "ServerCommonName1", "issuerCertificateThumbprint": "IssuerCertificateThumbprint1" }],
        } },
    })
}

#[tokio::test]
async fn an_entity_comes_back_as_it_was_put() {
    let world = certified().await;
    for entity in [single(), fabric()] {
        let put = world.put("/backends/b", json!({ "properties": entity })).await;
        assert!(matches!(put.status, 200 | 201), "{:#}", put.body);
        for shown in [put.body, world.get("/backends/b").await.expect(200).body] {
            assert_eq!(shown["properties"], entity);
        }
    }
}

#[tokio::test]
async fn an_entity_that_could_not_be_served_is_refused_with_the_field() {
    let world = certified().await;
    world.put("/backends/member", json!({ "properties": { "url": "http://m", "protocol": "http" } })).await.expect(201);
    let pool = |count: usize| json!({ "type": "Pool", "pool": { "services": vec![json!({ "id": "/backends/member" }); count] } });
    let with = |mut entity: Value, name: &str, value: Value| {
        entity[name] = value;
        entity
    };
    let breaker = single()["circuitBreaker"].clone();
    let mut endless = fabric();
    endless["properties"]["serviceFabricCluster"]["managementEndpoints"] = json!(["cluster.example"]);
    for (entity, place) in [
        (pool(31), "pool.services"),
        (pool(0), "pool.services"),
        (with(pool(1), "circuitBreaker", breaker), "circuitBreaker"),
        (with(pool(1), "url", "http://m".into()), "url"),
        (with(fabric(), "properties", json!({})), "properties.serviceFabricCluster"),
        (endless, "properties.serviceFabricCluster.managementEndpoints"),
        (with(fabric(), "url", "fabric:/".into()), "url"),
        (with(single(), "protocol", "ftp".into()), "protocol"),
        (with(single(), "url", "http://a?b=c".into()), "url"),
    ] {
        let refused = world.put("/backends/p", json!({ "properties": entity })).await.expect(400);
        let at: Vec<_> = refused.body["error"]["details"]
            .as_array()
            .unwrap()
            .iter()
            .map(|detail| detail["target"].clone())
            .collect();
        assert_eq!(at, [place], "{:#}", refused.body);
    }
    world.put("/backends/p", json!({ "properties": pool(30) })).await.expect(201);
}
