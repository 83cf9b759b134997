//! Users and subscriptions.

use std::sync::Arc;

use base::Secret;
use policy::entity::{Group, Subscription, User};
use store::Key;

use crate::docs::Doc;

/// The group as requests see it.
pub(crate) fn group(doc: &Doc) -> Group {
    Group { id: doc.name().into(), name: doc.shared("displayName") }
}

/// The user as requests see it.
pub(crate) fn user(doc: &Doc, groups: Vec<Group>) -> User {
    let identities = doc.get("identities").as_array().into_iter().flatten();
    let identity = |one: &serde_json::Value| Some((one["provider"].as_str()?.into(), one["id"].as_str()?.into()));
    User {
        id: doc.name().into(),
        email: doc.shared("email"),
        first_name: doc.shared("firstName"),
        last_name: doc.shared("lastName"),
        note: doc.shared("note"),
        registration: doc.time("registrationDate"),
        groups: groups.into(),
        identities: identities.filter_map(identity).collect(),
    }
}

/// The subscription as requests see it.
pub(crate) fn subscription(doc: &Doc) -> Subscription {
    let key = |name: &str| -> Secret<Arc<str>> { Secret::new(doc.shared(name)) };
    Subscription {
        id: doc.name().into(),
        name: doc.shared("displayName"),
        primary_key: key("primaryKey"),
        secondary_key: key("secondaryKey"),
        created: doc.time("createdDate").or(Some(doc.created)),
        start: doc.time("startDate"),
        end: doc.time("endDate"),
        allow_tracing: doc.flag("allowTracing", false),
    }
}

/// The key that `reference` names in `scope`: a full id, or one that starts at the scope (`/products/p`).
pub(crate) fn referred(scope: &Key, reference: &str) -> Key {
    let key = Key::new(reference);
    if key == *scope || key.below(scope).is_some() { key } else { scope.child(key.as_str().trim_start_matches('/')) }
}
