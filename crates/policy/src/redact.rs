//! What must not show in a trace or a log: credentials that were sent, keys, cookies, secret named values.

use std::{borrow::Cow, sync::Arc};

use crate::{
    Exchange,
    exchange::{Detail, TraceEntry, url},
};

/// What stands in the place of a secret.
pub const MASK: &str = "***";

/// The shortest text that is hidden by its value: shorter ones would blot out ordinary words.
const SHORTEST: usize = 4;

/// Whether a header or a query parameter of this name carries a secret.
pub fn is_secret_name(name: &str) -> bool {
    const WHOLE: &[&str] = &["code", "cookie", "key", "password", "pwd", "set-cookie", "sig", "signature"];
    const PARTS: &[&str] = &["-key", "_key", "apikey", "authorization", "password", "secret", "token"];
    let holds =
        |part: &&str| name.as_bytes().windows(part.len()).any(|found| found.eq_ignore_ascii_case(part.as_bytes()));
    WHOLE.iter().any(|whole| name.eq_ignore_ascii_case(whole)) || PARTS.iter().any(holds)
}

/// What may show of the value of a header or a query parameter.
pub fn shown<'a>(name: &str, value: &'a str) -> &'a str {
    if is_secret_name(name) { MASK } else { value }
}

/// A URL in which the values of secret query parameters and a password do not show.
pub fn url(text: &str) -> String {
    let (before, query) = text.split_once('?').map_or((text, None), |(before, query)| (before, Some(query)));
    let Some(query) = query else { return before.to_owned() };
    let pairs = query.split('&').map(|pair| match pair.split_once('=') {
        Some((name, _)) if is_secret_name(&url::decode(name)) => Cow::Owned(format!("{name}={MASK}")),
        _ => Cow::Borrowed(pair),
    });
    format!("{before}?{}", pairs.collect::<Vec<_>>().join("&"))
}

/// Texts that are hidden wherever they turn up.
#[derive(Debug, Default)]
pub(crate) struct Hidden(Vec<Arc<str>>);

impl Hidden {
    pub(crate) fn add(&mut self, secret: &str) {
        let secret = secret.trim();
        if secret.len() >= SHORTEST && !self.0.iter().any(|known| &**known == secret) {
            self.0.push(secret.into());
            // A secret may hold another one.
            self.0.sort_by_key(|secret| std::cmp::Reverse(secret.len()));
        }
    }

    /// The secrets that an exchange came with, and those of who calls.
    pub(crate) fn learn(&mut self, exchange: &Exchange) {
        let api = exchange.entities.api.as_ref();
        let is_key = |name: &str| {
            let keys = api.map(|api| (&*api.key_header, &*api.key_query));
            let of_api = keys.is_some_and(|(a, b)| a.eq_ignore_ascii_case(name) || b.eq_ignore_ascii_case(name));
            of_api || is_secret_name(name)
        };
        for (name, value) in exchange.request.headers.iter().filter(|(name, _)| is_key(name.as_str())) {
            let value = value.text();
            self.add(&value);
            // `Bearer x`: the token alone is as secret.
            if name.as_str().to_ascii_lowercase().contains("authorization") {
                value.split(' ').skip(1).for_each(|part| self.add(part));
            }
            if name.as_str().eq_ignore_ascii_case("cookie") {
                value.split(';').filter_map(|pair| pair.split_once('=')).for_each(|(_, value)| self.add(value));
            }
        }
        for pair in exchange.original_url.query.as_deref().unwrap_or_default().split('&') {
            if let Some((name, value)) = pair.split_once('=').filter(|(name, _)| is_key(&url::decode(name))) {
                let _ = name;
                self.add(value);
                self.add(&url::decode(value));
            }
        }
        if let Some(subscription) = &exchange.entities.subscription {
            self.add(subscription.primary_key.expose());
            self.add(subscription.secondary_key.expose());
        }
    }

    pub(crate) fn mask(&self, entry: &mut TraceEntry) {
        if !self.0.is_empty() {
            self.text(&mut entry.message);
            entry.details.iter_mut().for_each(|(_, detail)| self.detail(detail));
        }
    }

    fn detail(&self, detail: &mut Detail) {
        match detail {
            Detail::Text(text) => self.text(text),
            Detail::Number(_) | Detail::Flag(_) => {}
            Detail::Fields(fields) => fields.iter_mut().for_each(|(_, detail)| self.detail(detail)),
            Detail::Headers(headers) => headers.iter_mut().for_each(|(_, value)| self.text(value)),
        }
    }

    fn text(&self, text: &mut String) {
        for secret in &self.0 {
            if text.contains(&**secret) {
                *text = text.replace(&**secret, MASK);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_secrets_are_known() {
        for name in ["Authorization", "Ocp-Apim-Subscription-Key", "api_key", "Set-Cookie", "access_token", "sig"] {
            assert!(is_secret_name(name), "{name}");
        }
        for name in ["Accept", "Content-Type", "keyboard", "x-codec", "signal"] {
            assert!(!is_secret_name(name), "{name}");
        }
    }

    #[test]
    fn secret_query_parameters_do_not_show_in_a_url() {
        assert_eq!(url("http://a/b?x=1&subscription-key=k1&y"), "http://a/b?x=1&subscription-key=***&y");
        assert_eq!(url("http://a/b"), "http://a/b");
    }
}
