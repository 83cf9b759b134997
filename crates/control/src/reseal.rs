//! Sealing every secret anew after the keys were rotated, while calls go on.

use arm::{Error, Result};
use crypto::Keyring;
use serde_json::Value;
use store::{Document, Order, Position, Put, Query};

use crate::{Control, commit::refusal, identity::keys, secrets::secret_pointers};

/// Documents that are read at a time.
const PAGE: usize = 200;

impl Control {
    /// Seals with the current key whatever an older one sealed; how many secrets that were. When it succeeds, nothing
    /// needs the older keys any more: neither a document, nor a call under way, nor the gateway.
    pub async fn reseal(&self) -> Result<usize> {
        // Whoever sealed with an older key has stored it by then, and whoever comes finds the new one.
        drop(self.sealing.write().await);
        let mut sealed = 0;
        let mut last_position = Position(0);
        let mut query = Query { top: Some(PAGE), order: Order::Key { after: None }, ..Query::default() };
        loop {
            let page = self.list(query.clone()).await?;
            let Some(last) = page.last() else { break };
            query.order = Order::Key { after: Some(last.key.clone()) };
            for document in page {
                let (secrets, position) = self.reseal_document(document).await?;
                sealed += secrets;
                last_position = last_position.max(position);
            }
        }
        tokio::select! {
            biased;
            () = self.parts.publication.published(last_position) => Ok(sealed),
            () = self.parts.clock.sleep(self.parts.settings.publish_wait) => {
                Err(Error::internal("the gateway has not taken over the newly sealed secrets yet; rotate again later"))
            }
        }
    }

    /// How many secrets of a document were sealed anew, and the position of that.
    ///
    /// A document that a caller changes meanwhile is looked at again: the change itself sealed with the current key.
    async fn reseal_document(&self, mut document: Document) -> Result<(usize, Position)> {
        let key = document.key.clone();
        loop {
            let mut body = document.body.clone();
            let sealed = self.reseal_body(&document, &mut body)?;
            if sealed == 0 {
                return Ok((0, Position(0)));
            }
            let mut put = Put { shape: document.shape, ..Put::new(document.id.clone(), document.kind.clone(), body) };
            put.indexes.clone_from(&document.indexes);
            let batch = self.batch().expect(key.clone(), Some(document.etag)).write(put);
            match self.parts.store.commit(batch).await {
                Ok(commit) => return Ok((sealed, commit.position)),
                Err(store::Error::Stale { .. }) => match self.parts.store.get(&key).await.map_err(refusal)? {
                    Some(newer) => document = newer,
                    None => return Ok((0, Position(0))),
                },
                Err(error) => return Err(refusal(error)),
            }
        }
    }

    /// Only where the kind has a secret: elsewhere a caller may have written what merely looks sealed.
    fn reseal_body(&self, document: &Document, body: &mut Value) -> Result<usize> {
        let keyring = self.parts.keyring.load();
        let pointers = match resources::def(&document.kind) {
            Some(def) => secret_pointers(def, body),
            None if document.kind == keys::KIND => vec![keys::POINTER.to_owned()],
            None => return Ok(0),
        };
        let mut sealed = 0;
        for pointer in pointers {
            let Some(Value::String(text)) = body.pointer_mut(&pointer) else { continue };
            if Keyring::key_of(text).is_none_or(|key| key == keyring.current()) {
                continue;
            }
            let place = document.key.as_str();
            let unopened = |error| Error::internal(format!("the secret at {pointer} of {place}: {error}"));
            let secret = keyring.open(place, &pointer, text).map_err(unopened)?;
            let anew = keyring.seal(&*self.parts.entropy, place, &pointer, secret.expose());
            *text = anew.map_err(Error::internal)?;
            sealed += 1;
        }
        Ok(sealed)
    }
}
