//! A store with a publisher, and a catalogue of two policies that only leave their names.

use std::sync::Arc;

use arc_swap::ArcSwap;
use base::{Entropy, Timestamp};
use crypto::Keyring;
use policy::{
    Attr, Catalogue, Content, Exchange, Fault, Flow, Headers, Kind, Policy, PolicyDef, Section, Step,
    policy_xml::Element,
};
use serde_json::{Value, json};
use snapshot::{Compiler, Denied, NotFound, Parts, Policies, Publisher, ServiceSnapshot, Snapshot};
use store::{Batch, Delete, Key, Memory, Put, Store, Write};
use testkit::ManualClock;

pub(crate) const SERVICE: &str = "/subscriptions/s/resourceGroups/g/providers/Microsoft.ApiManagement/service/Main";

pub(crate) struct Bed {
    pub(crate) store: Arc<Memory>,
    pub(crate) keyring: Arc<ArcSwap<Keyring>>,
    pub(crate) publisher: Publisher,
}

impl Bed {
    /// A service without anything in it.
    pub(crate) async fn new() -> Self {
        Self::with(&[]).await
    }

    /// A service with these documents, by path below it, before the publisher starts.
    pub(crate) async fn with(documents: &[(&str, Value)]) -> Self {
        let store = Arc::new(Memory::new());
        let mut batch = Batch::new(Timestamp(1)).write(put_at(SERVICE, "", json!({})));
        for (path, properties) in documents {
            batch = batch.write(put_at(SERVICE, path, properties.clone()));
        }
        store.commit(batch).await.unwrap();
        let keyring = Arc::new(ArcSwap::from_pointee(Keyring::generate(&Fixed)));
        let parts = Parts {
            store: Arc::clone(&store) as Arc<dyn Store>,
            keyring: Arc::clone(&keyring),
            compiler: compiler(),
            clock: Arc::new(ManualClock::at(Timestamp(0))),
            default_service: None,
            self_hosted: false,
        };
        Self { store, keyring, publisher: Publisher::start(parts).await.unwrap() }
    }

    /// Writes a document below the service, and waits until it is published.
    pub(crate) async fn put(&self, path: &str, properties: Value) {
        self.write(put_at(SERVICE, path, properties)).await;
    }

    /// Removes a document with all below it.
    pub(crate) async fn delete(&self, path: &str) {
        self.write(Delete::tree(Key::new(&format!("{SERVICE}/{path}")))).await;
    }

    pub(crate) async fn write(&self, write: impl Into<Write>) {
        let commit = self.store.commit(Batch::new(Timestamp(2)).write(write)).await.unwrap();
        self.publisher.published(commit.position).await;
    }

    pub(crate) fn snapshot(&self) -> Arc<Snapshot> {
        self.publisher.current()
    }

    pub(crate) fn service(&self) -> Arc<ServiceSnapshot> {
        Arc::clone(self.snapshot().by_host("main.localhost").unwrap())
    }

    /// What `GET /path?query` with headers means: `api/operation`, or why it means nothing.
    pub(crate) fn route(&self, request: &str, headers: &[(&str, &str)]) -> String {
        let (method, path, query) = parts(request);
        match self.service().route(method, path, query, &lines(headers), false) {
            Ok(found) => format!("{}/{}", found.api.entity.id, found.operation.id),
            Err(NotFound::Api) => "no api".into(),
            Err(NotFound::Version) => "no version".into(),
            Err(NotFound::Operation(api)) => format!("{}/-", api.entity.id),
        }
    }

    /// As whom a request may call: `product|subscription|user`, or why not.
    pub(crate) fn access(&self, request: &str, headers: &[(&str, &str)]) -> String {
        let (method, path, query) = parts(request);
        let (service, headers) = (self.service(), lines(headers));
        let found = service.route(method, path, query, &headers, false).unwrap();
        match service.access(&found.api, query, &headers) {
            Ok(access) => {
                let product = access.product.as_ref().map_or("-", |product| &product.entity.id);
                let key = if access.secondary_key { "2" } else { "" };
                let subscription = access.subscription.as_ref();
                let user = subscription.and_then(|subscription| subscription.user.as_ref());
                let subscription = subscription.map_or("-", |subscription| &subscription.entity.id);
                format!("{product}|{subscription}{key}|{}", user.map_or("-", |user| &user.first_name))
            }
            Err(Denied::KeyMissing) => "missing".into(),
            Err(Denied::KeyInvalid) => "invalid".into(),
        }
    }

    /// The ids of the policies that run inbound for a request, with their scopes.
    pub(crate) fn inbound(&self, request: &str, headers: &[(&str, &str)]) -> String {
        let (method, path, query) = parts(request);
        let (service, headers) = (self.service(), lines(headers));
        let found = service.route(method, path, query, &headers, false).unwrap();
        let access = service.access(&found.api, query, &headers).unwrap();
        described(found.policies(access.product.as_ref()).unwrap(), Section::Inbound)
    }

    /// What cannot be used: the last part of its key, and why.
    pub(crate) fn problems(&self) -> Vec<String> {
        let service = Key::new(SERVICE);
        let snapshot = self.snapshot();
        let below = |key: &Key| key.below(&service).unwrap_or_default().to_owned();
        snapshot.problems().map(|problem| format!("{}: {}", below(&problem.key), problem.message)).collect()
    }
}

pub(crate) fn described(policies: &Policies, section: Section) -> String {
    match policies {
        Policies::Ready(policy) => {
            let steps = policy.section(section).iter().flat_map(|block| block.steps());
            let names = steps.map(|step| match &step.place.id {
                Some(id) => format!("{}:{id}", step.place.scope),
                None => step.place.name.to_owned(),
            });
            names.collect::<Vec<_>>().join(" ")
        }
        Policies::Broken(problem) => format!("broken: {}", problem.message),
    }
}

/// A write of `path` below a service.
pub(crate) fn put_at(service: &str, path: &str, properties: Value) -> Put {
    let types: Vec<&str> = path.split('/').step_by(2).filter(|segment| !segment.is_empty()).collect();
    let kind = std::iter::once("service").chain(types).collect::<Vec<_>>().join("/").to_lowercase();
    let id = format!("{service}/{path}");
    Put::new(id.trim_end_matches('/'), kind, json!({ "location": "local", "properties": properties }))
}

/// A policy document whose inbound section holds a note with this id, before what the broader scope says.
pub(crate) fn policy(id: &str) -> Value {
    json!({ "format": "rawxml", "value": format!("<policies><inbound><note id=\"{id}\" text=\"{id}\" /><base /></inbound></policies>") })
}

fn parts(request: &str) -> (&str, &str, &str) {
    let (method, target) = request.split_once(' ').unwrap();
    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    (method, path, query)
}

fn lines(headers: &[(&str, &str)]) -> Headers {
    headers.iter().copied().collect()
}

static NOTE: PolicyDef = PolicyDef {
    name: "note",
    attrs: &[Attr::optional("text", Kind::Text, "Anything.")],
    compile: compile_note,
    ..PolicyDef::BASE
};

static INCLUDE: PolicyDef = PolicyDef {
    name: "include",
    attrs: &[Attr::required("fragment", Kind::Text, "Its name.")],
    compile: |element, compiler| {
        let id: String = compiler.literal(element, "fragment")?;
        compiler.fragment(element, &id, element.name_span).map(|_| Step::now(Note))
    },
    ..PolicyDef::BASE
};

static TO_BACKEND: PolicyDef = PolicyDef {
    name: "to-backend",
    attrs: &[Attr::required("backend", Kind::Text, "Its name.")],
    compile: |element, compiler| {
        let id: String = compiler.literal(element, "backend")?;
        compiler.backend(&id, element.name_span).map(|_| Step::now(Note))
    },
    ..PolicyDef::BASE
};

static FORWARD: PolicyDef =
    PolicyDef { name: "forward-request", content: Content::Nothing, compile: compile_note, ..PolicyDef::BASE };

fn compile_note(element: &Element, compiler: &mut policy::Compiler<'_>) -> Option<Step> {
    let text = compiler.optional_literal::<String>(element, "text")?;
    if text.as_deref() == Some("bad") {
        compiler.error("T1", "A bad word.", element.name_span);
    }
    Some(Step::now(Note))
}

struct Note;

impl Policy for Note {
    fn run(&self, _: &mut Exchange) -> Result<Flow, Fault> {
        Ok(Flow::Continue)
    }
}

pub(crate) fn compiler() -> Compiler {
    static TABLE: &[&PolicyDef] = &[&NOTE, &INCLUDE, &TO_BACKEND, &FORWARD];
    let catalogue = Catalogue::new(&[TABLE], &[], dotnet::surface().unwrap());
    Compiler { catalogue: Arc::new(catalogue), strict_surface: false, fail_unsupported: false }
}

pub(crate) struct Fixed;

impl Entropy for Fixed {
    fn fill(&self, bytes: &mut [u8]) {
        bytes.fill(7);
    }
}
