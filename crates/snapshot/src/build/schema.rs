//! Schemas of APIs and of the service, as policies check messages with them.

use std::{collections::HashMap, sync::Arc};

use policy::{
    GlobalSchema,
    json_schema::{Definition, Document},
};
use serde_json::Value;
use store::Key;

use crate::docs::Docs;

/// The schemas of one API. What operations share, they share here.
pub(crate) struct Schemas<'d> {
    api: &'d Key,
    docs: &'d Docs,
    documents: HashMap<String, Option<Arc<Document>>>,
    definitions: HashMap<(String, String), Arc<Definition>>,
}

impl<'d> Schemas<'d> {
    pub(crate) fn new(api: &'d Key, docs: &'d Docs) -> Self {
        Self { api, docs, documents: HashMap::new(), definitions: HashMap::new() }
    }

    /// The definition that a representation or a parameter names with `schemaId` and `typeName`.
    pub(crate) fn definition(&mut self, declared: &Value) -> Option<Arc<Definition>> {
        let named = |name: &str| declared[name].as_str().filter(|text| !text.is_empty());
        let (schema, name) = (named("schemaId")?.to_lowercase(), named("typeName")?.to_owned());
        let (api, docs) = (self.api, self.docs);
        let document = self.documents.entry(schema.clone()).or_insert_with(|| {
            let doc = docs.get("apis/schemas", &api.child(&format!("schemas/{schema}")))?;
            Some(Arc::new(Document::new(json(&doc.body["properties"])?)))
        });
        let make = || Arc::new(Definition::named(document.clone(), &name));
        Some(Arc::clone(self.definitions.entry((schema, name.clone())).or_insert_with(make)))
    }
}

/// A schema of the service or of a workspace, by its properties.
pub fn global_schema(properties: &Value) -> GlobalSchema {
    if properties["schemaType"].as_str().is_some_and(|kind| kind.eq_ignore_ascii_case("xml")) {
        return GlobalSchema::Xml;
    }
    GlobalSchema::Json(Arc::new(Document::new(json(properties).unwrap_or_default())))
}

/// The JSON of a schema's document. Some clients write it as text.
fn json(properties: &Value) -> Option<Value> {
    let parsed =
        |value: &Value| value.as_str().map_or_else(|| Some(value.clone()), |text| serde_json::from_str(text).ok());
    let document = &properties["document"];
    match &document["value"] {
        Value::Null if document.is_null() => parsed(&properties["value"]),
        Value::Null => parsed(document),
        value => parsed(value),
    }
}
