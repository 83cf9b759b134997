//! The keys that sign tokens: documents, sealed, replaced when they grow old.

use std::sync::Arc;

use arm::{Error, Result};
use base::Timestamp;
use crypto::jws::SigningKey;
use serde_json::{Value, json};
use store::{Delete, Document, Put, Query};
use tokio::sync::Mutex;

use crate::{
    Control,
    commit::{SHAPE, refusal},
};

/// The kind of the documents.
pub(crate) const KIND: &str = "signingkeys";
/// Where the key lies in one.
pub(crate) const POINTER: &str = "/key";

/// The keys as they were last read.
#[derive(Default)]
pub(crate) struct SigningKeys(Mutex<Vec<Known>>);

#[derive(Clone)]
struct Known {
    document: store::Key,
    created: Timestamp,
    key: Arc<SigningKey>,
}

impl Control {
    /// The key that signs now. The first call makes it; later ones replace it when it is old.
    pub(crate) async fn signing_key(&self) -> Result<Arc<SigningKey>> {
        let mut known = self.signing.0.lock().await;
        self.refresh(&mut known).await?;
        let now = self.parts.clock.now();
        let newest = known.iter().max_by_key(|known| known.created);
        if let Some(newest) = newest.filter(|newest| now.since(newest.created) < self.settings().signing_key_lifetime) {
            return Ok(newest.key.clone());
        }
        self.make_key(&mut known).await
    }

    /// The key with this id, if it is one of ours.
    pub(crate) async fn verifying_key(&self, id: &str) -> Result<Option<Arc<SigningKey>>> {
        let mut known = self.signing.0.lock().await;
        let find = |known: &[Known]| known.iter().find(|known| known.key.id() == id).map(|known| known.key.clone());
        if let Some(key) = find(&known) {
            return Ok(Some(key));
        }
        // Another node may have made it.
        self.refresh(&mut known).await?;
        Ok(find(&known))
    }

    /// The public halves, as `/discovery/v2.0/keys` shows them.
    pub async fn key_set(&self) -> Result<Value> {
        self.signing_key().await?;
        let known = self.signing.0.lock().await;
        let keys: Vec<Value> = known
            .iter()
            .map(|known| {
                let mut jwk = known.key.jwk();
                jwk["use"] = "sig".into();
                jwk["x5t"] = known.key.id().into();
                jwk
            })
            .collect();
        Ok(json!({ "keys": keys }))
    }

    async fn refresh(&self, known: &mut Vec<Known>) -> Result<()> {
        let documents = self.list(Query::kind(KIND)).await?;
        known.retain(|known| documents.iter().any(|document| document.key == known.document));
        for document in documents {
            if !known.iter().any(|known| known.document == document.key) {
                let key = Arc::new(self.open_key(&document)?);
                known.push(Known { document: document.key, created: document.created, key });
            }
        }
        Ok(())
    }

    fn open_key(&self, document: &Document) -> Result<SigningKey> {
        let sealed = document.body["key"].as_str().unwrap_or_default();
        let opened = self.parts.keyring.load().open(document.key.as_str(), POINTER, sealed).map_err(Error::internal)?;
        SigningKey::from_pkcs8(opened.expose()).map_err(Error::internal)
    }

    /// Makes a new key and forgets those whose last tokens have run out.
    async fn make_key(&self, known: &mut Vec<Known>) -> Result<Arc<SigningKey>> {
        let made = tokio::task::spawn_blocking(SigningKey::generate_rsa).await;
        let key = Arc::new(made.map_err(Error::internal)?.map_err(Error::internal)?);
        let id = format!("/{KIND}/{}", key.id());
        let document = store::Key::new(&id);
        let bytes = key.to_pkcs8().map_err(Error::internal)?;
        let _sealing = self.sealing.read().await;
        let keyring = self.parts.keyring.load_full();
        let sealed = keyring.seal(&*self.parts.entropy, document.as_str(), POINTER, bytes.expose());
        let body = json!({ "key": sealed.map_err(Error::internal)? });
        let mut batch = self.batch().write(Put { shape: SHAPE, ..Put::new(id, KIND, body) });
        let now = self.parts.clock.now();
        let gone = self.settings().signing_key_lifetime + self.settings().token_lifetime;
        for old in known.iter().filter(|old| now.since(old.created) > gone) {
            batch = batch.write(Delete::one(old.document.clone()));
        }
        self.parts.store.commit(batch).await.map_err(refusal)?;
        known.push(Known { document, created: now, key: key.clone() });
        Ok(key)
    }
}
