//! Operations: a method on a path, with its parameters, request and responses.

use serde_json::{Map, Value, json};

use crate::{
    Entity, Problem,
    document::Source,
    name::Names,
    parameter::{self, Parameter, Place, parameters},
    representation,
};

const METHODS: &[&str] = &["get", "put", "post", "delete", "options", "head", "patch", "trace"];

/// The service cuts display names here.
const LONGEST_DISPLAY_NAME: usize = 300;

/// All operations of the document, in its order.
pub(crate) fn operations(source: &Source<'_>) -> Result<Vec<Entity>, Problem> {
    let Some(paths) = source.document.get("paths") else { return Ok(Vec::new()) };
    let paths = paths.as_object().ok_or_else(|| Problem::new("`paths` must be an object"))?;
    let mut names = Names::default();
    let mut found = Vec::new();
    for (path, item) in paths.iter().filter(|(path, _)| path.starts_with('/')) {
        let item = source.resolved(item);
        for (method, operation) in METHODS.iter().filter_map(|method| Some((*method, item.get(method)?))) {
            if !operation.is_object() {
                return Err(Problem::new(format!("`{method}` of `{path}` must be an object")));
            }
            let id = operation.get("operationId").and_then(Value::as_str);
            let name = names.operation(id, method, path);
            found.push(Entity { name, properties: one(source, method, path, item, operation)? });
        }
    }
    Ok(found)
}

fn one(source: &Source<'_>, method: &str, path: &str, item: &Value, operation: &Value) -> Result<Value, Problem> {
    let words = format!("{path} {method}");
    let parameters = parameters(source, item, operation, &words);
    let (template, in_template) = template(path, &parameters, method)?;
    let text = |key: &str| operation.get(key).and_then(Value::as_str).map(str::trim).filter(|text| !text.is_empty());
    let fallback = || format!("{} {path}", method.to_uppercase());
    let display_name = text("summary").or_else(|| text("operationId")).map_or_else(fallback, str::to_owned);

    let mut contract = Map::new();
    contract.insert("displayName".into(), json!(display_name.chars().take(LONGEST_DISPLAY_NAME).collect::<String>()));
    contract.insert("method".into(), json!(method.to_uppercase()));
    contract.insert("urlTemplate".into(), json!(template));
    contract.insert("templateParameters".into(), in_template.into());
    if let Some(description) = text("description") {
        contract.insert("description".into(), json!(description));
    }
    contract.insert("request".into(), request(source, method, &parameters, item, operation, &words));
    contract.insert("responses".into(), responses(source, operation, &words).into());
    Ok(contract.into())
}

/// The template with the required query parameters in it, and the parameters that it names.
fn template(path: &str, parameters: &[Parameter], method: &str) -> Result<(String, Vec<Value>), Problem> {
    let mut named = Vec::new();
    for name in placeholders(path) {
        let described = parameters.iter().find(|one| one.place == Place::Path && one.name == name);
        match described {
            Some(parameter) => named.push(parameter.contract.clone()),
            None if parameters.iter().any(|one| one.place == Place::Path) => {
                let message = format!("`{}` of `{path}` describes no path parameter `{name}`", method.to_uppercase());
                return Err(Problem::new(message));
            }
            // A document that describes none of its path parameters is read as if all were strings.
            None => named.push(parameter::undescribed(name)),
        }
    }
    let required: Vec<_> = parameters.iter().filter(|one| one.place == Place::Query && one.required).collect();
    let query: Vec<_> = required.iter().map(|one| format!("{0}={{{0}}}", one.name)).collect();
    named.extend(required.iter().map(|one| one.contract.clone()));
    let template = if query.is_empty() { path.to_owned() } else { format!("{path}?{}", query.join("&")) };
    Ok((template, named))
}

/// Takes the query parameters out of an operation's template again, for whoever wants the template to be the path alone.
pub fn query_out_of_template(operation: &mut Value) {
    let Some((path, query)) = operation["urlTemplate"].as_str().and_then(|template| template.split_once('?')) else {
        return;
    };
    let (path, query) = (path.to_owned(), query.to_owned());
    let in_query = |one: &Value| {
        let name = one["name"].as_str().unwrap_or_default();
        query.split('&').any(|pair| pair.split_once('=').is_some_and(|(key, _)| key == name))
    };
    let parameters = operation["templateParameters"].as_array().cloned().unwrap_or_default();
    let (moved, kept): (Vec<Value>, Vec<Value>) = parameters.into_iter().partition(in_query);
    operation["urlTemplate"] = path.into();
    operation["templateParameters"] = kept.into();
    if let Some(list) = operation["request"]["queryParameters"].as_array_mut() {
        list.splice(0..0, moved);
    }
}

fn placeholders(path: &str) -> impl Iterator<Item = &str> {
    path.split('{').skip(1).filter_map(|rest| rest.split_once('}').map(|(name, _)| name))
}

fn request(
    source: &Source<'_>,
    method: &str,
    parameters: &[Parameter],
    item: &Value,
    operation: &Value,
    words: &str,
) -> Value {
    let words = &format!("{words} Request");
    let contracts = |place: Place, also: fn(&Parameter) -> bool| -> Vec<Value> {
        parameters.iter().filter(|one| one.place == place && also(one)).map(|one| one.contract.clone()).collect()
    };
    let mut request = Map::new();
    request.insert("queryParameters".into(), contracts(Place::Query, |one| !one.required).into());
    request.insert("headers".into(), contracts(Place::Header, |_| true).into());
    // The service drops bodies of methods that should have none.
    let representations = if matches!(method, "get" | "head" | "options") {
        Vec::new()
    } else if let Some(body) = operation.get("requestBody").map(|body| source.resolved(body)) {
        if let Some(description) = body.get("description") {
            request.insert("description".into(), description.clone());
        }
        representation::of_content(source, body.get("content"), words)
    } else {
        let lists = [item, operation].into_iter().filter_map(|value| value.get("parameters").and_then(Value::as_array));
        let all: Vec<&Value> = lists.flatten().map(|value| source.resolved(value)).collect();
        representation::of_parameters(source, &all, &source.media_types(operation, "consumes"), words)
    };
    request.insert("representations".into(), representations.into());
    request.into()
}

fn responses(source: &Source<'_>, operation: &Value, words: &str) -> Vec<Value> {
    let produces = source.media_types(operation, "produces");
    let responses = operation.get("responses").and_then(Value::as_object).into_iter().flatten();
    responses
        .filter_map(|(code, response)| {
            // `default` and ranges such as `4XX` have no entity.
            let status: u16 = code.parse().ok()?;
            let response = source.resolved(response);
            let words = format!("{words} {code} Response");
            let representations = match response.get("content") {
                Some(content) => representation::of_content(source, Some(content), &words),
                None => representation::of_response(source, response, &produces, &words),
            };
            let description = response.get("description").and_then(Value::as_str).unwrap_or_default();
            let headers: Vec<Value> = response.get("headers").and_then(Value::as_object).into_iter().flatten()
                .map(|(name, header)| parameter::of_header(source, name, source.resolved(header), &words))
                .collect();
            Some(json!({ "statusCode": status, "description": description, "headers": headers, "representations": representations }))
        })
        .collect()
}
