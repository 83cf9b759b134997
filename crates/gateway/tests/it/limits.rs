//! What is refused, and how.

use std::{sync::Arc, time::Duration};

use gateway::{GatewaySettings, Limits, Timeouts};
use testkit::{Connection, FakeBackend, ManualClock};

use testkit::{Gateway, Setup};

use crate::policies::{before, documents, setup};

fn small() -> Setup {
    let limits = Limits { url: 100, head: 1000, headers: 10, body: Some(10), ..Limits::default() };
    let setup = setup();
    Setup { settings: GatewaySettings { limits, ..setup.settings }, ..setup }
}

fn refused(status: &str, code: u16, message: &str) -> String {
    let body = format!("{{ \"statusCode\": {code}, \"message\": \"{message}\" }}");
    let length = body.len();
    format!("HTTP/1.1 {status}\nconnection: close\ncontent-type: application/json\ncontent-length: {length}\n\n{body}")
}

#[test]
fn requests_beyond_a_size_are_refused() {
    let backend = FakeBackend::start();
    let gateway = Gateway::start(small(), documents(&backend));
    let long = "x".repeat(120);
    let url = gateway.exchange(&format!("GET /{long} HTTP/1.1\nHost: h\n"));
    assert_eq!(url, refused("414 URI Too Long", 414, "The request URL is too long."));
    let told = gateway.exchange("POST / HTTP/1.1\nHost: h\nContent-Length: 11\n\n");
    assert_eq!(told, refused("413 Content Too Large", 413, "The request body is too large."));
    let large = gateway.exchange(&format!("GET / HTTP/1.1\nHost: h\nX-Large: {}\n", long.repeat(10)));
    assert!(large.starts_with("HTTP/1.1 431 Request Header Fields Too Large\n"), "{large}");
    let many = gateway.exchange(&format!("GET / HTTP/1.1\nHost: h{}\n", "\nA: b".repeat(10)));
    assert!(many.starts_with("HTTP/1.1 431 Request Header Fields Too Large\n"), "{many}");
    assert_eq!(backend.requests(), 0);
}

#[test]
fn a_body_that_grows_beyond_the_limit_is_refused() {
    let backend = FakeBackend::start();
    let gateway = Gateway::start(small(), documents(&backend));
    let mut client = Connection::open(gateway.address);
    client.send("POST /echo HTTP/1.1\nHost: h\nTransfer-Encoding: chunked\n");
    client.send_bytes(b"6\r\n123456\r\n6\r\n123456\r\n0\r\n\r\n");
    assert_eq!(client.response(), refused("413 Content Too Large", 413, "The request body is too large."));
    assert!(backend.last().is_none());
}

#[test]
fn a_host_is_named_exactly_once() {
    let backend = FakeBackend::start();
    let gateway = before(&backend);
    let expected = refused("400 Bad Request", 400, "The request needs exactly one valid host.");
    for hosts in ["", "\nHost: a\nHost: b", "\nHost: h:port", "\nHost: h\",evil=\"1"] {
        assert_eq!(gateway.exchange(&format!("GET / HTTP/1.1{hosts}\nX: 1\n")), expected);
    }
    assert_eq!(backend.requests(), 0);
}

#[test]
fn a_request_cannot_hide_in_another() {
    let backend = FakeBackend::start();
    let gateway = before(&backend);
    // Both framings: what one server takes for a body, another may take for a request.
    let mut client = Connection::open(gateway.address);
    client.send("POST /echo HTTP/1.1\nHost: h\nContent-Length: 30\nTransfer-Encoding: chunked\n");
    client.send_bytes(b"0\r\n\r\nGET /hidden HTTP/1.1\r\nHost: h\r\n\r\n");
    assert!(client.response().starts_with("HTTP/1.1 400 Bad Request\n"));
    assert!(client.closed());
    for lines in [
        "Content-Length: 1\nContent-Length: 2",
        "Content-Length: +1",
        "Content-Length: 1, 2",
        "Content-Length: 0x1",
        "Transfer-Encoding: gzip",
        "Transfer-Encoding: chunked\nTransfer-Encoding: chunked",
        "Transfer-Encoding: chunked, gzip",
        "Transfer-Encoding: xchunked",
        "Transfer-Encoding: chunked;q=1",
        "Transfer-Encoding:\tchunked\nContent-Length: 3",
        "Transfer-Encoding: identity",
        "Content-Length: 1\ncontent-length: 2",
        "Content-Length: 99999999999999999999",
        "Content-Length : 1",
        "Content-Length\t: 1",
        "Transfer-Encoding : chunked",
        "Bad Name: 1",
        "X: 1\n folded: 2",
        "X: a\u{0}b",
    ] {
        let response = gateway.exchange(&format!("POST / HTTP/1.1\nHost: h\n{lines}\n"));
        assert!(response.starts_with("HTTP/1.1 400 Bad Request\n"), "{lines}: {response}");
    }
    assert_eq!(backend.requests(), 0);
}

fn with_clock() -> (Arc<ManualClock>, Setup) {
    let clock = Arc::new(ManualClock::default());
    let timeouts = Timeouts {
        request_head: Duration::from_secs(10),
        request_body: Duration::from_secs(10),
        response_write: Duration::from_secs(10),
        idle: Duration::from_secs(20),
    };
    let setup = Setup { clock: Arc::<ManualClock>::clone(&clock), ..setup() };
    (clock, Setup { settings: GatewaySettings { timeouts, ..setup.settings }, ..setup })
}

/// Turns the clock once the worker waits for its next tick.
fn pass(clock: &ManualClock, seconds: u64) {
    while clock.sleepers() == 0 {
        std::thread::yield_now();
    }
    clock.advance(Duration::from_secs(seconds));
}

#[test]
fn a_head_that_does_not_end_is_cut() {
    let backend = FakeBackend::start();
    let (clock, setup) = with_clock();
    let gateway = Gateway::start(setup, documents(&backend));
    let mut slow = Connection::open(gateway.address);
    slow.send_bytes(b"GET / HTTP/1.1\r\nHost:");
    let mut silent = Connection::open(gateway.address);
    // A request that is answered shows that the worker has seen the two before it.
    gateway.exchange("GET / HTTP/1.1\nHost: h\n");
    pass(&clock, 5);
    pass(&clock, 6);
    assert!(slow.closed() && silent.closed());
}

#[test]
fn an_idle_connection_is_closed_and_a_busy_one_is_not() {
    let backend = FakeBackend::start();
    let (clock, setup) = with_clock();
    let gateway = Gateway::start(setup, documents(&backend));
    let (mut idle, mut busy) = (Connection::open(gateway.address), Connection::open(gateway.address));
    idle.send("GET / HTTP/1.1\nHost: h\n");
    assert!(idle.response().starts_with("HTTP/1.1 200 OK\n"));
    busy.send("GET /hold HTTP/1.1\nHost: h\n");
    while backend.requests() < 2 {
        std::thread::yield_now();
    }
    pass(&clock, 1);
    pass(&clock, 21);
    assert!(idle.closed());
    backend.release();
    assert!(busy.response().starts_with("HTTP/1.1 200 OK\n"));
}

#[test]
fn a_body_that_stops_coming_is_cut() {
    let backend = FakeBackend::start();
    let (clock, setup) = with_clock();
    let gateway = Gateway::start(setup, documents(&backend));
    let mut client = Connection::open(gateway.address);
    client.send("POST / HTTP/1.1\nHost: h\nContent-Length: 10\n\nabc");
    while backend.requests() == 0 {
        std::thread::yield_now();
    }
    pass(&clock, 1);
    pass(&clock, 11);
    assert!(client.closed());
    assert!(gateway.wait_for_log(1)[0].contains(" 499 "));
}

#[test]
fn a_client_that_takes_nothing_is_cut_and_holds_little() {
    let backend = FakeBackend::start();
    let (clock, setup) = with_clock();
    let gateway = Gateway::start(setup, documents(&backend));
    let mut client = gateway.connect();
    client.send("GET /bytes/100000000 HTTP/1.1\nHost: h\n");
    assert!(client.head().unwrap().contains("content-length: 100000000"));
    // The connection stalls once the buffers on the way are full; then its time runs.
    let log = loop {
        pass(&clock, 11);
        if let [line] = &gateway.log()[..] {
            break line.clone();
        }
    };
    assert!(log.contains("ending=client-abort"), "{log}");
    let sent: u64 = log.split(' ').find_map(|word| word.strip_suffix('B')).unwrap().parse().unwrap();
    assert!(sent < 50_000_000, "the backend was not read further than the client took: {sent}");
}

#[test]
fn chunks_that_two_servers_might_read_differently_are_refused_and_nothing_follows_them() {
    let backend = FakeBackend::start();
    let gateway = before(&backend);
    for chunks in [
        &b"0x3\r\nabc\r\n0\r\n\r\n"[..],
        b"+3\r\nabc\r\n0\r\n\r\n",
        b"3\nabc\n0\n\n",
        b" 3\r\nabc\r\n0\r\n\r\n",
        b"3\r\nabcd\r\n0\r\n\r\n",
        b"ffffffffffffffffff\r\nabc\r\n0\r\n\r\n",
        b"\r\n0\r\n\r\n",
    ] {
        let mut client = Connection::open(gateway.address);
        client.send("POST /echo HTTP/1.1\nHost: h\nTransfer-Encoding: chunked\n");
        client.send_bytes(chunks);
        client.send_bytes(b"GET /hidden HTTP/1.1\r\nHost: h\r\n\r\n");
        client.finish();
        let mut all = String::new();
        while let Some(head) = client.head() {
            all.push_str(&head);
        }
        assert!(!all.contains(" 200 "), "{:?}: {all}", String::from_utf8_lossy(chunks));
    }
    assert!(backend.seen().iter().all(|seen| seen.target != "/hidden"), "{:?}", backend.seen());
}

#[test]
fn limits_hold_over_http2_too() {
    let backend = FakeBackend::start();
    let gateway = Gateway::start(small(), documents(&backend));
    crate::secure::on_worker(async {
        let tcp = tokio::net::TcpStream::connect(gateway.address).await.unwrap();
        let (mut client, connection) = h2::client::handshake(tcp).await.unwrap();
        tokio::task::spawn_local(async move {
            // It ends with the test.
            let _ = connection.await;
        });
        let long = "x".repeat(200);
        let mut status = async |request: http::request::Builder| {
            let (answer, _) = client.send_request(request.body(()).unwrap(), true).unwrap();
            answer.await.unwrap().status().as_u16()
        };
        assert_eq!(status(http::Request::get("http://h/fine")).await, 200);
        assert_eq!(status(http::Request::get(format!("http://h/{long}"))).await, 414);
        assert_eq!(status(http::Request::get("http://h/a").header("x-long", long.repeat(6))).await, 431);
    });
}
