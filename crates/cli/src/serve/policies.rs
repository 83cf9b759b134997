//! Judges policies for the management plane with the very compiler that the snapshot uses.

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    sync::Arc,
};

use base::{Diagnostic, Span};
use control::{Checked, Known, PolicyCheck, PolicyDescription, PolicyPlace, PolicyText};
use policy::{
    Catalogue, Documents, Environment, FragmentText, GlobalSchema, Lookup, NamedValue, Scope,
    entity::{Backend, ClientCertificate},
    policy_xml::Format,
};

/// The check, with every policy and the C# surface.
pub(crate) struct Check {
    pub(crate) catalogue: Arc<Catalogue>,
    pub(crate) strict_surface: bool,
    pub(crate) fail_unsupported: bool,
}

impl PolicyCheck for Check {
    fn check(&self, policy: &PolicyText<'_>, known: &Known) -> Checked {
        let (scope, kind) = match policy.place {
            PolicyPlace::Global => (Scope::Global, Documents::POLICIES),
            PolicyPlace::Workspace => (Scope::Workspace, Documents::POLICIES),
            PolicyPlace::Product => (Scope::Product, Documents::POLICIES),
            PolicyPlace::Api => (Scope::Api, Documents::POLICIES),
            PolicyPlace::Operation => (Scope::Operation, Documents::POLICIES),
            PolicyPlace::Fragment => (Scope::Global, Documents::FRAGMENT),
        };
        let lookup = Names(known);
        let environment = Environment {
            catalogue: &self.catalogue,
            lookup: &lookup,
            scope,
            document: "",
            strict_surface: self.strict_surface,
            fail_unsupported: self.fail_unsupported,
            lenient: false,
            observe: false,
        };
        let format = Format::parse(policy.format).unwrap_or_default();
        let compile = || engine::compile(policy.text, format, kind, &environment);
        // A defect of ours must refuse the document, not end the call.
        let diagnostics = catch_unwind(AssertUnwindSafe(compile)).map_or_else(
            |_| {
                vec![Diagnostic::error(
                    "PX0199",
                    "The compiler failed on this document; please report it.",
                    Span::default(),
                )]
            },
            |compiled| compiled.diagnostics,
        );
        Checked { diagnostics }
    }

    fn descriptions(&self) -> Vec<PolicyDescription> {
        let scopes = [(Scope::Global, 1), (Scope::Product, 2), (Scope::Api, 4), (Scope::Operation, 8)];
        let all = self.catalogue.policies().into_iter().filter(|def| def.documents.has(Documents::POLICIES));
        all.map(|def| {
            let scopes = scopes.iter().filter(|(scope, _)| def.scopes.has(*scope)).map(|(_, bit)| bit).sum();
            PolicyDescription { name: def.name, summary: def.summary, scopes }
        })
        .collect()
    }
}

/// The names that exist, as a compiler asks for them.
struct Names<'a>(&'a Known);

impl Lookup for Names<'_> {
    fn named_value(&self, name: &str) -> Option<NamedValue> {
        let value = self.0.named_values.get(&name.to_lowercase())?;
        // Which of them is secret does not matter here: none may show in a diagnostic.
        Some(NamedValue { value: value.as_str().into(), secret: true })
    }

    fn fragment(&self, id: &str) -> Option<FragmentText> {
        let (text, format) = self.0.fragments.get(&id.to_lowercase())?;
        Some(FragmentText { text: text.as_str().into(), format: Format::parse(format).unwrap_or_default() })
    }

    fn backend(&self, id: &str) -> Option<Arc<Backend>> {
        let exists = self.0.backends.contains(&id.to_lowercase());
        exists.then(|| Arc::new(Backend { id: id.into(), ..Backend::default() }))
    }

    fn url_template(&self) -> Option<&str> {
        self.0.url_template.as_deref()
    }

    fn certificate(&self, id: &str) -> Option<Arc<ClientCertificate>> {
        let exists = self.0.certificates.contains(&id.to_lowercase());
        exists.then(|| Arc::new(ClientCertificate { id: id.into(), ..ClientCertificate::default() }))
    }

    fn schema(&self, id: &str) -> Option<GlobalSchema> {
        self.0.schemas.get(&id.to_lowercase()).map(snapshot::global_schema)
    }
}
