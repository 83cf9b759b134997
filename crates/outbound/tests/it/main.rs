//! The client against real sockets.
#![allow(clippy::unwrap_used, reason = "a test may panic, and its helpers are part of it")]

mod caps;
mod names;
mod shared;
mod tls;

use std::{future::Future, net::TcpListener, sync::Arc, time::Duration};

use outbound::{AddressPolicy, AnyAddress, Client, ClientSettings, Fetch, Fetcher, PoolSettings, PublicAddress};
use policy::{
    Body, Method, Outbound, OutboundError, OutboundRequest, OutboundResponse, Url, base::Secret, entity::Proxy,
    outbound::OutboundErrorKind,
};
use testkit::{FakeBackend, ManualClock, RealClock, Reply};
use tokio::runtime::{Builder, LocalOptions};

/// Runs on a worker of its own.
fn on_worker<T>(work: impl Future<Output = T>) -> T {
    Builder::new_current_thread().enable_all().build_local(LocalOptions::default()).unwrap().block_on(work)
}

fn settings() -> ClientSettings {
    ClientSettings::default()
}

fn client() -> Client {
    Client::spawn(settings(), Arc::new(RealClock::default()))
}

fn request(method: &str, url: &str) -> OutboundRequest {
    OutboundRequest::new(Method::parse(method).unwrap(), Url::parse(url).unwrap(), Duration::from_secs(30))
}

async fn text(mut response: OutboundResponse) -> String {
    let body = response.body.collect(u64::MAX).await.unwrap();
    format!("{} {}", response.status.code(), String::from_utf8_lossy(&body))
}

async fn call(client: &Client, method: &str, url: &str) -> Result<String, OutboundError> {
    Ok(text(client.send(request(method, url)).await?).await)
}

#[test]
fn requests_in_a_row_share_a_connection() {
    let backend = FakeBackend::start();
    on_worker(async {
        let client = client();
        for path in ["/a?x=1", "/bytes/300000", "/chunked", "/status/204", "/status/304"] {
            call(&client, "GET", &(backend.url() + path)).await.unwrap();
        }
        assert_eq!(call(&client, "HEAD", &(backend.url() + "/bytes/9")).await.unwrap(), "200 ");
        assert_eq!((backend.requests(), backend.connections(), client.idle_connections()), (6, 1, 1));
    });
    assert_eq!(backend.seen()[0].target, "/a?x=1");
    assert_eq!(backend.seen()[0].header("host").unwrap(), backend.address().to_string());
}

#[test]
fn requests_at_the_same_time_do_not() {
    let backend = FakeBackend::start();
    on_worker(async {
        let client = client();
        let slow = client.send(request("GET", &(backend.url() + "/hold")));
        let fast = async {
            let answer = call(&client, "GET", &(backend.url() + "/fast")).await;
            backend.release();
            answer
        };
        let (slow, fast) = tokio::join!(slow, fast);
        assert_eq!((slow.is_ok(), fast.is_ok(), backend.connections()), (true, true, 2));
    });
}

#[test]
fn a_kept_connection_that_was_closed_costs_a_safe_request_nothing() {
    let backend = FakeBackend::start();
    on_worker(async {
        let client = client();
        for _ in 0..5 {
            assert!(call(&client, "GET", &(backend.url() + "/once")).await.unwrap().starts_with("200 "));
        }
        assert_eq!(backend.requests(), 5);
    });
}

#[test]
fn a_request_that_may_have_had_an_effect_is_not_sent_twice() {
    let backend = FakeBackend::start();
    on_worker(async {
        let client = client();
        call(&client, "GET", &(backend.url() + "/a")).await.unwrap();
        let error = call(&client, "POST", &(backend.url() + "/close")).await.unwrap_err();
        assert_eq!((error.kind, backend.requests()), (OutboundErrorKind::Connection, 2));
        let authority = backend.address();
        let expected = format!("The backend {authority} closed the connection before it answered.");
        assert_eq!(error.message, expected);
    });
}

#[test]
fn a_body_that_is_not_read_closes_its_connection() {
    let backend = FakeBackend::start();
    on_worker(async {
        let client = client();
        drop(client.send(request("GET", &(backend.url() + "/bytes/30000000"))).await.unwrap());
        assert_eq!(client.idle_connections(), 0);
    });
}

#[test]
fn chunks_pass_as_they_come_and_trailers_follow() {
    let backend = FakeBackend::start();
    on_worker(async {
        let client = client();
        let mut streamed = client.send(request("GET", &(backend.url() + "/stream"))).await.unwrap().body;
        let first = std::future::poll_fn(|cx| streamed.poll_frame(cx)).await.unwrap().unwrap();
        assert!(matches!(first, policy::exchange::Frame::Data(bytes) if bytes == "first\n\n"));
        backend.release();
        assert_eq!(streamed.collect(100).await.unwrap(), "second\n\n");

        let mut chunked = client.send(request("GET", &(backend.url() + "/chunked"))).await.unwrap().body;
        let mut last = None;
        while let Some(frame) = std::future::poll_fn(|cx| chunked.poll_frame(cx)).await {
            last = Some(frame.unwrap());
        }
        let Some(policy::exchange::Frame::Trailers(trailers)) = last else { panic!("{last:?}") };
        assert_eq!(trailers.joined("x-sum").as_deref(), Some("7"));
    });
}

#[test]
fn what_breaks_off_is_an_error_and_not_a_short_body() {
    let backend = FakeBackend::start();
    on_worker(async {
        let mut response = client().send(request("GET", &(backend.url() + "/cut"))).await.unwrap();
        assert!(response.body.collect(1000).await.is_err());
    });
}

#[test]
fn a_backend_that_does_not_answer_in_time_is_given_up() {
    let backend = FakeBackend::start();
    on_worker(async {
        let mut slow = request("GET", &(backend.url() + "/hold"));
        slow.response_timeout = Duration::from_millis(20);
        let error = client().send(slow).await.err().unwrap();
        let authority = backend.address();
        let expected = format!("The backend {authority} did not answer within 20ms.");
        assert_eq!((error.kind, error.message), (OutboundErrorKind::Timeout, expected));
    });
}

#[test]
fn idle_connections_are_closed_in_time_and_old_ones_not_used_again() {
    let backend = FakeBackend::start();
    on_worker(async {
        let clock = Arc::new(ManualClock::default());
        let pool = PoolSettings {
            idle_for: Duration::from_secs(10),
            oldest: Duration::from_secs(15),
            ..PoolSettings::default()
        };
        let client = Client::spawn(ClientSettings { pool, ..settings() }, Arc::<ManualClock>::clone(&clock));
        let pass = async |seconds| {
            while clock.sleepers() == 0 {
                tokio::task::yield_now().await;
            }
            clock.advance(Duration::from_secs(seconds));
            // The tick runs before it sleeps again.
            while clock.sleepers() == 0 {
                tokio::task::yield_now().await;
            }
        };
        let url = backend.url();
        for (seconds, connections) in [(0, 1), (9, 1), (9, 2), (11, 3)] {
            pass(seconds).await;
            call(&client, "GET", &url).await.unwrap();
            assert_eq!(
                (backend.connections(), client.idle_connections()),
                (connections, 1),
                "after {seconds} more seconds"
            );
        }
        pass(11).await;
        assert_eq!(client.idle_connections(), 0);
    });
}

#[test]
fn a_refused_connection_says_where_and_why() {
    let address = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let error = on_worker(async { call(&client(), "GET", &format!("http://{address}/")).await.unwrap_err() });
    assert_eq!(error.kind, OutboundErrorKind::Connection);
    let expected = format!("Unable to connect to the backend 127.0.0.1:{}: ", address.port());
    assert!(error.message.starts_with(&expected) && error.message.contains("refused"), "{error}");
}

#[test]
fn addresses_that_are_not_allowed_are_not_called() {
    let backend = FakeBackend::start();
    let error = on_worker(async {
        let settings = ClientSettings { addresses: Arc::new(PublicAddress), ..settings() };
        let client = Client::spawn(settings, Arc::new(RealClock::default()));
        call(&client, "GET", &backend.url()).await.unwrap_err()
    });
    assert!(error.message.contains("must not be reached from here"), "{error}");
    assert_eq!(backend.connections(), 0);
}

#[test]
fn a_proxy_is_asked_for_the_whole_url() {
    let proxy = FakeBackend::start();
    on_worker(async {
        let mut through = request("GET", "http://backend.example/a?x=1");
        through.proxy = Some(Arc::new(Proxy {
            url: Url::parse(&proxy.url()).unwrap(),
            user: Some("me".into()),
            password: Secret::new("secret".into()),
        }));
        assert_eq!(client().send(through).await.unwrap().status.code(), 200);
        let mut tunnelled = request("GET", "https://backend.example/");
        tunnelled.proxy = Some(Arc::new(Proxy {
            url: Url::parse(&format!("{}/", proxy.url())).unwrap(),
            user: None,
            password: Secret::default(),
        }));
        let error = client().send(tunnelled).await.err().unwrap();
        assert!(error.message.contains("TLS with backend.example:443 failed"), "{error}");
    });
    let seen = proxy.seen();
    assert_eq!(
        (seen[0].target.as_str(), seen[0].header("host")),
        ("http://backend.example/a?x=1", Some("backend.example"))
    );
    assert_eq!(seen[0].header("proxy-authorization"), Some("Basic bWU6c2VjcmV0"));
    assert_eq!((seen[1].method.as_str(), seen[1].target.as_str()), ("CONNECT", "backend.example:443"));
}

#[test]
fn a_link_is_fetched_within_its_bounds() {
    let backend =
        FakeBackend::with(|seen| (seen.target == "/link").then(|| Reply::new(302, "").header("Location", "/bytes/10")));
    let fetch = |addresses: Arc<dyn AddressPolicy>, largest| {
        let fetcher =
            Fetcher::start(ClientSettings { addresses, ..settings() }, Arc::new(RealClock::default())).unwrap();
        let url = Url::parse(&(backend.url() + "/link")).unwrap();
        let fetch = Fetch::link(url, largest, Duration::from_secs(30));
        on_worker(async { fetcher.fetch(fetch).await.map(|fetched| fetched.body.len()).map_err(|error| error.0) })
    };
    assert_eq!(fetch(Arc::new(AnyAddress), 10), Ok(10));
    let too_large = format!("What {} sends is larger than 9 bytes.", backend.address());
    assert_eq!(fetch(Arc::new(AnyAddress), 9), Err(too_large));
    assert!(fetch(Arc::new(PublicAddress), 10).unwrap_err().contains("must not be reached from here"));
}

#[test]
fn redirects_are_followed_when_asked_for() {
    let backend = FakeBackend::with(|seen| {
        let to = |status, location: &str| Some(Reply::new(status, "").header("Location", location));
        match seen.target.as_str() {
            "/start" => to(302, "next"),
            "/next" => to(307, "/end?x=1"),
            _ => None,
        }
    });
    on_worker(async {
        let client = client();
        let start = || request("POST", &(backend.url() + "/start"));
        assert_eq!(client.send(start()).await.unwrap().status.code(), 302);
        let mut following = start();
        following.follow_redirects = true;
        following.body = Body::full("form");
        assert!(text(client.send(following).await.unwrap()).await.starts_with("200 "));
    });
    let last = backend.last().unwrap();
    assert_eq!((last.method.as_str(), last.target.as_str(), last.body.as_slice()), ("GET", "/end?x=1", &b""[..]));
}

#[test]
fn hop_by_hop_lines_stay_behind() {
    let backend =
        FakeBackend::with(|_| Some(Reply::new(200, "").header("Keep-Alive", "timeout=5").header("X-Kept", "1")));
    let response = on_worker(async {
        let mut sent = request("POST", &backend.url());
        let lines =
            [("Connection", "close"), ("Upgrade", "x"), ("TE", "gzip"), ("Expect", "100-continue"), ("X-Mine", "1")];
        sent.headers = lines.into_iter().collect();
        client().send(sent).await.unwrap()
    });
    let seen = backend.last().unwrap();
    let names: Vec<_> = seen.headers.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(names, ["Host", "X-Mine", "Content-Length"]);
    assert!(response.headers.contains("x-kept") && !response.headers.contains("keep-alive"));
}
