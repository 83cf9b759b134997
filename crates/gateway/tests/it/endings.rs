//! What policies leave for the end happens once, however an exchange ends.

use std::thread;

use testkit::{Connection, FakeBackend, Gateway};

use crate::policies::{ENDINGS, documents, setup};

/// What was seen of `path`, once the exchange is over.
fn seen(path: &str) -> Vec<String> {
    loop {
        let all = ENDINGS.lock().unwrap();
        let lines: Vec<_> = all.iter().filter_map(|line| line.strip_prefix(path)?.strip_prefix(' ')).collect();
        if lines.len() > 1 {
            return lines.into_iter().map(str::to_owned).collect();
        }
        drop(all);
        thread::yield_now();
    }
}

#[test]
fn postponed_work_sees_the_response_and_settlements_see_what_was_sent() {
    let backend = FakeBackend::start();
    let panic =
        "<choose><when condition=\"@(context.Request.Url.Path.Contains(&quot;panic&quot;))\"><panic /></when></choose>";
    let policy = format!(
        "<policies><inbound><settle />{panic}</inbound><backend><forward-request /></backend><outbound />\
         <on-error><set-status code=\"503\" /></on-error></policies>"
    );
    let gateway = Gateway::start(setup(), documents(&backend).policy("apis/all", &policy));
    gateway.exchange("POST /bytes/5 HTTP/1.1\nHost: h\nContent-Length: 3\n\nabc");
    assert_eq!(seen("/bytes/5"), ["200", "Complete 3 5"]);

    gateway.exchange("GET /panic HTTP/1.1\nHost: h\n");
    assert_eq!(seen("/panic")[0], "503");
    assert!(seen("/panic")[1].starts_with("Complete 0 "), "{:?}", seen("/panic"));

    let before = backend.requests();
    let mut client = Connection::open(gateway.address);
    client.send("GET /hold HTTP/1.1\nHost: h\n");
    while backend.requests() == before {
        thread::yield_now();
    }
    drop(client);
    assert_eq!(seen("/hold"), ["499", "ClientAbort 0 0"]);

    // In the middle of the response.
    let mut client = Connection::open(gateway.address);
    client.send("GET /stream HTTP/1.1\nHost: h\n");
    assert!(client.head().unwrap().starts_with("HTTP/1.1 200 OK"));
    drop(client);
    assert_eq!(seen("/stream")[0], "200");
    assert!(seen("/stream")[1].starts_with("ClientAbort 0 "), "{:?}", seen("/stream"));
    assert_eq!(ENDINGS.lock().unwrap().len(), 8);
}
