//! Keys that verify signatures of tokens: parsed once, used for every request.

use std::sync::{Arc, OnceLock};

use aws_lc_rs::signature::{self, EcdsaVerificationAlgorithm, ParsedPublicKey, RsaParameters, RsaPublicKeyComponents};
use base::Secret;
use serde_json::{Value, json};

use crate::{Error, Result, hmac, jws::Algorithm, rsa, text, x509};

/// What verifies a signature. A key works with the algorithms of its own kind only. Copies share what was parsed.
#[derive(Clone, Debug, Default)]
pub struct VerifyingKey(Kind);

#[derive(Clone, Debug, Default)]
enum Kind {
    /// For nothing.
    #[default]
    None,
    /// A shared secret, for the `HS` algorithms.
    Secret(Secret<Arc<[u8]>>),
    /// For the `RS` and `PS` algorithms.
    Rsa(Arc<Rsa>),
    /// For the `ES` algorithm of its curve.
    Ec(Arc<Ec>),
}

#[derive(Debug)]
struct Rsa {
    public: rsa::PublicKey,
    /// One for each algorithm, made when it is first needed; none if the library refuses the key.
    parsed: [OnceLock<Option<ParsedPublicKey>>; 6],
}

#[derive(Debug)]
struct Ec {
    curve: &'static Curve,
    /// Uncompressed: it starts with 4.
    point: Vec<u8>,
    parsed: ParsedPublicKey,
}

#[derive(Debug)]
struct Curve {
    /// `crv` of RFC 7518.
    name: &'static str,
    algorithm: Algorithm,
    /// Bytes of a coordinate.
    size: usize,
    verifies: &'static EcdsaVerificationAlgorithm,
}

static CURVES: [Curve; 3] = [
    Curve { name: "P-256", algorithm: Algorithm::Es256, size: 32, verifies: &signature::ECDSA_P256_SHA256_FIXED },
    Curve { name: "P-384", algorithm: Algorithm::Es384, size: 48, verifies: &signature::ECDSA_P384_SHA384_FIXED },
    Curve { name: "P-521", algorithm: Algorithm::Es512, size: 66, verifies: &signature::ECDSA_P521_SHA512_FIXED },
];

static RSA: [(Algorithm, &RsaParameters); 6] = [
    (Algorithm::Rs256, &signature::RSA_PKCS1_2048_8192_SHA256),
    (Algorithm::Rs384, &signature::RSA_PKCS1_2048_8192_SHA384),
    (Algorithm::Rs512, &signature::RSA_PKCS1_2048_8192_SHA512),
    (Algorithm::Ps256, &signature::RSA_PSS_2048_8192_SHA256),
    (Algorithm::Ps384, &signature::RSA_PSS_2048_8192_SHA384),
    (Algorithm::Ps512, &signature::RSA_PSS_2048_8192_SHA512),
];

impl VerifyingKey {
    /// A shared secret. An empty one is refused: anybody could sign with it.
    pub fn secret(secret: &[u8]) -> Result<Self> {
        if secret.is_empty() {
            return Err(Error::Key("it is empty".into()));
        }
        Ok(Self(Kind::Secret(Secret::new(secret.into()))))
    }

    /// An RSA key of 2048 to 8192 bits.
    pub fn rsa(public: rsa::PublicKey) -> Result<Self> {
        if !(256..=1024).contains(&public.n.len()) {
            return Err(Error::Key("an RSA key has 2048 to 8192 bits".into()));
        }
        let key = Rsa { public, parsed: Default::default() };
        // What no algorithm can use is refused now and not at each request.
        key.parsed(Algorithm::Rs256).ok_or_else(|| Error::Key("no RSA public key".into()))?;
        Ok(Self(Kind::Rsa(Arc::new(key))))
    }

    /// An EC key on P-256, P-384 or P-521: its uncompressed point, whose length tells the curve.
    pub fn ec(point: Vec<u8>) -> Result<Self> {
        let none = || Error::Key("no point on P-256, P-384 or P-521".into());
        let curve = CURVES.iter().find(|curve| point.len() == 2 * curve.size + 1).ok_or_else(none)?;
        let parsed = ParsedPublicKey::new(curve.verifies, &point).map_err(|_| none())?;
        Ok(Self(Kind::Ec(Arc::new(Ec { curve, point, parsed }))))
    }

    /// Reads a JSON Web Key of the types `oct`, `RSA` and `EC`.
    pub fn from_jwk(jwk: &Value) -> Result<Self> {
        let part = |name: &str| {
            let part = jwk[name].as_str().ok_or_else(|| Error::Key(format!("it has no `{name}`")))?;
            text::from_base64url(part)
        };
        match jwk["kty"].as_str() {
            Some("oct") => Self::secret(&part("k")?),
            Some("RSA") => Self::rsa(rsa::PublicKey::new(&part("n")?, &part("e")?)),
            Some("EC") => {
                let curve = CURVES.iter().find(|curve| jwk["crv"] == curve.name);
                let curve = curve.ok_or_else(|| Error::Key(format!("its curve is {}", jwk["crv"])))?;
                // Some issuers drop leading zeros.
                let padded = |part: Vec<u8>| [vec![0; curve.size.saturating_sub(part.len())], part].concat();
                Self::ec([vec![4], padded(part("x")?), padded(part("y")?)].concat())
            }
            other => Err(Error::Key(format!("its type is `{}`", other.unwrap_or_default()))),
        }
    }

    /// The public key of a certificate in DER.
    pub fn from_certificate(der: &[u8]) -> Result<Self> {
        Self::from_public_key(&x509::parse(der)?.public_key)
    }

    /// Reads an X.509 `SubjectPublicKeyInfo` in DER.
    pub fn from_public_key(der: &[u8]) -> Result<Self> {
        match rsa::PublicKey::from_der(der) {
            Ok(key) => Self::rsa(key),
            Err(_) => Self::ec(x509::ec_point(der)?),
        }
    }

    /// Whether `signature` covers `signed`.
    pub fn verify(&self, algorithm: Algorithm, signed: &[u8], signature: &[u8]) -> Result<()> {
        use Algorithm::{Hs256, Hs384, Hs512};

        let verified = match &self.0 {
            Kind::Secret(key) => {
                matches!(algorithm, Hs256 | Hs384 | Hs512)
                    && hmac::verify(algorithm.hash(), key.expose(), signed, signature)
            }
            Kind::Rsa(key) => key.parsed(algorithm).is_some_and(|parsed| parsed.verify_sig(signed, signature).is_ok()),
            Kind::Ec(key) => key.curve.algorithm == algorithm && key.parsed.verify_sig(signed, signature).is_ok(),
            Kind::None => false,
        };
        if verified { Ok(()) } else { Err(Error::Signature) }
    }
}

impl Rsa {
    fn parsed(&self, algorithm: Algorithm) -> Option<&ParsedPublicKey> {
        let at = RSA.iter().position(|(known, _)| *known == algorithm)?;
        let (_, parameters) = RSA.get(at)?;
        let components = RsaPublicKeyComponents { n: &self.public.n, e: &self.public.e };
        self.parsed.get(at)?.get_or_init(|| components.to_parsed_public_key(parameters).ok()).as_ref()
    }
}

/// The required members of a public key's JSON Web Key, in alphabetical order.
pub(crate) fn public_jwk(key: &VerifyingKey) -> Value {
    match &key.0 {
        Kind::Rsa(key) => {
            json!({ "e": text::base64url(&key.public.e), "kty": "RSA", "n": text::base64url(&key.public.n) })
        }
        Kind::Ec(key) => {
            let coordinates = key.point.get(1..).unwrap_or_default();
            let (x, y) = coordinates.split_at(coordinates.len() / 2);
            json!({ "crv": key.curve.name, "kty": "EC", "x": text::base64url(x), "y": text::base64url(y) })
        }
        Kind::Secret(_) | Kind::None => json!({ "kty": "oct" }),
    }
}

#[cfg(test)]
mod tests {
    use aws_lc_rs::{
        rand::SystemRandom,
        signature::{
            ECDSA_P256_SHA256_FIXED_SIGNING, ECDSA_P384_SHA384_FIXED_SIGNING, ECDSA_P521_SHA512_FIXED_SIGNING,
            EcdsaKeyPair, KeyPair,
        },
    };

    use super::*;
    use crate::rsa::SignaturePadding::{Pkcs1, Pss};

    #[test]
    fn every_algorithm_of_rsa_verifies_and_no_other() {
        let private = rsa::PrivateKey::generate().unwrap();
        let key = VerifyingKey::from_jwk(&public_jwk(&VerifyingKey::rsa(private.public()).unwrap())).unwrap();
        for (algorithm, _) in RSA {
            let padding = if algorithm.name().starts_with('R') { Pkcs1 } else { Pss };
            let signature = private.sign(padding, algorithm.hash(), b"data").unwrap();
            let verifying: Vec<_> =
                RSA.iter().filter(|(other, _)| key.verify(*other, b"data", &signature).is_ok()).collect();
            assert!(verifying.iter().map(|(other, _)| *other).eq([algorithm]));
            assert!(key.verify(algorithm, b"date", &signature).is_err());
        }
    }

    #[test]
    fn every_curve_verifies_its_own_algorithm_only() {
        let signing =
            [&ECDSA_P256_SHA256_FIXED_SIGNING, &ECDSA_P384_SHA384_FIXED_SIGNING, &ECDSA_P521_SHA512_FIXED_SIGNING];
        for (signing, curve) in signing.into_iter().zip(&CURVES) {
            let pair = EcdsaKeyPair::generate(signing).unwrap();
            let signature = pair.sign(&SystemRandom::new(), b"data").unwrap();
            let key = VerifyingKey::ec(pair.public_key().as_ref().to_vec()).unwrap();
            let key = VerifyingKey::from_jwk(&public_jwk(&key)).unwrap();
            for other in &CURVES {
                let verified = key.verify(other.algorithm, b"data", signature.as_ref()).is_ok();
                assert_eq!(verified, other.name == curve.name);
            }
        }
    }

    #[test]
    fn keys_that_verify_nothing_are_refused_when_they_are_read() {
        assert!(VerifyingKey::secret(b"").is_err());
        assert!(VerifyingKey::rsa(rsa::PublicKey::new(&[1; 128], &[1, 0, 1])).is_err());
        assert!(VerifyingKey::ec([vec![4], vec![1; 64]].concat()).is_err());
        assert!(VerifyingKey::ec(Vec::new()).is_err());
        assert!(VerifyingKey::from_jwk(&json!({ "kty": "EC", "crv": "secp256k1", "x": "", "y": "" })).is_err());
    }
}
