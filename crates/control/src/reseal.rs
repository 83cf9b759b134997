//! Sealing every secret anew after the keys were rotated, while calls go on.

use arm::{Error, Result};
use crypto::Keyring;
use serde_json::Value;
use store::{Document, Order, Put, Query};

use crate::{Control, commit::refusal};

/// Documents that are read at a time.
const PAGE: usize = 200;

impl Control {
    /// Seals with the current key whatever an older one sealed; how many secrets that were.
    ///
    /// A document that a caller changes meanwhile is looked at again: the change itself sealed with the current key.
    pub async fn reseal(&self) -> Result<usize> {
        let mut sealed = 0;
        let mut query = Query { top: Some(PAGE), order: Order::Key { after: None }, ..Query::default() };
        loop {
            let page = self.parts.store.list(&query).await.map_err(refusal)?;
            let Some(last) = page.last() else { return Ok(sealed) };
            query.order = Order::Key { after: Some(last.key.clone()) };
            for document in page {
                sealed += self.reseal_document(document).await?;
            }
        }
    }

    async fn reseal_document(&self, mut document: Document) -> Result<usize> {
        let key = document.key.clone();
        loop {
            let mut body = document.body.clone();
            let sealed = reseal_value(self, key.as_str(), &mut String::new(), &mut body)?;
            if sealed == 0 {
                return Ok(0);
            }
            let mut put = Put { shape: document.shape, ..Put::new(document.id.clone(), document.kind.clone(), body) };
            put.indexes.clone_from(&document.indexes);
            let batch = self.batch().expect(key.clone(), Some(document.etag)).write(put);
            match self.parts.store.commit(batch).await {
                Ok(_) => return Ok(sealed),
                Err(store::Error::Stale { .. }) => match self.parts.store.get(&key).await.map_err(refusal)? {
                    Some(newer) => document = newer,
                    None => return Ok(0),
                },
                Err(error) => return Err(refusal(error)),
            }
        }
    }
}

/// Walks a body with the JSON pointer of each place, which is part of what a seal binds.
fn reseal_value(control: &Control, document: &str, pointer: &mut String, value: &mut Value) -> Result<usize> {
    let keyring = control.parts.keyring.load();
    let children: Vec<(String, &mut Value)> = match value {
        Value::String(text) => {
            if Keyring::key_of(text).is_none_or(|key| key == keyring.current()) {
                return Ok(0);
            }
            let secret = keyring.open(document, pointer, text).map_err(Error::internal)?;
            let anew = keyring.seal(&*control.parts.entropy, document, pointer, secret.expose());
            *text = anew.map_err(Error::internal)?;
            return Ok(1);
        }
        Value::Object(fields) => {
            fields.iter_mut().map(|(name, value)| (name.replace('~', "~0").replace('/', "~1"), value)).collect()
        }
        Value::Array(items) => items.iter_mut().enumerate().map(|(index, item)| (index.to_string(), item)).collect(),
        _ => return Ok(0),
    };
    let mut sealed = 0;
    for (name, child) in children {
        let length = pointer.len();
        pointer.push('/');
        pointer.push_str(&name);
        sealed += reseal_value(control, document, pointer, child)?;
        pointer.truncate(length);
    }
    Ok(sealed)
}
