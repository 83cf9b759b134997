//! The document as a whole: its version, its references, its schemas.

use std::cell::RefCell;

use serde_json::{Map, Value, json};

use crate::{Entity, Import, Problem, Syntax, operation::operations, server::service_url, text::parse};

/// References are followed this far; a longer chain is a circle.
const LONGEST_CHAIN: usize = 32;

/// Reads a whole document.
///
/// # Errors
/// The text is not JSON or YAML, is not an OpenAPI document of a version that is known, or says something that cannot be an API.
pub fn read(text: &str, syntax: Syntax) -> Result<Import, Problem> {
    let document = parse(text, syntax)?;
    let version = Version::of(&document)?;
    let source = Source { document: &document, version, inline: RefCell::default() };
    let info = document.get("info").and_then(Value::as_object);
    let title = info.and_then(|info| info.get("title")).and_then(Value::as_str).map(str::trim).unwrap_or_default();
    if title.is_empty() {
        return Err(Problem::new("The document has no title: `info.title` becomes the name of the API"));
    }
    let mut api = Map::new();
    api.insert("displayName".into(), json!(title));
    if let Some(description) = info.and_then(|info| info.get("description")).and_then(Value::as_str) {
        api.insert("description".into(), json!(description));
    }
    if let Some(url) = service_url(&document) {
        api.insert("serviceUrl".into(), json!(url));
    }
    let operations = operations(&source)?;
    let mut warnings = Vec::new();
    if operations.is_empty() {
        warnings.push("The document has no operations; every call to the API will answer 404".to_owned());
    }
    for left_out in ["webhooks", "callbacks"] {
        if document.get(left_out).is_some() {
            warnings.push(format!("`{left_out}` have no entity and are left out"));
        }
    }
    Ok(Import { api, operations, schemas: source.schemas(), warnings })
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Version {
    Two,
    Three,
}

impl Version {
    fn of(document: &Value) -> Result<Self, Problem> {
        let text = |key: &str| {
            document
                .get(key)
                .map(|value| value.as_str().map_or_else(|| value.to_string(), str::to_owned))
                .unwrap_or_default()
        };
        let (swagger, openapi) = (text("swagger"), text("openapi"));
        if swagger.starts_with("2.") {
            Ok(Self::Two)
        } else if openapi.starts_with("3.") {
            Ok(Self::Three)
        } else if swagger.is_empty() && openapi.is_empty() {
            Err(Problem::new("This is not an OpenAPI document: it has neither `openapi` nor `swagger` at the top"))
        } else {
            let found = if openapi.is_empty() { swagger } else { openapi };
            Err(Problem::new(format!("OpenAPI version `{found}` is not known; 2.0 and 3.x are")))
        }
    }
}

/// The document while it is read.
pub(crate) struct Source<'a> {
    pub(crate) document: &'a Value,
    version: Version,
    /// Schemas that stand where they are used, by the names they get: only named ones can be referred to.
    inline: RefCell<Map<String, Value>>,
}

impl<'a> Source<'a> {
    /// What `value` refers to inside the document, or itself. A reference that leads nowhere stays as it is.
    pub(crate) fn resolved<'v>(&self, value: &'v Value) -> &'v Value
    where
        'a: 'v,
    {
        let mut value = value;
        for _ in 0..LONGEST_CHAIN {
            let target = value.get("$ref").and_then(Value::as_str).and_then(|reference| reference.strip_prefix('#'));
            match target.and_then(|pointer| self.document.pointer(&decoded(pointer))) {
                Some(next) => value = next,
                None => break,
            }
        }
        value
    }

    /// The name of the schema that `schema` refers to.
    pub(crate) fn referred_schema(schema: &Value) -> Option<&str> {
        let reference = schema.get("$ref")?.as_str()?;
        let name =
            reference.strip_prefix("#/components/schemas/").or_else(|| reference.strip_prefix("#/definitions/"))?;
        (!name.contains('/')).then_some(name)
    }

    /// The name under which a schema can be referred to: its own, or one made of `words` for a schema that stands where it is
    /// used. None for a schema that says nothing.
    pub(crate) fn type_name(&self, schema: &Value, words: &str) -> Option<String> {
        if let Some(name) = Self::referred_schema(schema) {
            return Some(name.to_owned());
        }
        if schema.as_object().is_none_or(Map::is_empty) {
            return None;
        }
        let base = pascal(words);
        let mut inline = self.inline.borrow_mut();
        let named = self.document.pointer(self.schemas_pointer());
        let mut name = base.clone();
        for number in 1.. {
            if inline.get(&name) == Some(schema) {
                return Some(name);
            }
            let taken = inline.contains_key(&name) || named.is_some_and(|named| named.get(&name).is_some());
            if !taken {
                break;
            }
            name = format!("{base}-{number}");
        }
        inline.insert(name.clone(), schema.clone());
        Some(name)
    }

    fn schemas_pointer(&self) -> &'static str {
        match self.version {
            Version::Two => "/definitions",
            Version::Three => "/components/schemas",
        }
    }

    /// Media types of an operation of OpenAPI 2: its own list, else the document's, else JSON.
    pub(crate) fn media_types<'v>(&'v self, operation: &'v Value, key: &str) -> Vec<&'v str> {
        let list = operation.get(key).or_else(|| self.document.get(key)).and_then(Value::as_array);
        let types: Vec<_> = list.into_iter().flatten().filter_map(Value::as_str).collect();
        if types.is_empty() { vec!["application/json"] } else { types }
    }

    /// The resource name of the document of schemas.
    pub(crate) fn schema_id(&self) -> &'static str {
        match self.version {
            Version::Two => "definitions",
            Version::Three => "components",
        }
    }

    /// All schemas in one document, in the content type that says which kind it is.
    fn schemas(&self) -> Vec<Entity> {
        let content_type = match self.version {
            Version::Two => "application/vnd.ms-azure-apim.swagger.definitions+json",
            Version::Three => "application/vnd.oai.openapi.components+json",
        };
        let mut schemas =
            self.document.pointer(self.schemas_pointer()).and_then(Value::as_object).cloned().unwrap_or_default();
        schemas.extend(self.inline.borrow().clone());
        if schemas.is_empty() {
            return Vec::new();
        }
        let document = match self.version {
            Version::Two => json!({ "definitions": schemas }),
            Version::Three => json!({ "components": { "schemas": schemas } }),
        };
        vec![Entity {
            name: self.schema_id().into(),
            properties: json!({ "contentType": content_type, "document": document }),
        }]
    }
}

/// One word of several: `/orders/{id} post Request` becomes `OrdersIdPostRequest`.
fn pascal(words: &str) -> String {
    let words = words.split(|c: char| !c.is_ascii_alphanumeric()).filter(|word| !word.is_empty());
    let capital = |word: &str| {
        let (first, rest) = word.split_at(1);
        format!("{}{rest}", first.to_ascii_uppercase())
    };
    words.map(capital).collect()
}

/// A JSON pointer in a URL fragment may be percent-encoded.
fn decoded(pointer: &str) -> String {
    if !pointer.contains('%') {
        return pointer.to_owned();
    }
    let mut bytes = Vec::with_capacity(pointer.len());
    let mut rest = pointer.as_bytes();
    while let [first, tail @ ..] = rest {
        let escape = tail
            .get(..2)
            .and_then(|two| std::str::from_utf8(two).ok())
            .and_then(|two| u8::from_str_radix(two, 16).ok());
        match escape {
            Some(byte) if *first == b'%' => {
                bytes.push(byte);
                rest = &tail[2..];
            }
            _ => {
                bytes.push(*first);
                rest = tail;
            }
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}
