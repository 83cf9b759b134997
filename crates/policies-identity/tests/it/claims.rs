//! What tokens must say.

use serde_json::{Value, json};

use crate::bed::{NOW, reason, secret_key, token, validate, verdict};

fn with(attributes: &str, children: &str, claims: Value) -> String {
    verdict(&validate(attributes, &(secret_key() + children), &token(claims)))
}

#[test]
fn a_token_ends_and_begins_when_it_says() {
    let at = |exp: i64, nbf: i64, skew: &str| {
        let skew = format!(r#"clock-skew="{skew}""#);
        reason(&validate(&skew, &secret_key(), &token(json!({ "exp": NOW + exp, "nbf": NOW + nbf }))))
    };
    assert_eq!(at(1, 0, "0"), "ok");
    assert_eq!(at(0, 0, "0"), "TokenExpired");
    assert_eq!(at(-9, 0, "10"), "ok");
    assert_eq!(at(-10, 0, "10"), "TokenExpired");
    assert_eq!(at(99, 1, "0"), "JwtInvalid");
    assert_eq!(at(99, 10, "10"), "ok");
}

#[test]
fn an_end_must_be_said_unless_the_document_does_not_care() {
    let endless = crate::bed::hs256(r#"{"alg":"HS256"}"#, "{}");
    assert_eq!(
        verdict(&validate("", &secret_key(), &endless)),
        "401 JwtInvalid Lifetime validation failed: the token has no expiration time."
    );
    assert_eq!(verdict(&validate(r#"require-expiration-time="false""#, &secret_key(), &endless)), "ok");
}

#[test]
fn one_audience_of_the_token_must_be_listed() {
    let audiences = "<audiences><audience>api://one</audience><audience>@(\"t\" + \"wo\")</audience></audiences>";
    let to = |aud: Value| with("", audiences, json!({ "aud": aud })).split(' ').nth(1).unwrap_or("ok").to_owned();
    assert_eq!(to(json!("api://one")), "ok");
    assert_eq!(to(json!("api://one/")), "ok");
    assert_eq!(to(json!(["x", "two"])), "ok");
    assert_eq!(to(json!("API://one")), "TokenAudienceNotAllowed");
    assert_eq!(to(json!([])), "TokenAudienceNotAllowed");
    assert_eq!(
        with("", audiences, json!({})),
        "401 TokenAudienceNotAllowed Audience validation failed: the audience is not allowed. Access denied."
    );
}

#[test]
fn the_issuer_must_be_listed() {
    let issuers = "<issuers><issuer>https://one.example/</issuer><issuer>two</issuer></issuers>";
    assert_eq!(with("", issuers, json!({ "iss": "two" })), "ok");
    let wrong = "401 TokenIssuerNotAllowed Issuer validation failed: the issuer is not allowed. Access denied.";
    assert_eq!(with("", issuers, json!({ "iss": "https://one.example" })), wrong);
    assert_eq!(with("", issuers, json!({})), wrong);
    assert_eq!(with("", "", json!({ "iss": "anybody" })), "ok");
}

#[test]
fn claims_that_are_missing_are_all_named() {
    let claims = r#"<required-claims><claim name="a" /><claim name="b" /><claim name="c" /></required-claims>"#;
    assert_eq!(
        with("", claims, json!({ "b": null })),
        "401 TokenClaimNotFound JWT is missing the following claims: a, c. Access denied."
    );
    assert_eq!(with("", claims, json!({ "a": "", "b": {}, "c": [] })), "ok");
}

#[test]
fn a_claim_has_all_values_or_any() {
    let claim = |attributes: &str, value: Value| {
        let claims = format!(
            r#"<required-claims><claim name="c" {attributes}><value>x</value><value>7</value></claim></required-claims>"#
        );
        with("", &claims, json!({ "c": value }))
    };
    assert_eq!(claim("", json!(["7", "y", "x"])), "ok");
    assert_eq!(claim("", json!(["x", 7])), "ok");
    let wrong = "401 TokenClaimValueNotAllowed Claim c value of x is not allowed. Access denied.";
    assert_eq!(claim("", json!("x")), wrong);
    assert_eq!(claim(r#"match="all""#, json!(["x"])), wrong);
    assert_eq!(claim(r#"match="any""#, json!("x")), "ok");
    assert_eq!(claim(r#"match="any""#, json!(7)), "ok");
    assert_eq!(claim(r#"match="any""#, json!("x 7")).split(' ').nth(1), Some("TokenClaimValueNotAllowed"));
    assert_eq!(claim(r#"separator=" ""#, json!("7 x y")), "ok");
    assert_eq!(claim(r#"separator=",""#, json!("7,x")), "ok");
    assert_eq!(claim(r#"match="any""#, json!("X")).split(' ').nth(1), Some("TokenClaimValueNotAllowed"));
}
