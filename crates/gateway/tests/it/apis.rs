//! Routing, keys and policies: the data plane from documents to bytes.

use std::{
    io::{Read as _, Write as _},
    sync::atomic::{AtomicBool, Ordering},
};

use gateway::GatewaySettings;
use serde_json::json;
use testkit::{Documents, FakeBackend, Gateway, Reply, Setup};

use crate::policies::{before, documents, setup};

const KEY: &str = "0123456789abcdef0123456789abcdef";

/// An Echo API that needs a key, and a subscription to it.
fn echo(backend: &FakeBackend) -> Documents {
    let url = format!("{}/base", backend.url());
    let subscription = json!({ "scope": "/apis/echo", "displayName": "mine", "state": "active", "primaryKey": KEY, "secondaryKey": "two" });
    Documents::service("contoso")
        .put("apis/echo", json!({ "displayName": "Echo", "path": "echo", "serviceUrl": url, "protocols": ["https"] }))
        .put(
            "apis/echo/operations/get",
            json!({ "displayName": "Get", "method": "GET", "urlTemplate": "/things/{id}" }),
        )
        .put("subscriptions/mine", subscription)
}

#[test]
fn a_call_with_a_key_passes_all_policies() {
    let backend = FakeBackend::start();
    let policy = r#"<policies>
        <inbound><base /><set-header name="X-In" exists-action="override"><value>in</value></set-header></inbound>
        <backend><base /></backend>
        <outbound><base /><set-header name="X-Powered-By" exists-action="delete" />
            <set-header name="X-Out" exists-action="override"><value>done</value></set-header></outbound>
        <on-error><base /></on-error>
    </policies>"#;
    let gateway = Gateway::start(setup(), echo(&backend).policy("apis/echo", policy));
    assert_eq!(gateway.problems(), [""; 0]);
    for key in [KEY, "two"] {
        let request =
            format!("GET /echo/things/7?x=1 HTTP/1.1\nHost: contoso.localhost\nOcp-Apim-Subscription-Key: {key}\n");
        let response = gateway.exchange(&request);
        assert!(response.starts_with("HTTP/1.1 200 OK\n") && response.contains("\nx-out: done\n"), "{response}");
        assert!(!response.contains("\nx-powered-by:"), "{response}");
    }
    let seen = backend.last().unwrap();
    assert_eq!((seen.target.as_str(), seen.header("x-in")), ("/base/things/7?x=1", Some("in")));
    assert!(
        gateway.wait_for_log(1)[0].ends_with("service=contoso api=echo operation=get subscription=mine"),
        "{:?}",
        gateway.log()
    );
}

#[test]
fn a_call_without_a_usable_key_is_answered_to_the_letter() {
    let backend = FakeBackend::start();
    let gateway = Gateway::start(setup(), echo(&backend));
    let challenge = "AzureApiManagementKey realm=\"http://contoso.localhost/echo\",name=\"Ocp-Apim-Subscription-Key\",type=\"header\"";
    let expected = |message: &str| {
        let body = format!("{{ \"statusCode\": 401, \"message\": \"{message}\" }}");
        let length = body.len();
        format!(
            "HTTP/1.1 401 Unauthorized\ncontent-type: application/json\nwww-authenticate: {challenge}\ncontent-length: {length}\n\n{body}"
        )
    };
    let missing = gateway.exchange("GET /echo/things/7 HTTP/1.1\nHost: contoso.localhost\n");
    let message = "Access denied due to missing subscription key. Make sure to include subscription key when making requests to an API.";
    assert_eq!(missing, expected(message));
    assert!(missing.contains("content-length: 152\n"));
    let invalid = gateway.exchange("GET /echo/things/7?subscription-key=s3cret HTTP/1.1\nHost: contoso.localhost\n");
    let message =
        "Access denied due to invalid subscription key. Make sure to provide a valid key for an active subscription.";
    assert_eq!(invalid, expected(message));
    assert_eq!(backend.requests(), 0);
    let log = gateway.wait_for_log(2);
    assert!(log[0].ends_with("error=authorization/SubscriptionKeyNotFound") && !log[1].contains("s3cret"), "{log:?}");
}

#[test]
fn what_matches_no_operation_is_not_found_and_runs_the_global_on_error() {
    let backend = FakeBackend::start();
    let gateway = Gateway::start(setup(), echo(&backend));
    let body = "{ \"statusCode\": 404, \"message\": \"Resource not found\" }";
    let length = body.len();
    let expected =
        format!("HTTP/1.1 404 Not Found\ncontent-type: application/json\ncontent-length: {length}\n\n{body}");
    for line in ["POST /echo/things/7", "GET /echo/things", "GET /other", "GET *", "OPTIONS *"] {
        assert_eq!(gateway.exchange(&format!("{line} HTTP/1.1\nHost: h\n")), expected, "{line}");
    }
    gateway.write(Documents::of("contoso").policy(
        "",
        r#"<policies><inbound /><backend><forward-request /></backend><outbound />
        <on-error><set-header name="X-Error" exists-action="override">
            <value>seen</value>
        </set-header></on-error></policies>"#,
    ));
    assert_eq!(gateway.problems(), [""; 0]);
    let response = gateway.exchange("GET /other HTTP/1.1\nHost: h\n");
    assert!(response.contains("\nx-error: seen\n"), "{response}");
}

#[test]
fn a_change_is_seen_by_the_next_request_of_an_open_connection() {
    let backend = FakeBackend::start();
    let gateway = before(&backend);
    let mut client = gateway.connect();
    let mut header = |value: &str| {
        gateway.write(Documents::of("contoso").policy("apis/all", &format!(
            r#"<policies><inbound><return-response><set-status code="200" /><set-header name="X-V" exists-action="override">
            <value>{value}</value></set-header></return-response></inbound></policies>"#
        )));
        client.send("GET / HTTP/1.1\nHost: h\n");
        client.response()
    };
    assert!(header("1").contains("\nx-v: 1\n"));
    assert!(header("2").contains("\nx-v: 2\n"));
}

#[test]
fn a_preflight_is_answered_before_the_key_is_looked_at() {
    let backend = FakeBackend::start();
    let policy = "<policies><inbound><cors><allowed-origins><origin>http://site.example</origin></allowed-origins>
        <allowed-methods><method>GET</method></allowed-methods></cors><base /></inbound><backend><base /></backend></policies>";
    let gateway = Gateway::start(setup(), echo(&backend).policy("apis/echo", policy));
    assert_eq!(gateway.problems(), [""; 0]);
    let preflight = |path: &str, origin: &str| {
        let request =
            format!("OPTIONS {path} HTTP/1.1\nHost: h\nOrigin: {origin}\nAccess-Control-Request-Method: GET\n");
        gateway.exchange(&request)
    };
    let allowed = preflight("/echo/things/1", "http://site.example");
    assert!(allowed.starts_with("HTTP/1.1 200 OK\n"), "{allowed}");
    assert!(allowed.contains("\naccess-control-allow-origin: http://site.example\n"), "{allowed}");
    let foreign = preflight("/echo/things/1", "http://other.example");
    assert_eq!(foreign, "HTTP/1.1 200 OK\ncontent-length: 0\n\n");
    assert!(preflight("/nothing", "http://site.example").starts_with("HTTP/1.1 404 Not Found\n"));
    assert_eq!(backend.requests(), 0);
}

#[test]
fn calls_beyond_a_rate_are_refused_on_every_worker() {
    let backend = FakeBackend::start();
    let policy = r#"<policies><inbound><base /><rate-limit calls="5" renewal-period="300" /></inbound>
        <backend><base /></backend></policies>"#;
    let setup = setup();
    let settings = GatewaySettings { workers: 3, ..setup.settings };
    let documents = echo(&backend).policy("apis/echo", policy);
    let gateway = Gateway::start(Setup { settings, ..setup }, documents);
    assert_eq!(gateway.problems(), [""; 0]);
    let request = format!("GET /echo/things/1 HTTP/1.1\nHost: h\nOcp-Apim-Subscription-Key: {KEY}\n");
    let answers: Vec<_> = (0..12).map(|_| gateway.exchange(&request)).collect();
    let (passed, refused) = answers.split_at(5);
    assert!(passed.iter().all(|answer| answer.starts_with("HTTP/1.1 200 OK\n")), "{passed:?}");
    let is_refused =
        |answer: &String| answer.starts_with("HTTP/1.1 429 Too Many Requests\n") && answer.contains("\nretry-after: ");
    assert!(refused.iter().all(is_refused), "{refused:?}");
    assert_eq!(backend.requests(), 5);
}

fn version(number: usize) -> String {
    format!(
        r#"<policies><inbound><set-header name="X-In" exists-action="override"><value>{number}</value></set-header></inbound>
        <backend><forward-request /></backend>
        <outbound><set-header name="X-Out" exists-action="override"><value>{number}</value></set-header></outbound></policies>"#
    )
}

#[test]
fn publishing_under_load_fails_and_mixes_nothing() {
    let backend = FakeBackend::start();
    let setup = setup();
    let settings = GatewaySettings { workers: 2, ..setup.settings };
    let documents = documents(&backend).policy("apis/all", &version(0));
    let gateway = Gateway::start(Setup { settings, ..setup }, documents);
    let done = AtomicBool::new(false);
    std::thread::scope(|scope| {
        for _ in 0..3 {
            scope.spawn(|| {
                let mut client = gateway.connect();
                let mut last = 0;
                while !done.load(Ordering::Relaxed) {
                    client.send("GET /echo HTTP/1.1\nHost: h\n");
                    let response = client.response();
                    assert!(response.starts_with("HTTP/1.1 200 OK\n"), "{response}");
                    let after = |start: &str| response.split(start).nth(1).unwrap().split(['\n', '"']).next().unwrap();
                    let (inbound, outbound) = (after("\"x-in\":\""), after("\nx-out: "));
                    assert_eq!(inbound, outbound, "one request sees one configuration");
                    let seen = outbound.parse().unwrap();
                    assert!(seen >= last, "configurations do not go back");
                    last = seen;
                }
            });
        }
        for number in 1..=20 {
            gateway.write(Documents::of("contoso").policy("apis/all", &version(number)));
            let response = gateway.exchange("GET / HTTP/1.1\nHost: h\n");
            assert!(response.contains(&format!("\nx-out: {number}\n")), "{response}");
        }
        done.store(true, Ordering::Relaxed);
    });
}

#[test]
fn a_step_that_panics_is_a_500_and_nothing_else() {
    let backend = FakeBackend::start();
    let gateway = before(&backend);
    gateway.write(Documents::of("contoso").policy("apis/all", "<policies><inbound><panic /></inbound></policies>"));
    let mut client = gateway.connect();
    for _ in 0..3 {
        client.send("GET / HTTP/1.1\nHost: h\n");
        let response = client.response();
        assert!(response.starts_with("HTTP/1.1 500 Internal Server Error\n"), "{response}");
        assert!(response.contains("\"message\": \"Internal server error\", \"activityId\": \""), "{response}");
    }
    gateway.write(Documents::of("contoso").delete("apis/all/policies/policy"));
    client.send("GET / HTTP/1.1\nHost: h\n");
    assert!(client.response().starts_with("HTTP/1.1 200 OK\n"));
    assert_eq!(gateway.wait_for_log(4).iter().filter(|line| line.contains(" 500 ")).count(), 3);
}

#[test]
fn a_panic_while_a_body_passes_or_in_a_task_ends_nothing_else() {
    let backend = FakeBackend::with(|_| Some(Reply::new(200, "{}")));
    let outbound = |name: &str| {
        format!("<policies><backend><forward-request /></backend><outbound><{name} /></outbound></policies>")
    };
    let broken = documents(&backend)
        .open_api("body", "body", &backend.url())
        .policy("apis/body", &outbound("panic-in-body"))
        .open_api("aside", "aside", &backend.url())
        .policy("apis/aside", &outbound("panic-aside"));
    // One worker serves all of them.
    let gateway = Gateway::start(setup(), broken);
    assert_eq!(gateway.problems(), [""; 0]);
    let mut neighbour = gateway.connect();
    let mut is_served = || {
        neighbour.send("GET / HTTP/1.1\nHost: h\n");
        neighbour.response().starts_with("HTTP/1.1 200 OK\n")
    };
    assert!(is_served());
    for _ in 0..3 {
        let mut client = std::net::TcpStream::connect(gateway.address).unwrap();
        client.write_all(b"GET /body/x HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n").unwrap();
        let mut text = Vec::new();
        // It ends, and what came is no whole response; whether it is reset is the system's choice.
        let _ = client.read_to_end(&mut text);
        assert!(!text.ends_with(b"{}") && !text.ends_with(b"0\r\n\r\n"), "{text:?}");
        assert!(is_served());
        assert!(gateway.exchange("GET /aside/x HTTP/1.1\nHost: h\n").starts_with("HTTP/1.1 200 OK\n"));
        assert!(is_served());
    }
    // Each of them is told of once.
    assert_eq!(gateway.wait_for_log(13).len(), 13);
}

#[test]
fn the_host_selects_the_service() {
    let backend = FakeBackend::start();
    let other = FakeBackend::start();
    let documents = documents(&backend).and_service("Fabrikam").open_api("all", "", &other.url());
    let gateway = Gateway::start(setup(), documents);
    let hosts = [("contoso.localhost:8080", "contoso"), ("FABRIKAM.localhost", "Fabrikam"), ("unknown", "contoso")];
    for (calls, (host, service)) in (1..).zip(hosts) {
        gateway.exchange(&format!("GET / HTTP/1.1\nHost: {host}\n"));
        let log = gateway.wait_for_log(calls).pop().unwrap();
        assert!(log.contains(&format!("service={service} ")), "{log}");
    }
    assert_eq!((backend.requests(), other.requests()), (2, 1));
    let metrics = gateway.telemetry.render();
    assert!(metrics.contains(
        r#"tollgate_requests_total{service="Fabrikam",workspace="",api="all",operation="any",status="2xx"} 1"#
    ));
}
