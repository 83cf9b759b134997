//! The token that a self-hosted gateway shows: `<gateway>&<yyyyMMddHHmm>&<signature>`.
//!
//! The signature is the HMAC-SHA512 of the gateway's name, a line feed and the expiry, under one of the gateway's two keys, in Base64.
//! Whoever has a key can make tokens; whoever has a token knows no key.

use std::fmt;

use base::{Secret, Timestamp};
use crypto::{Hash, hmac, text};

/// The scheme in front of a token: `Authorization: GatewayKey …`, and `config.service.auth`.
const SCHEME: &str = "GatewayKey";

/// A token, taken apart. Only [`Token::is_good`] says whether it is worth anything.
#[derive(Clone)]
pub struct Token {
    gateway: String,
    minute: String,
    expiry: Timestamp,
    signature: Vec<u8>,
}

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Token({}&{}&***)", self.gateway, self.minute)
    }
}

impl Token {
    /// A new token of `gateway`, good until the minute of `expiry`, signed with `key`.
    pub fn issue(gateway: &str, expiry: Timestamp, key: &str) -> Secret<String> {
        let minute: String = arm::rfc3339(expiry).chars().filter(char::is_ascii_digit).take(12).collect();
        let signature = text::base64(&sign(gateway, &minute, key));
        Secret::new(format!("{gateway}&{minute}&{signature}"))
    }

    /// Reads a token, with or without its scheme. `None` if it is none.
    pub fn parse(token: &str) -> Option<Self> {
        let token = token.trim();
        let bare = token.split_once(' ').filter(|(scheme, _)| scheme.eq_ignore_ascii_case(SCHEME));
        let token = bare.map_or(token, |(_, rest)| rest.trim());
        // Base64 has no `&`, and neither has the name of a gateway.
        let (rest, signature) = token.rsplit_once('&')?;
        let (gateway, minute) = rest.rsplit_once('&')?;
        let expiry = instant(minute)?;
        let signature = text::from_base64(signature).ok()?;
        (!gateway.is_empty()).then(|| Self {
            gateway: gateway.to_owned(),
            minute: minute.to_owned(),
            expiry,
            signature,
        })
    }

    /// The name of the gateway that it is for.
    pub fn gateway(&self) -> &str {
        &self.gateway
    }

    /// When it ends.
    pub fn expiry(&self) -> Timestamp {
        self.expiry
    }

    /// Whether one of `keys` signed it and it has not ended.
    pub fn is_good(&self, keys: &[&str], now: Timestamp) -> bool {
        self.is_signed(keys) && self.expiry > now
    }

    /// Whether one of `keys` signed it. The time this takes does not depend on the signature.
    pub fn is_signed(&self, keys: &[&str]) -> bool {
        let signed = |key: &&str| {
            let expected = sign(&self.gateway, &self.minute, key);
            !key.is_empty() && crypto::equal(&expected, &self.signature)
        };
        // Every key is tried, so that the time does not tell which one it was.
        keys.iter().filter(|key| signed(key)).count() > 0
    }
}

fn sign(gateway: &str, minute: &str, key: &str) -> Vec<u8> {
    hmac::sign(Hash::Sha512, key.as_bytes(), format!("{gateway}\n{minute}").as_bytes())
}

/// Reads `yyyyMMddHHmm`.
fn instant(minute: &str) -> Option<Timestamp> {
    if minute.len() != 12 || !minute.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let part = |from: usize, to: usize| minute.get(from..to).unwrap_or_default();
    arm::parse_time(&format!("{}-{}-{}T{}:{}:00Z", part(0, 4), part(4, 6), part(6, 8), part(8, 10), part(10, 12)))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const KEY: &str = "a key that signs the tokens of this gateway";

    /// 2026-11-30T21:05:59Z
    fn expiry() -> Timestamp {
        arm::parse_time("2026-11-30T21:05:59Z").unwrap()
    }

    fn issued() -> String {
        Token::issue("edge", expiry(), KEY).into_exposed()
    }

    fn is_good(token: &str, keys: &[&str], now: &str) -> bool {
        Token::parse(token).unwrap().is_good(keys, arm::parse_time(now).unwrap())
    }

    #[test]
    fn a_token_names_its_gateway_and_its_last_minute() {
        assert!(issued().starts_with("edge&202611302105&"), "{}", issued());
        let token = Token::parse(&format!("GatewayKey {}", issued())).unwrap();
        assert_eq!(token.gateway(), "edge");
        assert_eq!(arm::rfc3339(token.expiry()).get(..16), Some("2026-11-30T21:05"));
        assert_eq!(format!("{token:?}"), "Token(edge&202611302105&***)");
    }

    #[test]
    fn either_key_makes_it_good_until_it_ends() {
        let now = "2026-11-30T21:04:59Z";
        assert!(is_good(&issued(), &[KEY, "other"], now) && is_good(&issued(), &["other", KEY], now));
        assert!(!is_good(&issued(), &["other", ""], now), "a regenerated key refuses what the old one signed");
        assert!(!is_good(&issued(), &[KEY], "2026-11-30T21:05:00Z"));
    }

    #[test]
    fn what_was_changed_is_not_good() {
        let now = "2026-11-01T00:00:00Z";
        for (from, to) in [("edge", "edgy"), ("2105", "2359")] {
            assert!(!is_good(&issued().replace(from, to), &[KEY], now));
        }
        assert!(!is_good(&Token::issue("edge", expiry(), "").into_exposed(), &[""], now), "an empty key signs nothing");
    }

    #[test]
    fn what_is_no_token_is_not_read() {
        for text in [
            "",
            "GatewayKey",
            "a&b",
            "a&202611302105&?",
            "a&20261130210&AA==",
            "a&209913452105&AA==",
            "&202611302105&AA==",
        ] {
            assert!(Token::parse(text).is_none(), "{text}");
        }
    }

    proptest! {
        #[test]
        fn no_text_makes_reading_panic(text in "\\PC*(&\\PC*){0,3}") {
            let _ = Token::parse(&text);
        }

        #[test]
        fn what_is_issued_is_read_and_good(gateway in "[^&\\s][^&]{0,20}[^&\\s]", seconds in 0i64..4_000_000_000) {
            let token = Token::issue(&gateway, Timestamp::from_secs(seconds + 60), KEY);
            let read = Token::parse(token.expose());
            prop_assume!(!gateway.to_lowercase().starts_with("gatewaykey "));
            let read = read.unwrap();
            prop_assert_eq!(read.gateway(), gateway.as_str());
            prop_assert!(read.is_good(&["x", KEY], Timestamp::from_secs(seconds - 1)));
        }
    }
}
