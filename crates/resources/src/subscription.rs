//! `service/subscriptions`: a pair of keys that opens a product, an API or all APIs.

use crate::{Admission, Field, NameRule, Reference, ResourceDef, Rule, Secret, Shown};

const STATES: &[&str] = &["suspended", "active", "expired", "submitted", "rejected", "cancelled"];

pub(crate) static DEF: ResourceDef = ResourceDef {
    segment: "subscriptions",
    title: "Subscription",
    name: NameRule::plain(256),
    fields: &[
        Field::required("displayName", Rule::Text(1, 100)),
        Field::required("scope", Rule::Text(1, 1000)),
        Field::new("ownerId", Rule::Text(0, 1000)),
        Field::new("primaryKey", Rule::Text(1, 256)),
        Field::new("secondaryKey", Rule::Text(1, 256)),
        Field::new("state", Rule::Words(STATES)),
        Field::new("allowTracing", Rule::Bool),
        Field::new("stateComment", Rule::Text(0, 10_000)),
        Field::new("expirationDate", Rule::Instant),
        Field::new("startDate", Rule::Instant),
        Field::new("endDate", Rule::Instant),
        Field::new("notificationDate", Rule::Instant),
    ],
    // What `state` is without a word on it depends on the product: control fills it in.
    defaults: &[("state", "\"active\""), ("allowTracing", "false")],
    read_only: &["createdDate"],
    secrets: &[
        Secret { path: "primaryKey", shown: Shown::Never },
        Secret { path: "secondaryKey", shown: Shown::Never },
    ],
    references: &[
        Reference { path: "scope", to: &["products", "apis"], collections: true, index: "subscription-scope" },
        Reference { path: "ownerId", to: &["users"], collections: false, index: "subscription-owner" },
    ],
    admit: |subscription| {
        let now = arm::rfc3339(subscription.now);
        let state = subscription.text("state").to_owned();
        keep_or_set(subscription, "createdDate", &now, true);
        keep_or_set(subscription, "startDate", &now, state == "active");
        keep_or_set(subscription, "endDate", &now, matches!(state.as_str(), "cancelled" | "expired"));
        Ok(())
    },
    ..ResourceDef::BASE
};

/// A date of the subscription's life: what is known stays, else it is now if `now_it_is`.
fn keep_or_set(subscription: &mut Admission<'_>, name: &str, now: &str, now_it_is: bool) {
    if !subscription.get(name).is_null() {
        return;
    }
    let known = subscription.existing.map(|existing| existing["properties"][name].clone()).unwrap_or_default();
    if !known.is_null() {
        subscription.set(name, known);
    } else if now_it_is {
        subscription.set(name, now);
    }
}
