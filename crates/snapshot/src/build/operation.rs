//! The operations of one revision of an API.

use std::{collections::HashMap, sync::Arc};

use bytes::Bytes;
use policy::{
    Status,
    entity::{DeclaredResponse, In, Operation, Parameter, Representation},
};
use serde_json::Value;
use store::Key;

use super::{sample::sample, schema::Schemas};
use crate::{
    docs::{Doc, Docs},
    routes::Routes,
    template::Template,
};

/// The operations of one revision, and the routes to them.
#[derive(Debug, Default)]
pub(crate) struct Operations {
    pub(crate) routes: Routes,
    /// By the routes' numbering.
    pub(crate) list: Vec<Arc<Operation>>,
    /// Numbers by document.
    pub(crate) numbers: HashMap<Key, usize>,
    /// Operations that cannot be reached, and why.
    pub(crate) problems: Vec<(Key, String)>,
}

/// Reads the operations of the API at `api`.
pub(crate) fn operations(api: &Key, docs: &Docs) -> Operations {
    let mut operations = Operations::default();
    let mut schemas = Schemas::new(api, docs);
    for doc in docs.children(api, "apis/operations") {
        match Template::parse(doc.text("urlTemplate")) {
            Ok(template) => {
                let number = operations.list.len();
                operations.routes.add(doc.text("method"), template, number);
                operations.list.push(Arc::new(operation(doc, docs, &mut schemas)));
                operations.numbers.insert(doc.key.clone(), number);
            }
            Err(wrong) => {
                let problem = format!("its URL template cannot be read: {wrong}");
                operations.problems.push((doc.key.clone(), problem));
            }
        }
    }
    operations
}

fn operation(doc: &Doc, docs: &Docs, schemas: &mut Schemas<'_>) -> Operation {
    let api = doc.parent();
    let responses = doc.get("responses").as_array().into_iter().flatten();
    let request = doc.get("request")["representations"].as_array().into_iter().flatten();
    Operation {
        id: doc.name().into(),
        name: doc.shared("displayName"),
        method: doc.shared("method"),
        url_template: doc.shared("urlTemplate"),
        parameters: parameters(doc, schemas),
        request: request.map(|one| representation(one, &api, docs, schemas)).collect(),
        responses: responses.filter_map(|one| response(one, &api, docs, schemas)).collect(),
    }
}

/// The parameters of the template, which stand in its path or its query, of the query and of the headers.
fn parameters(doc: &Doc, schemas: &mut Schemas<'_>) -> Box<[Parameter]> {
    let template = doc.text("urlTemplate");
    let path = template.split_once('?').map_or(template, |(path, _)| path);
    let in_path: Vec<&str> = path
        .split('{')
        .skip(1)
        .filter_map(|rest| rest.split_once('}'))
        .map(|(name, _)| name.trim_start_matches('*'))
        .collect();
    let request = doc.get("request");
    let lists = [
        (doc.get("templateParameters"), None),
        (&request["queryParameters"], Some(In::Query)),
        (&request["headers"], Some(In::Header)),
    ];
    let mut all: Vec<Parameter> = Vec::new();
    for (list, place) in lists {
        for one in list.as_array().into_iter().flatten() {
            let mut parameter = parameter(one, place.unwrap_or_default(), schemas);
            if place.is_none() && in_path.iter().any(|name| name.eq_ignore_ascii_case(&parameter.name)) {
                parameter.place = In::Path;
            }
            let same = |known: &Parameter| known.place == parameter.place && *known.name == *parameter.name;
            if !all.iter().any(same) {
                all.push(parameter);
            }
        }
    }
    all.into()
}

fn parameter(declared: &Value, place: In, schemas: &mut Schemas<'_>) -> Parameter {
    let text = |name: &str| declared[name].as_str().unwrap_or_default();
    let values = declared["values"].as_array().into_iter().flatten();
    Parameter {
        name: text("name").trim_start_matches('*').into(),
        place,
        kind: text("type").into(),
        required: declared["required"].as_bool().unwrap_or(false),
        values: values.filter_map(|value| value.as_str().map(Arc::from)).collect(),
        definition: schemas.definition(declared),
    }
}

fn response(response: &Value, api: &Key, docs: &Docs, schemas: &mut Schemas<'_>) -> Option<DeclaredResponse> {
    let representations = response["representations"].as_array().into_iter().flatten();
    let headers = response["headers"].as_array().into_iter().flatten();
    Some(DeclaredResponse {
        status: Status::new(u16::try_from(response["statusCode"].as_u64()?).ok()?)?,
        headers: headers.map(|header| parameter(header, In::Header, schemas)).collect(),
        representations: representations.map(|one| representation(one, api, docs, schemas)).collect(),
    })
}

fn representation(declared: &Value, api: &Key, docs: &Docs, schemas: &mut Schemas<'_>) -> Representation {
    Representation {
        content_type: declared["contentType"].as_str().unwrap_or_default().into(),
        example: example(declared).or_else(|| made_up(declared, api, docs)),
        definition: schemas.definition(declared),
    }
}

/// The example named `default`, else the first; the older field `sample` goes before none.
fn example(representation: &Value) -> Option<Bytes> {
    let examples = representation["examples"].as_object();
    let named = examples.and_then(|examples| examples.get("default").or_else(|| examples.values().next()));
    let value = named.map_or(&representation["sample"], |example| &example["value"]);
    match value {
        Value::Null => None,
        Value::String(text) => Some(Bytes::copy_from_slice(text.as_bytes())),
        value => Some(Bytes::from(value.to_string())),
    }
}

/// A sample of the representation's type, where that is a JSON one.
fn made_up(representation: &Value, api: &Key, docs: &Docs) -> Option<Bytes> {
    let content_type = representation["contentType"].as_str()?;
    let media = content_type.split(';').next()?.trim();
    if !(media.ends_with("/json") || media.ends_with("+json")) {
        return None;
    }
    let schema = docs.get("apis/schemas", &api.child(&format!("schemas/{}", representation["schemaId"].as_str()?)))?;
    let sample = sample(schema.get("document"), representation["typeName"].as_str()?)?;
    Some(Bytes::from(sample.to_string()))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn an_example_is_the_default_one_or_the_first_or_the_sample() {
        let of = |representation| example(&representation).map(|bytes| String::from_utf8_lossy(&bytes).into_owned());
        let two = json!({ "examples": { "a": { "value": "text" }, "default": { "value": { "b": 1 } } } });
        assert_eq!(of(two).as_deref(), Some(r#"{"b":1}"#));
        assert_eq!(of(json!({ "examples": { "a": { "value": "text" } }, "sample": "old" })).as_deref(), Some("text"));
        assert_eq!(of(json!({ "sample": "old" })).as_deref(), Some("old"));
        assert_eq!(of(json!({})), None);
    }
}
