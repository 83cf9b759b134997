//! Calls of the backend and of other services over real connections: timeouts, failures, redirects, buffering, proxies.

use std::{
    io::{BufRead, BufReader, Read, Write},
    net::{Ipv4Addr, TcpListener},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    thread,
    time::Duration,
};

use testkit::{Connection, Documents, FakeBackend, Gateway, ManualClock, Reply, Setup};

use crate::policies::setup;

/// One open API at the root with this policy document.
fn serving(backend: &FakeBackend, policy: &str) -> Documents {
    Documents::service("contoso").open_api("all", "", &backend.url()).policy("apis/all", policy)
}

fn gateway(backend: &FakeBackend, policy: &str) -> Gateway {
    Gateway::start(setup(), serving(backend, policy))
}

/// Sections with these policies; on-error tells what happened.
fn document(inbound: &str, backend: &str, outbound: &str) -> String {
    let tell = "context.LastError.Source + &quot; &quot; + context.LastError.Reason";
    format!(
        "<policies><inbound>{inbound}</inbound><backend>{backend}</backend><outbound>{outbound}</outbound>\
         <on-error><set-header name=\"X-Error\"><value>@({})</value></set-header></on-error></policies>",
        tell.replace("&quot;", "\"")
    )
}

/// The answer to a request. Once it has arrived somewhere, the clock is turned until the answer comes.
fn answered(gateway: &Gateway, clock: &ManualClock, request: &str, has_arrived: impl Fn() -> bool) -> String {
    thread::scope(|scope| {
        let asking = scope.spawn(|| gateway.exchange(request));
        while !has_arrived() {
            thread::yield_now();
        }
        while !asking.is_finished() {
            clock.advance(Duration::from_millis(250));
            // Slowly enough for what is under way to be noticed between two turns.
            thread::sleep(Duration::from_millis(1));
        }
        asking.join().unwrap()
    })
}

fn in_turned_time(backend: &FakeBackend, policy: &str) -> (Arc<ManualClock>, Gateway) {
    let clock = Arc::new(ManualClock::default());
    let setup = Setup { clock: Arc::<ManualClock>::clone(&clock), ..setup() };
    (clock, Gateway::start(setup, serving(backend, policy)))
}

const GET: &str = "GET /x HTTP/1.1\nHost: h\n";

#[test]
fn another_service_is_asked_before_the_backend() {
    let other = FakeBackend::with(|seen| {
        let hello = format!("{} {} {}", seen.method, seen.target, String::from_utf8_lossy(&seen.body));
        Some(Reply::new(203, hello).header("X-Kind", "other"))
    });
    let backend = FakeBackend::start();
    let inbound = format!(
        "<send-request response-variable-name=\"r\"><set-url>{}/ask?a=1</set-url><set-method>POST</set-method><set-body>who?</set-body>\
         </send-request><set-variable name=\"i\" value=\"@((IResponse)context.Variables[&quot;r&quot;])\" />\
         <return-response><set-status code=\"202\" /><set-header name=\"X-Kind\"><value>@(((IResponse)context.Variables[\"i\"]).Headers.GetValueOrDefault(\"x-kind\"))</value></set-header>\
         <set-body>@(((IResponse)context.Variables[\"i\"]).StatusCode + \" \" + ((IResponse)context.Variables[\"i\"]).Body.As<string>())</set-body></return-response>",
        other.url()
    );
    let answer = gateway(&backend, &document(&inbound, "", "")).exchange(GET);
    assert_eq!(answer, "HTTP/1.1 202 Accepted\nx-kind: other\ncontent-length: 22\n\n203 POST /ask?a=1 who?");
    assert_eq!(backend.requests(), 0);
}

#[test]
fn a_service_that_does_not_answer_is_a_timeout() {
    let backend = FakeBackend::start();
    let call = format!(
        "<send-request response-variable-name=\"r\" timeout=\"3\"><set-url>{}/hold/x</set-url></send-request>",
        backend.url()
    );
    let (clock, gateway) = in_turned_time(&backend, &document(&call, "", ""));
    let answer = answered(&gateway, &clock, GET, || backend.requests() == 1);
    assert!(answer.starts_with("HTTP/1.1 500 ") && answer.contains("x-error: send-request Timeout\n"), "{answer}");
}

#[test]
fn a_body_that_stops_coming_is_a_timeout_too() {
    let backend = FakeBackend::start();
    let call = format!(
        "<send-request response-variable-name=\"r\" timeout=\"3\"><set-url>{}/stream</set-url></send-request>",
        backend.url()
    );
    let (clock, gateway) = in_turned_time(&backend, &document(&call, "", ""));
    let answer = answered(&gateway, &clock, GET, || backend.requests() == 1);
    assert!(answer.contains("x-error: send-request Timeout\n"), "{answer}");
}

#[test]
fn forward_request_does_not_wait_longer_than_its_timeout() {
    let backend = FakeBackend::start();
    let forwards = ["<forward-request timeout=\"5\" />", "<forward-request timeout-ms=\"300\" />"];
    for (number, forward) in forwards.into_iter().enumerate() {
        let (clock, gateway) = in_turned_time(&backend, &document("", forward, ""));
        let answer = answered(&gateway, &clock, "GET /hold/x HTTP/1.1\nHost: h\n", || backend.requests() > number);
        assert!(
            answer.starts_with("HTTP/1.1 500 ") && answer.contains("x-error: forward-request Timeout\n"),
            "{answer}"
        );
    }
}

#[test]
fn a_backend_that_nobody_listens_at_or_that_hangs_up_is_a_connection_failure() {
    let backend = FakeBackend::start();
    let free = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap().local_addr().unwrap();
    let away = format!("<set-backend-service base-url=\"http://{free}\" />");
    let call =
        format!("<send-request response-variable-name=\"r\"><set-url>{}/close</set-url></send-request>", backend.url());
    let forward = "<forward-request />";
    for (policy, target, source) in [
        (document(&away, forward, ""), "/x", "forward-request"),
        (document("", forward, ""), "/close", "forward-request"),
        (document(&call, forward, ""), "/x", "send-request"),
    ] {
        let answer = gateway(&backend, &policy).exchange(&format!("GET {target} HTTP/1.1\nHost: h\n"));
        assert!(answer.starts_with("HTTP/1.1 500 "), "{answer}");
        assert!(answer.contains(&format!("x-error: {source} BackendConnectionFailure\n")), "{answer}");
    }
}

#[test]
fn redirects_are_followed_only_where_the_policy_says_so() {
    let backend = FakeBackend::with(|seen| match seen.target.as_str() {
        "/old" => Some(Reply::new(302, "").header("Location", "/new")),
        _ => Some(Reply::new(200, format!("at {}", seen.target))),
    });
    let request = "GET /old HTTP/1.1\nHost: h\n";
    let answer = gateway(&backend, &document("", "<forward-request />", "")).exchange(request);
    assert!(answer.starts_with("HTTP/1.1 302 ") && answer.contains("location: /new\n"), "{answer}");
    let answer =
        gateway(&backend, &document("", "<forward-request follow-redirects=\"true\" />", "")).exchange(request);
    assert!(answer.starts_with("HTTP/1.1 200 ") && answer.ends_with("\n\nat /new"), "{answer}");
    let call = format!(
        "<send-request response-variable-name=\"r\"><set-url>{}/old</set-url></send-request><return-response><set-body>\
         @(((IResponse)context.Variables[\"r\"]).StatusCode.ToString())</set-body></return-response>",
        backend.url()
    );
    assert!(gateway(&backend, &document(&call, "", "")).exchange(request).ends_with("\n\n302"));
}

#[test]
fn pieces_of_an_answer_go_on_together_unless_the_policy_says_at_once() {
    let backend = FakeBackend::start();
    let together = gateway(&backend, &document("", "<forward-request />", ""));
    let mut client = Connection::open(together.address);
    client.send("GET /stream HTTP/1.1\nHost: h\n");
    assert!(client.head().unwrap().contains("transfer-encoding: chunked"));
    backend.release();
    assert_eq!(client.chunk(), b"first\n\nsecond\n\n");
    let apart = gateway(&backend, &document("", "<forward-request buffer-response=\"false\" />", ""));
    let mut client = Connection::open(apart.address);
    client.send("GET /stream HTTP/1.1\nHost: h\n");
    client.head().unwrap();
    assert_eq!(client.chunk(), b"first\n\n");
    backend.release();
    assert_eq!(client.chunk(), b"second\n\n");
}

#[test]
fn a_buffered_answer_is_never_held_as_a_whole() {
    let backend = FakeBackend::start();
    let gateway = gateway(&backend, &document("", "<forward-request />", ""));
    let answer = gateway.exchange("GET /bytes/300000 HTTP/1.1\nHost: h\n");
    assert!(answer.contains("content-length: 300000\n") && answer.ends_with(&"x".repeat(300_000)));
}

#[test]
fn a_body_that_was_streamed_away_is_not_sent_again_as_nothing() {
    let backend = FakeBackend::with(|_| Some(Reply::new(500, "")));
    let retry = |attributes: &str| {
        let forward = format!("<forward-request {attributes} />");
        document("", &format!("<retry condition=\"true\" count=\"1\" interval=\"0\">{forward}</retry>"), "")
    };
    let request = format!("POST /x HTTP/1.1\nHost: h\nContent-Length: 300000\n\n{}", "y".repeat(300_000));
    let answer = gateway(&backend, &retry("")).exchange(&request);
    assert!(answer.contains("x-error: forward-request RequestBodyNotBuffered\n"), "{answer}");
    assert_eq!(backend.requests(), 1);
    gateway(&backend, &retry("buffer-request-body=\"true\"")).exchange(&request);
    let sizes: Vec<_> = backend.seen().iter().map(|seen| seen.body.len()).collect();
    assert_eq!(sizes, [300_000; 3]);
}

#[test]
fn with_continue_timeout_the_backend_is_asked_before_the_body_goes() {
    let backend = FakeBackend::with(|_| Some(Reply::new(200, "ok")));
    let gateway = gateway(&backend, &document("", "<forward-request continue-timeout=\"60\" />", ""));
    let answer = gateway.exchange("POST /x HTTP/1.1\nHost: h\nContent-Length: 5\n\nhello");
    assert!(answer.ends_with("\n\nok"), "{answer}");
    let seen = backend.last().unwrap();
    assert_eq!((seen.header("expect"), &seen.body[..]), (Some("100-continue"), &b"hello"[..]));
    // Without a body there is nothing to ask for.
    gateway.exchange(GET);
    assert_eq!(backend.last().unwrap().header("expect"), None);
}

#[test]
fn a_backend_that_never_says_continue_gets_the_body_after_the_time() {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let address = listener.local_addr().unwrap();
    let asked = Arc::new(AtomicBool::new(false));
    let seen = Arc::clone(&asked);
    let backend = thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        let mut reader = BufReader::new(stream.try_clone().unwrap());
        let mut line = String::new();
        while reader.read_line(&mut line).unwrap() > 2 {}
        seen.store(true, Ordering::SeqCst);
        let mut body = [0; 5];
        reader.read_exact(&mut body).unwrap();
        stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok").unwrap();
        (line.to_ascii_lowercase().contains("expect: 100-continue"), body)
    });
    let unused = FakeBackend::start();
    let away = format!("<set-backend-service base-url=\"http://{address}\" />");
    let policy = document(&away, "<forward-request continue-timeout=\"2\" />", "");
    let (clock, gateway) = in_turned_time(&unused, &policy);
    let answer = answered(&gateway, &clock, "POST /x HTTP/1.1\nHost: h\nContent-Length: 5\n\nhello", || {
        asked.load(Ordering::SeqCst)
    });
    assert!(answer.ends_with("\n\nok"), "{answer}");
    assert_eq!(backend.join().unwrap(), (true, *b"hello"));
}

#[test]
fn a_one_way_call_is_not_waited_for_and_survives_its_exchange_and_the_order_to_stop() {
    let (backend, other) = (FakeBackend::start(), FakeBackend::start());
    let call = |url: &str| {
        format!(
            "<send-one-way-request><set-url>{url}</set-url><set-method>POST</set-method><set-body>hook</set-body></send-one-way-request>"
        )
    };
    let slow = document(&call(&format!("{}/hold/x", other.url())), "<forward-request />", "");
    let gateway = gateway(&backend, &slow);
    assert!(gateway.exchange(GET).starts_with("HTTP/1.1 200 "));
    while other.requests() == 0 {
        thread::yield_now();
    }
    // Nobody has released it: the exchange did not wait. The worker does.
    thread::scope(|scope| {
        let stopping = scope.spawn(move || gateway.shut_down(Duration::from_secs(20)));
        other.release();
        stopping.join().unwrap();
    });
    assert_eq!(other.last().unwrap().body, b"hook");
}

#[test]
fn emitted_metrics_are_where_prometheus_looks() {
    let backend = FakeBackend::start();
    let metric = "<emit-metric name=\"orders\" namespace=\"shop\" value=\"2\"><dimension name=\"API ID\" /><dimension name=\"kind\" value=\"@(context.Request.Method)\" /></emit-metric>";
    let gateway = gateway(&backend, &document(metric, "<forward-request />", ""));
    gateway.exchange(GET);
    gateway.exchange(GET);
    let text = gateway.telemetry.render();
    let labels = r#"{service="contoso",workspace="",namespace="shop",name="orders",API_ID="all",kind="GET"}"#;
    for line in [format!("tollgate_custom_metric_count{labels} 2"), format!("tollgate_custom_metric_sum{labels} 4")] {
        assert!(text.lines().any(|found| found == line), "{line}\nis not in\n{text}");
    }
}

#[test]
fn a_proxy_gets_the_whole_url_and_its_own_credentials() {
    let (backend, proxy) = (FakeBackend::start(), FakeBackend::with(|_| Some(Reply::new(200, "through"))));
    let through = format!("<proxy url=\"{}\" username=\"u\" password=\"p\" />", proxy.url());
    let answer = gateway(&backend, &document(&through, "<forward-request />", "")).exchange(GET);
    assert!(answer.ends_with("\n\nthrough"), "{answer}");
    let seen = proxy.last().unwrap();
    assert_eq!(seen.target, format!("{}/x", backend.url()));
    assert_eq!(seen.header("proxy-authorization"), Some("Basic dTpw"));
    assert_eq!(backend.requests(), 0);
}

#[test]
fn calls_in_wait_are_under_way_at_the_same_time() {
    let (backend, other) = (FakeBackend::start(), FakeBackend::start());
    let call = |name: &str| {
        format!(
            "<send-request response-variable-name=\"{name}\"><set-url>{}/hold/{name}</set-url></send-request>",
            other.url()
        )
    };
    let wait = format!("<wait for=\"all\">{}{}</wait>", call("a"), call("b"));
    let gateway = gateway(&backend, &document(&wait, "<forward-request />", ""));
    thread::scope(|scope| {
        let asking = scope.spawn(|| gateway.exchange(GET));
        // Both are there before either is answered.
        while other.requests() < 2 {
            thread::yield_now();
        }
        other.release();
        other.release();
        assert!(asking.join().unwrap().starts_with("HTTP/1.1 200 "));
    });
}

#[test]
fn a_base_url_does_not_override_a_backend_that_a_broader_scope_chose() {
    let (first, second) = (FakeBackend::start(), FakeBackend::start());
    let documents = |api: &str| {
        Documents::service("contoso")
            .open_api("all", "", "http://nowhere.example")
            .put("backends/one", serde_json::json!({ "url": first.url(), "protocol": "http" }))
            .put("backends/two", serde_json::json!({ "url": second.url(), "protocol": "http" }))
            .policy(
                "",
                "<policies><inbound><set-backend-service backend-id=\"one\" /></inbound><backend><forward-request /></backend></policies>",
            )
            .policy("apis/all", &format!("<policies><inbound><base />{api}</inbound><backend><base /></backend></policies>"))
    };
    let base_url = format!("<set-backend-service base-url=\"{}\" />", second.url());
    Gateway::start(setup(), documents(&base_url)).exchange(GET);
    assert_eq!((first.requests(), second.requests()), (1, 0));
    Gateway::start(setup(), documents("<set-backend-service backend-id=\"two\" />")).exchange(GET);
    assert_eq!((first.requests(), second.requests()), (1, 1));
    // In one scope the last one wins.
    let both = format!("<set-backend-service backend-id=\"one\" />{base_url}");
    let own = documents("")
        .policy("apis/all", &format!("<policies><inbound>{both}</inbound><backend><base /></backend></policies>"));
    Gateway::start(setup(), own).exchange(GET);
    assert_eq!((first.requests(), second.requests()), (1, 2));
}
