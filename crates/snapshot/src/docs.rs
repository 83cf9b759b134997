//! The documents of one service, with their secrets opened.

use std::{collections::BTreeMap, ops::Bound, sync::Arc};

use base::Timestamp;
use crypto::Keyring;
use serde_json::Value;
use store::{Document, Key};

/// A document of a service. Its secrets are plain: it never leaves this crate, and prints as its key.
pub(crate) struct Doc {
    pub(crate) key: Key,
    /// The id as first written.
    pub(crate) id: String,
    /// The kind below the service or workspace: `apis/operations`; empty for the service itself.
    pub(crate) kind: String,
    /// The service, or the workspace that it lives in.
    pub(crate) scope: Key,
    pub(crate) body: Value,
    pub(crate) created: Timestamp,
    /// What is wrong with its secrets.
    pub(crate) unopened: Option<String>,
}

impl std::fmt::Debug for Doc {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Doc({})", self.key)
    }
}

impl Doc {
    /// Opens a document of a service; without a keyring its secrets are open. `None` if it lives elsewhere.
    pub(crate) fn open(mut document: Document, keyring: Option<&Keyring>) -> Option<Self> {
        let (scope, kind) = place(&document.key, &document.kind)?;
        let unopened =
            keyring.and_then(|keyring| open_secrets(&mut document.body, &document.key, &document.kind, keyring));
        let Document { key, id, body, created, .. } = document;
        Some(Self { key, id, kind, scope, body, created, unopened })
    }

    /// The name, casing kept.
    pub(crate) fn name(&self) -> &str {
        self.id.rsplit('/').next().unwrap_or_default()
    }

    /// A property; JSON null where there is none.
    pub(crate) fn get(&self, name: &str) -> &Value {
        &self.body["properties"][name]
    }

    /// A property as text, empty where it is none.
    pub(crate) fn text(&self, name: &str) -> &str {
        self.get(name).as_str().unwrap_or_default()
    }

    /// A property as text that entities share.
    pub(crate) fn shared(&self, name: &str) -> Arc<str> {
        self.text(name).into()
    }

    /// A yes or no, `or` where it does not say.
    pub(crate) fn flag(&self, name: &str, or: bool) -> bool {
        self.get(name).as_bool().unwrap_or(or)
    }

    /// A date.
    pub(crate) fn time(&self, name: &str) -> Option<Timestamp> {
        arm::parse_time(self.text(name))
    }

    /// The document that this one lies below: two segments up.
    pub(crate) fn parent(&self) -> Key {
        self.key.up(2).unwrap_or_else(|| self.key.clone())
    }
}

/// The service, or its workspace, that a document belongs to, and its kind below that.
fn place(key: &Key, kind: &str) -> Option<(Key, String)> {
    let kind = kind.strip_prefix("service")?;
    let (depth, kind) = match kind.strip_prefix("/workspaces/") {
        Some(kind) => (kind.split('/').count(), kind),
        None => (kind.split('/').filter(|segment| !segment.is_empty()).count(), kind.trim_start_matches('/')),
    };
    Some((key.up(2 * depth)?, kind.to_owned()))
}

/// The service that a document lies in.
pub(crate) fn service_of(key: &Key, kind: &str) -> Option<Key> {
    kind.strip_prefix("service").filter(|rest| rest.is_empty() || rest.starts_with('/'))?;
    key.up(2 * kind.split('/').skip(1).count())
}

/// Opens the secrets of a kind. Elsewhere a caller may have written what merely looks sealed.
fn open_secrets(body: &mut Value, key: &Key, kind: &str, keyring: &Keyring) -> Option<String> {
    let def = resources::def(kind)?;
    let mut unopened = None;
    for pointer in def.secrets.iter().flat_map(|secret| resources::pointers(body, secret.path)).collect::<Vec<_>>() {
        let Some(value) = body.pointer_mut(&pointer) else { continue };
        let Some(text) = value.as_str().filter(|text| Keyring::key_of(text).is_some()) else { continue };
        match keyring.open(key.as_str(), &pointer, text) {
            Ok(secret) => *value = String::from_utf8_lossy(secret.expose()).into_owned().into(),
            Err(error) => {
                unopened = Some(format!("the secret at {pointer}: {error}"));
                *value = Value::Null;
            }
        }
    }
    unopened
}

/// Documents by kind and key.
#[derive(Debug, Default)]
pub(crate) struct Docs {
    kinds: BTreeMap<String, BTreeMap<Key, Arc<Doc>>>,
    /// Those whose secrets could not be opened, and why.
    unopened: BTreeMap<Key, String>,
}

impl Docs {
    /// Keeps a document in place of the one before.
    pub(crate) fn put(&mut self, doc: Doc) -> Arc<Doc> {
        let doc = Arc::new(doc);
        match &doc.unopened {
            Some(why) => drop(self.unopened.insert(doc.key.clone(), why.clone())),
            None => drop(self.unopened.remove(&doc.key)),
        }
        let known = match self.kinds.get_mut(&doc.kind) {
            Some(known) => known,
            None => self.kinds.entry(doc.kind.clone()).or_default(),
        };
        known.insert(doc.key.clone(), Arc::clone(&doc));
        doc
    }

    /// Forgets a document, and gives it if it was there. `kind` is its full kind.
    pub(crate) fn remove(&mut self, key: &Key, kind: &str) -> Option<Arc<Doc>> {
        let (_, kind) = place(key, kind)?;
        self.unopened.remove(key);
        self.kinds.get_mut(&kind)?.remove(key)
    }

    /// The document of this kind at `key`.
    pub(crate) fn get(&self, kind: &str, key: &Key) -> Option<&Arc<Doc>> {
        self.kinds.get(kind)?.get(key)
    }

    /// The documents of a kind right below `parent`, by key.
    pub(crate) fn children(&self, parent: &Key, kind: &str) -> impl Iterator<Item = &Arc<Doc>> {
        let segment = kind.rsplit('/').next().unwrap_or_default();
        let below = parent.child(segment);
        let range = (Bound::Excluded(below.clone()), Bound::Unbounded);
        // Among documents of one kind nothing stands between `…/apis` and `…/apis/a`.
        let docs = self.kinds.get(kind).into_iter().flat_map(move |docs| docs.range(range.clone()));
        docs.take_while(move |(key, _)| key.below(&below).is_some()).map(|(_, doc)| doc)
    }

    /// Whether there is none.
    pub(crate) fn is_empty(&self) -> bool {
        self.kinds.values().all(BTreeMap::is_empty)
    }

    /// The documents whose secrets could not be opened, and why.
    pub(crate) fn unopened(&self) -> impl Iterator<Item = (&Key, &String)> {
        self.unopened.iter()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_document_knows_its_scope() {
        let of = |key: &str, kind| place(&Key::new(key), kind).map(|(scope, kind)| (scope.to_string(), kind));
        assert_eq!(of("/s/n", "service"), Some(("/s/n".into(), String::new())));
        assert_eq!(
            of("/s/n/apis/a/operations/o", "service/apis/operations"),
            Some(("/s/n".into(), "apis/operations".into()))
        );
        assert_eq!(of("/s/n/workspaces/w", "service/workspaces"), Some(("/s/n".into(), "workspaces".into())));
        assert_eq!(
            of("/s/n/workspaces/w/apis/a", "service/workspaces/apis"),
            Some(("/s/n/workspaces/w".into(), "apis".into()))
        );
        assert_eq!(of("/subscriptions/s", "subscriptions"), None);
        assert_eq!(
            service_of(&Key::new("/s/n/workspaces/w/apis/a"), "service/workspaces/apis"),
            Some(Key::new("/s/n"))
        );
        assert_eq!(service_of(&Key::new("/x/y"), "services"), None);
    }
}
