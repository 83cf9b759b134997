//! Encrypted tokens (JWE compact form): `dir`, `RSA-OAEP` and `RSA-OAEP-256` with AES in CBC and GCM.
//!
//! `RSA1_5` is left out because its padding can be used as an oracle, and `zip` because a small token may be a large text.

use aws_lc_rs::{
    aead::{AES_128_GCM, AES_192_GCM, AES_256_GCM, Aad, LessSafeKey, Nonce, UnboundKey},
    rsa::{OAEP_SHA1_MGF1SHA1, OAEP_SHA256_MGF1SHA256, OaepAlgorithm, OaepPrivateDecryptingKey, PrivateDecryptingKey},
};
use base::Secret;
use serde_json::Value;

use crate::{Error, Hash, Result, cipher, equal, hmac, rsa, text, unique_json};

/// A token taken apart. Nothing is decrypted yet.
#[derive(Clone, Debug, PartialEq)]
pub struct Encrypted<'a> {
    /// The header.
    pub header: Value,
    /// The header as it was sent: authenticated data.
    protected: &'a str,
    key: Vec<u8>,
    iv: Vec<u8>,
    text: Vec<u8>,
    tag: Vec<u8>,
}

/// What opens encrypted tokens.
#[derive(Debug)]
pub enum DecryptionKey {
    /// The key of the content itself, for `dir`.
    Shared(Secret<Vec<u8>>),
    /// A private key, for `RSA-OAEP` and `RSA-OAEP-256`.
    Rsa(Box<OaepPrivateDecryptingKey>),
}

impl DecryptionKey {
    /// A private RSA key in DER.
    pub fn from_private_key(der: &[u8]) -> Result<Self> {
        // It may be PKCS #1.
        let key = rsa::PrivateKey::from_der(der)?;
        let key = PrivateDecryptingKey::from_pkcs8(key.to_pkcs8()).map_err(|error| Error::Key(error.to_string()))?;
        let key = OaepPrivateDecryptingKey::new(key).map_err(|_| Error::Key("no RSA key for decrypting".into()))?;
        Ok(Self::Rsa(Box::new(key)))
    }

    /// The key of the content. None where this key is of another kind, or does not open it.
    fn content_key(&self, algorithm: &str, encrypted: &[u8]) -> Option<Vec<u8>> {
        let oaep: &'static OaepAlgorithm = match (self, algorithm) {
            (Self::Shared(key), "dir") if encrypted.is_empty() => return Some(key.expose().clone()),
            (Self::Rsa(_), "RSA-OAEP") => &OAEP_SHA1_MGF1SHA1,
            (Self::Rsa(_), "RSA-OAEP-256") => &OAEP_SHA256_MGF1SHA256,
            _ => return None,
        };
        let Self::Rsa(key) = self else { return None };
        let mut out = vec![0; key.min_output_size()];
        key.decrypt(oaep, encrypted, &mut out, None).ok().map(|plain| plain.to_vec())
    }
}

impl<'a> Encrypted<'a> {
    /// Whether a token has the five parts of this form.
    pub fn is(token: &str) -> bool {
        token.split('.').count() == 5
    }

    /// Takes a token in compact form apart.
    pub fn parse(token: &'a str) -> Result<Self> {
        let malformed = || Error::Malformed("an encrypted token".into());
        let parts: Vec<&str> = token.split('.').collect();
        let [protected, key, iv, text, tag] = parts.as_slice() else { return Err(malformed()) };
        Ok(Self {
            header: unique_json::object(&text::from_base64url(protected)?).ok_or_else(malformed)?,
            protected,
            key: text::from_base64url(key)?,
            iv: text::from_base64url(iv)?,
            text: text::from_base64url(text)?,
            tag: text::from_base64url(tag)?,
        })
    }

    /// The key that the header names.
    pub fn key_id(&self) -> Option<&str> {
        self.header["kid"].as_str()
    }

    /// The plain text. Whatever is wrong, the error is the same, so that it tells nothing about the key.
    pub fn decrypt(&self, key: &DecryptionKey) -> Result<Vec<u8>> {
        if self.header.get("crit").is_some() || self.header.get("zip").is_some() {
            return Err(Error::Decrypt);
        }
        let name = |name: &str| self.header[name].as_str().ok_or(Error::Decrypt);
        let key = key.content_key(name("alg")?, &self.key).ok_or(Error::Decrypt)?;
        match name("enc")? {
            "A128CBC-HS256" => self.open_cbc(Hash::Sha256, 16, &key),
            "A192CBC-HS384" => self.open_cbc(Hash::Sha384, 24, &key),
            "A256CBC-HS512" => self.open_cbc(Hash::Sha512, 32, &key),
            "A128GCM" => self.open_gcm(&AES_128_GCM, &key),
            "A192GCM" => self.open_gcm(&AES_192_GCM, &key),
            "A256GCM" => self.open_gcm(&AES_256_GCM, &key),
            _ => Err(Error::Decrypt),
        }
    }

    /// RFC 7518 §5.2.2: the tag is judged before anything is decrypted.
    fn open_cbc(&self, hash: Hash, half: usize, key: &[u8]) -> Result<Vec<u8>> {
        let (mac, aes) = key.split_at_checked(half).filter(|(_, aes)| aes.len() == half).ok_or(Error::Decrypt)?;
        let bits = (self.protected.len() as u64) * 8;
        let data = [self.protected.as_bytes(), &self.iv, &self.text, &bits.to_be_bytes()].concat();
        let tag = hmac::sign(hash, mac, &data);
        if !tag.get(..half).is_some_and(|tag| equal(tag, &self.tag)) {
            return Err(Error::Decrypt);
        }
        cipher::aes_cbc_decrypt(aes, &self.iv, &self.text).map_err(|_| Error::Decrypt)
    }

    fn open_gcm(&self, algorithm: &'static aws_lc_rs::aead::Algorithm, key: &[u8]) -> Result<Vec<u8>> {
        if self.tag.len() != algorithm.tag_len() {
            return Err(Error::Decrypt);
        }
        let failed = |_| Error::Decrypt;
        let key = LessSafeKey::new(UnboundKey::new(algorithm, key).map_err(failed)?);
        let nonce = Nonce::try_assume_unique_for_key(&self.iv).map_err(failed)?;
        let mut text = [self.text.as_slice(), &self.tag].concat();
        let plain = key.open_in_place(nonce, Aad::from(self.protected.as_bytes()), &mut text).map_err(failed)?;
        Ok(plain.to_vec())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;
    use crate::rsa::EncryptionPadding::Oaep;

    /// A token as an issuer makes it.
    fn encrypt(header: &Value, encrypted_key: &[u8], key: &[u8], plain: &[u8]) -> String {
        let protected = text::base64url(header.to_string().as_bytes());
        let enc = header["enc"].as_str().unwrap();
        let iv = vec![7; if enc.contains("CBC") { 16 } else { 12 }];
        let (body, tag) = if enc.contains("CBC") {
            let (mac, aes) = key.split_at(key.len() / 2);
            let body = cipher::aes_cbc_encrypt(aes, &iv, plain).unwrap();
            let length = (protected.len() as u64 * 8).to_be_bytes();
            let hash = match mac.len() {
                16 => Hash::Sha256,
                24 => Hash::Sha384,
                _ => Hash::Sha512,
            };
            let tag = hmac::sign(hash, mac, &[protected.as_bytes(), &iv, &body, &length].concat());
            (body, tag[..mac.len()].to_vec())
        } else {
            let algorithm = match key.len() {
                16 => &AES_128_GCM,
                24 => &AES_192_GCM,
                _ => &AES_256_GCM,
            };
            let sealing = LessSafeKey::new(UnboundKey::new(algorithm, key).unwrap());
            let mut body = plain.to_vec();
            let nonce = Nonce::try_assume_unique_for_key(&iv).unwrap();
            let tag = sealing.seal_in_place_separate_tag(nonce, Aad::from(protected.as_bytes()), &mut body).unwrap();
            (body, tag.as_ref().to_vec())
        };
        let parts = [encrypted_key, &iv, &body, &tag].map(text::base64url);
        format!("{protected}.{}", parts.join("."))
    }

    const ENCODINGS: [(&str, usize); 6] = [
        ("A128CBC-HS256", 32),
        ("A192CBC-HS384", 48),
        ("A256CBC-HS512", 64),
        ("A128GCM", 16),
        ("A192GCM", 24),
        ("A256GCM", 32),
    ];

    #[test]
    fn a_shared_key_opens_every_encoding_and_only_whole_tokens() {
        for (enc, size) in ENCODINGS {
            let secret = vec![3; size];
            let token = encrypt(&json!({ "alg": "dir", "enc": enc }), b"", &secret, b"text");
            let key = DecryptionKey::Shared(Secret::new(secret.clone()));
            assert_eq!(Encrypted::parse(&token).unwrap().decrypt(&key).unwrap(), b"text", "{enc}");
            let mut changed = Encrypted::parse(&token).unwrap();
            changed.text[0] ^= 1;
            assert_eq!(changed.decrypt(&key), Err(Error::Decrypt));
            let mut short = Encrypted::parse(&token).unwrap();
            short.tag.pop();
            assert_eq!(short.decrypt(&key), Err(Error::Decrypt));
            for wrong in [vec![4; size], vec![3; size - 1], Vec::new()] {
                let wrong = DecryptionKey::Shared(Secret::new(wrong));
                assert_eq!(Encrypted::parse(&token).unwrap().decrypt(&wrong), Err(Error::Decrypt));
            }
        }
    }

    #[test]
    fn a_private_key_opens_what_was_made_for_it() {
        let private = rsa::PrivateKey::generate().unwrap();
        let key = DecryptionKey::from_private_key(private.to_pkcs8()).unwrap();
        for (alg, hash) in [("RSA-OAEP", Hash::Sha1), ("RSA-OAEP-256", Hash::Sha256)] {
            let sealed = private.public().encrypt(Oaep(hash), &[5; 32]).unwrap();
            let token = encrypt(&json!({ "alg": alg, "enc": "A256GCM" }), &sealed, &[5; 32], b"text");
            assert_eq!(Encrypted::parse(&token).unwrap().decrypt(&key).unwrap(), b"text");
            let shared = DecryptionKey::Shared(Secret::new(vec![5; 32]));
            assert_eq!(Encrypted::parse(&token).unwrap().decrypt(&shared), Err(Error::Decrypt));
        }
        // `dir` with the key beside it is a trick, and a private key is no content key.
        let token = encrypt(&json!({ "alg": "dir", "enc": "A256GCM" }), b"", &[5; 32], b"text");
        assert_eq!(Encrypted::parse(&token).unwrap().decrypt(&key), Err(Error::Decrypt));
    }

    #[test]
    fn compression_and_unknown_extensions_are_refused() {
        let key = DecryptionKey::Shared(Secret::new(vec![3; 32]));
        for header in [
            json!({ "alg": "dir", "enc": "A256GCM", "zip": "DEF" }),
            json!({ "alg": "dir", "enc": "A256GCM", "crit": ["x"] }),
        ] {
            let token = encrypt(&header, b"", &[3; 32], b"text");
            assert_eq!(Encrypted::parse(&token).unwrap().decrypt(&key), Err(Error::Decrypt));
        }
    }

    proptest! {
        #[test]
        fn no_token_makes_the_reader_panic(token in "[a-zA-Z0-9_.-]{0,60}", key: Vec<u8>) {
            let key = DecryptionKey::Shared(Secret::new(key));
            let header = text::base64url(br#"{"alg":"dir","enc":"A128CBC-HS256"}"#);
            for token in [token.clone(), format!("{header}..{token}")] {
                if let Ok(token) = Encrypted::parse(&token) {
                    prop_assert!(token.decrypt(&key).is_err());
                }
            }
        }
    }
}
