//! From host and path to an operation.

use policy::Headers;
use serde_json::{Value, json};

use crate::bed::{Bed, put_at};

pub(crate) fn api(path: &str) -> Value {
    json!({ "path": path, "displayName": path, "serviceUrl": "http://backend/base", "subscriptionRequired": false })
}

pub(crate) fn operation(method: &str, template: &str) -> Value {
    json!({ "method": method, "urlTemplate": template, "displayName": template })
}

#[tokio::test]
async fn an_operation_is_found_with_its_parameters_and_the_path_to_forward() {
    let bed = Bed::with(&[
        ("apis/Shop", api("shop/v2")),
        ("apis/Shop/operations/Line", operation("GET", "/orders/{order}/lines/{line}?kind={kind}")),
    ])
    .await;
    let service = bed.service();
    let found = service.route("GET", "/Shop/V2/Orders/a%20b/lines/7/", "kind=x", &Headers::new(), false).unwrap();
    assert_eq!((&*found.api.entity.id, &*found.operation.id, found.path), ("Shop", "Line", "/Orders/a%20b/lines/7/"));
    let parameters: Vec<_> = found.parameters.iter().map(|(name, value)| (&**name, value.as_str())).collect();
    assert_eq!(parameters, [("order", "a b"), ("line", "7"), ("kind", "x")]);
    assert_eq!(found.api.entity.service_url.as_ref().unwrap().to_string(), "http://backend/base");
    assert_eq!(bed.route("POST /shop/v2/orders/1/lines/2?kind=x", &[]), "Shop/-");
    assert_eq!(bed.route("GET /nowhere", &[]), "no api");
}

#[tokio::test]
async fn versions_are_told_as_their_set_says() {
    let set = |scheme: &str| json!({ "versioningScheme": scheme, "versionHeaderName": "X-V", "versionQueryName": "v" });
    let version = |path: &str, set: &str, version: &str| {
        let mut api = api(path);
        api["apiVersion"] = version.into();
        api["apiVersionSetId"] = format!("{}/apiVersionSets/{set}", crate::bed::SERVICE).into();
        api
    };
    let bed = Bed::new().await;
    for scheme in ["Segment", "Header", "Query"] {
        let path = scheme.to_lowercase();
        bed.put(&format!("apiVersionSets/{scheme}"), set(scheme)).await;
        bed.put(&format!("apis/{path}-1"), version(&path, scheme, "v1")).await;
        bed.put(&format!("apis/{path}-2"), version(&path, scheme, "v2")).await;
        for number in [1, 2] {
            bed.put(&format!("apis/{path}-{number}/operations/get"), operation("GET", "/x")).await;
        }
    }
    assert_eq!(bed.route("GET /segment/V2/x", &[]), "segment-2/get");
    assert_eq!(bed.route("GET /segment/x", &[]), "no api");
    assert_eq!(bed.route("GET /header/x", &[("x-v", "v1")]), "header-1/get");
    assert_eq!(bed.route("GET /header/x", &[]), "no version");
    assert_eq!(bed.route("GET /query/x?v=v2", &[]), "query-2/get");
    assert_eq!(bed.route("GET /query/x?v=v3", &[]), "no version");

    bed.put("apis/original", version("header", "Header", "")).await;
    bed.put("apis/original/operations/get", operation("GET", "/x")).await;
    assert_eq!(bed.route("GET /header/x", &[]), "original/get");
    bed.put("apiVersionSets/Header", set("Query")).await;
    assert_eq!(bed.route("GET /header/x?v=v1", &[]), "header-1/get");
}

#[tokio::test]
async fn revisions_share_the_address_of_their_base() {
    let bed = Bed::with(&[
        ("apis/a", api("old")),
        ("apis/a/operations/one", operation("GET", "/x")),
        ("apis/a;rev=2", api("old")),
        ("apis/a;rev=2/operations/two", operation("GET", "/x")),
    ])
    .await;
    assert_eq!(bed.route("GET /old;rev=2/x", &[]), "a/two");
    bed.put("apis/a", api("new")).await;
    assert_eq!(bed.route("GET /new/x", &[]), "a/one");
    assert_eq!(bed.route("GET /new;rev=1/x", &[]), "a/one");
    assert_eq!(bed.route("GET /new;rev=2/x", &[]), "a/two");
    assert_eq!(bed.route("GET /old;rev=2/x", &[]), "no api");

    let mut offline = api("new");
    offline["isOnline"] = false.into();
    bed.put("apis/a;rev=2", offline).await;
    assert_eq!(bed.route("GET /new;rev=2/x", &[]), "no api");
}

#[tokio::test]
async fn hosts_choose_the_service_and_an_unknown_one_the_oldest() {
    const OTHER: &str = "/subscriptions/s/resourceGroups/g/providers/Microsoft.ApiManagement/service/Other";
    let bed = Bed::with(&[("apis/a", api("p")), ("apis/a/operations/main", operation("GET", "/"))]).await;
    let hosts = json!({ "hostnameConfigurations": [{ "type": "Proxy", "hostName": "API.example.com" }] });
    bed.write(put_at(OTHER, "", hosts)).await;
    bed.write(put_at(OTHER, "apis/a", api("p"))).await;
    bed.write(put_at(OTHER, "apis/a/operations/other", operation("GET", "/"))).await;
    let snapshot = bed.snapshot();
    let at = |host| {
        let service = snapshot.by_host(host).unwrap();
        service.route("GET", "/p", "", &Headers::new(), false).unwrap().operation.id.to_string()
    };
    let hosts = ["main.localhost:8080", "OTHER.localhost", "api.example.com", "127.0.0.1:8080", ""];
    assert_eq!(hosts.map(at), ["main", "other", "other", "main", "main"]);

    bed.write(store::Delete::tree(store::Key::new(OTHER))).await;
    assert_eq!(bed.snapshot().services().len(), 1);
    assert_eq!(&*bed.snapshot().by_host("other.localhost").unwrap().entity.name, "Main");
}

#[tokio::test]
async fn a_template_that_cannot_be_read_is_a_problem_of_its_operation_alone() {
    let bed = Bed::with(&[
        ("apis/a", api("p")),
        ("apis/a/operations/bad", operation("GET", "/{x")),
        ("apis/a/operations/good", operation("GET", "/{x}")),
    ])
    .await;
    assert_eq!(bed.route("GET /p/1", &[]), "a/good");
    let problems = bed.problems();
    assert!(problems.len() == 1 && problems[0].starts_with("apis/a/operations/bad: its URL template"), "{problems:?}");
}

#[tokio::test]
async fn workspaces_serve_their_own_apis() {
    let bed = Bed::with(&[
        ("workspaces/w", json!({ "displayName": "W" })),
        ("workspaces/w/apis/a", api("in-w")),
        ("workspaces/w/apis/a/operations/get", operation("GET", "/")),
        ("apis/a", api("plain")),
        ("apis/a/operations/get", operation("GET", "/")),
    ])
    .await;
    let service = bed.service();
    let found = |path| service.route("GET", path, "", &Headers::new(), false).unwrap().api.workspace.clone();
    assert_eq!(found("/in-w").map(|workspace| workspace.name.to_string()).as_deref(), Some("W"));
    assert!(found("/plain").is_none());
}

#[tokio::test]
async fn a_declared_response_has_its_example_or_one_made_from_its_schema() {
    let responses = json!([{ "statusCode": 200, "representations": [
        { "contentType": "application/json; charset=utf-8", "schemaId": "types", "typeName": "Order" },
        { "contentType": "text/plain", "examples": { "default": { "value": "plain" } } },
    ] }]);
    let mut get = operation("GET", "/");
    get["responses"] = responses;
    let bed = Bed::with(&[("apis/a", api("a")), ("apis/a/operations/get", get)]).await;
    let examples = || {
        let found = bed.service().route("GET", "/a", "", &Headers::new(), false).unwrap().operation;
        let example = |at: usize| found.responses[0].representations[at].example.clone();
        [0, 1].map(|at| example(at).map(|bytes| String::from_utf8(bytes.to_vec()).unwrap()))
    };
    assert_eq!(examples(), [None, Some("plain".into())]);
    let types = json!({ "components": { "schemas": { "Order": { "type": "object", "properties": { "id": { "type": "integer" } } } } } });
    bed.put(
        "apis/a/schemas/types",
        json!({ "contentType": "application/vnd.oai.openapi.components+json", "document": types }),
    )
    .await;
    assert_eq!(examples(), [Some(r#"{"id":0}"#.into()), Some("plain".into())]);
}
