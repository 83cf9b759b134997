//! Checks an element against its definition: attributes, children, sections, scopes. Everything wrong is said at once.

use base::Diagnostic;
use policy_xml::{Element, Node, Text};

use super::{Compiler, nearest, text::Said};
use crate::{Attr, Child, Content, Documents, Kind, Need, PolicyDef, Sections, exchange::On};

/// What a definition and a child have in common.
struct Shape<'a> {
    attrs: &'a [Attr],
    content: Content,
    children: &'a [Child],
    /// Whether it takes `id`.
    policy: bool,
}

impl Compiler<'_> {
    pub(super) fn check(&mut self, def: &PolicyDef, element: &Element) {
        // What a resolver may hold, its own definition lists.
        if !def.documents.has(self.kind) && self.kind != Documents::RESOLVER {
            self.error("PX0104", format!("<{}> may not stand in this kind of document.", def.name), element.name_span);
        }
        // What makes a call stands where the call stands.
        let in_call = self.on == Some(On::Call);
        if !in_call && self.section.is_some_and(|section| !def.sections.or(def.also).has(section)) {
            self.wrong_section(element, def.sections);
        }
        if self.section.is_some() && !def.scopes.has(self.env.scope) {
            let message = format!("<{}> may not stand at {} scope.", def.name, self.env.scope);
            let note = format!("It may at: {}.", def.scopes.words());
            self.report(Diagnostic::error("PX0104", message, element.name_span).note(note));
        }
        self.shape(element, &Shape { attrs: def.attrs, content: def.content, children: def.children, policy: true });
    }

    pub(super) fn wrong_section(&mut self, element: &Element, sections: Sections) {
        let section = self.section.map_or("", crate::Section::word);
        let message = format!("<{}> may not stand in {section}.", element.name);
        let note = format!("It may in: {}.", sections.words());
        self.report(Diagnostic::error("PX0104", message, element.name_span).note(note));
    }

    /// An element with nothing to it.
    pub(super) fn bare(&mut self, element: &Element) {
        self.shape(element, &Shape { attrs: &[], content: Content::Nothing, children: &[], policy: true });
    }

    fn shape(&mut self, element: &Element, shape: &Shape<'_>) {
        self.attributes(element, shape);
        if shape.content == Content::Verbatim {
            return;
        }
        for node in &element.children {
            match node {
                Node::Element(child) => self.child(element, child, shape),
                Node::Text(_) if matches!(shape.content, Content::Text(..)) => {}
                node => self.no_text(node, element),
            }
        }
        for rule in shape.children {
            let count = element.elements().filter(|child| child.name == rule.name).count();
            let (least, most) = rule.count;
            if count < least {
                let message = format!("<{}> must have {} <{}>.", element.name, at_least(least), rule.name);
                self.error("PX0109", message, element.name_span);
            }
            if count > most {
                let second = element.elements().filter(|child| child.name == rule.name).nth(most);
                let span = second.map_or(element.name_span, |child| child.name_span);
                self.error("PX0108", format!("<{}> may stand only once in <{}>.", rule.name, element.name), span);
            }
        }
        if let Content::Text(kind, expr) = shape.content {
            let text = Text { value: element.text(), span: element.inner, cdata: false };
            self.check_value(&text, kind, expr, &format!("<{}>", element.name));
        }
    }

    fn attributes(&mut self, element: &Element, shape: &Shape<'_>) {
        for attribute in &element.attributes {
            // What is taken as it is may need namespaces.
            let namespace = shape.content == Content::Verbatim && attribute.name.starts_with("xmlns");
            if namespace || (shape.policy && attribute.name == "id") {
                continue;
            }
            let Some(rule) = shape.attrs.iter().find(|rule| rule.name == attribute.name) else {
                let message = format!("<{}> has no attribute {}.", element.name, attribute.name);
                let diagnostic = Diagnostic::error("PX0103", message, attribute.name_span);
                self.report(match nearest(&attribute.name, shape.attrs.iter().map(|rule| rule.name)) {
                    Some(near) => diagnostic.note(format!("Did you mean {near}?")),
                    None => diagnostic,
                });
                continue;
            };
            self.check_value(&attribute.value, rule.kind, rule.expr, &format!("The value of {}", rule.name));
        }
        for rule in shape.attrs {
            if rule.need == Need::Required && element.attribute(rule.name).is_none() {
                let message = format!("<{}> must have the attribute {}.", element.name, rule.name);
                self.error("PX0105", message, element.name_span);
            }
        }
    }

    fn check_value(&mut self, text: &Text, kind: Kind, expr: bool, what: &str) {
        match self.said(&text.value) {
            Some(Said::Literal(literal)) => {
                if let Err(wrong) = kind.check(literal.text().trim()) {
                    self.error("PX0107", format!("{what}: {wrong}."), literal.whole_span());
                }
            }
            Some(Said::Code { span, .. }) if !expr => {
                self.error("PX0106", format!("{what} may not be an expression."), span);
            }
            _ => {}
        }
    }

    fn child(&mut self, parent: &Element, child: &Element, shape: &Shape<'_>) {
        if let Some(rule) = shape.children.iter().find(|rule| rule.name == child.name) {
            let inner = Shape { attrs: rule.attrs, content: rule.content, children: rule.children, policy: false };
            return self.shape(child, &inner);
        }
        let allowed: &[&str] = match shape.content {
            // Whether it is a policy is seen when it is compiled.
            Content::Policies => return,
            Content::Only(names) if names.contains(&child.name.as_str()) => return,
            Content::Only(names) => names,
            _ => &[],
        };
        let message = format!("<{}> may not stand in <{}>.", child.name, parent.name);
        let names = shape.children.iter().map(|rule| rule.name).chain(allowed.iter().copied());
        let diagnostic = Diagnostic::error("PX0102", message, child.name_span);
        self.report(match nearest(&child.name, names) {
            Some(near) => diagnostic.note(format!("Did you mean <{near}>?")),
            None => diagnostic,
        });
    }

    /// Refuses text where none may stand.
    pub fn no_text(&mut self, node: &Node, parent: &Element) {
        let Node::Text(text) = node else { return };
        let all = text.value.text();
        let words = all.trim();
        if !words.is_empty() {
            let start = all.len() - all.trim_start().len();
            let span = text.value.span(start..start + words.len());
            self.error("PX0110", format!("<{}> may not hold text.", parent.name), span);
        }
    }
}

fn at_least(count: usize) -> String {
    if count == 1 { "a".into() } else { format!("at least {count}") }
}
