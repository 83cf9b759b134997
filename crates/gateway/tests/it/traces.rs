//! Traces of single calls: by debug credential, and by the older header.

use std::{sync::Arc, time::Duration};

use base::Timestamp;
use serde_json::{Value, json};
use telemetry::DebugApi;
use testkit::{Documents, FakeBackend, Gateway, ManualClock, Setup};

const SECRET: &str = "5d7c41af64a44a68a2ea46580d271a59";

struct Bed {
    gateway: Gateway,
    backend: FakeBackend,
    clock: Arc<ManualClock>,
}

fn bed() -> Bed {
    let backend = FakeBackend::start();
    let clock = Arc::new(ManualClock::at(Timestamp::from_secs(1_715_949_296)));
    let setup = Setup { clock: clock.clone(), ..crate::policies::setup() };
    let policy = "<policies><inbound><base /><set-header name=\"X-Token\"><value>@(context.Request.Headers.GetValueOrDefault(\"Authorization\", \"none\"))</value></set-header></inbound><backend><base /></backend><outbound><base /></outbound></policies>";
    let key = |allow: bool, key: &str| json!({ "displayName": "s", "scope": "/apis", "state": "active", "allowTracing": allow, "primaryKey": key, "secondaryKey": format!("{key}-2") });
    let documents = Documents::service("contoso")
        .open_api("orders", "orders", &backend.url())
        .open_api("other", "other", &backend.url())
        .policy("apis/orders", policy)
        .put("subscriptions/may", key(true, SECRET))
        .put("subscriptions/may-not", key(false, "0123456789abcdef0123456789abcdef"));
    Bed { gateway: Gateway::start(setup, documents), backend, clock }
}

impl Bed {
    fn call(&self, path: &str, headers: &str) -> String {
        self.gateway.exchange(&format!("GET {path} HTTP/1.1\nHost: contoso.localhost\nConnection: close\n{headers}\n"))
    }

    fn credential(&self, api: &str) -> String {
        let token = self.gateway.traces.issue(DebugApi::new("contoso", None, api), Duration::from_mins(5));
        format!("Apim-Debug-Authorization: {token}\n")
    }
}

fn header(answer: &str, name: &str) -> Option<String> {
    let line =
        answer.lines().find(|line| line.to_ascii_lowercase().starts_with(&format!("{}:", name.to_ascii_lowercase())));
    line.and_then(|line| line.split_once(':')).map(|(_, value)| value.trim().to_owned())
}

#[test]
fn a_credential_traces_a_call_and_secrets_do_not_show() {
    let bed = bed();
    let headers = format!("{}Authorization: Bearer s3cr3t-t0ken\n", bed.credential("orders"));
    let answer = bed.call("/orders/7", &headers);
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    let id = header(&answer, "Apim-Trace-Id").expect("there is an id");
    let trace = bed.gateway.traces.find("contoso", &id).expect("the trace is kept");
    assert_eq!(trace["serviceName"], "contoso");
    let inbound = trace["traceEntries"]["inbound"].as_array().unwrap();
    let sources: Vec<&str> = inbound.iter().map(|entry| entry["source"].as_str().unwrap()).collect();
    assert_eq!(sources, ["api-inspector", "api-inspector", "set-header"]);
    assert_eq!(inbound[0]["data"]["request"]["method"], "GET");
    assert_eq!(inbound[1]["data"]["configuration"]["api"]["from"], "/orders");
    assert_eq!(inbound[2]["path"], "set-header[1]");
    let backend = trace["traceEntries"]["backend"].as_array().unwrap();
    assert!(backend.iter().all(|entry| entry["source"] == "forward-request"), "{backend:?}");
    assert!(!trace.to_string().contains("s3cr3t-t0ken"), "{trace}");
    assert_eq!(bed.gateway.traces.find("fabrikam", &id), None);
    // The credential is nothing for the backend; what the policy made is.
    let seen = bed.backend.last().unwrap();
    assert_eq!(seen.header("Apim-Debug-Authorization"), None);
    assert_eq!(seen.header("X-Token"), Some("Bearer s3cr3t-t0ken"));
}

#[test]
fn a_credential_is_good_for_its_api_and_its_time() {
    let bed = bed();
    let credential = bed.credential("orders");
    let wrong = bed.call("/other/7", &credential);
    assert!(wrong.starts_with("HTTP/1.1 200"), "{wrong}");
    assert_eq!(header(&wrong, "Apim-Debug-Authorization-WrongAPI").unwrap(), "The credential is for the API orders.");
    assert_eq!(header(&wrong, "Apim-Trace-Id"), None);
    bed.clock.advance(Duration::from_mins(6));
    let late = bed.call("/orders/7", &credential);
    let expired = header(&late, "Apim-Debug-Authorization-Expired").unwrap();
    assert_eq!(expired, "The credential expired at 2024-05-17T12:39:56.0000000Z.");
    let made_up = bed.call("/orders/7", "Apim-Debug-Authorization: abc.def\n");
    assert!(!made_up.to_ascii_lowercase().contains("apim-"), "{made_up}");
}

#[test]
fn the_older_header_gives_a_location_to_those_who_may() {
    let bed = bed();
    let asked = |key: &str| bed.call("/orders/7", &format!("Ocp-Apim-Trace: true\nOcp-Apim-Subscription-Key: {key}\n"));
    assert_eq!(header(&asked("0123456789abcdef0123456789abcdef"), "Ocp-Apim-Trace-Location"), None);
    let location = header(&asked(SECRET), "Ocp-Apim-Trace-Location").expect("there is a location");
    let path = location.strip_prefix("http://contoso.localhost").expect(&location);
    let shown = bed.call(path, "");
    let body = shown.split("\n\n").nth(1).unwrap();
    let trace: Value = serde_json::from_str(body).expect(&shown);
    assert_eq!(trace["traceEntries"]["outbound"][0]["source"], "transfer-response");
    assert!(!body.contains(SECRET), "{body}");
    assert!(bed.call("/.tollgate/traces/0000", "").starts_with("HTTP/1.1 404"));
    bed.clock.advance(Duration::from_mins(61));
    assert!(bed.call(path, "").starts_with("HTTP/1.1 404"));
}
