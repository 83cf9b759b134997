//! Secrets at rest: sealed with AES-256-GCM under one of several keys, each value naming its own.
//!
//! A sealed value is `sealed:v1:<key id>:<base64url of nonce, ciphertext and tag>`. It belongs to one place: the key of its
//! document and the JSON pointer in it are authenticated with it, so that it cannot be moved to where it would be shown.

use aws_lc_rs::aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use base::{Entropy, Secret};

use crate::{Error, Result, random, text};

const PREFIX: &str = "sealed:v1:";

/// The keys that seal: the newest seals, all of them open.
#[derive(Clone, Debug)]
pub struct Keyring {
    /// Oldest first; never empty.
    keys: Vec<(String, Secret<[u8; 32]>)>,
}

impl Keyring {
    /// A keyring with one new key.
    pub fn generate(entropy: &dyn Entropy) -> Self {
        let mut keyring = Self { keys: Vec::new() };
        keyring.rotate(entropy);
        keyring
    }

    /// Reads what [`to_text`](Self::to_text) wrote.
    pub fn from_text(file: &str) -> Result<Self> {
        let malformed =
            || Error::Malformed("a key file: each line is a name, a space and 32 bytes in Base64 for URLs".into());
        let lines = file.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#'));
        let keys = lines.map(|line| {
            let (id, key) = line.split_once(' ').ok_or_else(malformed)?;
            let key = text::from_base64url(key.trim()).ok().and_then(|key| key.try_into().ok());
            let named = !id.is_empty() && id.bytes().all(|byte| byte.is_ascii_alphanumeric());
            key.filter(|_| named).map(|key| (id.to_owned(), Secret::new(key))).ok_or_else(malformed)
        });
        let keys = keys.collect::<Result<Vec<_>>>()?;
        if keys.is_empty() { Err(malformed()) } else { Ok(Self { keys }) }
    }

    /// The content of the key file. Whoever reads it can open every secret.
    pub fn to_text(&self) -> Secret<String> {
        let mut file = String::from(
            "# These keys open the secrets in the database. Keep a copy apart from it. The last one seals.\n",
        );
        for (id, key) in &self.keys {
            file += &format!("{id} {}\n", text::base64url(key.expose()));
        }
        Secret::new(file)
    }

    /// Adds a new key, which seals from now on.
    pub fn rotate(&mut self, entropy: &dyn Entropy) {
        let id = text::hex(&random::bytes(entropy, 4));
        let mut key = [0; 32];
        entropy.fill(&mut key);
        self.keys.push((id, Secret::new(key)));
    }

    /// Drops all keys but the newest: once nothing is sealed with them any more.
    pub fn retire(&mut self) {
        self.keys.drain(..self.keys.len().saturating_sub(1));
    }

    /// The id of the key that seals.
    pub fn current(&self) -> &str {
        self.keys.last().map_or("", |(id, _)| id)
    }

    /// Seals `secret` for the place `pointer` (a JSON pointer) in the document `document` (its key).
    pub fn seal(&self, entropy: &dyn Entropy, document: &str, pointer: &str, secret: &[u8]) -> Result<String> {
        let id = self.current();
        let mut nonce = [0; NONCE_LEN];
        entropy.fill(&mut nonce);
        let mut sealed = secret.to_vec();
        self.cipher(id)?
            .seal_in_place_append_tag(Nonce::assume_unique_for_key(nonce), place(document, pointer), &mut sealed)
            .map_err(|_| Error::Unsupported("a secret of this length".into()))?;
        Ok(format!("{PREFIX}{id}:{}", text::base64url(&[&nonce[..], &sealed].concat())))
    }

    /// Opens what [`seal`](Self::seal) made for the same place.
    pub fn open(&self, document: &str, pointer: &str, sealed: &str) -> Result<Secret<Vec<u8>>> {
        let (id, body) = parts(sealed).ok_or_else(|| Error::Malformed("a sealed value".into()))?;
        let mut body = text::from_base64url(body)?;
        let (nonce, secret) = body.split_at_mut_checked(NONCE_LEN).ok_or(Error::Decrypt)?;
        let nonce = Nonce::try_assume_unique_for_key(nonce).map_err(|_| Error::Decrypt)?;
        let opened = self.cipher(id)?.open_in_place(nonce, place(document, pointer), secret);
        opened.map(|secret| Secret::new(secret.to_vec())).map_err(|_| Error::Decrypt)
    }

    /// The id of the key that sealed this value; `None` if it is no sealed value.
    pub fn key_of(value: &str) -> Option<&str> {
        parts(value).map(|(id, _)| id)
    }

    fn cipher(&self, id: &str) -> Result<LessSafeKey> {
        let (_, key) = self.keys.iter().find(|(known, _)| known == id).ok_or_else(|| Error::UnknownKey(id.into()))?;
        let key = UnboundKey::new(&AES_256_GCM, key.expose()).map_err(|error| Error::Key(error.to_string()))?;
        Ok(LessSafeKey::new(key))
    }
}

fn parts(value: &str) -> Option<(&str, &str)> {
    value.strip_prefix(PREFIX)?.split_once(':')
}

fn place(document: &str, pointer: &str) -> Aad<Vec<u8>> {
    // Neither part can hold a NUL, so that no two places read the same.
    Aad::from([document.as_bytes(), &[0], pointer.as_bytes()].concat())
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU8, Ordering};

    use proptest::prelude::*;

    use super::*;

    struct Counting(AtomicU8);

    impl Entropy for Counting {
        fn fill(&self, bytes: &mut [u8]) {
            bytes.fill_with(|| self.0.fetch_add(1, Ordering::Relaxed));
        }
    }

    fn entropy() -> Counting {
        Counting(AtomicU8::new(0))
    }

    #[test]
    fn a_sealed_value_opens_in_its_place_only() {
        let (entropy, keyring) = (entropy(), Keyring::generate(&entropy()));
        let sealed = keyring.seal(&entropy, "/doc", "/properties/value", b"hush").unwrap();
        let open = |document, pointer| keyring.open(document, pointer, &sealed).map(Secret::into_exposed);
        assert_eq!(open("/doc", "/properties/value"), Ok(b"hush".to_vec()));
        assert_eq!(open("/doc", "/properties/other"), Err(Error::Decrypt));
        assert_eq!(open("/other", "/properties/value"), Err(Error::Decrypt));
        assert!(!sealed.contains("hush"));
        assert_eq!(Keyring::key_of(&sealed), Some(keyring.current()));
        assert_eq!(Keyring::key_of("plain"), None);
    }

    #[test]
    fn the_same_secret_is_sealed_anew_each_time() {
        let (entropy, keyring) = (entropy(), Keyring::generate(&entropy()));
        let seal = || keyring.seal(&entropy, "/doc", "", b"hush").unwrap();
        assert_ne!(seal(), seal());
    }

    #[test]
    fn old_values_open_after_a_rotation_until_their_key_is_retired() {
        let entropy = entropy();
        let mut keyring = Keyring::generate(&entropy);
        let old = keyring.seal(&entropy, "/doc", "", b"hush").unwrap();
        keyring.rotate(&entropy);
        let mut keyring = Keyring::from_text(keyring.to_text().expose()).unwrap();
        assert_eq!(keyring.open("/doc", "", &old).unwrap().expose(), b"hush");
        let new = keyring.seal(&entropy, "/doc", "", b"hush").unwrap();
        assert_ne!(Keyring::key_of(&old), Keyring::key_of(&new));
        keyring.retire();
        assert_eq!(keyring.open("/doc", "", &new).unwrap().expose(), b"hush");
        assert!(matches!(keyring.open("/doc", "", &old), Err(Error::UnknownKey(_))));
    }

    #[test]
    fn a_broken_key_file_is_refused() {
        for file in ["", "# only a comment", "a", "a b", "a AAAA", "a:b AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"] {
            assert!(Keyring::from_text(file).is_err(), "{file}");
        }
    }

    #[test]
    fn a_keyring_shows_no_key() {
        assert_eq!(format!("{:?}", Keyring::generate(&entropy())), r#"Keyring { keys: [("00010203", ***)] }"#);
    }

    proptest! {
        #[test]
        fn no_value_makes_opening_panic(body in ".*", id in "[0-9a-f]*") {
            let keyring = Keyring::generate(&entropy());
            prop_assert!(keyring.open("/doc", "", &body).is_err());
            let sealed = format!("sealed:v1:00010203:{id}");
            prop_assert!(keyring.open("/doc", "", &sealed).is_err());
        }
    }
}
