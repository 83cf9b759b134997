//! A policy document becomes a [`Document`].

use std::sync::Arc;

use base::{Diagnostic, has_errors};
use policy::{
    Compiler, Documents, Environment, Part, Scope, Section, Uses,
    coverage::Inventory,
    policy_xml::{self, Element, FRAGMENT_LIMIT, Format, POLICY_LIMIT},
};

/// What the global scope says as long as nobody has said anything: forward to the backend.
pub const DEFAULT_GLOBAL: &str = "<policies>\n\t<inbound />\n\t<backend>\n\t\t<forward-request />\n\t</backend>\n\t<outbound />\n\
                                  \t<on-error />\n</policies>";

/// What came of compiling a document.
pub struct Compiled {
    /// The document; none if something is wrong, and for fragments, which compile where they are included.
    pub document: Option<Arc<Document>>,
    /// Everything that is wrong, in the order of the text. Secrets do not show.
    pub diagnostics: Vec<Diagnostic>,
    /// What it looked up.
    pub uses: Uses,
    /// Its policies and branches, where the environment asks for them.
    pub inventory: Inventory,
}

impl Compiled {
    /// Whether the document must be refused.
    pub fn is_refused(&self) -> bool {
        has_errors(&self.diagnostics)
    }
}

/// The policies of one scope.
pub struct Document {
    scope: Scope,
    sections: [Vec<Part>; 4],
    secrets: Box<[Arc<str>]>,
}

impl Document {
    /// Whose document it is.
    pub fn scope(&self) -> Scope {
        self.scope
    }

    /// The secret named values that it holds.
    pub(crate) fn secrets(&self) -> &[Arc<str>] {
        &self.secrets
    }

    pub(crate) fn section(&self, section: Section) -> &[Part] {
        &self.sections[section as usize]
    }
}

/// Compiles a document of this kind: [`Documents::POLICIES`] or [`Documents::FRAGMENT`].
pub fn compile(text: &str, format: Format, kind: Documents, env: &Environment<'_>) -> Compiled {
    let limit = if kind == Documents::FRAGMENT { FRAGMENT_LIMIT } else { POLICY_LIMIT };
    let reading = policy_xml::read(text, format, limit);
    let mut compiler = Compiler::new(env, kind);
    for diagnostic in reading.diagnostics {
        compiler.report(diagnostic);
    }
    let root_name = if kind == Documents::FRAGMENT { "fragment" } else { "policies" };
    let is_resolver = |root: &Element| {
        let def = env.catalogue.policy(&root.name);
        kind == Documents::POLICIES && def.is_some_and(|def| def.documents == Documents::RESOLVER)
    };
    let document = match &reading.root {
        // A resolver's document is its data source, whose sections nobody runs yet.
        Some(root) if is_resolver(root) => {
            compiler.resolver(root);
            None
        }
        Some(root) if root.name != root_name => {
            compiler.error(
                "PX0130",
                format!("The root must be <{root_name}>, and is <{}>.", root.name),
                root.name_span,
            );
            None
        }
        Some(root) if kind == Documents::FRAGMENT => {
            no_attributes(root, &mut compiler);
            no_text(root, &mut compiler);
            compiler.block(root);
            None
        }
        Some(root) => {
            let sections = sections(root, &mut compiler);
            Some(Document { scope: env.scope, sections, secrets: compiler.secrets().into() })
        }
        None => None,
    };
    let inventory = compiler.take_inventory();
    let (diagnostics, uses) = compiler.finish();
    let document = document.filter(|_| !has_errors(&diagnostics)).map(Arc::new);
    Compiled { document, diagnostics, uses, inventory }
}

fn sections(root: &Element, compiler: &mut Compiler<'_>) -> [Vec<Part>; 4] {
    no_attributes(root, compiler);
    no_text(root, compiler);
    let mut found: [Option<Vec<Part>>; 4] = Default::default();
    for element in root.elements() {
        let Some(section) = Section::ALL.into_iter().find(|section| section.word() == element.name) else {
            let message =
                format!("<{}> is no section; a document has inbound, backend, outbound and on-error.", element.name);
            compiler.error("PX0131", message, element.name_span);
            continue;
        };
        let parts = compiler.section_parts(section, element);
        let slot = &mut found[section as usize];
        if slot.is_some() {
            compiler.error("PX0132", format!("The section <{section}> is there twice."), element.name_span);
        }
        *slot = Some(parts);
    }
    // A section that is not there inherits nothing, as one that is empty.
    found.map(Option::unwrap_or_default)
}

fn no_attributes(root: &Element, compiler: &mut Compiler<'_>) {
    for attribute in root.attributes.iter().filter(|attribute| !attribute.name.starts_with("xmlns")) {
        let message = format!("<{}> has no attribute {}.", root.name, attribute.name);
        compiler.error("PX0103", message, attribute.name_span);
    }
}

fn no_text(root: &Element, compiler: &mut Compiler<'_>) {
    for node in &root.children {
        compiler.no_text(node, root);
    }
}
