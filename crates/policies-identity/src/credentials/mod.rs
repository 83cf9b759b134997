//! Tokens that are fetched with client credentials.

use std::{sync::Arc, time::Duration};

use policy::{
    Body, HeaderName, HeaderValue, Headers, Method,
    base::Secret,
    entity::ClientCredentials,
    exchange::{HostParts, url::encode},
};
use serde_json::{Map, Value};

use crate::remote::{self, Answer, Kept, Lease};

/// How long a token lasts whose issuer does not say.
const USUAL: u64 = 3600;
/// The tokens of all authorizations, by their keys in the store.
pub(crate) type Tokens = Kept<ClientCredentials, Arc<Token>>;

/// A token and what came with it.
pub(crate) struct Token {
    pub(crate) token: Secret<String>,
    /// The other fields of the answer.
    pub(crate) claims: Map<String, Value>,
}

/// How a token is fetched.
#[derive(Clone, Copy)]
pub(crate) struct Grant<'g> {
    pub(crate) credentials: &'g ClientCredentials,
    pub(crate) host: &'g HostParts,
}

impl Grant<'_> {
    /// A new token, and how long it lasts.
    pub(crate) async fn fetch(self) -> Result<Lease<Arc<Token>>, String> {
        let place = self.credentials.token_url.authority();
        let mut answer = self.ask(false).await?;
        if matches!(answer.status.code(), 400 | 401) {
            // Some issuers want the secret in a header and nowhere else.
            answer = self.ask(true).await?;
        }
        let body: Option<Map<String, Value>> = serde_json::from_slice(&answer.body).ok();
        let mut claims = body.unwrap_or_default();
        let text =
            |claims: &Map<String, Value>, name: &str| claims.get(name).and_then(Value::as_str).map(str::to_owned);
        if !(200..300).contains(&answer.status.code()) {
            let error = text(&claims, "error").unwrap_or_default();
            return Err(format!("{place} answered {} {error}", answer.status.code()).trim_end().to_owned());
        }
        let token = text(&claims, "access_token").ok_or_else(|| format!("{place} answered without a token"))?;
        for secret in ["access_token", "refresh_token", "id_token"] {
            claims.shift_remove(secret);
        }
        let lasts = match claims.get("expires_in") {
            Some(Value::Number(seconds)) => seconds.as_f64().map(|seconds| seconds as u64),
            // Microsoft's first version wrote it as a text.
            Some(Value::String(seconds)) => seconds.parse().ok(),
            _ => None,
        };
        // Nobody means more than a year.
        let life = Duration::from_secs(lasts.unwrap_or(USUAL).min(31_536_000));
        Ok(Lease { value: Arc::new(Token { token: Secret::new(token), claims }), life })
    }

    /// Sends the form; the credentials stand in it, or in a header.
    async fn ask(self, in_header: bool) -> Result<Answer, String> {
        let ClientCredentials { token_url, client_id, client_secret, fields } = self.credentials;
        let mut form = String::from("grant_type=client_credentials");
        let mut add = |name: &str, value: &str| {
            form.push('&');
            form.push_str(&encode(name));
            form.push('=');
            form.push_str(&encode(value));
        };
        let mut headers = Headers::new();
        if in_header {
            // RFC 6749 §2.3.1: both are encoded before they are joined.
            let pair = format!("{}:{}", encode(client_id), encode(client_secret.expose()));
            let value = HeaderValue::parse(&format!("Basic {}", crypto::text::base64(pair.as_bytes())));
            headers.push(HeaderName::from_static("Authorization"), value.unwrap_or_default());
        } else {
            add("client_id", client_id);
            add("client_secret", client_secret.expose());
        }
        for (name, value) in fields {
            add(name, value);
        }
        let form_type = HeaderValue::from_static("application/x-www-form-urlencoded");
        headers.push(HeaderName::from_static("Content-Type"), form_type);
        remote::send(self.host, Method::POST, token_url.clone(), headers, Body::full(form)).await
    }
}
