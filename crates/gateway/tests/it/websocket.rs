//! WebSockets: the handshake is a request like others, and what follows passes as it comes.

use std::{sync::Arc, thread, time::Duration};

use testkit::{Connection, Documents, FakeBackend, Gateway, ManualClock, Setup};

use crate::policies::setup;

fn documents(backend: &FakeBackend) -> Documents {
    let url = format!("ws://{}", backend.address());
    Documents::service("contoso").websocket_api("chat", "chat", &url).open_api("plain", "chat", &backend.url())
}

fn handshake(path: &str) -> String {
    format!(
        "GET /chat{path} HTTP/1.1\nHost: h\nConnection: keep-alive, Upgrade\nUpgrade: WebSocket\nSec-WebSocket-Version: 13\n\
         Sec-WebSocket-Key: theirs\nX-Own: 1\n"
    )
}

/// A connection on which the backend has said hello.
fn open(gateway: &Gateway) -> Connection {
    let mut client = gateway.connect();
    client.send(&handshake("/websocket?room=1"));
    let head = client.head().unwrap();
    let lines: Vec<_> = head.lines().collect();
    assert_eq!(
        lines,
        ["HTTP/1.1 101 Switching Protocols", "connection: Upgrade", "upgrade: websocket", "sec-websocket-accept: ours"]
    );
    assert_eq!(client.bytes(5), b"hello");
    client
}

fn says(client: &mut Connection, bytes: &[u8]) {
    client.send_bytes(bytes);
    assert_eq!(client.bytes(bytes.len()), bytes);
}

#[test]
fn frames_pass_both_ways_until_the_client_ends() {
    let backend = FakeBackend::start();
    let gateway = Gateway::start(setup(), documents(&backend));
    let mut client = open(&gateway);
    says(&mut client, b"\x89\x80\0\0\0\0");
    says(&mut client, b"one");
    says(&mut client, &vec![7; 100_000]);
    client.finish();
    assert_eq!(client.bytes(10), b"over");
    assert!(client.closed());
    let seen = backend.last().unwrap();
    assert_eq!(seen.target, "/websocket?room=1");
    let sent =
        ["connection", "upgrade", "sec-websocket-key", "x-own"].map(|name| seen.header(name).unwrap_or_default());
    assert_eq!(sent, ["Upgrade", "WebSocket", "theirs", "1"]);
    let log = gateway.wait_for_log(1);
    let line = "\"GET http://h/chat/websocket?room=1 HTTP/1.1\" 101 100018B";
    assert!(log[0].starts_with(line) && !log[0].contains("ending="), "{log:?}");
}

#[test]
fn the_backend_may_end_it() {
    let backend = FakeBackend::start();
    let gateway = Gateway::start(setup(), documents(&backend));
    let mut client = open(&gateway);
    says(&mut client, b"bye");
    assert!(client.closed());
    drop(client);
    let log = gateway.wait_for_log(1);
    assert!(log[0].contains(" 101 8B ") && !log[0].contains("ending="), "{log:?}");
    assert!(gateway.telemetry.render().contains("tollgate_requests_in_flight 0\n"));
}

#[test]
fn a_client_may_say_much_before_it_reads() {
    let backend = FakeBackend::start();
    let gateway = Gateway::start(setup(), documents(&backend));
    let mut client = open(&gateway);
    says(&mut client, &vec![b'x'; 1_000_000]);
}

#[test]
fn a_websocket_may_be_silent_for_hours() {
    let backend = FakeBackend::start();
    let clock = Arc::new(ManualClock::default());
    let setup = Setup { clock: Arc::<ManualClock>::clone(&clock), ..setup() };
    let gateway = Gateway::start(setup, documents(&backend));
    let mut client = open(&gateway);
    for _ in 0..120 {
        clock.advance(Duration::from_mins(1));
        // Slowly enough for a worker to notice.
        thread::sleep(Duration::from_millis(1));
    }
    says(&mut client, b"still there");
}

#[test]
fn a_policy_refuses_the_handshake_and_the_connection_goes_on() {
    let backend = FakeBackend::start();
    let refuses =
        "<policies><inbound><return-response><set-status code=\"401\" /></return-response></inbound></policies>";
    let documents = documents(&backend).policy("apis/chat/operations/onHandshake", refuses);
    let gateway = Gateway::start(setup(), documents);
    let mut client = gateway.connect();
    client.send(&handshake("/websocket"));
    assert!(client.response().starts_with("HTTP/1.1 401 Unauthorized\n"));
    assert_eq!(backend.requests(), 0);
    client.send("GET /chat/status/203 HTTP/1.1\nHost: h\n");
    assert!(client.response().starts_with("HTTP/1.1 203 "), "the other API of the path answers HTTP");
}

#[test]
fn a_key_is_asked_for_in_a_header_or_in_the_query() {
    let backend = FakeBackend::start();
    let api = serde_json::json!({
        "displayName": "chat", "path": "chat", "serviceUrl": format!("ws://{}", backend.address()), "type": "websocket",
        "subscriptionRequired": true,
    });
    let key = serde_json::json!({
        "displayName": "all", "scope": "/subscriptions/s/resourceGroups/g/providers/Microsoft.ApiManagement/service/contoso/apis",
        "state": "active", "primaryKey": "k1", "secondaryKey": "k2",
    });
    let gateway = Gateway::start(setup(), documents(&backend).put("apis/chat", api).put("subscriptions/all", key));
    let status = |request: &str| {
        let mut client = gateway.connect();
        client.send(request);
        client.head().unwrap()[9..12].to_owned()
    };
    assert_eq!(status(&handshake("/websocket")), "401");
    assert_eq!(status(&handshake("/websocket?subscription-key=k1")), "101");
    assert_eq!(status(&(handshake("/websocket") + "Ocp-Apim-Subscription-Key: k2\n")), "101");
    assert_eq!(status(&(handshake("/websocket") + "Ocp-Apim-Subscription-Key: k3\n")), "401");
}

#[test]
fn a_backend_that_does_not_want_to_switch_answers_for_itself() {
    let backend = FakeBackend::start();
    let gateway = Gateway::start(setup(), documents(&backend));
    let mut client = gateway.connect();
    client.send(&handshake("/status/403"));
    assert!(client.response().starts_with("HTTP/1.1 403 "));
    client.send(&handshake("/websocket"));
    assert!(client.head().unwrap().starts_with("HTTP/1.1 101 "), "the same connection may try again");
}

#[test]
fn nobody_switches_who_was_not_asked() {
    let backend = FakeBackend::start();
    let gateway = Gateway::start(setup(), documents(&backend));
    let answer = gateway.exchange("GET /chat/unasked HTTP/1.1\nHost: h\n");
    assert!(answer.starts_with("HTTP/1.1 500 "), "{answer}");
    // Only the handshake of a WebSocket asks.
    for other in [
        "Connection: Upgrade\nUpgrade: h2c\n",
        "Upgrade: websocket\n",
        "Connection: Upgrade\nUpgrade: websocket\nContent-Length: 1\n\nx",
    ] {
        let answer = gateway.exchange(&format!("GET /chat/websocket HTTP/1.1\nHost: h\n{other}"));
        assert!(answer.starts_with("HTTP/1.1 426 "), "{other}: {answer}");
    }
    assert!(backend.seen().iter().all(|seen| seen.header("upgrade").is_none() && seen.header("connection").is_none()));
}

#[test]
fn a_policy_that_makes_another_answer_of_the_101_ends_the_backend() {
    let backend = FakeBackend::start();
    let policy = "<policies><backend><forward-request /></backend><outbound><set-body>no</set-body><set-status code=\"403\" reason=\"No\" /></outbound></policies>";
    let gateway = Gateway::start(setup(), documents(&backend).policy("apis/chat", policy));
    let answer = gateway.exchange(&handshake("/websocket"));
    assert!(answer.starts_with("HTTP/1.1 403 No\n") && answer.ends_with("\n\nno"), "{answer}");
}

#[test]
fn a_gateway_that_stops_cuts_what_is_open_at_its_deadline() {
    let backend = FakeBackend::start();
    let gateway = Gateway::start(setup(), documents(&backend));
    let mut client = open(&gateway);
    gateway.shut_down(Duration::from_millis(10));
    assert!(client.closed());
}
