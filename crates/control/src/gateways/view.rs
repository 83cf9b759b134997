//! Which documents a gateway may see: what its APIs need, and nothing else.
//!
//! It starts at the APIs that are assigned to it and follows every reference: operations, schemas and policies below them, the products
//! that hold them, the subscriptions that open them with their owners, and whatever any of these mentions by name.

use std::collections::{BTreeMap, BTreeSet};

use replication::Version;
use store::Key;

use super::atlas::{ANY_HOST, Atlas};

/// Versions by key.
pub(super) type View = BTreeMap<Key, Version>;

/// What a gateway gets of what lies below an API or a product.
const BELOW: &[&str] = &[
    "service/apis",
    "service/apis/operations",
    "service/apis/operations/policies",
    "service/apis/policies",
    "service/apis/schemas",
    "service/products/policies",
];

/// What the gateway with this key sees; `None` if it is not there.
pub(super) fn of(atlas: &Atlas, gateway: &Key) -> Option<View> {
    atlas.get(gateway)?;
    let service = gateway.up(2)?;
    let mut walk = Walk { atlas, aliases: aliases(atlas, &service), service, view: View::new(), todo: Vec::new() };
    walk.start(gateway);
    walk.follow();
    Some(walk.view)
}

struct Walk<'a> {
    atlas: &'a Atlas,
    service: Key,
    /// Named values by display name, certificates by thumbprint.
    aliases: BTreeMap<(&'static str, &'a str), &'a Key>,
    view: View,
    /// What was added and not followed yet.
    todo: Vec<Key>,
}

fn aliases<'a>(atlas: &'a Atlas, service: &Key) -> BTreeMap<(&'static str, &'a str), &'a Key> {
    let mut aliases = BTreeMap::new();
    for types in ["namedvalues", "certificates"] {
        for (key, entry) in atlas.below(&service.child(types), "/") {
            aliases.extend(entry.about().alias.as_deref().map(|alias| ((entry.kind, alias), key)));
        }
    }
    aliases
}

impl Walk<'_> {
    fn add(&mut self, key: &Key) {
        if let Some(entry) = self.atlas.get(key)
            && self.view.insert(key.clone(), entry.version).is_none()
        {
            self.todo.push(key.clone());
        }
    }

    fn add_all(&mut self, keys: Vec<Key>) {
        for key in &keys {
            self.add(key);
        }
    }

    fn start(&mut self, gateway: &Key) {
        let atlas = self.atlas;
        let service = self.service.clone();
        self.add(&service);
        self.add(&service.child("policies/policy"));
        self.add(gateway);
        let own: Vec<(&Key, &'static str)> = atlas.below(gateway, "/").map(|(key, entry)| (key, entry.kind)).collect();
        self.add_all(own.iter().map(|(key, _)| (*key).clone()).collect());
        let assigned: BTreeSet<&str> =
            own.iter().filter(|(_, kind)| *kind == "service/gateways/apis").map(|(key, _)| key.name()).collect();
        let apis = service.child("apis");
        for name in &assigned {
            let api = apis.child(name);
            self.add(&api);
            for with in ["/", ";"] {
                self.add_below(&api, with);
            }
        }
        let products = self.products(&assigned);
        self.subscriptions(&assigned, &products);
    }

    /// What lies below an API or a product, as far as it is needed.
    fn add_below(&mut self, owner: &Key, with: &str) {
        let found = self.atlas.below(owner, with).filter(|(_, entry)| BELOW.contains(&entry.kind));
        let found = found.map(|(key, _)| key.clone()).collect();
        self.add_all(found);
    }

    /// Adds the products that hold an assigned API, and gives them.
    fn products(&mut self, assigned: &BTreeSet<&str>) -> BTreeSet<Key> {
        let atlas = self.atlas;
        let all = self.service.child("products");
        let links = atlas.below(&all, "/").filter(|(_, entry)| entry.kind == "service/products/apis");
        let links: Vec<Key> = links.map(|(key, _)| key).filter(|key| assigned.contains(key.name())).cloned().collect();
        let products: BTreeSet<Key> = links.iter().filter_map(|link| link.up(2)).collect();
        self.add_all(links);
        for product in &products {
            self.add(product);
            self.add_below(product, "/");
            let groups: Vec<Key> = atlas.below(&product.child("groups"), "/").map(|(key, _)| key.clone()).collect();
            self.add_all(groups.iter().map(|link| self.service.child(&format!("groups/{}", link.name()))).collect());
            self.add_all(groups);
        }
        products
    }

    /// Adds the subscriptions that open something here, and the groups of their owners. The owners follow as references.
    fn subscriptions(&mut self, assigned: &BTreeSet<&str>, products: &BTreeSet<Key>) {
        let atlas = self.atlas;
        let apis = self.service.child("apis");
        let opens = |opened: &Key| {
            *opened == self.service
                || *opened == apis
                || products.contains(opened)
                || opened.below(&apis).is_some_and(|name| assigned.contains(resources::base_name(name)))
        };
        let all = self.service.child("subscriptions");
        let found = atlas.below(&all, "/").filter(|(_, entry)| entry.about().opens.as_ref().is_some_and(&opens));
        let found: Vec<_> = found.map(|(key, entry)| (key.clone(), &entry.about().references)).collect();
        let owners: BTreeSet<&str> =
            found.iter().flat_map(|(_, references)| references.iter().map(Key::name)).collect();
        let memberships = atlas.below(&self.service.child("groups"), "/");
        let memberships =
            memberships.filter(|(key, entry)| entry.kind == "service/groups/users" && owners.contains(key.name()));
        let memberships: Vec<Key> = memberships.map(|(key, _)| key.clone()).collect();
        self.add_all(found.into_iter().map(|(key, _)| key).collect());
        self.add_all(memberships.iter().filter_map(|membership| membership.up(2)).collect());
        self.add_all(memberships);
    }

    /// Follows what is mentioned, until nothing new comes.
    fn follow(&mut self) {
        let mut hosts: BTreeSet<&str> = BTreeSet::new();
        loop {
            while let Some(key) = self.todo.pop() {
                let Some(entry) = self.atlas.get(&key) else { continue };
                let about = entry.about();
                for reference in &about.references {
                    self.add(reference);
                }
                for used in &about.uses {
                    self.mentioned(used);
                }
                for thumbprint in &about.thumbprints {
                    let found = self.aliases.get(&("service/certificates", thumbprint.as_str()));
                    if let Some(key) = found.copied() {
                        self.add(key);
                    }
                }
                for (any, types) in [(about.any_backend, "backends"), (about.any_certificate, "certificates")] {
                    if any {
                        self.add_types(types);
                    }
                }
                if entry.kind != "service/backends" {
                    hosts.extend(about.hosts.iter().map(String::as_str));
                }
            }
            // A backend applies by its URL alone, too.
            let all = self.atlas.below(&self.service.child("backends"), "/");
            let is_meant = |host: &String| host == ANY_HOST || hosts.contains(host.as_str());
            let meant = all.filter(|(_, entry)| entry.about().hosts.iter().any(is_meant));
            let meant = meant.map(|(key, _)| key.clone()).collect();
            self.add_all(meant);
            if self.todo.is_empty() {
                return;
            }
        }
    }

    fn add_types(&mut self, types: &str) {
        let all = self.atlas.below(&self.service.child(types), "/").map(|(key, _)| key.clone()).collect();
        self.add_all(all);
    }

    /// Adds what is used by name: `backend:b`.
    fn mentioned(&mut self, used: &str) {
        let Some((what, name)) = used.split_once(':') else { return };
        let types = match what {
            "namedvalue" => {
                let found = self.aliases.get(&("service/namedvalues", name)).copied();
                return found.map_or((), |key| self.add(key));
            }
            "backend" => "backends",
            "certificate" => "certificates",
            "fragment" => "policyfragments",
            "logger" => "loggers",
            "schema" => "schemas",
            _ => return,
        };
        // A policy names a certificate by its thumbprint as well.
        let by_alias = self.aliases.get(&("service/certificates", name)).copied().filter(|_| what == "certificate");
        if let Some(key) = by_alias {
            self.add(key);
        }
        self.add(&self.service.child(&format!("{types}/{name}")));
    }
}
