//! Lays policy documents out: one element a line, four spaces a level. Expressions, texts and comments stay byte for byte.

use std::collections::HashMap;

use base::Diagnostic;
use policy::{
    Catalogue, Child, Content, PolicyDef, Section,
    policy_xml::{self, Element, Format, Node},
};

/// A level of nesting, as the portal's editor has it.
const INDENT: &str = "    ";

/// `source`, laid out. Doing it again changes nothing.
///
/// # Errors
/// What is wrong with a document that cannot be read.
pub fn format(catalogue: &Catalogue, source: &str, how: Format) -> Result<String, Vec<Diagnostic>> {
    let reading = policy_xml::read(source, how, usize::MAX);
    let root = match &reading.root {
        Some(root) if !reading.is_broken() => root,
        _ => return Err(reading.diagnostics),
    };
    let policies = catalogue.policies().into_iter();
    let policies = policies.flat_map(|def| def.aliases.iter().copied().chain([def.name]).map(move |name| (name, def)));
    let line = if source.contains("\r\n") { "\r\n" } else { "\n" };
    let mut writer = Writer { source, policies: policies.collect(), line, out: String::with_capacity(source.len()) };
    let before = writer.of(0, root.span.start).trim_end();
    writer.out.push_str(before);
    if !before.trim_start_matches('\u{feff}').is_empty() {
        writer.out.push_str(line);
    }
    writer.element(root, 0, writer.layout(root, &Layout::Root));
    let after = writer.of(root.span.end, source.len() as u32).trim();
    if !after.is_empty() {
        writer.out.push_str(line);
        writer.out.push_str(after);
    }
    writer.out.push_str(line);
    Ok(writer.out)
}

/// What may be done inside an element.
#[derive(Clone, Copy)]
enum Layout {
    /// The root: sections, or policies of a fragment.
    Root,
    /// Policies stand in it.
    Policies,
    /// These children, and perhaps policies.
    Children(&'static [Child], bool),
    /// Nothing: what is inside is text, or nobody knows.
    Verbatim,
}

struct Writer<'s> {
    source: &'s str,
    policies: HashMap<&'static str, &'static PolicyDef>,
    line: &'static str,
    out: String,
}

impl<'s> Writer<'s> {
    fn of(&self, start: u32, end: u32) -> &'s str {
        self.source.get(start as usize..end as usize).unwrap_or_default()
    }

    fn layout(&self, element: &Element, around: &Layout) -> Layout {
        let name = element.name.as_str();
        let policy = |name: &str| match self.policies.get(name) {
            Some(def) => layout_of(def.content, def.children),
            None => Layout::Verbatim,
        };
        match around {
            Layout::Root if Section::ALL.iter().any(|section| section.word() == name) => Layout::Policies,
            Layout::Root if matches!(name, "policies" | "fragment") => Layout::Root,
            Layout::Root | Layout::Policies => policy(name),
            Layout::Children(children, policies) => match children.iter().find(|child| child.name == name) {
                Some(child) => layout_of(child.content, child.children),
                None if *policies => policy(name),
                None => Layout::Verbatim,
            },
            Layout::Verbatim => Layout::Verbatim,
        }
    }

    fn element(&mut self, element: &Element, depth: usize, layout: Layout) {
        self.start_tag(element);
        if element.inner.start == element.span.end {
            return;
        }
        let is_text = |node: &Node| match node {
            Node::Text(text) => text.cdata || !text.value.text().trim().is_empty(),
            _ => false,
        };
        let has_marks = element.children.iter().any(|node| !matches!(node, Node::Text(_)));
        if matches!(layout, Layout::Verbatim) || element.children.iter().any(is_text) || !has_marks {
            let inner = self.of(element.inner.start, element.span.end);
            // Between the tags of an element that holds no text there is nothing worth keeping.
            let is_empty = !matches!(layout, Layout::Verbatim) && !element.children.iter().any(is_text);
            self.out.push_str(if is_empty { inner.trim_start() } else { inner });
            return;
        }
        let mut blank = String::new();
        let mut is_first = true;
        for node in &element.children {
            match node {
                Node::Text(text) => blank.push_str(self.of(text.span.start, text.span.end)),
                Node::Comment(span) => {
                    let comment = self.of(span.start.saturating_sub(4), span.end + 3);
                    if is_first || blank.contains('\n') {
                        self.new_line(&blank, is_first, depth + 1);
                    } else {
                        self.out.push(' ');
                    }
                    self.out.push_str(comment);
                    (is_first, blank) = (false, String::new());
                }
                Node::Element(child) => {
                    self.new_line(&blank, is_first, depth + 1);
                    self.element(child, depth + 1, self.layout(child, &layout));
                    (is_first, blank) = (false, String::new());
                }
            }
        }
        self.new_line("", true, depth);
        self.out.push_str("</");
        self.out.push_str(&element.name);
        self.out.push('>');
    }

    /// Ends a line. One empty line of the author's stays.
    fn new_line(&mut self, blank: &str, is_first: bool, depth: usize) {
        if !is_first && blank.matches('\n').count() > 1 {
            self.out.push_str(self.line);
        }
        self.out.push_str(self.line);
        self.out.push_str(&INDENT.repeat(depth));
    }

    /// The start tag. One that its author wrote over several lines stays as it is.
    fn start_tag(&mut self, element: &Element) {
        let closed = element.inner.start == element.span.end;
        let mut tag = format!("<{}", element.name);
        let mut at = element.name_span.end;
        for attribute in &element.attributes {
            let gap = self.of(at, attribute.name_span.start);
            let quote = self.of(attribute.value.span.start.saturating_sub(1), attribute.value.span.start);
            let value = self.of(attribute.value.span.start, attribute.value.span.end);
            if gap.contains('\n') || !matches!(quote, "\"" | "'") {
                tag = self.of(element.span.start, element.inner.start).to_owned();
                self.out.push_str(&tag);
                return;
            }
            tag.push_str(&format!(" {}={quote}{value}{quote}", attribute.name));
            at = attribute.value.span.end + 1;
        }
        tag.push_str(if closed { " />" } else { ">" });
        self.out.push_str(&tag);
    }
}

fn layout_of(content: Content, children: &'static [Child]) -> Layout {
    match content {
        Content::Nothing => Layout::Children(children, false),
        Content::Policies | Content::Only(_) => Layout::Children(children, true),
        Content::Text(..) | Content::Verbatim => Layout::Verbatim,
    }
}
