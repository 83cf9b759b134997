//! [`Compiler`]: from a checked tree to steps. Collects every diagnostic; what it looked up is noted in [`Uses`].

mod access;
mod check;
mod http_only;
mod idle;
mod nearest;
mod text;

use std::{
    collections::{BTreeSet, HashSet},
    sync::Arc,
};

use base::{Diagnostic, LineIndex, Span, has_errors};
use json_schema::Reading;
use policy_xml::{Element, FRAGMENT_LIMIT, Format, Mapped, Node};

pub use access::AnyValue;
use http_only::for_http;
use idle::Unsupported;
pub(crate) use nearest::nearest;

use crate::{
    Block, Catalogue, Child, Documents, Once, Place, Placed, Scope, Section, Step,
    catalogue::Known,
    coverage::{Inventory, Origin, Watched},
    entity::{Backend, ClientCertificate},
    exchange::On,
};

/// What a document is compiled with and for.
pub struct Environment<'a> {
    /// All policies.
    pub catalogue: &'a Catalogue,
    /// What names in the document stand for.
    pub lookup: &'a dyn Lookup,
    /// Whose document it is. For a fragment on its own it does not matter.
    pub scope: Scope,
    /// Names the document: its ARM id, lower-case. Counters of its limits carry it, so equal names in two services or
    /// workspaces never meet, and an edit does not forget what was counted.
    pub document: &'a str,
    /// Whether a member beyond the published surface is an error (`strictSurface`).
    pub strict_surface: bool,
    /// Whether a policy that is known and does not run yet answers 501 when it is reached, instead of being refused
    /// (`unsupportedPolicies=fail-request`).
    pub fail_unsupported: bool,
    /// Whether the names in the document may stand for something that is elsewhere: what is not found, and what does not
    /// run yet, are warnings then, and everything around it is still checked. A document with such a gap gives no steps.
    pub lenient: bool,
    /// Whether expressions say which of their branches run, for a test's coverage.
    pub observe: bool,
}

/// Finds what a document names, in its own service and workspace.
pub trait Lookup {
    /// A named value, resolved.
    fn named_value(&self, name: &str) -> Option<NamedValue>;
    /// A fragment's text.
    fn fragment(&self, id: &str) -> Option<FragmentText>;
    /// A backend.
    fn backend(&self, id: &str) -> Option<Arc<Backend>>;
    /// A certificate. Where only its name is known, as when a document is judged before it is stored, its chain is empty.
    fn certificate(&self, id: &str) -> Option<Arc<ClientCertificate>>;
    /// The URL template of the operation that the document belongs to, where that is known and may refuse a document.
    fn url_template(&self) -> Option<&str> {
        None
    }
    /// A schema of the service's own.
    fn schema(&self, _id: &str) -> Option<GlobalSchema> {
        None
    }
}

/// A [`Lookup`] that finds nothing.
pub struct NoLookup;

impl Lookup for NoLookup {
    fn named_value(&self, _: &str) -> Option<NamedValue> {
        None
    }
    fn fragment(&self, _: &str) -> Option<FragmentText> {
        None
    }
    fn backend(&self, _: &str) -> Option<Arc<Backend>> {
        None
    }
    fn certificate(&self, _: &str) -> Option<Arc<ClientCertificate>> {
        None
    }
}

/// A named value.
#[derive(Clone, Debug)]
pub struct NamedValue {
    /// What it stands for.
    pub value: Arc<str>,
    /// Whether it may not show in diagnostics.
    pub secret: bool,
}

/// A fragment as it was saved.
#[derive(Clone, Debug)]
pub struct FragmentText {
    /// The document.
    pub text: Arc<str>,
    /// How its expressions stand in it.
    pub format: Format,
}

/// A schema that belongs to no API.
#[derive(Clone, Debug)]
pub enum GlobalSchema {
    /// A JSON schema, or a document of them.
    Json(Arc<json_schema::Document>),
    /// An XML schema, which nothing can check with yet.
    Xml,
}

/// What a document looked up: a change of one of these changes the document's meaning. Names are lower-case.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Uses {
    /// Named values, also those that were not found.
    pub named_values: BTreeSet<String>,
    /// Fragments, also those that were not found.
    pub fragments: BTreeSet<String>,
    /// Backends, also those that were not found.
    pub backends: BTreeSet<String>,
    /// Certificates, also those that were not found.
    pub certificates: BTreeSet<String>,
    /// Schemas of the service, also those that were not found.
    pub schemas: BTreeSet<String>,
    /// How it reads the schemas of the operations that it runs for.
    pub readings: BTreeSet<Reading>,
}

/// Compiles one document.
pub struct Compiler<'a> {
    env: &'a Environment<'a>,
    kind: Documents,
    section: Option<Section>,
    on: Option<On>,
    /// The way to the element that is compiled, without a slash at its end.
    path: String,
    diagnostics: Vec<Diagnostic>,
    uses: Uses,
    secrets: Vec<Arc<str>>,
    /// Whether an expression of the policy that is compiled reads a body.
    reads_body: bool,
    seen: HashSet<(Option<Section>, &'static str)>,
    /// The fragments around the element, for cycles.
    fragments: Vec<String>,
    /// Whether something was not found that a lenient check lets pass.
    gap: bool,
    inventory: Inventory,
}

/// Findings that say nothing against the document itself: what it names is not there, or does not run yet.
const ELSEWHERE: &[&str] = &["PX0101", "PX0120", "PX0122", "PX0123", "PX0124", "PX0125", "PX0126"];

impl<'a> Compiler<'a> {
    /// Begins to compile a document of this kind.
    pub fn new(env: &'a Environment<'a>, kind: Documents) -> Self {
        Self {
            env,
            kind,
            section: None,
            on: None,
            path: String::new(),
            diagnostics: Vec::new(),
            uses: Uses::default(),
            secrets: Vec::new(),
            reads_body: false,
            seen: HashSet::new(),
            fragments: Vec::new(),
            gap: false,
            inventory: Inventory::default(),
        }
    }

    /// The secret named values that the document holds, so that traces do not show them.
    pub fn secrets(&self) -> &[Arc<str>] {
        &self.secrets
    }

    /// What there is to cover, where [`Environment::observe`] asks for it.
    pub fn take_inventory(&mut self) -> Inventory {
        std::mem::take(&mut self.inventory)
    }

    /// Notes that something is not there which a lenient check lets pass.
    pub(crate) fn note_gap(&mut self) {
        self.gap = true;
    }

    pub(crate) fn watched(&mut self, code: &Mapped, conditions: Vec<Span>) -> Watched {
        let origin = self.origin();
        let found = conditions.into_iter().map(|span| (origin.clone(), code.origin(span)));
        self.inventory.conditions.extend(found);
        Watched { origin, code: code.clone() }
    }

    fn origin(&self) -> Origin {
        Origin { scope: self.env.scope, fragment: self.fragments.last().map(|id| id.as_str().into()) }
    }

    /// Everything that is wrong, each finding once and in the order of the text, without secrets; and what was used.
    pub fn finish(self) -> (Vec<Diagnostic>, Uses) {
        let mut diagnostics = self.diagnostics;
        for diagnostic in &mut diagnostics {
            for secret in &self.secrets {
                diagnostic.message = diagnostic.message.replace(&**secret, "***");
                for note in &mut diagnostic.notes {
                    *note = note.replace(&**secret, "***");
                }
            }
        }
        diagnostics.sort_by(|a, b| (a.span.start, &a.code).cmp(&(b.span.start, &b.code)));
        // Two things may be missing in one place: only what says the same twice is told once.
        let mut told = HashSet::new();
        diagnostics
            .retain(|found| told.insert((found.code.clone(), found.span.start, found.span.end, found.message.clone())));
        (diagnostics, self.uses)
    }

    /// Where the element stands; none in a fragment on its own.
    pub fn section(&self) -> Option<Section> {
        self.section
    }

    /// Whose document it is.
    pub fn scope(&self) -> Scope {
        self.env.scope
    }

    /// The message that policies change here: the request before the backend, the response behind it.
    pub fn on(&self) -> On {
        self.on.unwrap_or(match self.section {
            Some(Section::Outbound | Section::OnError) => On::Response,
            _ => On::Request,
        })
    }

    /// A name for what the element that is compiled counts: document and path.
    pub fn counter_space(&self) -> Arc<str> {
        let section = self.section.map_or("", Section::word);
        format!("{}#{section}/{}", self.env.document, self.path).into()
    }

    /// A name for what is kept under keys that hold for the whole service, or for the whole workspace: its ARM id.
    pub fn shared_space(&self) -> Arc<str> {
        owner(self.env.document).into()
    }

    /// Whether the policy that is compiled may have to wait for a body, by what was compiled of it so far.
    pub fn reads_body(&self) -> bool {
        self.reads_body
    }

    /// Notes that the policy may ask for a message body with [`Fault::body_needed`], or do work with [`Exchange::aside`](crate::Exchange::aside),
    /// so that its block can wait for it.
    pub fn note_body_read(&mut self) {
        self.reads_body = true;
    }

    /// Refuses the document.
    pub fn error(&mut self, code: &'static str, message: impl Into<String>, span: Span) {
        self.report(Diagnostic::error(code, message, span));
    }

    /// Refuses a value, unless it was refused already when the element was looked at as a whole.
    fn wrong(&mut self, code: &'static str, message: impl Into<String>, span: Span) {
        if !self.diagnostics.iter().any(|known| known.code == code && known.span == span) {
            self.error(code, message, span);
        }
    }

    /// Says something about the document.
    pub fn report(&mut self, mut diagnostic: Diagnostic) {
        if self.env.lenient && ELSEWHERE.contains(&&*diagnostic.code) {
            diagnostic.severity = base::Severity::Warning;
            self.gap = true;
        }
        self.diagnostics.push(diagnostic);
    }

    /// The environment.
    pub fn environment(&self) -> &'a Environment<'a> {
        self.env
    }

    /// Compiles the policies of a section's element, split at each `<base />`. The element's own attributes are checked.
    pub fn section_parts(&mut self, section: Section, element: &Element) -> Vec<Part> {
        self.section = Some(section);
        for attribute in &element.attributes {
            let message = format!("<{}> has no attribute {}.", element.name, attribute.name);
            self.error("PX0103", message, attribute.name_span);
        }
        let mut parts = Vec::new();
        let mut steps = Vec::new();
        let mut names = Names::default();
        for node in &element.children {
            match node {
                Node::Element(child) if child.name == "base" => {
                    self.bare(child);
                    parts.push(Part::Steps(Arc::new(Block::new(std::mem::take(&mut steps)))));
                    parts.push(Part::Base);
                }
                Node::Element(child) => steps.extend(self.policy(child, &mut names)),
                node => self.no_text(node, element),
            }
        }
        parts.push(Part::Steps(Arc::new(Block::new(steps))));
        parts.retain(|part| !matches!(part, Part::Steps(block) if block.is_empty()));
        self.section = None;
        parts
    }

    /// Compiles the policies inside of `element`, in the section and on the message of the element itself.
    pub fn block(&mut self, element: &Element) -> Block {
        self.block_on(element, self.on)
    }

    /// Compiles the policies inside of `element` so that they make a new response: [`Exchange::draft`].
    pub fn draft_block(&mut self, element: &Element) -> Block {
        self.block_on(element, Some(On::Draft))
    }

    /// Compiles the policies inside of `element` so that they make a new request, [`Exchange::call`]; `others` are the
    /// children that are no policies. They may stand there in every section.
    pub fn call_block(&mut self, element: &Element, others: &[Child]) -> Block {
        let outer = self.on.replace(On::Call);
        let mut names = Names::default();
        let children = element.elements().filter(|child| others.iter().all(|other| other.name != child.name));
        let steps = children.filter_map(|child| self.policy(child, &mut names)).collect();
        self.on = outer;
        Block::new(steps)
    }

    /// Compiles the policies inside of a child of the policy that is compiled, with the child's name in their paths.
    /// `number` counts from 1.
    pub fn child_block(&mut self, element: &Element, number: usize) -> Block {
        let outer = self.path.len();
        self.enter(&element.name, number);
        let block = self.block(element);
        self.path.truncate(outer);
        block
    }

    fn block_on(&mut self, element: &Element, on: Option<On>) -> Block {
        let outer = std::mem::replace(&mut self.on, on);
        let mut names = Names::default();
        let steps = element.elements().filter_map(|child| self.policy(child, &mut names)).collect();
        self.on = outer;
        Block::new(steps)
    }

    /// Compiles one policy element. `names` counts those beside it.
    fn policy(&mut self, element: &Element, names: &mut Names) -> Option<Placed> {
        let outer = self.path.len();
        let number = names.count(&element.name);
        self.enter(&element.name, number);
        let placed = match self.env.catalogue.find(&element.name) {
            Known::Policy(def) => self.known(def, element),
            Known::Missing(sections) => self.missing(element, sections),
            Known::Nothing => {
                self.unknown(element);
                None
            }
        };
        self.path.truncate(outer);
        placed
    }

    fn known(&mut self, def: &'static crate::PolicyDef, element: &Element) -> Option<Placed> {
        let before = self.diagnostics.len();
        self.check(def, element);
        // A limit of one definition counts across all places.
        let key = match def.once {
            Once::Never => None,
            Once::PerSection => Some((self.section, def.name)),
            Once::PerDocument => Some((None, def.name)),
        };
        if key.is_some_and(|key| !self.seen.insert(key)) {
            let place = if def.once == Once::PerSection { "section" } else { "document" };
            self.error("PX0108", format!("<{}> may stand only once in a {place}.", def.name), element.name_span);
        }
        if !def.runs {
            let sound = !has_errors(self.diagnostics.get(before..).unwrap_or_default());
            return self.idle(def, element, sound);
        }
        let outer = std::mem::take(&mut self.reads_body);
        let outer_gap = std::mem::take(&mut self.gap);
        let step = (def.compile)(element, self);
        let gap = std::mem::replace(&mut self.gap, outer_gap);
        self.gap |= gap;
        let reads_body = std::mem::replace(&mut self.reads_body, outer);
        // Around it, whoever waits for this policy waits for the body.
        self.reads_body |= reads_body;
        let sound = !has_errors(self.diagnostics.get(before..).unwrap_or_default());
        if sound && step.is_none() && !gap {
            // Nothing is skipped in silence, not even by a defect of ours.
            self.error("PX0199", format!("<{}> could not be compiled.", element.name), element.name_span);
        }
        let step = step.filter(|_| sound)?;
        // A message in the making is none of the handshake's.
        let is_draft = matches!(self.on, Some(On::Call | On::Draft));
        let step = if is_draft { step } else { for_http(def.name, step) };
        let placed = Placed { step, place: self.place(def.name, element), reads_body };
        if self.env.observe {
            self.inventory.steps.push(Arc::clone(&placed.place));
        }
        Some(placed)
    }

    fn place(&self, name: &'static str, element: &Element) -> Arc<Place> {
        let id = element.attribute("id").map(|id| Arc::from(id.value.value.text()));
        let Origin { scope, fragment } = self.origin();
        Arc::new(Place { name, scope, path: self.path.as_str().into(), id, fragment, span: element.span })
    }

    /// A policy that is known by name and not built.
    fn missing(&mut self, element: &Element, sections: crate::Sections) -> Option<Placed> {
        let name = &element.name;
        if self.section.is_some_and(|section| !sections.has(section)) {
            self.wrong_section(element, sections);
        }
        let what = format!("<{name}> is known, but Tollgate does not run it yet.");
        if self.env.fail_unsupported {
            let step = Step::now(Unsupported(what.into()));
            return Some(Placed { step, place: self.place("unsupported", element), reads_body: false });
        }
        self.error("PX0101", what, element.name_span);
        None
    }

    fn unknown(&mut self, element: &Element) {
        let name = element.name.as_str();
        let message = match name {
            "base" => "<base /> may stand only directly in a section.".to_owned(),
            "inbound" | "backend" | "outbound" | "on-error" => {
                format!("The section <{name}> may stand only directly in <policies>.")
            }
            _ => format!("There is no policy <{name}>."),
        };
        let diagnostic = Diagnostic::error("PX0100", message, element.name_span);
        let diagnostic = match nearest(name, self.env.catalogue.names()) {
            Some(near) if name != "base" => diagnostic.note(format!("Did you mean <{near}>?")),
            _ => diagnostic,
        };
        self.report(diagnostic);
    }

    fn enter(&mut self, name: &str, number: usize) {
        if !self.path.is_empty() {
            self.path.push('/');
        }
        self.path.push_str(&format!("{name}[{number}]"));
    }

    /// The policies of the fragment that `element` includes, compiled for the place where it stands.
    pub fn fragment(&mut self, element: &Element, id: &str, span: Span) -> Option<Block> {
        let key = id.to_ascii_lowercase();
        self.uses.fragments.insert(key.clone());
        if self.fragments.contains(&key) {
            self.error("PX0121", format!("The fragment \"{id}\" includes itself."), span);
            return None;
        }
        let Some(fragment) = self.env.lookup.fragment(id) else {
            self.error("PX0120", format!("There is no policy fragment \"{id}\"."), span);
            return None;
        };
        let reading = policy_xml::read(&fragment.text, fragment.format, FRAGMENT_LIMIT);
        let outer = std::mem::take(&mut self.diagnostics);
        self.diagnostics.extend(reading.diagnostics);
        let block = match &reading.root {
            Some(root) if root.name == "fragment" => {
                self.fragments.push(key);
                let kind = std::mem::replace(&mut self.kind, Documents::FRAGMENT);
                let block = self.block(root);
                self.kind = kind;
                self.fragments.pop();
                Some(block)
            }
            _ => None,
        };
        // What is wrong inside is said at the element that includes it: its own text is elsewhere.
        let inner = std::mem::replace(&mut self.diagnostics, outer);
        let index = LineIndex::new(&fragment.text);
        for found in inner.iter().filter(|found| found.severity == base::Severity::Error) {
            let at = index.position(&fragment.text, found.span.start);
            let message = format!("Fragment \"{id}\", line {}, column {}: {}", at.line, at.column, found.message);
            self.diagnostics.push(Diagnostic::error(found.code.clone(), message, element.name_span));
        }
        block
    }

    /// The backend of this name, if there is one now.
    pub fn backend(&mut self, id: &str, span: Span) -> Option<Arc<Backend>> {
        self.uses.backends.insert(id.to_ascii_lowercase());
        let backend = self.env.lookup.backend(id);
        if backend.is_none() {
            self.error("PX0122", format!("There is no backend \"{id}\"."), span);
        }
        backend
    }

    /// The certificate of this name, if there is one now; see [`Lookup::certificate`].
    pub fn certificate(&mut self, id: &str, span: Span) -> Option<Arc<ClientCertificate>> {
        self.uses.certificates.insert(id.to_ascii_lowercase());
        let certificate = self.env.lookup.certificate(id);
        if certificate.is_none() {
            self.error("PX0124", format!("There is no certificate \"{id}\"."), span);
        }
        certificate
    }
}

impl Compiler<'_> {
    /// The schema of this name, if the service has one now.
    pub fn global_schema(&mut self, id: &str, span: Span) -> Option<GlobalSchema> {
        self.uses.schemas.insert(id.to_ascii_lowercase());
        let schema = self.env.lookup.schema(id);
        if schema.is_none() {
            self.error("PX0126", format!("There is no schema \"{id}\"."), span);
        }
        schema
    }

    /// Notes that the policy checks messages with the schemas of the operations that it runs for: whoever publishes them
    /// makes them ready for that.
    pub fn note_reading(&mut self, reading: Reading) {
        self.uses.readings.insert(reading);
    }
}

/// A piece of a section.
#[derive(Clone)]
pub enum Part {
    /// Policies.
    Steps(Arc<Block>),
    /// What the next broader scope says.
    Base,
}

/// The part of a lower-case ARM id that names the service, and the workspace if it lies in one.
fn owner(id: &str) -> &str {
    let segment = |from: usize| from + id[from..].find('/').unwrap_or(id.len() - from);
    let Some((before, _)) = id.split_once("/service/") else { return id };
    let service = segment(before.len() + "/service/".len());
    if id[service..].starts_with("/workspaces/") {
        &id[..segment(service + "/workspaces/".len())]
    } else {
        &id[..service]
    }
}

/// Counts equal names.
#[derive(Default)]
struct Names(Vec<(String, usize)>);

impl Names {
    fn count(&mut self, name: &str) -> usize {
        if let Some((_, count)) = self.0.iter_mut().find(|(known, _)| known == name) {
            *count += 1;
            return *count;
        }
        self.0.push((name.to_owned(), 1));
        1
    }
}
#[cfg(test)]
mod tests {
    use super::owner;

    #[test]
    fn documents_of_one_service_or_workspace_share_a_space() {
        for (id, expected) in [
            ("/p/service/a/apis/workspaces/operations/b/policies/policy", "/p/service/a"),
            ("/p/service/a/policies/policy", "/p/service/a"),
            ("/p/service/a", "/p/service/a"),
            ("/p/service/a/workspaces/w/apis/b/policies/policy", "/p/service/a/workspaces/w"),
            ("/p/service/a/workspaces/w", "/p/service/a/workspaces/w"),
            ("elsewhere", "elsewhere"),
        ] {
            assert_eq!(owner(id), expected);
        }
    }
}
