//! What a key opens, and what needs none.

use serde_json::{Value, json};

use crate::{
    bed::{Bed, SERVICE},
    routing::operation,
};

fn protected(path: &str) -> Value {
    json!({ "path": path })
}

fn subscription(scope: &str, state: &str, key: &str) -> Value {
    json!({ "scope": format!("{SERVICE}{scope}"), "state": state, "primaryKey": key, "secondaryKey": format!("{key}-2") })
}

async fn bed() -> Bed {
    let bed = Bed::with(&[
        ("apis/one", protected("one")),
        ("apis/one/operations/get", operation("GET", "/")),
        ("apis/two", protected("two")),
        ("apis/two/operations/get", operation("GET", "/")),
        ("apis/free", json!({ "path": "free", "subscriptionRequired": false })),
        ("apis/free/operations/get", operation("GET", "/")),
        ("products/gold", json!({ "displayName": "Gold", "state": "published" })),
        ("products/gold/apis/one", json!({})),
        ("users/u", json!({ "firstName": "Ada", "state": "active" })),
        ("subscriptions/all", subscription("/apis", "active", "k-all")),
        ("subscriptions/master", subscription("", "active", "k-master")),
        ("subscriptions/gold", subscription("/products/gold", "active", "k-gold")),
        ("subscriptions/one", subscription("/apis/one", "active", "k-one")),
        ("subscriptions/held", subscription("/apis", "suspended", "k-held")),
        ("subscriptions/odd", subscription("/somewhere/else", "active", "k-odd")),
    ])
    .await;
    let mut owned = subscription("/apis/two", "active", "k-owned");
    owned["ownerId"] = format!("{SERVICE}/users/u").into();
    bed.put("subscriptions/owned", owned).await;
    bed
}

fn key(key: &str) -> [(&'static str, &str); 1] {
    [("ocp-apim-subscription-key", key)]
}

#[tokio::test]
async fn a_key_opens_its_scope_and_runs_its_product() {
    let bed = bed().await;
    let access = |path: &str, name: &str| bed.access(path, &key(name));
    assert_eq!(access("GET /one", "k-gold"), "gold|gold|-");
    assert_eq!(access("GET /one", "k-gold-2"), "gold|gold2|-");
    assert_eq!(access("GET /two", "k-gold"), "invalid");
    assert_eq!(access("GET /one", "k-one"), "-|one|-");
    assert_eq!(access("GET /two", "k-one"), "invalid");
    assert_eq!(access("GET /two", "k-all"), "-|all|-");
    assert_eq!(access("GET /two", "k-master"), "-|master|-");
    assert_eq!(access("GET /two", "k-owned"), "-|owned|Ada");
    assert_eq!([access("GET /one", "k-held"), access("GET /one", "K-ALL")], ["invalid", "invalid"]);
    assert_eq!(access("GET /one", "k-odd"), "invalid", "a scope that is not known opens nothing");
}

#[tokio::test]
async fn the_header_goes_before_the_query() {
    let bed = bed().await;
    assert_eq!(bed.access("GET /two?Subscription-Key=k-all", &[]), "-|all|-");
    assert_eq!(bed.access("GET /two?subscription-key=k-all", &key("wrong")), "invalid");
    assert_eq!(bed.access("GET /two", &key("")), "missing");
    assert_eq!(bed.access("GET /two", &[]), "missing");

    let names = json!({ "path": "two", "subscriptionKeyParameterNames": { "header": "X-Key", "query": "k" } });
    bed.put("apis/two", names).await;
    assert_eq!(bed.access("GET /two?k=k-all", &[]), "-|all|-");
    assert_eq!(bed.access("GET /two", &[("x-key", "k-all")]), "-|all|-");
    assert_eq!(bed.access("GET /two", &key("k-all")), "missing");
}

#[tokio::test]
async fn where_no_key_is_needed_a_useless_one_counts_as_none() {
    let bed = bed().await;
    assert_eq!(bed.access("GET /free", &[]), "-|-|-");
    assert_eq!(bed.access("GET /free", &key("wrong")), "-|-|-");
    assert_eq!(bed.access("GET /free", &key("k-all")), "-|all|-");
    let open = |state| json!({ "displayName": "Open", "subscriptionRequired": false, "state": state });
    bed.put("products/open", open("published")).await;
    bed.put("products/open/apis/two", json!({})).await;
    assert_eq!(bed.access("GET /two", &[]), "open|-|-");
    assert_eq!(bed.access("GET /two", &key("wrong")), "open|-|-");
    assert_eq!(bed.access("GET /two", &key("k-all")), "-|all|-", "a key of its own never takes the open product");
    bed.put("products/open", open("notPublished")).await;
    assert_eq!(bed.access("GET /two", &[]), "missing");
}

#[tokio::test]
async fn changes_of_keys_products_and_people_count_at_once() {
    let bed = bed().await;
    bed.put("subscriptions/one", subscription("/apis/one", "active", "k-new")).await;
    assert_eq!([bed.access("GET /one", &key("k-one")), bed.access("GET /one", &key("k-new"))], ["invalid", "-|one|-"]);
    bed.put("subscriptions/one", subscription("/apis/one", "suspended", "k-new")).await;
    assert_eq!(bed.access("GET /one", &key("k-new")), "invalid");
    bed.put("users/u", json!({ "firstName": "Ada", "state": "blocked" })).await;
    assert_eq!(bed.access("GET /two", &key("k-owned")), "invalid");
    bed.delete("products/gold/apis/one").await;
    assert_eq!(bed.access("GET /one", &key("k-gold")), "invalid");
    bed.put("products/gold/apis/two", json!({})).await;
    assert_eq!(bed.access("GET /two", &key("k-gold")), "gold|gold|-");
    bed.delete("products/gold").await;
    assert_eq!(bed.access("GET /two", &key("k-gold")), "invalid");
}

#[tokio::test]
async fn a_key_opens_all_revisions_of_its_api_and_nothing_in_a_workspace() {
    let bed = bed().await;
    bed.put("apis/one;rev=2", protected("one")).await;
    bed.put("apis/one;rev=2/operations/get", operation("GET", "/")).await;
    assert_eq!(bed.access("GET /one;rev=2", &key("k-one")), "-|one|-");
    assert_eq!(bed.access("GET /one;rev=2", &key("k-gold")), "gold|gold|-");
    bed.put("workspaces/w", json!({})).await;
    bed.put("workspaces/w/apis/one", protected("w")).await;
    bed.put("workspaces/w/apis/one/operations/get", operation("GET", "/")).await;
    bed.put("workspaces/w/subscriptions/s", subscription("/workspaces/w/apis", "active", "k-w")).await;
    assert_eq!(bed.access("GET /w", &key("k-all")), "invalid");
    assert_eq!(bed.access("GET /w", &key("k-w")), "-|s|-");
    assert_eq!(bed.access("GET /one", &key("k-w")), "invalid");
}
