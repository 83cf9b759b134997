//! Limits over real sockets: many connections, several workers, the test's own time.

use std::{
    sync::{
        Arc, Barrier, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    thread,
    time::Duration,
};

use gateway::GatewaySettings;
use testkit::{Connection, FakeBackend, Gateway, ManualClock, Setup};

use crate::policies::{documents, setup};

fn document(inbound: &str, backend: &str) -> String {
    format!("<policies><inbound>{inbound}</inbound><backend>{backend}</backend></policies>")
}

/// A gateway with several workers, whose time the test makes.
fn start(backend: &FakeBackend, policy: &str) -> (Arc<ManualClock>, Gateway) {
    let clock = Arc::new(ManualClock::default());
    let setup = setup();
    let settings = GatewaySettings { workers: WORKERS, ..setup.settings };
    let setup = Setup { settings, clock: Arc::<ManualClock>::clone(&clock), ..setup };
    (clock, Gateway::start(setup, documents(backend).policy("apis/all", policy)))
}

const WORKERS: usize = 4;
const CONNECTIONS: usize = 64;
const EACH: usize = 4;
const WINDOWS: usize = 4;

/// Lets time pass between calls, and every worker notice it: to one that has not, the next call would seem to have begun long ago.
fn leap(clock: &ManualClock, seconds: u64) {
    let noticed = || {
        while clock.sleepers() < WORKERS {
            thread::yield_now();
        }
    };
    noticed();
    clock.advance(Duration::from_secs(seconds));
    noticed();
}

/// How many of the calls that all connections send at once are let through, in each of several windows. Time stands while
/// they are sent.
fn admitted(gateway: &Gateway, clock: &ManualClock, window: u64, refusal: &str) -> Vec<usize> {
    let (barrier, admitted) = (Barrier::new(CONNECTIONS + 1), AtomicUsize::new(0));
    let others = Mutex::new(Vec::new());
    let call = |connection: &mut Connection| {
        connection.send("GET /bytes/1 HTTP/1.1\nHost: h\n");
        let response = connection.response();
        if response.starts_with("HTTP/1.1 200 OK\n") {
            admitted.fetch_add(1, Ordering::SeqCst);
        } else if !response.starts_with(refusal) {
            // A thread that fails here would leave the others waiting for it.
            others.lock().unwrap().push(response);
        }
    };
    let windows = thread::scope(|scope| {
        for _ in 0..CONNECTIONS {
            scope.spawn(|| {
                let mut connection = gateway.connect();
                for _ in 0..WINDOWS {
                    barrier.wait();
                    (0..EACH).for_each(|_| call(&mut connection));
                    barrier.wait();
                }
            });
        }
        (0..WINDOWS)
            .map(|_| {
                barrier.wait();
                barrier.wait();
                leap(clock, window);
                admitted.swap(0, Ordering::SeqCst)
            })
            .collect()
    });
    assert_eq!(*others.lock().unwrap(), [""; 0]);
    windows
}

#[test]
fn connections_that_hammer_one_key_get_exactly_what_it_is_allowed_in_every_window() {
    let backend = FakeBackend::start();
    let rate = "<rate-limit-by-key calls=\"97\" renewal-period=\"50\" counter-key=\"k\" />";
    let (clock, gateway) = start(&backend, &document(rate, "<base />"));
    assert_eq!(admitted(&gateway, &clock, 51, "HTTP/1.1 429 "), [97; WINDOWS]);
    assert_eq!(backend.requests(), 97 * WINDOWS);

    let backend = FakeBackend::start();
    let quota = "<quota-by-key calls=\"101\" renewal-period=\"300\" counter-key=\"k\" />";
    let (clock, gateway) = start(&backend, &document(quota, "<base />"));
    // Three calls of time make one period.
    assert_eq!(admitted(&gateway, &clock, 100, "HTTP/1.1 403 "), [101, 0, 0, 101]);
    assert_eq!(backend.requests(), 202);
}

#[test]
fn a_slot_is_free_again_however_the_one_who_had_it_ended() {
    let backend = FakeBackend::start();
    let panic =
        "<choose><when condition=\"@(context.Request.Url.Path.Contains(&quot;panic&quot;))\"><panic /></when></choose>";
    let policy = document(
        "<set-header name=\"X-A\"><value>1</value></set-header>",
        &format!("<limit-concurrency key=\"k\" max-count=\"1\">{panic}<forward-request /></limit-concurrency>"),
    );
    let (_clock, gateway) = start(&backend, &policy);
    let ask = |path: &str| gateway.exchange(&format!("GET {path} HTTP/1.1\nHost: h\n"));
    let mut held = gateway.connect();
    held.send("GET /hold HTTP/1.1\nHost: h\n");
    while backend.requests() == 0 {
        thread::yield_now();
    }
    let refused = ask("/bytes/1");
    assert!(refused.starts_with("HTTP/1.1 429 Too Many Requests\n"), "{refused}");
    assert!(refused.ends_with("{ \"statusCode\": 429, \"message\": \"Too Many Requests\" }"), "{refused}");
    drop(held);
    gateway.wait_for_log(2);
    for _ in 0..2 {
        assert!(ask("/panic").starts_with("HTTP/1.1 500 "));
        assert!(ask("/bytes/1").starts_with("HTTP/1.1 200 "));
        assert!(ask("/close").starts_with("HTTP/1.1 500 "));
    }
}

#[test]
fn bandwidth_counts_both_bodies_of_every_call_once_it_is_over() {
    let backend = FakeBackend::start();
    let quota = "<quota-by-key bandwidth=\"2\" renewal-period=\"0\" counter-key=\"k\" />";
    let (_clock, gateway) = start(&backend, &document(quota, "<base />"));
    let body = "x".repeat(1000);
    let mut calls = 0;
    let mut ask = || {
        let response = gateway.exchange(&format!("POST /bytes/500 HTTP/1.1\nHost: h\nContent-Length: 1000\n\n{body}"));
        calls += 1;
        gateway.wait_for_log(calls);
        response.split(' ').nth(1).unwrap().to_owned()
    };
    // 2048 bytes: the second call begins below and ends above.
    assert_eq!([ask(), ask(), ask()], ["200", "200", "403"]);
}

#[test]
fn a_call_that_was_given_up_is_counted_as_its_condition_says() {
    let backend = FakeBackend::start();
    let rate = |condition: &str| {
        let key = condition.len();
        format!(
            "<rate-limit-by-key calls=\"1\" renewal-period=\"50\" counter-key=\"{key}\" increment-condition=\"@(context.Response.StatusCode {condition})\" />"
        )
    };
    let policy = |condition: &str| document(&rate(condition), "<base />");
    for (condition, expected) in [("== 499", "429"), ("== 200", "200")] {
        let (_clock, gateway) = start(&backend, &policy(condition));
        let before = backend.requests();
        let mut client = gateway.connect();
        client.send("GET /hold HTTP/1.1\nHost: h\n");
        while backend.requests() == before {
            thread::yield_now();
        }
        drop(client);
        gateway.wait_for_log(1);
        let response = gateway.exchange("GET /bytes/1 HTTP/1.1\nHost: h\n");
        assert_eq!(response.split(' ').nth(1), Some(expected), "{condition}");
        backend.release();
    }
}
