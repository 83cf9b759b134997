//! XML as JSON, the way `JsonConvert.SerializeObject` writes nodes: attributes are `@name`, text among elements is
//! `#text`, elements of one name become an array, an empty element is null.

use std::collections::HashMap;

use csharp::Value;
use dom::{Kind, XObject};
use json::{Error, ErrorKind, JToken, Result};

use super::node::Node;

/// The JSON of a node; `None` for what is none.
pub(crate) fn as_json(value: &Value) -> Option<Result<JToken>> {
    let Node(node) = value.downcast()?;
    Some(of_node(node))
}

/// How deep elements may nest to be written as JSON. .NET has no limit but its stack.
const MAX_DEPTH: usize = 200;

fn of_node(node: &XObject) -> Result<JToken> {
    let out = JToken::object();
    match node.kind() {
        Kind::Document => {
            if let Some(declaration) = node.declaration() {
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
            groups(&out, &node.nodes(), 0)?;
        }
        _ => groups(&out, std::slice::from_ref(node), 0)?,
    }
    Ok(out)
}

/// Nodes by name, each name once: where it comes again, an array.
fn groups(out: &JToken, nodes: &[XObject], depth: usize) -> Result<()> {
    if depth > MAX_DEPTH {
        return Err(Error::new(ErrorKind::Json, "The XML is nested too deeply to be written as JSON."));
    }
    let mut arrays: HashMap<String, JToken> = HashMap::new();
    for node in nodes {
        let (name, value) = (name_of(node), content(node, depth)?);
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
        } else {
            out.add_property(name, &value)?;
        }
    }
    Ok(())
}

fn content(node: &XObject, depth: usize) -> Result<JToken> {
    if node.kind() != Kind::Element {
        return Ok(json::Value::from(&*node.value()).into());
    }
    let (attributes, children) = (node.attributes(), node.nodes());
    let plain = attributes.is_empty() && children.iter().all(|child| child.kind() == Kind::Text);
    if plain {
        return Ok(if node.is_empty() { json::Value::Null.into() } else { json::Value::from(&*node.value()).into() });
    }
    let out = JToken::object();
    for attribute in attributes {
        out.add_property(name_of(&attribute), &json::Value::from(&*attribute.value()).into())?;
    }
    groups(&out, &children, depth + 1)?;
    Ok(out)
}

fn name_of(node: &XObject) -> String {
    match node.kind() {
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
