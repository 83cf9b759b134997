//! Single kinds: what each refuses, hides and takes along.

use serde_json::{Value, json};

use crate::world::{SUBSCRIPTION, World};

#[tokio::test]
async fn what_is_in_use_stays_and_says_where() {
    let world = World::with_service().await;
    world.put("/namedValues/nv", json!({ "properties": { "displayName": "Key", "value": "v" } })).await.expect(201);
    world.put("/policyFragments/f1", json!({ "properties": { "value": "<fragment><set-header name=\"a\"><value>{{Key}}</value></set-header></fragment>" } })).await.expect(201);
    world.put("/backends/b", json!({ "properties": { "url": "http://b", "protocol": "http" } })).await.expect(201);
    world
        .put(
            "/backends/pool",
            json!({ "properties": { "type": "Pool", "pool": { "services": [{ "id": "/backends/b" }] } } }),
        )
        .await
        .expect(201);
    let policy = "<policies><inbound><include-fragment fragment-id=\"f1\" /><set-backend-service backend-id=\"pool\" /></inbound></policies>";
    world.put("/policies/policy", json!({ "properties": { "value": policy } })).await.expect(200);
    let why = async |path: &str| world.delete(path).await.expect(400).why();
    assert!(
        why("/namedValues/nv")
            .await
            .ends_with("Named value 'nv' cannot be deleted because it is used by '/policyFragments/f1'.")
    );
    assert!(why("/policyFragments/f1").await.contains("'/policies/policy'"));
    assert!(why("/backends/pool").await.contains("'/policies/policy'"));
    assert!(why("/backends/b").await.contains("'/backends/pool'"));
    let references = world.call("POST", "/policyFragments/f1/listReferences", Value::Null).await.expect(200).body;
    assert!(references["value"][0]["id"].as_str().unwrap().ends_with("/policies/policy"));
    world.delete("/policies/policy").await.expect(200);
    for path in ["/policyFragments/f1", "/namedValues/nv", "/backends/pool", "/backends/b"] {
        world.delete(path).await.expect(200);
    }
}

#[tokio::test]
async fn a_policy_that_would_not_run_is_refused_with_its_place() {
    let world = World::with_service().await;
    let put = async |value: &str| world.put("/policies/policy", json!({ "properties": { "value": value } })).await;
    let unknown = put("<policies>\n  <inbound>\n    <bad />\n  </inbound>\n</policies>").await.expect(400);
    assert_eq!(
        unknown.why(),
        "One or more fields contain incorrect values:\nbad: Error in element 'bad' on line 3, column 5: Unknown policy 'bad'. (PX0001)"
    );
    assert!(
        put("<policies><inbound><set-body>{{none}}</set-body></inbound></policies>")
            .await
            .expect(400)
            .why()
            .contains("'set-body'")
    );
    // What runs keeps running: the old policy is still there, and a value that would break a policy is refused.
    world.put("/namedValues/nv", json!({ "properties": { "displayName": "k", "value": "good" } })).await.expect(201);
    put("<policies><inbound><set-body>{{k}}</set-body></inbound></policies>").await.expect(200);
    let breaking = world
        .put("/namedValues/nv", json!({ "properties": { "displayName": "k", "value": "broken" } }))
        .await
        .expect(400);
    assert!(breaking.why().contains("'/policies/policy' would no longer compile"), "{}", breaking.why());
    // A new name is put wherever the old one stood.
    world
        .put("/namedValues/nv", json!({ "properties": { "displayName": "other", "value": "good" } }))
        .await
        .expect(200);
    let renamed = world.get("/policies/policy").await.expect(200).body;
    assert_eq!(
        renamed["properties"]["value"],
        "<policies><inbound><set-body>{{other}}</set-body></inbound></policies>"
    );
    world.delete("/namedValues/nv").await.expect(400);
    let linked = json!({ "properties": { "format": "xml-link", "value": "https://files.example/policy.xml" } });
    let linked = world.put("/policies/policy", linked).await.expect(200).body;
    assert_eq!(linked["properties"]["format"], "xml");
    assert_eq!(
        world.put("/policies/other", json!({ "properties": { "value": "<policies />" } })).await.expect(400).code(),
        "ValidationError"
    );
}

#[tokio::test]
async fn the_policy_of_an_operation_is_judged_with_its_url_template() {
    let world = World::with_service().await;
    let api = json!({ "properties": { "displayName": "a", "path": "a", "protocols": ["https"] } });
    world.put("/apis/a", api).await.expect(201);
    let operation = json!({ "properties": { "displayName": "o", "method": "GET", "urlTemplate": "/o/{id}", "templateParameters": [{ "name": "id", "type": "string", "required": true }] } });
    world.put("/apis/a/operations/o", operation).await.expect(201);
    let policy = json!({ "properties": { "value": "<policies><inbound><rewrite-uri /></inbound></policies>" } });
    let refused = world.put("/apis/a/operations/o/policies/policy", policy.clone()).await.expect(400);
    assert!(refused.why().contains("The operation is /o/{id}."), "{}", refused.why());
    world.put("/apis/a/policies/policy", policy).await.expect(201);
}

#[tokio::test]
async fn a_policy_is_shown_in_the_format_that_is_asked_for() {
    let world = World::with_service().await;
    let raw = r#"<policies><inbound><set-body>@(context.Request.Headers["a"] == "b" && 1 < 2 ? "x" : "y")</set-body></inbound></policies>"#;
    world.put("/policies/policy", json!({ "properties": { "format": "rawxml", "value": raw } })).await.expect(200);
    let value = async |query: &str| {
        let shown = world.get(&format!("/policies/policy{query}")).await.expect(200).body;
        (
            shown["properties"]["format"].as_str().unwrap().to_owned(),
            shown["properties"]["value"].as_str().unwrap().to_owned(),
        )
    };
    assert_eq!(value("").await, ("rawxml".to_owned(), raw.to_owned()));
    assert_eq!(value("?format=RawXml").await.1, raw);
    let (format, xml) = value("?format=xml").await;
    assert_eq!(format, "xml");
    assert!(xml.contains("&amp;&amp; 1 &lt; 2"), "{xml}");
    assert_eq!(world.get("/policies/policy?format=json").await.expect(400).code(), "ValidationError");
}

#[tokio::test]
async fn named_values_keep_their_secret() {
    let world = World::with_service().await;
    let secret = json!({ "properties": { "displayName": "a", "value": "v1", "secret": true } });
    world.put("/namedValues/a", secret).await.expect(201);
    // A client that sends back what it read does not lose the value.
    let read = world.get("/namedValues/a").await.expect(200).body;
    assert_eq!(read["properties"].get("value"), None);
    world.put("/namedValues/a", json!({ "properties": read["properties"] })).await.expect(200);
    let value =
        async || world.call("POST", "/namedValues/a/listValue", Value::Null).await.expect(200).body["value"].clone();
    assert_eq!(value().await, "v1");
    world.call("PATCH", "/namedValues/a\nIf-Match: *", json!({ "properties": { "value": "v2" } })).await.expect(200);
    assert_eq!(value().await, "v2");
    let twice =
        world.put("/namedValues/b", json!({ "properties": { "displayName": "A", "value": "x" } })).await.expect(400);
    assert!(twice.why().contains("Property with the same name already exist"), "{}", twice.why());
    let vault = json!({ "properties": { "displayName": "v", "secret": true, "keyVault": { "secretIdentifier": "https://v/secrets/s" } } });
    assert!(world.put("/namedValues/v", vault).await.expect(400).why().contains("key vault"));
    world.put("/namedValues/c", json!({ "properties": { "displayName": "a b", "value": "x" } })).await.expect(400);
    world.put("/namedValues/c", json!({ "properties": { "displayName": "c" } })).await.expect(400);
    let plain =
        world.put("/namedValues/c", json!({ "properties": { "displayName": "c", "value": "seen" } })).await.expect(201);
    assert_eq!(plain.body["properties"]["value"], "seen");
}

#[tokio::test]
async fn products_and_their_links_go_together() {
    let world = World::with_service().await;
    world.put("/products/p", json!({ "properties": { "displayName": "P" } })).await.expect(201);
    world.put("/apis/a", json!({ "properties": { "displayName": "A", "path": "a" } })).await.expect(201);
    world.put("/products/p/apis/none", Value::Null).await.expect(404);
    world.put("/products/p/apis/a", Value::Null).await.expect(201);
    world.put("/products/p/apis/a", Value::Null).await.expect(200);
    world.put("/products/p/groups/developers", Value::Null).await.expect(201);
    assert_eq!(world.get("/apis/a/products").await.expect(200).body["value"][0]["name"], "p");
    // The same link in its newer form.
    let links = world.get("/products/p/apiLinks").await.expect(200).body;
    assert_eq!(links["value"][0]["name"], "a");
    world.put("/products/p/apiLinks/l1", json!({ "properties": { "apiId": "/apis/a" } })).await.expect(200);
    let link = world.get("/products/p/apiLinks/l1").await.expect(200).body;
    assert!(link["properties"]["apiId"].as_str().unwrap().ends_with("/apis/a"));
    assert_eq!(link["type"], "Microsoft.ApiManagement/service/products/apiLinks");
    world.delete("/products/p/apiLinks/l1").await.expect(200);
    world.call("HEAD", "/products/p/apis/a", Value::Null).await.expect(404);
    world.put("/products/p/apis/a", Value::Null).await.expect(201);
    world
        .put(
            "/subscriptions/s1",
            json!({ "properties": { "displayName": "S", "scope": "/products/p", "ownerId": "/users/1" } }),
        )
        .await
        .expect(201);
    assert_eq!(world.get("/products/p/subscriptions").await.expect(200).body["count"], 1);
    assert_eq!(world.get("/users/1/subscriptions").await.expect(200).body["count"], 1);
    let mine = world.get("/users/1/subscriptions/s1").await.expect(200).body;
    assert_eq!(mine["properties"]["state"], "active");
    let kept = world.delete("/products/p").await.expect(400);
    assert!(kept.why().contains("deleteSubscriptions=true"), "{}", kept.why());
    world.delete("/products/p?deleteSubscriptions=true").await.expect(200);
    world.get("/subscriptions/s1").await.expect(404);
    assert_eq!(world.get("/apis/a/products").await.expect(200).body["count"], 0);
    world
        .put(
            "/products/q",
            json!({ "properties": { "displayName": "Q", "subscriptionRequired": false, "approvalRequired": true } }),
        )
        .await
        .expect(400);
}

#[tokio::test]
async fn a_subscription_waits_where_its_product_wants_to_approve() {
    let world = World::with_service().await;
    world
        .put("/products/p", json!({ "properties": { "displayName": "P", "approvalRequired": true } }))
        .await
        .expect(201);
    let body = json!({ "properties": { "displayName": "S", "scope": "/products/p" } });
    let state = |reply: crate::world::Reply| reply.body["properties"]["state"].clone();
    assert_eq!(state(world.put("/subscriptions/s", body.clone()).await.expect(201)), "submitted");
    let approve = json!({ "properties": { "state": "active" } });
    let approved = world.call("PATCH", "/subscriptions/s\nIf-Match: *", approve).await.expect(200);
    assert!(approved.body["properties"]["startDate"].is_string());
    // What is written without a state keeps the one it has.
    assert_eq!(state(world.put("/subscriptions/s", body).await.expect(200)), "active");
}

#[tokio::test]
async fn tags_label_apis_operations_and_products() {
    let world = World::with_service().await;
    world.put("/tags/t", json!({ "properties": { "displayName": "Tag" } })).await.expect(201);
    world.put("/products/p", json!({ "properties": { "displayName": "P" } })).await.expect(201);
    world.put("/apis/a", json!({ "properties": { "displayName": "A", "path": "a" } })).await.expect(201);
    world
        .put(
            "/apis/a/operations/o",
            json!({ "properties": { "displayName": "O", "method": "GET", "urlTemplate": "/" } }),
        )
        .await
        .expect(201);
    for owner in ["/apis/a", "/apis/a/operations/o", "/products/p"] {
        let made = world.put(&format!("{owner}/tags/t"), Value::Null).await.expect(201).body;
        assert_eq!(made["properties"]["displayName"], "Tag");
        world.call("HEAD", &format!("{owner}/tags/t"), Value::Null).await.expect(200);
        assert_eq!(world.get(&format!("{owner}/tags")).await.expect(200).body["count"], 1);
    }
    for (view, field) in [("apiLinks", "apiId"), ("operationLinks", "operationId"), ("productLinks", "productId")] {
        let links = world.get(&format!("/tags/t/{view}")).await.expect(200).body;
        assert!(links["value"][0]["properties"][field].is_string(), "{links}");
    }
    world.delete("/tags/t").await.expect(200);
    assert_eq!(world.get("/apis/a/tags").await.expect(200).body["count"], 0);
}

#[tokio::test]
async fn users_and_groups() {
    let world = World::with_service().await;
    let user =
        json!({ "properties": { "email": "u@x", "firstName": "U", "lastName": "X", "password": "open sesame" } });
    let made = world.put("/users/u", user.clone()).await.expect(201).body;
    assert_eq!((&made["properties"]["state"], made["properties"].get("password")), (&json!("active"), None));
    assert!(!world.dump().await.contains("open sesame") && world.dump().await.contains("$argon2id$"));
    assert!(world.put("/users/v", user).await.expect(400).why().contains("already exists"));
    world.call("PATCH", "/users/u\nIf-Match: *", json!({ "properties": { "state": "Blocked" } })).await.expect(200);
    assert_eq!(world.get("/users/u").await.expect(200).body["properties"]["state"], "blocked");
    world.call("PATCH", "/users/u\nIf-Match: *", json!({ "properties": { "state": "sleepy" } })).await.expect(400);
    world.put("/groups/g", json!({ "properties": { "displayName": "G" } })).await.expect(201);
    world.put("/groups/g/users/u", Value::Null).await.expect(201);
    world.call("HEAD", "/groups/g/users/u", Value::Null).await.expect(204);
    let expanded = world.get("/users?expandGroups=true&$filter=name eq 'u'").await.expect(200).body;
    assert_eq!(expanded["value"][0]["properties"]["groups"][0]["displayName"], "G");
    world.delete("/users/u").await.expect(202);
    assert_eq!(world.get("/groups/g/users").await.expect(200).body["count"], 0);
    world.put("/groups/administrators", json!({ "properties": { "displayName": "X" } })).await.expect(400);
}

/// A PFX file with a key and its certificate.
pub(crate) fn pfx(password: &str) -> Vec<u8> {
    let now = base::Timestamp::from_secs(1_790_000_000);
    let issued = crypto::Authority::generate("Test CA", now).unwrap().issue(&["client.example"], now).unwrap();
    let der = |pem: &str| crypto::text::from_pem(pem).unwrap().remove(0).1;
    crypto::pfx::write(&der(issued.key_pem.expose()), &[der(&issued.certificate_pem)], password).unwrap()
}

#[tokio::test]
async fn certificates_are_opened_when_they_are_saved() {
    let world = World::with_service().await;
    let pfx = pfx("pass");
    let body = |password: &str| json!({ "properties": { "data": crypto::text::base64(&pfx), "password": password } });
    let wrong = world.put("/certificates/c", body("guess")).await.expect(400);
    assert!(wrong.why().contains("password: The password does not open"), "{}", wrong.why());
    world.put("/certificates/c", json!({ "properties": { "data": "AAAA", "password": "" } })).await.expect(400);
    let made = world.put("/certificates/c", body("pass")).await.expect(201).body;
    let properties = made["properties"].as_object().unwrap();
    assert_eq!(properties.keys().collect::<Vec<_>>(), ["subject", "thumbprint", "expirationDate"]);
    assert_eq!(properties["thumbprint"].as_str().unwrap().len(), 40);
    assert!(!world.dump().await.contains(&crypto::text::base64(&pfx)));
}

#[tokio::test]
async fn loggers_hide_credentials_and_show_references() {
    let world = World::with_service().await;
    let logger = json!({ "properties": { "loggerType": "applicationInsights", "credentials": { "instrumentationKey": "ikey", "connectionString": "{{conn}}" } } });
    world.put("/loggers/l", logger).await.expect(201);
    let shown = world.get("/loggers/l").await.expect(200).body;
    assert_eq!(shown["properties"]["credentials"], json!({ "connectionString": "{{conn}}" }));
    // Sent back as it was read, it keeps its secret; written anew, it has what is written.
    let stored = async || world.dump().await.matches("sealed:v1:").count();
    let before = stored().await;
    world.put("/loggers/l", json!({ "properties": shown["properties"] })).await.expect(200);
    assert_eq!(stored().await, before);
    let anew = json!({ "properties": { "loggerType": "applicationInsights", "credentials": { "other": "{{conn}}" } } });
    world.put("/loggers/l", anew).await.expect(200);
    assert_eq!(stored().await, before - 1);
    world.put("/loggers/m", json!({ "properties": { "loggerType": "azureEventHub" } })).await.expect(400);
    world.put("/loggers/m", json!({ "properties": { "loggerType": "azureMonitor" } })).await.expect(201);
}

#[tokio::test]
async fn a_workspace_holds_the_same_kinds_apart() {
    let world = World::with_service().await;
    world.put("/workspaces/w", json!({ "properties": { "displayName": "W" } })).await.expect(201);
    let value = json!({ "properties": { "displayName": "k", "value": "service" } });
    world.put("/namedValues/k", value).await.expect(201);
    let value = json!({ "properties": { "displayName": "k", "value": "workspace" } });
    world.put("/workspaces/w/namedValues/k", value).await.expect(201);
    world.put("/workspaces/w/apis/a", json!({ "properties": { "displayName": "A", "path": "a" } })).await.expect(201);
    world.put("/workspaces/w/products/p", json!({ "properties": { "displayName": "P" } })).await.expect(201);
    world.put("/workspaces/w/products/p/apiLinks/l", json!({ "properties": { "apiId": "/apis/a" } })).await.expect(201);
    let policy =
        json!({ "properties": { "value": "<policies><inbound><set-body>{{k}}</set-body></inbound></policies>" } });
    world.put("/workspaces/w/apis/a/policies/policy", policy).await.expect(201);
    let scoped = json!({ "properties": { "displayName": "S", "scope": "/products/p" } });
    let made = world.put("/workspaces/w/subscriptions/s", scoped).await.expect(201).body;
    assert!(made["properties"]["scope"].as_str().unwrap().ends_with("/workspaces/w/products/p"));
    // The service's own is not in use by the workspace's policy.
    world.delete("/namedValues/k").await.expect(200);
    world.delete("/workspaces/w/namedValues/k").await.expect(400);
    assert_eq!(world.get("/apis").await.expect(200).body["count"], 0);
    world.delete("/workspaces/w").await.expect(200);
    assert!(!world.dump().await.contains("/workspaces/w"));
}

#[tokio::test]
async fn workspaces_share_paths_and_do_not_refer_to_each_other() {
    let world = World::with_service().await;
    for workspace in ["v", "w"] {
        let body = json!({ "properties": { "displayName": workspace } });
        world.put(&format!("/workspaces/{workspace}"), body).await.expect(201);
    }
    let api = |path: &str| json!({ "properties": { "displayName": "A", "path": path } });
    world.put("/apis/a", api("taken")).await.expect(201);
    world.put("/workspaces/v/apis/a", api("v")).await.expect(201);
    for path in ["Taken", "v"] {
        let refused = world.put("/workspaces/w/apis/a", api(path)).await.expect(400);
        assert!(refused.why().contains("Path"), "{}", refused.why());
    }
    let scoped = |scope: &str| json!({ "properties": { "displayName": "S", "scope": scope } });
    let service = format!("/subscriptions/{SUBSCRIPTION}/resourceGroups/g/providers/Microsoft.ApiManagement/service/s");
    let elsewhere = format!("{service}/workspaces/v/apis/a");
    let refused = world.put("/workspaces/w/subscriptions/s", scoped(&elsewhere)).await.expect(400);
    assert!(refused.why().contains("no such resource"), "{}", refused.why());
    world.put("/workspaces/v/subscriptions/s", scoped(&elsewhere)).await.expect(201);
}
