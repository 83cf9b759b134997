//! The keys that a document itself holds, and the search for the one that signed or opens a token.

use base::Secret;
use crypto::{
    jwe::{DecryptionKey, Encrypted},
    jws::{Token, VerifyingKey},
    rsa, text,
};
use policy::prelude::*;

use super::Refusal;
use crate::provider::{Key, KeySet};

/// `issuer-signing-keys`.
pub(crate) const SIGNING: Child = Child {
    name: "issuer-signing-keys",
    count: (0, 1),
    children: &[Child {
        name: "key",
        count: (1, usize::MAX),
        content: Content::Text(Kind::Text, true),
        attrs: &[
            Attr::optional("id", Kind::Text, "The `kid` of tokens that it signs."),
            Attr::optional("certificate-id", Kind::Name, "Certificate whose public key it is."),
            Attr::optional("n", Kind::Name, "Modulus of an RSA key, Base64 for URLs."),
            Attr::optional("e", Kind::Name, "Exponent of an RSA key, Base64 for URLs."),
        ],
        doc: "A key: a shared secret in Base64, the public key of a certificate, or the numbers of an RSA key.",
        ..Child::BASE
    }],
    doc: "Keys that tokens may be signed with.",
    ..Child::BASE
};

/// `decryption-keys`.
pub(crate) const DECRYPTION: Child = Child {
    name: "decryption-keys",
    count: (0, 1),
    children: &[Child {
        name: "key",
        count: (1, usize::MAX),
        content: Content::Text(Kind::Text, true),
        attrs: &[
            Attr::optional("id", Kind::Text, "The `kid` of tokens that it opens."),
            Attr::optional("certificate-id", Kind::Name, "Certificate whose private key it is."),
        ],
        doc: "A key: a shared secret in Base64, or the private key of a certificate.",
        ..Child::BASE
    }],
    doc: "Keys that open encrypted tokens.",
    ..Child::BASE
};

/// The signing keys of the document.
#[derive(Default)]
pub(crate) struct Signing {
    /// Parsed when the policy was published.
    parsed: Vec<Key>,
    /// Shared secrets that expressions give, with their names.
    given: Vec<(Option<Box<str>>, Value<SharedSecret>)>,
}

/// A decryption key of the document.
pub(crate) struct Decrypting {
    id: Option<Box<str>>,
    key: Opening,
}

enum Opening {
    Parsed(DecryptionKey),
    Given(Value<SharedSecret>),
    /// A certificate of which only the name is known.
    Unknown,
}

/// A shared secret in Base64.
#[derive(Clone)]
pub(crate) struct SharedSecret(Secret<Vec<u8>>);

impl FromText for SharedSecret {
    fn from_text(text: &str) -> Result<Self, String> {
        let letters: String = text.split_ascii_whitespace().collect();
        let bytes = text::from_base64(&letters).or_else(|_| text::from_base64url(&letters));
        match bytes {
            Ok(bytes) if !bytes.is_empty() => Ok(Self(Secret::new(bytes))),
            Ok(_) => Err("the key is empty".into()),
            // The text itself is a secret.
            Err(_) => Err("the key is not Base64".into()),
        }
    }
}

impl Signing {
    /// The keys in `issuer-signing-keys`.
    pub(crate) fn compile(element: &Element, cx: &mut Compiler<'_>) -> Option<Self> {
        let mut all = Self::default();
        // Every key is read, so that every mistake is said.
        let sound: Vec<_> = keys(element, SIGNING.name).map(|key| all.read(key, cx)).collect();
        sound.into_iter().all(|read| read.is_some()).then_some(all)
    }

    fn read(&mut self, element: &Element, cx: &mut Compiler<'_>) -> Option<()> {
        let id = cx.optional_literal::<String>(element, "id")?.map(String::into_boxed_str);
        let certificate = cx.optional_literal::<String>(element, "certificate-id")?;
        let modulus = cx.optional_literal::<String>(element, "n")?;
        let exponent = cx.optional_literal::<String>(element, "e")?;
        let key = match (certificate, modulus, exponent) {
            (Some(name), None, None) => {
                let certificate = cx.certificate(&name, element.span)?;
                // Without content only its name is known, and nothing will run.
                let leaf = certificate.chain.first();
                leaf.map_or_else(|| Ok(VerifyingKey::default()), |der| VerifyingKey::from_certificate(der))
            }
            (None, Some(n), Some(e)) => text::from_base64url(n.trim())
                .and_then(|n| Ok(rsa::PublicKey::new(&n, &text::from_base64url(e.trim())?)))
                .and_then(VerifyingKey::rsa),
            (None, None, None) => match cx.text::<SharedSecret>(element)? {
                Value::Literal(SharedSecret(secret)) => VerifyingKey::secret(secret.expose()),
                secret @ Value::Code(_) => {
                    self.given.push((id, secret));
                    return Some(());
                }
            },
            _ => {
                let message = "A <key> is a text, or has certificate-id, or n and e.";
                cx.error("PX0108", message, element.name_span);
                return None;
            }
        };
        match key {
            Ok(key) => self.parsed.push(Key { id, algorithm: None, key }),
            Err(wrong) => {
                cx.error("PX0107", format!("This key cannot be used: {wrong}."), element.span);
                return None;
            }
        }
        Some(())
    }

    /// The secrets that expressions give for this request.
    pub(crate) fn given(&self, exchange: &mut Exchange) -> Result<Vec<Key>, Fault> {
        let key = |(id, secret): &(Option<Box<str>>, Value<SharedSecret>)| {
            let SharedSecret(secret) = secret.get(exchange)?.into_owned();
            // The text of a key is not empty.
            let key = VerifyingKey::secret(secret.expose()).unwrap_or_default();
            Ok(Key { id: id.clone(), algorithm: None, key })
        };
        self.given.iter().map(key).collect()
    }

    /// With what this request adds to them.
    pub(crate) fn with<'k>(&'k self, given: &'k [Key], sets: &'k [Arc<KeySet>]) -> Keys<'k> {
        Keys { parsed: &self.parsed, given, sets }
    }
}

impl Decrypting {
    /// The keys in `decryption-keys`.
    pub(crate) fn compile(element: &Element, cx: &mut Compiler<'_>) -> Option<Box<[Self]>> {
        let keys: Vec<Option<Self>> = keys(element, DECRYPTION.name).map(|key| Self::one(key, cx)).collect();
        keys.into_iter().collect()
    }

    fn one(element: &Element, cx: &mut Compiler<'_>) -> Option<Self> {
        let id = cx.optional_literal::<String>(element, "id")?.map(String::into_boxed_str);
        let Some(name) = cx.optional_literal::<String>(element, "certificate-id")? else {
            let key = match cx.text::<SharedSecret>(element)? {
                Value::Literal(SharedSecret(secret)) => Opening::Parsed(DecryptionKey::Shared(secret)),
                secret @ Value::Code(_) => Opening::Given(secret),
            };
            return Some(Self { id, key });
        };
        let certificate = cx.certificate(&name, element.span)?;
        if certificate.chain.is_empty() {
            return Some(Self { id, key: Opening::Unknown });
        }
        match DecryptionKey::from_private_key(certificate.key.expose()) {
            Ok(key) => Some(Self { id, key: Opening::Parsed(key) }),
            Err(_) => {
                let message = format!("The certificate \"{name}\" has no private RSA key.");
                cx.error("PX0107", message, element.span);
                None
            }
        }
    }
}

fn keys<'e>(element: &'e Element, name: &'static str) -> impl Iterator<Item = &'e Element> {
    element.elements().filter(move |child| child.name == name).flat_map(Element::elements)
}

/// All keys that a request's token may be signed with.
#[derive(Clone, Copy)]
pub(crate) struct Keys<'k> {
    parsed: &'k [Key],
    given: &'k [Key],
    sets: &'k [Arc<KeySet>],
}

impl<'k> Keys<'k> {
    /// Each key with the set that it comes from.
    fn all(self) -> impl Iterator<Item = (&'k Key, Option<&'k KeySet>)> {
        let own = self.parsed.iter().chain(self.given).map(|key| (key, None));
        own.chain(self.sets.iter().flat_map(|set| set.keys.iter().map(|key| (key, Some(&**set)))))
    }

    /// Whether a token names a key that is none of these: a provider may have newer ones.
    pub(crate) fn lack(self, token: &Token<'_>) -> bool {
        token.key_id().is_some_and(|id| !self.all().any(|(key, _)| key.id.as_deref() == Some(id)))
    }

    /// Finds the key that signed a token, among those of its name, and where there is none, among all. What comes back is
    /// the provider whose key it is.
    pub(crate) fn signer(self, token: &Token<'_>) -> Result<Option<&'k KeySet>, Refusal> {
        let Some(algorithm) = token.algorithm().filter(|_| !token.is_critical()) else {
            return Err(Refusal::new(
                "TokenSignatureInvalid",
                "Signature validation failed: the algorithm of the token is not supported. Access denied.",
            ));
        };
        let is_unknown = self.lack(token);
        let named = |key: &Key| token.key_id().is_none_or(|id| is_unknown || key.id.as_deref() == Some(id));
        let fits = |key: &Key| named(key) && key.algorithm.is_none_or(|only| only == algorithm);
        let mut candidates = self.all().filter(|(key, _)| fits(key));
        if let Some((_, set)) = candidates.find(|(key, _)| token.verify(&key.key).is_ok()) {
            return Ok(set);
        }
        let (reason, what) = match token.key_id() {
            Some(_) if is_unknown => ("TokenSignatureKeyNotFound", "no key has the id that the token names"),
            None if self.all().next().is_none() => ("TokenSignatureKeyNotFound", "there is no key to validate it with"),
            _ => ("TokenSignatureInvalid", "no key has made it"),
        };
        Err(Refusal::new(reason, format!("Signature validation failed: {what}. Access denied.")))
    }
}

/// Opens an encrypted token.
pub(crate) fn open(
    token: &str,
    keys: &[Decrypting],
    exchange: &mut Exchange,
) -> Result<Result<String, Refusal>, Fault> {
    let Ok(encrypted) = Encrypted::parse(token) else { return Ok(Err(Refusal::malformed())) };
    let id = encrypted.key_id();
    let named = |key: &&Decrypting| id.is_some() && key.id.as_deref() == id;
    let is_known = keys.iter().any(|key| named(&key));
    for key in keys.iter().filter(|key| !is_known || named(key)) {
        let plain = match &key.key {
            Opening::Parsed(key) => encrypted.decrypt(key),
            Opening::Given(secret) => encrypted.decrypt(&DecryptionKey::Shared(secret.get(exchange)?.into_owned().0)),
            Opening::Unknown => continue,
        };
        if let Some(text) = plain.ok().and_then(|plain| String::from_utf8(plain).ok()) {
            return Ok(Ok(text));
        }
    }
    Ok(Err(Refusal::new("JwtInvalid", "The token cannot be decrypted. Access denied.")))
}
