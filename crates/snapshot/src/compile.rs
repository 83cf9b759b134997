//! The door to the engine: policy texts in, documents and effective policies out.

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    sync::Arc,
};

use base::Severity;
use engine::{DEFAULT_GLOBAL, Document};
use policy::{
    Catalogue, Documents, Environment, FragmentText, GlobalSchema, Lookup, NamedValue, NoLookup, Scope, Uses,
    base::LineIndex,
    entity::{Backend, ClientCertificate, Directory},
    policy_xml::Format,
};
use store::Key;

use crate::{
    build,
    docs::{Doc, Docs},
    named::NamedValues,
};

/// Compiles the policies of all services, as the process is told to.
#[derive(Clone)]
pub struct Compiler {
    /// Every policy and the C# surface.
    pub catalogue: Arc<Catalogue>,
    /// Whether a member beyond the published C# surface is an error.
    pub strict_surface: bool,
    /// Whether a known policy that does not run yet answers 501 when it is reached, instead of breaking its document.
    pub fail_unsupported: bool,
}

/// What the names in a policy document stand for.
pub(crate) struct Sources<'s> {
    pub(crate) docs: &'s Docs,
    /// The service or workspace.
    pub(crate) scope: &'s Key,
    pub(crate) named: &'s NamedValues,
    pub(crate) directory: &'s Directory,
}

impl Compiler {
    /// Compiles a policy document. The error says where and what; it holds no secret.
    pub(crate) fn compile(&self, doc: &Doc, sources: &Sources<'_>) -> (Result<Arc<Document>, String>, Uses) {
        let format = Format::parse(doc.text("format")).unwrap_or_default();
        self.run(doc.text("value"), format, scope(doc), doc.key.as_str(), sources)
    }

    /// The global policy of a service that has none of its own.
    pub(crate) fn default_policy(&self, service: &Key) -> Result<Arc<Document>, String> {
        self.run(DEFAULT_GLOBAL, Format::Xml, Scope::Global, service.as_str(), &NoLookup).0
    }

    fn run(
        &self,
        text: &str,
        format: Format,
        scope: Scope,
        document: &str,
        lookup: &dyn Lookup,
    ) -> (Result<Arc<Document>, String>, Uses) {
        let environment = Environment {
            catalogue: &self.catalogue,
            lookup,
            scope,
            document,
            strict_surface: self.strict_surface,
            fail_unsupported: self.fail_unsupported,
            lenient: false,
            observe: false,
        };
        let compile = || engine::compile(text, format, Documents::POLICIES, &environment);
        let Ok(compiled) = catch_unwind(AssertUnwindSafe(compile)) else {
            // A defect of ours in one document must not keep all others from being published.
            return (Err("the compiler failed on it; please report this".into()), Uses::default());
        };
        let wrong = compiled.diagnostics.iter().find(|diagnostic| diagnostic.severity == Severity::Error);
        let message = || match wrong {
            Some(wrong) => {
                let at = LineIndex::new(text).position(text, wrong.span.start);
                format!("line {}, column {}: {}: {}", at.line, at.column, wrong.code, wrong.message)
            }
            None => "it is empty".to_owned(),
        };
        (compiled.document.ok_or_else(message), compiled.uses)
    }
}

impl Lookup for Sources<'_> {
    fn named_value(&self, name: &str) -> Option<NamedValue> {
        self.named.get(name).cloned()
    }

    fn fragment(&self, id: &str) -> Option<FragmentText> {
        let doc = self.docs.get("policyfragments", &self.scope.child(&format!("policyFragments/{id}")))?;
        Some(FragmentText { text: doc.shared("value"), format: Format::parse(doc.text("format")).unwrap_or_default() })
    }

    fn backend(&self, id: &str) -> Option<Arc<Backend>> {
        self.directory.backends.get(id.to_lowercase().as_str()).cloned()
    }

    fn certificate(&self, id: &str) -> Option<Arc<ClientCertificate>> {
        self.directory.certificates.get(id.to_lowercase().as_str()).cloned()
    }

    fn schema(&self, id: &str) -> Option<GlobalSchema> {
        self.docs
            .get("schemas", &self.scope.child(&format!("schemas/{id}")))
            .map(|doc| build::global_schema(&doc.body["properties"]))
    }
}

fn scope(doc: &Doc) -> Scope {
    match doc.kind.as_str() {
        "products/policies" => Scope::Product,
        "apis/policies" => Scope::Api,
        "apis/operations/policies" => Scope::Operation,
        _ if doc.scope.up(1).is_some_and(|types| types.name() == "workspaces") => Scope::Workspace,
        _ => Scope::Global,
    }
}
