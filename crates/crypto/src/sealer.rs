//! Whole contents at rest: AES-256-GCM under a key that is derived from a secret which lies elsewhere.

use std::fmt;

use aws_lc_rs::{
    aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey},
    hkdf,
};
use base::{Entropy, Secret};

use crate::{Error, Result};

/// Seals and opens contents under one key.
pub struct Sealer(LessSafeKey);

impl fmt::Debug for Sealer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Sealer(***)")
    }
}

impl Sealer {
    /// The key that follows from `secret` and `salt` for one purpose. The secret must be hard to guess: deriving takes no time.
    pub fn derive(secret: &[u8], salt: &[u8], purpose: &str) -> Result<Self> {
        let failed = |_| Error::Key("the key cannot be derived".into());
        let extracted = hkdf::Salt::new(hkdf::HKDF_SHA256, salt).extract(secret);
        let mut key = [0; 32];
        extracted
            .expand(&[purpose.as_bytes()], hkdf::HKDF_SHA256)
            .and_then(|expanded| expanded.fill(&mut key))
            .map_err(failed)?;
        let key = UnboundKey::new(&AES_256_GCM, &key).map_err(|error| Error::Key(error.to_string()))?;
        Ok(Self(LessSafeKey::new(key)))
    }

    /// Seals a content for one place. Nonces are random: one key may seal some billions of contents.
    pub fn seal(&self, entropy: &dyn Entropy, place: &[u8], content: &[u8]) -> Result<Vec<u8>> {
        let mut nonce = [0; NONCE_LEN];
        entropy.fill(&mut nonce);
        let mut sealed = content.to_vec();
        self.0
            .seal_in_place_append_tag(Nonce::assume_unique_for_key(nonce), Aad::from(place), &mut sealed)
            .map_err(|_| Error::Unsupported("a content of this length".into()))?;
        sealed.splice(0..0, nonce);
        Ok(sealed)
    }

    /// Opens what [`seal`](Self::seal) made for the same place under the same key.
    pub fn open(&self, place: &[u8], sealed: &[u8]) -> Result<Secret<Vec<u8>>> {
        let (nonce, body) = sealed.split_at_checked(NONCE_LEN).ok_or(Error::Decrypt)?;
        let nonce = Nonce::try_assume_unique_for_key(nonce).map_err(|_| Error::Decrypt)?;
        let mut body = body.to_vec();
        let length = self.0.open_in_place(nonce, Aad::from(place), &mut body).map_err(|_| Error::Decrypt)?.len();
        body.truncate(length);
        Ok(Secret::new(body))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    struct Fives;

    impl Entropy for Fives {
        fn fill(&self, bytes: &mut [u8]) {
            bytes.fill(5);
        }
    }

    #[test]
    fn a_content_opens_in_its_place_with_its_key_only() {
        let sealer = Sealer::derive(b"secret", b"salt", "test").unwrap();
        let sealed = sealer.seal(&Fives, b"1", b"hush").unwrap();
        assert_eq!(sealer.open(b"1", &sealed).unwrap().expose(), b"hush");
        assert!(!sealed.windows(4).any(|window| window == b"hush"));
        assert!(sealer.open(b"2", &sealed).is_err());
        for (secret, salt, purpose) in [("other", "salt", "test"), ("secret", "other", "test"), ("secret", "salt", "x")]
        {
            let other = Sealer::derive(secret.as_bytes(), salt.as_bytes(), purpose).unwrap();
            assert!(other.open(b"1", &sealed).is_err());
        }
    }

    proptest! {
        #[test]
        fn no_bytes_open_by_chance_or_make_it_panic(bytes in proptest::collection::vec(any::<u8>(), 0..64)) {
            prop_assert!(Sealer::derive(b"secret", b"salt", "test").unwrap().open(b"", &bytes).is_err());
        }
    }
}
