//! A product with its APIs and groups.

use std::sync::Arc;

use policy::entity::{Api, Group, Product};

use crate::docs::{Doc, Docs};

/// The product as requests see it.
pub(crate) fn product(doc: &Doc, docs: &Docs, apis: Vec<Arc<Api>>) -> Product {
    let groups = docs.children(&doc.key, "products/groups").filter_map(|link| {
        let group = docs.get("groups", &doc.scope.child(&format!("groups/{}", link.key.name())))?;
        Some(Group { id: group.name().into(), name: group.shared("displayName") })
    });
    Product {
        id: doc.name().into(),
        name: doc.shared("displayName"),
        approval_required: doc.flag("approvalRequired", false),
        subscription_required: doc.flag("subscriptionRequired", true),
        subscriptions_limit: doc.get("subscriptionsLimit").as_i64().and_then(|limit| i32::try_from(limit).ok()),
        published: doc.text("state") == "published",
        groups: groups.collect(),
        apis: apis.into(),
    }
}
