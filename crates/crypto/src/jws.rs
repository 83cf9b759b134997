//! Signed tokens (JWS compact form) and the keys of our own issuer.

use aws_lc_rs::{
    rand::SystemRandom,
    signature::{self, EcdsaKeyPair, KeyPair},
};
use base::Timestamp;
use serde_json::{Value, json};

pub use crate::verifying::VerifyingKey;
use crate::{Error, Hash, Result, hash, rsa, text, unique_json, verifying::public_jwk};

/// A signature algorithm, as the header's `alg` names it. `none` is not one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[allow(missing_docs, reason = "the names are those of RFC 7518")]
pub enum Algorithm {
    Hs256,
    Hs384,
    Hs512,
    Rs256,
    Rs384,
    Rs512,
    Ps256,
    Ps384,
    Ps512,
    Es256,
    Es384,
    Es512,
}

impl Algorithm {
    const NAMES: [(&'static str, Self); 12] = [
        ("HS256", Self::Hs256),
        ("HS384", Self::Hs384),
        ("HS512", Self::Hs512),
        ("RS256", Self::Rs256),
        ("RS384", Self::Rs384),
        ("RS512", Self::Rs512),
        ("PS256", Self::Ps256),
        ("PS384", Self::Ps384),
        ("PS512", Self::Ps512),
        ("ES256", Self::Es256),
        ("ES384", Self::Es384),
        ("ES512", Self::Es512),
    ];

    /// The algorithm of this name; case matters.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::NAMES.iter().find(|(known, _)| *known == name).map(|(_, algorithm)| *algorithm)
    }

    /// Its name.
    pub fn name(self) -> &'static str {
        Self::NAMES.iter().find(|(_, known)| *known == self).map_or("", |(name, _)| name)
    }

    pub(crate) fn hash(self) -> Hash {
        match self {
            Self::Hs256 | Self::Rs256 | Self::Ps256 | Self::Es256 => Hash::Sha256,
            Self::Hs384 | Self::Rs384 | Self::Ps384 | Self::Es384 => Hash::Sha384,
            Self::Hs512 | Self::Rs512 | Self::Ps512 | Self::Es512 => Hash::Sha512,
        }
    }
}

/// A token taken apart. Nothing is verified yet.
#[derive(Clone, Debug, PartialEq)]
pub struct Token<'a> {
    /// The header.
    pub header: Value,
    /// The claims.
    pub claims: Value,
    /// What the signature covers: header and claims as they were sent.
    pub signed: &'a str,
    /// The signature.
    pub signature: Vec<u8>,
}

impl<'a> Token<'a> {
    /// Takes a token in compact form apart. A header or payload that names something twice, at any depth, is none.
    pub fn parse(token: &'a str) -> Result<Self> {
        let malformed = || Error::Malformed("a signed token".into());
        let object = |part: &str| unique_json::object(&text::from_base64url(part)?).ok_or_else(malformed);
        let (signed, signature) = token.rsplit_once('.').ok_or_else(malformed)?;
        let (header, claims) = signed.split_once('.').ok_or_else(malformed)?;
        let signature = text::from_base64url(signature)?;
        Ok(Self { header: object(header)?, claims: object(claims)?, signed, signature })
    }

    /// The algorithm that the header names.
    pub fn algorithm(&self) -> Option<Algorithm> {
        Algorithm::from_name(self.header["alg"].as_str()?)
    }

    /// The key that the header names.
    pub fn key_id(&self) -> Option<&str> {
        self.header["kid"].as_str()
    }

    /// Whether the header demands extensions: we know none, so such a token cannot be judged.
    pub fn is_critical(&self) -> bool {
        self.header.get("crit").is_some()
    }

    /// Whether `key` made the signature, with the algorithm that the header names.
    pub fn verify(&self, key: &VerifyingKey) -> Result<()> {
        let algorithm = self.algorithm().ok_or(Error::Signature)?;
        key.verify(algorithm, self.signed.as_bytes(), &self.signature)
    }
}

/// Whether the claims `exp` and `nbf` allow the token at `now`, a clock difference of `leeway_secs` forgiven.
/// A token without `exp` never ends.
pub fn in_force(claims: &Value, now: Timestamp, leeway_secs: i64) -> bool {
    let time = |name: &str| claims[name].as_f64();
    let now = now.secs() as f64;
    let leeway = leeway_secs as f64;
    time("exp").is_none_or(|end| now < end + leeway) && time("nbf").is_none_or(|start| now >= start - leeway)
}

/// A key of our own issuer: `RS256`, which every client knows, or `ES256`, which is made at once.
#[derive(Debug)]
pub struct SigningKey {
    kind: Kind,
    id: String,
}

#[derive(Debug)]
enum Kind {
    Rsa(Box<rsa::PrivateKey>),
    Ec(Box<EcdsaKeyPair>),
}

impl SigningKey {
    /// A new RSA key of 2048 bits for `RS256`. It takes a tenth of a second or more.
    pub fn generate_rsa() -> Result<Self> {
        Ok(Self::of(Kind::Rsa(Box::new(rsa::PrivateKey::generate()?))))
    }

    /// A new key on the curve P-256 for `ES256`.
    pub fn generate_ec() -> Result<Self> {
        let pair = EcdsaKeyPair::generate(&signature::ECDSA_P256_SHA256_FIXED_SIGNING);
        Ok(Self::of(Kind::Ec(Box::new(pair.map_err(|_| Error::Unsupported("making an EC key".into()))?))))
    }

    /// Reads what [`to_pkcs8`](Self::to_pkcs8) gave.
    pub fn from_pkcs8(der: &[u8]) -> Result<Self> {
        if let Ok(pair) = EcdsaKeyPair::from_pkcs8(&signature::ECDSA_P256_SHA256_FIXED_SIGNING, der) {
            return Ok(Self::of(Kind::Ec(Box::new(pair))));
        }
        Ok(Self::of(Kind::Rsa(Box::new(rsa::PrivateKey::from_der(der)?))))
    }

    /// The private key in DER, to be sealed.
    pub fn to_pkcs8(&self) -> Result<base::Secret<Vec<u8>>> {
        let der = match &self.kind {
            Kind::Rsa(key) => key.to_pkcs8().to_vec(),
            Kind::Ec(pair) => {
                pair.to_pkcs8v1().map_err(|_| Error::Key("it cannot be written as DER".into()))?.as_ref().to_vec()
            }
        };
        Ok(base::Secret::new(der))
    }

    /// The key's id: its RFC 7638 thumbprint.
    pub fn id(&self) -> &str {
        &self.id
    }

    /// The algorithm that it signs with.
    pub fn algorithm(&self) -> Algorithm {
        match self.kind {
            Kind::Rsa(_) => Algorithm::Rs256,
            Kind::Ec(_) => Algorithm::Es256,
        }
    }

    /// A token with these claims, in compact form.
    pub fn sign(&self, claims: &Value) -> Result<String> {
        let header = json!({ "alg": self.algorithm().name(), "typ": "JWT", "kid": self.id });
        let part = |part: &Value| text::base64url(part.to_string().as_bytes());
        let signed = format!("{}.{}", part(&header), part(claims));
        let signature = match &self.kind {
            Kind::Rsa(key) => key.sign(rsa::SignaturePadding::Pkcs1, Hash::Sha256, signed.as_bytes())?,
            Kind::Ec(pair) => {
                let signature = pair.sign(&SystemRandom::new(), signed.as_bytes());
                signature.map_err(|_| Error::Unsupported("signing".into()))?.as_ref().to_vec()
            }
        };
        Ok(format!("{signed}.{}", text::base64url(&signature)))
    }

    /// What verifies its signatures.
    pub fn verifying(&self) -> VerifyingKey {
        match &self.kind {
            // These are keys that signed just now: nothing about them can be refused.
            Kind::Rsa(key) => VerifyingKey::rsa(key.public()).unwrap_or_default(),
            Kind::Ec(pair) => VerifyingKey::ec(pair.public_key().as_ref().to_vec()).unwrap_or_default(),
        }
    }

    /// The public half as a JSON Web Key, for the issuer's key set `{"keys": […]}`.
    pub fn jwk(&self) -> Value {
        let mut jwk = public_jwk(&self.verifying());
        jwk["use"] = "sig".into();
        jwk["alg"] = self.algorithm().name().into();
        jwk["kid"] = self.id.as_str().into();
        jwk
    }

    fn of(kind: Kind) -> Self {
        let mut key = Self { kind, id: String::new() };
        // The thumbprint covers exactly the required members, in alphabetical order.
        key.id = text::base64url(&hash::sha256(public_jwk(&key.verifying()).to_string().as_bytes()));
        key
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_token_verifies_with_the_published_key() {
        for key in [SigningKey::generate_rsa().unwrap(), SigningKey::generate_ec().unwrap()] {
            let key = SigningKey::from_pkcs8(key.to_pkcs8().unwrap().expose()).unwrap();
            let token = key.sign(&json!({ "sub": "me" })).unwrap();
            let token = Token::parse(&token).unwrap();
            assert_eq!((token.key_id(), token.algorithm()), (Some(key.id()), Some(key.algorithm())));
            assert_eq!(token.claims, json!({ "sub": "me" }));
            token.verify(&VerifyingKey::from_jwk(&key.jwk()).unwrap()).unwrap();
            let mut forged = token.clone();
            forged.signature[0] ^= 1;
            assert_eq!(forged.verify(&key.verifying()), Err(Error::Signature));
        }
    }

    #[test]
    fn a_key_does_not_serve_the_algorithms_of_another_kind() {
        let key = SigningKey::generate_ec().unwrap();
        let jwk = key.jwk();
        let coordinate = |name: &str| text::from_base64url(jwk[name].as_str().unwrap()).unwrap();
        let point = [vec![4], coordinate("x"), coordinate("y")].concat();
        // The classic forgery: the public key taken as a shared secret.
        let signed = [r#"{"alg":"HS256"}"#, r#"{"sub":"me"}"#].map(|part| text::base64url(part.as_bytes())).join(".");
        let tag = crate::hmac::sign(Hash::Sha256, &point, signed.as_bytes());
        let forged = format!("{signed}.{}", text::base64url(&tag));
        assert_eq!(Token::parse(&forged).unwrap().verify(&key.verifying()), Err(Error::Signature));
        let none = [r#"{"alg":"none"}"#, "{}"].map(|part| text::base64url(part.as_bytes())).join(".") + ".";
        assert_eq!(Token::parse(&none).unwrap().verify(&key.verifying()), Err(Error::Signature));
    }

    #[test]
    fn the_example_of_the_specification_verifies() {
        // RFC 7515, appendix A.1.
        let key = json!({
            "kty": "oct",
            "k": "AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75aKtMN3Yj0iPS4hcgUuTwjAzZr1Z9CAow",
        });
        let token = "eyJ0eXAiOiJKV1QiLA0KICJhbGciOiJIUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6\
                     Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ.dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
        Token::parse(token).unwrap().verify(&VerifyingKey::from_jwk(&key).unwrap()).unwrap();
    }

    #[test]
    fn the_thumbprint_of_the_specification_comes_out() {
        // RFC 7638, section 3.1.
        let n = "0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfAAtVT86zwu1RK7aPFFxuhDR1L6tSoc_BJECPebWKRXjBZCiF\
                 V4n3oknjhMstn64tZ_2W-5JsGY4Hc5n9yBXArwl93lqt7_RN5w6Cf0h4QyQ5v-65YGjQR0_FDW2QvzqY368QQMicAtaSqzs8KJZgnYb9c\
                 7d0zgdAZHzu6qMQvRL5hajrn1n91CbOpbISD08qNLyrdkt-bFTWhAI4vMQFh6WeZu0fM4lFd2NcRwr3XPksINHaQ-G_xBniIqbw0Ls1jF4\
                 4-csFCur-kEgU8awapJzKnqDKgw";
        let key = VerifyingKey::from_jwk(&json!({ "kty": "RSA", "n": n, "e": "AQAB" })).unwrap();
        let thumbprint = text::base64url(&hash::sha256(public_jwk(&key).to_string().as_bytes()));
        assert_eq!(thumbprint, "NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs");
    }

    #[test]
    fn a_token_is_in_force_between_its_times() {
        let claims = json!({ "nbf": 100, "exp": 200.5 });
        let at = |seconds, leeway| in_force(&claims, Timestamp::from_secs(seconds), leeway);
        assert_eq!([at(99, 0), at(100, 0), at(200, 0), at(201, 0)], [false, true, true, false]);
        assert!(at(95, 5) && at(205, 5) && !at(206, 5));
        assert!(in_force(&json!({}), Timestamp(0), 0));
    }

    proptest! {
        #[test]
        fn no_token_makes_the_reader_panic(token in "[a-zA-Z0-9_.-]{0,60}", any in ".{0,20}") {
            let key = VerifyingKey::secret(b"key").unwrap();
            for token in [token, any] {
                if let Ok(token) = Token::parse(&token) {
                    prop_assert!(token.verify(&key).is_err());
                }
            }
        }
    }
}
