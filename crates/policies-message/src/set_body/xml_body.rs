//! XML as templates see it: elements by their local names, several of one name as a list, a leaf as its text.

use dom::{Kind, ParseOptions, XMLNS, XObject};
use liquid::{Object, Value};

use super::{Nil, json_body};

const SCHEMA_INSTANCE: &str = "http://www.w3.org/2001/XMLSchema-instance";

/// How elements are shown.
#[derive(Clone, Copy)]
struct View {
    nil: Nil,
    dates: bool,
}

/// Reads a body.
pub(super) fn read(text: &str) -> Result<XObject, String> {
    XObject::parse_document(text, ParseOptions::default()).map_err(|error| error.to_string())
}

/// A document, which is a dictionary that holds the root element; or another node.
pub(super) fn of_node<'a>(node: XObject, nil: Nil, dates: bool) -> Value<'a> {
    let view = View { nil, dates };
    match node.kind() {
        Kind::Document => Value::object(Xml { node, view }),
        Kind::Element => of_element(&node, view),
        _ => Value::str(node.value()),
    }
}

fn of_element<'a>(element: &XObject, view: View) -> Value<'a> {
    let attributes = element.attributes();
    let is_nil = |attribute: &XObject| {
        attribute.name().is_some_and(|name| &*name.namespace == SCHEMA_INSTANCE && &*name.local == "nil")
            && matches!(attribute.value().trim(), "true" | "1")
    };
    if attributes.iter().any(is_nil) {
        return match view.nil {
            Nil::Blank => Value::str(""),
            Nil::Null => Value::Nil,
        };
    }
    let is_leaf = element.elements(None).is_empty();
    if is_leaf && !attributes.iter().any(is_own) {
        return leaf(element, view);
    }
    Value::object(Xml { node: element.clone(), view })
}

fn leaf<'a>(element: &XObject, view: View) -> Value<'a> {
    let text = element.value();
    let date = if view.dates { json::parse_json_date(&text) } else { None };
    date.map_or_else(|| Value::str(text), json_body::date_time)
}

/// Whether an attribute says something about its element, and not about the document.
fn is_own(attribute: &XObject) -> bool {
    attribute.name().is_some_and(|name| {
        !name.declares_namespace() && ![XMLNS, SCHEMA_INSTANCE].contains(&&*name.namespace)
    })
}

struct Xml {
    node: XObject,
    view: View,
}

impl Xml {
    /// The elements whose local name `fits`.
    fn elements<'a>(&self, fits: impl Fn(&str) -> bool) -> Option<Value<'a>> {
        let named = |element: &XObject| element.name().is_some_and(|name| fits(&name.local));
        let mut found: Vec<_> = self.node.elements(None).into_iter().filter(named).collect();
        match found.len() {
            0 => None,
            1 => found.pop().map(|element| of_element(&element, self.view)),
            _ => Some(Value::list(found.iter().map(|element| of_element(element, self.view)).collect())),
        }
    }

    fn attribute<'a>(&self, name: &str) -> Option<Value<'a>> {
        let named = |attribute: &XObject| attribute.name().is_some_and(|known| known.local.eq_ignore_ascii_case(name));
        self.node.attributes().into_iter().filter(is_own).find(named).map(|attribute| Value::str(attribute.value()))
    }
}

impl<'a> Object<'a> for Xml {
    fn member(&self, name: &str) -> Option<Value<'a>> {
        if let Some(name) = name.strip_prefix('@') {
            return self.attribute(name);
        }
        if name == "#text" {
            return Some(leaf(&self.node, self.view));
        }
        let exact = self.elements(|known| known == name);
        exact.or_else(|| self.elements(|known| known.eq_ignore_ascii_case(name))).or_else(|| self.attribute(name))
    }

    fn items(&self) -> Option<Vec<Value<'a>>> {
        let attributes = self.node.attributes().into_iter().filter(is_own).filter_map(|attribute| {
            Some(Value::pair(format!("@{}", attribute.name()?.local), Value::str(attribute.value())))
        });
        let mut items: Vec<_> = attributes.collect();
        let mut names = Vec::new();
        for element in self.node.elements(None) {
            let Some(name) = element.name() else { continue };
            if !names.contains(&name.local) {
                let value = self.elements(|known| *known == *name.local);
                items.extend(value.map(|value| Value::pair(&*name.local, value)));
                names.push(name.local);
            }
        }
        Some(items)
    }

    /// A leaf with attributes is its text.
    fn text(&self) -> Option<String> {
        self.node.elements(None).is_empty().then(|| self.node.value().to_string())
    }
}
