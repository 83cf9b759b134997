//! Bodies that policies change, on the wire.

use testkit::{Connection, FakeBackend, Gateway, Reply};

use crate::policies::{documents, setup};

/// A gateway whose service has these policies around everything.
fn with(backend: &FakeBackend, inbound: &str, outbound: &str) -> Gateway {
    let policy = format!(
        "<policies><inbound>{inbound}</inbound><backend><forward-request buffer-response=\"false\" /></backend><outbound>{outbound}</outbound></policies>"
    );
    Gateway::start(setup(), documents(backend).policy("", &policy))
}

#[test]
fn a_stream_is_changed_as_it_passes() {
    let backend = FakeBackend::start();
    let policy = "<policies><backend><forward-request buffer-response=\"false\" /></backend><outbound>\
                  <find-and-replace from=\"first\" to=\"1st\" /><find-and-replace from=\"second\" to=\"2nd\" /></outbound></policies>";
    let gateway = Gateway::start(setup(), documents(&backend).policy("", policy));
    let mut client = Connection::open(gateway.address);
    client.send("GET /stream HTTP/1.1\nHost: h\n");
    assert!(client.head().unwrap().contains("transfer-encoding: chunked"));
    // The second event has not left the backend yet.
    // Into how many pieces it is cut is the network's choice.
    let mut read = |length: usize| {
        let mut text = Vec::new();
        while text.len() < length {
            text.extend(client.chunk());
        }
        text
    };
    assert_eq!(read(5), b"1st\n\n");
    backend.release();
    assert_eq!(read(5), b"2nd\n\n");
    assert!(client.chunk().is_empty());
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

/// `{"a": "first"}`, compressed.
const GZIP: &[u8] = &[
    31, 139, 8, 0, 0, 0, 0, 0, 2, 3, 171, 86, 74, 84, 178, 82, 80, 74, 203, 44, 42, 46, 81, 170, 5, 0, 100, 252, 65,
    107, 14, 0, 0, 0,
];

#[test]
fn a_compressed_response_is_unpacked_for_the_policies_that_read_it() {
    let backend = FakeBackend::with(|_| {
        let reply = Reply::new(200, GZIP).header("Content-Type", "application/json");
        Some(reply.header("Content-Encoding", "gzip"))
    });
    let answer = |outbound: &str| {
        let gateway = with(&backend, "", outbound);
        gateway.exchange("GET /x?cb=f HTTP/1.1\nHost: h\n")
    };
    for (policy, body) in [
        ("<set-body>@((string)context.Response.Body.As<JObject>()[\"a\"])</set-body>", "first"),
        ("<set-body template=\"liquid\">{{body.a}}</set-body>", "first"),
        ("<json-to-xml apply=\"always\" consider-accept-header=\"false\" />", "<a>first</a>"),
        ("<find-and-replace from=\"first\" to=\"1st\" />", "{\"a\": \"1st\"}"),
        ("<jsonp callback-parameter-name=\"cb\" />", "f({\"a\": \"first\"})"),
        (
            "<set-variable name=\"a\" value=\"@(context.Response.Body.As<string>(preserveContent: true))\" />",
            "{\"a\": \"first\"}",
        ),
    ] {
        let answer = answer(policy);
        let (head, seen) = answer.split_once("\n\n").unwrap();
        assert_eq!(seen, body, "{policy}");
        assert!(!head.contains("content-encoding"), "{policy}: {head}");
    }
}

#[test]
fn a_compressed_body_that_nobody_reads_passes_as_it_is() {
    let backend = FakeBackend::start();
    let send = |inbound: &str| {
        let gateway = with(&backend, inbound, "");
        let mut client = Connection::open(gateway.address);
        let head =
            format!("POST /x HTTP/1.1\r\nHost: h\r\nContent-Encoding: gzip\r\nContent-Length: {}\r\n\r\n", GZIP.len());
        client.send_bytes(&[head.as_bytes(), GZIP].concat());
        let answer = client.response();
        assert!(answer.starts_with("HTTP/1.1 200 "), "{answer}");
        let seen = backend.last().unwrap();
        (seen.header("content-encoding").map(str::to_owned), seen.body)
    };
    let coded = (Some("gzip".to_owned()), GZIP.to_vec());
    assert_eq!(send(""), coded);
    assert_eq!(send("<set-header name=\"X\"><value>1</value></set-header>"), coded);
    let read = "<set-variable name=\"a\" value=\"@(context.Request.Body.As<string>(true).Length)\" />";
    assert_eq!(send(read), (None, b"{\"a\": \"first\"}".to_vec()));
}

#[test]
fn a_body_that_is_not_compressed_as_it_says_is_the_clients_mistake() {
    let backend = FakeBackend::start();
    let gateway = with(&backend, "<set-body>@(context.Request.Body.As<string>())</set-body>", "");
    let answer = gateway.exchange("POST /x HTTP/1.1\nHost: h\nContent-Encoding: gzip\nContent-Length: 5\n\nplain");
    assert!(answer.starts_with("HTTP/1.1 400 "), "{answer}");
    assert!(answer.contains("its content coding is broken"), "{answer}");
}

#[test]
fn a_compressed_answer_of_a_call_is_unpacked() {
    let backend = FakeBackend::with(|seen| {
        let reply = Reply::new(200, GZIP).header("Content-Encoding", "gzip");
        seen.target.contains("side").then_some(reply)
    });
    let call = format!(
        "<send-request mode=\"new\" response-variable-name=\"r\"><set-url>http://{}/side</set-url></send-request>\
         <return-response response-variable-name=\"r\"><set-header name=\"X-A\"><value>@((string)((IResponse)context.Variables[\"r\"])\
         .Body.As<JObject>()[\"a\"])</value></set-header></return-response>",
        backend.address()
    );
    let answer = with(&backend, &call, "").exchange("GET /x HTTP/1.1\nHost: h\n");
    assert!(answer.contains("x-a: first") || answer.contains("X-A: first"), "{answer}");
    assert!(
        answer.ends_with("\n\n{\"a\": \"first\"}") && !answer.to_lowercase().contains("content-encoding"),
        "{answer}"
    );
}

#[test]
fn a_copy_of_a_compressed_request_is_compressed_unless_it_was_read() {
    let backend = FakeBackend::with(|seen| seen.target.contains("side").then(|| Reply::new(204, "")));
    let copied = |header: &str| {
        let call = format!(
            "<send-request mode=\"copy\" response-variable-name=\"r\"><set-url>{}/side</set-url>\
             <set-header name=\"X\"><value>{header}</value></set-header></send-request><return-response />",
            backend.url()
        );
        let gateway = with(&backend, &call, "");
        let mut client = Connection::open(gateway.address);
        let head =
            format!("POST /x HTTP/1.1\r\nHost: h\r\nContent-Encoding: gzip\r\nContent-Length: {}\r\n\r\n", GZIP.len());
        client.send_bytes(&[head.as_bytes(), GZIP].concat());
        assert!(client.response().starts_with("HTTP/1.1 200 "));
        let seen = backend.last().unwrap();
        (seen.header("content-encoding").map(str::to_owned), seen.body)
    };
    assert_eq!(copied("1"), (Some("gzip".to_owned()), GZIP.to_vec()));
    let read = "@(context.Request.Body.As<string>(true).Length.ToString())";
    assert_eq!(copied(read), (None, b"{\"a\": \"first\"}".to_vec()));
}
