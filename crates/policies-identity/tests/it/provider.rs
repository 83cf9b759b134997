//! Key sets of providers: when they are fetched, by whom, and what happens while they cannot be.

use std::{
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use base::Timestamp;
use crypto::jws::SigningKey;
use serde_json::{Value, json};
use testkit::{Documents, FakeBackend, Gateway, ManualClock, Reply, Setup};

use crate::bed::{CATALOGUE, NOW};

/// A provider whose keys a test changes.
struct Provider {
    backend: FakeBackend,
    state: Arc<State>,
}

#[derive(Default)]
struct State {
    keys: Mutex<Vec<Value>>,
    is_down: Mutex<bool>,
    fetches: AtomicUsize,
}

impl Provider {
    fn start(keys: &[&SigningKey]) -> Self {
        let state = Arc::new(State::default());
        let shared = Arc::clone(&state);
        let backend = FakeBackend::with(move |seen| {
            if !seen.target.starts_with("/provider") {
                return None;
            }
            if *shared.is_down.lock().unwrap() {
                return Some(Reply::new(503, "down"));
            }
            let host = seen.header("host").unwrap();
            Some(if seen.target.ends_with("/keys") {
                shared.fetches.fetch_add(1, Ordering::SeqCst);
                Reply::new(200, json!({ "keys": *shared.keys.lock().unwrap() }).to_string())
            } else {
                let jwks = format!("http://{host}/provider/keys");
                Reply::new(200, json!({ "issuer": "https://issuer.example", "jwks_uri": jwks }).to_string())
            })
        });
        let provider = Self { backend, state };
        provider.publish(keys);
        provider
    }

    fn publish(&self, keys: &[&SigningKey]) {
        *self.state.keys.lock().unwrap() = keys.iter().map(|key| key.jwk()).collect();
    }

    fn set_down(&self, is_down: bool) {
        *self.state.is_down.lock().unwrap() = is_down;
    }

    fn fetches(&self) -> usize {
        self.state.fetches.load(Ordering::SeqCst)
    }

    fn url(&self) -> String {
        format!("{}/provider/.well-known/openid-configuration", self.backend.url())
    }
}

struct Bed {
    gateway: Gateway,
    clock: Arc<ManualClock>,
}

impl Bed {
    fn start(provider: &Provider) -> Self {
        Self::with_workers(provider, 1)
    }

    fn with_workers(provider: &Provider, workers: usize) -> Self {
        let clock = Arc::new(ManualClock::at(Timestamp::from_secs(NOW)));
        let mut setup = Setup { clock: Arc::<ManualClock>::clone(&clock), ..Setup::with(Arc::clone(&CATALOGUE)) };
        setup.settings.workers = workers;
        let documents = Documents::service("contoso").open_api("echo", "echo", &provider.backend.url());
        let gateway = Gateway::start(setup, documents.policy("apis/echo", &policy(&provider.url(), "")));
        assert_eq!(gateway.problems(), Vec::<String>::new());
        Self { gateway, clock }
    }

    /// The status for a request with a token of this key.
    fn status(&self, key: &SigningKey) -> u16 {
        self.status_of(&token(key))
    }

    fn status_of(&self, token: &str) -> u16 {
        let request = format!(
            "GET /echo/a HTTP/1.1\nHost: contoso.localhost\nAuthorization: Bearer {token}\nConnection: close\n\n"
        );
        let answer = self.gateway.exchange(&request);
        answer.split(' ').nth(1).unwrap().parse().unwrap()
    }

    /// Lets time pass, and the worker notice it: a request before that would be timed from the moment before.
    fn pass(&self, minutes: u64) {
        self.clock.advance(Duration::from_mins(minutes));
        while self.clock.sleepers() == 0 {
            std::thread::yield_now();
        }
    }
}

fn policy(url: &str, more: &str) -> String {
    format!(
        r#"<policies><inbound><base /><validate-jwt header-name="Authorization"><openid-config url="{url}" />{more}</validate-jwt></inbound><backend><base /></backend><outbound><base /></outbound><on-error><base /></on-error></policies>"#
    )
}

fn token(key: &SigningKey) -> String {
    key.sign(&json!({ "iss": "https://issuer.example", "exp": NOW + 1_000_000 })).unwrap()
}

fn key() -> SigningKey {
    SigningKey::generate_ec().unwrap()
}

#[test]
fn keys_hold_for_an_hour() {
    let known = key();
    let provider = Provider::start(&[&known]);
    let bed = Bed::start(&provider);
    assert_eq!([bed.status(&known), bed.status(&known)], [200, 200]);
    bed.pass(59);
    assert_eq!((bed.status(&known), provider.fetches()), (200, 1));
    bed.pass(1);
    assert_eq!((bed.status(&known), provider.fetches()), (200, 2));
    // A key that is gone is not believed any longer than that.
    provider.publish(&[&key()]);
    bed.pass(60);
    assert_eq!((bed.status(&known), provider.fetches()), (401, 3));
}

#[test]
fn an_unknown_key_makes_the_set_be_fetched_once_in_five_minutes() {
    let (old, new, next) = (key(), key(), key());
    let provider = Provider::start(&[&old]);
    let bed = Bed::start(&provider);
    assert_eq!(bed.status(&old), 200);
    provider.publish(&[&old, &new]);
    assert_eq!((bed.status(&new), bed.status(&old), provider.fetches()), (200, 200, 2));
    // Whoever makes up key ids does not reach the provider with each.
    assert_eq!([bed.status(&key()), bed.status(&key()), bed.status(&key())], [401, 401, 401]);
    assert_eq!(provider.fetches(), 2);
    provider.publish(&[&next]);
    bed.pass(4);
    assert_eq!((bed.status(&next), provider.fetches()), (401, 2));
    bed.pass(1);
    assert_eq!((bed.status(&next), provider.fetches()), (200, 3));
}

#[test]
fn a_provider_that_is_down_keeps_its_keys_and_is_asked_every_five_minutes() {
    let known = key();
    let provider = Provider::start(&[&known]);
    let bed = Bed::start(&provider);
    assert_eq!(bed.status(&known), 200);
    provider.set_down(true);
    bed.pass(61);
    let before = provider.backend.requests();
    assert_eq!([bed.status(&known), bed.status(&known), bed.status(&known)], [200, 200, 200]);
    // One to the provider, three to the backend.
    assert_eq!(provider.backend.requests() - before, 4);
    bed.pass(5);
    assert_eq!(bed.status(&known), 200);
    assert_eq!(provider.backend.requests() - before, 6);
    provider.set_down(false);
    assert_eq!((bed.status(&known), provider.fetches()), (200, 1));
    bed.pass(5);
    assert_eq!((bed.status(&known), provider.fetches()), (200, 2));
}

#[test]
fn without_any_keys_requests_are_refused_until_the_provider_is_back() {
    let known = key();
    let provider = Provider::start(&[&known]);
    let bed = Bed::start(&provider);
    provider.set_down(true);
    assert_eq!([bed.status(&known), bed.status(&known)], [401, 401]);
    assert_eq!(provider.backend.requests(), 1);
    provider.set_down(false);
    bed.pass(4);
    assert_eq!(bed.status(&known), 401);
    bed.pass(1);
    assert_eq!(bed.status(&known), 200);
}

#[test]
fn all_workers_share_one_fetch_and_a_new_document_needs_none() {
    let known = key();
    let provider = Provider::start(&[&known]);
    let bed = Bed::with_workers(&provider, 4);
    std::thread::scope(|scope| {
        let calls: Vec<_> = (0..24).map(|_| scope.spawn(|| bed.status(&known))).collect();
        assert!(calls.into_iter().all(|call| call.join().unwrap() == 200));
    });
    assert_eq!(provider.fetches(), 1);
    let changed = policy(&provider.url(), r#"<required-claims><claim name="iss" /></required-claims>"#);
    bed.gateway.write(Documents::of("contoso").policy("apis/echo", &changed));
    assert_eq!((bed.status(&known), provider.fetches()), (200, 1));
}

#[test]
fn the_issuer_is_the_one_of_the_provider_whose_key_signed() {
    let known = key();
    let provider = Provider::start(&[&known]);
    let bed = Bed::start(&provider);
    let from = |issuer: &str| bed.status_of(&known.sign(&json!({ "iss": issuer, "exp": NOW + 9 })).unwrap());
    assert_eq!([from("https://issuer.example"), from("https://other.example")], [200, 401]);
    let listed = policy(&provider.url(), "<issuers><issuer>https://other.example</issuer></issuers>");
    bed.gateway.write(Documents::of("contoso").policy("apis/echo", &listed));
    assert_eq!([from("https://issuer.example"), from("https://other.example")], [200, 200]);
}

#[test]
fn published_secrets_and_keys_for_encryption_verify_nothing() {
    let known = key();
    let provider = Provider::start(&[]);
    let mut encrypting = known.jwk();
    encrypting["use"] = "enc".into();
    let secret = json!({ "kty": "oct", "k": crypto::text::base64url(crate::bed::SECRET), "kid": "s" });
    *provider.state.keys.lock().unwrap() = vec![encrypting, secret, json!({ "kty": "RSA" }), key().jwk()];
    let bed = Bed::start(&provider);
    assert_eq!(bed.status(&known), 401);
    let forged = crate::bed::hs256(
        r#"{"alg":"HS256","kid":"s"}"#,
        &json!({ "iss": "https://issuer.example", "exp": NOW + 9 }).to_string(),
    );
    assert_eq!(bed.status_of(&forged), 401);
}
