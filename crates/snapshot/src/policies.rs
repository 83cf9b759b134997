//! Policy documents: each compiles once; chains of them are joined into the effective policies of operations.

use std::{
    collections::{BTreeSet, HashMap},
    fmt,
    sync::Arc,
};

use engine::{Document, EffectivePolicy};
use policy::{Uses, json_schema::Reading};
use store::Key;

use crate::{
    compile::{Compiler, Sources},
    service::Problem,
};

/// What runs for a request.
#[derive(Clone)]
pub enum Policies {
    /// The joined policies.
    Ready(Arc<EffectivePolicy>),
    /// One of the documents does not compile: requests that would run it fail with this.
    Broken(Arc<Problem>),
}

impl fmt::Debug for Policies {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Ready(_) => f.write_str("Ready"),
            Self::Broken(problem) => f.debug_tuple("Broken").field(problem).finish(),
        }
    }
}

/// A policy document after compiling.
pub(crate) type Compiled = Result<Arc<Document>, Arc<Problem>>;

/// The kinds that hold policy documents.
const KINDS: [&str; 4] = ["policies", "products/policies", "apis/policies", "apis/operations/policies"];

/// Whether documents of this kind are policies.
pub(crate) fn is_policy(kind: &str) -> bool {
    KINDS.contains(&kind)
}

/// The compiled policy documents of a service, by the resource that each belongs to.
#[derive(Default)]
pub(crate) struct PolicyDocs(HashMap<Key, PolicyDoc>);

struct PolicyDoc {
    key: Key,
    scope: Key,
    compiled: Compiled,
    uses: Uses,
}

impl PolicyDocs {
    /// Compiles the document at `key` anew, or forgets it if it is gone.
    pub(crate) fn compile(&mut self, owner: &Key, key: &Key, sources: &Sources<'_>, compiler: &Compiler) {
        let Some(doc) = KINDS.iter().find_map(|kind| sources.docs.get(kind, key)) else {
            self.0.remove(owner);
            return;
        };
        let (compiled, uses) = compiler.compile(doc, sources);
        let compiled = compiled.map_err(|message| Arc::new(Problem { key: key.clone(), message }));
        self.0.insert(owner.clone(), PolicyDoc { key: key.clone(), scope: doc.scope.clone(), compiled, uses });
    }

    /// The compiled document of the resource at `owner`, if it has one.
    pub(crate) fn of(&self, owner: &Key) -> Option<&Compiled> {
        self.0.get(owner).map(|doc| &doc.compiled)
    }

    /// How the document of the resource at `owner` reads the schemas of operations.
    pub(crate) fn readings(&self, owner: &Key) -> impl Iterator<Item = Reading> {
        self.0.get(owner).into_iter().flat_map(|doc| doc.uses.readings.iter().copied())
    }

    /// The documents whose meaning one of these changes.
    pub(crate) fn using(&self, touched: &BTreeSet<Touched>) -> Vec<Key> {
        let users = self.0.values().filter(|doc| touched.iter().any(|touched| touched.is_used(doc)));
        users.map(|doc| doc.key.clone()).collect()
    }

    /// The documents that do not compile.
    pub(crate) fn problems(&self) -> impl Iterator<Item = &Problem> {
        self.0.values().filter_map(|doc| doc.compiled.as_ref().err()).map(|problem| &**problem)
    }
}

/// Something that policy documents use by name, and that came, changed or went. The name is in lower case.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Touched {
    /// The service or workspace that it lives in.
    pub(crate) scope: Key,
    pub(crate) what: What,
    pub(crate) name: String,
}

/// What documents use by name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum What {
    NamedValue,
    Fragment,
    Backend,
    Certificate,
    Schema,
}

impl Touched {
    fn is_used(&self, doc: &PolicyDoc) -> bool {
        let used = match self.what {
            What::NamedValue => &doc.uses.named_values,
            What::Fragment => &doc.uses.fragments,
            What::Backend => &doc.uses.backends,
            What::Certificate => &doc.uses.certificates,
            What::Schema => &doc.uses.schemas,
        };
        doc.scope == self.scope && used.contains(&self.name)
    }
}

/// Joins chains of documents, each chain once.
#[derive(Default)]
pub(crate) struct Joiner(HashMap<Vec<usize>, Policies>);

impl Joiner {
    /// The effective policies of a chain, narrowest first. The documents must outlive the joiner.
    pub(crate) fn join<'d>(&mut self, chain: impl Iterator<Item = &'d Compiled>) -> Policies {
        let mut documents = Vec::new();
        for compiled in chain {
            match compiled {
                Ok(document) => documents.push(Arc::clone(document)),
                Err(problem) => return Policies::Broken(Arc::clone(problem)),
            }
        }
        let identity = documents.iter().map(|document| Arc::as_ptr(document).addr()).collect();
        let join = || Policies::Ready(Arc::new(EffectivePolicy::join(&documents)));
        self.0.entry(identity).or_insert_with(join).clone()
    }
}
