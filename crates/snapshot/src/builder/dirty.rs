//! What a changed document touches: what has to be done again.

use std::collections::BTreeSet;

use store::Key;

use super::ServiceBuilder;
use crate::{
    build,
    docs::Doc,
    policies::{Touched, What, is_policy},
};

/// What has to be done again. Sets hold the keys of what they name.
#[derive(Default)]
pub(super) struct Dirty {
    /// Services and workspaces whose named values, backends or certificates changed.
    pub(super) directories: BTreeSet<Key>,
    /// Services and workspaces whose certificates changed.
    pub(super) certificates: BTreeSet<Key>,
    /// What policy documents use by name.
    pub(super) named: BTreeSet<Touched>,
    pub(super) apis: BTreeSet<Key>,
    pub(super) operations: BTreeSet<Key>,
    pub(super) products: BTreeSet<Key>,
    pub(super) policies: BTreeSet<Key>,
    pub(super) addresses: bool,
    pub(super) users: BTreeSet<Key>,
    pub(super) subscriptions: BTreeSet<Key>,
}

impl ServiceBuilder {
    /// Notes what a document touches that came, changed or went.
    pub(super) fn change(&mut self, doc: &Doc) {
        let touched = &mut self.touched;
        let named = |what| Touched { scope: doc.scope.clone(), what, name: doc.key.name().to_owned() };
        match doc.kind.as_str() {
            "" | "workspaces" => drop(touched.directories.insert(doc.key.clone())),
            "namedvalues"
            | "gateways"
            | "gateways/hostnameconfigurations"
            | "gateways/certificateauthorities"
            | "authorizationproviders"
            | "authorizationproviders/authorizations"
            | "authorizationproviders/authorizations/accesspolicies" => {
                touched.directories.insert(doc.scope.clone());
            }
            "certificates" => {
                touched.directories.insert(doc.scope.clone());
                touched.certificates.insert(doc.scope.clone());
                touched.named.insert(named(What::Certificate));
            }
            "backends" => {
                touched.directories.insert(doc.scope.clone());
                touched.named.insert(named(What::Backend));
            }
            "policyfragments" => drop(touched.named.insert(named(What::Fragment))),
            "schemas" => drop(touched.named.insert(named(What::Schema))),
            "apiversionsets" => touched.addresses = true,
            "apis" => {
                touched.addresses = true;
                // Revisions share the address and version of their base.
                let base = build::base_key(doc);
                let siblings = self.docs.children(&doc.scope, "apis").filter(|api| build::base_key(api) == base);
                touched.apis.extend(siblings.map(|api| api.key.clone()));
                touched.apis.insert(doc.key.clone());
            }
            "apis/operations" | "apis/schemas" => drop(touched.operations.insert(doc.parent())),
            "products" => drop(touched.products.insert(doc.key.clone())),
            "products/apis" | "products/groups" => drop(touched.products.insert(doc.parent())),
            "groups" => {
                let members = self.docs.children(&doc.key, "groups/users");
                touched.users.extend(members.map(|link| user_of(&self.key, link)));
                touched.products.extend(self.docs.children(&doc.scope, "products").map(|product| product.key.clone()));
            }
            "groups/users" => {
                let user = user_of(&self.key, doc);
                let groups = self.memberships.entry(user.clone()).or_default();
                if self.docs.get("groups/users", &doc.key).is_some() {
                    groups.insert(doc.parent());
                } else {
                    groups.remove(&doc.parent());
                }
                touched.users.insert(user);
            }
            "users" => drop(touched.users.insert(doc.key.clone())),
            "subscriptions" => drop(touched.subscriptions.insert(doc.key.clone())),
            kind if is_policy(kind) => drop(touched.policies.insert(doc.key.clone())),
            _ => {}
        }
    }
}

/// The user that a group's link names: users belong to the service, whatever workspace the group lies in.
fn user_of(service: &Key, link: &Doc) -> Key {
    service.child(&format!("users/{}", link.key.name()))
}
