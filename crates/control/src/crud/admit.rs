//! A resource on its way into the store: defaults, rules, references, kind, indexes, seal.

use arm::{Error, ResourceId, Result};
use resources::{Admission, Reference, ResourceDef, pointers};
use serde_json::{Map, Value};
use store::{Batch, Document, IndexEntry, Key, Put, Write};

use crate::{
    Control,
    commit::{key, put, rely},
};

/// A write being prepared. What goes with it (children, links) is already in the batch or gets there.
pub(crate) struct Draft {
    /// Its id.
    pub(crate) id: ResourceId,
    /// Its kind.
    pub(crate) def: &'static ResourceDef,
    /// Its body, secrets open.
    pub(crate) body: Value,
    /// What it replaces.
    pub(crate) existing: Option<Document>,
    /// Index entries beyond those of its kind.
    pub(crate) indexes: Vec<IndexEntry>,
    /// What is written with it, after it.
    pub(crate) with: Vec<Write>,
}

impl Draft {
    /// The start of a write.
    pub(crate) fn new(
        def: &'static ResourceDef,
        id: ResourceId,
        mut body: Value,
        existing: Option<Document>,
    ) -> Result<Self> {
        let Value::Object(fields) = &mut body else { return Err(Error::invalid("body", "must be a JSON object.")) };
        for own in ["id", "name", "type", "etag", "systemData", crate::secrets::PRIVATE] {
            fields.shift_remove(own);
        }
        let properties = fields.entry("properties").or_insert_with(|| Map::new().into());
        if properties.is_null() {
            *properties = Map::new().into();
        }
        if !properties.is_object() {
            return Err(Error::invalid("properties", "'properties' must be an object."));
        }
        own_fields(def, existing.as_ref(), &mut body);
        Ok(Self { id, def, body, existing, indexes: Vec::new(), with: Vec::new() })
    }

    /// A property, JSON null where there is none.
    pub(crate) fn get(&self, name: &str) -> &Value {
        &self.body["properties"][name]
    }

    /// A property as text, empty where it is none.
    pub(crate) fn text(&self, name: &str) -> &str {
        self.get(name).as_str().unwrap_or_default()
    }

    /// Sets a property.
    pub(crate) fn set(&mut self, name: &str, value: impl Into<Value>) {
        self.body["properties"][name] = value.into();
    }

    /// Removes a property and gives it back.
    pub(crate) fn take(&mut self, name: &str) -> Value {
        self.body["properties"].as_object_mut().and_then(|fields| fields.shift_remove(name)).unwrap_or_default()
    }
}

impl Control {
    /// Applies every rule of the kind and gives the write. The draft's body is what a GET would show, secrets open.
    pub(crate) async fn admit(&self, draft: &mut Draft, batch: &mut Batch) -> Result<Put> {
        let def = draft.def;
        def.name.check(draft.id.name(), def.title)?;
        fill_defaults(def, &mut draft.body)?;
        let mut wrong = Error::validation();
        for field in def.fields {
            field.check(&mut draft.body, &mut wrong);
        }
        if !wrong.details.is_empty() {
            return Err(wrong);
        }
        for reference in def.references {
            self.resolve(draft, reference, batch).await?;
        }
        let existing = draft.existing.as_ref().map(|document| &document.body);
        (def.admit)(&mut Admission { id: &draft.id, body: &mut draft.body, existing, now: batch.at })?;
        let sealed = self.sealed(def, &draft.id, draft.body.clone())?;
        let mut write = put(def, &draft.id, &draft.body, sealed);
        write.indexes.append(&mut draft.indexes);
        Ok(write)
    }

    /// Spells the references of a field as full ids and makes sure that what they name exists.
    async fn resolve(&self, draft: &mut Draft, reference: &Reference, batch: &mut Batch) -> Result<()> {
        for pointer in pointers(&draft.body, reference.path) {
            let Some(text) = draft.body.pointer(&pointer).and_then(Value::as_str) else { continue };
            if text.trim().is_empty() {
                continue;
            }
            let scope = draft.id.scope().ok_or_else(|| Error::internal("a reference outside of a service"))?;
            if let Some(all) = collection(&scope, text).filter(|_| reference.collections) {
                set(&mut draft.body, &pointer, all);
                continue;
            }
            let field = reference.path;
            let found = self.existing(&draft.id, &scope, text, reference, batch).await?;
            let found = found.ok_or_else(|| {
                let title = reference.to.join(" or ");
                Error::invalid(field, format!("'{field}' names '{text}', and there is no such resource among {title}."))
            })?;
            set(&mut draft.body, &pointer, found.to_string());
        }
        Ok(())
    }

    async fn existing(
        &self,
        id: &ResourceId,
        scope: &ResourceId,
        text: &str,
        reference: &Reference,
        batch: &mut Batch,
    ) -> Result<Option<ResourceId>> {
        let fits = |target: &ResourceId| reference.to.iter().any(|to| to.eq_ignore_ascii_case(target.segment()));
        // `starter` alone is taken as the name of the only type that the field allows.
        let named = match reference.to {
            [only] if !text.contains('/') => Some(scope.child(only, text)),
            _ => scope.refer(text),
        };
        let Some(target) = named.filter(fits) else { return Ok(None) };
        // A workspace may refer to what the service owns (users), never to another service or workspace.
        let service = id.service();
        let owner = target.scope().map(|owner| owner.key());
        if owner.is_none() || (owner != Some(scope.key()) && owner != service.as_ref().map(ResourceId::key)) {
            return Ok(None);
        }
        let from_service = service.map(|service| service.child(target.segment(), target.name()));
        for candidate in [Some(target), from_service].into_iter().flatten() {
            let candidate = self.current_revision(candidate).await?;
            if batch.writes.iter().any(|write| matches!(write, Write::Put(put) if put.key() == key(&candidate))) {
                return Ok(Some(candidate));
            }
            if let Some(document) = self.read(&candidate).await? {
                rely(batch, &document);
                return Ok(Some(crate::commit::id_of(&document)?));
            }
        }
        Ok(None)
    }

    /// The resource that must be there for this one to be, if any.
    pub(crate) async fn require_parent(&self, id: &ResourceId, batch: &mut Batch) -> Result<Option<Document>> {
        let Some(parent) = id.parent() else { return Ok(None) };
        if batch.writes.iter().any(|write| matches!(write, Write::Put(put) if put.key() == Key::new(parent.as_str()))) {
            return Ok(None);
        }
        self.require(&parent, batch).await.map(Some)
    }
}

/// A reference to all APIs of a scope, or with nothing behind it to everything there.
fn collection(scope: &ResourceId, text: &str) -> Option<String> {
    let lower = text.trim().to_ascii_lowercase();
    let relative = lower.strip_prefix(&scope.key()).unwrap_or(&lower).trim_matches('/');
    match relative {
        "" => Some(format!("{scope}/")),
        "apis" => Some(format!("{scope}/apis")),
        _ => None,
    }
}

/// What the server owns comes from what is stored, whatever the caller sent.
fn own_fields(def: &ResourceDef, existing: Option<&Document>, body: &mut Value) {
    let old = existing.map(|document| document.properties().clone()).unwrap_or_default();
    let Some(properties) = body["properties"].as_object_mut() else { return };
    for name in def.read_only {
        match old.get(*name) {
            Some(value) => properties.insert((*name).to_owned(), value.clone()),
            None => properties.shift_remove(*name),
        };
    }
}

fn fill_defaults(def: &ResourceDef, body: &mut Value) -> Result<()> {
    for (path, text) in def.defaults {
        make_parents(path, body);
        for pointer in pointers(body, path) {
            let (parent, name) = pointer.rsplit_once('/').unwrap_or_default();
            if let Some(Value::Object(parent)) = body.pointer_mut(parent) {
                let field = parent.entry(name.to_owned()).or_insert(Value::Null);
                if field.is_null() {
                    *field = serde_json::from_str(text).map_err(Error::internal)?;
                }
            }
        }
    }
    Ok(())
}

/// Makes the objects on the way of a default, so that `a.b` is filled in where `a` is absent.
fn make_parents(path: &str, body: &mut Value) {
    if let Some((parent, _)) = path.rsplit_once('.').filter(|_| !path.starts_with('^')) {
        let field = &mut body["properties"][parent];
        if field.is_null() {
            *field = Map::new().into();
        }
    }
}

fn set(body: &mut Value, pointer: &str, text: String) {
    if let Some(field) = body.pointer_mut(pointer) {
        *field = Value::String(text);
    }
}
