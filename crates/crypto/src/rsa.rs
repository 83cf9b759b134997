//! RSA: signing, verifying, encrypting and decrypting with the paddings that .NET offers.

use aws_lc_rs::{
    encoding::{AsDer, Pkcs8V1Der, PublicKeyX509Der},
    rand::SystemRandom,
    rsa::{
        KeyPair, KeySize, OAEP_SHA1_MGF1SHA1, OAEP_SHA256_MGF1SHA256, OAEP_SHA384_MGF1SHA384, OAEP_SHA512_MGF1SHA512,
        OaepAlgorithm, OaepPrivateDecryptingKey, OaepPublicEncryptingKey, Pkcs1PrivateDecryptingKey,
        Pkcs1PublicEncryptingKey, PrivateDecryptingKey, PublicEncryptingKey, PublicKeyComponents,
    },
    signature::{self, KeyPair as _, RsaEncoding, RsaParameters},
};
use x509_parser::prelude::{FromDer, SubjectPublicKeyInfo};

use crate::{Error, Hash, Result};

/// How a signature is padded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SignaturePadding {
    /// RSASSA-PKCS1-v1_5.
    Pkcs1,
    /// RSASSA-PSS with a salt as long as the digest.
    Pss,
}

/// How an encrypted text is padded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EncryptionPadding {
    /// RSAES-PKCS1-v1_5.
    Pkcs1,
    /// RSAES-OAEP with this digest, for the mask too.
    Oaep(Hash),
}

/// A private key of 2048 to 8192 bits.
#[derive(Debug)]
pub struct PrivateKey {
    pair: KeyPair,
    public: PublicKey,
    /// The key as PKCS #8, from which the library's decrypting forms are made.
    pkcs8: Vec<u8>,
}

impl PrivateKey {
    /// A new key of 2048 bits. It takes a tenth of a second or more.
    pub fn generate() -> Result<Self> {
        Self::of(KeyPair::generate(KeySize::Rsa2048).map_err(|_| Error::Unsupported("making an RSA key".into()))?)
    }

    /// Reads a private key in DER: PKCS #8 or PKCS #1.
    pub fn from_der(der: &[u8]) -> Result<Self> {
        let pair = KeyPair::from_pkcs8(der).or_else(|_| KeyPair::from_der(der));
        Self::of(pair.map_err(|error| Error::Key(error.to_string()))?)
    }

    /// The key as PKCS #8 in DER.
    pub fn to_pkcs8(&self) -> &[u8] {
        &self.pkcs8
    }

    /// Its public half.
    pub fn public(&self) -> PublicKey {
        self.public.clone()
    }

    /// Signs `data`. MD5 and SHA-1 are refused.
    pub fn sign(&self, padding: SignaturePadding, hash: Hash, data: &[u8]) -> Result<Vec<u8>> {
        let encoding: &'static dyn RsaEncoding = match (padding, hash) {
            (SignaturePadding::Pkcs1, Hash::Sha256) => &signature::RSA_PKCS1_SHA256,
            (SignaturePadding::Pkcs1, Hash::Sha384) => &signature::RSA_PKCS1_SHA384,
            (SignaturePadding::Pkcs1, Hash::Sha512) => &signature::RSA_PKCS1_SHA512,
            (SignaturePadding::Pss, Hash::Sha256) => &signature::RSA_PSS_SHA256,
            (SignaturePadding::Pss, Hash::Sha384) => &signature::RSA_PSS_SHA384,
            (SignaturePadding::Pss, Hash::Sha512) => &signature::RSA_PSS_SHA512,
            (_, Hash::Md5 | Hash::Sha1) => return Err(unknown(padding, hash)),
        };
        let mut out = vec![0; self.pair.public_modulus_len()];
        self.pair.sign(encoding, &SystemRandom::new(), data, &mut out).map_err(|_| unknown(padding, hash))?;
        Ok(out)
    }

    /// Decrypts what [`PublicKey::encrypt`] made.
    pub fn decrypt(&self, padding: EncryptionPadding, encrypted: &[u8]) -> Result<Vec<u8>> {
        let key = PrivateDecryptingKey::from_pkcs8(&self.pkcs8).map_err(|error| Error::Key(error.to_string()))?;
        let mut out = vec![0; key.key_size_bytes()];
        let plain = match padding {
            EncryptionPadding::Pkcs1 => {
                Pkcs1PrivateDecryptingKey::new(key).and_then(|key| Ok(key.decrypt(encrypted, &mut out)?.to_vec()))
            }
            EncryptionPadding::Oaep(hash) => {
                let algorithm = oaep(hash)?;
                let key = OaepPrivateDecryptingKey::new(key);
                key.and_then(|key| Ok(key.decrypt(algorithm, encrypted, &mut out, None)?.to_vec()))
            }
        };
        plain.map_err(|_| Error::Decrypt)
    }

    fn of(pair: KeyPair) -> Result<Self> {
        let no_form = |_| Error::Key("it cannot be written as DER".into());
        let pkcs8: Pkcs8V1Der<'_> = pair.as_der().map_err(no_form)?;
        let public: PublicKeyX509Der<'_> = pair.public_key().as_der().map_err(no_form)?;
        let public = PublicKey::from_der(public.as_ref())?;
        Ok(Self { public, pkcs8: pkcs8.as_ref().to_vec(), pair })
    }
}

/// A public key: big-endian numbers without leading zeros.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PublicKey {
    /// The modulus.
    pub n: Vec<u8>,
    /// The exponent.
    pub e: Vec<u8>,
}

impl PublicKey {
    /// A key of these big-endian numbers; leading zeros are dropped.
    pub fn new(modulus: &[u8], exponent: &[u8]) -> Self {
        let number = |bytes: &[u8]| bytes.iter().copied().skip_while(|byte| *byte == 0).collect();
        Self { n: number(modulus), e: number(exponent) }
    }

    /// Reads an X.509 `SubjectPublicKeyInfo` in DER.
    pub fn from_der(der: &[u8]) -> Result<Self> {
        let none = || Error::Key("no RSA public key".into());
        let (_, info) = SubjectPublicKeyInfo::from_der(der).map_err(|_| none())?;
        match info.parsed() {
            Ok(x509_parser::public_key::PublicKey::RSA(key)) => Ok(Self::new(key.modulus, key.exponent)),
            _ => Err(none()),
        }
    }

    /// Whether `signature` was made of `data` with this key. Keys below 2048 bits verify nothing, and neither does MD5.
    pub fn verify(&self, padding: SignaturePadding, hash: Hash, data: &[u8], signature: &[u8]) -> Result<()> {
        let parameters: &'static RsaParameters = match (padding, hash) {
            (SignaturePadding::Pkcs1, Hash::Sha1) => &signature::RSA_PKCS1_2048_8192_SHA1_FOR_LEGACY_USE_ONLY,
            (SignaturePadding::Pkcs1, Hash::Sha256) => &signature::RSA_PKCS1_2048_8192_SHA256,
            (SignaturePadding::Pkcs1, Hash::Sha384) => &signature::RSA_PKCS1_2048_8192_SHA384,
            (SignaturePadding::Pkcs1, Hash::Sha512) => &signature::RSA_PKCS1_2048_8192_SHA512,
            (SignaturePadding::Pss, Hash::Sha256) => &signature::RSA_PSS_2048_8192_SHA256,
            (SignaturePadding::Pss, Hash::Sha384) => &signature::RSA_PSS_2048_8192_SHA384,
            (SignaturePadding::Pss, Hash::Sha512) => &signature::RSA_PSS_2048_8192_SHA512,
            (SignaturePadding::Pkcs1, Hash::Md5) | (SignaturePadding::Pss, Hash::Md5 | Hash::Sha1) => {
                return Err(unknown(padding, hash));
            }
        };
        self.components().verify(parameters, data, signature).map_err(|_| Error::Signature)
    }

    /// Encrypts `plain`, which must leave room for the padding.
    pub fn encrypt(&self, padding: EncryptionPadding, plain: &[u8]) -> Result<Vec<u8>> {
        let key: PublicEncryptingKey =
            self.components().try_into().map_err(|_| Error::Key("no RSA key of 2048 bits or more".into()))?;
        let mut out = vec![0; key.key_size_bytes()];
        let encrypted = match padding {
            EncryptionPadding::Pkcs1 => {
                Pkcs1PublicEncryptingKey::new(key).and_then(|key| Ok(key.encrypt(plain, &mut out)?.to_vec()))
            }
            EncryptionPadding::Oaep(hash) => {
                let algorithm = oaep(hash)?;
                let key = OaepPublicEncryptingKey::new(key);
                key.and_then(|key| Ok(key.encrypt(algorithm, plain, &mut out, None)?.to_vec()))
            }
        };
        encrypted.map_err(|_| Error::Unsupported("a text of this length".into()))
    }

    fn components(&self) -> PublicKeyComponents<&[u8]> {
        PublicKeyComponents { n: &self.n, e: &self.e }
    }
}

fn oaep(hash: Hash) -> Result<&'static OaepAlgorithm> {
    match hash {
        Hash::Sha1 => Ok(&OAEP_SHA1_MGF1SHA1),
        Hash::Sha256 => Ok(&OAEP_SHA256_MGF1SHA256),
        Hash::Sha384 => Ok(&OAEP_SHA384_MGF1SHA384),
        Hash::Sha512 => Ok(&OAEP_SHA512_MGF1SHA512),
        Hash::Md5 => Err(Error::Unsupported("OAEP with MD5".into())),
    }
}

fn unknown(padding: SignaturePadding, hash: Hash) -> Error {
    Error::Unsupported(format!("an RSA signature with {padding:?} and {hash:?}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn signatures_verify_with_their_key_and_data_only() {
        let key = PrivateKey::generate().unwrap();
        let public = key.public();
        for padding in [SignaturePadding::Pkcs1, SignaturePadding::Pss] {
            for hash in [Hash::Sha256, Hash::Sha384, Hash::Sha512] {
                let signature = key.sign(padding, hash, b"data").unwrap();
                assert_eq!(public.verify(padding, hash, b"data", &signature), Ok(()));
                assert_eq!(public.verify(padding, hash, b"date", &signature), Err(Error::Signature));
            }
            assert!(matches!(key.sign(padding, Hash::Md5, b""), Err(Error::Unsupported(_))));
        }
    }

    #[test]
    fn what_is_encrypted_is_decrypted_after_storing_the_key() {
        let key = PrivateKey::generate().unwrap();
        let stored = PrivateKey::from_der(key.to_pkcs8()).unwrap();
        let sha1 = EncryptionPadding::Oaep(Hash::Sha1);
        for padding in [EncryptionPadding::Pkcs1, sha1, EncryptionPadding::Oaep(Hash::Sha256)] {
            let encrypted = key.public().encrypt(padding, b"text").unwrap();
            assert_eq!(stored.decrypt(padding, &encrypted).unwrap(), b"text");
            assert!(key.public().encrypt(padding, &[1; 256]).is_err());
        }
        assert_eq!(stored.decrypt(sha1, &[1; 256]), Err(Error::Decrypt));
        assert!(PrivateKey::from_der(b"none").is_err());
        assert!(PublicKey::new(&[0], &[3]).encrypt(sha1, b"").is_err());
    }
}
