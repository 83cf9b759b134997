//! The layout version of documents: old ones are rewritten at start, newer ones refused.

use base::Timestamp;
use serde_json::Value;

use crate::{Batch, Error, IndexEntry, Order, Put, Query, Result, Store};

/// Rewrites a document from one layout version to the next.
pub struct Step {
    /// The version that this step reads; it leaves the next one.
    pub from: u32,
    /// Changes the content and index entries of a document of the given kind.
    pub apply: fn(kind: &str, body: &mut Value, indexes: &mut Vec<IndexEntry>),
}

/// Brings every document to the layout version `current`, and says how many it rewrote.
/// A document of a newer version is an error, and so is one that no step leads from.
pub async fn upgrade(store: &dyn Store, current: u32, steps: &[Step], at: Timestamp) -> Result<usize> {
    const PAGE: usize = 500;
    let mut rewritten = 0;
    let mut query = Query { shape_other_than: Some(current), top: Some(PAGE), ..Query::default() };
    loop {
        let page = store.list(&query).await?;
        let Some(last) = page.last() else { return Ok(rewritten) };
        query.order = Order::Key { after: Some(last.key.clone()) };
        let mut batch = Batch::new(at);
        for mut document in page {
            if document.shape > current {
                return Err(Error::Newer { what: "document shape", found: document.shape, known: current });
            }
            batch = batch.expect(document.key.clone(), Some(document.etag));
            while document.shape < current {
                let step = steps.iter().find(|step| step.from == document.shape).ok_or_else(|| Error::Failed {
                    message: format!("no step leads on from shape {} of `{}`", document.shape, document.key),
                    source: None,
                })?;
                (step.apply)(&document.kind, &mut document.body, &mut document.indexes);
                document.shape += 1;
            }
            let put = Put {
                shape: document.shape,
                indexes: document.indexes,
                ..Put::new(document.id, document.kind, document.body)
            };
            batch = batch.write(put);
        }
        rewritten += batch.writes.len();
        store.commit(batch).await?;
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::{Key, Memory};

    const STEPS: &[Step] = &[Step { from: 1, apply: |_, body, _| body["path"] = body["properties"]["path"].take() }];

    #[tokio::test]
    async fn old_documents_are_rewritten_once() {
        let store = Memory::new();
        let put = Put::new("/a", "service/apis", json!({ "properties": { "path": "x" } }));
        store.commit(Batch::default().write(put)).await.unwrap();
        assert_eq!(upgrade(&store, 2, STEPS, Timestamp(5)).await.unwrap(), 1);
        assert_eq!(upgrade(&store, 2, STEPS, Timestamp(6)).await.unwrap(), 0);
        let document = store.get(&Key::new("/a")).await.unwrap().unwrap();
        assert_eq!((document.shape, document.body["path"].as_str()), (2, Some("x")));
    }

    #[tokio::test]
    async fn newer_documents_are_refused() {
        let store = Memory::new();
        store.commit(Batch::default().write(Put { shape: 3, ..Put::new("/a", "k", json!({})) })).await.unwrap();
        let error = upgrade(&store, 2, STEPS, Timestamp(5)).await.unwrap_err();
        assert!(matches!(error, Error::Newer { found: 3, known: 2, .. }), "{error}");
    }
}
