//! Where tokens come from, and where `validate-jwt` leaves them.

use serde_json::json;

use crate::bed::{refused, run, secret_key, token, validate, verdict};

fn from(attributes: &str, given: &str) -> String {
    let policy = format!("<validate-jwt {attributes}>{}</validate-jwt>", secret_key());
    verdict(&run(&policy, given))
}

#[test]
fn a_token_stands_in_a_header_a_parameter_or_a_value() {
    let token = token(json!({}));
    let header = |line: &str| format!("GET / HTTP/1.1\n{line}");
    let authorization = r#"header-name="Authorization""#;
    assert_eq!(from(authorization, &header(&format!("Authorization: Bearer {token}"))), "ok");
    assert_eq!(from(authorization, &header(&format!("authorization: bearer  {token} "))), "ok");
    assert_eq!(from(r#"header-name="X-Token""#, &header(&format!("X-Token: {token}"))), "ok");
    assert_eq!(from(r#"query-parameter-name="jwt""#, &format!("GET /?a=1&jwt={token} HTTP/1.1")), "ok");
    let expression = r#"token-value="@(context.Request.Headers.GetValueOrDefault("X-Any", ""))""#;
    assert_eq!(from(expression, &header(&format!("X-Any: {token}"))), "ok");
}

#[test]
fn no_token_is_told_from_a_wrong_one() {
    let authorization = r#"header-name="Authorization""#;
    let none = "401 TokenNotPresent JWT not present.";
    assert_eq!(from(authorization, "GET / HTTP/1.1"), none);
    assert_eq!(from(authorization, "GET / HTTP/1.1\nAuthorization: Bearer "), "401 JwtInvalid Invalid JWT.");
    assert_eq!(from(r#"query-parameter-name="jwt""#, "GET /?jwt= HTTP/1.1"), none);
    assert_eq!(from(r#"token-value="@("")""#, "GET / HTTP/1.1"), none);
}

#[test]
fn a_required_scheme_counts_for_the_authorization_header_only() {
    let token = token(json!({}));
    let given = |name: &str, scheme: &str| format!("GET / HTTP/1.1\n{name}: {scheme}{token}");
    let policy = r#"header-name="Authorization" require-scheme="Bearer""#;
    assert_eq!(from(policy, &given("Authorization", "Bearer ")), "ok");
    assert_eq!(from(policy, &given("Authorization", "")), "401 TokenNotPresent JWT not present.");
    assert_eq!(from(policy, &given("Authorization", "Other ")), "401 TokenNotPresent JWT not present.");
    assert_eq!(from(r#"header-name="X-Token" require-scheme="Bearer""#, &given("X-Token", "")), "ok");
}

#[test]
fn a_token_that_stands_twice_is_none() {
    let token = token(json!({}));
    let twice = format!("GET / HTTP/1.1\nAuthorization: Bearer {token}\nAuthorization: Bearer {token}");
    assert_eq!(from(r#"header-name="Authorization""#, &twice), "401 JwtInvalid Invalid JWT.");
    let twice = format!("GET /?jwt={token}&jwt={token} HTTP/1.1");
    assert_eq!(from(r#"query-parameter-name="jwt""#, &twice), "401 JwtInvalid Invalid JWT.");
}

#[test]
fn exactly_one_place_must_be_named() {
    let none = format!("<validate-jwt>{}</validate-jwt>", secret_key());
    assert!(refused(&none)[0].starts_with("PX0105 <validate-jwt> must have one of"));
    let two = format!(r#"<validate-jwt header-name="a" token-value="b">{}</validate-jwt>"#, secret_key());
    assert!(refused(&two)[0].starts_with("PX0108 <validate-jwt> must have only one of"));
}

#[test]
fn the_variable_is_the_token_as_expressions_read_it() {
    let policy = format!(
        r#"<validate-jwt header-name="Authorization" output-token-variable-name="jwt">{}</validate-jwt>
        <set-header name="X-Claims" exists-action="override"><value>@{{
            var jwt = (Jwt)context.Variables["jwt"];
            return jwt.Subject + "/" + jwt.Claims["roles"][1] + "/" + string.Join("+", jwt.Audiences);
        }}</value></set-header>"#,
        secret_key()
    );
    let token = token(json!({ "sub": "ann", "roles": ["a", "b"], "aud": ["x", "y"] }));
    let outcome = run(&policy, &format!("GET / HTTP/1.1\nAuthorization: Bearer {token}"));
    assert!(outcome.sent.unwrap().contains("X-Claims: ann/b/x+y"));
}

#[test]
fn status_and_message_of_a_refusal_are_the_documents() {
    let attributes = r#"failed-validation-httpcode="@(400 + 3)" failed-validation-error-message="@("Not " + "today")""#;
    assert_eq!(verdict(&validate(attributes, &secret_key(), "x")), "403 JwtInvalid Not today");
}
