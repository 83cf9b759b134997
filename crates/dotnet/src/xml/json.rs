//! XML as JSON, the way `JsonConvert.SerializeObject` writes nodes: attributes are `@name`, text among elements is
//! `#text`, elements of one name become an array, an empty element is null. Policies may ask for a plainer form.

use std::collections::HashMap;

use csharp::Value;
use dom::{Kind, XObject};
use json::{Error, ErrorKind, JToken, Result};

use super::node::Node;

/// The JSON of a node; `None` for what is none.
pub(crate) fn as_json(value: &Value) -> Option<Result<JToken>> {
    let Node(node) = value.downcast()?;
    Some(xml_as_json(node, XmlAsJson::default()))
}

/// How XML becomes JSON.
#[derive(Clone, Copy, Debug, Default)]
pub struct XmlAsJson {
    /// Attributes are plain members, text beside them is `value`; prefixes, namespaces, comments, processing instructions
    /// and the declaration are left out.
    pub plain: bool,
    /// Elements below the root are arrays, lone ones too.
    pub arrays: bool,
}

/// How deep elements may nest to be written as JSON. .NET has no limit but its stack.
const MAX_DEPTH: usize = 200;

/// The JSON of a document or node.
pub fn xml_as_json(node: &XObject, form: XmlAsJson) -> Result<JToken> {
    let out = JToken::object();
    match node.kind() {
        Kind::Document => {
            if let Some(declaration) = node.declaration().filter(|_| !form.plain) {
                let content = JToken::object();
                let fields = [
                    ("@version", declaration.version),
                    ("@encoding", declaration.encoding),
                    ("@standalone", declaration.standalone),
                ];
                for (name, value) in fields {
                    if let Some(value) = value {
                        content.add_property(name, &json::Value::from(&*value).into())?;
                    }
                }
                out.add_property("?xml", &content)?;
            }
            groups(&out, &node.nodes(), form, 0)?;
        }
        _ => groups(&out, std::slice::from_ref(node), form, 0)?,
    }
    Ok(out)
}

/// Nodes by name, each name once: where it comes again, an array.
fn groups(out: &JToken, nodes: &[XObject], form: XmlAsJson, depth: usize) -> Result<()> {
    if depth > MAX_DEPTH {
        return Err(Error::new(ErrorKind::Json, "The XML is nested too deeply to be written as JSON."));
    }
    let mut arrays: HashMap<String, JToken> = HashMap::new();
    for node in nodes {
        if form.plain && !matches!(node.kind(), Kind::Element | Kind::Text | Kind::CData) {
            continue;
        }
        let (name, value) = (name_of(node, form), content(node, form, depth)?);
        if let Some(array) = arrays.get(&name) {
            array.add(&value)?;
        } else if let Some(property) = out.property_named(&name) {
            let array = JToken::array();
            if let Some(first) = property.property_value() {
                array.add(&first)?;
            }
            array.add(&value)?;
            property.set_property_value(&array)?;
            arrays.insert(name, array);
        } else if form.arrays && depth > 0 && node.kind() == Kind::Element {
            let array = JToken::array();
            array.add(&value)?;
            out.add_property(name.clone(), &array)?;
            // What was added may be a copy.
            arrays.extend(out.get(&name).map(|array| (name, array)));
        } else {
            out.add_property(name, &value)?;
        }
    }
    Ok(())
}

fn content(node: &XObject, form: XmlAsJson, depth: usize) -> Result<JToken> {
    if node.kind() != Kind::Element {
        return Ok(json::Value::from(&*node.value()).into());
    }
    let (mut attributes, children) = (node.attributes(), node.nodes());
    if form.plain {
        attributes.retain(|attribute| attribute.name().is_some_and(|name| !name.declares_namespace()));
    }
    let is_text = |kind| kind == Kind::Text || (form.plain && kind == Kind::CData);
    if attributes.is_empty() && children.iter().all(|child| is_text(child.kind())) {
        return Ok(if node.is_empty() { json::Value::Null.into() } else { json::Value::from(&*node.value()).into() });
    }
    let out = JToken::object();
    for attribute in attributes {
        let name = name_of(&attribute, form);
        // Without prefixes two attributes may have one name.
        if out.property_named(&name).is_none() {
            out.add_property(name, &json::Value::from(&*attribute.value()).into())?;
        }
    }
    groups(&out, &children, form, depth + 1)?;
    Ok(out)
}

fn name_of(node: &XObject, form: XmlAsJson) -> String {
    match node.kind() {
        Kind::Text | Kind::CData if form.plain => "value".into(),
        Kind::Element | Kind::Attribute if form.plain => {
            node.name().map_or_else(String::new, |name| name.local.to_string())
        }
        Kind::Text => "#text".into(),
        Kind::CData => "#cdata-section".into(),
        Kind::Comment => "#comment".into(),
        Kind::ProcessingInstruction => format!("?{}", node.target().unwrap_or_default()),
        Kind::DocumentType => "!DOCTYPE".into(),
        Kind::Document => "#document".into(),
        Kind::Attribute => format!("@{}", qualified(node)),
        Kind::Element => qualified(node),
    }
}

/// The name with its prefix.
fn qualified(node: &XObject) -> String {
    let Some(name) = node.name() else { return String::new() };
    let prefix = match &*name.namespace {
        "" => None,
        dom::XMLNS => Some("xmlns".into()),
        dom::XML => Some("xml".into()),
        namespace => node.prefix_of_namespace(namespace),
    };
    match prefix {
        Some(prefix) if !prefix.is_empty() => format!("{prefix}:{}", name.local),
        _ => name.local.to_string(),
    }
}
