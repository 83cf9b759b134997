//! WebSockets: the handshake is a request like others, and what follows passes as it comes.

use std::{
    io::{Read as _, Write as _},
    net::{SocketAddr, TcpListener, TcpStream},
    sync::{Arc, Mutex},
    thread,
    time::Duration,
};

use testkit::{Connection, Documents, FakeBackend, Gateway, ManualClock, Setup};

use crate::{policies::setup, secure::encrypted};

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
    let policy = "<policies><backend><forward-request /></backend><outbound><return-response><set-status code=\"403\" reason=\"No\" /><set-body>no</set-body></return-response></outbound></policies>";
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

#[test]
fn policies_that_mean_nothing_to_a_handshake_are_passed_over_wherever_they_come_from() {
    let backend = FakeBackend::start();
    let own = "<policies><inbound><base /><set-method>POST</set-method><choose><when condition=\"@(true)\"><mock-response status-code=\"200\" /></when></choose></inbound>\
               <backend><base /></backend><outbound><base /><set-body>lost</set-body></outbound></policies>";
    let global = "<policies><inbound><cors><allowed-origins><origin>http://other.example</origin></allowed-origins></cors>\
                  <send-request response-variable-name=\"r\"><set-url>URL/asked</set-url><set-method>PUT</set-method><set-body>kept</set-body></send-request></inbound>\
                  <backend><forward-request /></backend><outbound><xml-to-json kind=\"direct\" apply=\"always\" /></outbound></policies>";
    let documents = documents(&backend).policy("", &global.replace("URL", &backend.url())).policy("apis/chat", own);
    let gateway = Gateway::start(setup(), documents.clone());
    assert_eq!(gateway.problems(), Vec::<String>::new());
    let mut client = open(&gateway);
    says(&mut client, b"one");
    let asked = &backend.seen()[0];
    assert_eq!((asked.method.as_str(), asked.body.as_slice()), ("PUT", &b"kept"[..]));
}

#[test]
fn a_forward_proxy_is_asked_for_a_tunnel() {
    let (backend, proxy) = (FakeBackend::start(), TunnelProxy::start());
    let policy = format!(
        "<policies><inbound><proxy url=\"http://{}\" username=\"me\" password=\"secret\" /></inbound><backend><forward-request /></backend></policies>",
        proxy.address
    );
    let gateway = Gateway::start(setup(), documents(&backend).policy("apis/chat", &policy));
    let mut client = open(&gateway);
    says(&mut client, b"one");
    let asked = proxy.asked.lock().unwrap().clone();
    let connect = format!(
        "CONNECT {0} HTTP/1.1\r\nHost: {0}\r\nProxy-Authorization: Basic bWU6c2VjcmV0\r\n\r\n",
        backend.address()
    );
    assert_eq!(asked, [connect]);
}

/// A proxy that opens tunnels, and nothing else.
struct TunnelProxy {
    address: SocketAddr,
    asked: Arc<Mutex<Vec<String>>>,
}

impl TunnelProxy {
    fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let asked = Arc::<Mutex<Vec<String>>>::default();
        let seen = Arc::clone(&asked);
        thread::spawn(move || {
            for client in listener.incoming().flatten() {
                let seen = Arc::clone(&seen);
                thread::spawn(move || serve_tunnel(client, &seen));
            }
        });
        Self { address, asked }
    }
}

fn serve_tunnel(mut client: TcpStream, seen: &Mutex<Vec<String>>) {
    let (mut head, mut byte) = (Vec::new(), [0]);
    while !head.ends_with(b"\r\n\r\n") {
        client.read_exact(&mut byte).unwrap();
        head.push(byte[0]);
    }
    let head = String::from_utf8(head).unwrap();
    let target = TcpStream::connect(head.split(' ').nth(1).unwrap()).unwrap();
    seen.lock().unwrap().push(head);
    client.write_all(b"HTTP/1.1 200 Connected\r\n\r\n").unwrap();
    let (mut from, mut to) = (client.try_clone().unwrap(), target.try_clone().unwrap());
    thread::spawn(move || std::io::copy(&mut from, &mut to));
    let (mut from, mut to) = (target, client);
    let _ = std::io::copy(&mut from, &mut to);
}

#[test]
fn both_sides_may_be_encrypted() {
    let backend = FakeBackend::start();
    // What stands before the backend is a gateway itself: it serves `wss`, and the other one calls it.
    let (root, inner) = encrypted(documents(&backend));
    let url = format!("wss://a.localhost:{}/chat", inner.address.port());
    let outer = Documents::service("contoso")
        .properties(serde_json::json!({ "certificates": [{ "storeName": "Root", "encodedCertificate": root }] }))
        .websocket_api("chat", "chat", &url);
    let gateway = Gateway::start(setup(), outer);
    let mut client = open(&gateway);
    says(&mut client, &vec![7; 100_000]);
    client.finish();
    assert_eq!(client.bytes(10), b"over");
    assert!(client.closed());
    assert_eq!(backend.last().unwrap().header("sec-websocket-key"), Some("theirs"));
}

#[test]
fn a_stream_of_http2_may_be_a_websocket() {
    let backend = FakeBackend::start();
    let policy = "<policies><inbound><set-header name=\"X-Method\" exists-action=\"override\"><value>@(context.Request.Method)</value></set-header></inbound><backend><forward-request /></backend></policies>";
    let gateway = Gateway::start(setup(), documents(&backend).policy("apis/chat", policy));
    crate::secure::on_worker(async {
        let tcp = tokio::net::TcpStream::connect(gateway.address).await.unwrap();
        let (mut client, connection) = h2::client::handshake(tcp).await.unwrap();
        tokio::task::spawn_local(async move {
            // It ends with the test.
            let _ = connection.await;
        });
        while !client.is_extended_connect_protocol_enabled() {
            tokio::task::yield_now().await;
        }
        let mut connect = |path: &str| {
            let request = http::Request::builder().method("CONNECT").uri(format!("http://h/chat{path}"));
            let request = request.header("sec-websocket-version", "13").header("x-own", "1");
            let mut request = request.body(()).unwrap();
            request.extensions_mut().insert(h2::ext::Protocol::from("websocket"));
            client.send_request(request, false).unwrap()
        };
        let (refused, _sending) = connect("/status/403");
        assert_eq!(refused.await.unwrap().status(), 403);
        // Any success would say that the stream is open.
        for path in ["/status/203", "/other/status/200"] {
            let (unswitched, _sending) = connect(path);
            assert_eq!(unswitched.await.unwrap().status(), 502);
        }
        let (answer, mut sending) = connect("/websocket?room=1");
        let answer = answer.await.unwrap();
        assert_eq!((answer.status().as_u16(), answer.headers().get("sec-websocket-accept")), (200, None));
        let mut body = answer.into_body();
        let mut read = async |count: usize| {
            let mut all = Vec::new();
            while all.len() < count {
                let Some(bytes) = body.data().await else { break };
                let bytes = bytes.unwrap();
                body.flow_control().release_capacity(bytes.len()).unwrap();
                all.extend_from_slice(&bytes);
            }
            all
        };
        assert_eq!(read(5).await, b"hello");
        for text in ["one", "two"] {
            sending.send_data(bytes::Bytes::from_static(text.as_bytes()), false).unwrap();
            assert_eq!(read(3).await, text.as_bytes());
        }
        sending.send_data(bytes::Bytes::new(), true).unwrap();
        assert_eq!(read(4).await, b"over");
        assert_eq!(read(1).await, b"");
    });
    let seen = backend.last().unwrap();
    assert_eq!(
        (seen.method.as_str(), seen.target.as_str(), seen.header("x-method")),
        ("GET", "/websocket?room=1", Some("GET"))
    );
    assert_eq!((seen.header("sec-websocket-key").map(str::len), seen.header("x-own")), (Some(24), Some("1")));
    let log = gateway.wait_for_log(4);
    assert!(log[1].starts_with("\"GET http://h/chat/status/203 HTTP/2\" 502 "), "{log:?}");
    assert!(log[3].starts_with("\"GET http://h/chat/websocket?room=1 HTTP/2\" 101 15B"), "{log:?}");
}
