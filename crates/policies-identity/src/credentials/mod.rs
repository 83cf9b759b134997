//! Tokens that were fetched with client credentials, kept for the whole process until shortly before they end.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use policy::{
    Body, HeaderName, HeaderValue, Headers, Method,
    base::Secret,
    entity::ClientCredentials,
    exchange::{HostParts, url::encode},
};
use serde_json::{Map, Value};
use tokio::sync::Mutex as Turn;

use crate::remote::{self, Answer};

/// How long before its end a token is replaced.
const EARLY: Duration = Duration::from_mins(3);
/// How long a token lasts whose issuer does not say.
const USUAL: u64 = 3600;
/// After a failure nobody asks again for this long.
const PATIENCE: Duration = Duration::from_secs(5);

/// The tokens of all authorizations, by their keys in the store.
#[derive(Default)]
pub(crate) struct Tokens(Mutex<HashMap<Box<str>, Arc<Entry>>>);

/// The token of one authorization.
#[derive(Default)]
pub(crate) struct Entry {
    held: Mutex<Option<Held>>,
    /// Whose turn it is to fetch.
    turn: Turn<()>,
}

struct Held {
    /// What the token was fetched with: after a change of that it is worth nothing.
    credentials: ClientCredentials,
    token: Result<Arc<Token>, String>,
    /// When it is to be replaced.
    renew: Duration,
    /// When it ends.
    end: Duration,
}

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

impl Tokens {
    /// The token of the authorization with this key.
    pub(crate) fn of(&self, key: &str) -> Arc<Entry> {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        match all.get(key) {
            Some(entry) => Arc::clone(entry),
            None => Arc::clone(all.entry(key.into()).or_default()),
        }
    }
}

impl Entry {
    /// The token, fetched where it must be.
    pub(crate) async fn token(&self, grant: Grant<'_>) -> Result<Arc<Token>, String> {
        if let Some(known) = self.fresh(grant) {
            return known;
        }
        let _turn = self.turn.lock().await;
        // Whoever had the turn before may have fetched it.
        if let Some(known) = self.fresh(grant) {
            return known;
        }
        let fetched = grant.fetch().await;
        let now = grant.host.clock.monotonic();
        let mut held = self.held.lock().unwrap_or_else(PoisonError::into_inner);
        let credentials = grant.credentials.clone();
        let old = held.take().filter(|held| held.credentials == credentials && now < held.end);
        *held = Some(match (fetched, old) {
            (Ok((token, lasts)), _) => {
                let renew = now + lasts.saturating_sub(EARLY).max(lasts / 2);
                Held { credentials, token: Ok(Arc::new(token)), renew, end: now + lasts }
            }
            // What still holds is better than nothing.
            (Err(_), Some(old)) if old.token.is_ok() => Held { renew: (now + PATIENCE).min(old.end), ..old },
            (Err(why), _) => Held { credentials, token: Err(why), renew: now + PATIENCE, end: now + PATIENCE },
        });
        held.as_ref().map_or_else(|| Err("there is none".into()), |held| held.token.clone())
    }

    fn fresh(&self, grant: Grant<'_>) -> Option<Result<Arc<Token>, String>> {
        let held = self.held.lock().unwrap_or_else(PoisonError::into_inner);
        let held = held.as_ref().filter(|held| held.credentials == *grant.credentials)?;
        (grant.host.clock.monotonic() < held.renew).then(|| held.token.clone())
    }
}

impl Grant<'_> {
    /// A new token, and how long it lasts.
    async fn fetch(self) -> Result<(Token, Duration), String> {
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
        let lasts = Duration::from_secs(lasts.unwrap_or(USUAL).min(31_536_000));
        Ok((Token { token: Secret::new(token), claims }, lasts))
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
