//! Who may call: tokens, roles, assignments.

use std::time::Duration;

use control::OWNER;
use serde_json::{Value, json};

use crate::world::{ORIGIN, SUBSCRIPTION, TENANT, World};

const READER: &str = "acdd72a7-3385-48ef-bd42-f606fba81ae7";

async fn as_token(world: &World, token: &str, head: &str) -> crate::world::Reply {
    world.raw(&format!("{head}\nAuthorization: {token}"), "").await
}

#[tokio::test]
async fn tokens_are_asked_for_and_judged() {
    let world = World::with_service().await;
    let head = "GET {svc}?api-version=2024-05-01";
    let none = world.raw(head, "").await.expect(401);
    assert_eq!(none.code(), "AuthenticationFailed");
    assert!(none.headers["www-authenticate"].contains(&format!("authorization_uri=\"{ORIGIN}/{TENANT}\"")));
    assert_eq!(as_token(&world, "Bearer nonsense", head).await.expect(401).code(), "InvalidAuthenticationToken");
    assert_eq!(as_token(&world, "Basic x", head).await.expect(401).code(), "InvalidAuthenticationToken");
    let (signed, signature) = world.token.rsplit_once('.').unwrap();
    let forged = format!("Bearer {signed}.{}", signature.replace(|c: char| c.is_ascii_digit(), "A"));
    assert_eq!(as_token(&world, &forged, head).await.expect(401).code(), "InvalidAuthenticationToken");
    as_token(&world, &format!("bearer {}", world.token), head).await.expect(200);
    world.clock.advance(Duration::from_secs(3601));
    assert_eq!(
        as_token(&world, &format!("Bearer {}", world.token), head).await.expect(401).code(),
        "ExpiredAuthenticationToken"
    );
}

#[tokio::test]
async fn the_token_endpoint_speaks_oauth() {
    let world = World::empty().await;
    let ask = async |form: String| world.raw(&format!("POST /{TENANT}/oauth2/v2.0/token"), &form).await;
    let scope = "scope=https%3A%2F%2Fmanagement.azure.com%2F.default";
    let wrong = ask(format!("grant_type=client_credentials&client_id={}&client_secret=no&{scope}", world.app))
        .await
        .expect(401);
    assert_eq!(wrong.body["error"], "invalid_client");
    let unknown =
        ask(format!("grant_type=client_credentials&client_id=nobody&client_secret=no&{scope}")).await.expect(401);
    assert_eq!(unknown.body["error"], "invalid_client");
    assert_eq!(ask("grant_type=password".to_owned()).await.expect(400).body["error"], "unsupported_grant_type");
    let basic = crypto::text::base64(format!("{}:{}", world.app, world.secret).as_bytes());
    let head = format!("POST /{TENANT}/oauth2/token\nAuthorization: Basic {basic}");
    let v1 = world
        .raw(&head, "grant_type=client_credentials&resource=https%3A%2F%2Fmanagement.azure.com%2F")
        .await
        .expect(200);
    assert_eq!(v1.headers["cache-control"], "no-store");
    let graph = ask(format!("grant_type=client_credentials&client_id={}&client_secret={}&scope=https%3A%2F%2Fgraph.microsoft.com%2F.default", world.app, world.secret)).await.expect(200);
    let token = graph.body["access_token"].as_str().unwrap();
    let refused =
        as_token(&world, &format!("Bearer {token}"), "GET /subscriptions?api-version=2022-12-01").await.expect(401);
    assert!(refused.why().contains("audience"), "{}", refused.why());
    assert_eq!(world.raw("POST /other-tenant/oauth2/v2.0/token", "").await.status, 400);
}

#[tokio::test]
async fn signing_keys_rotate_and_old_tokens_stay_good() {
    let world = World::empty().await;
    let keys = async || {
        world.raw(&format!("GET /{TENANT}/discovery/v2.0/keys"), "").await.expect(200).body["keys"]
            .as_array()
            .unwrap()
            .len()
    };
    assert_eq!(keys().await, 1);
    world.clock.advance(Duration::from_hours(30 * 24) - Duration::from_mins(1));
    let old = world.sign_in(&world.app, &world.secret).await;
    world.clock.advance(Duration::from_mins(2));
    world.sign_in(&world.app, &world.secret).await;
    assert_eq!(keys().await, 2);
    as_token(&world, &format!("Bearer {old}"), "GET /subscriptions?api-version=2022-12-01").await.expect(200);
}

#[tokio::test]
async fn roles_allow_what_they_list_where_they_are_assigned() {
    let mut world = World::with_service().await;
    let service = arm::ResourceId::parse(&format!(
        "/subscriptions/{SUBSCRIPTION}/resourceGroups/g/providers/Microsoft.ApiManagement/service/s"
    ))
    .unwrap();
    let reader = world.control.create_principal("reader", READER, &service).await.unwrap();
    let owner = world.token.clone();
    world.token = world.sign_in(&reader.app, reader.secret.expose()).await;
    world.get("/groups").await.expect(200);
    world.call("HEAD", "/groups/guests", Value::Null).await.expect(200);
    let refused = world.put("/tags/t", json!({ "properties": { "displayName": "T" } })).await.expect(403);
    assert_eq!(refused.code(), "AuthorizationFailed");
    assert!(refused.why().contains("'Microsoft.ApiManagement/service/tags/write'"), "{}", refused.why());
    assert!(refused.why().contains(&reader.app) && refused.why().contains(&reader.object));
    world.call("POST", "/subscriptions/master/listSecrets", Value::Null).await.expect(403);
    world.send("GET /subscriptions/{sub}/resourcegroups/g?api-version=2024-11-01", Value::Null).await.expect(403);
    let seen = world.send("GET /subscriptions?api-version=2022-12-01", Value::Null).await.expect(200).body;
    assert_eq!(seen["value"].as_array().unwrap().len(), 1);
    let assign = "PUT {svc}/providers/Microsoft.Authorization/roleAssignments/a1?api-version=2022-04-01";
    let body = json!({ "properties": { "principalId": reader.object, "roleDefinitionId": format!("/x/{OWNER}") } });
    world.send(assign, body.clone()).await.expect(403);
    let own = std::mem::replace(&mut world.token, owner);
    world.send(assign, body).await.expect(201);
    world.token = own;
    world.put("/tags/t", json!({ "properties": { "displayName": "T" } })).await.expect(201);
    // Whoever starts an operation may follow it, though its results lie outside of the service.
    world.put("/apis/a", json!({ "properties": { "displayName": "A", "path": "a" } })).await.expect(201);
    let started = world.delete("/apis/a").await.expect(202);
    let link = started.headers["location"].strip_prefix(ORIGIN).unwrap().to_owned();
    world.send(&format!("GET {link}"), Value::Null).await.expect(200);
    // A role on one service is none on another.
    let other =
        "PUT /subscriptions/{sub}/resourceGroups/g/providers/Microsoft.ApiManagement/service/o?api-version=2024-05-01";
    world.send(other, crate::world::service()).await.expect(403);
}

#[tokio::test]
async fn the_resource_manager_answers_what_clients_ask() {
    let world = World::with_service().await;
    let get = async |path: &str| world.send(&format!("GET {path}?api-version=2022-12-01"), Value::Null).await;
    assert_eq!(get("/tenants").await.expect(200).body["value"][0]["tenantId"], TENANT);
    assert_eq!(get("/subscriptions/{sub}").await.expect(200).body["displayName"], "Local");
    assert_eq!(get("/subscriptions/nope").await.status, 403);
    assert!(get("/subscriptions/{sub}/locations").await.expect(200).body["value"].as_array().unwrap().len() > 1);
    let provider = get("/subscriptions/{sub}/providers/microsoft.apimanagement").await.expect(200).body;
    let types = provider["resourceTypes"].as_array().unwrap();
    assert!(types.iter().any(|one| one["resourceType"] == "service/namedValues"), "{provider}");
    world
        .send(
            "POST /subscriptions/{sub}/providers/Microsoft.ApiManagement/register?api-version=2024-11-01",
            Value::Null,
        )
        .await
        .expect(200);
    get("/subscriptions/{sub}/providers/Microsoft.Nothing").await.expect(404);
    assert_eq!(get("/subscriptions/{sub}/resourceGroups").await.expect(200).body["count"], 1);
    assert_eq!(get("/subscriptions/{sub}/resources").await.expect(200).body["value"][0]["name"], "s");
    let services = world
        .send("GET /subscriptions/{sub}/providers/Microsoft.ApiManagement/service?api-version=2022-08-01", Value::Null)
        .await;
    assert_eq!(services.expect(200).body["count"], 1);
    world.send("HEAD /subscriptions/{sub}/resourcegroups/none?api-version=2024-11-01", Value::Null).await.expect(404);
    assert_eq!(get("/subscriptions/{sub}/resourcegroups/none").await.expect(404).code(), "ResourceGroupNotFound");
    let service = "PUT /subscriptions/{sub}/resourceGroups/none/providers/Microsoft.ApiManagement/service/x?api-version=2024-05-01";
    assert_eq!(world.send(service, crate::world::service()).await.expect(404).code(), "ResourceGroupNotFound");
    let deleted = world
        .send(
            "GET /subscriptions/{sub}/providers/Microsoft.ApiManagement/deletedservices?api-version=2022-08-01",
            Value::Null,
        )
        .await;
    assert_eq!(deleted.expect(200).body["count"], 0);
    world.send("DELETE /subscriptions/{sub}/resourcegroups/g?api-version=2024-11-01", Value::Null).await.expect(200);
    assert!(!world.dump().await.contains("/resourcegroups/g"));
}
