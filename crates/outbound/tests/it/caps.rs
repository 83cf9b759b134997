//! How many connections the process may have to one place, whatever worker asks.

use std::{sync::Arc, thread, time::Duration};

use outbound::{Backends, Client, ClientSettings, PoolSettings};
use policy::{
    Outbound, Status,
    outbound::{HttpVersion, OutboundErrorKind},
};
use testkit::{FakeBackend, ManualClock, RealClock};

use crate::{call, on_worker, request, text};

fn bounded(most: usize, longest_line: usize, backends: &Arc<Backends>) -> Client {
    let pool = PoolSettings { most, longest_line, ..PoolSettings::default() };
    let settings = ClientSettings { pool, backends: Arc::clone(backends), ..ClientSettings::default() };
    Client::spawn(settings, Arc::new(RealClock::default()))
}

#[test]
fn requests_beyond_the_bound_wait_for_a_connection_to_become_free() {
    let backend = FakeBackend::start();
    on_worker(async {
        let client = bounded(2, 100, &Arc::default());
        let mut work = tokio::task::JoinSet::new();
        for number in 0..20 {
            let (client, url) = (client.clone(), format!("{}/delay/2/{number}", backend.url()));
            work.spawn_local(async move { call(&client, "GET", &url).await });
        }
        while let Some(answer) = work.join_next().await {
            assert!(answer.unwrap().unwrap().starts_with("200 "));
        }
    });
    assert_eq!(backend.requests(), 20);
    // Now and then one is closed for whoever waits elsewhere; never are three open.
    assert!(backend.connections() <= 4, "{}", backend.connections());
}

#[test]
fn workers_share_the_bound_and_give_up_what_they_do_not_use() {
    let backend = FakeBackend::start();
    let backends = Arc::<Backends>::default();
    thread::scope(|scope| {
        for _ in 0..3 {
            scope.spawn(|| {
                on_worker(async {
                    let client = bounded(1, 100, &backends);
                    for _ in 0..3 {
                        let answer = call(&client, "GET", &(backend.url() + "/delay/1/a")).await.unwrap();
                        assert!(answer.starts_with("200 "));
                    }
                });
            });
        }
    });
    assert_eq!(backend.requests(), 9);
    let mut text = String::new();
    backends.render(Duration::ZERO, &mut text);
    let line = format!("tollgate_backend_connections{{place=\"{}\"}} 0\n", backend.address());
    assert!(text.contains(&line), "{text}");
}

#[test]
fn who_waits_too_long_or_finds_the_line_full_is_told_to_come_back() {
    let backend = FakeBackend::start();
    let backends = Arc::<Backends>::default();
    on_worker(async {
        let client = bounded(1, 1, &backends);
        let held = client.send(request("GET", &(backend.url() + "/hold")));
        let rest = async {
            while backend.requests() == 0 {
                tokio::task::yield_now().await;
            }
            let mut waiting = request("GET", &backend.url());
            waiting.connect_timeout = Some(Duration::from_millis(50));
            let late = request("GET", &backend.url());
            let (waited, refused) = tokio::join!(client.send(waiting), client.send(late));
            backend.release();
            (waited.err().unwrap(), refused.err().unwrap())
        };
        let (held, (waited, refused)) = tokio::join!(held, rest);
        assert!(text(held.unwrap()).await.starts_with("200 "));
        let kind = OutboundErrorKind::Unavailable {
            retry_after: Some(Duration::from_secs(1)),
            status: Status::SERVICE_UNAVAILABLE,
        };
        let place = backend.address();
        let all = format!("All 1 connections to the backend {place} are in use, and");
        assert_eq!((waited.kind, waited.message), (kind, format!("{all} none became free within 50ms.")));
        assert_eq!((refused.kind, refused.message), (kind, format!("{all} the line is full.")));
        let mut text = String::new();
        backends.render(Duration::ZERO, &mut text);
        for (name, value) in [("", 1), ("_waiting", 0), ("_refused_total", 2)] {
            let line = format!("tollgate_backend_connections{name}{{place=\"{place}\"}} {value}\n");
            assert!(text.contains(&line), "{line} is not in {text}");
        }
    });
}

#[test]
fn a_caller_that_gives_up_leaves_the_line_and_loses_no_connection() {
    let backend = FakeBackend::start();
    on_worker(async {
        let client = bounded(1, 1, &Arc::default());
        let held = client.send(request("GET", &(backend.url() + "/hold")));
        let rest = async {
            while backend.requests() == 0 {
                tokio::task::yield_now().await;
            }
            for _ in 0..5 {
                let mut waiting = request("GET", &backend.url());
                waiting.response_timeout = Duration::from_millis(5);
                let error = client.send(waiting).await.err().unwrap();
                assert_eq!(error.kind, OutboundErrorKind::Timeout);
            }
            backend.release();
        };
        let (held, ()) = tokio::join!(held, rest);
        text(held.unwrap()).await;
        assert!(call(&client, "GET", &backend.url()).await.unwrap().starts_with("200 "));
    });
    assert_eq!(backend.connections(), 1);
}

#[test]
fn a_connection_that_is_too_old_is_not_handed_on() {
    let backend = FakeBackend::start();
    on_worker(async {
        let clock = Arc::new(ManualClock::default());
        let pool = PoolSettings { most: 1, oldest: Duration::from_secs(1), ..PoolSettings::default() };
        let settings = ClientSettings { pool, ..ClientSettings::default() };
        let client = Client::spawn(settings, Arc::<ManualClock>::clone(&clock));
        let held = async { text(client.send(request("GET", &(backend.url() + "/hold"))).await.unwrap()).await };
        let waiting = async {
            while backend.requests() == 0 {
                tokio::task::yield_now().await;
            }
            call(&client, "GET", &backend.url()).await.unwrap()
        };
        let time = async {
            while backend.requests() == 0 {
                tokio::task::yield_now().await;
            }
            for _ in 0..20 {
                clock.advance(Duration::from_millis(250));
                tokio::task::yield_now().await;
            }
            backend.release();
        };
        let (held, waited, ()) = tokio::join!(held, waiting, time);
        assert!(held.starts_with("200 ") && waited.starts_with("200 "), "{held} {waited}");
    });
    assert_eq!(backend.connections(), 2);
}

#[test]
fn nobody_waits_for_the_connecting_of_another_request_for_longer_than_for_its_own() {
    // The kernel accepts, and nobody ever says anything.
    let silent = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("https://{}/", silent.local_addr().unwrap());
    on_worker(async {
        let client = bounded(10, 10, &Arc::default());
        let with = |limit| {
            let mut request = request("GET", &url);
            request.http_version = HttpVersion::TwoOrOne;
            request.connect_timeout = Some(limit);
            client.send(request)
        };
        let error = tokio::select! {
            biased;
            first = with(Duration::from_mins(10)) => first,
            second = with(Duration::from_millis(50)) => second,
        };
        let error = error.err().unwrap();
        assert_eq!(error.kind, OutboundErrorKind::Connection);
        assert!(error.message.ends_with("another request has been connecting for longer than 50ms."), "{error:?}");
    });
}
