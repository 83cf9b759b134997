//! Bodies that policies change, on the wire.

use testkit::{Connection, FakeBackend, Gateway, Reply};

use crate::policies::{documents, setup};

/// A gateway whose service has these policies around everything.
fn with(backend: &FakeBackend, inbound: &str, outbound: &str) -> Gateway {
    let policy = format!(
        "<policies><inbound>{inbound}</inbound><backend><forward-request /></backend><outbound>{outbound}</outbound></policies>"
    );
    Gateway::start(setup(), documents(backend).policy("", &policy))
}

#[test]
fn a_stream_is_changed_as_it_passes() {
    let backend = FakeBackend::start();
    let gateway = with(
        &backend,
        "",
        "<find-and-replace from=\"first\" to=\"1st\" /><find-and-replace from=\"second\" to=\"2nd\" />",
    );
    let mut client = Connection::open(gateway.address);
    client.send("GET /stream HTTP/1.1\nHost: h\n");
    assert!(client.head().unwrap().contains("transfer-encoding: chunked"));
    // The second event has not left the backend yet.
    assert_eq!(client.chunk(), b"1st\n\n");
    backend.release();
    assert_eq!((client.chunk(), client.chunk()), (b"2nd\n\n".to_vec(), Vec::new()));
}

#[test]
fn a_response_of_known_length_gets_its_new_length_or_chunks() {
    let backend = FakeBackend::with(|_| Some(Reply::new(200, "{\"a\": 1}").header("Content-Type", "application/json")));
    let gateway = with(&backend, "", "<jsonp callback-parameter-name=\"cb\" />");
    let response = gateway.exchange("GET /x?cb=f HTTP/1.1\nHost: h\n");
    let (head, body) = response.split_once("\n\n").unwrap();
    assert_eq!(body, "f({\"a\": 1})");
    // Whether the body was there at once or came in pieces is the network's choice.
    assert!(head.contains("content-length: 11") != head.contains("transfer-encoding: chunked"), "{head}");
    let gateway = with(&backend, "", "<json-to-xml apply=\"always\" consider-accept-header=\"false\" />");
    assert_eq!(
        gateway.exchange("GET /x HTTP/1.1\nHost: h\n"),
        "HTTP/1.1 200 OK\ncontent-type: application/xml\ncontent-length: 8\n\n<a>1</a>"
    );
}

#[test]
fn a_template_turns_a_chunked_request_into_one_of_known_length() {
    let backend = FakeBackend::with(|seen| Some(Reply::new(200, seen.body.clone())));
    let gateway = with(
        &backend,
        "<set-body template=\"liquid\">{{body.a}} of {{context.Request.Headers[\"X-Size\"]}}</set-body>",
        "",
    );
    let mut client = Connection::open(gateway.address);
    client.send_bytes(
        b"POST /x HTTP/1.1\r\nHost: h\r\nX-Size: 9\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n4\r\n{\"a\"\r\n5\r\n: \"b\"\r\n1\r\n}\r\n0\r\n\r\n",
    );
    assert_eq!(client.response(), "HTTP/1.1 200 OK\ncontent-length: 6\n\nb of 9");
    let seen = backend.last().unwrap();
    assert_eq!((seen.header("content-length"), seen.header("transfer-encoding")), (Some("6"), None));
}

#[test]
fn links_lead_through_the_gateway() {
    let backend = FakeBackend::with(|seen| {
        let host = seen.header("host").unwrap_or_default();
        Some(Reply::new(200, format!("http://{host}/next")))
    });
    let gateway = with(&backend, "", "<redirect-content-urls />");
    let response = gateway.exchange("GET /x HTTP/1.1\nHost: api.example\n");
    assert!(response.ends_with("\n\nhttp://api.example/next"), "{response}");
}

#[test]
fn the_file_for_flash_clients_needs_no_api_and_no_key() {
    let backend = FakeBackend::start();
    let gateway = with(&backend, "<cross-domain><cross-domain-policy /></cross-domain>", "");
    let response = gateway.exchange("GET /crossdomain.xml HTTP/1.1\nHost: h\n");
    assert!(response.starts_with("HTTP/1.1 200 OK\n"), "{response}");
    assert!(response.ends_with("<cross-domain-policy />"), "{response}");
    assert_eq!(backend.requests(), 0);
}
