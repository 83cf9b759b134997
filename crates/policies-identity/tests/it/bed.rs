//! What the tests share: keys, tokens, and a document with one policy.

use std::sync::{Arc, LazyLock};

use crypto::{Hash, hmac, jws::SigningKey, rsa, rsa::SignaturePadding, text};
use engine::rehearse::{Outcome, in_section, rehearse};
use policy::{Catalogue, Section};
use serde_json::{Value, json};

/// The policies are put together once for all tests.
pub(crate) static CATALOGUE: LazyLock<Arc<Catalogue>> =
    LazyLock::new(|| Arc::new(catalogue::catalogue(dotnet::surface().unwrap())));

/// Making one takes its time.
pub(crate) static RSA: LazyLock<rsa::PrivateKey> = LazyLock::new(|| rsa::PrivateKey::generate().unwrap());
pub(crate) static EC: LazyLock<SigningKey> = LazyLock::new(|| SigningKey::generate_ec().unwrap());

pub(crate) const SECRET: &[u8] = b"a secret that nobody can guess, and 64 bytes long for all of them";

/// The moment of every rehearsal: 2024-05-17T12:34:56Z.
pub(crate) const NOW: i64 = 1_715_949_296;

pub(crate) fn part(bytes: &[u8]) -> String {
    text::base64url(bytes)
}

/// Header and claims as text, so that a test can write what is no JSON.
pub(crate) fn unsigned(header: &str, claims: &str) -> String {
    format!("{}.{}", part(header.as_bytes()), part(claims.as_bytes()))
}

pub(crate) fn hs256(header: &str, claims: &str) -> String {
    let signed = unsigned(header, claims);
    let tag = hmac::sign(Hash::Sha256, SECRET, signed.as_bytes());
    format!("{signed}.{}", part(&tag))
}

/// A token with these claims, signed with the shared secret, that ends in an hour.
pub(crate) fn token(mut claims: Value) -> String {
    if claims.get("exp").is_none() {
        claims["exp"] = (NOW + 3600).into();
    }
    hs256(r#"{"alg":"HS256","typ":"JWT"}"#, &claims.to_string())
}

pub(crate) fn rsa_token(
    algorithm: &str,
    padding: SignaturePadding,
    hash: Hash,
    id: Option<&str>,
    claims: &Value,
) -> String {
    let mut header = json!({ "alg": algorithm });
    if let Some(id) = id {
        header["kid"] = id.into();
    }
    let signed = unsigned(&header.to_string(), &claims.to_string());
    let signature = RSA.sign(padding, hash, signed.as_bytes()).unwrap();
    format!("{signed}.{}", part(&signature))
}

/// The shared secret as a document has it.
pub(crate) fn secret_key() -> String {
    format!("<issuer-signing-keys><key>{}</key></issuer-signing-keys>", text::base64(SECRET))
}

pub(crate) fn rsa_key(id: &str) -> String {
    let public = RSA.public();
    format!(r#"<key id="{id}" n="{}" e="{}" />"#, part(&public.n), part(&public.e))
}

/// Runs inbound policies on a message.
pub(crate) fn run(policies: &str, given: &str) -> Outcome {
    rehearse(&CATALOGUE, &in_section(Section::Inbound, policies), given, "", 1).unwrap()
}

/// The codes of what is wrong with a document of these inbound policies.
pub(crate) fn refused(policies: &str) -> Vec<String> {
    match rehearse(&CATALOGUE, &in_section(Section::Inbound, policies), "GET / HTTP/1.1", "", 1) {
        Err(engine::rehearse::Refused::Document(found)) => {
            found.into_iter().map(|found| format!("{} {}", found.code, found.message)).collect()
        }
        other => panic!("it was not refused: {other:?}"),
    }
}

/// `validate-jwt` with these further attributes and children, on a request with this token.
pub(crate) fn validate(attributes: &str, children: &str, token: &str) -> Outcome {
    let policy = format!(r#"<validate-jwt header-name="Authorization" {attributes}>{children}</validate-jwt>"#);
    run(&policy, &format!("GET / HTTP/1.1\nAuthorization: Bearer {token}"))
}

/// What became of the request: `ok`, or the status, the reason and the message that the client read.
pub(crate) fn verdict(outcome: &Outcome) -> String {
    let Some(error) = &outcome.error else {
        assert!(outcome.sent.is_some(), "{outcome:?}");
        return "ok".into();
    };
    assert!(outcome.sent.is_none(), "{outcome:?}");
    let mut words = error.split(' ');
    let (_, reason) = (words.next(), words.next().unwrap());
    let status = outcome.answer.split(' ').nth(1).unwrap();
    let body = outcome.answer.split("\n\n").nth(1).unwrap();
    let body: Value = serde_json::from_str(body).unwrap();
    assert_eq!(body["statusCode"].to_string(), status);
    format!("{status} {reason} {}", body["message"].as_str().unwrap())
}

/// The same, the reason alone.
pub(crate) fn reason(outcome: &Outcome) -> String {
    verdict(outcome).split(' ').nth(1).unwrap_or("ok").to_owned()
}
