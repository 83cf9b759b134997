//! Importing a document as an API: the document's operations and schemas become the API's.

use std::collections::HashSet;

use arm::{Code, Error, ResourceId, Result};
use import_openapi::{Import, Syntax};
use resources::ResourceDef;
use serde_json::{Value, json};
use store::{Batch, Delete};

use crate::{Control, commit::key, crud::Draft};

pub(super) async fn run(control: &Control, draft: &mut Draft, batch: &mut Batch) -> Result<()> {
    let format = draft.text("format").to_ascii_lowercase();
    let (inline, linked) = match format.strip_suffix("-link") {
        Some(inline) => (inline, true),
        None if format == "swagger-link-json" => ("swagger-json", true),
        None => (format.as_str(), false),
    };
    let syntax = match inline {
        "openapi+json" | "swagger-json" => Syntax::Json,
        // The service takes JSON under this name as well: JSON is YAML.
        "openapi" => Syntax::Yaml,
        "" => return Err(Error::invalid("format", "'format' is required where 'value' is given.")),
        _ => {
            let message = format!(
                "Importing the format '{format}' is not supported by this server yet. Supported are openapi, openapi+json, \
                 swagger-json and their -link forms."
            );
            return Err(Error::new(Code::OperationNotSupported, message));
        }
    };
    let value = draft.text("value").trim().to_owned();
    let text = if linked { fetched(control, &value).await? } else { value };
    let mut imported = import_openapi::read(&text, syntax).map_err(|problem| {
        Error::new(Code::ValidationError, "Parsing error(s): the document cannot be imported.")
            .at("representation", problem.to_string())
    })?;
    if draft.text("translateRequiredQueryParameters").eq_ignore_ascii_case("query") {
        for operation in &mut imported.operations {
            import_openapi::query_out_of_template(&mut operation.properties);
        }
    }
    adopt(draft, &imported);
    replace(control, draft, batch, imported).await
}

async fn fetched(control: &Control, url: &str) -> Result<String> {
    let wrong = |why: String| Error::invalid("value", format!("'{url}' could not be imported: {why}"));
    let bytes = control.parts.fetch.fetch(url, control.settings().fetch_limit).await.map_err(&wrong)?;
    String::from_utf8(bytes).map_err(|_| wrong("what it answers is not UTF-8 text.".to_owned()))
}

/// The document speaks where the caller does not, but for the path, which is always the caller's.
fn adopt(draft: &mut Draft, imported: &Import) {
    for (name, value) in &imported.api {
        if draft.get(name).is_null() {
            let mut value = value.clone();
            cut(&mut value, if name == "displayName" { 300 } else { 100_000 });
            draft.set(name, value);
        }
    }
}

/// Puts the document's operations and schemas in the place of those that are there. An operation of the same name keeps
/// its policies and tags.
async fn replace(control: &Control, draft: &mut Draft, batch: &mut Batch, imported: Import) -> Result<()> {
    let mut keep: HashSet<store::Key> = HashSet::new();
    let mut writes = Vec::new();
    for schema in imported.schemas {
        let id = draft.id.child("schemas", &schema.name);
        writes.push((id, json!({ "properties": schema.properties })));
    }
    for mut operation in imported.operations {
        // Documents say more than the contract holds; an import keeps what fits.
        cut(&mut operation.properties["displayName"], 300);
        cut(&mut operation.properties["description"], 1000);
        let id = draft.id.child("operations", &operation.name);
        writes.push((id, json!({ "properties": operation.properties })));
    }
    let mut puts = Vec::new();
    for (id, body) in writes {
        keep.insert(key(&id));
        puts.push(child(control, batch, id, body).await?);
    }
    let mut deletes = Vec::new();
    for segment in ["operations", "schemas"] {
        for old in control.children(&draft.id, segment).await? {
            if !keep.contains(&old.key) {
                deletes.push(Delete::tree(old.key).into());
            } else {
                // Its address may belong to another operation now: the old one must not be in the way.
                deletes.push(Delete::one(old.key).into());
            }
        }
    }
    // A copied revision brings operations of its own; the document's replace them.
    draft.with.retain(|write| !matches!(write, store::Write::Put(put) if put.kind.ends_with("/operations") || put.kind.ends_with("/schemas")));
    draft.with.append(&mut deletes);
    draft.with.extend(puts);
    Ok(())
}

/// Shortens text to `most` characters.
fn cut(value: &mut Value, most: usize) {
    if let Value::String(text) = value
        && let Some((end, _)) = text.char_indices().nth(most)
    {
        text.truncate(end);
    }
}

async fn child(control: &Control, batch: &mut Batch, id: ResourceId, body: Value) -> Result<store::Write> {
    let def: &'static ResourceDef =
        resources::def(&id.kind()).ok_or_else(|| Error::internal(format!("no kind for '{id}'")))?;
    let mut draft = Draft::new(def, id.clone(), body, None)?;
    let put = Box::pin(control.admit(&mut draft, batch)).await.map_err(|mut error| {
        for detail in &mut error.details {
            detail.target = format!("{}/{}", id.name(), detail.target);
        }
        error
    })?;
    Ok(put.into())
}
