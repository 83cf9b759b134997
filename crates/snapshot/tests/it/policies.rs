//! Which policies run for a request.

use policy::Section;
use serde_json::{Value, json};

use crate::{
    bed::{Bed, SERVICE, described, policy},
    routing::{api, operation},
};

async fn bed() -> Bed {
    Bed::with(&[
        ("policies/policy", policy("g")),
        ("apis/a", api("a")),
        ("apis/a/policies/policy", policy("a")),
        ("apis/a/operations/own", operation("GET", "/own")),
        ("apis/a/operations/own/policies/policy", policy("o")),
        ("apis/a/operations/plain", operation("GET", "/plain")),
        ("apis/b", api("b")),
        ("apis/b/operations/get", operation("GET", "/")),
        ("products/p", json!({ "displayName": "P" })),
        ("products/p/policies/policy", policy("p")),
        ("products/p/apis/a", json!({})),
        (
            "subscriptions/s",
            json!({ "scope": format!("{SERVICE}/products/p"), "state": "active", "primaryKey": "k", "secondaryKey": "l" }),
        ),
    ])
    .await
}

const KEY: &[(&str, &str)] = &[("Ocp-Apim-Subscription-Key", "k")];

#[tokio::test]
async fn scopes_join_from_operation_to_global_and_the_product_with_its_key_only() {
    let bed = bed().await;
    assert_eq!(bed.inbound("GET /a/own", KEY), "operation:o api:a product:p global:g");
    assert_eq!(bed.inbound("GET /a/plain", KEY), "api:a product:p global:g");
    assert_eq!(bed.inbound("GET /a/own", &[]), "operation:o api:a global:g");
    assert_eq!(bed.inbound("GET /b", KEY), "global:g");
}

#[tokio::test]
async fn a_service_without_a_policy_forwards() {
    let bed = Bed::with(&[("apis/b", api("b")), ("apis/b/operations/get", operation("GET", "/"))]).await;
    assert_eq!(described(&bed.service().policies, Section::Backend), "forward-request");
    bed.put("policies/policy", policy("g")).await;
    assert_eq!(described(&bed.service().policies, Section::Backend), "");
    bed.delete("policies/policy").await;
    assert_eq!(described(&bed.service().policies, Section::Backend), "forward-request");
}

#[tokio::test]
async fn an_edit_at_any_scope_is_seen() {
    let bed = bed().await;
    for (path, id) in [
        ("policies/policy", "g2"),
        ("products/p/policies/policy", "p2"),
        ("apis/a/policies/policy", "a2"),
        ("apis/a/operations/own/policies/policy", "o2"),
    ] {
        bed.put(path, policy(id)).await;
    }
    assert_eq!(bed.inbound("GET /a/own", KEY), "operation:o2 api:a2 product:p2 global:g2");
    bed.delete("apis/a/operations/own/policies/policy").await;
    bed.delete("products/p/policies/policy").await;
    assert_eq!(bed.inbound("GET /a/own", KEY), "api:a2 global:g2");
    bed.put("apis/b/policies/policy", policy("b")).await;
    assert_eq!(bed.inbound("GET /b", KEY), "api:b global:g2");
}

#[tokio::test]
async fn a_workspace_stands_between_product_and_service() {
    let bed = Bed::with(&[
        ("policies/policy", policy("g")),
        ("workspaces/w", json!({})),
        ("workspaces/w/policies/policy", policy("w")),
        ("workspaces/w/apis/a", api("a")),
        ("workspaces/w/apis/a/policies/policy", policy("a")),
        ("workspaces/w/apis/a/operations/get", operation("GET", "/")),
    ])
    .await;
    assert_eq!(bed.inbound("GET /a", &[]), "api:a workspace:w global:g");
    bed.put("workspaces/w/policies/policy", policy("w2")).await;
    bed.put("policies/policy", policy("g2")).await;
    assert_eq!(bed.inbound("GET /a", &[]), "api:a workspace:w2 global:g2");
}

#[tokio::test]
async fn a_policy_that_does_not_compile_breaks_its_own_scope() {
    let bed = bed().await;
    let broken = json!({ "format": "rawxml", "value": "<policies>\n <inbound><nope /></inbound></policies>" });
    bed.put("apis/a/operations/own/policies/policy", broken).await;
    let inbound = bed.inbound("GET /a/own", &[]);
    assert!(inbound.starts_with("broken: line 2, column 12: "), "{inbound}");
    assert_eq!(bed.inbound("GET /a/plain", &[]), "api:a global:g");
    let problems = bed.problems();
    assert!(
        problems.len() == 1 && problems[0].starts_with("apis/a/operations/own/policies/policy: line 2"),
        "{problems:?}"
    );
    bed.put("apis/a/operations/own/policies/policy", policy("o")).await;
    assert_eq!((bed.inbound("GET /a/own", &[]).as_str(), bed.problems().len()), ("operation:o api:a global:g", 0));
}

fn raw(inbound: &str) -> Value {
    json!({ "format": "rawxml", "value": format!("<policies><inbound>{inbound}</inbound></policies>") })
}

#[tokio::test]
async fn what_a_policy_names_is_looked_up_again_when_it_changes() {
    let bed = bed().await;
    bed.put("apis/b/policies/policy", raw("<note id=\"x\" text=\"{{word}}\" />")).await;
    let missing = bed.inbound("GET /b", &[]);
    assert!(missing.starts_with("broken: "), "{missing}");
    bed.put("namedValues/nv", json!({ "displayName": "Word", "value": "one" })).await;
    assert_eq!(bed.inbound("GET /b", &[]), "api:x");
    bed.put("namedValues/nv", json!({ "displayName": "Word", "value": "bad" })).await;
    assert!(bed.inbound("GET /b", &[]).ends_with("A bad word."));
    bed.put("namedValues/nv", json!({ "displayName": "Word", "value": "good" })).await;

    bed.put("apis/b/policies/policy", raw("<include fragment=\"F\" /><note id=\"end\" />")).await;
    assert!(bed.inbound("GET /b", &[]).starts_with("broken: "));
    let fragment = |text: &str| json!({ "format": "rawxml", "value": format!("<fragment>{text}</fragment>") });
    bed.put("policyFragments/F", fragment("<note text=\"{{word}}\" />")).await;
    assert_eq!(bed.inbound("GET /b", &[]), "include api:end");
    bed.put("policyFragments/F", fragment("<nope />")).await;
    assert!(bed.inbound("GET /b", &[]).starts_with("broken: "));
    bed.put("policyFragments/F", fragment("<note text=\"{{word}}\" />")).await;
    bed.delete("namedValues/nv").await;
    assert!(bed.inbound("GET /b", &[]).starts_with("broken: "), "through the fragment");

    bed.put("apis/b/policies/policy", raw("<to-backend backend=\"One\" />")).await;
    assert!(bed.inbound("GET /b", &[]).starts_with("broken: "));
    bed.put("backends/One", json!({ "url": "http://one", "protocol": "http" })).await;
    assert_eq!(bed.inbound("GET /b", &[]), "to-backend");
    bed.delete("backends/One").await;
    assert!(bed.inbound("GET /b", &[]).starts_with("broken: "));
}
