//! Checks policy documents, whole trees of them.

mod human;
mod machine;
mod sarif;

use std::{collections::HashMap, sync::Arc, thread};

use base::{Diagnostic, Severity, has_errors};
use policy::{
    Catalogue, Documents, Environment, FragmentText, Lookup, NamedValue, Scope,
    entity::{Backend, ClientCertificate},
    policy_xml::{FRAGMENT_LIMIT, Format},
};

pub(crate) use human::plural;
pub use human::{excerpt, human};
pub use machine::json;
pub use sarif::sarif;

use crate::place::{Kind, kind_of};

/// A file to check.
#[derive(Clone, Debug)]
pub struct File {
    /// Its path as messages show it.
    pub path: String,
    /// What it holds.
    pub text: String,
    /// Whether somebody named it, rather than the folder it lies in: then it must be a policy document.
    pub named: bool,
}

/// How to check.
#[derive(Clone, Copy, Debug, Default)]
pub struct Options {
    /// Whose documents these are, whatever their paths say.
    pub scope: Option<Scope>,
    /// Whether what is elsewhere, and every other warning, counts as an error.
    pub strict: bool,
}

/// A document that was checked.
#[derive(Clone, Debug)]
pub struct Checked {
    /// Its path.
    pub path: String,
    /// Its text.
    pub text: String,
    /// What it is; the scope is the one it was checked for.
    pub kind: Kind,
    /// What was found, in the order of the text.
    pub findings: Vec<Diagnostic>,
}

/// What came of a check.
#[derive(Clone, Debug, Default)]
pub struct Report {
    /// The documents, in the order of their paths.
    pub documents: Vec<Checked>,
    /// How many other files there were.
    pub skipped: usize,
}

impl Report {
    /// How many findings have this weight.
    pub fn count(&self, severity: Severity) -> usize {
        self.documents.iter().flat_map(|document| &document.findings).filter(|found| found.severity == severity).count()
    }

    /// Whether a document must be refused.
    pub fn is_refused(&self) -> bool {
        self.documents.iter().any(|document| has_errors(&document.findings))
    }
}

/// What the tree has besides documents, as extractors write it: named values and backends.
#[derive(Debug, Default)]
struct Names {
    fragments: HashMap<String, Arc<str>>,
    named_values: HashMap<String, NamedValue>,
    backends: HashMap<String, Arc<Backend>>,
}

impl Lookup for Names {
    fn named_value(&self, name: &str) -> Option<NamedValue> {
        self.named_values.get(&name.to_ascii_lowercase()).cloned()
    }

    fn fragment(&self, id: &str) -> Option<FragmentText> {
        let text = self.fragments.get(&id.to_ascii_lowercase())?;
        Some(FragmentText { text: Arc::clone(text), format: format_of(text) })
    }

    fn backend(&self, id: &str) -> Option<Arc<Backend>> {
        self.backends.get(&id.to_ascii_lowercase()).cloned()
    }

    // Certificates hold keys, so no tree has them.
    fn certificate(&self, _: &str) -> Option<Arc<ClientCertificate>> {
        None
    }
}

/// Checks documents. Fragments, named values and backends among the files are known to all of them.
pub fn check(catalogue: &Catalogue, files: Vec<File>, options: Options) -> Report {
    let mut names = Names::default();
    let mut documents = Vec::new();
    let mut skipped = 0;
    for file in files {
        let root = root_name(&file.text);
        match root {
            Some("policies" | "fragment") => {
                let mut kind = kind_of(&file.path, root == Some("fragment"));
                if let Kind::Fragment(id) = &kind {
                    names.fragments.insert(id.to_ascii_lowercase(), file.text.as_str().into());
                }
                if let (Kind::Policies(scope), Some(_)) = (&mut kind, options.scope) {
                    *scope = options.scope;
                }
                documents.push((file, kind));
            }
            _ if is_information(&file.path) => names.learn(&file),
            // Whoever names a file wants to hear what is wrong with it.
            _ if file.named => documents.push((file, Kind::Policies(options.scope))),
            _ => skipped += 1,
        }
    }
    documents.sort_by(|(a, _), (b, _)| a.path.cmp(&b.path));
    let threads = thread::available_parallelism().map_or(1, usize::from).min(documents.len().div_ceil(8)).max(1);
    let size = documents.len().div_ceil(threads).max(1);
    let names = &names;
    let mut chunks = Vec::new();
    let mut rest = documents.into_iter();
    loop {
        let chunk: Vec<_> = rest.by_ref().take(size).collect();
        if chunk.is_empty() {
            break;
        }
        chunks.push(chunk);
    }
    let one = |chunk: Vec<(File, Kind)>| -> Vec<Checked> {
        chunk.into_iter().map(|(file, kind)| document(catalogue, names, file, kind, options)).collect()
    };
    let documents = if chunks.len() < 2 {
        chunks.into_iter().flat_map(one).collect()
    } else {
        thread::scope(|scope| {
            let threads: Vec<_> = chunks.into_iter().map(|chunk| scope.spawn(|| one(chunk))).collect();
            // A panic of a check is a defect of ours, and goes on as one.
            threads
                .into_iter()
                .flat_map(|thread| thread.join().unwrap_or_else(|p| std::panic::resume_unwind(p)))
                .collect()
        })
    };
    Report { documents, skipped }
}

/// How the expressions of a file stand in it: verbatim, unless only the other way of reading finds nothing wrong.
pub fn format_of(text: &str) -> Format {
    let is_broken = |format| policy::policy_xml::read(text, format, FRAGMENT_LIMIT).is_broken();
    if text.contains("&quot;") && is_broken(Format::RawXml) && !is_broken(Format::Xml) {
        Format::Xml
    } else {
        Format::RawXml
    }
}

fn document(catalogue: &Catalogue, names: &Names, file: File, kind: Kind, options: Options) -> Checked {
    let format = format_of(&file.text);
    let findings = |documents: Documents, scope: Scope| {
        let environment = Environment {
            catalogue,
            lookup: names,
            scope,
            document: "",
            strict_surface: false,
            fail_unsupported: false,
            lenient: true,
            observe: false,
        };
        engine::compile(&file.text, format, documents, &environment).diagnostics
    };
    let (kind, mut findings) = match kind {
        Kind::Fragment(id) => (Kind::Fragment(id), findings(Documents::FRAGMENT, Scope::Global)),
        Kind::Policies(Some(scope)) => (Kind::Policies(Some(scope)), findings(Documents::POLICIES, scope)),
        // Nobody says whose document it is: the scope that suits it best.
        Kind::Policies(None) => {
            let all = [Scope::Api, Scope::Product, Scope::Operation, Scope::Global, Scope::Workspace];
            let mut best: Option<(Scope, Vec<Diagnostic>)> = None;
            for scope in all {
                let found = findings(Documents::POLICIES, scope);
                let errors = |found: &[Diagnostic]| found.iter().filter(|one| one.severity == Severity::Error).count();
                let is_scope_alone = found.iter().any(|one| one.code == "PX0104");
                if best.as_ref().is_none_or(|(_, best)| errors(&found) < errors(best)) {
                    best = Some((scope, found));
                }
                if !is_scope_alone {
                    break;
                }
            }
            let (scope, found) = best.unwrap_or((Scope::Api, Vec::new()));
            (Kind::Policies(Some(scope)), found)
        }
    };
    if options.strict {
        for found in &mut findings {
            found.severity = Severity::Error;
        }
    }
    Checked { path: file.path, text: file.text, kind, findings }
}

/// Whether a text is a policy document or a fragment.
pub fn is_document(text: &str) -> bool {
    matches!(root_name(text), Some("policies" | "fragment"))
}

/// Whether a text is a fragment.
pub fn is_fragment(text: &str) -> bool {
    root_name(text) == Some("fragment")
}

/// The name of the first element, if the text begins as XML does.
fn root_name(text: &str) -> Option<&str> {
    let mut rest = text.trim_start_matches('\u{feff}').trim_start();
    loop {
        let after = rest.strip_prefix('<')?;
        let end = if after.starts_with("!--") {
            "-->"
        } else if after.starts_with('?') {
            "?>"
        } else {
            let length = after.find(|c: char| c.is_whitespace() || c == '>' || c == '/').unwrap_or(after.len());
            return after.get(..length);
        };
        rest = rest.split_once(end)?.1.trim_start();
    }
}

/// Whether a file says what an extractor knows about a named value or a backend.
fn is_information(path: &str) -> bool {
    path.ends_with("namedValueInformation.json") || path.ends_with("backendInformation.json")
}

impl Names {
    fn learn(&mut self, file: &File) {
        // The folder bears the resource's name; the display name is what documents say.
        let folder = file.path.rsplit('/').nth(1).unwrap_or_default().to_ascii_lowercase();
        let json: serde_json::Value = serde_json::from_str(&file.text).unwrap_or_default();
        let properties = &json["properties"];
        if file.path.ends_with("backendInformation.json") {
            let url = properties["url"].as_str().and_then(policy::Url::parse);
            self.backends
                .insert(folder.clone(), Arc::new(Backend { id: folder.as_str().into(), url, ..Backend::default() }));
            return;
        }
        // A secret's value is not in the tree: the name is there, and what it stands for is not known.
        let Some(value) = properties["value"].as_str() else { return };
        let name = properties["displayName"].as_str().map_or(folder, str::to_ascii_lowercase);
        let secret = properties["secret"].as_bool().unwrap_or_default();
        self.named_values.insert(name, NamedValue { value: value.into(), secret });
    }
}
