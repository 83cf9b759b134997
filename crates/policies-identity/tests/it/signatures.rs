//! Signatures, keys, and encrypted tokens.

use crypto::{
    Hash, hmac,
    rsa::SignaturePadding::{Pkcs1, Pss},
    text,
};
use serde_json::json;

use crate::bed::{
    EC, NOW, RSA, SECRET, part, reason, refused, rsa_key, rsa_token, secret_key, token, unsigned, validate, verdict,
};

fn keys(keys: &str) -> String {
    format!("<issuer-signing-keys>{keys}</issuer-signing-keys>")
}

#[test]
fn shared_secrets_sign_with_every_digest() {
    for (algorithm, hash) in [("HS256", Hash::Sha256), ("HS384", Hash::Sha384), ("HS512", Hash::Sha512)] {
        let signed = unsigned(&json!({ "alg": algorithm }).to_string(), &json!({ "exp": NOW + 1 }).to_string());
        let token = format!("{signed}.{}", part(&hmac::sign(hash, SECRET, signed.as_bytes())));
        assert_eq!(verdict(&validate("", &secret_key(), &token)), "ok", "{algorithm}");
    }
}

#[test]
fn rsa_keys_sign_with_every_padding_and_digest() {
    let hashes = [("256", Hash::Sha256), ("384", Hash::Sha384), ("512", Hash::Sha512)];
    for (size, hash) in hashes {
        for (family, padding) in [("RS", Pkcs1), ("PS", Pss)] {
            let token = rsa_token(&format!("{family}{size}"), padding, hash, Some("k"), &json!({ "exp": NOW + 1 }));
            assert_eq!(verdict(&validate("", &keys(&rsa_key("k")), &token)), "ok", "{family}{size}");
        }
    }
}

#[test]
fn a_key_of_another_name_is_tried_where_none_has_the_tokens() {
    let claims = json!({ "exp": NOW + 1 });
    let token = rsa_token("RS256", Pkcs1, Hash::Sha256, Some("new"), &claims);
    assert_eq!(reason(&validate("", &keys(&rsa_key("old")), &token)), "ok");
    // A key of that name that did not sign ends the search.
    let other = format!(r#"<key id="new">{}</key>"#, text::base64(b"another secret"));
    assert_eq!(reason(&validate("", &keys(&(rsa_key("old") + &other)), &token)), "TokenSignatureInvalid");
    let no_name = rsa_token("RS256", Pkcs1, Hash::Sha256, None, &claims);
    assert_eq!(reason(&validate("", &keys(&(other + &rsa_key("old"))), &no_name)), "ok");
}

#[test]
fn what_no_key_verifies_is_told_apart() {
    let named = EC.sign(&json!({ "exp": NOW + 1 })).unwrap();
    assert_eq!(
        verdict(&validate("", &secret_key(), &named)),
        "401 TokenSignatureKeyNotFound Signature validation failed: no key has the id that the token names. Access denied."
    );
    let mut forged = token(json!({}));
    forged.truncate(forged.rfind('.').unwrap());
    let forged = format!("{forged}.{}", part(&[0; 32]));
    assert_eq!(
        verdict(&validate("", &secret_key(), &forged)),
        "401 TokenSignatureInvalid Signature validation failed: no key has made it. Access denied."
    );
    assert_eq!(
        verdict(&validate("", "", &token(json!({})))),
        "401 TokenSignatureKeyNotFound Signature validation failed: there is no key to validate it with. Access denied."
    );
}

#[test]
fn a_secret_may_come_from_an_expression() {
    let key = format!(r#"<key>@("{}")</key>"#, text::base64(SECRET));
    assert_eq!(verdict(&validate("", &keys(&key), &token(json!({})))), "ok");
}

#[test]
fn keys_that_are_none_are_refused_when_the_document_is_saved() {
    let policy = |key: &str| {
        let policy =
            format!(r#"<validate-jwt header-name="a"><issuer-signing-keys>{key}</issuer-signing-keys></validate-jwt>"#);
        refused(&policy).remove(0)
    };
    assert_eq!(policy("<key>***</key>"), "PX0107 <key>: the key is not Base64.");
    assert_eq!(policy("<key></key>"), "PX0107 <key>: the key is empty.");
    assert_eq!(policy(r#"<key certificate-id="nobody" />"#), "PX0124 There is no certificate \"nobody\".");
    assert!(policy(r#"<key n="AQAB" />"#).starts_with("PX0108"));
    assert!(policy(r#"<key n="AQAB" e="AQAB" />"#).starts_with("PX0107"));
}

/// A token inside another, as an issuer makes it: `dir` with A128CBC-HS256.
fn encrypted(secret: &[u8], plain: &str) -> String {
    let protected = part(br#"{"alg":"dir","enc":"A128CBC-HS256","cty":"JWT"}"#);
    let (mac, aes) = secret.split_at(16);
    let iv = [9; 16];
    let body = crypto::cipher::aes_cbc_encrypt(aes, &iv, plain.as_bytes()).unwrap();
    let length = (protected.len() as u64 * 8).to_be_bytes();
    let tag = hmac::sign(Hash::Sha256, mac, &[protected.as_bytes(), &iv, &body, &length].concat());
    format!("{protected}..{}.{}.{}", part(&iv), part(&body), part(&tag[..16]))
}

#[test]
fn an_encrypted_token_is_opened_and_its_inner_signature_judged() {
    let secret = [4; 32];
    let children =
        |key: &[u8]| format!("{}<decryption-keys><key>{}</key></decryption-keys>", secret_key(), text::base64(key));
    let outer = encrypted(&secret, &token(json!({ "sub": "ann" })));
    assert_eq!(verdict(&validate("", &children(&secret), &outer)), "ok");
    let wrong = "401 JwtInvalid The token cannot be decrypted. Access denied.";
    assert_eq!(verdict(&validate("", &children(&[5; 32]), &outer)), wrong);
    assert_eq!(verdict(&validate("", &secret_key(), &outer)), wrong);
    let unsigned = format!("{}.", unsigned(r#"{"alg":"none"}"#, "{}"));
    let outer = encrypted(&secret, &unsigned);
    assert_eq!(reason(&validate("", &children(&secret), &outer)), "TokenSignatureInvalid");
}

#[test]
fn unsigned_tokens_pass_only_where_the_document_lets_them() {
    let none = format!("{}.", unsigned(r#"{"alg":"none"}"#, &json!({ "exp": NOW + 1 }).to_string()));
    assert_eq!(reason(&validate("", &secret_key(), &none)), "TokenSignatureInvalid");
    let lax = r#"require-signed-tokens="false""#;
    assert_eq!(reason(&validate(lax, &secret_key(), &none)), "ok");
    // What has a signature is still judged by it.
    let forged = format!("{}{}", none, part(b"x"));
    assert_eq!(reason(&validate(lax, &secret_key(), &forged)), "TokenSignatureInvalid");
    let signed = rsa_token("RS256", Pkcs1, Hash::Sha256, None, &json!({ "exp": NOW + 1 }));
    assert_eq!(reason(&validate(lax, &secret_key(), &signed)), "TokenSignatureInvalid");
    assert!(RSA.public().n.len() >= 256);
}
