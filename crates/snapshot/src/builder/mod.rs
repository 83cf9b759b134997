//! Builds the snapshot of one service and keeps it up to date: a change redoes what depends on it, and nothing else.
//!
//! [`ServiceBuilder::change`] takes the documents in and notes what they touch; [`ServiceBuilder::publish`] redoes that,
//! in the order in which one thing depends on another, and puts the parts together.

mod assemble;
mod dirty;
mod people;

use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    sync::Arc,
};

use policy::entity::{self, Directory};
use store::Key;

use dirty::Dirty;

use crate::{
    addresses::Addresses,
    build::{self, Operations},
    compile::{Compiler, Sources},
    docs::{Doc, Docs},
    hosts::HostName,
    keys::{Keys, Subscription},
    named::NamedValues,
    policies::{Compiled, Joiner, PolicyDocs, Touched, What},
    service::{Api, Problem, Product, ServiceSnapshot},
};

/// The parts of one service.
pub(crate) struct ServiceBuilder {
    key: Key,
    /// Whether the gateway among the documents is this process.
    self_hosted: bool,
    docs: Docs,
    /// The service and its workspaces, as far as they have something to be found by name.
    domains: BTreeMap<Key, Domain>,
    service: Arc<entity::Service>,
    hosts: Vec<Arc<HostName>>,
    /// Certificates of host names that cannot be used.
    uncovered: build::Wrong,
    apis: BTreeMap<Key, ApiParts>,
    products: BTreeMap<Key, Arc<Product>>,
    policies: PolicyDocs,
    /// What a service without a policy document of its own has.
    default_policy: Compiled,
    users: HashMap<Key, Arc<entity::User>>,
    /// The groups of each user.
    memberships: HashMap<Key, BTreeSet<Key>>,
    subscriptions: HashMap<Key, Held>,
    keys: Arc<Keys>,
    addresses: Arc<Addresses>,
    touched: Dirty,
}

/// What is found by name in the service or a workspace.
#[derive(Default)]
struct Domain {
    named: NamedValues,
    directory: Directory,
    workspace: Option<Arc<entity::Workspace>>,
    /// Certificates that cannot be used.
    uncertified: build::Wrong,
    /// Backends that cannot be used.
    unusable: build::Wrong,
}

/// A subscription, and the user that owns it.
struct Held {
    subscription: Arc<Subscription>,
    owner: Option<Key>,
}

struct ApiParts {
    doc: Arc<Doc>,
    entity: Arc<entity::Api>,
    problem: Option<String>,
    operations: Arc<Operations>,
    /// All parts put together.
    whole: Arc<Api>,
}

impl ServiceBuilder {
    /// A service without documents.
    pub(crate) fn new(key: Key, compiler: &Compiler, self_hosted: bool) -> Self {
        let default_policy =
            compiler.default_policy(&key).map_err(|message| Arc::new(Problem { key: key.clone(), message }));
        Self {
            key,
            self_hosted,
            docs: Docs::default(),
            domains: BTreeMap::new(),
            service: Arc::default(),
            hosts: Vec::new(),
            uncovered: build::Wrong::new(),
            apis: BTreeMap::new(),
            products: BTreeMap::new(),
            policies: PolicyDocs::default(),
            default_policy,
            users: HashMap::new(),
            memberships: HashMap::new(),
            subscriptions: HashMap::new(),
            keys: Arc::default(),
            addresses: Arc::default(),
            touched: Dirty::default(),
        }
    }

    /// Whether the service itself is there: its other documents alone are none.
    pub(crate) fn exists(&self) -> bool {
        self.docs.get("", &self.key).is_some()
    }

    /// Whether nothing is left of it.
    pub(crate) fn is_empty(&self) -> bool {
        self.docs.is_empty()
    }

    /// When the service was made.
    pub(crate) fn created(&self) -> base::Timestamp {
        self.docs.get("", &self.key).map(|doc| doc.created).unwrap_or_default()
    }

    /// Takes a document in.
    pub(crate) fn put(&mut self, doc: Doc) {
        let doc = self.docs.put(doc);
        self.change(&doc);
    }

    /// Takes out the document of this key and full kind.
    pub(crate) fn remove(&mut self, key: &Key, kind: &str) {
        if let Some(doc) = self.docs.remove(key, kind) {
            self.change(&doc);
        }
    }

    /// Redoes what was touched.
    pub(crate) fn publish(&mut self, compiler: &Compiler) -> ServiceSnapshot {
        let mut touched = std::mem::take(&mut self.touched);
        // APIs whose whole must be put together anew.
        let mut whole = BTreeSet::new();
        for scope in std::mem::take(&mut touched.directories) {
            self.directory(&scope, &mut touched, &mut whole);
        }
        for key in std::mem::take(&mut touched.apis) {
            self.api(key, &mut touched, &mut whole);
        }
        for key in &touched.operations {
            if let Some(api) = self.apis.get_mut(key) {
                api.operations = Arc::new(build::operations(key, &self.docs));
                whole.insert(key.clone());
            }
        }
        for key in &touched.products {
            self.product(key, &mut whole);
        }
        let operations = self.compile(&touched, compiler, &mut whole);
        self.assemble(&whole, &operations);
        if touched.addresses {
            self.addresses = Arc::new(self.addresses());
        }
        self.people(touched.users, touched.subscriptions);
        self.snapshot()
    }

    /// Named values, backends and certificates of the service or of a workspace.
    fn directory(&mut self, scope: &Key, touched: &mut Dirty, whole: &mut BTreeSet<Key>) {
        let mut named = NamedValues::default();
        for doc in self.docs.children(scope, "namedvalues") {
            named.put(doc.text("displayName"), doc.text("value"), doc.flag("secret", false));
        }
        let known = self.domains.remove(scope);
        let recertified = touched.certificates.contains(scope) || known.is_none();
        let before = known.unwrap_or_default();
        let touch = |what, name: &str| Touched { scope: scope.clone(), what, name: name.to_owned() };
        let differing: Vec<_> = named.differing(&before.named).map(|name| touch(What::NamedValue, name)).collect();
        let renamed = !differing.is_empty();
        touched.named.extend(differing);
        if renamed {
            let apis = self.docs.children(scope, "apis").filter(|api| api.text("serviceUrl").contains("{{"));
            touched.apis.extend(apis.map(|api| api.key.clone()));
        }
        // A backend holds the named values and certificates that it mentions, and a pool its members.
        let mentions = |doc: &Doc| {
            let credentials = doc.get("credentials");
            (renamed && doc.body.to_string().contains("{{"))
                || (recertified && !(credentials["certificateIds"].is_null() && credentials["certificate"].is_null()))
                || (recertified && !doc.get("properties")["serviceFabricCluster"].is_null())
                || !doc.get("pool").is_null()
        };
        let stale = self.docs.children(scope, "backends").filter(|doc| mentions(doc));
        touched.named.extend(stale.map(|doc| touch(What::Backend, doc.key.name())));

        let (certificates, uncertified) = if recertified {
            build::certificates(scope, &self.docs)
        } else {
            (before.directory.certificates, before.uncertified)
        };
        let (directory, unusable) = build::directory(scope, &self.docs, &named, certificates);
        let mut workspace = None;
        if let Some(doc) = self.docs.get("workspaces", scope) {
            workspace = Some(Arc::new(build::workspace(doc, directory.clone())));
            whole.extend(self.docs.children(scope, "apis").map(|api| api.key.clone()));
        } else if let Some(doc) = self.docs.get("", scope) {
            let service = build::service(doc, &self.docs, directory.clone());
            match self.docs.children(scope, "gateways").next().filter(|_| self.self_hosted) {
                Some(gateway) => {
                    self.service = Arc::new(build::of_gateway(service, gateway, &self.docs));
                    (self.hosts, self.uncovered) = build::hosts_of_gateway(gateway, &self.docs, &self.hosts);
                }
                None => {
                    self.service = Arc::new(service);
                    (self.hosts, self.uncovered) = build::hosts(doc, &self.hosts);
                }
            }
        }
        self.domains.insert(scope.clone(), Domain { named, directory, workspace, uncertified, unusable });
    }

    /// An API's entity, and the products that show it.
    fn api(&mut self, key: Key, touched: &mut Dirty, whole: &mut BTreeSet<Key>) {
        let Some(doc) = self.docs.get("apis", &key) else {
            if let Some(gone) = self.apis.remove(&key) {
                touched.products.extend(gone.whole.products.iter().map(|product| product.key.clone()));
            }
            return;
        };
        let base = build::base_key(doc);
        let link = format!("apis/{}", base.name());
        let products = self.docs.children(&doc.scope, "products").map(|product| &product.key);
        let holding = products.filter(|product| self.docs.get("products/apis", &product.child(&link)).is_some());
        touched.products.extend(holding.cloned());
        let base = self.docs.get("apis", &base).unwrap_or(doc);
        let no_names = NamedValues::default();
        let named = self.domains.get(&doc.scope).map_or(&no_names, |domain| &domain.named);
        let (entity, problem) = build::api(doc, base, named);
        let (doc, entity) = (Arc::clone(doc), Arc::new(entity));
        let known = self.apis.remove(&key);
        let (operations, before) = match known {
            Some(known) => (known.operations, known.whole),
            None => {
                touched.operations.insert(key.clone());
                let empty = Api {
                    entity: Arc::clone(&entity),
                    workspace: None,
                    websocket: false,
                    products: Vec::new(),
                    domain: doc.scope.clone(),
                    base: build::base_key(&doc),
                    operations: Arc::default(),
                    policies: Vec::new(),
                    operation_policies: HashMap::new(),
                };
                (Arc::default(), Arc::new(empty))
            }
        };
        whole.insert(key.clone());
        self.apis.insert(key, ApiParts { doc, entity, problem, operations, whole: before });
    }

    /// A product's entity. The APIs that it held or holds must be put together anew.
    fn product(&mut self, key: &Key, whole: &mut BTreeSet<Key>) {
        let held = |api: &&ApiParts| api.whole.products.iter().any(|product| product.key == *key);
        let mut affected: Vec<Key> = self.apis.values().filter(held).map(|api| api.doc.key.clone()).collect();
        match self.docs.get("products", key) {
            Some(doc) => {
                let links = self.docs.children(key, "products/apis");
                let bases: Vec<Key> = links.map(|link| doc.scope.child(&format!("apis/{}", link.key.name()))).collect();
                let apis = bases.iter().filter_map(|base| self.apis.get(base)).map(|api| Arc::clone(&api.entity));
                let entity = build::product(doc, &self.docs, apis.collect());
                let product = Arc::new(Product { key: key.clone(), entity: Arc::new(entity) });
                self.products.insert(key.clone(), product);
                let holds = |api: &&ApiParts| bases.contains(&api.whole.base);
                affected.extend(self.apis.values().filter(holds).map(|api| api.doc.key.clone()));
            }
            None => drop(self.products.remove(key)),
        }
        whole.extend(affected);
    }

    /// Policy documents that changed, or that use what changed. It gives the operations whose own documents did.
    fn compile(&mut self, touched: &Dirty, compiler: &Compiler, whole: &mut BTreeSet<Key>) -> Vec<Key> {
        let mut operations = Vec::new();
        let mut stale: BTreeSet<Key> = touched.policies.clone();
        stale.extend(self.policies.using(&touched.named));
        for key in &stale {
            // A service or workspace, a product, an API or an operation.
            let Some(owner) = key.up(2) else { continue };
            let scope = self.scope_of(key);
            let no_domain = Domain::default();
            let domain = self.domains.get(&scope).unwrap_or(&no_domain);
            let sources =
                Sources { docs: &self.docs, scope: &scope, named: &domain.named, directory: &domain.directory };
            self.policies.compile(&owner, key, &sources, compiler);
            if owner.up(1).is_some_and(|types| types.name() == "operations") {
                operations.push(owner);
                continue;
            }
            if owner.up(1).is_some_and(|types| types.name() == "apis") {
                whole.extend(self.apis.contains_key(&owner).then_some(owner));
                continue;
            }
            let concerns = |api: &&ApiParts| {
                let in_owner = |inner: &Key| *inner == owner || inner.below(&owner).is_some();
                in_owner(&api.doc.key) || api.whole.products.iter().any(|product| product.key == owner)
            };
            whole.extend(self.apis.values().filter(concerns).map(|api| api.doc.key.clone()));
        }
        operations
    }

    /// The service or workspace that a document lies in.
    fn scope_of(&self, key: &Key) -> Key {
        let workspace = key.below(&self.key).and_then(|rest| rest.strip_prefix("workspaces/")?.split('/').next());
        workspace.map_or_else(|| self.key.clone(), |name| self.key.child(&format!("workspaces/{name}")))
    }

    fn snapshot(&self) -> ServiceSnapshot {
        ServiceSnapshot {
            key: self.key.clone(),
            entity: Arc::clone(&self.service),
            problems: self.problems(),
            policies: Joiner::default()
                .join(std::iter::once(self.policies.of(&self.key).unwrap_or(&self.default_policy))),
            addresses: Arc::clone(&self.addresses),
            apis: self.apis.values().map(|api| Arc::clone(&api.whole)).collect(),
            keys: Arc::clone(&self.keys),
            hosts: self.hosts.clone(),
        }
    }

    fn problems(&self) -> Vec<Problem> {
        let problem = |(key, message): (&Key, &String)| Problem { key: key.clone(), message: message.clone() };
        let secrets = self.docs.unopened();
        let domains = self.domains.values().flat_map(|domain| domain.uncertified.iter().chain(&domain.unusable));
        let domains = domains.chain(&self.uncovered).map(|(key, message)| (key, message));
        let apis = self.apis.values().filter_map(|api| Some((&api.doc.key, api.problem.as_ref()?)));
        let operations =
            self.apis.values().flat_map(|api| api.operations.problems.iter().map(|(key, message)| (key, message)));
        let mut problems: Vec<Problem> = secrets.chain(domains).chain(apis).chain(operations).map(problem).collect();
        problems.extend(self.policies.problems().cloned());
        problems.sort_by(|one, other| one.key.cmp(&other.key));
        problems
    }
}
