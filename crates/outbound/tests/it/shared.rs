//! HTTP/2 with backends: one connection for many requests, more when it is full, another when the server leaves.

use std::{sync::Arc, time::Duration};

use outbound::{Client, ClientSettings, PoolSettings};
use policy::{Body, Outbound, OutboundRequest, exchange::Frame, exchange::Version, outbound::HttpVersion};
use testkit::{H2Backend, H2Settings, ManualClock, RealClock};
use tokio::task::JoinSet;

use crate::{client, on_worker, request, text};

fn http2(method: &str, url: &str) -> OutboundRequest {
    OutboundRequest { http_version: HttpVersion::Two, ..request(method, url) }
}

async fn burst(client: &Client, url: &str, count: usize) {
    let mut work = JoinSet::new();
    for _ in 0..count {
        let (client, request) = (client.clone(), http2("GET", url));
        work.spawn_local(async move { text(client.send(request).await.unwrap()).await });
    }
    while let Some(answer) = work.join_next().await {
        assert_eq!(answer.unwrap(), "200 ");
    }
}

#[test]
fn a_burst_on_a_cold_pool_makes_one_connection() {
    let backend = H2Backend::start();
    on_worker(async { burst(&client(), &backend.url(), 50).await });
    assert_eq!((backend.seen().len(), backend.connections()), (50, 1));
}

#[test]
fn a_full_connection_is_joined_by_another() {
    let backend = H2Backend::with(H2Settings { most_streams: Some(5), ..H2Settings::default() });
    on_worker(async {
        let client = client();
        // From this one on the limit is known.
        burst(&client, &backend.url(), 1).await;
        let url = backend.url() + "/hold";
        let all = async {
            while backend.seen().len() < 13 {
                tokio::task::yield_now().await;
            }
            (0..12).for_each(|_| backend.release());
        };
        tokio::join!(burst(&client, &url, 12), all);
        assert_eq!(backend.connections(), 3);
        assert!(backend.most_at_once() <= 5, "{}", backend.most_at_once());
        // Nothing is left of what was counted.
        burst(&client, &backend.url(), 5).await;
        assert_eq!(backend.connections(), 3);
    });
}

#[test]
fn requests_share_what_there_is_when_no_more_connections_may_be() {
    let backend = H2Backend::with(H2Settings { most_streams: Some(2), ..H2Settings::default() });
    on_worker(async {
        let pool = PoolSettings { most: 1, ..PoolSettings::default() };
        let client =
            Client::spawn(ClientSettings { pool, ..ClientSettings::default() }, Arc::new(RealClock::default()));
        burst(&client, &backend.url(), 1).await;
        burst(&client, &backend.url(), 20).await;
    });
    assert_eq!((backend.seen().len(), backend.connections()), (21, 1));
    assert!(backend.most_at_once() <= 2, "{}", backend.most_at_once());
}

#[test]
fn a_server_that_leaves_ends_what_it_has_begun_and_is_asked_on_a_new_connection() {
    let backend = H2Backend::start();
    on_worker(async {
        let client = client();
        let mut sent = http2("POST", &(backend.url() + "/hold"));
        sent.body = Body::full("kept");
        let held = client.send(sent);
        let rest = async {
            while backend.seen().is_empty() {
                tokio::task::yield_now().await;
            }
            backend.leave();
            for _ in 0..3 {
                let mut other = http2("POST", &backend.url());
                other.body = Body::full("more");
                assert_eq!(text(client.send(other).await.unwrap()).await, "200 more");
            }
            backend.release();
        };
        let (held, ()) = tokio::join!(held, rest);
        assert_eq!(text(held.unwrap()).await, "200 kept");
    });
    assert_eq!(backend.seen().len(), 4);
    assert!(backend.connections() <= 3, "{}", backend.connections());
}

#[test]
fn what_a_server_has_refused_unseen_is_sent_again_whatever_the_method() {
    let backend = H2Backend::start();
    on_worker(async {
        let mut refused = http2("POST", &(backend.url() + "/refuse"));
        refused.body = Body::full("once");
        assert_eq!(text(client().send(refused).await.unwrap()).await, "200 once");
    });
    assert_eq!(backend.seen().len(), 2);
}

#[test]
fn an_idle_connection_is_closed_in_time() {
    let backend = H2Backend::start();
    on_worker(async {
        let clock = Arc::new(ManualClock::default());
        let pool = PoolSettings { idle_for: Duration::from_secs(10), ..PoolSettings::default() };
        let settings = ClientSettings { pool, ..ClientSettings::default() };
        let client = Client::spawn(settings, Arc::<ManualClock>::clone(&clock));
        for (seconds, connections) in [(0, 1), (9, 1), (11, 2)] {
            while clock.sleepers() == 0 {
                tokio::task::yield_now().await;
            }
            clock.advance(Duration::from_secs(seconds));
            while clock.sleepers() == 0 {
                tokio::task::yield_now().await;
            }
            burst(&client, &backend.url(), 1).await;
            assert_eq!(backend.connections(), connections, "after {seconds} more seconds");
        }
    });
}

#[test]
fn trailers_come_after_the_body_and_alone() {
    let backend = H2Backend::start();
    on_worker(async {
        let client = client();
        let mut unary = http2("POST", &(backend.url() + "/grpc/Unary"));
        unary.body = Body::full("message");
        let mut answer = client.send(unary).await.unwrap();
        assert_eq!(answer.version, Version::Http2);
        let mut frames = Vec::new();
        while let Some(frame) = std::future::poll_fn(|cx| answer.body.poll_frame(cx)).await {
            frames.push(match frame.unwrap() {
                Frame::Data(bytes) => String::from_utf8_lossy(&bytes).into_owned(),
                Frame::Trailers(trailers) => format!("{:?}", trailers.joined("grpc-status")),
            });
        }
        assert_eq!(frames, ["message", "Some(\"0\")"]);
        let failed = client.send(http2("POST", &(backend.url() + "/grpc/Fail"))).await.unwrap();
        assert_eq!((failed.headers.joined("grpc-status").as_deref(), failed.body.exact_len()), (Some("5"), Some(0)));
    });
}
