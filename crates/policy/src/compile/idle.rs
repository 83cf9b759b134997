//! Policies that do not run yet: what stands in them is checked as if they did.

use base::{Span, has_errors};
use policy_xml::Element;

use super::{Compiler, Names};
use crate::{Attr, Child, Content, Documents, Exchange, Fault, Flow, Placed, Policy, PolicyDef, Status, Step};

impl Compiler<'_> {
    /// Checks what stands inside of a policy that does not run yet; `sound` says whether its own shape is right.
    ///
    /// A right one is refused for that alone, or answers 501 when it is reached.
    pub(super) fn idle(&mut self, def: &'static PolicyDef, element: &Element, sound: bool) -> Option<Placed> {
        let before = self.diagnostics.len();
        let reads_body = self.reads_body;
        self.inside(element, def.attrs, def.content, def.children);
        self.reads_body = reads_body;
        if !sound || has_errors(self.diagnostics.get(before..).unwrap_or_default()) {
            return None;
        }
        let name = &element.name;
        let step = self.unsupported(&format!("<{name}>"), element.name_span)?;
        Some(Placed { step, place: self.place(def.name, element), reads_body: false })
    }

    /// Refuses something that is right and does not run yet; where the service says so, it answers 501 when it is reached.
    pub fn unsupported(&mut self, what: &str, span: Span) -> Option<Step> {
        let message = format!("{what} is valid, but Tollgate cannot run it yet.");
        if self.env.fail_unsupported {
            return Some(Step::now(Unsupported(message.into())));
        }
        self.error("PX0101", message, span);
        None
    }

    /// Compiles a resolver's document, whose root is the policy itself.
    pub fn resolver(&mut self, root: &Element) {
        let kind = std::mem::replace(&mut self.kind, Documents::RESOLVER);
        self.policy(root, &mut Names::default());
        self.kind = kind;
    }

    /// Compiles the expressions and policies in an element, and throws the steps away.
    fn inside(&mut self, element: &Element, attrs: &[Attr], content: Content, children: &[Child]) {
        for attr in attrs.iter().filter(|attr| attr.expr && element.attribute(attr.name).is_some()) {
            self.any(element, attr.name);
        }
        if let Content::Text(_, true) = content {
            self.text::<String>(element);
        }
        let mut names = Names::default();
        for child in element.elements() {
            match children.iter().find(|rule| rule.name == child.name) {
                Some(rule) => self.inside(child, rule.attrs, rule.content, rule.children),
                None if matches!(content, Content::Policies | Content::Only(_)) => drop(self.policy(child, &mut names)),
                None => {}
            }
        }
    }
}

/// Stands for what does not run yet, where the service setting lets such documents be saved.
pub(super) struct Unsupported(pub(super) Box<str>);

impl Policy for Unsupported {
    fn run(&self, _: &mut Exchange) -> Result<Flow, Fault> {
        let fault = Fault::new("", "PolicyNotSupported", self.0.to_string());
        Err(fault.with_status(Status::NOT_IMPLEMENTED).shown(self.0.to_string()))
    }
}
