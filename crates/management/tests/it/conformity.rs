//! Success codes of every kind that is served, beside those of the specification.

use std::collections::BTreeSet;

use arm::{Matched, Method};
use serde_json::{Value, json};

use crate::world::World;

/// Paths below the service, and the body that makes one there. In this order each finds what it needs.
fn kinds() -> Vec<(&'static str, Value)> {
    let named = |fields: Value| json!({ "properties": fields });
    let display = || named(json!({ "displayName": "D" }));
    let policy = || named(json!({ "value": "<policies />", "format": "xml" }));
    let api = |path: &str| named(json!({ "displayName": "A", "path": path }));
    let operation = || named(json!({ "displayName": "O", "method": "GET", "urlTemplate": "/" }));
    let schema = || named(json!({ "contentType": "application/json", "document": { "value": "{}" } }));
    let set = || named(json!({ "displayName": "V", "versioningScheme": "Segment" }));
    let scoped: Vec<(&'static str, Value)> = vec![
        ("/apiVersionSets/x", set()),
        ("/apis/x", api("x")),
        ("/apis/x/operations/x", operation()),
        ("/apis/x/operations/x/policies/policy", policy()),
        ("/apis/x/policies/policy", policy()),
        ("/apis/x/schemas/x", schema()),
        ("/apis/x/releases/x", named(json!({ "apiId": "/apis/x", "notes": "n" }))),
        ("/backends/x", named(json!({ "url": "http://b", "protocol": "http" }))),
        (
            "/certificates/x",
            named(json!({ "data": crypto::text::base64(&crate::resources::pfx("p")), "password": "p" })),
        ),
        ("/groups/x", display()),
        ("/groups/x/users/1", Value::Null),
        ("/loggers/x", named(json!({ "loggerType": "azureMonitor" }))),
        ("/namedValues/x", named(json!({ "displayName": "x", "value": "v" }))),
        ("/policyFragments/x", named(json!({ "value": "<fragment />" }))),
        ("/products/x", display()),
        ("/products/x/policies/policy", policy()),
        ("/products/x/apiLinks/x", named(json!({ "apiId": "/apis/x" }))),
        ("/products/x/groupLinks/x", named(json!({ "groupId": "/groups/x" }))),
        ("/schemas/x", named(json!({ "schemaType": "json", "document": {} }))),
        ("/subscriptions/x", named(json!({ "displayName": "S", "scope": "/apis" }))),
        ("/tags/x", display()),
        ("/tags/x/apiLinks/x", named(json!({ "apiId": "/apis/x" }))),
        ("/tags/x/operationLinks/x", named(json!({ "operationId": "/apis/x/operations/x" }))),
        ("/tags/x/productLinks/x", named(json!({ "productId": "/products/x" }))),
    ];
    let service_only = [
        ("/policies/policy", policy()),
        ("/products/x/apis/x", Value::Null),
        ("/products/x/groups/x", Value::Null),
        ("/apis/x/tags/x", Value::Null),
        ("/apis/x/operations/x/tags/x", Value::Null),
        ("/products/x/tags/x", Value::Null),
        ("/users/x", named(json!({ "email": "x@x", "firstName": "F", "lastName": "L" }))),
        ("/gateways/x", named(json!({ "locationData": { "name": "here" } }))),
        ("/gateways/x/apis/x", named(json!({ "provisioningState": "created" }))),
        (
            "/gateways/x/hostnameConfigurations/x",
            named(json!({ "hostname": "edge.example", "certificateId": "/certificates/x" })),
        ),
        ("/gateways/x/certificateAuthorities/x", named(json!({ "isTrusted": true }))),
        ("/authorizationProviders/x", named(json!({ "displayName": "P", "identityProvider": "oauth2" }))),
        (
            "/authorizationProviders/x/authorizations/x",
            named(json!({
                "authorizationType": "OAuth2",
                "oauth2grantType": "ClientCredentials",
                "parameters": { "clientId": "c", "clientSecret": "s" }
            })),
        ),
        (
            "/authorizationProviders/x/authorizations/x/accessPolicies/x",
            named(
                json!({ "objectId": "11111111-1111-1111-1111-111111111111", "tenantId": "22222222-2222-2222-2222-222222222222" }),
            ),
        ),
    ];
    let mut all = vec![("/workspaces/x", display()), ("/workspaces/x/policies/policy", policy())];
    for (path, body) in &scoped {
        // Paths are unique in the service.
        let body = if *path == "/apis/x" { api("in-workspace") } else { body.clone() };
        // Leaked on purpose: a test runs once, and the table reads better with plain text.
        all.push((Box::leak(format!("/workspaces/x{path}").into_boxed_str()), body));
    }
    all.extend(scoped);
    all.extend(service_only);
    all
}

#[tokio::test]
async fn success_codes_are_the_specifications() {
    let world = World::with_service().await;
    let mut wrong = Vec::new();
    let mut seen = BTreeSet::new();
    let mut check = |method: Method, path: &str, status: u16, etag: bool| {
        let full = format!("subscriptions/s/resourceGroups/g/providers/Microsoft.ApiManagement/service/s{path}");
        let Matched::One(operation) = arm::find(method, &full.split('/').collect::<Vec<_>>()) else { return };
        seen.insert((method, operation.path));
        if !operation.success.contains(&status) || (operation.etag && !etag) {
            wrong.push(format!(
                "{method} {path}: {status} (etag {etag}) and not {:?} (etag {})",
                operation.success, operation.etag
            ));
        }
    };
    let known = |method: Method, path: &str| {
        let full = format!("subscriptions/s/resourceGroups/g/providers/Microsoft.ApiManagement/service/s{path}");
        matches!(arm::find(method, &full.split('/').collect::<Vec<_>>()), Matched::One(_))
    };
    for (path, body) in kinds() {
        for (method, body) in
            [(Method::Put, &body), (Method::Put, &body), (Method::Get, &Value::Null), (Method::Head, &Value::Null)]
        {
            if known(method, path) {
                let reply = world.call(method.as_str(), path, body.clone()).await;
                check(method, path, reply.status, reply.headers.contains_key("etag"));
            }
        }
        if known(Method::Patch, path) {
            let reply = world.call("PATCH", &format!("{path}\nIf-Match: *"), json!({ "properties": {} })).await;
            check(Method::Patch, path, reply.status, reply.headers.contains_key("etag"));
        }
        let list = path.rsplit_once('/').unwrap().0;
        if known(Method::Get, list) {
            let reply = world.get(list).await;
            check(Method::Get, list, reply.status, false);
        }
    }
    for (path, _) in kinds().into_iter().rev() {
        let separator = if path.contains('?') { '&' } else { '?' };
        for _ in 0..2 {
            let reply = world.delete(&format!("{path}{separator}deleteSubscriptions=true")).await;
            check(Method::Delete, path, reply.status, false);
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    // Everything that is served for single resources and their lists was asked for, but the service itself.
    let left: Vec<String> = control::served()
        .filter(|(method, path)| {
            *method != Method::Post && path.contains("{serviceName}/") && !seen.contains(&(*method, *path))
        })
        .map(|(method, path)| format!("{method} {}", path.rsplit_once("{serviceName}").unwrap().1))
        .collect();
    let elsewhere = [
        "policyDescriptions",
        "quotas/",
        "revisions",
        "subscriptions/{sid}",
        "users/{userId}/",
        "/apis/{apiId}/products",
        "/products/{productId}/subscriptions",
    ];
    let left: Vec<&String> = left.iter().filter(|line| !elsewhere.iter().any(|known| line.contains(known))).collect();
    assert!(left.is_empty(), "{left:#?}");
}

#[test]
fn no_operation_is_said_to_be_served_that_the_specification_lacks() {
    let served: Vec<_> = control::served().collect();
    assert!(served.len() > 250, "{}", served.len());
}
