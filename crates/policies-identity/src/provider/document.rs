//! What a provider publishes: its configuration and its key set.

use std::sync::Arc;

use crypto::{
    jws::{Algorithm, VerifyingKey},
    text,
};
use policy::{Url, exchange::HostParts};
use serde_json::Value;

use crate::remote;

/// Keys beyond this are not looked at: a token without a key id is tried on all.
const MOST_KEYS: usize = 100;

/// The keys of a provider, parsed.
pub(crate) struct KeySet {
    /// Who signs with them. In a configuration for many tenants it holds `{tenantid}`.
    pub(crate) issuer: Arc<str>,
    pub(crate) keys: Box<[Key]>,
}

/// A key that verifies.
pub(crate) struct Key {
    pub(crate) id: Option<Box<str>>,
    /// The only algorithm that it is meant for, if it says so.
    pub(crate) algorithm: Option<Algorithm>,
    pub(crate) key: VerifyingKey,
}

/// Fetches both documents.
pub(crate) async fn fetch(host: &HostParts, url: &Url) -> Result<KeySet, String> {
    let configuration = json(host, url.clone()).await?;
    let place = url.authority();
    let issuer = configuration["issuer"].as_str().filter(|issuer| !issuer.is_empty());
    let issuer = issuer.ok_or_else(|| format!("the configuration at {place} names no issuer"))?;
    let keys = configuration["jwks_uri"].as_str().and_then(Url::parse);
    let keys = keys.ok_or_else(|| format!("the configuration at {place} has no `jwks_uri`"))?;
    if url.scheme.is_tls() && !keys.scheme.is_tls() {
        return Err(format!("the configuration at {place} names keys that travel unprotected"));
    }
    let set = json(host, keys).await?;
    let keys = set["keys"].as_array().into_iter().flatten().filter_map(Key::from_jwk).take(MOST_KEYS);
    let keys: Box<[Key]> = keys.collect();
    if keys.is_empty() {
        return Err(format!("{place} publishes no key that can be used"));
    }
    Ok(KeySet { issuer: issuer.into(), keys })
}

async fn json(host: &HostParts, url: Url) -> Result<Value, String> {
    let place = url.authority();
    let body = remote::read(host, url).await?;
    serde_json::from_slice(&body).map_err(|_| format!("{place} sends something that is not JSON"))
}

impl Key {
    /// A published key. None for those that encrypt, are of another kind, or are secrets, which a published key cannot be.
    fn from_jwk(jwk: &Value) -> Option<Self> {
        let named = jwk["alg"].as_str();
        let algorithm = named.and_then(Algorithm::from_name);
        let lists = |list: &Value, word: &str| list.as_array().is_none_or(|list| list.iter().any(|item| item == word));
        if jwk["kty"] == "oct"
            || jwk["use"].as_str().is_some_and(|for_what| for_what != "sig")
            || !lists(&jwk["key_ops"], "verify")
            || (named.is_some() && algorithm.is_none())
        {
            return None;
        }
        let certificate = || {
            let der = text::from_base64(jwk["x5c"][0].as_str()?).ok()?;
            VerifyingKey::from_certificate(&der).ok()
        };
        let key = VerifyingKey::from_jwk(jwk).ok().or_else(certificate)?;
        Some(Self { id: jwk["kid"].as_str().map(Into::into), algorithm, key })
    }
}
