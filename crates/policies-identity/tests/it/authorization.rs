//! `get-authorization-context`, against a token endpoint over real sockets.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    time::Duration,
};

use base::Timestamp;
use crypto::jws::SigningKey;
use serde_json::{Value, json};
use testkit::{Documents, FakeBackend, Gateway, ManualClock, Reply, Seen, Setup};

use crate::bed::{CATALOGUE, NOW, refused};

const OWN: &str = "0b7d8f3c-3a51-4c8e-8a7e-0d4b0f3a9e10";
const TENANT: &str = "9dd35a29-1c47-4e5c-b0a7-0f1d4d2f7c11";

#[derive(Default)]
struct State {
    asked: AtomicUsize,
    is_down: AtomicBool,
    wants_header: AtomicBool,
}

struct Bed {
    gateway: Gateway,
    backend: FakeBackend,
    clock: Arc<ManualClock>,
    state: Arc<State>,
    key: SigningKey,
}

fn form(seen: &Seen) -> Vec<String> {
    String::from_utf8_lossy(&seen.body).split('&').map(str::to_owned).collect()
}

fn answer(state: &State, seen: &Seen) -> Reply {
    if state.is_down.load(Ordering::SeqCst) {
        return Reply::new(503, "down");
    }
    let basic = format!("Basic {}", crypto::text::base64(b"me:s%20cret"));
    let form = form(seen);
    let knows = if state.wants_header.load(Ordering::SeqCst) {
        seen.header("authorization") == Some(&basic)
    } else {
        form.contains(&"client_id=me".to_owned()) && form.contains(&"client_secret=s%20cret".to_owned())
    };
    if !knows {
        return Reply::new(401, r#"{"error":"invalid_client"}"#);
    }
    let number = state.asked.fetch_add(1, Ordering::SeqCst) + 1;
    let scope = form.iter().find_map(|pair| pair.strip_prefix("scope=")).unwrap_or("none");
    let body =
        json!({ "access_token": format!("token-{number}"), "expires_in": 600, "token_type": "Bearer", "scope": scope });
    Reply::new(200, body.to_string())
}

impl Bed {
    fn start() -> Self {
        let state = Arc::new(State::default());
        let key = SigningKey::generate_ec().unwrap();
        let (shared, jwk) = (Arc::clone(&state), key.jwk());
        let backend = FakeBackend::with(move |seen| {
            let host = format!("http://{}", seen.header("host").unwrap());
            match seen.target.as_str() {
                "/token" => Some(answer(&shared, seen)),
                target if target.ends_with("/openid-configuration") => {
                    let issuer = format!("{host}/{TENANT}/v2.0");
                    Some(Reply::new(200, json!({ "issuer": issuer, "jwks_uri": format!("{host}/keys") }).to_string()))
                }
                "/keys" => Some(Reply::new(200, json!({ "keys": [jwk] }).to_string())),
                _ => None,
            }
        });
        let clock = Arc::new(ManualClock::at(Timestamp::from_secs(NOW)));
        let setup = Setup { clock: Arc::<ManualClock>::clone(&clock), ..Setup::with(Arc::clone(&CATALOGUE)) };
        let grant = json!({ "tokenUrl": format!("{}/token", backend.url()), "scopes": "read write", "loginUri": backend.url() });
        let documents = Documents::service("contoso")
            .identity(json!({ "type": "SystemAssigned", "principalId": OWN }))
            .open_api("echo", "echo", &backend.url())
            .put(
                "authorizationProviders/Orders",
                json!({ "identityProvider": "oauth2", "oauth2": { "grantTypes": { "clientCredentials": grant } } }),
            )
            .put("authorizationProviders/Orders/authorizations/App", connection("s cret"))
            .put(
                "authorizationProviders/Orders/authorizations/App/accessPolicies/own",
                json!({ "objectId": OWN, "tenantId": TENANT }),
            );
        let gateway = Gateway::start(setup, documents);
        Self { gateway, backend, clock, state, key }
    }

    fn policy(&self, attributes: &str) {
        let policy = format!(
            r#"<policies><inbound><base /><get-authorization-context provider-id="orders" authorization-id="app" context-variable-name="auth" {attributes} /><set-header name="X-Token" exists-action="override"><value>@{{
                var auth = (Authorization)context.Variables.GetValueOrDefault("auth");
                return auth == null ? "null" : auth.AccessToken + " " + auth.Claims["scope"] + " " + auth.Claims["expires_in"];
            }}</value></set-header></inbound><backend><base /></backend><outbound><base /></outbound><on-error><base /><set-header name="x-reason" exists-action="override"><value>@(context.LastError.Reason)</value></set-header></on-error></policies>"#
        );
        self.gateway.write(Documents::of("contoso").policy("apis/echo", &policy));
        assert_eq!(self.gateway.problems(), Vec::<String>::new());
    }

    /// The token that the backend got, or the status and the reason.
    fn call(&self, identity: &str) -> String {
        let request =
            format!("GET /echo/a HTTP/1.1\nHost: contoso.localhost\nX-Identity: {identity}\nConnection: close\n\n");
        let answer = self.gateway.exchange(&request);
        if let Some(reason) = answer.lines().find_map(|line| line.strip_prefix("x-reason: ")) {
            return format!("{} {reason}", answer.split(' ').nth(1).unwrap());
        }
        self.backend.last().unwrap().header("x-token").unwrap().to_owned()
    }

    fn pass(&self, seconds: u64) {
        self.clock.advance(Duration::from_secs(seconds));
        while self.clock.sleepers() == 0 {
            std::thread::yield_now();
        }
    }

    fn set_down(&self, is_down: bool) {
        self.state.is_down.store(is_down, Ordering::SeqCst);
    }
}

fn connection(secret: &str) -> Value {
    json!({ "authorizationType": "OAuth2", "oauth2grantType": "ClientCredentials", "parameters": { "clientId": "me", "clientSecret": secret } })
}

#[test]
fn a_token_is_kept_until_shortly_before_it_ends() {
    let bed = Bed::start();
    bed.policy("");
    assert_eq!([bed.call(""), bed.call("")], ["token-1 read%20write 600", "token-1 read%20write 600"]);
    bed.pass(419);
    assert_eq!(bed.call(""), "token-1 read%20write 600");
    bed.pass(1);
    assert_eq!(bed.call(""), "token-2 read%20write 600");
    // Another document knows the token, too.
    bed.policy(r#"identity-type="managed""#);
    assert_eq!(bed.call(""), "token-2 read%20write 600");
}

#[test]
fn an_issuer_that_is_down_costs_nothing_while_the_token_holds() {
    let bed = Bed::start();
    bed.policy("");
    assert!(bed.call("").starts_with("token-1"));
    bed.set_down(true);
    bed.pass(500);
    assert!(bed.call("").starts_with("token-1"));
    bed.pass(100);
    assert_eq!(bed.call(""), "500 TokenNotReceived");
    bed.set_down(false);
    // Whoever fails is not asked by every request.
    assert_eq!(bed.call(""), "500 TokenNotReceived");
    bed.pass(5);
    assert!(bed.call("").starts_with("token-2"));
}

#[test]
fn the_secret_goes_into_a_header_where_the_form_is_refused_and_a_new_one_counts_at_once() {
    let bed = Bed::start();
    bed.state.wants_header.store(true, Ordering::SeqCst);
    bed.policy("");
    assert!(bed.call("").starts_with("token-1"));
    let path = "authorizationProviders/Orders/authorizations/App";
    bed.gateway.write(Documents::of("contoso").put(path, connection("wrong")));
    assert_eq!(bed.call(""), "500 TokenNotReceived");
    bed.gateway.write(Documents::of("contoso").put(path, connection("s cret")));
    assert!(bed.call("").starts_with("token-2"));
}

#[test]
fn whoever_no_access_policy_names_gets_no_token() {
    let bed = Bed::start();
    bed.policy("");
    bed.gateway
        .write(Documents::of("contoso").delete("authorizationProviders/Orders/authorizations/App/accessPolicies/own"));
    assert_eq!(bed.call(""), "500 AuthorizationAccessDenied");
    bed.policy(r#"ignore-error="true""#);
    assert_eq!(bed.call(""), "null");
    bed.gateway.write(Documents::of("contoso").delete("authorizationProviders/Orders/authorizations/App"));
    bed.policy("");
    assert_eq!(bed.call(""), "500 AuthorizationNotFound");
}

#[test]
fn an_authorization_that_needs_consent_gives_no_token() {
    let bed = Bed::start();
    let code = json!({ "authorizationType": "OAuth2", "oauth2grantType": "AuthorizationCode" });
    bed.gateway.write(Documents::of("contoso").put("authorizationProviders/Orders/authorizations/App", code));
    bed.policy("");
    assert_eq!(bed.call(""), "500 AuthorizationNotUsable");
}

#[test]
fn the_owner_of_a_token_must_be_named_and_the_token_good() {
    let bed = Bed::start();
    let own = "authorizationProviders/Orders/authorizations/App/accessPolicies/ann";
    bed.gateway
        .write(Documents::of("contoso").put(own, json!({ "objectId": "ann", "tenantId": TENANT, "appIds": ["app"] })));
    bed.policy(r#"identity-type="jwt" identity="@(context.Request.Headers.GetValueOrDefault("X-Identity", ""))""#);
    let claims = |change: fn(&mut Value)| {
        let mut claims = json!({
            "iss": format!("{}/{TENANT}/v2.0", bed.backend.url()), "tid": TENANT, "oid": "ann", "appid": "app",
            "aud": policy::login::AUTHORIZATION_MANAGER, "exp": NOW + 60,
        });
        change(&mut claims);
        bed.key.sign(&claims).unwrap()
    };
    assert!(bed.call(&claims(|_| ())).starts_with("token-1"));
    assert_eq!(bed.call(&claims(|claims| claims["aud"] = "other".into())), "500 IdentityInvalid");
    assert_eq!(bed.call(&claims(|claims| claims["exp"] = NOW.into())), "500 IdentityInvalid");
    assert_eq!(bed.call(&claims(|claims| claims["oid"] = "bob".into())), "500 AuthorizationAccessDenied");
    assert_eq!(bed.call(&claims(|claims| claims["appid"] = "other".into())), "500 AuthorizationAccessDenied");
    let forged =
        SigningKey::generate_ec().unwrap().sign(&json!({ "oid": "ann", "tid": TENANT, "appid": "app" })).unwrap();
    assert_eq!(bed.call(&forged), "500 IdentityInvalid");
    assert_eq!(bed.call("x"), "500 IdentityInvalid");
    assert_eq!(
        refused(
            r#"<get-authorization-context provider-id="a" authorization-id="b" context-variable-name="c" identity-type="jwt" />"#
        ),
        ["PX0105 <get-authorization-context> with the identity type jwt must have the attribute identity."]
    );
}
