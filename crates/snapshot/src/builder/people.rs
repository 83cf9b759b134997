//! Users and subscriptions: a change redoes those that it touches, however many there are.

use std::{collections::BTreeSet, sync::Arc};

use policy::entity;
use store::Key;

use super::{Held, ServiceBuilder};
use crate::{
    build,
    docs::Doc,
    keys::{Scope, Subscription},
};

impl ServiceBuilder {
    /// Redoes these users with their subscriptions, and these subscriptions.
    pub(super) fn people(&mut self, users: BTreeSet<Key>, mut subscriptions: BTreeSet<Key>) {
        // At the first look all subscriptions are new anyway.
        if !users.is_empty() && !self.subscriptions.is_empty() {
            let owned = |held: &Held| held.owner.as_ref().is_some_and(|owner| users.contains(owner));
            let theirs = self.subscriptions.iter().filter(|(_, held)| owned(held));
            subscriptions.extend(theirs.map(|(key, _)| key.clone()));
        }
        for key in users {
            match self.docs.get("users", &key) {
                Some(doc) => {
                    let user = build::user(doc, self.groups_of(&key));
                    self.users.insert(key, Arc::new(user));
                }
                None => drop(self.users.remove(&key)),
            }
        }
        for key in subscriptions {
            let new = self.docs.get("subscriptions", &key).map(|doc| self.subscription(doc));
            // The first change since the last publication copies the list of parts, and each change the parts it touches.
            let keys = Arc::make_mut(&mut self.keys);
            if let Some(Held { subscription, .. }) = self.subscriptions.remove(&key) {
                keys.remove(&subscription);
            }
            if let Some(held) = new {
                keys.add(&held.subscription);
                self.subscriptions.insert(key, held);
            }
        }
    }

    fn groups_of(&self, user: &Key) -> Vec<entity::Group> {
        let groups = self.memberships.get(user).into_iter().flatten();
        groups.filter_map(|group| self.docs.get("groups", group)).map(|group| build::group(group)).collect()
    }

    fn subscription(&self, doc: &Doc) -> Held {
        let owner = Some(doc.text("ownerId")).filter(|owner| !owner.is_empty());
        // Users live in the service, also where a workspace's subscription names one.
        let owner = owner.map(|owner| build::referred(&self.key, owner));
        let blocked = owner.as_ref().and_then(|owner| self.docs.get("users", owner));
        let blocked = blocked.is_some_and(|user| matches!(user.text("state"), "blocked" | "deleted"));
        let subscription = Subscription {
            entity: Arc::new(build::subscription(doc)),
            user: owner.as_ref().and_then(|owner| self.users.get(owner).cloned()),
            active: doc.text("state").eq_ignore_ascii_case("active") && !blocked,
            domain: doc.scope.clone(),
            scope: Scope::of(&doc.scope, build::referred(&doc.scope, doc.text("scope"))),
        };
        Held { subscription: Arc::new(subscription), owner }
    }
}
