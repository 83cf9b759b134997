//! APIs: import, revisions, releases, versions, paths.

use serde_json::{Value, json};

use crate::world::World;

pub(crate) const PETSTORE: &str = r##"{"openapi":"3.0.1","info":{"title":"Petstore","version":"1"},
"servers":[{"url":"https://pets.example/v1"}],
"paths":{
  "/pets":{"get":{"operationId":"listPets","summary":"All","responses":{"200":{"description":"ok"}}}},
  "/pets/{petId}":{"get":{"operationId":"getPet","parameters":[{"name":"petId","in":"path","required":true,"schema":{"type":"string"}}],
    "responses":{"200":{"description":"ok","content":{"application/json":{"schema":{"$ref":"#/components/schemas/Pet"}}}}}}}},
"components":{"schemas":{"Pet":{"type":"object"}}}}"##;

fn api(path: &str) -> Value {
    json!({ "properties": { "displayName": "Echo", "path": path, "serviceUrl": "http://echo", "protocols": ["https"] } })
}

fn operation(method: &str, template: &str) -> Value {
    json!({ "properties": { "displayName": "Op", "method": method, "urlTemplate": template } })
}

#[tokio::test]
async fn an_import_replaces_operations_and_keeps_their_policies() {
    let world = World::with_service().await;
    let linked = json!({ "properties": { "path": "pets", "value": "https://files.example/petstore.json", "format": "openapi+json-link" } });
    world.put("/apis/pets", linked).await.expect(201);
    let policy = json!({ "properties": { "value": "<policies />" } });
    world.put("/apis/pets/operations/listpets/policies/policy", policy).await.expect(201);
    world.put("/apis/pets/operations/extra", operation("GET", "/extra")).await.expect(201);
    let yaml = "openapi: 3.0.1\ninfo: {title: New, version: 1}\npaths:\n  /pets:\n    get:\n      operationId: listPets\n      responses: {}\n";
    let import = json!({ "properties": { "path": "pets", "value": yaml, "format": "openapi" } });
    world.put("/apis/pets", import).await.expect(200);
    let operations = world.get("/apis/pets/operations").await.expect(200).body;
    assert_eq!(operations["value"].as_array().unwrap().len(), 1);
    world.get("/apis/pets/operations/listpets/policies/policy").await.expect(200);
    world.get("/apis/pets/schemas/components").await.expect(404);
}

#[tokio::test]
async fn what_cannot_be_imported_is_told_clearly() {
    let world = World::with_service().await;
    let import = async |format: &str, value: &str| {
        world.put("/apis/x", json!({ "properties": { "path": "x", "value": value, "format": format } })).await
    };
    let broken = import("openapi+json", "{\"openapi\": \"3.0.1\",\n x}").await.expect(400);
    assert!(broken.why().contains("line 2"), "{}", broken.why());
    assert!(import("openapi", "swagger: '1.2'").await.expect(400).why().contains("1.2"));
    assert!(import("openapi-link", "https://nowhere.example").await.expect(400).why().contains("answered 404"));
    assert!(import("openapi-link", "https://files.example/big").await.expect(400).why().contains("larger than"));
    assert_eq!(import("wsdl", "<wsdl/>").await.expect(501).code(), "OperationNotSupported");
    world.get("/apis/x").await.expect(404);
}

#[tokio::test]
async fn two_apis_share_a_path_only_as_versions_of_one_set() {
    let world = World::with_service().await;
    world.put("/apis/a", api("same")).await.expect(201);
    let clash = world.put("/apis/b", api("/SAME/")).await.expect(400);
    assert_eq!(
        clash.why(),
        "One or more fields contain incorrect values:\npath: Cannot create API 'b' with the same Path '/SAME/' as API 'a'  unless it's a part of the same version set"
    );
    let set = json!({ "properties": { "displayName": "S", "versioningScheme": "query", "versionQueryName": "v" } });
    let made = world.put("/apiVersionSets/set", set).await.expect(201).body;
    assert_eq!(made["properties"]["versioningScheme"], "Query");
    let version = |version: &str| {
        let mut api = api("versioned");
        api["properties"]["apiVersion"] = version.into();
        api["properties"]["apiVersionSetId"] = "/apiVersionSets/set".into();
        api
    };
    let made = world.put("/apis/v1", version("v1")).await.expect(201).body;
    assert!(made["properties"]["apiVersionSetId"].as_str().unwrap().ends_with("/service/s/apiVersionSets/set"));
    world.put("/apis/v2", version("v2")).await.expect(201);
    world.put("/apis/v3", version("v2")).await.expect(400);
    let expanded = world.get("/apis?expandApiVersionSet=true&$filter=name eq 'v1'").await.expect(200).body;
    assert_eq!(expanded["value"][0]["properties"]["apiVersionSet"]["versionQueryName"], "v");
    let used = world.delete("/apiVersionSets/set").await.expect(400);
    assert!(used.why().contains("'/apis/v1', '/apis/v2'"), "{}", used.why());
}

#[tokio::test]
async fn a_revision_is_a_copy_until_it_is_released() {
    let world = World::with_service().await;
    world.put("/apis/echo", api("echo")).await.expect(201);
    world.put("/apis/echo/operations/get", operation("GET", "/one")).await.expect(201);
    // az apim api revision create
    let revision = json!({ "properties": { "apiRevisionDescription": "rd", "sourceApiId": "/apis/echo", "displayName": "Echo", "serviceUrl": "http://echo", "path": "echo", "protocols": ["https"] } });
    let made = world.put("/apis/echo%3Brev%3D2?api-version=2022-08-01", revision).await.expect(201).body;
    assert_eq!(made["name"], "echo;rev=2");
    assert_eq!((&made["properties"]["apiRevision"], &made["properties"]["isCurrent"]), (&json!("2"), &json!(false)));
    world.put("/apis/echo;rev=2/operations/get", operation("GET", "/two")).await.expect(200);
    let template = async |api: &str| {
        world.get(&format!("/apis/{api}/operations/get")).await.expect(200).body["properties"]["urlTemplate"].clone()
    };
    assert_eq!(
        [template("echo").await, template("echo;rev=1").await, template("echo;rev=2").await],
        ["/one", "/one", "/two"]
    );
    world.put("/products/p", json!({ "properties": { "displayName": "P" } })).await.expect(201);
    world.put("/products/p/apis/echo;rev=2", Value::Null).await.expect(201);
    world.put("/products/p/apis/echo", Value::Null).await.expect(200);
    // az apim api release create
    let release = json!({ "properties": { "apiId": "/apis/echo;rev=2", "notes": "n" } });
    world.put("/apis/echo/releases/r1?api-version=2022-08-01\nIf-Match: *", release).await.expect(201);
    assert_eq!(
        [template("echo").await, template("echo;rev=1").await, template("echo;rev=2").await],
        ["/two", "/one", "/two"]
    );
    let current = world.get("/apis/echo").await.expect(200).body;
    assert_eq!((&current["name"], &current["properties"]["apiRevision"]), (&json!("echo"), &json!("2")));
    let revisions = world.get("/apis/echo/revisions").await.expect(200).body;
    let shown = |one: &Value| format!("{} {}", one["apiId"].as_str().unwrap(), one["isCurrent"]);
    let shown: Vec<String> = revisions["value"].as_array().unwrap().iter().map(shown).collect();
    assert_eq!(shown, ["/apis/echo;rev=2 true", "/apis/echo;rev=1 false"]);
    // Changing the notes releases nothing.
    let notes = json!({ "properties": { "apiId": "/apis/echo;rev=2", "notes": "n2" } });
    world.put("/apis/echo/releases/r1", notes).await.expect(200);
    world.delete("/apis/echo").await.expect(400);
    world.delete("/apis/echo?deleteRevisions=true").await.expect(202);
    assert_eq!(world.get("/apis").await.expect(200).body["count"], 0);
}

#[tokio::test]
async fn a_type_that_does_not_run_yet_is_refused() {
    let world = World::with_service().await;
    let mut body = api("q");
    body["properties"]["type"] = "graphql".into();
    let refused = world.put("/apis/q", body).await.expect(501);
    assert!(refused.why().contains("'graphql'"), "{}", refused.why());
    world.get("/apis/q").await.expect(404);
}

#[tokio::test]
async fn operations_are_checked() {
    let world = World::with_service().await;
    world.put("/apis/echo", api("echo")).await.expect(201);
    world.put("/apis/echo/operations/a", operation("GET", "/x/{}")).await.expect(400);
    let undeclared = world.put("/apis/echo/operations/a", operation("GET", "/x/{id}")).await.expect(400);
    assert!(undeclared.why().contains("'id' is not in 'templateParameters'"), "{}", undeclared.why());
    let mut good = operation("GET", "/x/{id}");
    good["properties"]["templateParameters"] = json!([{ "name": "id", "type": "string" }]);
    world.put("/apis/echo/operations/a", good.clone()).await.expect(201);
    good["properties"]["urlTemplate"] = "/X/{other}/".into();
    good["properties"]["templateParameters"] = json!([{ "name": "other", "type": "string" }]);
    let twice = world.put("/apis/echo/operations/b", good).await.expect(400);
    assert!(twice.why().contains("Operation with the same method and URL template already exists"), "{}", twice.why());
    world.put("/apis/missing/operations/a", operation("GET", "/")).await.expect(404);
}

#[tokio::test]
async fn a_new_path_is_the_path_of_every_revision() {
    let world = World::with_service().await;
    let api = |path: &str| json!({ "properties": { "displayName": "E", "path": path } });
    world.put("/apis/e", api("old")).await.expect(201);
    world.put("/apis/e;rev=2", json!({ "properties": { "sourceApiId": "/apis/e" } })).await.expect(201);
    world.put("/apis/e", api("new")).await.expect(200);
    let path =
        async |name: &str| world.get(&format!("/apis/{name}")).await.expect(200).body["properties"]["path"].clone();
    assert_eq!(path("e;rev=2").await, "new");
    world.put("/apis/other", api("old")).await.expect(201);
    world.put("/apis/e/releases/r", json!({ "properties": { "apiId": "/apis/e;rev=2" } })).await.expect(201);
    assert_eq!(path("e").await, "new");
}

#[tokio::test]
async fn a_websocket_api_has_one_operation_that_only_its_policies_change() {
    let world = World::with_service().await;
    world.put("/apis/plain", api("chat")).await.expect(201);
    let chat = |kind: &str, url: &str| json!({ "properties": { "displayName": "Chat", "path": "chat", "serviceUrl": url, "type": kind } });
    let wrong = world.put("/apis/chat", chat("websocket", "https://chat.example")).await.expect(400);
    assert!(wrong.why().contains("is not an absolute URL (ws, wss)"), "{}", wrong.why());
    let made = world.put("/apis/chat", chat("websocket", "wss://chat.example/rooms")).await.expect(201).body;
    assert_eq!(made["properties"]["protocols"], json!(["wss"]));
    let operations = world.get("/apis/chat/operations").await.expect(200).body;
    let shown: Vec<_> =
        operations["value"].as_array().unwrap().iter().map(|one| &one["properties"]["method"]).collect();
    assert_eq!((operations["value"][0]["name"].as_str(), shown), (Some("onHandshake"), vec![&json!("GET")]));
    let policy = json!({ "properties": { "value": "<policies><inbound><base /></inbound></policies>" } });
    world.put("/apis/chat/operations/onHandshake/policies/policy", policy).await.expect(201);
    for name in ["onHandshake", "other"] {
        let refused = world.put(&format!("/apis/chat/operations/{name}"), operation("POST", "/")).await.expect(400);
        assert!(refused.why().contains("cannot be changed"), "{}", refused.why());
    }
    world.delete("/apis/chat/operations/onHandshake").await.expect(400);
    world.put("/apis/chat", chat("http", "https://chat.example")).await.expect(400);
    world.put("/apis/plain", chat("websocket", "wss://chat.example")).await.expect(400);
    world.put("/apis/chat", chat("websocket", "wss://new.example")).await.expect(200);
    let revision = json!({ "properties": { "path": "chat", "sourceApiId": "/apis/chat" } });
    world.put("/apis/chat;rev=2", revision).await.expect(201);
    let copied = world.get("/apis/chat;rev=2/operations/onHandshake").await.expect(200).body;
    assert_eq!(copied["properties"]["urlTemplate"], "/*");
    world.delete("/apis/chat?deleteRevisions=true").await.expect(202);
}
