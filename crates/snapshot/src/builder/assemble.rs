//! Puts the parts of APIs together, and their addresses into one table.

use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    sync::Arc,
};

use policy::json_schema::Reading;
use store::Key;

use super::{ApiParts, ServiceBuilder};
use crate::{
    addresses::{Address, Addresses},
    build,
    docs::Doc,
    policies::{Compiled, Joiner, Policies},
    service::{Api, Product},
};

impl ServiceBuilder {
    /// Puts APIs together: their products, and the policies of their operations with each of them. Of the other APIs only
    /// the policies of these `operations` change.
    pub(super) fn assemble(&mut self, whole: &BTreeSet<Key>, operations: &[Key]) {
        let mut joiner = Joiner::default();
        self.ready_schemas(whole, operations);
        for key in whole {
            let Some(put_together) = self.put_together(key, &mut joiner) else { continue };
            if let Some(api) = self.apis.get_mut(key) {
                api.whole = Arc::new(put_together);
            }
        }
        for operation in operations {
            let Some(key) = operation.up(2).filter(|key| !whole.contains(key)) else { continue };
            let Some(api) = self.apis.get(&key) else { continue };
            let Some(number) = api.operations.numbers.get(operation).copied() else { continue };
            let own = self
                .policies
                .of(operation)
                .map(|_| self.joined(Some(operation), api, &api.whole.products, &mut joiner));
            if let Some(api) = self.apis.get_mut(&key) {
                // It is copied once only: nobody else holds the copy before it is published.
                let policies = &mut Arc::make_mut(&mut api.whole).operation_policies;
                match own {
                    Some(own) => drop(policies.insert(number, own)),
                    None => drop(policies.remove(&number)),
                }
            }
        }
    }

    /// Makes the schemas of operations ready that their policies check messages with, so that no request has to.
    fn ready_schemas(&self, whole: &BTreeSet<Key>, operations: &[Key]) {
        let apis: BTreeSet<Key> =
            operations.iter().filter_map(|operation| operation.up(2)).chain(whole.iter().cloned()).collect();
        for api in apis.iter().filter_map(|key| self.apis.get(key)) {
            let owners = [&api.doc.key, &api.doc.scope, &self.key].into_iter();
            let owners = owners.chain(api.whole.products.iter().map(|product| &product.key));
            let shared: BTreeSet<Reading> = owners.flat_map(|owner| self.policies.readings(owner)).collect();
            for (key, number) in &api.operations.numbers {
                let readings = self.policies.readings(key).chain(shared.iter().copied());
                let Some(operation) = api.operations.list.get(*number) else { continue };
                for reading in readings {
                    for definition in operation.definitions() {
                        // A schema that is none is told when a message meets it.
                        let _ = definition.schema(reading);
                    }
                }
            }
        }
    }

    fn put_together(&self, key: &Key, joiner: &mut Joiner) -> Option<Api> {
        let api = self.apis.get(key)?;
        let base = build::base_key(&api.doc);
        let holds = |product: &&Arc<Product>| {
            let link = product.key.child(&format!("apis/{}", base.name()));
            self.scope_of(&product.key) == api.doc.scope && self.docs.get("products/apis", &link).is_some()
        };
        let products: Vec<Arc<Product>> = self.products.values().filter(holds).cloned().collect();
        let policies = self.joined(None, api, &products, joiner);
        let own = api.operations.numbers.iter().filter(|(key, _)| self.policies.of(key).is_some());
        let own = own.map(|(key, number)| (*number, self.joined(Some(key), api, &products, joiner)));
        let operation_policies = own.collect();
        Some(Api {
            entity: Arc::clone(&api.entity),
            workspace: self.domains.get(&api.doc.scope).and_then(|domain| domain.workspace.clone()),
            websocket: api.doc.text("type") == "websocket",
            products,
            domain: api.doc.scope.clone(),
            base,
            operations: Arc::clone(&api.operations),
            policies,
            operation_policies,
        })
    }

    /// The effective policies without a product, then with each of `products`.
    fn joined(
        &self,
        operation: Option<&Key>,
        api: &ApiParts,
        products: &[Arc<Product>],
        joiner: &mut Joiner,
    ) -> Vec<Policies> {
        let contexts = std::iter::once(None).chain(products.iter().map(Some));
        contexts.map(|product| joiner.join(self.chain(operation, &api.doc, product))).collect()
    }

    /// The policy documents that apply, narrowest first.
    fn chain<'s>(
        &'s self,
        operation: Option<&Key>,
        api: &Doc,
        product: Option<&Arc<Product>>,
    ) -> impl Iterator<Item = &'s Compiled> {
        let workspace = (api.scope != self.key).then_some(&api.scope);
        let narrow = [operation, Some(&api.key), product.map(|product| &product.key), workspace];
        let narrow = narrow.into_iter().flatten().filter_map(|owner| self.policies.of(owner)).collect::<Vec<_>>();
        narrow.into_iter().chain([self.policies.of(&self.key).unwrap_or(&self.default_policy)])
    }

    /// Where the APIs answer.
    pub(super) fn addresses(&self) -> Addresses {
        let numbers: HashMap<&Key, usize> = self.apis.keys().enumerate().map(|(number, key)| (key, number)).collect();
        let mut by_base: BTreeMap<Key, Vec<&ApiParts>> = BTreeMap::new();
        for api in self.apis.values() {
            by_base.entry(build::base_key(&api.doc)).or_default().push(api);
        }
        let mut addresses = Addresses::default();
        for (base, revisions) in by_base {
            let Some(current) = self.apis.get(&base) else { continue };
            let version = build::version(&current.doc, &self.docs);
            let online = revisions.into_iter().filter(|api| api.doc.flag("isOnline", true));
            let numbered: Vec<_> = online.filter_map(|api| Some((api, *numbers.get(&api.doc.key)?))).collect();
            let address = Address {
                version: version.told,
                websocket: current.doc.text("type") == "websocket",
                current: numbered.iter().find(|(api, _)| api.doc.key == base).map(|(_, number)| *number),
                revisions: numbered.iter().map(|(api, number)| (api.entity.revision.to_lowercase(), *number)).collect(),
            };
            addresses.add(&format!("{}/{}", current.entity.path, version.segment), address);
        }
        addresses
    }
}
