//! Tokens that try to get through.

use crypto::{Hash, hmac};
use proptest::prelude::*;
use serde_json::json;

use crate::bed::{NOW, RSA, hs256, part, reason, rsa_key, secret_key, token, unsigned, validate};

const HEADER: &str = r#"{"alg":"HS256"}"#;

fn judged(token: &str) -> String {
    reason(&validate("", &secret_key(), token))
}

fn claims(claims: &str) -> String {
    judged(&hs256(HEADER, claims))
}

#[test]
fn none_is_no_algorithm_however_it_is_spelled() {
    for algorithm in ["none", "None", "NONE", "nOnE", "", "HS257", "hs256"] {
        let header = json!({ "alg": algorithm }).to_string();
        let body = json!({ "exp": NOW + 9 }).to_string();
        assert_eq!(judged(&format!("{}.", unsigned(&header, &body))), "TokenSignatureInvalid", "{algorithm}");
        assert_eq!(judged(&hs256(&header, &body)), "TokenSignatureInvalid", "{algorithm}");
    }
    for header in ["{}", r#"{"alg":null}"#, r#"{"alg":["HS256"]}"#, r#"{"alg":256}"#] {
        assert_eq!(judged(&hs256(header, &json!({ "exp": NOW + 9 }).to_string())), "TokenSignatureInvalid", "{header}");
    }
}

#[test]
fn a_public_key_is_no_shared_secret() {
    let public = RSA.public();
    let keys = format!("<issuer-signing-keys>{}</issuer-signing-keys>", rsa_key("k"));
    let signed = unsigned(r#"{"alg":"HS256","kid":"k"}"#, &json!({ "exp": NOW + 9 }).to_string());
    for secret in [public.n.clone(), part(&public.n).into_bytes(), [public.n, public.e].concat()] {
        let forged = format!("{signed}.{}", part(&hmac::sign(Hash::Sha256, &secret, signed.as_bytes())));
        assert_eq!(reason(&validate("", &keys, &forged)), "TokenSignatureInvalid");
    }
}

#[test]
fn a_key_inside_the_token_is_not_trusted() {
    let secret = b"mine";
    let header = json!({ "alg": "HS256", "jwk": { "kty": "oct", "k": part(secret) }, "jku": "http://evil.example" });
    let signed = unsigned(&header.to_string(), &json!({ "exp": NOW + 9 }).to_string());
    let forged = format!("{signed}.{}", part(&hmac::sign(Hash::Sha256, secret, signed.as_bytes())));
    assert_eq!(judged(&forged), "TokenSignatureInvalid");
}

#[test]
fn extensions_that_must_be_understood_are_refused() {
    let token = hs256(r#"{"alg":"HS256","crit":["b64"],"b64":false}"#, &json!({ "exp": NOW + 9 }).to_string());
    assert_eq!(judged(&token), "TokenSignatureInvalid");
}

#[test]
fn what_says_something_twice_is_no_token() {
    let twice = format!(r#"{{"exp":1,"exp":{}}}"#, NOW + 9);
    assert_eq!(claims(&twice), "JwtInvalid");
    assert_eq!(claims(&format!(r#"{{"exp":{0},"a":{{"b":1,"b":2}}}}"#, NOW + 9)), "JwtInvalid");
    let body = json!({ "exp": NOW + 9 }).to_string();
    assert_eq!(judged(&hs256(r#"{"alg":"none","alg":"HS256"}"#, &body)), "JwtInvalid");
}

#[test]
fn times_and_names_of_the_wrong_type_are_refused() {
    let far = NOW + 9;
    for wrong in [
        format!(r#"{{"exp":"{far}"}}"#),
        r#"{"exp":true}"#.into(),
        r#"{"exp":null}"#.into(),
        format!(r#"{{"exp":[{far}]}}"#),
        format!(r#"{{"exp":{{"a":{far}}}}}"#),
        r#"{"exp":1e999}"#.into(),
        format!(r#"{{"exp":{far},"nbf":"0"}}"#),
        format!(r#"{{"exp":{far},"iat":"now"}}"#),
        format!(r#"{{"exp":{far},"aud":7}}"#),
        format!(r#"{{"exp":{far},"aud":["a",7]}}"#),
        format!(r#"{{"exp":{far},"iss":["a"]}}"#),
    ] {
        assert_eq!(claims(&wrong), "JwtInvalid", "{wrong}");
    }
    assert_eq!(claims(r#"{"exp":1e300}"#), "ok");
    assert_eq!(claims(r#"{"exp":-1e300}"#), "TokenExpired");
}

#[test]
fn what_is_no_token_is_refused() {
    let good = token(json!({}));
    let [header, body, signature] = good.split('.').collect::<Vec<_>>()[..] else { panic!("three parts") };
    for wrong in [
        "x".to_owned(),
        "..".into(),
        "...".into(),
        format!("{header}.{body}"),
        format!("{header}.{body}.{signature}.x"),
        format!("{header}.{body}.{signature}.x.y"),
        format!("{header}.{body}.{signature}.x.y.z"),
        format!("{header}=.!{body}.{signature}"),
        format!("{header}.{body}.{signature}%"),
        format!("{}.{body}.{signature}", part(b"not json")),
        format!("{}.{body}.{signature}", part(b"[]")),
        format!("{}.{body}.{signature}", part(b"\xff\xfe")),
        hs256(HEADER, "[1]"),
        hs256(HEADER, ""),
        hs256(HEADER, &format!("{{\"exp\":{},\"a\":{}}}", NOW + 9, "[".repeat(5000))),
    ] {
        assert_eq!(judged(&wrong), "JwtInvalid", "{wrong}");
    }
    let cut = &signature[..signature.len() - 3];
    assert_eq!(judged(&format!("{header}.{body}.{cut}")), "TokenSignatureInvalid");
    assert_eq!(judged(&format!("{header}.{body}.")), "TokenSignatureInvalid");
}

#[test]
fn a_huge_token_is_not_read() {
    let body = json!({ "exp": NOW + 9, "a": "a".repeat(300 * 1024) }).to_string();
    assert_eq!(judged(&hs256(HEADER, &body)), "JwtInvalid");
    let body = json!({ "exp": NOW + 9, "a": "a".repeat(100 * 1024) }).to_string();
    assert_eq!(judged(&hs256(HEADER, &body)), "ok");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]
    #[test]
    fn no_change_of_a_token_passes(at in 0_usize..120, letter in "[A-Za-z0-9_.-]") {
        let good = token(json!({ "sub": "ann", "role": "reader" }));
        let at = at % good.len();
        let mut changed = good.clone();
        changed.replace_range(at..=at, &letter);
        prop_assume!(changed != good);
        prop_assert_ne!(judged(&changed), "ok");
    }
}
