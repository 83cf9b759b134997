//! Secrets of documents: sealing on the way in, opening for those who may see them, hiding from the rest.

use arm::{Error, ResourceId, Result};
use resources::{ResourceDef, Secret, Shown, pointers};
use serde_json::{Map, Value};
use store::Document;

use crate::{Control, commit::id_of, kinds};

/// The part of a body that no answer shows: hashes, names of link views.
pub(crate) const PRIVATE: &str = "private";

impl Control {
    /// Seals every secret of a body. Text that is only a reference to a named value is no secret.
    pub(crate) fn sealed(&self, def: &ResourceDef, id: &ResourceId, mut body: Value) -> Result<Value> {
        let keyring = self.parts.keyring.load();
        for pointer in secret_pointers(def, &body) {
            let Some(Value::String(text)) = body.pointer_mut(&pointer) else { continue };
            if !text.is_empty() && !is_reference(text) {
                let sealed = keyring.seal(&*self.parts.entropy, &id.key(), &pointer, text.as_bytes());
                *text = sealed.map_err(Error::internal)?;
            }
        }
        Ok(body)
    }

    /// The body of a document with every secret open.
    pub(crate) fn opened(&self, def: &ResourceDef, document: &Document) -> Result<Value> {
        let mut body = document.body.clone();
        for pointer in secret_pointers(def, &document.body) {
            self.open(document, &pointer, &mut body)?;
        }
        Ok(body)
    }

    /// A document as a GET shows it: envelope around the body, without what it hides.
    pub(crate) fn shown(&self, def: &ResourceDef, document: &Document) -> Result<Map<String, Value>> {
        let mut body = document.body.clone();
        for secret in def.secrets {
            for pointer in pointers(&document.body, secret.path) {
                if hidden(secret, &document.body) {
                    hide(&mut body, &pointer);
                } else {
                    self.open(document, &pointer, &mut body)?;
                }
            }
        }
        let mut body = match body {
            Value::Object(body) => body,
            _ => Map::new(),
        };
        body.shift_remove(PRIVATE);
        let mut shown = arm::envelope(&id_of(document)?, &body);
        if def.segment == "service" {
            kinds::service::present(self, document, &mut shown);
        }
        Ok(shown)
    }

    /// Takes over from `existing` the secrets that a GET hides and that the new body does not mention: a client that
    /// sends back what it read must not lose them. In lists and maps that is so only where the object around the secret
    /// came back as it was shown; anything else there is meant as it is written.
    pub(crate) fn keep_hidden(&self, def: &ResourceDef, existing: &Document, body: &mut Value) -> Result<()> {
        let opened = self.opened(def, existing)?;
        let shown = Value::Object(self.shown(def, existing)?);
        for secret in def.secrets.iter().filter(|secret| hidden(secret, &existing.body)) {
            let nested = secret.path.contains(['[', '{']);
            let pointers = pointers(&existing.body, secret.path);
            let parent =
                |pointer: &str| pointer.rsplit_once('/').map(|(parent, _)| parent.to_owned()).unwrap_or_default();
            let same = |pointer: &&String| body.pointer(&parent(pointer)) == shown.pointer(&parent(pointer));
            let kept: Vec<&String> = pointers.iter().filter(|pointer| !nested || same(pointer)).collect();
            for pointer in kept {
                let old = opened.pointer(pointer).filter(|old| !old.is_null()).cloned();
                let (parent, name) = pointer.rsplit_once('/').unwrap_or_default();
                if let (Some(old), Some(Value::Object(parent))) = (old, body.pointer_mut(parent)) {
                    parent.entry(name.replace("~1", "/").replace("~0", "~")).or_insert(old);
                }
            }
        }
        Ok(())
    }

    fn open(&self, document: &Document, pointer: &str, body: &mut Value) -> Result<()> {
        let Some(Value::String(text)) = body.pointer_mut(pointer) else { return Ok(()) };
        if text.is_empty() || is_reference(text) {
            return Ok(());
        }
        let opened = self.parts.keyring.load().open(document.key.as_str(), pointer, text).map_err(Error::internal)?;
        *text = String::from_utf8(opened.into_exposed()).map_err(Error::internal)?;
        Ok(())
    }
}

/// Where the secrets of a body lie, there or not.
pub(crate) fn secret_pointers(def: &ResourceDef, body: &Value) -> Vec<String> {
    def.secrets.iter().flat_map(|secret| pointers(body, secret.path)).collect()
}

fn hidden(secret: &Secret, body: &Value) -> bool {
    match secret.shown {
        Shown::Never => true,
        Shown::Always => false,
        Shown::Unless(flag) => body["properties"][flag] == true,
    }
}

/// Removes a field, unless it is a mere reference to a named value.
fn hide(body: &mut Value, pointer: &str) {
    let (parent, name) = pointer.rsplit_once('/').unwrap_or_default();
    let Some(Value::Object(parent)) = body.pointer_mut(parent) else { return };
    let name = name.replace("~1", "/").replace("~0", "~");
    if !parent.get(&name).and_then(Value::as_str).is_some_and(is_reference) {
        parent.shift_remove(&name);
    }
}

/// Whether a text is `{{name}}` and nothing else.
fn is_reference(text: &str) -> bool {
    let inner = text.strip_prefix("{{").and_then(|text| text.strip_suffix("}}"));
    inner.is_some_and(|name| !name.is_empty() && !name.contains(['{', '}']))
}
