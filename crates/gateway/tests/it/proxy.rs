//! What passes through, and how.

use std::{
    io::{Read as _, Write as _},
    net::TcpListener,
    sync::mpsc,
    thread,
};

use testkit::{Connection, Documents, FakeBackend, Gateway, Reply};

use crate::policies::{before, documents, setup};

#[test]
fn a_request_reaches_the_backend_and_its_answer_the_client() {
    let backend = FakeBackend::with(|seen| Some(Reply::new(201, seen.body.clone()).header("X-Backend", "yes")));
    let gateway = before(&backend);
    let response =
        gateway.exchange("POST /a/b%20c?x=1&y= HTTP/1.1\nHost: api.example\nX-Mine: 1\nContent-Length: 4\n\nbody");
    assert_eq!(response, "HTTP/1.1 201 Created\nx-backend: yes\ncontent-length: 4\n\nbody");
    let seen = backend.last().unwrap();
    assert_eq!((seen.method.as_str(), seen.target.as_str()), ("POST", "/a/b%20c?x=1&y="));
    let header = |name| seen.header(name).unwrap_or_default().to_owned();
    assert_eq!((header("x-mine"), header("x-forwarded-for")), ("1".into(), "127.0.0.1".into()));
    assert_eq!(header("host"), backend.address().to_string());
    let line =
        "\"POST http://api.example/a/b%20c?x=1&y= HTTP/1.1\" 201 4B backend=201 service=contoso api=all operation=any";
    assert_eq!(gateway.wait_for_log(1), [line]);
}

#[test]
fn a_reason_phrase_of_the_backend_passes() {
    let backend = FakeBackend::start();
    let response = before(&backend).exchange("GET /status/299 HTTP/1.1\nHost: h\n");
    assert!(response.starts_with("HTTP/1.1 299 As Asked\n"), "{response}");
}

#[test]
fn a_chain_of_forwarders_grows() {
    let backend = FakeBackend::start();
    before(&backend).exchange("GET / HTTP/1.1\nHost: h\nX-Forwarded-For: 1.2.3.4\nX-Forwarded-For: 5.6.7.8\n");
    assert_eq!(backend.last().unwrap().header("x-forwarded-for"), Some("1.2.3.4,5.6.7.8, 127.0.0.1"));
}

#[test]
fn the_status_page_needs_no_api() {
    let backend = FakeBackend::start();
    let response = before(&backend).exchange("GET /status-0123456789abcdef HTTP/1.1\nHost: h\n");
    assert_eq!(response, "HTTP/1.1 200 OK\ncontent-length: 0\n\n");
    assert_eq!(backend.requests(), 0);
}

#[test]
fn requests_in_a_row_share_connections_on_both_sides() {
    let backend = FakeBackend::start();
    let gateway = before(&backend);
    let mut client = Connection::open(gateway.address);
    for size in [1, 70_000, 0] {
        client.send(&format!("GET /bytes/{size} HTTP/1.1\nHost: h\n"));
        assert_eq!(client.response(), format!("HTTP/1.1 200 OK\ncontent-length: {size}\n\n{}", "x".repeat(size)));
    }
    client.send_bytes(b"GET /bytes/1 HTTP/1.1\r\nHost: h\r\n\r\nGET /bytes/2 HTTP/1.1\r\nHost: h\r\n\r\n");
    assert_eq!((client.response().len(), client.response().len()), (36, 37));
    assert_eq!((backend.requests(), backend.connections()), (5, 1));
}

#[test]
fn events_pass_as_they_come() {
    let backend = FakeBackend::start();
    let policy = "<policies><backend><forward-request buffer-response=\"false\" /></backend></policies>";
    let gateway = Gateway::start(setup(), documents(&backend).policy("apis/all", policy));
    let mut client = Connection::open(gateway.address);
    client.send("GET /stream HTTP/1.1\nHost: h\n");
    assert!(client.head().unwrap().contains("transfer-encoding: chunked"));
    assert_eq!(client.chunk(), b"first\n\n");
    backend.release();
    assert_eq!(client.chunk(), b"second\n\n");
    assert_eq!(client.chunk(), b"");
}

#[test]
fn trailers_pass_to_a_client_that_takes_them() {
    let backend = FakeBackend::start();
    let response = before(&backend).exchange("GET /chunked HTTP/1.1\nHost: h\nTE: trailers\n");
    assert!(response.ends_with("\n\none two\n[trailer] x-sum: 7"), "{response}");
}

#[test]
fn a_chunked_request_stays_a_stream() {
    let backend = FakeBackend::start();
    let gateway = before(&backend);
    let mut client = Connection::open(gateway.address);
    client.send("POST /echo HTTP/1.1\nHost: h\nTransfer-Encoding: chunked\n");
    client.send_bytes(b"3\r\nabc\r\n");
    while backend.requests() == 0 {
        std::thread::yield_now();
    }
    client.send_bytes(b"2\r\nde\r\n0\r\n\r\n");
    assert!(client.response().starts_with("HTTP/1.1 200 OK\n"));
    let seen = backend.last().unwrap();
    assert_eq!((seen.body.as_slice(), seen.header("transfer-encoding")), (&b"abcde"[..], Some("chunked")));
}

#[test]
fn trailers_of_a_request_reach_the_backend() {
    let backend = FakeBackend::start();
    let gateway = before(&backend);
    let mut client = gateway.connect();
    client.send("POST /echo HTTP/1.1\nHost: h\nTrailer: X-Sum\nTransfer-Encoding: chunked\n");
    client.send_bytes(b"3\r\nabc\r\n0\r\nX-Sum: 6\r\n\r\n");
    assert!(client.response().starts_with("HTTP/1.1 200 OK\n"));
    assert_eq!(backend.last().unwrap().header("[trailer] x-sum"), Some("6"));
}

#[test]
fn a_client_that_expects_100_gets_it() {
    let backend = FakeBackend::start();
    let gateway = before(&backend);
    let mut client = Connection::open(gateway.address);
    client.send("POST /echo HTTP/1.1\nHost: h\nContent-Length: 2\nExpect: 100-continue\n");
    assert_eq!(client.head().unwrap(), "HTTP/1.1 100 Continue");
    client.send_bytes(b"ok");
    assert!(client.response().starts_with("HTTP/1.1 200 OK\n"));
    assert_eq!(backend.last().unwrap().body, b"ok");
}

#[test]
fn answers_without_a_body_stay_without() {
    let backend = FakeBackend::start();
    let gateway = before(&backend);
    let mut client = Connection::open(gateway.address);
    client.send("HEAD /bytes/9 HTTP/1.1\nHost: h\n");
    assert_eq!(client.response(), "HTTP/1.1 200 OK\ncontent-length: 9\n\n");
    client.send("GET /status/204 HTTP/1.1\nHost: h\n");
    assert_eq!(client.response(), "HTTP/1.1 204 No Content\n\n");
    client.send("GET /status/304 HTTP/1.1\nHost: h\n");
    assert_eq!(client.response(), "HTTP/1.1 304 Not Modified\n\n");
    let log = gateway.wait_for_log(3);
    assert!(log.iter().all(|line| !line.contains("ending=")), "{log:?}");
}

#[test]
fn an_old_client_gets_no_chunks() {
    let backend = FakeBackend::start();
    let response = before(&backend).exchange("GET /chunked HTTP/1.0\n");
    assert!(response.starts_with("HTTP/1.1 200 OK\n") && !response.contains("chunked"), "{response}");
    assert!(response.ends_with("\n\none two"), "{response}");
}

#[test]
fn a_backend_that_is_gone_is_a_500_with_an_activity_id() {
    let backend = FakeBackend::start();
    let gateway = before(&backend);
    let response = gateway.exchange("POST /close HTTP/1.1\nHost: h\nContent-Length: 0\n");
    let body = response.split("\n\n").nth(1).unwrap();
    assert!(response.starts_with("HTTP/1.1 500 Internal Server Error\ncontent-type: application/json\n"), "{response}");
    let start = "{ \"statusCode\": 500, \"message\": \"Internal server error\", \"activityId\": \"";
    assert!(body.starts_with(start) && body.len() == start.len() + 36 + 3, "{body}");
}

#[test]
fn a_response_that_breaks_off_does_not_look_whole() {
    let backend = FakeBackend::start();
    let gateway = before(&backend);
    let mut client = gateway.connect();
    client.send("GET /cut HTTP/1.1\nHost: h\n");
    // The head may be lost with the rest, if the break is noticed before it was sent.
    if let Some(head) = client.head() {
        assert!(head.contains("content-length: 100"));
    }
    assert!(client.bytes(100).len() <= 9 && client.closed());
    assert!(gateway.wait_for_log(1)[0].contains("ending=broken"));
}

#[test]
fn the_context_of_a_trace_passes_as_it_is() {
    let backend = FakeBackend::start();
    let parent = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
    let gateway = before(&backend);
    gateway.exchange(&format!("GET / HTTP/1.1\nHost: h\ntraceparent: {parent}\ntracestate: a=1,b=2\n"));
    let seen = backend.last().unwrap();
    assert_eq!((seen.header("traceparent"), seen.header("tracestate")), (Some(parent), Some("a=1,b=2")));
    gateway.exchange("GET / HTTP/1.1\nHost: h\n");
    assert_eq!(backend.last().unwrap().header("traceparent"), None);
}

#[test]
fn forwarded_headers_of_others_pass_and_the_clients_address_is_added() {
    let backend = FakeBackend::start();
    before(&backend).exchange("GET / HTTP/1.1\nHost: api.example\nX-Forwarded-Proto: https\nX-Forwarded-Host: front.example\nForwarded: for=1.2.3.4\n");
    let seen = backend.last().unwrap();
    let sent = ["x-forwarded-for", "x-forwarded-proto", "x-forwarded-host", "forwarded"].map(|name| seen.header(name));
    assert_eq!(sent, [Some("127.0.0.1"), Some("https"), Some("front.example"), Some("for=1.2.3.4")]);
}

#[test]
fn a_backend_is_asked_before_a_body_is_sent_where_the_policy_says_so() {
    let backend = FakeBackend::with(|seen| (seen.target == "/no").then(|| Reply::new(417, "")));
    let policy = "<policies><backend><forward-request continue-timeout=\"5\" /></backend></policies>";
    let gateway = Gateway::start(setup(), documents(&backend).policy("apis/all", policy));
    let mut client = gateway.connect();
    client.send("POST /echo HTTP/1.1\nHost: h\nContent-Length: 4\nExpect: 100-continue\n");
    // The client is told once the backend has asked.
    assert_eq!(client.head().unwrap(), "HTTP/1.1 100 Continue");
    client.send_bytes(b"body");
    assert!(client.response().starts_with("HTTP/1.1 200 OK\n"));
    let seen = backend.last().unwrap();
    assert_eq!((seen.header("expect"), seen.body.as_slice()), (Some("100-continue"), &b"body"[..]));
}

#[test]
fn answers_that_announce_another_are_not_taken_for_it() {
    let hinting = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", hinting.local_addr().unwrap());
    thread::spawn(move || {
        let (mut stream, _) = hinting.accept().unwrap();
        let _ = stream.read(&mut [0; 4096]).unwrap();
        let hints = "HTTP/1.1 103 Early Hints\r\nLink: </a.css>\r\n\r\nHTTP/1.1 102 Processing\r\n\r\n";
        stream.write_all(format!("{hints}HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok").as_bytes()).unwrap();
    });
    let gateway = Gateway::start(setup(), Documents::service("contoso").open_api("all", "", &url));
    assert_eq!(gateway.exchange("GET / HTTP/1.1\nHost: h\n"), "HTTP/1.1 200 OK\ncontent-length: 2\n\nok");
}

#[test]
fn every_event_of_a_stream_arrives_before_the_next_is_sent() {
    let telling = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", telling.local_addr().unwrap());
    let (next, told) = mpsc::channel::<()>();
    thread::spawn(move || {
        let (mut stream, _) = telling.accept().unwrap();
        let _ = stream.read(&mut [0; 4096]).unwrap();
        stream
            .write_all(b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n")
            .unwrap();
        for number in 0..5 {
            let event = format!("data: {number}\n\n");
            stream.write_all(format!("{:x}\r\n{event}\r\n", event.len()).as_bytes()).unwrap();
            told.recv().unwrap();
        }
        stream.write_all(b"0\r\n\r\n").unwrap();
    });
    let policy = "<policies><backend><forward-request buffer-response=\"false\" /></backend><outbound><set-header name=\"X\"><value>1</value></set-header></outbound></policies>";
    let documents = Documents::service("contoso").open_api("all", "", &url).policy("apis/all", policy);
    let gateway = Gateway::start(setup(), documents);
    let mut client = gateway.connect();
    client.send("GET /events HTTP/1.1\nHost: h\nAccept: text/event-stream\n");
    assert!(client.head().unwrap().contains("content-type: text/event-stream"));
    for number in 0..5 {
        assert_eq!(client.chunk(), format!("data: {number}\n\n").as_bytes());
        next.send(()).unwrap();
    }
    assert_eq!(client.chunk(), b"");
}
