//! Clients that leave, gateways that stop.

use std::{net::TcpStream, thread, time::Duration};

use testkit::{Connection, FakeBackend};

use testkit::{Gateway, Setup};

use crate::policies::{before, documents, setup};

#[test]
fn a_client_that_leaves_ends_the_exchange_and_is_recorded_once() {
    let backend = FakeBackend::start();
    let gateway = before(&backend);
    let mut client = Connection::open(gateway.address);
    client.send("GET /hold HTTP/1.1\nHost: h\n");
    while backend.requests() == 0 {
        thread::yield_now();
    }
    drop(client);
    let log = gateway.wait_for_log(1);
    assert!(log[0].contains("/hold HTTP/1.1\" 499 0B") && log[0].contains("ending=client-abort"), "{log:?}");
    assert!(gateway.telemetry.render().contains("tollgate_requests_in_flight 0\n"));
    // The worker serves on.
    assert!(gateway.exchange("GET / HTTP/1.1\nHost: h\n").starts_with("HTTP/1.1 200 OK\n"));
    assert_eq!(gateway.wait_for_log(2).len(), 2);
}

#[test]
fn a_gateway_that_stops_lets_work_finish() {
    let backend = FakeBackend::start();
    let gateway = before(&backend);
    let address = gateway.address;
    let (mut busy, mut idle) = (Connection::open(address), Connection::open(address));
    idle.send("GET / HTTP/1.1\nHost: h\n");
    idle.response();
    busy.send("GET /hold HTTP/1.1\nHost: h\n");
    while backend.requests() < 2 {
        thread::yield_now();
    }
    let stopping = thread::spawn(move || gateway.shut_down(Duration::from_mins(1)));
    assert!(idle.closed());
    while TcpStream::connect(address).is_ok() {
        thread::yield_now();
    }
    backend.release();
    let response = busy.response();
    assert!(response.starts_with("HTTP/1.1 200 OK\n") && response.contains("\nconnection: close\n"), "{response}");
    assert!(busy.closed());
    stopping.join().unwrap();
}

#[test]
fn a_gateway_that_stops_does_not_wait_for_ever() {
    let backend = FakeBackend::start();
    let gateway = before(&backend);
    let mut client = Connection::open(gateway.address);
    client.send("GET /hold HTTP/1.1\nHost: h\n");
    while backend.requests() == 0 {
        thread::yield_now();
    }
    gateway.shut_down(Duration::from_millis(10));
    assert!(client.closed());
}

#[test]
fn workers_share_one_port() {
    let backend = FakeBackend::start();
    let setup = setup();
    let settings = gateway::GatewaySettings { workers: 3, ..setup.settings };
    let gateway = Gateway::start(Setup { settings, ..setup }, documents(&backend));
    for _ in 0..20 {
        assert!(gateway.exchange("GET /bytes/1 HTTP/1.1\nHost: h\n").ends_with("\n\nx"));
    }
    assert_eq!(gateway.wait_for_log(20).len(), 20);
    gateway.shut_down(Duration::from_secs(10));
}
