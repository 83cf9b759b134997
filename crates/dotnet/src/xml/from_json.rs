//! JSON as XML: members become elements, an array repeats its element, `@name` is an attribute and `#text` a text.

use std::rc::Rc;

use dom::{XMLNS, XName, XObject};
use json::{Formatting, JToken, JTokenType};

/// How JSON becomes XML.
#[derive(Clone, Copy, Debug)]
pub struct JsonAsXml<'o> {
    /// What stands between prefix and name in the name of a member.
    pub separator: &'o str,
    /// How the names of members begin that declare namespaces.
    pub prefix: &'o str,
    /// The member whose members are attributes.
    pub attributes: Option<&'o str>,
}

const SCHEMA_INSTANCE: &str = "http://www.w3.org/2001/XMLSchema-instance";

/// How deep values may nest. .NET has no limit but its stack.
const MAX_DEPTH: usize = 200;

type Result<T> = std::result::Result<T, String>;

/// The document. An object with one member that is no array is its root; everything else stands in `<Document>`.
///
/// # Errors
/// Why there is no such document, in .NET's words.
pub fn json_as_xml(json: &JToken, options: &JsonAsXml<'_>) -> Result<XObject> {
    let members = if json.kind() == JTokenType::Object { json.children() } else { Vec::new() };
    let root = match &members[..] {
        [one] => member(one)
            .filter(|(name, value)| value.kind() != JTokenType::Array && role(name, value, options) == Role::Element),
        _ => None,
    };
    let mut writer = Writer { options, scope: Vec::new() };
    let root = match root {
        Some((name, value)) => writer.element(&name, &value, 0)?,
        None if json.kind() == JTokenType::Array => {
            let root = XObject::element(writer.name("Document")?);
            writer.repeated(&root, "Item", json, 0)?;
            root
        }
        None => writer.element("Document", json, 0)?,
    };
    let document = XObject::document(None);
    document.add(&root).map_err(|error| error.message)?;
    Ok(document)
}

/// What a member of an object is.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Role {
    Namespace,
    Attribute,
    AttributeBlock,
    Text,
    Element,
}

fn role(name: &str, value: &JToken, options: &JsonAsXml<'_>) -> Role {
    let is_value = !value.is_container();
    match name {
        _ if is_value && declared_prefix(name, options).is_some() => Role::Namespace,
        _ if options.attributes == Some(name) && value.kind() == JTokenType::Object => Role::AttributeBlock,
        "#text" | "#cdata-section" if is_value => Role::Text,
        _ if is_value && name.len() > 1 && name.starts_with('@') => Role::Attribute,
        _ => Role::Element,
    }
}

/// The prefix that a member declares; empty for the default namespace.
fn declared_prefix<'n>(name: &'n str, options: &JsonAsXml<'_>) -> Option<&'n str> {
    let rest = match name.strip_prefix("@xmlns") {
        Some(rest) => rest,
        None => name.strip_prefix(options.prefix)?,
    };
    let prefix = rest.strip_prefix(options.separator).or_else(|| rest.strip_prefix(':'));
    if rest.is_empty() { Some("") } else { prefix.filter(|prefix| !prefix.is_empty()) }
}

fn member(property: &JToken) -> Option<(json::Text, JToken)> {
    Some((property.name()?, property.property_value()?))
}

struct Writer<'o> {
    options: &'o JsonAsXml<'o>,
    /// Prefixes that are declared, innermost last.
    scope: Vec<(String, Rc<str>)>,
}

impl Writer<'_> {
    fn element(&mut self, name: &str, value: &JToken, depth: usize) -> Result<XObject> {
        if depth > MAX_DEPTH {
            return Err("The JSON is nested too deeply to be written as XML.".to_owned());
        }
        let outer = self.scope.len();
        let members: Vec<_> = match value.kind() {
            JTokenType::Object => value.children().iter().filter_map(member).collect(),
            _ => Vec::new(),
        };
        let options = self.options;
        let with_role = |wanted: Role| {
            members.iter().filter(move |(name, value)| role(name, value, options) == wanted).cloned().collect()
        };
        let (namespaces, attributes, blocks): (Vec<_>, Vec<_>, Vec<_>) =
            (with_role(Role::Namespace), with_role(Role::Attribute), with_role(Role::AttributeBlock));
        for (name, value) in &namespaces {
            let prefix = declared_prefix(name, self.options).unwrap_or_default().to_owned();
            self.scope.push((prefix, text(value).into()));
        }
        let element = XObject::element(self.name(name)?);
        for (name, value) in &namespaces {
            let prefix = declared_prefix(name, self.options).unwrap_or_default();
            let declaration = if prefix.is_empty() { XName::new("", "xmlns") } else { XName::new(XMLNS, prefix) };
            attribute(&element, declaration.map_err(|error| error.message)?, &text(value))?;
        }
        let inner = blocks.iter().flat_map(|(_, block)| block.children()).filter_map(|one| member(&one));
        for (name, value) in attributes.into_iter().chain(inner) {
            let name = self.attribute_name(name.strip_prefix('@').unwrap_or(&name))?;
            attribute(&element, name, &text(&value))?;
        }
        match value.kind() {
            JTokenType::Object => {
                for (name, value) in &members {
                    match role(name, value, self.options) {
                        Role::Text => element.add_text(&text(value)).map_err(|error| error.message)?,
                        Role::Element if value.kind() == JTokenType::Array => {
                            self.repeated(&element, name, value, depth)?;
                        }
                        Role::Element => {
                            let child = self.element(name, value, depth + 1)?;
                            element.add(&child).map_err(|error| error.message)?;
                        }
                        _ => {}
                    }
                }
            }
            JTokenType::Array => self.repeated(&element, name, value, depth)?,
            JTokenType::Null | JTokenType::Undefined => nil(&element)?,
            _ => element.set_value(&text(value)).map_err(|error| error.message)?,
        }
        self.scope.truncate(outer);
        Ok(element)
    }

    /// An element for each item, or an empty one for none.
    fn repeated(&mut self, parent: &XObject, name: &str, array: &JToken, depth: usize) -> Result<()> {
        let items = array.children();
        if items.is_empty() {
            let empty = XObject::element(self.name(name)?);
            parent.add(&empty).map_err(|error| error.message)?;
        }
        for item in items {
            let child = self.element(name, &item, depth + 1)?;
            parent.add(&child).map_err(|error| error.message)?;
        }
        Ok(())
    }

    fn namespace(&self, prefix: &str) -> Option<&str> {
        self.scope.iter().rev().find(|(known, _)| known == prefix).map(|(_, uri)| &**uri)
    }

    /// The name of an element: in the namespace of its prefix, if that is declared, else in the default one.
    fn name(&self, name: &str) -> Result<XName> {
        match self.prefixed(name) {
            Some((namespace, local)) => made(namespace, local),
            None => made(self.namespace("").unwrap_or_default(), name),
        }
    }

    fn attribute_name(&self, name: &str) -> Result<XName> {
        let (namespace, local) = self.prefixed(name).unwrap_or(("", name));
        made(namespace, local)
    }

    fn prefixed<'n>(&self, name: &'n str) -> Option<(&str, &'n str)> {
        let (prefix, local) = name.split_once(self.options.separator)?;
        let namespace = self.namespace(prefix).filter(|_| !prefix.is_empty() && !local.is_empty())?;
        Some((namespace, local))
    }
}

/// A name in which `_xHHHH_` stands for what no name may hold, as `XmlConvert.EncodeLocalName` has it.
fn made(namespace: &str, local: &str) -> Result<XName> {
    if let Ok(name) = XName::new(namespace, local) {
        return Ok(name);
    }
    let mut encoded = String::new();
    for c in local.chars() {
        let probe = if encoded.is_empty() { c.to_string() } else { format!("a{c}") };
        if XName::new("", &probe).is_ok() {
            encoded.push(c);
        } else {
            encoded.push_str(&format!("_x{:04X}_", u32::from(c)));
        }
    }
    XName::new(namespace, &encoded).map_err(|error| error.message)
}

fn attribute(element: &XObject, name: XName, value: &str) -> Result<()> {
    if element.attribute_named(&name).is_some() {
        return Err(format!("The attribute {} is there twice.", name.local));
    }
    element.add(&XObject::attribute(name, value)).map_err(|error| error.message)
}

fn nil(element: &XObject) -> Result<()> {
    let name = |namespace, local| XName::new(namespace, local).map_err(|error| error.message);
    attribute(element, name(SCHEMA_INSTANCE, "nil")?, "true")?;
    attribute(element, name(XMLNS, "xsi")?, SCHEMA_INSTANCE)
}

/// A value as XML writes it.
fn text(value: &JToken) -> String {
    match value.as_value() {
        None => value.to_json(Formatting::None),
        Some(json::Value::Null | json::Value::Undefined | json::Value::NullString) => String::new(),
        Some(json::Value::String(text)) => text.to_string(),
        Some(_) => value.to_json(Formatting::None).trim_matches('"').to_owned(),
    }
}
