//! Principals: programs that sign in with an id and a secret. Secrets are kept as hashes only.

use arm::{Error, ResourceId, Result};
use serde_json::{Value, json};
use store::{Document, Put};

use crate::{
    Control,
    commit::{SHAPE, refusal},
};

use super::roles;

const KIND: &str = "principals";

/// A principal that was just made. Its secret is not stored and cannot be shown again.
#[derive(Clone, Debug)]
pub struct NewPrincipal {
    /// What it signs in with: `--username` of `az login --service-principal`.
    pub app: String,
    /// What role assignments name.
    pub object: String,
    /// The secret.
    pub secret: base::Secret<String>,
}

impl Control {
    /// Makes a principal with a role on a scope (a subscription's or any resource's id).
    pub async fn create_principal(&self, name: &str, role: &str, scope: &ResourceId) -> Result<NewPrincipal> {
        let uuid = || crypto::random::uuid(&*self.parts.entropy);
        let secret = crypto::random::secret(&*self.parts.entropy);
        let new = NewPrincipal { app: uuid(), object: uuid(), secret: base::Secret::new(secret) };
        let hash = self.hashed(new.secret.expose()).await?;
        let body = json!({ "app": new.app, "object": new.object, "name": name, "secrets": [hash] });
        let principal = Put { shape: SHAPE, ..Put::new(format!("/{KIND}/{}", new.app), KIND, body) };
        let assignment = roles::assignment(scope, &uuid(), &new.object, role);
        let batch = self.batch().write(principal).write(assignment);
        self.parts.store.commit(batch).await.map_err(refusal)?;
        Ok(new)
    }

    /// Gives a principal another secret; the old ones end at once. `None` if there is no such principal.
    pub async fn reset_secret(&self, app: &str) -> Result<Option<base::Secret<String>>> {
        let Some(document) = self.principal(app).await? else { return Ok(None) };
        let secret = crypto::random::secret(&*self.parts.entropy);
        let hash = self.hashed(&secret).await?;
        let mut body = document.body;
        body["secrets"] = json!([hash]);
        let put = Put { shape: SHAPE, ..Put::new(document.id, KIND, body) };
        self.parts.store.commit(self.batch().write(put)).await.map_err(refusal)?;
        Ok(Some(base::Secret::new(secret)))
    }

    /// The principal with this id and secret: its object id. It takes the same time whether or not there is one.
    pub(crate) async fn verified(&self, app: &str, secret: &str) -> Result<Option<String>> {
        /// The hash of nothing that anybody knows, so that an unknown id costs as much as a wrong secret.
        const DECOY: &str =
            "$argon2id$v=19$m=7168,t=5,p=1$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";
        let document = self.principal(app).await?;
        let hashes: Vec<String> = match &document {
            Some(document) => {
                let secrets = document.body["secrets"].as_array().into_iter().flatten();
                secrets.filter_map(Value::as_str).map(str::to_owned).collect()
            }
            None => vec![DECOY.to_owned()],
        };
        let secret = secret.to_owned();
        let _permit = self.hashing.acquire().await.map_err(Error::internal)?;
        let matches = move || hashes.iter().any(|hash| crypto::secret_hash::verify(&secret, hash));
        let matches = tokio::task::spawn_blocking(matches).await.map_err(Error::internal)?;
        let object = document.and_then(|document| document.body["object"].as_str().map(str::to_owned));
        Ok(object.filter(|_| matches))
    }

    /// The hash of a secret. Hashing is slow on purpose, so it leaves the caller's thread.
    pub(crate) async fn hashed(&self, secret: &str) -> Result<String> {
        let _permit = self.hashing.acquire().await.map_err(Error::internal)?;
        let (entropy, secret) = (self.parts.entropy.clone(), secret.to_owned());
        let hash = tokio::task::spawn_blocking(move || crypto::secret_hash::hash(&*entropy, &secret)).await;
        hash.map_err(Error::internal)?.map_err(Error::internal)
    }

    async fn principal(&self, app: &str) -> Result<Option<Document>> {
        if app.contains('/') {
            return Ok(None);
        }
        self.parts.store.get(&store::Key::new(&format!("/{KIND}/{app}"))).await.map_err(refusal)
    }
}
